use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call};
use serde::Deserialize;
use serde_json::json;

use super::unqualified;
use crate::model::input;
use crate::names::FunctionRef;
use crate::{Lambda, error};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    resource: String,
    tags: Option<BTreeMap<String, String>>,
    tag_keys: Option<Vec<String>>,
}

/// AWS's quota of tags on a resource.
const TAGS_MAX: usize = 50;

/// ListTags.
pub(crate) fn list(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let (_, reference) = read(call)?;
    let function = unqualified(lambda, &reference)?;
    Ok(Answer::json(json!({ "Tags": function.tags })))
}

/// TagResource.
pub(crate) async fn tag(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let (input, reference) = read(call)?;
    change(lambda, &reference, |tags| {
        tags.extend(input.tags.unwrap_or_default());
    })
    .await
}

/// UntagResource.
pub(crate) async fn untag(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let (input, reference) = read(call)?;
    change(lambda, &reference, |tags| {
        for key in input.tag_keys.iter().flatten() {
            tags.remove(key);
        }
    })
    .await
}

fn read(call: Call) -> Result<(Input, FunctionRef), ApiError> {
    let input: Input = input(call.input)?;
    let reference = FunctionRef::parse(&input.resource, None, &call.caller)?;
    if reference.qualifier.is_some() {
        return Err(error::invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        ));
    }
    Ok((input, reference))
}

async fn change(
    lambda: &Lambda,
    reference: &FunctionRef,
    edit: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<Answer, ApiError> {
    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, reference)?;
    edit(&mut function.tags);
    if function.tags.len() > TAGS_MAX {
        return Err(error::invalid_parameter(format!(
            "The number of tags exceeds the limit of {TAGS_MAX}."
        )));
    }
    lambda.functions.put(vec![function]).await?;
    Ok(Answer {
        status: Some(204),
        ..Answer::default()
    })
}
