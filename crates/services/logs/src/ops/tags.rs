use aws::{Answer, ApiError, Call};
use serde_json::json;

use super::groups::change_named;
use super::{group_of, named_group, text, text_map, texts};
use crate::error::{invalid, no_group};
use crate::model::{Group, Zone};
use crate::storage::Storage;

/// AWS's quota for each resource.
const TAGS_MAX: usize = 50;

/// The group that `resourceArn` or, in the older operations, `logGroupName` names.
fn tagged(storage: &Storage, call: &Call) -> Result<(Zone, Group), ApiError> {
    let Some(arn) = text(&call.input, "resourceArn") else {
        return group_of(storage, call);
    };
    if !arn.contains(":log-group:") {
        return Err(invalid("The specified resource ARN is invalid."));
    }
    let (zone, name) = named_group(call, arn);
    let group = storage.group(&zone, &name)?.ok_or_else(no_group)?;
    Ok((zone, group))
}

pub(crate) fn list(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (_, group) = tagged(storage, call)?;
    Ok(Answer::json(json!({"tags": group.tags})))
}

pub(crate) async fn tag(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (zone, group) = tagged(storage, call)?;
    let tags = text_map(&call.input, "tags");
    let mut all = group.tags;
    all.extend(tags.clone());
    if all.len() > TAGS_MAX {
        return Err(ApiError::new(
            "TooManyTagsException",
            format!("A log group can have no more than {TAGS_MAX} tags."),
        )
        .with("resourceName", group.name));
    }
    change_named(storage, &zone, &group.name, |group| {
        group.tags.extend(tags);
    })
    .await?;
    Ok(Answer::default())
}

pub(crate) async fn untag(storage: &Storage, call: &Call) -> Result<Answer, ApiError> {
    let (zone, group) = tagged(storage, call)?;
    let keys = [texts(&call.input, "tagKeys"), texts(&call.input, "tags")].concat();
    change_named(storage, &zone, &group.name, |group| {
        group.tags.retain(|key, _| !keys.contains(&key.as_str()));
    })
    .await?;
    Ok(Answer::default())
}
