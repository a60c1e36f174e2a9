use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws::{Answer, ApiError, BoxFuture, Call, Caller, HttpService, Registry, RequestId, Service};
use bytes::Bytes;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use service_sns::{Post, Sns, SnsConfig};
use store::{Disk, Fault};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) const URL: &str = "http://127.0.0.1:4566";

/// A service, the disk below it, and all that it reaches.
pub(crate) struct World {
    pub(crate) disk: Disk,
    pub(crate) sns: Arc<Sns>,
    outside: Outside,
    reached: UnboundedReceiver<Reached>,
}

/// What reached an endpoint.
#[derive(Debug)]
pub(crate) enum Reached {
    Queue(Value),
    Function(Value, Value),
    Http(http::Request<Bytes>),
}

/// Queues, functions and HTTP endpoints; they do as they are told, and well otherwise.
#[derive(Clone)]
struct Outside {
    began: Instant,
    /// By how many hours the tests' clock is before the machine's.
    hours_before: Arc<AtomicI64>,
    tell: UnboundedSender<Reached>,
    refusals: Arc<Mutex<VecDeque<ApiError>>>,
    statuses: Arc<Mutex<VecDeque<Result<u16, String>>>>,
    /// HTTP endpoints answer nothing at all.
    hanging: Arc<AtomicBool>,
}

struct Endpoint(&'static str, Outside);

impl Service for Endpoint {
    fn id(&self) -> &'static str {
        self.0
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let input = Value::Object(call.input);
            let reached = if self.0 == "sqs" {
                Reached::Queue(input)
            } else {
                let event = serde_json::from_slice(&call.body).expect("events are JSON");
                Reached::Function(input, event)
            };
            // A test that is over does not listen.
            let _ = self.1.tell.send(reached);
            match pop(&self.1.refusals) {
                Some(refusal) => Err(refusal),
                None => Ok(Answer::default()),
            }
        })
    }
}

fn pop<T>(list: &Mutex<VecDeque<T>>) -> Option<T> {
    list.lock().expect("no holder panics").pop_front()
}

impl Outside {
    fn registry(&self) -> Registry {
        let registry = Registry::default();
        registry.fill(vec![
            Arc::new(Endpoint("sqs", self.clone())),
            Arc::new(Endpoint("lambda", self.clone())),
        ]);
        registry
    }

    fn post(&self) -> Post {
        let outside = self.clone();
        Arc::new(move |request| {
            let _ = outside.tell.send(Reached::Http(request));
            if outside.hanging.load(Ordering::SeqCst) {
                return Box::pin(std::future::pending());
            }
            let status = pop(&outside.statuses).unwrap_or(Ok(200));
            Box::pin(std::future::ready(status))
        })
    }

    fn open(
        &self,
        disk: &Disk,
        faults: impl FnMut(store::Lsn) -> Fault + Send + 'static,
    ) -> Arc<Sns> {
        let (began, hours_before) = (self.began, Arc::clone(&self.hours_before));
        let defaults = SnsConfig::new(URL, self.post());
        let config = SnsConfig {
            now: Arc::new(move || {
                let start = Timestamp::from_second(1_795_366_800).expect("in range");
                let passed = SignedDuration::try_from(began.elapsed()).expect("in range");
                let before = SignedDuration::from_hours(hours_before.load(Ordering::SeqCst));
                start.saturating_add(passed + before).expect("in range")
            }),
            // As often as ever, but at once.
            service_retries: defaults
                .service_retries
                .iter()
                .map(|_| Duration::ZERO)
                .collect(),
            http_retries: defaults
                .http_retries
                .iter()
                .map(|_| Duration::ZERO)
                .collect(),
            ..defaults
        };
        let sns = Sns::start(config, disk.open(faults), self.registry());
        sns.expect("the disk can be read")
    }
}

