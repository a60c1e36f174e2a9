//! What waits to be delivered, in a lane for each target: one that does not answer holds nobody else up.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

/// Deliveries to one target at once: enough for one that answers, and an eighth of the places for one that does not.
const TARGET_MAX: usize = 8;
/// Deliveries under way at once, those over the network and the others each: each may hold an event of 256 KiB.
const UNDER_WAY_MAX: usize = 64;

/// When a delivery is due, and its key.
pub(crate) type Due = (Timestamp, String);

#[derive(Default)]
pub(crate) struct Lanes {
    lanes: HashMap<Arc<str>, Lane>,
    local: Way,
    /// API destinations are anywhere, and answer when they like.
    network: Way,
}

/// The deliveries to one target, by its ARN.
#[derive(Default)]
struct Lane {
    waiting: BTreeSet<Due>,
    under_way: usize,
}

/// Lanes whose deliveries share places.
#[derive(Default)]
struct Way {
    /// Those of which one more may begin, by when it is due.
    open: BTreeSet<(Timestamp, Arc<str>)>,
    under_way: usize,
}

impl Lane {
    /// When the next delivery may begin.
    fn opens(&self) -> Option<Timestamp> {
        let first = self.waiting.first().map(|(due, _)| *due);
        first.filter(|_| self.under_way < TARGET_MAX)
    }
}

impl Way {
    fn has_place(&self) -> bool {
        self.under_way < UNDER_WAY_MAX
    }
}

impl Lanes {
    pub(crate) fn add(&mut self, target: &Arc<str>, due: Due) {
        self.change(target, |lane, _| lane.waiting.insert(due));
    }

    /// The target and key of a delivery that is due and may begin; else when to look again, unless one ends before.
    pub(crate) fn next(&mut self, now: Timestamp) -> Result<(Arc<str>, String), Option<Timestamp>> {
        let ways = [&self.local, &self.network];
        let open = ways.iter().filter(|way| way.has_place());
        let first = open.filter_map(|way| way.open.first()).min().cloned();
        let (due, target) = first.ok_or(None)?;
        if due > now {
            return Err(Some(due));
        }
        let begun = self.change(&target, |lane, way| {
            lane.under_way += 1;
            way.under_way += 1;
            lane.waiting.pop_first()
        });
        let (_, key) = begun.expect("an open lane has a delivery");
        Ok((target, key))
    }

    /// Must be called when a delivery that has begun has ended.
    pub(crate) fn ended(&mut self, target: &Arc<str>) {
        self.change(target, |lane, way| {
            lane.under_way -= 1;
            way.under_way -= 1;
        });
    }

    fn change<R>(&mut self, target: &Arc<str>, change: impl FnOnce(&mut Lane, &mut Way) -> R) -> R {
        let lane = self.lanes.entry(Arc::clone(target)).or_default();
        let way = if target.contains(":api-destination/") {
            &mut self.network
        } else {
            &mut self.local
        };
        if let Some(due) = lane.opens() {
            way.open.remove(&(due, Arc::clone(target)));
        }
        let changed = change(lane, way);
        if let Some(due) = lane.opens() {
            way.open.insert((due, Arc::clone(target)));
        } else if lane.waiting.is_empty() && lane.under_way == 0 {
            self.lanes.remove(target);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    /// Lanes in which so many deliveries to each of these targets are due at second 1.
    fn lanes(targets: &[(&str, usize)]) -> Lanes {
        let mut lanes = Lanes::default();
        for (target, count) in targets {
            for number in 0..*count {
                lanes.add(&(*target).into(), (at(1), format!("{target} {number}")));
            }
        }
        lanes
    }

    fn begun(lanes: &mut Lanes) -> Vec<Arc<str>> {
        std::iter::from_fn(|| lanes.next(at(1)).ok())
            .map(|(target, _)| target)
            .collect()
    }

    #[test]
    fn a_target_gets_no_more_than_its_places() {
        let mut lanes = lanes(&[("a", 20), ("b", 3)]);
        let first = begun(&mut lanes);
        assert_eq!(first.iter().filter(|target| &***target == "a").count(), 8);
        assert_eq!(first.len(), 11);
        lanes.ended(&first[0]);
        assert_eq!(begun(&mut lanes), [Arc::from("a")]);
    }

    #[test]
    fn the_network_s_places_are_not_the_others() {
        let far: Vec<String> = (0..20)
            .map(|at| format!("arn:aws:events:r:a:api-destination/{at}"))
            .collect();
        let mut targets: Vec<(&str, usize)> = far.iter().map(|name| (&**name, 8)).collect();
        targets.push(("near", 5));
        let mut lanes = lanes(&targets);
        let first = begun(&mut lanes);
        assert_eq!(first.len(), 64 + 5);
        assert_eq!(lanes.next(at(1)), Err(None));
    }

    #[test]
    fn what_is_due_later_waits_and_nothing_is_left_behind() {
        let mut lanes = lanes(&[("a", 1)]);
        lanes.add(&"b".into(), (at(9), "late".into()));
        let (target, key) = lanes.next(at(1)).expect("it is due");
        assert_eq!((&*target, &*key), ("a", "a 0"));
        assert_eq!(lanes.next(at(1)), Err(Some(at(9))));
        lanes.ended(&target);
        let (target, key) = lanes.next(at(9)).expect("it is due");
        assert_eq!(key, "late");
        lanes.ended(&target);
        assert!(lanes.lanes.is_empty());
        assert_eq!(lanes.next(at(9)), Err(None));
    }
}
