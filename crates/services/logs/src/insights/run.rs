use aws::ApiError;

use super::expression::Expression;
use super::field::{Row, Value};
use super::parse::{Command, Query};
use super::stats::Groups;

/// What came of a query.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: &'static str,
    /// Rows of fields with their values.
    pub(crate) rows: Vec<Vec<(String, String)>>,
    pub(crate) searched: Searched,
    /// How long it took, in milliseconds.
    pub(crate) took: i64,
    /// About what the rows take in memory.
    pub(crate) bytes: usize,
}

/// What a query looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Searched {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) matched: u64,
}

/// What rows in hand, groups, and results may take each; beyond it the last ones fall away, as they do beyond the limit.
pub(super) const BYTES_MAX: usize = 32 * 1024 * 1024;

/// Takes rows, newest first, through a query's commands; at most `limit` come out, each with the fields that are shown.
///
/// # Errors
/// What reading a row gave.
pub(crate) fn run<'q>(
    query: &'q Query,
    limit: usize,
    rows: &mut dyn FnMut() -> Result<Option<Row<'q>>, ApiError>,
    searched: &mut Searched,
) -> Result<Vec<Vec<(String, String)>>, ApiError> {
    let mut commands = query.commands.as_slice();
    let mut shown = Shown::default();
    let mut first = true;
    let mut in_hand: Vec<Row<'q>> = Vec::new();
    // Each round takes the rows through commands that look at one row at a time, up to one that looks at all.
    loop {
        let ahead = commands.iter().position(Command::looks_at_all);
        let (each, all) = commands.split_at(ahead.unwrap_or(commands.len()));
        let newest_first = first && !each.iter().any(Command::sets_time);
        let mut gathered = Gathered::new(all, limit, newest_first);
        let mut waiting = std::mem::take(&mut in_hand).into_iter();
        let mut next = || if first { rows() } else { Ok(waiting.next()) };
        while !gathered.is_full()
            && let Some(mut row) = next()?
        {
            if each.iter().all(|command| command.pass(&mut row)) {
                searched.matched += u64::from(first);
                row.rest();
                gathered.add(row);
            }
        }
        in_hand = gathered.rows();
        for command in each.iter().chain(all.first()) {
            shown.note(command);
        }
        first = false;
        match all.split_first() {
            Some((_, rest)) => commands = rest,
            None => break,
        }
    }
    let mut bytes = 0;
    let results = in_hand.iter().map(|row| shown.fields(row));
    let fits = results.take_while(|fields| {
        bytes += fields.iter().map(|(_, text)| text.len()).sum::<usize>();
        bytes <= BYTES_MAX
    });
    Ok(fits.collect())
}

impl Command {
    fn looks_at_all(&self) -> bool {
        match self {
            Self::Sort(_) | Self::Limit(_) | Self::Stats { .. } => true,
            Self::Fields(_) | Self::Display(_) | Self::Filter(_) => false,
        }
    }

    /// Whether `@timestamp` is something else after it.
    fn sets_time(&self) -> bool {
        match self {
            Self::Fields(fields) | Self::Display(fields) => fields.iter().any(|field| {
                field.name == "@timestamp" && !matches!(field.value, Expression::Field(_))
            }),
            Self::Filter(_) | Self::Sort(_) | Self::Limit(_) | Self::Stats { .. } => false,
        }
    }

    /// Takes a row through a command that looks at one at a time; whether it goes on.
    fn pass(&self, row: &mut Row<'_>) -> bool {
        match self {
            Self::Fields(fields) | Self::Display(fields) => {
                for field in fields {
                    if !matches!(&field.value, Expression::Field(name) if *name == field.name) {
                        let mut value = field.value.evaluate(row);
                        // A copy; what functions make is counted as they make it.
                        if matches!(field.value, Expression::Field(_)) && !row.make(value.bytes()) {
                            value = Value::Missing;
                        }
                        row.set(&field.name, value);
                    }
                }
                true
            }
            Self::Filter(condition) => condition.evaluate(row).is_true(),
            Self::Sort(_) | Self::Limit(_) | Self::Stats { .. } => true,
        }
    }
}

