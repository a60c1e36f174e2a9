//! Activities: tasks that wait for a worker elsewhere to ask for them.
//!
//! The queues are in memory; the outbox is what survives, and fills them again at the next start.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use asl::Payload;
use aws::Arn;
use engine::AttemptId;
use store::Batch;
use tokio::sync::oneshot;

use crate::message::Message;
use crate::tables::activities::{self as table, Activity};
use crate::{ExecutionKey, Runtime, RuntimeError};

/// How long GetActivityTask waits for a task.
const POLL: Duration = Duration::from_mins(1);

/// Who may wait for tasks of one activity at a time.
const POLLERS_MAX: usize = 1000;

/// What an activity's ARN says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityName {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

impl ActivityName {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let name = arn
            .resource
            .strip_prefix("activity:")
            .filter(|name| !name.is_empty())?;
        (arn.service == "states").then(|| Self {
            name: name.to_owned(),
            account: arn.account,
            region: arn.region,
        })
    }
}

/// A task for a worker.
#[derive(Clone, Debug)]
pub struct ActivityTask {
    /// `taskToken`
    pub token: String,
    /// `input`
    pub input: Payload,
}

/// A task that no worker has taken.
pub(crate) struct Waiting {
    key: ExecutionKey,
    attempt: AttemptId,
    input: Payload,
}

/// The tasks that wait for workers, and the workers that wait for tasks.
#[derive(Default)]
pub(crate) struct Queues {
    state: Mutex<State>,
    /// Changes of activities come one at a time: each reads what the last one wrote.
    changes: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    queues: HashMap<String, Queue>,
    /// Of which activity a waiting task is, and its number there.
    places: HashMap<(ExecutionKey, AttemptId), (String, i64)>,
}

#[derive(Default)]
struct Queue {
    /// In the order of their numbers, so that any of many can be dropped at once: it is the committer that does so.
    tasks: BTreeMap<i64, Waiting>,
    pollers: VecDeque<oneshot::Sender<Waiting>>,
}

impl Queues {
    /// Gives a task to the worker that has waited longest, or keeps it until one asks.
    pub(crate) fn add(&self, arn: &str, key: ExecutionKey, attempt: AttemptId, input: Payload) {
        self.offer(
            arn,
            Waiting {
                key,
                attempt,
                input,
            },
            Queue::push_back,
        );
    }

    fn offer(&self, arn: &str, mut task: Waiting, keep: fn(&mut Queue, Waiting) -> i64) {
        let mut state = self.lock();
        let State { queues, places } = &mut *state;
        let queue = queues.entry(arn.to_owned()).or_default();
        while let Some(poller) = queue.pollers.pop_front() {
            match poller.send(task) {
                Ok(()) => return,
                // That worker has gone.
                Err(back) => task = back,
            }
        }
        let whose = (task.key, task.attempt);
        let number = keep(queue, task);
        places.insert(whose, (arn.to_owned(), number));
    }

    /// Drops a task that is no longer awaited.
    pub(crate) fn forget(&self, key: ExecutionKey, attempt: AttemptId) {
        let mut state = self.lock();
        if let Some((arn, number)) = state.places.remove(&(key, attempt))
            && let Some(queue) = state.queues.get_mut(&arn)
        {
            queue.tasks.remove(&number);
        }
    }

    fn next(&self, arn: &str) -> Result<Next, RuntimeError> {
        let mut state = self.lock();
        let State { queues, places } = &mut *state;
        let queue = queues.entry(arn.to_owned()).or_default();
        if let Some((_, task)) = queue.tasks.pop_first() {
            places.remove(&(task.key, task.attempt));
            return Ok(Next::Task(task));
        }
        queue.pollers.retain(|poller| !poller.is_closed());
        if queue.pollers.len() >= POLLERS_MAX {
            return Err(RuntimeError::ActivityWorkerLimitExceeded);
        }
        let (poller, told) = oneshot::channel();
        queue.pollers.push_back(poller);
        Ok(Next::Wait(told))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push_back(&mut self, task: Waiting) -> i64 {
        let last = self.tasks.last_key_value();
        let number = last.map_or(0, |(number, _)| number + 1);
        self.tasks.insert(number, task);
        number
    }

    fn push_front(&mut self, task: Waiting) -> i64 {
        let first = self.tasks.first_key_value();
        let number = first.map_or(0, |(number, _)| number - 1);
        self.tasks.insert(number, task);
        number
    }
}

enum Next {
    Task(Waiting),
    Wait(oneshot::Receiver<Waiting>),
}

/// A worker's place in the queue: what it was given and did not take goes back to the front.
struct Place<'a> {
    queues: &'a Queues,
    arn: &'a str,
    told: oneshot::Receiver<Waiting>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.told.close();
        if let Ok(task) = self.told.try_recv() {
            self.queues.offer(self.arn, task, Queue::push_front);
        }
    }
}

