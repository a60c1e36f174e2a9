//! Scheduled rules: when each is due next, and what it then sends.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws::ApiError;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Keyspace, Table};
use tokio::sync::{Notify, watch};

use crate::Inner;
use crate::error::stored;
use crate::model::{Rule, Zone};
use crate::outbox::{Parcel, Taken};
use crate::storage::Storage;

/// `{account}/{region}/{bus}/{rule}` → the time at which the rule last fired, in milliseconds.
const FIRED: Table = Table::new(Keyspace::Services, "events/fired");

/// What is found due later than this, as after the machine slept, is missed: AWS's schedules are precise to the minute.
const LATE_MAX: SignedDuration = SignedDuration::from_mins(1);

/// A rule by its zone and the name of its row.
type RuleKey = (Zone, String);

#[derive(Default)]
struct Times {
    due: BTreeSet<(Timestamp, RuleKey)>,
    of: HashMap<RuleKey, Timestamp>,
}

#[derive(Default)]
pub(crate) struct Schedules {
    times: Mutex<Times>,
    told: Notify,
}

impl Schedules {
    /// With every enabled rule that has a schedule. What was due while no server ran is missed, as on AWS.
    pub(crate) fn open(storage: &Storage, now: Timestamp) -> Result<Self, ApiError> {
        let schedules = Self::default();
        for (zone, rule) in storage.all::<Rule>()? {
            schedules.set(&zone, &rule, now);
        }
        Ok(schedules)
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a rule as it is now.
    pub(crate) fn set(&self, zone: &Zone, rule: &Rule, after: Timestamp) {
        let key = (zone.clone(), crate::model::Row::name(rule));
        let schedule = rule.parsed_schedule().filter(|_| rule.is_enabled());
        let next = schedule.and_then(|schedule| schedule.next(after, rule.begin));
        self.replace(key, next);
    }

    pub(crate) fn remove(&self, zone: &Zone, rule_name: &str) {
        self.replace((zone.clone(), rule_name.to_owned()), None);
    }

    fn replace(&self, key: RuleKey, next: Option<Timestamp>) {
        let mut times = self.times();
        if let Some(old) = times.of.remove(&key) {
            times.due.remove(&(old, key.clone()));
        }
        if let Some(next) = next {
            times.of.insert(key.clone(), next);
            times.due.insert((next, key));
        }
        drop(times);
        self.told.notify_one();
    }

    /// A rule that is due, or when the next one is.
    fn next(&self, now: Timestamp) -> Result<(Timestamp, RuleKey), Option<Timestamp>> {
        let mut times = self.times();
        match times.due.pop_first() {
            Some((due, key)) if due <= now => {
                times.of.remove(&key);
                Ok((due, key))
            }
            Some(later) => {
                let due = later.0;
                times.due.insert(later);
                Err(Some(due))
            }
            None => Err(None),
        }
    }
}

/// Fires rules when they are due, until it is stopped.
pub(crate) async fn work(inner: Arc<Inner>, mut stopped: watch::Receiver<bool>) {
    loop {
        match inner.schedules.next(inner.clock.now()) {
            Ok((due, key)) => {
                if let Err(error) = fire(&inner, due, &key).await {
                    tracing::error!(%error, rule = key.1, "a scheduled rule can't be fired");
                }
            }
            Err(due) => tokio::select! {
                biased;
                _ = stopped.changed() => return,
                () = inner.schedules.told.notified() => {}
                () = inner.clock.sleep_until(due.unwrap_or(Timestamp::MAX)), if due.is_some() => {}
            },
        }
        if *stopped.borrow() {
            return;
        }
    }
}

/// Sends what a rule sends at a time, at most once for that time.
async fn fire(inner: &Inner, due: Timestamp, (zone, name): &RuleKey) -> Result<(), ApiError> {
    // The rule must not change between the look and the commit.
    let _held = inner.storage.hold(zone).await;
    let Some(rule) = inner.storage.get::<Rule>(zone, name)? else {
        return Ok(());
    };
    let now = inner.clock.now();
    inner.schedules.set(zone, &rule, due.max(now - LATE_MAX));
    let key = zone.key(name);
    let row = inner.storage.store.get(FIRED, key.as_bytes());
    let fired = row
        .map_err(stored)?
        .and_then(|row| Some(i64::from_be_bytes(row.as_ref().try_into().ok()?)));
    let late = now.duration_since(due) > LATE_MAX;
    if late || !rule.is_enabled() || fired.is_some_and(|fired| fired >= due.as_millisecond()) {
        return Ok(());
    }
    let targets = inner.storage.targets(zone, &rule)?;
    let event = json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": zone.account,
        "time": due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": zone.region,
        "resources": [rule.arn(zone)],
        "detail": {},
    });
    let taken = Taken {
        event,
        ingested: now,
        hops: 0,
    };
    let mut parcel = Parcel::default();
    parcel.add(zone, &taken, &[(&rule, &targets)]);
    parcel.batch.put(
        FIRED,
        key.as_bytes(),
        due.as_millisecond().to_be_bytes().to_vec(),
    );
    inner.outbox.send(parcel).await
}

/// Forgets when a rule fired last: it is deleted with this batch.
pub(crate) fn forget(batch: &mut store::Batch, zone: &Zone, rule_name: &str) {
    batch.delete(FIRED, zone.key(rule_name).as_bytes());
}
