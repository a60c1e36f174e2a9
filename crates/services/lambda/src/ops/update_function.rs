use aws::{Answer, ApiError, Call};
use serde::Deserialize;

use super::settings::{apply, check_architectures, package};
use super::{check_revision, named, unqualified, versions};
use crate::Lambda;
use crate::model::{Code, Configuration, input};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CodeInput {
    architectures: Option<Vec<String>>,
    revision_id: Option<String>,
    #[serde(default)]
    publish: bool,
    #[serde(default)]
    dry_run: bool,
}

/// UpdateFunctionCode.
pub(crate) async fn code(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let source: Code = input(call.input.clone())?;
    let rest: CodeInput = input(call.input.clone())?;
    unqualified(lambda, &reference)?;
    let package = package(source, &call, &lambda.registry).await?;

    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    check_revision(&function, rest.revision_id.as_deref())?;
    let before = std::mem::replace(&mut function.code_sha256, package.sha256.clone());
    function.code_bytes = package.zip.len() as u64;
    if let Some(architectures) = rest.architectures {
        function.architectures = check_architectures(architectures)?;
    }
    function.touch_work();
    if rest.dry_run {
        return Ok(Answer {
            output: function.configuration(false),
            ..Answer::default()
        });
    }
    lambda.keep_package(package).await?;
    let version = if rest.publish {
        versions::published(&mut function, None)
    } else {
        None
    };
    let output = match &version {
        Some(version) => version.configuration(true),
        None => function.configuration(false),
    };
    let all = version.into_iter().chain([function]).collect();
    for replaced in lambda.functions.put(all).await? {
        lambda.host.retire(&replaced);
    }
    lambda.drop_package(&before)?;
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

/// UpdateFunctionConfiguration.
pub(crate) async fn configuration(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let revision_id = call
        .input
        .get("RevisionId")
        .and_then(|value| value.as_str())
        .map(str::to_owned);
    let given: Configuration = input(call.input)?;

    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    check_revision(&function, revision_id.as_deref())?;
    apply(lambda, &mut function, given)?;
    function.touch_work();
    let output = function.configuration(false);
    for replaced in lambda.functions.put(vec![function]).await? {
        lambda.host.retire(&replaced);
    }
    Ok(Answer {
        output,
        ..Answer::default()
    })
}