impl Runtime {
    /// Creates an activity, or finds the one of that name.
    pub async fn create_activity(
        &self,
        account: &str,
        region: &str,
        name: &str,
        tags: Vec<(String, String)>,
        encryption: Option<serde_json::Value>,
    ) -> Result<Activity, RuntimeError> {
        let arn = Arn::new("states", region, account, format!("activity:{name}")).to_string();
        let key = parse(&arn)?;
        let store = &self.shared().standard().store;
        let _alone = self.shared().activities.changes.lock().await;
        if let Some(existing) = table::get(store, &key)? {
            return if existing.encryption == encryption {
                Ok(existing)
            } else {
                Err(RuntimeError::ActivityAlreadyExists(arn))
            };
        }
        let activity = Activity {
            arn: arn.into(),
            name: name.into(),
            created: self.now(),
            tags,
            encryption,
        };
        let mut batch = Batch::default();
        table::put(&mut batch, &key, &activity);
        store.commit(batch).await?;
        Ok(activity)
    }

    /// The activity of that ARN.
    pub fn describe_activity(&self, arn: &str) -> Result<Activity, RuntimeError> {
        table::get(&self.shared().standard().store, &parse(arn)?)?
            .ok_or_else(|| RuntimeError::ActivityDoesNotExist(arn.to_owned()))
    }

    /// Deletes an activity, if it is there.
    pub async fn delete_activity(&self, arn: &str) -> Result<(), RuntimeError> {
        let _alone = self.shared().activities.changes.lock().await;
        let mut batch = Batch::default();
        table::delete(&mut batch, &parse(arn)?);
        self.shared().standard().store.commit(batch).await?;
        Ok(())
    }

    /// Up to `limit` activities of an account and region whose names come after `after`, by name.
    pub fn list_activities(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Activity>, RuntimeError> {
        table::list(
            &self.shared().standard().store,
            account,
            region,
            after,
            limit,
        )
    }

    /// Changes the tags of an activity.
    pub async fn tag_activity(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Vec<(String, String)>) -> Result<(), RuntimeError> + Send,
    ) -> Result<(), RuntimeError> {
        let name = parse(arn)?;
        let store = &self.shared().standard().store;
        let _alone = self.shared().activities.changes.lock().await;
        let mut activity = table::get(store, &name)?
            .ok_or_else(|| RuntimeError::ResourceNotFound(arn.to_owned()))?;
        change(&mut activity.tags)?;
        let mut batch = Batch::default();
        table::put(&mut batch, &name, &activity);
        store.commit(batch).await?;
        Ok(())
    }

    /// The next task of an activity; none if there is none for a minute.
    pub async fn get_activity_task(
        &self,
        arn: &str,
        worker_name: Option<String>,
    ) -> Result<Option<ActivityTask>, RuntimeError> {
        self.describe_activity(arn)?;
        let deadline = tokio::time::Instant::now() + POLL;
        loop {
            let Some(task) = self.next_task(arn, deadline).await? else {
                return Ok(None);
            };
            let (answer, answered) = oneshot::channel();
            let Waiting {
                key,
                attempt,
                input,
            } = task;
            self.shared().standard().inbox(key).push(Message::Take {
                key,
                attempt,
                worker_name: worker_name.clone(),
                answer,
            });
            // A task that is no longer awaited is nobody's; the next may be.
            if let Some(nonce) = answered.await.map_err(|_| RuntimeError::Stopped)?? {
                return Ok(Some(ActivityTask {
                    token: engine::task_token(key.bytes(), attempt, nonce),
                    input,
                }));
            }
        }
    }

    async fn next_task(
        &self,
        arn: &str,
        deadline: tokio::time::Instant,
    ) -> Result<Option<Waiting>, RuntimeError> {
        let queues: &Arc<Queues> = &self.shared().activities;
        match queues.next(arn)? {
            Next::Task(task) => Ok(Some(task)),
            Next::Wait(told) => {
                let mut place = Place { queues, arn, told };
                match tokio::time::timeout_at(deadline, &mut place.told).await {
                    Ok(Ok(task)) => Ok(Some(task)),
                    Ok(Err(_)) | Err(_) => Ok(None),
                }
            }
        }
    }
}

fn parse(arn: &str) -> Result<ActivityName, RuntimeError> {
    ActivityName::parse(arn).ok_or_else(|| RuntimeError::InvalidArn(arn.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(queues: &Queues) -> Option<AttemptId> {
        match queues.next("a") {
            Ok(Next::Task(task)) => Some(task.attempt),
            Ok(Next::Wait(_)) | Err(_) => None,
        }
    }

    /// So many that looking at each of them for each would be 10¹⁰ comparisons.
    #[test]
    fn all_of_many_waiting_tasks_are_forgotten_and_the_others_keep_their_order() {
        const MANY: u64 = 200_000;
        let queues = Queues::default();
        let key = ExecutionKey::new("machine", "name");
        for attempt in 0..MANY {
            queues.add("a", key, AttemptId(attempt), Payload::default());
        }
        for attempt in (2..MANY - 1).rev() {
            queues.forget(key, AttemptId(attempt));
        }
        queues.add("a", key, AttemptId(MANY), Payload::default());
        let first = match queues.next("a") {
            Ok(Next::Task(task)) => task,
            Ok(Next::Wait(_)) | Err(_) => panic!("there are tasks"),
        };
        assert_eq!(first.attempt, AttemptId(0));
        queues.offer("a", first, Queue::push_front);
        let order = [0, 1, MANY - 1, MANY].map(|attempt| Some(AttemptId(attempt)));
        assert_eq!([(); 4].map(|()| next(&queues)), order);
        assert_eq!(next(&queues), None);
        let state = queues.lock();
        assert!(state.places.is_empty() && state.queues["a"].tasks.is_empty());
    }
}
