use std::sync::Arc;

use asl::Payload;
use asl::machine::ScopeId;
use engine::{AttemptId, Input, Outcome, Timestamp};
use store::Batch;
use tokio::sync::oneshot;

use crate::mocks::TestCase;
use crate::tables::executions::ExecutionRecord;
use crate::tables::map_runs::MapRunId;
use crate::{ExecutionKey, Revision, RuntimeError};

/// Told when an execution has ended and the end is durable; none if there is no such execution.
pub(crate) type Ended = oneshot::Sender<Option<Arc<Finished>>>;

/// How an execution ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The execution, with its end.
    pub record: ExecutionRecord,
    /// Its outcome, with the output.
    pub outcome: Outcome,
}

type Answer<T> = oneshot::Sender<Result<T, RuntimeError>>;

/// What a worker is given.
pub(crate) enum Message {
    Start(Box<Start>),
    /// What happened to a running execution.
    Input {
        key: ExecutionKey,
        input: Input,
    },
    /// A service accepted a task whose end is told later: by a callback, or by whoever watches it.
    Submitted {
        key: ExecutionKey,
        attempt: AttemptId,
        output: Payload,
        watched: bool,
    },
    /// A worker wants this task of an activity; the answer is the nonce of its token, or none if nobody awaits it.
    Take {
        key: ExecutionKey,
        attempt: AttemptId,
        worker_name: Option<String>,
        answer: Answer<Option<u128>>,
    },
    Callback(Box<Callback>),
    Stop {
        key: ExecutionKey,
        arn: String,
        error: Option<String>,
        cause: Option<String>,
        answer: Answer<Timestamp>,
    },
    /// A Map Run has ended; the input tells its execution how.
    MapRunEnded {
        id: MapRunId,
        key: ExecutionKey,
        input: Input,
    },
    /// Rows of an execution that ended long ago are to go, if it is still that one.
    Erase {
        key: ExecutionKey,
        ticket: u64,
        rows: Batch,
        answer: Answer<()>,
    },
    /// Someone wants to know how it ends.
    Await {
        key: ExecutionKey,
        ended: Ended,
    },
}

impl Message {
    /// Stops an execution without a reason: nobody waits for it any more.
    pub(crate) fn stop(key: ExecutionKey, arn: String, answer: Answer<Timestamp>) -> Self {
        Self::Stop {
            key,
            arn,
            error: None,
            cause: None,
            answer,
        }
    }
}

pub(crate) struct Start {
    pub(crate) key: ExecutionKey,
    pub(crate) record: ExecutionRecord,
    pub(crate) machine: Arc<asl::StateMachine>,
    pub(crate) machine_name: Arc<str>,
    pub(crate) revision: Arc<Revision>,
    pub(crate) region: Arc<str>,
    pub(crate) input: Payload,
    /// What answers in place of services.
    pub(crate) test_case: Option<Arc<TestCase>>,
    /// Which workflow of the definition it runs.
    pub(crate) scope: ScopeId,
    /// Whether the caller waits for the end.
    pub(crate) synchronous: bool,
    pub(crate) ended: Option<Ended>,
    pub(crate) answer: Answer<Started>,
}

/// StartExecution's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// `executionArn`
    pub arn: Arc<str>,
    /// `startDate`
    pub start: Timestamp,
}

pub(crate) struct Callback {
    pub(crate) key: ExecutionKey,
    pub(crate) attempt: AttemptId,
    pub(crate) nonce: u128,
    pub(crate) input: Input,
    pub(crate) answer: Answer<()>,
}
