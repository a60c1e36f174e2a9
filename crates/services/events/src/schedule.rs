//! Schedule expressions: `rate(5 minutes)` and AWS's six-field `cron(0 10 ? * MON-FRI *)`, in UTC.
//!
//! EventBridge user guide, "Setting a schedule pattern for scheduled rules".

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// When a rule fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// So often, in seconds.
    Rate(i64),
    Cron(Box<Cron>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Set,
    hours: Set,
    months: Set,
    years: Set,
    day: Day,
}

/// The day of the month, or of the week; the other one is `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Day {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum MonthDay {
    In(Set),
    /// `L`
    Last,
    /// `15W`: the weekday nearest to it in the month.
    Near(i64),
    /// `LW`
    LastWeekday,
}

/// Days of the week count from 1, Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WeekDay {
    In(Set),
    /// `6L`: the last of the month.
    Last(i64),
    /// `6#3`: the third of the month.
    Nth(i64, i64),
}

/// Numbers from a range, each in or not; the range has at most 230 of them, the years.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    least: i64,
    members: Vec<bool>,
}

impl Set {
    fn has(&self, number: i64) -> bool {
        usize::try_from(number - self.least)
            .ok()
            .and_then(|at| self.members.get(at).copied())
            .unwrap_or(false)
    }

    fn members(&self) -> impl Iterator<Item = i64> {
        let numbers = (self.least..).zip(&self.members);
        numbers
            .filter(|(_, member)| **member)
            .map(|(number, _)| number)
    }
}

const YEARS: (i64, i64) = (1970, 2199);
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Schedule {
    /// Reads an expression; none if it is not valid.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = |name: &str| {
            text.strip_prefix(name)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        match inner("rate") {
            Some(rate) => parse_rate(rate).map(Self::Rate),
            None => Cron::parse(inner("cron")?).map(|cron| Self::Cron(Box::new(cron))),
        }
    }

    /// The first time after an instant at which it is due; a rate counts from `begin`. None if it never is again.
    pub(crate) fn next(&self, after: Timestamp, begin: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(seconds) => {
                let passed = after.duration_since(begin).as_millis();
                let periods = passed.div_euclid(i128::from(*seconds) * 1000) + 1;
                let seconds = i64::try_from(periods.max(1)).ok()?.checked_mul(*seconds)?;
                begin.checked_add(SignedDuration::from_secs(seconds)).ok()
            }
            Self::Cron(cron) => cron.next(after),
        }
    }
}

/// `5 minutes`, in seconds; one of something is singular.
fn parse_rate(text: &str) -> Option<i64> {
    let mut words = text.split_whitespace();
    let (number, unit) = (words.next()?, words.next()?);
    if words.next().is_some() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    let seconds = match (unit, number) {
        ("minute", 1) | ("minutes", 2..) => 60,
        ("hour", 1) | ("hours", 2..) => 3600,
        ("day", 1) | ("days", 2..) => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds)
}

impl Cron {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return None;
        };
        let day = match (*days, *weekdays) {
            ("?", "?") => return None,
            (days, "?") => Day::OfMonth(each(days, MonthDay::parse)?),
            ("?", weekdays) => Day::OfWeek(each(weekdays, WeekDay::parse)?),
            _ => return None,
        };
        Some(Self {
            minutes: set(minutes, (0, 59), &[])?,
            hours: set(hours, (0, 23), &[])?,
            months: set(months, (1, 12), &MONTHS)?,
            years: set(years, YEARS, &[])?,
            day,
        })
    }

    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        // The begin of the next minute; seconds are always 0.
        let minute = after.as_second().div_euclid(60).checked_add(1)?;
        let first = Timestamp::from_second(minute.checked_mul(60)?).ok()?;
        let first = first.to_zoned(TimeZone::UTC).datetime();
        let mut date = first.date();
        let mut earliest = (i64::from(first.hour()), i64::from(first.minute()));
        while i64::from(date.year()) <= YEARS.1 {
            if self.has_date(date)
                && let Some((hour, minute)) = self.time_from(earliest)
            {
                let time = date.at(hour as i8, minute as i8, 0, 0);
                return Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp());
            }
            earliest = (0, 0);
            // A month that is not meant is passed over at once, so that the end of all years is not far.
            date = if self.months.has(date.month().into()) {
                date.tomorrow().ok()?
            } else {
                date.last_of_month().tomorrow().ok()?
            };
        }
        None
    }

    fn time_from(&self, (hour, minute): (i64, i64)) -> Option<(i64, i64)> {
        self.hours
            .members()
            .filter(|candidate| *candidate >= hour)
            .find_map(|candidate| {
                let least = if candidate == hour { minute } else { 0 };
                let minute = self.minutes.members().find(|minute| *minute >= least)?;
                Some((candidate, minute))
            })
    }

    fn has_date(&self, date: Date) -> bool {
        self.years.has(date.year().into())
            && self.months.has(date.month().into())
            && match &self.day {
                Day::OfMonth(days) => days.iter().any(|day| day.is(date)),
                Day::OfWeek(days) => days.iter().any(|day| day.is(date)),
            }
    }
}

