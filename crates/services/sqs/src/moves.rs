//! Moves of messages out of dead-letter queues: tasks that go on over restarts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::ApiError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Batch, Order};
use tokio::sync::watch;

use crate::index::{Seq, Standing, Timestamp};
use crate::message::Message;
use crate::name::QueueName;
use crate::queue::{Durable, Queue};
use crate::queues::Queues;
use crate::storage::{self, MOVES, delete_message, read, written};
use crate::{Clock, error};

/// A task that moves messages, as its row has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Move {
    pub(crate) id: String,
    /// ARN.
    pub(crate) source: String,
    /// ARN; each message goes back where it came from if there is none.
    pub(crate) destination: Option<String>,
    pub(crate) per_second: Option<u32>,
    pub(crate) started: Timestamp,
    pub(crate) status: Status,
    pub(crate) moved: u64,
    pub(crate) to_move: u64,
    pub(crate) failure: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Running,
    Completed,
    Cancelled,
    Failed,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// Messages moved in one commit where no rate is given.
const STEP: usize = 100;

/// Tasks that a queue remembers: as many as can be listed.
const TASKS_MAX: usize = 10;

/// The tasks, and those that run.
#[derive(Clone)]
pub(crate) struct Moves {
    queues: Arc<Queues>,
    clock: Clock,
    stopped: watch::Receiver<bool>,
    /// The task that runs for a source, by its ARN, and how to cancel it.
    running: Arc<Mutex<HashMap<String, Running>>>,
}

struct Running {
    task: Move,
    cancel: watch::Sender<bool>,
    /// Closed when the task has ended and its row says so.
    ended: watch::Receiver<()>,
}

impl Moves {
    pub(crate) fn new(queues: Arc<Queues>, clock: Clock, stopped: watch::Receiver<bool>) -> Self {
        Self {
            queues,
            clock,
            stopped,
            running: Arc::default(),
        }
    }

    /// Goes on with the tasks that ran when the process ended.
    pub(crate) fn resume(&self) -> Result<(), ApiError> {
        for (_, row) in storage::rows(&self.queues.store, MOVES, "", storage::PAGE)? {
            let task: Move = read(&row)?;
            if task.status == Status::Running {
                self.run(task);
            }
        }
        Ok(())
    }

