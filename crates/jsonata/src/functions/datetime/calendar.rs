//! The Gregorian calendar, in UTC.

pub(super) const DAY_MILLIS: f64 = 86_400_000.0;

/// JavaScript's dates reach that far from 1970.
const MILLIS_MAX: f64 = 8.64e15;

/// A time in its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) millis: f64,
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}

impl Time {
    /// None beyond what JavaScript's dates reach.
    pub(super) fn of(millis: f64) -> Option<Self> {
        let millis = millis.trunc();
        if millis.is_nan() || millis.abs() > MILLIS_MAX {
            return None;
        }
        let whole = millis as i64;
        let days = whole.div_euclid(86_400_000);
        let rest = whole.rem_euclid(86_400_000);
        let (year, month, day) = civil(days);
        Some(Self {
            millis,
            year,
            month,
            day,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1000 % 60,
            millisecond: rest % 1000,
        })
    }

    /// Midnight of its day.
    pub(super) fn midnight(&self) -> f64 {
        (self.millis / DAY_MILLIS).floor() * DAY_MILLIS
    }

    /// 1 is Monday, 7 Sunday.
    pub(super) fn weekday(&self) -> i64 {
        weekday((self.millis / DAY_MILLIS).floor() as i64)
    }
}

fn weekday(days: i64) -> i64 {
    // 1970 began on a Thursday.
    (days + 3).rem_euclid(7) + 1
}

/// `Date.UTC`, months counted from 0, what is too large carried on. A year below 100 lies in the 20th century.
pub(super) fn utc(
    year: f64,
    month: f64,
    day: f64,
    hour: f64,
    minute: f64,
    second: f64,
    milli: f64,
) -> f64 {
    let parts = [year, month, day, hour, minute, second, milli];
    if parts
        .iter()
        .any(|part| !part.is_finite() || part.abs() > 1e15)
    {
        return f64::NAN;
    }
    let year = if (0.0..100.0).contains(&year.trunc()) {
        1900.0 + year.trunc()
    } else {
        year.trunc()
    };
    let months = year * 12.0 + month.trunc();
    if months.abs() > 1e8 {
        return f64::NAN;
    }
    let months = months as i64;
    let first = days(months.div_euclid(12), months.rem_euclid(12) + 1, 1);
    let millis = (first as f64 + day.trunc() - 1.0) * DAY_MILLIS
        + hour.trunc() * 3_600_000.0
        + minute.trunc() * 60_000.0
        + second.trunc() * 1000.0
        + milli.trunc();
    if millis.abs() > MILLIS_MAX {
        f64::NAN
    } else {
        millis
    }
}

/// Midnight of the first day of a month (1 to 12), which may lie beside its year.
pub(super) fn first_of(year: i64, month: i64) -> f64 {
    let months = year * 12 + month - 1;
    days(months.div_euclid(12), months.rem_euclid(12) + 1, 1) as f64 * DAY_MILLIS
}

/// When the first week of a month begins: that with its first Thursday, on Monday.
pub(super) fn first_week_of(year: i64, month: i64) -> f64 {
    let first = first_of(year, month);
    let day = weekday((first / DAY_MILLIS) as i64);
    let offset = if day > 4 { 8 - day } else { 1 - day };
    first + offset as f64 * DAY_MILLIS
}

/// Days since 1970 (Howard Hinnant's algorithm, in the public domain).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of so many days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for day in (-800_000..800_000).step_by(37) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(weekday(0), 4);
    }

    #[test]
    fn what_is_too_large_is_carried_on() {
        assert!((utc(2020.0, 12.0, 32.0, 25.0, 0.0, 0.0, 0.0) - 1_612_227_600_000.0).abs() < 0.5);
        assert!((utc(99.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0) - 915_148_800_000.0).abs() < 0.5);
        assert!(utc(f64::NAN, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0).is_nan());
        assert_eq!(Time::of(9e15), None);
    }
}