/// The items of a list.
fn each<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(parse).collect()
}

/// A list of numbers and ranges with steps, within bounds.
fn set(text: &str, (least, most): (i64, i64), names: &[&str]) -> Option<Set> {
    let size = usize::try_from(most - least).ok()? + 1;
    let mut members = vec![false; size];
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step, &[], 0)?).filter(|step| *step > 0)?),
            None => (item, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from, names, least)?, number(to, names, least)?),
            None => {
                let from = number(range, names, least)?;
                (from, if item.contains('/') { most } else { from })
            }
        };
        if from < least || from > most || to < least || to > most {
            return None;
        }
        // `20-2` goes on over the end; years do not.
        let to = match to {
            to if to >= from => to,
            to if (least, most) != YEARS => to + most - least + 1,
            _ => return None,
        };
        let mut at = from;
        while at <= to {
            members[usize::try_from(at - least).ok()? % size] = true;
            at += step;
        }
    }
    Some(Set { least, members })
}

/// A number, or a name that stands for one.
fn number(text: &str, names: &[&str], least: i64) -> Option<i64> {
    let named = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    if let Some(at) = named {
        return Some(least + at as i64);
    }
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl MonthDay {
    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("LW") {
            return Some(Self::LastWeekday);
        }
        if text.eq_ignore_ascii_case("L") {
            return Some(Self::Last);
        }
        if let Some(day) = text.strip_suffix(['W', 'w']) {
            let day = number(day, &[], 0)?;
            return (1..=31).contains(&day).then_some(Self::Near(day));
        }
        set(text, (1, 31), &[]).map(Self::In)
    }

    fn is(&self, date: Date) -> bool {
        let day = i64::from(date.day());
        let last = i64::from(date.days_in_month());
        match self {
            Self::In(set) => set.has(day),
            Self::Last => day == last,
            Self::Near(wanted) => *wanted <= last && day == nearest_weekday(date, *wanted),
            Self::LastWeekday => day == last_weekday(date),
        }
    }
}

/// The day of the month, of the same month, that is the weekday nearest to one.
fn nearest_weekday(date: Date, wanted: i64) -> i64 {
    let last = i64::from(date.days_in_month());
    let on = |day: i64| {
        date.first_of_month()
            .saturating_add(jiff::Span::new().days(day - 1))
    };
    match on(wanted).weekday() {
        Weekday::Saturday if wanted == 1 => 3,
        Weekday::Saturday => wanted - 1,
        Weekday::Sunday if wanted == last => wanted - 2,
        Weekday::Sunday => wanted + 1,
        _ => wanted,
    }
}

fn last_weekday(date: Date) -> i64 {
    let last = date.last_of_month();
    let back = match last.weekday() {
        Weekday::Saturday => 1,
        Weekday::Sunday => 2,
        _ => 0,
    };
    i64::from(last.day()) - back
}

impl WeekDay {
    fn parse(text: &str) -> Option<Self> {
        let day = |text: &str| number(text, &DAYS, 1).filter(|day| (1..=7).contains(day));
        if text.eq_ignore_ascii_case("L") {
            return day("7").map(|day| Self::In(only(day)));
        }
        if let Some((weekday, nth)) = text.split_once('#') {
            let nth = number(nth, &[], 0).filter(|nth| (1..=5).contains(nth))?;
            return Some(Self::Nth(day(weekday)?, nth));
        }
        if let Some(last) = text.strip_suffix(['L', 'l']) {
            return day(last).map(Self::Last);
        }
        set(text, (1, 7), &DAYS).map(Self::In)
    }

