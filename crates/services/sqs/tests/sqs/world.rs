use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::{ApiError, Call, Caller, RequestId, Service};
use jiff::Timestamp;
use serde_json::{Value, json};
use service_sqs::{Sqs, SqsConfig};
use store::{Disk, Fault};

pub(crate) const URL: &str = "http://127.0.0.1:4566";

/// A service, the disk below it and the time it goes by.
pub(crate) struct World {
    pub(crate) disk: Disk,
    milliseconds: Arc<AtomicI64>,
    pub(crate) sqs: Sqs,
}

impl World {
    /// Must be called inside the async runtime.
    pub(crate) fn new() -> Self {
        let disk = Disk::default();
        let milliseconds = Arc::new(AtomicI64::new(1_795_366_800_000));
        let sqs = open(&disk, &milliseconds, |_| Fault::None);
        Self {
            disk,
            milliseconds,
            sqs,
        }
    }

    /// The process ends without a word, and another one goes on with what the disk holds.
    pub(crate) fn restart(&mut self) {
        self.restart_with(|_| Fault::None);
    }

    pub(crate) fn restart_with(
        &mut self,
        faults: impl FnMut(store::Lsn) -> Fault + Send + 'static,
    ) {
        self.sqs = open(&self.disk, &self.milliseconds, faults);
        self.sqs.resume().expect("the disk can be read");
    }

    /// The same, but that the other process moves nothing.
    pub(crate) fn restart_idle(&mut self) {
        self.sqs = open(&self.disk, &self.milliseconds, |_| Fault::None);
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.milliseconds
            .fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) async fn ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        ask(&self.sqs, operation, input).await
    }

    pub(crate) async fn done(&self, operation: &str, input: Value) -> Value {
        let answer = self.ask(operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// `Code: message`
    pub(crate) async fn refused(&self, operation: &str, input: Value) -> String {
        match self.ask(operation, input).await {
            Ok(answer) => panic!("{operation} answered {answer}"),
            Err(error) => error.to_string(),
        }
    }

    /// Makes a queue; gives its URL.
    pub(crate) async fn queue(&self, name: &str, attributes: Value) -> String {
        let input = json!({"QueueName": name, "Attributes": attributes});
        text(&self.done("CreateQueue", input).await["QueueUrl"])
    }

    pub(crate) async fn send(&self, queue: &str, body: &str) -> Value {
        let input = json!({"QueueUrl": queue, "MessageBody": body});
        self.done("SendMessage", input).await
    }

    pub(crate) async fn receive(&self, queue: &str) -> Vec<Value> {
        self.receive_with(queue, json!({"MaxNumberOfMessages": 10}))
            .await
    }

    pub(crate) async fn receive_with(&self, queue: &str, mut input: Value) -> Vec<Value> {
        input["QueueUrl"] = queue.into();
        let answer = self.done("ReceiveMessage", input).await;
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// The bodies of what a receive brings.
    pub(crate) async fn bodies(&self, queue: &str) -> Vec<String> {
        bodies(&self.receive(queue).await)
    }

    pub(crate) async fn delete(&self, queue: &str, message: &Value) -> Result<Value, ApiError> {
        let input = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
        self.ask("DeleteMessage", input).await
    }

    pub(crate) async fn attribute(&self, queue: &str, name: &str) -> Value {
        let input = json!({"QueueUrl": queue, "AttributeNames": [name]});
        self.done("GetQueueAttributes", input).await["Attributes"][name].clone()
    }

    /// Visible, in flight, delayed.
    pub(crate) async fn counts(&self, queue: &str) -> [String; 3] {
        let mut counts = [const { String::new() }; 3];
        for (count, name) in counts.iter_mut().zip(["", "NotVisible", "Delayed"]) {
            let name = format!("ApproximateNumberOfMessages{name}");
            *count = text(&self.attribute(queue, &name).await);
        }
        counts
    }
}

pub(crate) async fn ask(sqs: &Sqs, operation: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        caller: Caller::root("000000000000", "us-east-1"),
        request_id: RequestId("id".into()),
        service: "sqs",
        operation: operation.into(),
        input: input.as_object().cloned().expect("an object"),
        body: bytes::Bytes::new(),
    };
    let answer = sqs.call(call).await?;
    Ok(Value::Object(answer.output))
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn bodies(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .map(|message| text(&message["Body"]))
        .collect()
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

fn open(
    disk: &Disk,
    milliseconds: &Arc<AtomicI64>,
    faults: impl FnMut(store::Lsn) -> Fault + Send + 'static,
) -> Sqs {
    let milliseconds = Arc::clone(milliseconds);
    let config = SqsConfig {
        now: Arc::new(move || {
            Timestamp::from_millisecond(milliseconds.load(Ordering::SeqCst)).expect("in range")
        }),
        ..SqsConfig::new(URL)
    };
    Sqs::new(config, disk.open(faults))
}
