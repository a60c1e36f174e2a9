use aws::{Answer, ApiError, Call, Members};
use serde_json::json;

use super::{batch_answer, delete::receipt, done, entries, number};
use crate::index::Seq;
use crate::queue::{Queue, Unchanged};
use crate::{Sqs, error};

/// `VisibilityTimeout`, if it is there.
pub(super) fn seconds(input: &Members) -> Result<Option<u32>, ApiError> {
    number(
        input,
        "VisibilityTimeout",
        0,
        43_200,
        "Must be between 0 and 43200, if provided.",
    )
}

pub(crate) async fn one(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let change = Change::read(&queue, &call.input)?;
    let outcomes = queue.change_visibility(&[change.asked], sqs.now()).await?;
    for outcome in outcomes {
        outcome.map_err(|unchanged| change.refused(unchanged))?;
    }
    Ok(done())
}

pub(crate) async fn batch(sqs: &Sqs, call: &Call) -> Result<Answer, ApiError> {
    let queue = sqs.named(call)?;
    let read: Vec<_> = entries(call)?
        .into_iter()
        .map(|(id, entry)| (id, Change::read(&queue, entry)))
        .collect();
    let good: Vec<_> = read
        .iter()
        .filter_map(|(_, change)| Some(change.as_ref().ok()?.asked))
        .collect();
    let mut outcomes = queue.change_visibility(&good, sqs.now()).await?.into_iter();
    let answers = read.into_iter().map(|(id, change)| {
        let outcome = change.and_then(|change| {
            let outcome = outcomes.next().expect("each good one has an outcome");
            outcome.map_err(|unchanged| change.refused(unchanged))
        });
        (id, outcome.map(|()| json!({})))
    });
    Ok(batch_answer(answers.collect()))
}

struct Change<'i> {
    handle: &'i str,
    asked: (Seq, u64, u32),
}

impl<'i> Change<'i> {
    fn read(queue: &Queue, input: &'i Members) -> Result<Self, ApiError> {
        let (handle, (seq, number)) = receipt(queue, input)?;
        let seconds = seconds(input)?.ok_or_else(|| error::missing("VisibilityTimeout"))?;
        Ok(Self {
            handle,
            asked: (seq, number, seconds),
        })
    }

    fn refused(&self, unchanged: Unchanged) -> ApiError {
        match unchanged {
            Unchanged::NotInFlight => error::not_in_flight(self.handle),
            Unchanged::TooLong => error::bad_value(
                "VisibilityTimeout",
                self.asked.2,
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
            ),
        }
    }
}
