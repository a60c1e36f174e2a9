use std::collections::BTreeMap;

use aws::{Answer, ApiError, Call};
use serde_json::json;

use super::{done, text_map, texts};
use crate::settings::Row;
use crate::{Sqs, error};

/// AWS's quotas on tags.
const TAGS_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() > TAGS_MAX {
        return Err(error::invalid_parameter(format!(
            "Too many tags added. The maximum number of tags is {TAGS_MAX}."
        )));
    }
    for (key, value) in tags {
        if !(1..=KEY_CHARS_MAX).contains(&key.chars().count()) {
            return Err(error::invalid_parameter(format!(
                "Tag keys must be between 1 and {KEY_CHARS_MAX} characters in length."
            )));
        }
        if value.chars().count() > VALUE_CHARS_MAX {
            return Err(error::invalid_parameter(format!(
                "Tag values must be between 0 and {VALUE_CHARS_MAX} characters in length."
            )));
        }
    }
    Ok(())
}

pub(crate) async fn tag(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let given = text_map(&call.input, "Tags");
    if given.is_empty() {
        return Err(error::missing("Tags"));
    }
    change(sqs, call, |row| {
        row.tags.extend(given);
        check(&row.tags)
    })
    .await
}

pub(crate) async fn untag(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let keys = texts(&call.input, "TagKeys");
    if keys.is_empty() {
        return Err(error::invalid_parameter("Tag keys can't be empty."));
    }
    change(sqs, call, |row| {
        row.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(())
    })
    .await
}

async fn change(
    sqs: &Sqs,
    call: &Call,
    apply: impl FnOnce(&mut Row) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let _changing = sqs.queues.changing.lock().await;
    let queue = sqs.named(call)?;
    let mut row = queue.settings().row.clone();
    apply(&mut row)?;
    sqs.queues.put(&queue.name, row, sqs.now()).await?;
    Ok(done())
}

pub(crate) fn list(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let settings = queue.settings();
    if settings.row.tags.is_empty() {
        return Ok(done());
    }
    Ok(Answer::json(json!({"Tags": settings.row.tags})))
}
