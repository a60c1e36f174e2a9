use aws::{Answer, ApiError, Call};
use runtime::{CreateStateMachine, Runtime, StateMachineType};
use serde_json::json;

use crate::ExecutionLogs;
use crate::ops::tags;
use crate::{error, input, model, name, settings};

pub(crate) async fn run(
    runtime: &Runtime,
    logs: &ExecutionLogs,
    call: &Call,
) -> Result<Answer, ApiError> {
    let machine = input::text(call, "name")?;
    name::check(machine)?;
    let role_arn = input::text(call, "roleArn")?;
    name::check_role(role_arn)?;
    let kind = match input::maybe(call, "type") {
        Some("EXPRESS") => StateMachineType::Express,
        _ => StateMachineType::Standard,
    };
    let settings = settings::read(call)?;
    logs.check(settings.logging.as_ref(), machine).await?;
    let created = runtime
        .create_state_machine(CreateStateMachine {
            account: call.caller.account.to_string(),
            region: call.caller.region.to_string(),
            name: machine.into(),
            definition: input::text(call, "definition")?.into(),
            role_arn: role_arn.into(),
            kind,
            settings,
            tags: tags::read(call, "tags")?,
            publish: input::flag(call, "publish").unwrap_or(false),
            version_description: input::maybe(call, "versionDescription").map(str::to_owned),
        })
        .await
        .map_err(error::api)?;
    let mut answer = Answer::json(json!({
        "stateMachineArn": &*created.record.arn,
        "creationDate": model::time(created.record.created),
    }));
    model::set(
        &mut answer.output,
        "stateMachineVersionArn",
        created.version_arn(),
    );
    Ok(answer)
}
