//! SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: who holds a task's token may tell its end.

use engine::{AttemptId, Failure, Input};
use tokio::sync::oneshot;

use crate::message::{Callback, Message};
use crate::{ExecutionKey, Runtime, RuntimeError};

impl Runtime {
    /// Ends a task well; `output` is JSON text.
    pub async fn send_task_success(&self, token: &str, output: &str) -> Result<(), RuntimeError> {
        // Recorded: a token that is none is told before an output that is none.
        parse(token)?;
        let output = asl::Payload::from_text(output)
            .map_err(|error| RuntimeError::InvalidOutput(error.to_string()))?;
        self.call_back(token, |attempt| Input::TaskSucceeded { attempt, output })
            .await
    }

    /// Ends a task badly.
    pub async fn send_task_failure(
        &self,
        token: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<(), RuntimeError> {
        self.call_back(token, |attempt| Input::TaskFailed {
            attempt,
            error,
            cause,
            failure: Failure::Failed,
        })
        .await
    }

    /// Says that the worker of a task is alive.
    pub async fn send_task_heartbeat(&self, token: &str) -> Result<(), RuntimeError> {
        self.call_back(token, |attempt| Input::TaskHeartbeat { attempt })
            .await
    }

    async fn call_back(
        &self,
        token: &str,
        input: impl FnOnce(AttemptId) -> Input,
    ) -> Result<(), RuntimeError> {
        let (key, attempt, nonce) = parse(token)?;
        let (answer, answered) = oneshot::channel();
        // Express executions have no callbacks, so that the token is of a Standard one.
        self.shared().standard().offer(
            key,
            Message::Callback(Box::new(Callback {
                key,
                attempt,
                nonce,
                input: input(attempt),
                answer,
            })),
        )?;
        answered.await.map_err(|_| RuntimeError::Stopped)?
    }
}

pub(crate) fn parse(token: &str) -> Result<(ExecutionKey, AttemptId, u128), RuntimeError> {
    let (prefix, attempt, nonce) =
        engine::parse_task_token(token).ok_or(RuntimeError::InvalidToken)?;
    let key = ExecutionKey::from_slice(&prefix).ok_or(RuntimeError::InvalidToken)?;
    Ok((key, attempt, nonce))
}
