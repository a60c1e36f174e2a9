use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::expression::Expression;
use super::field::{Row, Value};
use super::parse::Named;
use super::run::BYTES_MAX;

/// What `stats` computes over rows.
#[derive(Debug)]
pub(crate) struct Aggregate {
    kind: Kind,
    argument: Option<Expression>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Count,
    CountDistinct,
    Sum,
    Average,
    Least,
    Greatest,
    Earliest,
    Latest,
}

impl Aggregate {
    pub(super) fn named(name: &str, argument: Option<Expression>) -> Option<Self> {
        let kind = match name {
            "count" => Kind::Count,
            "count_distinct" => Kind::CountDistinct,
            "sum" => Kind::Sum,
            "avg" => Kind::Average,
            "min" => Kind::Least,
            "max" => Kind::Greatest,
            "earliest" => Kind::Earliest,
            "latest" => Kind::Latest,
            _ => return None,
        };
        (kind == Kind::Count || argument.is_some()).then_some(Self { kind, argument })
    }
}

/// Groups, and different values of `count_distinct`, that one query tells apart; what comes beyond is left out.
const GROUPS_MAX: usize = 10_000;
/// About what a text takes in a set besides its letters.
const ENTRY_BYTES: usize = 48;

#[derive(Clone, Debug, Default)]
struct Sum {
    count: usize,
    total: f64,
    distinct: HashSet<String>,
    chosen: Option<(Value, Value)>,
}

/// Bytes that the groups of one query may still take.
struct Room(usize);

impl Room {
    /// Whether so much fits; if so, it is taken.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

impl Sum {
    fn add(&mut self, aggregate: &Aggregate, row: &Row<'_>, room: &mut Room) {
        let value = match &aggregate.argument {
            Some(argument) => argument.evaluate(row),
            None => Value::Bool(true),
        };
        if value.is_missing() {
            return;
        }
        match aggregate.kind {
            Kind::Count => self.count += 1,
            Kind::CountDistinct => self.tell_apart(value, room),
            Kind::Sum | Kind::Average => {
                if let Some(number) = value.number() {
                    self.count += 1;
                    self.total += number;
                }
            }
            Kind::Least => self.choose(value.clone(), value, Ordering::is_lt, room),
            Kind::Greatest => self.choose(value.clone(), value, Ordering::is_gt, room),
            Kind::Earliest => self.choose(row.get("@timestamp"), value, Ordering::is_lt, room),
            Kind::Latest => self.choose(row.get("@timestamp"), value, Ordering::is_gt, room),
        }
    }

    fn tell_apart(&mut self, value: Value, room: &mut Room) {
        let Some(text) = value.text() else { return };
        let is_new = self.distinct.len() < GROUPS_MAX && !self.distinct.contains(&text);
        if is_new && room.take(text.len() + ENTRY_BYTES) {
            self.distinct.insert(text);
        }
    }

    fn choose(&mut self, key: Value, value: Value, better: fn(Ordering) -> bool, room: &mut Room) {
        let held = match &self.chosen {
            Some((old, _)) if !better(key.compare(old)) => return,
            Some((old, value)) => old.bytes() + value.bytes(),
            None => 0,
        };
        let bytes = key.bytes() + value.bytes();
        if room.take(bytes.saturating_sub(held)) {
            room.0 += held.saturating_sub(bytes);
            self.chosen = Some((key, value));
        }
    }

    fn value(self, kind: Kind) -> Value {
        match kind {
            Kind::Count => Value::Number(self.count as f64),
            Kind::CountDistinct => Value::Number(self.distinct.len() as f64),
            Kind::Sum if self.count > 0 => Value::Number(self.total),
            Kind::Average if self.count > 0 => Value::Number(self.total / self.count as f64),
            Kind::Sum | Kind::Average => Value::Missing,
            Kind::Least | Kind::Greatest | Kind::Earliest | Kind::Latest => {
                self.chosen.map_or(Value::Missing, |(_, value)| value)
            }
        }
    }
}

/// Rows on their way into groups.
pub(super) struct Groups<'q> {
    aggregates: &'q [Named<Aggregate>],
    by: &'q [Named<Expression>],
    places: HashMap<Vec<Option<String>>, usize>,
    groups: Vec<(Vec<Value>, Vec<Sum>)>,
    room: Room,
}

impl<'q> Groups<'q> {
    pub(super) fn new(aggregates: &'q [Named<Aggregate>], by: &'q [Named<Expression>]) -> Self {
        Self {
            aggregates,
            by,
            places: HashMap::new(),
            groups: Vec::new(),
            room: Room(BYTES_MAX),
        }
    }

    /// What a group takes besides its sums' values; its keys are held twice, and each row of results has the names.
    fn bytes(&self, values: &[Value]) -> usize {
        let keys = values.iter().map(|value| 2 * (value.bytes() + ENTRY_BYTES));
        let names = self.by.iter().map(|key| key.name.len());
        let sums = self.aggregates.iter();
        let sums = sums.map(|aggregate| aggregate.name.len() + size_of::<Sum>());
        keys.chain(names).chain(sums).sum()
    }

    pub(super) fn add(&mut self, row: &Row<'_>) {
        let values: Vec<Value> = self.by.iter().map(|key| key.value.evaluate(row)).collect();
        let key: Vec<Option<String>> = values.iter().map(Value::text).collect();
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.groups.len() >= GROUPS_MAX => return,
            None if !self.room.take(self.bytes(&values)) => return,
            None => {
                self.groups
                    .push((values, vec![Sum::default(); self.aggregates.len()]));
                self.places.insert(key, self.groups.len() - 1);
                self.groups.len() - 1
            }
        };
        if let Some((_, sums)) = self.groups.get_mut(place) {
            for (sum, aggregate) in sums.iter_mut().zip(self.aggregates) {
                sum.add(&aggregate.value, row, &mut self.room);
            }
        }
    }

    /// A row for each group, in the order in which they came; without `by` there is one, even over nothing.
    pub(super) fn rows(mut self) -> Vec<Row<'q>> {
        if self.by.is_empty() && self.groups.is_empty() {
            self.groups
                .push((Vec::new(), vec![Sum::default(); self.aggregates.len()]));
        }
        let (by, aggregates) = (self.by, self.aggregates);
        let row = |(values, sums): (Vec<Value>, Vec<Sum>)| {
            let keys = by.iter().map(|key| key.name.clone()).zip(values);
            let sums = aggregates
                .iter()
                .zip(sums)
                .map(|(aggregate, sum)| (aggregate.name.clone(), sum.value(aggregate.value.kind)));
            Row::of(keys.chain(sums).collect())
        };
        self.groups.into_iter().map(row).collect()
    }

    pub(super) fn names(aggregates: &[Named<Aggregate>], by: &[Named<Expression>]) -> Vec<String> {
        let keys = by.iter().map(|key| key.name.clone());
        let sums = aggregates.iter().map(|aggregate| aggregate.name.clone());
        keys.chain(sums).collect()
    }
}
