use std::sync::Arc;

use asl::Payload;
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z, the resolution in which AWS tells time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

/// One try of a task; unique in its execution, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptId(pub u64);

/// One timer; unique in its execution, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerId(pub u64);

/// What a step is given: one input and all that is unpredictable.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What happened.
    pub input: Input,
    /// The only clock of the step.
    pub now: Timestamp,
    /// The only randomness of the step: UUIDs, `States.MathRandom`, jitter derive from it.
    pub entropy: [u8; 16],
    /// Those of the machine's activities that are not there: a task of one can't be scheduled.
    pub absent_activities: Vec<Arc<str>>,
}

/// What reaches the engine.
///
/// An input that names an attempt or a timer which is no longer awaited changes nothing.
#[derive(Clone, Debug)]
pub enum Input {
    /// The execution begins.
    Started,
    /// The last step spent its budget; go on.
    Continue,
    /// An activity worker took the task (`ActivityStarted`).
    TaskStarted {
        /// Which try.
        attempt: AttemptId,
        /// As the worker named itself.
        worker_name: Option<String>,
    },
    /// The service accepted a `.sync` or callback task and will be heard of later (`TaskSubmitted`).
    TaskSubmitted {
        /// Which try.
        attempt: AttemptId,
        /// What the service answered.
        output: Payload,
    },
    /// The task ended well.
    TaskSucceeded {
        /// Which try.
        attempt: AttemptId,
        /// Its result.
        output: Payload,
    },
    /// The task ended badly.
    TaskFailed {
        /// Which try.
        attempt: AttemptId,
        /// The error name that retriers and catchers see.
        error: Option<String>,
        /// What a person reads.
        cause: Option<String>,
        /// How it failed, which decides the history event.
        failure: Failure,
    },
    /// The worker is alive: its heartbeat clock starts anew. Writes no event.
    TaskHeartbeat {
        /// Which try.
        attempt: AttemptId,
    },
    /// The Map Run ended well.
    MapRunSucceeded {
        /// Which.
        attempt: AttemptId,
        /// What the Map state gives: the results, or where they were written.
        output: Payload,
    },
    /// The Map Run ended badly.
    MapRunFailed {
        /// Which.
        attempt: AttemptId,
        /// `States.ItemReaderFailed`, `States.ExceedToleratedFailureThreshold` and so on.
        error: Option<String>,
        /// What a person reads.
        cause: Option<String>,
    },
    /// A timer that was set is due.
    TimerFired {
        /// Which.
        timer: TimerId,
    },
    /// StopExecution.
    Stop {
        /// As the caller gave it.
        error: Option<String>,
        /// As the caller gave it.
        cause: Option<String>,
    },
    /// The runtime gives the execution up: a step on it failed twice.
    Abandon {
        /// For `States.Runtime`.
        cause: Arc<str>,
    },
}

/// How a task failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// While running: `TaskFailed`, `LambdaFunctionFailed`, `ActivityFailed`.
    Failed,
    /// Before anyone took it: `LambdaFunctionScheduleFailed`, `ActivityScheduleFailed`.
    ScheduleFailed,
    /// When it was started: `TaskStartFailed`, `LambdaFunctionStartFailed`.
    StartFailed,
    /// When it was handed to the service: `TaskSubmitFailed`.
    SubmitFailed,
    /// The service says that it took too long: `TaskTimedOut`, `LambdaFunctionTimedOut`.
    TimedOut,
}
