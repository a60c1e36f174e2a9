use std::sync::Arc;
use std::time::Duration;

use aws::{Answer, ApiError, Call, Members};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{done, number, texts};
use crate::message::{
    SYSTEM_ATTRIBUTES, md5_of_attributes, md5_of_text, selected, wire_attributes,
};
use crate::queue::{Queue, Received};
use crate::receipt::Receipt;
use crate::{Sqs, error};

pub(crate) async fn run(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let input = &call.input;
    let names = Names::read(input)?;
    let messages_max = number(
        input,
        "MaxNumberOfMessages",
        1,
        10,
        "Must be between 1 and 10, if provided.",
    )?;
    let visibility_seconds = super::visibility::seconds(input)?;
    let wait_seconds = number(
        input,
        "WaitTimeSeconds",
        0,
        20,
        "Must be >= 0 and <= 20, if provided.",
    )?;
    // DIVERGENCE: ReceiveRequestAttemptId is taken and changes nothing: a repeated receive gets the next messages.
    let wait = wait_seconds.unwrap_or(queue.settings().wait_seconds);
    let received = poll(
        sqs,
        &queue,
        messages_max.unwrap_or(1) as usize,
        visibility_seconds,
        Duration::from_secs(wait.into()),
    )
    .await?;
    if received.is_empty() {
        return Ok(done());
    }
    let fifo = queue.settings().fifo;
    let messages: Vec<Value> = received
        .iter()
        .map(|received| names.shown(received, &queue, fifo))
        .collect();
    Ok(Answer::json(json!({"Messages": messages})))
}

/// How often one request goes on at once behind messages that were removed: a page of them each time, and those of a queue
/// whose every message is too old are not one request's work.
const AGAIN_MAX: usize = 16;

/// Receives what there is; if there is nothing, waits for something to come.
///
/// Who stops waiting loses nothing: what was taken is received, and visible again when its time has passed.
async fn poll(
    sqs: &Sqs,
    queue: &Arc<Queue>,
    messages_max: usize,
    visibility_seconds: Option<u32>,
    wait: Duration,
) -> Result<Vec<Received>, ApiError> {
    let deadline = Instant::now() + wait;
    let mut stopped = sqs.stopped();
    let mut again = 0;
    loop {
        let changed = queue.changed().notified();
        tokio::pin!(changed);
        // From here on no change is missed.
        changed.as_mut().enable();
        let now = sqs.now();
        let dead_letters = match &queue.settings().redrive {
            Some(redrive) => sqs.queues.find(&redrive.target, now)?,
            None => None,
        };
        let taken = queue.receive(messages_max, visibility_seconds, dead_letters.as_ref(), now)?;
        if let Some(taken) = taken {
            taken.durable.wait().await?;
            if !taken.messages.is_empty() {
                return queue.contents(taken.messages);
            }
            if taken.has_more && again < AGAIN_MAX && !*stopped.borrow() {
                again += 1;
                continue;
            }
        }
        if Instant::now() >= deadline || *stopped.borrow() {
            return Ok(Vec::new());
        }
        let due = queue.next_due()?.map_or(deadline, |due| {
            let milliseconds = (due.0 - now.0).max(1).unsigned_abs();
            Instant::now() + Duration::from_millis(milliseconds)
        });
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep_until(due.min(deadline)) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Which attributes a receive wants to see.
struct Names<'c> {
    system: Vec<&'c str>,
    own: Vec<&'c str>,
}

impl<'c> Names<'c> {
    /// Reads the old member and the new one.
    fn read(input: &'c Members) -> Result<Self, ApiError> {
        let mut system = texts(input, "AttributeNames");
        system.extend(texts(input, "MessageSystemAttributeNames"));
        let unknown = system
            .iter()
            .find(|name| **name != "All" && !SYSTEM_ATTRIBUTES.contains(name));
        if let Some(unknown) = unknown {
            return Err(error::unknown_attribute(unknown));
        }
        if system.contains(&"All") {
            system = SYSTEM_ATTRIBUTES.to_vec();
        }
        Ok(Self {
            system,
            own: texts(input, "MessageAttributeNames"),
        })
    }

    fn shown(&self, received: &Received, queue: &Queue, fifo: bool) -> Value {
        let Received {
            seq,
            standing,
            message,
        } = received;
        let receipt = Receipt::new(&queue.name, *seq, standing.receipt);
        let mut shown = json!({
            "MessageId": message.id,
            "ReceiptHandle": receipt.to_string(),
            "MD5OfBody": md5_of_text(&message.body),
            "Body": message.body,
        });
        let system: Members = self
            .system
            .iter()
            .filter_map(|name| {
                let value = message.system_attribute(name, *seq, standing, fifo)?;
                Some(((*name).to_owned(), value.into()))
            })
            .collect();
        if !system.is_empty() {
            shown["Attributes"] = system.into();
        }
        let own = selected(&message.attributes, &self.own);
        if !own.is_empty() {
            shown["MD5OfMessageAttributes"] = md5_of_attributes(own.iter().copied()).into();
            shown["MessageAttributes"] = wire_attributes(&own);
        }
        shown
    }
}
