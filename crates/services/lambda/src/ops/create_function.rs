use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call};
use serde::Deserialize;

use super::settings::{apply, check_architectures, new_function, package};
use super::{named, versions};
use crate::model::{Code, Configuration, input};
use crate::names::LATEST;
use crate::{Lambda, error};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    code: Code,
    package_type: Option<String>,
    architectures: Option<Vec<String>>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(default)]
    publish: bool,
}

pub(crate) async fn run(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let given: Configuration = input(call.input.clone())?;
    let rest: Input = input(call.input.clone())?;
    if rest
        .package_type
        .as_deref()
        .is_some_and(|kind| kind != "Zip")
    {
        return Err(error::invalid_parameter(
            "Container images are not supported here; provide a deployment package as ZipFile or in S3.",
        ));
    }
    if given.runtime.is_none() || given.handler.as_ref().is_none_or(String::is_empty) {
        return Err(error::invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ));
    }
    if given.role.is_none() {
        return Err(error::constraint("null", "role", "Member must not be null"));
    }
    let (account, region, name) = (&reference.account, &reference.region, &reference.name);
    let exists = || error::conflict(format!("Function already exist: {name}"));
    if lambda
        .functions
        .get(account, region, name, LATEST)?
        .is_some()
    {
        return Err(exists());
    }
    let package = package(rest.code, &call, &lambda.registry).await?;

    let _alone = lambda.functions.changing.lock().await;
    let mut function = new_function(account, region, name, &package);
    apply(lambda, &mut function, given)?;
    if let Some(architectures) = rest.architectures {
        function.architectures = check_architectures(architectures)?;
    }
    function.tags = rest.tags.unwrap_or_default();
    if lambda
        .functions
        .get(account, region, name, LATEST)?
        .is_some()
    {
        return Err(exists());
    }
    lambda.keep_package(package).await?;
    let written = if rest.publish {
        versions::published(&mut function, None)
    } else {
        None
    };
    let output = match &written {
        Some(version) => version.configuration(true),
        None => function.configuration(false),
    };
    let all = written.into_iter().chain([function]).collect();
    lambda.functions.put(all).await?;
    Ok(Answer {
        output,
        ..Answer::default()
    })
}