    /// Starts a task; gives its handle.
    pub(crate) async fn start(&self, task: Move) -> Result<String, ApiError> {
        let _changing = self.queues.changing.lock().await;
        if self.running().contains_key(&task.source) {
            return Err(error::unsupported(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        let mut batch = Batch::default();
        put(&mut batch, &task)?;
        let source = source_of(&task)?;
        for (key, _) in self
            .rows(&source, 2 * TASKS_MAX)?
            .iter()
            .skip(TASKS_MAX - 1)
        {
            batch.delete(MOVES, key);
        }
        storage::commit(&self.queues.store, batch).await?;
        let handle = handle_of(&task);
        self.run(task);
        Ok(handle)
    }

    /// Cancels the task of a handle, and waits until it has ended; gives how many messages it moved.
    pub(crate) async fn cancel(&self, handle: &str) -> Result<u64, ApiError> {
        let (id, source) = read_handle(handle)
            .ok_or_else(|| error::bad_value("TaskHandle", handle, "It is not a task handle."))?;
        let absent = "The resource that you specified for the TaskHandle parameter doesn't exist.";
        let source = QueueName::of_arn(&source).ok_or_else(|| error::no_resource(absent))?;
        let ended = self
            .running()
            .get(&source.arn())
            .filter(|running| running.task.id == id)
            .map(|running| {
                running.cancel.send_replace(true);
                running.ended.clone()
            });
        let was_running = ended.is_some();
        if let Some(mut ended) = ended {
            // The error says that it is closed.
            let _ = ended.changed().await;
        }
        let known = self.newest(&source, TASKS_MAX)?;
        match known.iter().find(|task| task.id == id) {
            // It may have come to its end before it heard.
            Some(task) if was_running && task.status == Status::Cancelled => Ok(task.moved),
            Some(_) => Err(error::unsupported("Only active tasks can be cancelled.")),
            None => Err(error::no_resource(absent)),
        }
    }

    /// The newest tasks of a source, newest first.
    pub(crate) fn newest(&self, source: &QueueName, most: usize) -> Result<Vec<Move>, ApiError> {
        let rows = self.rows(source, most)?;
        let tasks: Vec<Move> = rows
            .iter()
            .map(|(_, row)| read(row))
            .collect::<Result<_, _>>()?;
        let running = self.running();
        let live = |task: Move| match running.get(&task.source) {
            Some(running) if running.task.id == task.id => running.task.clone(),
            _ => task,
        };
        Ok(tasks.into_iter().map(live).collect())
    }

    fn rows(
        &self,
        source: &QueueName,
        most: usize,
    ) -> Result<Vec<(bytes::Bytes, bytes::Bytes)>, ApiError> {
        let prefix = format!("{source}/");
        self.queues
            .store
            .prefix(MOVES, prefix.as_bytes(), Order::Descending, most)
            .map_err(|error| error::stored(&error))
    }

    fn run(&self, task: Move) {
        let (cancel, mut cancelled) = watch::channel(false);
        let (end, ended) = watch::channel(());
        let running = Running {
            task: task.clone(),
            cancel,
            ended,
        };
        self.running().insert(task.source.clone(), running);
        let moves = self.clone();
        tokio::spawn(async move {
            let source = task.source.clone();
            if let Err(error) = moves.work(task, &mut cancelled).await {
                // The row says that it runs: the next start goes on.
                tracing::warn!(%error, source, "a move of messages ended early");
            }
            moves.running().remove(&source);
            drop(end);
        });
    }

    async fn work(
        &self,
        mut task: Move,
        cancelled: &mut watch::Receiver<bool>,
    ) -> Result<(), ApiError> {
        let mut stopped = self.stopped.clone();
        let step = task.per_second.map_or(STEP, |rate| rate as usize);
        while task.status == Status::Running {
            // Nobody is left to say so when the service is gone.
            if *stopped.borrow() || stopped.has_changed().is_err() {
                return Ok(());
            }
            if *cancelled.borrow() {
                task.status = Status::Cancelled;
                break;
            }
            self.step(&mut task, step).await?;
            if let Some(running) = self.running().get_mut(&task.source) {
                running.task = task.clone();
            }
            if task.per_second.is_some() && task.status == Status::Running {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    _ = cancelled.changed() => {}
                    _ = stopped.changed() => {}
                }
            }
        }
        let mut batch = Batch::default();
        put(&mut batch, &task)?;
        storage::commit(&self.queues.store, batch).await
    }

    /// Moves some messages; says in the task what came of it.
    async fn step(&self, task: &mut Move, step: usize) -> Result<(), ApiError> {
        let now = self.clock.now();
        let source = self.queues.get(&source_of(task)?, now)?;
        let left = task.to_move.saturating_sub(task.moved) as usize;
        let drained = source.drain(step.min(left), now)?;
        if drained.is_empty() {
            task.status = Status::Completed;
        }
        let mut durable = Vec::with_capacity(drained.len());
        for (seq, standing) in drained {
            if task.status == Status::Running {
                match self.send(task, &source, seq, now) {
                    Ok(sent) => {
                        durable.push(sent);
                        continue;
                    }
                    Err(error) => {
                        task.status = Status::Failed;
                        task.failure = Some(reason(&error));
                    }
                }
            }
            source.restore(seq, standing, now);
        }
        for sent in durable {
            sent.wait().await?;
        }
        Ok(())
    }

    /// Sends one message where it belongs, as a new one, and deletes it here.
    fn send(
        &self,
        task: &mut Move,
        source: &Queue,
        seq: Seq,
        now: Timestamp,
    ) -> Result<Durable, ApiError> {
        let message = storage::message(&self.queues.store, &source.name, seq)?
            .ok_or_else(|| ApiError::internal("a message has no content"))?;
        let target = task
            .destination
            .as_ref()
            .or(message.dead_letter_source.as_ref())
            .and_then(|arn| QueueName::of_arn(arn))
            .ok_or_else(|| error::unsupported("CouldNotDetermineMessageSource"))?;
        let target = self.queues.get(&target, now)?;
        let message = Message {
            id: uuid::Uuid::new_v4().to_string(),
            dead_letter_source: None,
            ..message
        };
        let standing = Standing::new(now, now, message.group.as_deref().map(Arc::from));
        let mut batch = Batch::default();
        delete_message(&mut batch, &source.name, seq);
        let counted = Move {
            moved: task.moved + 1,
            ..task.clone()
        };
        put(&mut batch, &counted)?;
        let durable = target.adopt(batch, vec![(message, standing)], now)?;
        task.moved += 1;
        Ok(durable)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().expect("no holder of this lock panics")
    }
}

/// What a failed task says.
fn reason(error: &ApiError) -> String {
    match &*error.code {
        "UnsupportedOperation" => error.message.clone(),
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".into(),
        code => code.to_owned(),
    }
}

fn put(batch: &mut Batch, task: &Move) -> Result<(), ApiError> {
    let key = format!("{}/{:020}-{}", source_of(task)?, task.started.0, task.id);
    batch.put(MOVES, key.as_bytes(), written(task));
    Ok(())
}

fn source_of(task: &Move) -> Result<QueueName, ApiError> {
    QueueName::of_arn(&task.source).ok_or_else(|| ApiError::internal("a move has no source"))
}

/// As AWS's handles: the task and its source, in base64.
pub(crate) fn handle_of(task: &Move) -> String {
    STANDARD.encode(json!({"taskId": task.id, "sourceArn": task.source}).to_string())
}

fn read_handle(handle: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(handle).ok()?;
    let said: Value = serde_json::from_slice(&bytes).ok()?;
    let text = |name: &str| Some(said.get(name)?.as_str()?.to_owned());
    Some((text("taskId")?, text("sourceArn")?))
}
