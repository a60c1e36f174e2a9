//! Events on their way: each match of an event with a target is a row from the moment PutEvents answers until the target,
//! or its dead-letter queue, has it. Delivered at least once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws::ApiError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Batch, Keyspace, Store, Table};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::Inner;
use crate::deliver::{Failure, Outcome, deliver};
use crate::error::stored;
use crate::lanes::{Due, Lanes};
use crate::model::{Rule, Target, Zone};
use crate::storage::{Storage, read};

/// Events with deliveries left, once however many targets they go to.
const EVENTS: Table = Table::new(Keyspace::Services, "events/undelivered-events");
const DELIVERIES: Table = Table::new(Keyspace::Services, "events/deliveries");

/// Deliveries that may wait at once: their keys are held in memory, about 100 bytes each.
const WAITING_MAX: usize = 100_000;
/// AWS's defaults and bounds of a target's retry policy.
const RETRIES_MAX: i64 = 185;
const AGE_SECONDS_MAX: i64 = 86_400;
/// The pause after a first failure; it doubles with each one up to the greatest, and half of it is left to chance.
const PAUSE_MILLISECONDS: i64 = 1000;
const PAUSE_MILLISECONDS_MAX: i64 = 10 * 60 * 1000;

/// An event that a bus has taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// The event as targets see it.
    pub(crate) event: Value,
    pub(crate) ingested: Timestamp,
    /// How many buses it has come through.
    pub(crate) hops: u32,
}

/// An event for one target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The key of the event's row.
    event: String,
    /// Told apart from all others; the same in each try.
    pub(crate) id: String,
    pub(crate) rule_arn: String,
    pub(crate) rule_name: String,
    /// As it was when the event came.
    pub(crate) target: Value,
    accepted: Timestamp,
    due: Timestamp,
    pub(crate) retries: i64,
    /// Why the target will not get it, once that is so.
    failure: Option<Failure>,
    /// How often its dead-letter queue has not taken it.
    refusals: i64,
}

#[derive(Default)]
struct Waiting {
    lanes: Lanes,
    /// How many deliveries each event has left.
    left: HashMap<String, usize>,
    count: usize,
}

pub(crate) struct Outbox {
    store: Store,
    waiting: Mutex<Waiting>,
    told: Notify,
}

/// Rows that go into a batch, and what is then told to the outbox.
#[derive(Default)]
pub(crate) struct Parcel {
    pub(crate) batch: Batch,
    due: Vec<New>,
}

/// A delivery that begins: when it is due, its event and its target.
struct New {
    due: Due,
    event: String,
    target: Arc<str>,
}

