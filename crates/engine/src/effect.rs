use std::sync::Arc;

use asl::Payload;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, HistoryEvent, MapRunPlan, TimerId, Timestamp};

/// What one step did.
#[derive(Debug, Default)]
pub struct Step {
    /// New history events, ids ascending without a gap.
    pub history: Vec<HistoryEvent>,
    /// What is asked of the world, to be done only when this step is durable.
    pub effects: Vec<Effect>,
    /// The budget is spent while there is more to do: commit, then give [`crate::Input::Continue`].
    pub unfinished: bool,
}

/// What the engine asks for. Delivery is at least once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Effect {
    /// Run a task.
    Invoke(Box<Invocation>),
    /// Run a Distributed Map's items.
    StartMapRun(Box<MapRunPlan>),
    /// Nobody awaits this attempt any more: neither a task nor a Map Run.
    CancelInvoke {
        /// Which try.
        attempt: AttemptId,
    },
    /// Give [`crate::Input::TimerFired`] at that instant or later.
    SetTimer {
        /// Its name.
        timer: TimerId,
        /// When it is due.
        at: Timestamp,
    },
    /// The timer is no longer awaited.
    ClearTimer {
        /// Its name.
        timer: TimerId,
    },
    /// The execution has ended.
    Finished(Outcome),
}

/// A task to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invocation {
    /// This try.
    pub attempt: AttemptId,
    /// The state's `Resource`, as written in the definition.
    pub resource: Arc<str>,
    /// The effective input: after InputPath and Parameters, or Arguments.
    pub parameters: Payload,
    /// `Credentials.RoleArn`.
    pub role_arn: Option<String>,
    /// For callback tasks: the nonce of the task token, drawn from the step's entropy.
    pub nonce: u128,
    /// The name of the state, for logs and for `AWS_STEP_FUNCTIONS_…`.
    pub state: Arc<str>,
    /// `TimeoutSeconds`, where the state has one.
    pub timeout_seconds: Option<u64>,
    /// `HeartbeatSeconds`, where the state has one.
    pub heartbeat_seconds: Option<u64>,
}

/// How an execution ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// `SUCCEEDED`
    Succeeded {
        /// The last state's output.
        output: Payload,
    },
    /// `FAILED`
    Failed {
        /// The error's name.
        error: Option<String>,
        /// What a person reads.
        cause: Option<String>,
    },
    /// `TIMED_OUT`
    TimedOut {
        /// `States.Timeout`.
        error: Option<String>,
        /// Mostly none.
        cause: Option<String>,
    },
    /// `ABORTED`
    Aborted {
        /// As the caller of StopExecution gave it.
        error: Option<String>,
        /// As the caller of StopExecution gave it.
        cause: Option<String>,
    },
}
