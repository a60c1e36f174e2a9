use std::sync::Arc;

use aws::{Answer, ApiError, Call, Members};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{batch_answer, done, entries, number, text};
use crate::message::{
    Attribute, Attributes, Message, attributes_of, check_characters, md5_of_attributes,
    md5_of_text, sequence_number, size,
};
use crate::queue::{Draft, Queue};
use crate::settings::Settings;
use crate::{Sqs, error};

/// AWS's quota on a batch: as much as on one message.
const BATCH_BYTES_MAX: usize = 1_048_576;

pub(crate) async fn one(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let draft = draft(&queue.settings(), call, &call.input)?;
    let mut answer = done();
    let sent = send(sqs, &queue, vec![draft]).await?;
    if let Some(Value::Object(output)) = sent.into_iter().next() {
        answer.output = output;
    }
    Ok(answer)
}

pub(crate) async fn batch(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let entries = entries(call)?;
    let settings = queue.settings();
    let drafts: Vec<_> = entries
        .iter()
        .map(|(id, entry)| (*id, draft(&settings, call, entry)))
        .collect();
    let bytes = entries.iter().map(|(_, entry)| bytes_of(entry)).sum();
    if bytes > BATCH_BYTES_MAX {
        return Err(error::batch_too_long(BATCH_BYTES_MAX, bytes));
    }
    let mut good = Vec::new();
    let mut outcomes = Vec::new();
    for (id, draft) in drafts {
        outcomes.push((id, draft.map(|draft| good.push(draft))));
    }
    let mut sent = send(sqs, &queue, good).await?.into_iter();
    let outcomes = outcomes
        .into_iter()
        .map(|(id, outcome)| {
            let outcome = outcome.map(|()| sent.next().expect("each good one was sent"));
            (id, outcome)
        })
        .collect();
    Ok(batch_answer(outcomes))
}

fn bytes_of(entry: &Members) -> usize {
    let body = text(entry, "MessageBody").unwrap_or_default();
    let attributes = attributes_of(entry, "MessageAttributes").unwrap_or_default();
    size(body, &attributes)
}

/// Sends, and says of each what AWS does.
async fn send(sqs: &Sqs, queue: &Arc<Queue>, drafts: Vec<Draft>) -> Result<Vec<Value>, ApiError> {
    let fifo = queue.settings().fifo;
    let digests: Vec<Value> = drafts.iter().map(|draft| digests(&draft.message)).collect();
    let sent = queue.send(drafts, sqs.now()).await?;
    let answers = sent
        .into_iter()
        .zip(digests)
        .map(|((seq, id), mut answer)| {
            answer["MessageId"] = id.into();
            if fifo {
                answer["SequenceNumber"] = sequence_number(seq).into();
            }
            answer
        });
    Ok(answers.collect())
}

fn digests(message: &Message) -> Value {
    let mut answer = json!({"MD5OfMessageBody": md5_of_text(&message.body)});
    if !message.attributes.is_empty() {
        answer["MD5OfMessageAttributes"] = md5_of_attributes(&message.attributes).into();
    }
    if let Some(trace) = &message.trace_header {
        let one = Attributes::from([(TRACE_HEADER.to_owned(), Attribute::of_text(trace))]);
        answer["MD5OfMessageSystemAttributes"] = md5_of_attributes(&one).into();
    }
    answer
}

/// A message as a request or an entry of a batch asks for it.
fn draft(settings: &Settings, call: &Call, input: &Members) -> Result<Draft, ApiError> {
    // Recorded: no body, or one of no text, is a missing one (error_handling, test_send_message_empty_body).
    let body = super::required(input, "MessageBody")?;
    check_characters(body)?;
    let attributes = attributes_of(input, "MessageAttributes")?;
    if size(body, &attributes) > settings.message_bytes_max {
        return Err(error::too_long(settings.message_bytes_max));
    }
    let group = identifier(input, "MessageGroupId")?;
    let given = identifier(input, "MessageDeduplicationId")?;
    let delay_seconds = delay(settings, input)?;
    let deduplication_id = if settings.fifo {
        if group.is_none() {
            return Err(error::missing("MessageGroupId"));
        }
        let by_content = || hex::encode(Sha256::digest(body));
        let id = given.or_else(|| settings.content_deduplication.then(by_content));
        Some(id.ok_or_else(|| {
            error::invalid_parameter(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            )
        })?)
    } else if let Some(given) = given {
        return Err(error::not_for_this_kind("MessageDeduplicationId", given));
    } else {
        None
    };
    let deduplication_key = deduplication_id.as_ref().map(|id| match &group {
        Some(group) if settings.deduplicates_in_group => format!("{group}\0{id}"),
        _ => id.clone(),
    });
    Ok(Draft {
        message: Message {
            id: uuid::Uuid::new_v4().to_string(),
            body: body.to_owned(),
            attributes,
            sender: sender(call),
            trace_header: trace_header(input)?,
            group,
            deduplication_id,
            dead_letter_source: None,
        },
        delay_seconds,
        deduplication_key,
    })
}

fn delay(settings: &Settings, input: &Members) -> Result<u32, ApiError> {
    let reason = "DelaySeconds must be >= 0 and <= 900.";
    let given = number(input, "DelaySeconds", 0, 900, reason)?;
    match given {
        Some(seconds) if settings.fifo && seconds > 0 => {
            Err(error::not_for_this_kind("DelaySeconds", seconds))
        }
        given => Ok(given
            .filter(|_| !settings.fifo)
            .unwrap_or(settings.delay_seconds)),
    }
}

/// A group's or deduplication's id: up to 128 letters, digits and signs.
fn identifier(input: &Members, name: &str) -> Result<Option<String>, ApiError> {
    let Some(id) = text(input, name) else {
        return Ok(None);
    };
    if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(id.to_owned()));
    }
    let reason = format!(
        "{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
    );
    Err(error::bad_value(name, id, &reason))
}

/// The one system attribute that a sender may set.
const TRACE_HEADER: &str = "AWSTraceHeader";

fn trace_header(input: &Members) -> Result<Option<String>, ApiError> {
    let given = input
        .get("MessageSystemAttributes")
        .and_then(Value::as_object);
    let mut header = None;
    for (name, value) in given.into_iter().flatten() {
        if name != TRACE_HEADER {
            return Err(error::invalid_parameter(format!(
                "Message system attribute name '{name}' is invalid."
            )));
        }
        let attribute = Attribute::read(name, value)?;
        let text = attribute.text().ok_or_else(|| {
            error::invalid_parameter(format!(
                "Message system attribute '{name}' must be of type 'String'."
            ))
        })?;
        header = Some(text.to_owned());
    }
    Ok(header)
}

/// DIVERGENCE: AWS tells the id of the user or role that sent; here a message says the name in the sender's ARN, and the
/// account's number for its root.
fn sender(call: &Call) -> String {
    match call.caller.arn.rsplit_once('/') {
        Some((_, name)) => name.to_owned(),
        None => call.caller.account.to_string(),
    }
}
