use aws::{Answer, ApiError, Call};
use runtime::{Runtime, UpdateStateMachine};
use serde_json::json;

use crate::ExecutionLogs;
use crate::{error, input, model, name, settings};

pub(crate) async fn run(
    runtime: &Runtime,
    logs: &ExecutionLogs,
    call: &Call,
) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    name::unqualified(arn)?;
    let role_arn = input::maybe(call, "roleArn");
    if let Some(role_arn) = role_arn {
        name::check_role(role_arn)?;
    }
    let settings = settings::read(call)?;
    let machine_name = arn.rsplit(':').next().unwrap_or_default();
    logs.check(settings.logging.as_ref(), machine_name).await?;
    let updated = runtime
        .update_state_machine(UpdateStateMachine {
            arn: arn.into(),
            definition: input::maybe(call, "definition").map(str::to_owned),
            role_arn: role_arn.map(str::to_owned),
            settings,
            publish: input::flag(call, "publish").unwrap_or(false),
            version_description: input::maybe(call, "versionDescription").map(str::to_owned),
        })
        .await
        .map_err(error::api)?;
    let mut answer = Answer::json(json!({"updateDate": model::time(updated.revision.updated)}));
    model::set(
        &mut answer.output,
        "revisionId",
        updated.revision.id.as_deref(),
    );
    model::set(
        &mut answer.output,
        "stateMachineVersionArn",
        updated.version_arn(),
    );
    Ok(answer)
}
