use aws::{Answer, ApiError, Call, Members};
use serde_json::json;

use super::{batch_answer, done, entries, required};
use crate::index::Seq;
use crate::queue::Queue;
use crate::receipt::Receipt;
use crate::{Sqs, error};

pub(crate) async fn one(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let (handle, receipt) = receipt(&queue, &call.input)?;
    let outcomes = queue.delete(&[receipt], sqs.now()).await?;
    match outcomes.first() {
        Some(Err(_)) => Err(error::expired_receipt(handle)),
        _ => Ok(done()),
    }
}

/// A message's receipt, by its handle in an input.
pub(super) fn receipt<'i>(
    queue: &Queue,
    input: &'i Members,
) -> Result<(&'i str, (Seq, u64)), ApiError> {
    let handle = required(input, "ReceiptHandle")?;
    let receipt = Receipt::read(handle, &queue.name).ok_or_else(|| error::bad_receipt(handle))?;
    Ok((handle, (receipt.seq, receipt.number)))
}

pub(crate) async fn batch(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let mut good = Vec::new();
    let mut read = Vec::new();
    for (id, entry) in entries(call)? {
        let receipt = receipt(&queue, entry);
        read.push((
            id,
            receipt.map(|(handle, receipt)| {
                good.push(receipt);
                handle
            }),
        ));
    }
    let mut outcomes = queue.delete(&good, sqs.now()).await?.into_iter();
    let answers = read.into_iter().map(|(id, handle)| {
        let outcome = handle.and_then(|handle| {
            let outcome = outcomes.next().expect("each good one has an outcome");
            outcome.map_err(|_| error::expired_receipt(handle))
        });
        (id, outcome.map(|()| json!({})))
    });
    Ok(batch_answer(answers.collect()))
}
