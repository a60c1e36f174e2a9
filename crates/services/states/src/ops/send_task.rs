//! SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: a worker tells of a task by its token.

use aws::{Answer, ApiError, Call};
use runtime::Runtime;

use crate::{error, input};

pub(crate) async fn success(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let (token, output) = (
        input::text(call, "taskToken")?,
        input::text(call, "output")?,
    );
    runtime
        .send_task_success(token, output)
        .await
        .map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) async fn failure(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let text = |member: &str| input::maybe(call, member).map(str::to_owned);
    let token = input::text(call, "taskToken")?;
    runtime
        .send_task_failure(token, text("error"), text("cause"))
        .await
        .map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) async fn heartbeat(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    runtime
        .send_task_heartbeat(input::text(call, "taskToken")?)
        .await
        .map_err(error::api)?;
    Ok(Answer::default())
}
