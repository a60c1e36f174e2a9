use std::sync::Arc;

use asl::Payload;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One event of an execution's history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// From 1, without a gap.
    pub id: u64,
    /// The causal parent; 0 for the first event and for the first state entered.
    pub previous_event_id: u64,
    /// When the step ran.
    pub timestamp: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What happened, by AWS's names; the variants' fields are the members of the details structure (step-functions.md
/// 1.5). Payload members carry their `…Details{truncated: false}` on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are AWS's own; the API reference says what each means"
)]
pub enum Event {
    ExecutionStarted {
        input: Payload,
        role_arn: Arc<str>,
        state_machine_alias_arn: Option<Arc<str>>,
        state_machine_version_arn: Option<Arc<str>>,
    },
    ExecutionSucceeded {
        output: Payload,
    },
    ExecutionFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    ExecutionTimedOut {
        error: Option<String>,
        cause: Option<String>,
    },
    ExecutionAborted {
        error: Option<String>,
        cause: Option<String>,
    },
    /// `PassStateEntered` … `MapStateEntered`.
    StateEntered {
        state_type: StateType,
        name: Arc<str>,
        input: Payload,
    },
    /// `PassStateExited` …; `assigned_variables` where the state assigned any.
    StateExited {
        state_type: StateType,
        name: Arc<str>,
        output: Payload,
        assigned_variables: Vec<(Arc<str>, Payload)>,
    },
    LambdaFunctionScheduled {
        resource: Arc<str>,
        input: Payload,
        timeout_in_seconds: Option<u64>,
        task_credentials: Option<String>,
    },
    LambdaFunctionScheduleFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    LambdaFunctionStarted,
    LambdaFunctionStartFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    LambdaFunctionSucceeded {
        output: Payload,
    },
    LambdaFunctionFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    LambdaFunctionTimedOut {
        error: Option<String>,
        cause: Option<String>,
    },
    ActivityScheduled {
        resource: Arc<str>,
        input: Payload,
        timeout_in_seconds: Option<u64>,
        heartbeat_in_seconds: Option<u64>,
    },
    ActivityScheduleFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    ActivityStarted {
        worker_name: Option<String>,
    },
    ActivitySucceeded {
        output: Payload,
    },
    ActivityFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    ActivityTimedOut {
        error: Option<String>,
        cause: Option<String>,
    },
    TaskScheduled {
        resource_type: Arc<str>,
        resource: Arc<str>,
        region: Arc<str>,
        parameters: Payload,
        timeout_in_seconds: Option<u64>,
        heartbeat_in_seconds: Option<u64>,
        task_credentials: Option<String>,
    },
    TaskStarted {
        resource_type: Arc<str>,
        resource: Arc<str>,
    },
    TaskStartFailed {
        resource_type: Arc<str>,
        resource: Arc<str>,
        error: Option<String>,
        cause: Option<String>,
    },
    TaskSubmitted {
        resource_type: Arc<str>,
        resource: Arc<str>,
        output: Payload,
    },
    TaskSubmitFailed {
        resource_type: Arc<str>,
        resource: Arc<str>,
        error: Option<String>,
        cause: Option<String>,
    },
    TaskSucceeded {
        resource_type: Arc<str>,
        resource: Arc<str>,
        output: Payload,
    },
    TaskFailed {
        resource_type: Arc<str>,
        resource: Arc<str>,
        error: Option<String>,
        cause: Option<String>,
    },
    TaskTimedOut {
        resource_type: Arc<str>,
        resource: Arc<str>,
        error: Option<String>,
        cause: Option<String>,
    },
    TaskStateAborted,
    WaitStateAborted,
    ParallelStateStarted,
    ParallelStateSucceeded,
    ParallelStateFailed,
    ParallelStateAborted,
    MapStateStarted {
        length: u64,
    },
    MapStateSucceeded,
    MapStateFailed,
    MapStateAborted,
    MapIterationStarted {
        name: Arc<str>,
        index: u64,
    },
    MapIterationSucceeded {
        name: Arc<str>,
        index: u64,
    },
    MapIterationFailed {
        name: Arc<str>,
        index: u64,
    },
    MapIterationAborted {
        name: Arc<str>,
        index: u64,
    },
    MapRunStarted {
        map_run_arn: Arc<str>,
    },
    MapRunSucceeded,
    MapRunFailed {
        error: Option<String>,
        cause: Option<String>,
    },
    MapRunAborted,
    EvaluationFailed {
        error: Option<String>,
        cause: Option<String>,
        location: Option<String>,
        state: Arc<str>,
    },
}

impl Event {
    /// The bytes of its payloads, which are what weighs in it.
    pub(crate) fn payload_bytes(&self) -> usize {
        match self {
            Self::ExecutionStarted { input: payload, .. }
            | Self::ExecutionSucceeded { output: payload }
            | Self::StateEntered { input: payload, .. }
            | Self::LambdaFunctionScheduled { input: payload, .. }
            | Self::LambdaFunctionSucceeded { output: payload }
            | Self::ActivityScheduled { input: payload, .. }
            | Self::ActivitySucceeded { output: payload }
            | Self::TaskScheduled {
                parameters: payload,
                ..
            }
            | Self::TaskSubmitted {
                output: payload, ..
            }
            | Self::TaskSucceeded {
                output: payload, ..
            } => payload.text_bytes(),
            Self::StateExited {
                output,
                assigned_variables,
                ..
            } => {
                let assigned = assigned_variables
                    .iter()
                    .map(|(_, value)| value.text_bytes());
                output.text_bytes() + assigned.sum::<usize>()
            }
            Self::ExecutionFailed { error, cause }
            | Self::ExecutionTimedOut { error, cause }
            | Self::ExecutionAborted { error, cause }
            | Self::LambdaFunctionScheduleFailed { error, cause }
            | Self::LambdaFunctionStartFailed { error, cause }
            | Self::LambdaFunctionFailed { error, cause }
            | Self::LambdaFunctionTimedOut { error, cause }
            | Self::ActivityScheduleFailed { error, cause }
            | Self::ActivityFailed { error, cause }
            | Self::ActivityTimedOut { error, cause }
            | Self::TaskStartFailed { error, cause, .. }
            | Self::TaskSubmitFailed { error, cause, .. }
            | Self::TaskFailed { error, cause, .. }
            | Self::TaskTimedOut { error, cause, .. }
            | Self::MapRunFailed { error, cause }
            | Self::EvaluationFailed { error, cause, .. } => {
                error.as_ref().map_or(0, String::len) + cause.as_ref().map_or(0, String::len)
            }
            Self::LambdaFunctionStarted
            | Self::ActivityStarted { .. }
            | Self::TaskStarted { .. }
            | Self::TaskStateAborted
            | Self::WaitStateAborted
            | Self::ParallelStateStarted
            | Self::ParallelStateSucceeded
            | Self::ParallelStateFailed
            | Self::ParallelStateAborted
            | Self::MapStateStarted { .. }
            | Self::MapStateSucceeded
            | Self::MapStateFailed
            | Self::MapStateAborted
            | Self::MapIterationStarted { .. }
            | Self::MapIterationSucceeded { .. }
            | Self::MapIterationFailed { .. }
            | Self::MapIterationAborted { .. }
            | Self::MapRunStarted { .. }
            | Self::MapRunSucceeded
            | Self::MapRunAborted => 0,
        }
    }
}

/// The `Type` of a state, in the names of entered and exited events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are ASL's own")]
pub enum StateType {
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}