    fn is(&self, date: Date) -> bool {
        let weekday = i64::from(date.weekday().to_sunday_one_offset());
        let day = i64::from(date.day());
        match self {
            Self::In(set) => set.has(weekday),
            Self::Last(wanted) => weekday == *wanted && day + 7 > i64::from(date.days_in_month()),
            Self::Nth(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        }
    }
}

fn only(day: i64) -> Set {
    Set {
        least: day,
        members: vec![true],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// The first `count` times after an instant.
    fn times(expression: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression).expect(expression);
        let begin = at(after);
        let next = |last: &Timestamp| schedule.next(*last, begin);
        std::iter::successors(next(&begin), next)
            .take(count)
            .map(|time| time.strftime("%a %F %H:%M").to_string())
            .collect()
    }

    #[test]
    fn a_rate_counts_from_its_begin() {
        assert_eq!(
            times("rate(5 minutes)", "2026-11-22T17:02:00Z", 2),
            ["Sun 2026-11-22 17:07", "Sun 2026-11-22 17:12"]
        );
        assert_eq!(
            times("rate(1 day)", "2026-11-22T17:02:00Z", 1),
            ["Mon 2026-11-23 17:02"]
        );
        let hourly = Schedule::parse("rate(1 hour)").expect("it is valid");
        let next = hourly.next(at("2026-11-22T20:30:00Z"), at("2026-11-22T17:00:00Z"));
        assert_eq!(next, Some(at("2026-11-22T21:00:00Z")));
        let exactly = hourly.next(at("2026-11-22T18:00:00Z"), at("2026-11-22T17:00:00Z"));
        assert_eq!(exactly, Some(at("2026-11-22T19:00:00Z")));
    }

    #[test]
    fn the_guide_s_examples_are_due_when_it_says() {
        let after = "2026-11-22T17:00:30Z";
        for (expression, expected) in [
            (
                "cron(0 10 * * ? *)",
                ["Mon 2026-11-23 10:00", "Tue 2026-11-24 10:00"],
            ),
            (
                "cron(15 12 * * ? *)",
                ["Mon 2026-11-23 12:15", "Tue 2026-11-24 12:15"],
            ),
            (
                "cron(0 18 ? * MON-FRI *)",
                ["Mon 2026-11-23 18:00", "Tue 2026-11-24 18:00"],
            ),
            (
                "cron(0 8 1 * ? *)",
                ["Tue 2026-12-01 08:00", "Fri 2027-01-01 08:00"],
            ),
            (
                "cron(0/15 * * * ? *)",
                ["Sun 2026-11-22 17:15", "Sun 2026-11-22 17:30"],
            ),
            (
                "cron(0/10 * ? * MON-FRI *)",
                ["Mon 2026-11-23 00:00", "Mon 2026-11-23 00:10"],
            ),
            (
                "cron(0/5 8-17 ? * MON-FRI *)",
                ["Mon 2026-11-23 08:00", "Mon 2026-11-23 08:05"],
            ),
            (
                "cron(0/30 20-2 ? * MON-FRI *)",
                ["Mon 2026-11-23 00:00", "Mon 2026-11-23 00:30"],
            ),
            (
                "cron(0 9 ? * 2#1 *)",
                ["Mon 2026-12-07 09:00", "Mon 2027-01-04 09:00"],
            ),
            (
                "cron(15 10 ? * 6L 2026-2027)",
                ["Fri 2026-11-27 10:15", "Fri 2026-12-25 10:15"],
            ),
            (
                "cron(0 0 L * ? *)",
                ["Mon 2026-11-30 00:00", "Thu 2026-12-31 00:00"],
            ),
            (
                "cron(0 0 15W * ? *)",
                ["Tue 2026-12-15 00:00", "Fri 2027-01-15 00:00"],
            ),
            (
                "cron(0 0 1W * ? *)",
                ["Tue 2026-12-01 00:00", "Fri 2027-01-01 00:00"],
            ),
            (
                "cron(0 0 LW * ? *)",
                ["Mon 2026-11-30 00:00", "Thu 2026-12-31 00:00"],
            ),
            (
                "cron(0 0 ? FEB SUN,3 *)",
                ["Tue 2027-02-02 00:00", "Sun 2027-02-07 00:00"],
            ),
            (
                "cron(0 0 29 2 ? *)",
                ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00"],
            ),
            (
                "cron(5,7 17 22 11 ? 2026)",
                ["Sun 2026-11-22 17:05", "Sun 2026-11-22 17:07"],
            ),
            (
                "cron(0 0 ? * L *)",
                ["Sat 2026-11-28 00:00", "Sat 2026-12-05 00:00"],
            ),
        ] {
            assert_eq!(times(expression, after, 2), expected, "{expression}");
        }
    }

    #[test]
    fn the_nearest_weekday_stays_in_its_month() {
        // 1 August 2026 is a Saturday, 31 January 2027 a Sunday, 15 November 2026 a Sunday, 15 August 2026 a Saturday.
        for (expression, after, expected) in [
            (
                "cron(0 0 1W 8 ? *)",
                "2026-07-01T00:00:00Z",
                "Mon 2026-08-03 00:00",
            ),
            (
                "cron(0 0 31W 1 ? *)",
                "2027-01-01T00:00:00Z",
                "Fri 2027-01-29 00:00",
            ),
            (
                "cron(0 0 15W 11 ? *)",
                "2026-11-01T00:00:00Z",
                "Mon 2026-11-16 00:00",
            ),
            (
                "cron(0 0 15W 8 ? *)",
                "2026-08-01T00:00:00Z",
                "Fri 2026-08-14 00:00",
            ),
            (
                "cron(0 0 LW 1 ? *)",
                "2027-01-01T00:00:00Z",
                "Fri 2027-01-29 00:00",
            ),
        ] {
            assert_eq!(times(expression, after, 1), [expected], "{expression}");
        }
    }

    #[test]
    fn what_will_not_be_again_has_no_next_time() {
        let never = Schedule::parse("cron(0 0 31 2 ? *)").expect("it is valid");
        assert_eq!(
            never.next(at("2026-11-22T17:00:00Z"), at("2026-11-22T17:00:00Z")),
            None
        );
        assert_eq!(
            times("cron(0 0 1 1 ? 2020)", "2026-11-22T17:00:00Z", 1),
            [""; 0]
        );
        let far = Schedule::parse("rate(9999999999999999 days)");
        assert_eq!(far, None, "it is out of all bounds");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for expression in [
            "",
            "rate()",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(1.5 hours)",
            "rate(-1 hours)",
            "rate(5 weeks)",
            "rate(5 minutes",
            "every(5 minutes)",
            "cron(0 10 * * *)",
            "cron(0 10 * * * *)",
            "cron(0 10 ? * ? *)",
            "cron(60 10 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 0 32 * ? *)",
            "cron(0 0 0 * ? *)",
            "cron(0 0 ? * 8 *)",
            "cron(0 0 ? * 2#6 *)",
            "cron(0 0 * 13 ? *)",
            "cron(0 0 * * ? 1969)",
            "cron(0 0 * * ? 2200)",
            "cron(a 0 * * ? *)",
            "cron(0 0 * * ? 2030-2029)",
            "cron(0/0 0 * * ? *)",
            "cron(0, 0 * * ? *)",
            "cron(0 0 ? * MON *) ",
            "at(2026-11-22T17:00:00)",
        ] {
            let parsed = Schedule::parse(expression);
            assert_eq!(
                parsed.is_some(),
                expression == "cron(0 0 ? * MON *) ",
                "{expression}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "(rate|cron)\\([0-9a-zA-Z*?,/#LW -]{0,30}\\)") {
            if let Some(schedule) = Schedule::parse(&text) {
                let now = at("2026-11-22T17:00:00Z");
                let next = schedule.next(now, now);
                proptest::prop_assert!(next.is_none_or(|next| next > now));
            }
        }
    }
}
