use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{done, queues::check_redrive, text_map, texts};
use crate::index::Timestamp;
use crate::queue::Queue;
use crate::settings::{self, Settings, TOLD};
use crate::{Sqs, error};

pub(crate) fn get(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let asked = texts(&call.input, "AttributeNames");
    let all: Vec<&str> = Settings::names().chain(TOLD).collect();
    if let Some(unknown) = asked
        .iter()
        .find(|name| **name != "All" && !all.contains(name))
    {
        return Err(error::unknown_attribute(unknown));
    }
    let names = if asked.contains(&"All") { all } else { asked };
    let attributes: serde_json::Map<String, Value> = names
        .into_iter()
        .filter_map(|name| Some((name, value(&queue, name, sqs.now()).transpose()?)))
        .map(|(name, value)| Ok((name.to_owned(), value?.into())))
        .collect::<Result<_, ApiError>>()?;
    if attributes.is_empty() {
        return Ok(done());
    }
    Ok(Answer::json(json!({"Attributes": attributes})))
}

fn value(queue: &Queue, name: &str, now: Timestamp) -> Result<Option<String>, ApiError> {
    let settings = queue.settings();
    let seconds = |at: Timestamp| (at.0 / 1000).to_string();
    Ok(match name {
        "ApproximateNumberOfMessages" => Some(queue.counts(now)?.visible.to_string()),
        "ApproximateNumberOfMessagesDelayed" => Some(queue.counts(now)?.delayed.to_string()),
        "ApproximateNumberOfMessagesNotVisible" => Some(queue.counts(now)?.in_flight.to_string()),
        "CreatedTimestamp" => Some(seconds(settings.row.created)),
        "LastModifiedTimestamp" => Some(seconds(settings.row.modified)),
        "QueueArn" => Some(queue.name.arn()),
        name => settings.attribute(name),
    })
}

pub(crate) async fn set(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let given = text_map(&call.input, "Attributes");
    if given.is_empty() {
        return Err(error::missing("Attribute.Name"));
    }
    let _changing = sqs.queues.changing.lock().await;
    let queue = sqs.named(call)?;
    let mut row = queue.settings().row.clone();
    settings::set(&mut row.attributes, &given, queue.settings().fifo)?;
    if given.contains_key("RedrivePolicy") {
        check_redrive(sqs, &row, queue.settings().fifo)?;
    }
    row.modified = sqs.now();
    sqs.queues.put(&queue.name, row, sqs.now()).await?;
    Ok(done())
}
