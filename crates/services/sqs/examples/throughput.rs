//! How many messages a second one queue takes and gives, with its rows on the disk: `throughput [senders] [messages]`.

use std::future::Future;
use std::io::Write as _;
use std::time::Instant;

use aws::{ApiError, Call, Caller, RequestId, Service as _};
use serde_json::{Value, json};
use service_sqs::{Sqs, SqsConfig};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (workers, messages) = (number(64)?, number(20_000)?);
    let folder = tempfile::tempdir()?;
    let store = store::Store::open(folder.path())?;
    let sqs = Sqs::new(SqsConfig::new("http://localhost"), store);
    ask(&sqs, "CreateQueue", json!({"QueueName": "q"})).await?;
    let each = messages / workers;
    timed(
        "sends",
        workers,
        each,
        |sqs| async move {
            let input = json!({"QueueUrl": "q", "MessageBody": "x".repeat(200)});
            ask(&sqs, "SendMessage", input).await.map(|_| ())
        },
        &sqs,
    )
    .await?;
    timed(
        "receives with deletes",
        workers,
        each,
        |sqs| async move {
            let answer = ask(&sqs, "ReceiveMessage", json!({"QueueUrl": "q"})).await?;
            let handle = &answer["Messages"][0]["ReceiptHandle"];
            let input = json!({"QueueUrl": "q", "ReceiptHandle": handle});
            ask(&sqs, "DeleteMessage", input).await.map(|_| ())
        },
        &sqs,
    )
    .await
}

async fn timed<F: Future<Output = Result<(), ApiError>> + Send>(
    what: &str,
    workers: usize,
    each: usize,
    act: impl Fn(Sqs) -> F + Copy + Send + Sync + 'static,
    sqs: &Sqs,
) -> Result<(), Failure> {
    let began = Instant::now();
    let tasks = (0..workers).map(|_| {
        let sqs = sqs.clone();
        tokio::spawn(async move {
            for _ in 0..each {
                act(sqs.clone()).await?;
            }
            Ok::<_, ApiError>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let count = workers * each;
    let rate = count as f64 / seconds;
    writeln!(
        std::io::stdout(),
        "{count} {what} by {workers} side by side: {rate:.0} a second"
    )?;
    Ok(())
}

async fn ask(sqs: &Sqs, operation: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        caller: Caller::root("000000000000", "us-east-1"),
        request_id: RequestId("id".into()),
        service: "sqs",
        operation: operation.into(),
        input: input.as_object().cloned().unwrap_or_default(),
        body: bytes::Bytes::new(),
    };
    let answer = sqs.call(call).await?;
    Ok(Value::Object(answer.output))
}
