//! Activities: their records, and the tasks that workers ask for.

use aws::{Answer, ApiError, Call};
use runtime::{Activity, Runtime};
use serde_json::{Value, json};

use crate::ops::tags;
use crate::{error, input, model, name, page, settings};

const LIST: &str = "ListActivities";

pub(crate) async fn create(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let activity = input::text(call, "name")?;
    name::check(activity)?;
    let (account, region) = (&call.caller.account, &call.caller.region);
    let tags = tags::read(call, "tags")?;
    let created = runtime
        .create_activity(account, region, activity, tags, settings::encryption(call)?)
        .await
        .map_err(error::api)?;
    Ok(Answer::json(json!({
        "activityArn": &*created.arn,
        "creationDate": model::time(created.created),
    })))
}

pub(crate) fn describe(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "activityArn")?;
    name::activity(arn)?;
    let activity = runtime.describe_activity(arn).map_err(error::api)?;
    let mut item = listed(&activity);
    item["encryptionConfiguration"] = activity
        .encryption
        .unwrap_or_else(|| json!({"type": "AWS_OWNED_KEY"}));
    Ok(Answer::json(item))
}

pub(crate) async fn delete(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "activityArn")?;
    name::activity(arn)?;
    runtime.delete_activity(arn).await.map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) fn list(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let size = input::page_size(call);
    let after = page::read(call, LIST)?;
    let (account, region) = (&call.caller.account, &call.caller.region);
    // One more than asked for tells whether there is a next page.
    let mut found = runtime
        .list_activities(account, region, after.as_deref(), size + 1)
        .map_err(error::api)?;
    let more = found.len() > size;
    found.truncate(size);
    let token = found
        .last()
        .filter(|_| more)
        .map(|last| page::write(LIST, &last.name));
    let activities: Vec<Value> = found.iter().map(listed).collect();
    let mut answer = Answer::json(json!({"activities": activities}));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}

/// A long poll: no task within a minute is an answer without a token (API reference, GetActivityTask).
pub(crate) async fn task(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "activityArn")?;
    name::activity(arn)?;
    let worker = input::maybe(call, "workerName").map(str::to_owned);
    let task = runtime
        .get_activity_task(arn, worker)
        .await
        .map_err(error::api)?;
    Ok(Answer::json(match task {
        Some(task) => json!({"taskToken": task.token, "input": task.input.text().as_ref()}),
        None => json!({}),
    }))
}

fn listed(activity: &Activity) -> Value {
    json!({
        "activityArn": &*activity.arn,
        "name": &*activity.name,
        "creationDate": model::time(activity.created),
    })
}
