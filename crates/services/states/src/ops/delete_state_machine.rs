use aws::{Answer, ApiError, Call};
use runtime::Runtime;

use crate::{error, input, name};

/// Deleting what is not there succeeds (recorded: sfn_api, test_delete_nonexistent_sm).
pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::unqualified(arn)?;
    runtime
        .delete_state_machine(arn)
        .await
        .map_err(error::api)?;
    Ok(Answer::default())
}
