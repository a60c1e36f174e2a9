use std::sync::Mutex as Lock;

use aws::{Answer, BoxFuture, Service};

use super::*;

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";

/// Takes batches as CloudWatch Logs does: those in chronological order, and none with the message `refused`.
#[derive(Default)]
struct Fake {
    taken: Lock<Vec<(i64, String)>>,
}

impl Fake {
    fn put(&self, events: &Value) -> Result<(), ApiError> {
        let events: Vec<(i64, String)> = events
            .as_array()
            .expect("a batch")
            .iter()
            .map(|event| {
                let text = event["message"].as_str().expect("a message");
                (event["timestamp"].as_i64().expect("a time"), text.into())
            })
            .collect();
        if !events.is_sorted_by_key(|(at, _)| *at)
            || events.iter().any(|(_, text)| text == "refused")
        {
            return Err(ApiError::new("InvalidParameterException", "not so"));
        }
        self.taken.lock().expect("unpoisoned").extend(events);
        Ok(())
    }
}

impl Service for Fake {
    fn id(&self) -> &'static str {
        "logs"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let answer = match &*call.operation {
            "PutLogEvents" => self.put(&call.input["logEvents"]),
            _ => Ok(()),
        };
        Box::pin(async move { answer.map(|()| Answer::default()) })
    }
}

/// What arrives of these steps' lines, which wait when delivery begins.
async fn delivered(steps: Vec<Vec<(i64, String)>>) -> Vec<(i64, String)> {
    let fake = Arc::new(Fake::default());
    let registry = Registry::default();
    registry.fill(vec![Arc::clone(&fake) as Arc<dyn Service>]);
    let (queue, waiting) = mpsc::channel(WAITING_MAX);
    let logs = Arc::new(ExecutionLogs {
        queue,
        registry,
        streams: Mutex::default(),
    });
    for lines in steps {
        let entry = Entry {
            group: GROUP.parse().expect("an ARN"),
            machine: "m".to_owned(),
            lines,
        };
        logs.queue.try_send(entry).expect("there is room");
    }
    let delivery = deliver(Arc::downgrade(&logs), waiting);
    tokio::join!(delivery, async { drop(logs) });
    fake.taken.lock().expect("unpoisoned").clone()
}

fn lines(lines: &[(i64, &str)]) -> Vec<(i64, String)> {
    lines
        .iter()
        .map(|(at, text)| (*at, (*text).into()))
        .collect()
}

#[tokio::test]
async fn executions_side_by_side_are_told_in_the_order_of_their_times() {
    let (one, other) = (
        lines(&[(1001, "b1"), (1003, "b2")]),
        lines(&[(1000, "a1"), (1001, "a2"), (1002, "a3")]),
    );
    assert_eq!(
        delivered(vec![one, other]).await,
        lines(&[
            (1000, "a1"),
            (1001, "b1"),
            (1001, "a2"),
            (1002, "a3"),
            (1003, "b2")
        ])
    );
}

#[tokio::test]
async fn a_batch_that_is_refused_takes_no_other_with_it() {
    let mut steps = vec![lines(&[(0, "refused")])];
    let many = 1..EVENTS_MAX as i64 + 2;
    steps.push(many.map(|at| (at, "taken".into())).collect());
    let taken = delivered(steps).await;
    assert_eq!(taken, lines(&[(1000, "taken"), (1001, "taken")]));
}