impl World {
    /// Must be called inside the async runtime.
    pub(crate) fn new() -> Self {
        let (tell, reached) = unbounded_channel();
        let outside = Outside {
            began: Instant::now(),
            hours_before: Arc::default(),
            tell,
            refusals: Arc::default(),
            statuses: Arc::default(),
            hanging: Arc::default(),
        };
        let disk = Disk::default();
        let sns = outside.open(&disk, |_| Fault::None);
        sns.resume();
        Self {
            disk,
            sns,
            outside,
            reached,
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
        self.sns = self.outside.open(&self.disk, faults);
        self.sns.resume();
    }

    pub(crate) fn pass_hours(&self, hours: i64) {
        self.outside.hours_before.fetch_add(hours, Ordering::SeqCst);
    }

    /// The same, but that the other process has not begun to deliver.
    pub(crate) fn restart_idle(&mut self) {
        self.sns = self.outside.open(&self.disk, |_| Fault::None);
    }

    /// The next calls of queues and functions are refused so.
    pub(crate) fn refuse(&self, refusals: Vec<ApiError>) {
        *self.outside.refusals.lock().expect("no holder panics") = refusals.into();
    }

    /// The next HTTP requests are answered so.
    pub(crate) fn answer_with(&self, statuses: Vec<Result<u16, String>>) {
        *self.outside.statuses.lock().expect("no holder panics") = statuses.into();
    }

    /// HTTP endpoints answer nothing from now on.
    pub(crate) fn hang(&self) {
        self.outside.hanging.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.asking(operation, input).await
    }

    /// The same for a task of its own.
    pub(crate) fn asking(
        &self,
        operation: &str,
        input: Value,
    ) -> impl Future<Output = Result<Value, ApiError>> + use<> {
        let call = Call {
            caller: Caller::root("000000000000", "us-east-1"),
            request_id: RequestId("id".into()),
            service: "sns",
            operation: operation.into(),
            input: input.as_object().cloned().expect("an object"),
            body: Bytes::new(),
        };
        let sns = Arc::clone(&self.sns);
        async move {
            let answer = sns.call(call).await?;
            Ok(Value::Object(answer.output))
        }
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

    /// Makes a topic; gives its ARN.
    pub(crate) async fn topic(&self, name: &str, attributes: Value) -> String {
        let input = json!({"Name": name, "Attributes": attributes});
        text(&self.done("CreateTopic", input).await["TopicArn"])
    }

    /// Subscribes; gives what the answer says.
    pub(crate) async fn subscribe(
        &self,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: Value,
    ) -> String {
        let input = json!({
            "TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes,
        });
        text(&self.done("Subscribe", input).await["SubscriptionArn"])
    }

    pub(crate) async fn publish(&self, topic: &str, message: &str) -> String {
        let input = json!({"TopicArn": topic, "Message": message});
        text(&self.done("Publish", input).await["MessageId"])
    }

    /// What reaches an endpoint next.
    pub(crate) async fn reached(&mut self) -> Reached {
        self.reached
            .recv()
            .await
            .expect("the world has a sender too")
    }

    /// What reaches a queue next.
    pub(crate) async fn queued(&mut self) -> Value {
        match self.reached().await {
            Reached::Queue(input) => input,
            other => panic!("{other:?}"),
        }
    }

    /// What has reached an endpoint so far and was not looked at.
    pub(crate) fn unseen(&mut self) -> Vec<Reached> {
        let mut seen = Vec::new();
        while let Ok(reached) = self.reached.try_recv() {
            seen.push(reached);
        }
        seen
    }

    /// A page's status and text.
    pub(crate) async fn page(&self, path_and_query: &str) -> (u16, String) {
        let path_and_query = path_and_query.strip_prefix(URL).unwrap_or(path_and_query);
        let request = http::Request::get(path_and_query)
            .body(aws::empty_body())
            .expect("a request");
        let caller = Caller::root("000000000000", "us-east-1");
        let response = self
            .sns
            .handle(caller, RequestId("id".into()), request)
            .await;
        let status = response.status().as_u16();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("it is there")
            .to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    /// The inbox's letters.
    pub(crate) async fn letters(&self, query: &str) -> Vec<Value> {
        let (status, text) = self.page(&format!("/_aws/sns/inbox?{query}")).await;
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        answer["messages"].as_array().cloned().expect("a list")
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn queue(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

pub(crate) fn json_of(value: &Value) -> Value {
    serde_json::from_str(value.as_str().expect("a text")).expect("JSON")
}
