use std::sync::Arc;

use asl::Payload;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, ImageError, Limits, Outcome, TimerId, Timestamp};

/// What an execution is born with and keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// The execution's ARN: `$$.Execution.Id`.
    pub arn: Arc<str>,
    /// `$$.Execution.Name`
    pub name: Arc<str>,
    /// The unqualified ARN: `$$.StateMachine.Id`.
    pub state_machine_arn: Arc<str>,
    /// `$$.StateMachine.Name`
    pub state_machine_name: Arc<str>,
    /// `$$.Execution.RoleArn`
    pub role_arn: Arc<str>,
    /// Of `TaskScheduled`.
    pub region: Arc<str>,
    /// What StartExecution was given, its text as it was sent.
    pub input: Payload,
    /// `$$.Execution.StartTime`
    pub start: Timestamp,
    /// Where it was started through an alias.
    pub state_machine_alias_arn: Option<Arc<str>>,
    /// Where it was started through an alias or a version.
    pub state_machine_version_arn: Option<Arc<str>>,
    /// Its type is EXPRESS.
    pub express: bool,
    /// What task tokens begin with, see [`crate::task_token`].
    pub token_prefix: Vec<u8>,
}

/// One execution: a value that [`crate::step`] moves and that survives as its [`Changes`].
#[derive(Debug)]
pub struct Execution {
    seed: Seed,
    limits: Limits,
    outcome: Option<Outcome>,
    last_event_id: u64,
}

/// The name of a row, unique in its execution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(pub Vec<u8>);

/// What must reach the disk for the execution to be what it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The execution's own small row, if it changed.
    pub head: Option<Vec<u8>>,
    /// Rows that are new or changed, and those that are gone.
    pub rows: Vec<(RowKey, Option<Vec<u8>>)>,
}

impl Execution {
    /// An execution that has not begun: give it [`crate::Input::Started`].
    pub fn new(seed: Seed, limits: Limits) -> Self {
        Self {
            seed,
            limits,
            outcome: None,
            last_event_id: 0,
        }
    }

    /// The execution whose changes were written as `head` and `rows`; a row may come in any order, and the limits may
    /// be others than it had.
    ///
    /// # Errors
    /// If the rows are not those of an execution, or of a version that this one does not know.
    pub fn restore(
        _head: &[u8],
        _rows: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
        _limits: Limits,
    ) -> Result<Self, ImageError> {
        Err(ImageError::Corrupt("not written yet"))
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        Changes::default()
    }

    /// What it was born with.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// How it ended; none while it runs.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The id of the newest history event, which is also their number.
    pub fn last_event_id(&self) -> u64 {
        self.last_event_id
    }

    /// Whether [`crate::Input::Continue`] would do something: the last step was unfinished, also after a restore.
    pub fn is_unfinished(&self) -> bool {
        false
    }

    /// Whether a result of this attempt would still be heard.
    pub fn awaits(&self, attempt: AttemptId) -> bool {
        self.attempt_nonce(attempt).is_some()
    }

    /// Whether this timer is still set.
    pub fn awaits_timer(&self, _timer: TimerId) -> bool {
        false
    }

    /// The nonce in the task token of an awaited attempt.
    pub fn attempt_nonce(&self, _attempt: AttemptId) -> Option<u128> {
        let _ = &self.limits;
        None
    }
}