impl Parcel {
    /// Puts an event for all targets of a rule into the batch.
    pub(crate) fn add(&mut self, zone: &Zone, taken: &Taken, matches: &[(&Rule, &[Target])]) {
        let count: usize = matches.iter().map(|(_, targets)| targets.len()).sum();
        if count == 0 {
            return;
        }
        let event = key(zone, taken.ingested);
        self.batch.put(EVENTS, event.as_bytes(), written(taken));
        let mut buses = HashSet::new();
        for (rule, targets) in matches {
            for target in *targets {
                let arn = arn_of(&target.settings);
                // DIVERGENCE: an event goes on to another bus once, however many rules send it there; on AWS once for each.
                if arn.contains(":event-bus/") && !buses.insert(arn) {
                    continue;
                }
                let id = uuid::Uuid::new_v4().to_string();
                let delivery = Delivery {
                    event: event.clone(),
                    id,
                    rule_arn: rule.arn(zone),
                    rule_name: rule.name.clone(),
                    target: target.settings.clone(),
                    accepted: taken.ingested,
                    due: taken.ingested,
                    retries: 0,
                    failure: None,
                    refusals: 0,
                };
                let key = key(zone, taken.ingested);
                self.batch
                    .put(DELIVERIES, key.as_bytes(), written(&delivery));
                self.due.push(New {
                    due: (taken.ingested, key),
                    event: event.clone(),
                    target: arn.into(),
                });
            }
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.batch.append(other.batch);
        self.due.extend(other.due);
    }

    pub(crate) fn deliveries(&self) -> usize {
        self.due.len()
    }
}

fn arn_of(target: &Value) -> &str {
    target
        .get("Arn")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `{account}/{region}/{milliseconds}-{random}`
fn key(zone: &Zone, at: Timestamp) -> String {
    let random = uuid::Uuid::new_v4().simple();
    zone.key(&format!("{:014}-{random}", at.as_millisecond().max(0)))
}

fn written(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows are plain data")
}

impl Outbox {
    /// With what an earlier server left.
    pub(crate) fn open(storage: &Storage) -> Result<Self, ApiError> {
        let mut waiting = Waiting::default();
        storage.each(DELIVERIES, "", |key, row| {
            let delivery: Delivery = read(row)?;
            let target = arn_of(&delivery.target).into();
            waiting.lanes.add(&target, (delivery.due, key.to_owned()));
            *waiting.left.entry(delivery.event).or_default() += 1;
            waiting.count += 1;
            Ok(())
        })?;
        Ok(Self {
            store: storage.store.clone(),
            waiting: Mutex::new(waiting),
            told: Notify::new(),
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether so many more deliveries may wait.
    pub(crate) fn has_room(&self, deliveries: usize) -> bool {
        self.waiting().count + deliveries <= WAITING_MAX
    }

    /// As if as many waited as may.
    #[cfg(test)]
    pub(crate) fn fill(&self) {
        self.waiting().count = WAITING_MAX;
    }

    /// Makes a parcel durable; its deliveries begin then.
    pub(crate) async fn send(&self, parcel: Parcel) -> Result<(), ApiError> {
        let Parcel { batch, due } = parcel;
        if batch.is_empty() {
            return Ok(());
        }
        self.store.commit(batch).await.map_err(stored)?;
        self.tell(due);
        Ok(())
    }

    fn tell(&self, new: Vec<New>) {
        let mut waiting = self.waiting();
        for New { due, event, target } in new {
            waiting.lanes.add(&target, due);
            *waiting.left.entry(event).or_default() += 1;
            waiting.count += 1;
        }
        drop(waiting);
        self.told.notify_one();
    }

    /// Removes a delivery, and its event with the last one; what follows from it becomes durable with that.
    async fn finish(
        &self,
        key: &str,
        delivery: &Delivery,
        mut then: Parcel,
    ) -> Result<(), ApiError> {
        then.batch.delete(DELIVERIES, key.as_bytes());
        let last = {
            let mut waiting = self.waiting();
            waiting.count -= 1;
            match waiting.left.get_mut(&delivery.event) {
                Some(left) if *left > 1 => {
                    *left -= 1;
                    false
                }
                _ => {
                    waiting.left.remove(&delivery.event);
                    true
                }
            }
        };
        if last {
            then.batch.delete(EVENTS, delivery.event.as_bytes());
        }
        self.store.commit(then.batch).await.map_err(stored)?;
        self.tell(then.due);
        Ok(())
    }

    async fn postpone(&self, key: String, delivery: &Delivery) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(DELIVERIES, key.as_bytes(), written(delivery));
        self.store.commit(batch).await.map_err(stored)?;
        let target = arn_of(&delivery.target).into();
        self.waiting().lanes.add(&target, (delivery.due, key));
        self.told.notify_one();
        Ok(())
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        table: Table,
        key: &str,
    ) -> Result<Option<T>, ApiError> {
        let row = self.store.get(table, key.as_bytes()).map_err(stored)?;
        row.map(|row| read(&row)).transpose()
    }
}

/// Delivers what is due until it is stopped; deliveries under way then end first.
pub(crate) async fn work(inner: Arc<Inner>, mut stopped: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    loop {
        let outbox = &inner.outbox;
        let pause = loop {
            let next = outbox.waiting().lanes.next(inner.clock.now());
            match next {
                Ok((target, key)) => {
                    let place = Place(Arc::clone(&inner), target);
                    under_way.spawn(async move { attempt(&place.0, key).await });
                }
                Err(due) => break due,
            }
        };
        tokio::select! {
            biased;
            // An error says that nobody can stop it any more, which is a stop too.
            _ = stopped.changed() => break,
            Some(ended) = under_way.join_next() => {
                // A delivery that broke keeps its row until the next start.
                if let Err(error) = ended {
                    tracing::error!(%error, "the delivery of an event broke");
                }
            }
            () = outbox.told.notified() => {}
            () = inner.clock.sleep_until(pause.unwrap_or(Timestamp::MAX)), if pause.is_some() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// A target's place, free again however its delivery ends.
struct Place(Arc<Inner>, Arc<str>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.outbox.waiting().lanes.ended(&self.1);
    }
}

async fn attempt(inner: &Inner, key: String) {
    if let Err(error) = try_once(inner, &key).await {
        // The store does not work; the row stays for the next start.
        tracing::error!(%error, key, "an event can't be delivered");
    }
}

async fn try_once(inner: &Inner, key: &str) -> Result<(), ApiError> {
    let outbox = &inner.outbox;
    let Some(mut delivery) = outbox.read::<Delivery>(DELIVERIES, key)? else {
        return Ok(());
    };
    let Some(taken) = outbox.read::<Taken>(EVENTS, &delivery.event)? else {
        // Its end was committed after that of the event's last delivery, and a crash came between the two.
        return outbox.finish(key, &delivery, Parcel::default()).await;
    };
    if delivery.failure.is_none() {
        match deliver(inner, &delivery, &taken).await {
            Outcome::Done => return outbox.finish(key, &delivery, Parcel::default()).await,
            Outcome::Relayed(parcel) => return outbox.finish(key, &delivery, parcel).await,
            Outcome::Failed(failure) => {
                if let Some(due) = delivery.next_try(inner.clock.now(), &failure) {
                    delivery.retries += 1;
                    delivery.due = due;
                    return outbox.postpone(key.to_owned(), &delivery).await;
                }
                delivery.failure = Some(delivery.exhausted(failure));
            }
        }
    }
    give_up(inner, key, delivery, &taken).await
}

/// Sends a delivery that failed for good to its target's dead-letter queue; without one it is dropped, as on AWS.
async fn give_up(
    inner: &Inner,
    key: &str,
    mut delivery: Delivery,
    taken: &Taken,
) -> Result<(), ApiError> {
    let failure = delivery.failure.clone().unwrap_or_default();
    let outbox = &inner.outbox;
    let queue = delivery
        .target
        .pointer("/DeadLetterConfig/Arn")
        .and_then(Value::as_str);
    let sent = match queue {
        Some(queue) => crate::deliver::dead_letter(inner, queue, &delivery, taken, &failure).await,
        None => Err(Failure::default()),
    };
    let Err(why) = sent else {
        return outbox.finish(key, &delivery, Parcel::default()).await;
    };
    if why.retryable && delivery.refusals < RETRIES_MAX {
        delivery.due = inner.clock.now() + pause(delivery.refusals);
        delivery.refusals += 1;
        return outbox.postpone(key.to_owned(), &delivery).await;
    }
    let target = delivery.target.get("Arn").and_then(Value::as_str);
    tracing::warn!(
        rule = delivery.rule_arn,
        target,
        code = failure.code,
        message = failure.message,
        "an event is dropped"
    );
    outbox.finish(key, &delivery, Parcel::default()).await
}

impl Delivery {
    fn policy(&self, name: &str, default: i64) -> i64 {
        let policy = self.target.get("RetryPolicy");
        policy
            .and_then(|policy| policy.get(name)?.as_i64())
            .unwrap_or(default)
    }

    fn age_max(&self) -> SignedDuration {
        SignedDuration::from_secs(self.policy("MaximumEventAgeInSeconds", AGE_SECONDS_MAX))
    }

    /// When to try again after a failure; none if it is the last.
    fn next_try(&self, now: Timestamp, failure: &Failure) -> Option<Timestamp> {
        let retries_max = self.policy("MaximumRetryAttempts", RETRIES_MAX);
        if !failure.retryable || self.retries >= retries_max {
            return None;
        }
        let due = now + pause(self.retries);
        (due.duration_since(self.accepted) < self.age_max()).then_some(due)
    }

    /// The failure with what ended its retries.
    fn exhausted(&self, mut failure: Failure) -> Failure {
        if failure.retryable {
            let retries_max = self.policy("MaximumRetryAttempts", RETRIES_MAX);
            let condition = if self.retries >= retries_max {
                "MaximumRetryAttempts"
            } else {
                "MaximumEventAgeInSeconds"
            };
            failure.condition = Some(condition.to_owned());
        }
        failure
    }
}

fn pause(retries: i64) -> SignedDuration {
    let doublings = u32::try_from(retries).unwrap_or(u32::MAX).min(20);
    let longest = (PAUSE_MILLISECONDS << doublings).min(PAUSE_MILLISECONDS_MAX);
    let chance = i64::from(uuid::Uuid::new_v4().into_bytes()[0]);
    SignedDuration::from_millis(longest / 2 + longest / 2 * chance / 255)
}
