use aws::{Answer, ApiError, Call};
use runtime::Runtime;
use serde_json::json;

use crate::{error, input, model, name};

pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "executionArn")?;
    name::execution(arn)?;
    let text = |member: &str| input::maybe(call, member).map(str::to_owned);
    let stopped = runtime
        .stop_execution(arn, text("error"), text("cause"))
        .await
        .map_err(error::api)?;
    Ok(Answer::json(json!({"stopDate": model::time(stopped)})))
}
