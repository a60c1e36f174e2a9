//! Tasks that no execution asked for: a state is tested.

use std::sync::{Arc, Mutex, PoisonError};

use asl::Payload;
use engine::Invocation;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::driver::Permit;
use crate::tables::outbox::Pending;
use crate::tasks::{self, Errand, HttpTrace, TaskEnd};
use crate::{ExecutionKey, Runtime};

/// A task to run once, in somebody's name.
#[derive(Clone, Debug)]
pub struct LoneTask {
    /// Whose.
    pub account: Arc<str>,
    /// Where.
    pub region: Arc<str>,
    /// In which role; the task's `Credentials` go before.
    pub role_arn: Arc<str>,
    /// What the state asks for; of a request-response pattern.
    pub invocation: Invocation,
    /// Whether an HTTP Task tells its request and response, and if so, with what its connection added.
    pub trace: Option<bool>,
}

/// How it ended.
#[derive(Debug)]
pub struct LoneTaskDone {
    /// Its result, or its error's name and cause.
    pub result: Result<Payload, (Option<String>, Option<String>)>,
    /// `{request, response}` of an HTTP Task, where they were asked for and it came so far.
    pub http: Option<Value>,
}

impl Runtime {
    /// Runs a task as one of an execution would be run, and tells how it ended. What runs is not given up with the
    /// caller, like any task.
    pub async fn run_task(&self, task: LoneTask) -> LoneTaskDone {
        let shared = Arc::clone(self.shared());
        // No other task has this key: names of children and of callbacks are made of it.
        let key = ExecutionKey::new(&task.role_arn, &uuid::Uuid::new_v4().to_string());
        let trace = task.trace.map(|secrets| {
            let seen = Mutex::default();
            Arc::new(HttpTrace { secrets, seen })
        });
        let errand = Errand {
            key,
            account: task.account,
            region: task.region,
            role_arn: task.role_arn,
            ticket: shared.ticket(self.now()),
            sender: Vec::new(),
            trace: trace.clone(),
        };
        let pending = Pending::from(task.invocation);
        let Some(permit) = Permit::acquire(&shared, Arc::default()).await else {
            return LoneTaskDone::failed("The runtime has stopped.");
        };
        // A task of its own, so that a panic in a service is a failed task and no more.
        let mut call = JoinSet::new();
        call.spawn(async move { tasks::perform(&shared, &errand, &pending, permit).await });
        let end = call.join_next().await;
        let http = trace.and_then(|trace| {
            let mut seen = trace.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.take()
        });
        let done = match end {
            Some(Ok(TaskEnd::Succeeded(output))) => Ok(output),
            Some(Ok(TaskEnd::Failed(error))) => Err((Some(error.error), Some(error.cause))),
            Some(Ok(TaskEnd::Submitted { .. } | TaskEnd::Queued | TaskEnd::Unknown) | Err(_))
            | None => {
                return LoneTaskDone::failed("The service failed because of an internal error.");
            }
        };
        LoneTaskDone { result: done, http }
    }
}

impl LoneTaskDone {
    fn failed(cause: &str) -> Self {
        Self {
            result: Err((Some("States.TaskFailed".into()), Some(cause.into()))),
            http: None,
        }
    }
}
