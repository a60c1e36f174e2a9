use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{done, page, required, text, text_map};
use crate::name::QueueName;
use crate::settings::{self, Redrive, Row, Settings};
use crate::{Sqs, error};

pub(crate) async fn create(sqs: &Sqs, call: &Call, base_url: &str) -> Result<Answer, ApiError> {
    let input = &call.input;
    let name = required(input, "QueueName")?;
    let given = text_map(input, "Attributes");
    let fifo = given.get("FifoQueue").is_some_and(|value| value == "true");
    let name = QueueName::new(&call.caller.account, &call.caller.region, name);
    name.check(fifo)?;
    let mut row = Row {
        tags: text_map(input, "tags"),
        ..Row::default()
    };
    settings::set(&mut row.attributes, &given, fifo)?;
    super::tags::check(&row.tags)?;
    let _changing = sqs.queues.changing.lock().await;
    let now = sqs.now();
    match sqs.queues.find(&name, now)? {
        Some(existing) => {
            let existing = existing.settings();
            // Attributes that the request leaves out are not compared.
            let differs = given
                .iter()
                .find(|(attribute, value)| existing.attribute(attribute).as_ref() != Some(value));
            if let Some((attribute, _)) = differs {
                return Err(error::exists(attribute));
            }
        }
        None => {
            check_redrive(sqs, &row, fifo)?;
            (row.created, row.modified) = (now, now);
            sqs.queues.put(&name, row, now).await?;
        }
    }
    Ok(Answer::json(json!({"QueueUrl": name.url(base_url)})))
}

/// A dead-letter queue must be there, and of the same kind.
pub(crate) fn check_redrive(sqs: &Sqs, row: &Row, fifo: bool) -> Result<(), ApiError> {
    let Some(policy) = row.attributes.get("RedrivePolicy") else {
        return Ok(());
    };
    let redrive = Redrive::read(policy)?;
    let reason = match sqs.queues.find(&redrive.target, sqs.now())? {
        None => "Dead letter target does not exist.",
        Some(target) if target.settings().fifo != fifo => {
            "Dead-letter queue must be same type of queue as the source."
        }
        Some(_) => return Ok(()),
    };
    Err(error::bad_value("RedrivePolicy", policy, reason))
}

pub(crate) fn url(sqs: &Sqs, call: &Call, base_url: &str) -> Result<Answer, ApiError> {
    let name = required(&call.input, "QueueName")?;
    let account = text(&call.input, "QueueOwnerAWSAccountId").unwrap_or(&call.caller.account);
    let name = QueueName::new(account, &call.caller.region, name);
    sqs.queues.get(&name, sqs.now())?;
    Ok(Answer::json(json!({"QueueUrl": name.url(base_url)})))
}

pub(crate) fn list(sqs: &Sqs, call: &Call, base_url: &str) -> Result<Answer, ApiError> {
    let prefix = text(&call.input, "QueueNamePrefix").unwrap_or_default();
    let queues = sqs
        .queues
        .list(&call.caller.account, &call.caller.region, prefix)?;
    urls(call, "QueueUrls", queues, base_url)
}

pub(crate) fn dead_letter_sources(
    sqs: &Sqs,
    call: &Call,
    base_url: &str,
) -> Result<Answer, ApiError> {
    let target = sqs.named(call)?;
    let mut queues = sqs
        .queues
        .list(&target.name.account, &target.name.region, "")?;
    queues.retain(|(_, row)| {
        let redrive = Settings::new(row.clone()).redrive;
        redrive.is_some_and(|redrive| redrive.target == target.name)
    });
    let mut answer = urls(call, "queueUrls", queues, base_url)?;
    // The model requires this list, be it empty.
    answer
        .output
        .entry("queueUrls")
        .or_insert_with(|| json!([]));
    Ok(answer)
}

fn urls(
    call: &Call,
    member: &str,
    queues: Vec<(QueueName, Row)>,
    base_url: &str,
) -> Result<Answer, ApiError> {
    let (queues, token) = page(&call.input, queues, |(name, _)| name.name.to_string())?;
    let urls: Vec<Value> = queues
        .iter()
        .map(|(name, _)| name.url(base_url).into())
        .collect();
    let mut answer = done();
    if !urls.is_empty() {
        answer.output.insert(member.into(), urls.into());
    }
    if let Some(token) = token {
        answer.output.insert("NextToken".into(), token.into());
    }
    Ok(answer)
}

pub(crate) async fn delete(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let _changing = sqs.queues.changing.lock().await;
    let queue = sqs.named(call)?;
    sqs.queues.delete(&queue.name, sqs.now()).await?;
    Ok(done())
}

pub(crate) async fn purge(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    // DIVERGENCE: AWS refuses a second purge within 60 seconds; here a queue can be purged before each test.
    sqs.named(call)?.purge().await?;
    Ok(done())
}