/// Rows that a command which looks at all of them collects.
enum Gathered<'q> {
    First {
        rows: Vec<Row<'q>>,
        bytes: usize,
        max: usize,
    },
    Sorted {
        keys: &'q [(Expression, bool)],
        rows: Vec<(Vec<Value>, Row<'q>)>,
        bytes: usize,
        max: usize,
    },
    Grouped(Groups<'q>),
}

impl<'q> Gathered<'q> {
    fn new(commands: &'q [Command], limit: usize, newest_first: bool) -> Self {
        let first = |max: usize| Self::First {
            rows: Vec::new(),
            bytes: 0,
            max: max.min(limit),
        };
        match commands.first() {
            None => first(limit),
            Some(Command::Limit(max)) => first(*max),
            Some(Command::Stats { aggregates, by }) => Self::Grouped(Groups::new(aggregates, by)),
            Some(Command::Sort(keys)) => {
                // What is cut off right afterwards need not be sorted.
                let max = match commands.get(1) {
                    Some(Command::Limit(max)) => (*max).min(limit),
                    _ => limit,
                };
                // DIVERGENCE: events come in this order, and the console's first query asks for it: the rest is not read,
                // and the statistics count what was.
                if newest_first && is_by_time(keys) {
                    return first(max);
                }
                Self::Sorted {
                    keys,
                    rows: Vec::new(),
                    bytes: 0,
                    max,
                }
            }
            Some(Command::Fields(_) | Command::Display(_) | Command::Filter(_)) => {
                unreachable!("it looks at one row at a time")
            }
        }
    }

    /// Whether no further row can come into it.
    fn is_full(&self) -> bool {
        match self {
            Self::First { rows, bytes, max } => rows.len() >= *max || *bytes >= BYTES_MAX,
            Self::Sorted { .. } | Self::Grouped(_) => false,
        }
    }

    fn add(&mut self, row: Row<'q>) {
        match self {
            Self::First { rows, bytes, .. } => {
                *bytes += row.bytes();
                rows.push(row);
            }
            Self::Sorted {
                keys,
                rows,
                bytes,
                max,
            } => {
                let key = keys.iter().map(|(key, _)| key.evaluate(&row)).collect();
                let sorted = (key, row);
                *bytes += held(&sorted);
                rows.push(sorted);
                if rows.len() >= 2 * *max || *bytes >= BYTES_MAX {
                    prune(keys, rows, bytes, *max);
                }
            }
            Self::Grouped(groups) => groups.add(&row),
        }
    }

    fn rows(self) -> Vec<Row<'q>> {
        match self {
            Self::First { rows, .. } => rows,
            Self::Sorted {
                keys,
                mut rows,
                mut bytes,
                max,
            } => {
                prune(keys, &mut rows, &mut bytes, max);
                rows.into_iter().map(|(_, row)| row).collect()
            }
            Self::Grouped(groups) => groups.rows(),
        }
    }
}

/// `@timestamp desc`
fn is_by_time(keys: &[(Expression, bool)]) -> bool {
    matches!(keys, [(Expression::Field(name), true)] if name == "@timestamp")
}

/// Keeps the first rows by their keys: as many as are wanted, in half of the memory that they may take.
fn prune(
    keys: &[(Expression, bool)],
    rows: &mut Vec<(Vec<Value>, Row<'_>)>,
    bytes: &mut usize,
    max: usize,
) {
    rows.sort_by(|(left, _), (right, _)| {
        let each = left.iter().zip(right).zip(keys);
        each.map(|((left, right), (_, descending))| {
            let order = left.compare(right);
            if *descending { order.reverse() } else { order }
        })
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
    });
    rows.truncate(max);
    let mut kept = 0;
    let fits = rows.iter().take_while(|row| {
        kept += held(row);
        kept <= BYTES_MAX / 2
    });
    let fits = fits.count();
    rows.truncate(fits.max(1));
    *bytes = rows.iter().map(held).sum();
}

/// About what a row and what it is sorted by take in memory.
fn held((keys, row): &(Vec<Value>, Row<'_>)) -> usize {
    keys.iter().map(Value::bytes).sum::<usize>() + row.bytes()
}

/// The fields that results show.
#[derive(Default)]
struct Shown {
    fields: Vec<String>,
    displayed: Option<Vec<String>>,
}

impl Shown {
    fn note(&mut self, command: &Command) {
        match command {
            Command::Fields(fields) => {
                for field in fields {
                    if !self.fields.contains(&field.name) {
                        self.fields.push(field.name.clone());
                    }
                }
            }
            Command::Display(fields) => {
                let mut names: Vec<String> = Vec::new();
                for field in fields {
                    if !names.contains(&field.name) {
                        names.push(field.name.clone());
                    }
                }
                self.displayed = Some(names);
            }
            Command::Stats { aggregates, by } => {
                self.fields = Groups::names(aggregates, by);
                self.displayed = None;
            }
            Command::Filter(_) | Command::Sort(_) | Command::Limit(_) => {}
        }
    }

    fn fields(&self, row: &Row<'_>) -> Vec<(String, String)> {
        let default = ["@timestamp", "@message"].map(str::to_owned);
        let names = match &self.displayed {
            Some(displayed) => displayed.as_slice(),
            None if self.fields.is_empty() => &default,
            None => &self.fields,
        };
        let pointer =
            (row.is_event() && !names.iter().any(|name| name == "@ptr")).then(|| "@ptr".to_owned());
        names
            .iter()
            .chain(&pointer)
            .filter_map(|name| Some((name.clone(), row.get(name).text()?)))
            .collect()
    }
}
