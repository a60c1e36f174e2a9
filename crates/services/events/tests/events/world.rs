//! The service among others that take note of what they are asked, and a clock that the test moves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Caller, Members, Registry, RequestId, Service};
use jiff::Timestamp;
use serde_json::{Value, json};
use service_events::{Events, ManualClock};
use store::{Keyspace, Order, Store, Table};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
pub(crate) const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";
pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";
const DELIVERIES: Table = Table::new(Keyspace::Services, "events/deliveries");
const UNDELIVERED: Table = Table::new(Keyspace::Services, "events/undelivered-events");

/// What services answer, by `service:operation`, or nothing at all; those that are not here agree.
type Answers = Arc<Mutex<BTreeMap<String, Option<ApiError>>>>;

/// A service that tells the test what it is asked.
struct Fake {
    id: &'static str,
    asked: UnboundedSender<Call>,
    answers: Answers,
}

impl Service for Fake {
    fn id(&self) -> &'static str {
        self.id
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let name = format!("{}:{}", call.service, call.operation);
        let answer = self.answers.lock().expect("unpoisoned").get(&name).cloned();
        let _ = self.asked.send(call);
        Box::pin(async move {
            match answer {
                None => Ok(Answer::default()),
                Some(Some(error)) => Err(error),
                Some(None) => std::future::pending().await,
            }
        })
    }
}

pub(crate) struct World {
    pub(crate) events: Arc<Events>,
    pub(crate) clock: ManualClock,
    pub(crate) store: Store,
    answers: Answers,
    asked: UnboundedReceiver<Call>,
}

impl World {
    /// 2026-11-22T17:00:00Z, nothing kept, delivering.
    pub(crate) fn new() -> Self {
        Self::over(Store::memory())
    }

    pub(crate) fn over(store: Store) -> Self {
        let start = "2026-11-22T17:00:00Z".parse().expect("an instant");
        let world = Self::asleep(store, ManualClock::at(start));
        world.events.resume();
        world
    }

    /// Takes requests and delivers nothing.
    pub(crate) fn asleep(store: Store, clock: ManualClock) -> Self {
        let (asked, asks) = unbounded_channel();
        let answers = Answers::default();
        let registry = Registry::default();
        let fake = |id: &'static str| -> Arc<dyn Service> {
            Arc::new(Fake {
                id,
                asked: asked.clone(),
                answers: Arc::clone(&answers),
            })
        };
        registry.fill(
            ["states", "lambda", "sqs", "sns", "logs", "http"]
                .map(fake)
                .to_vec(),
        );
        let events = Events::open(store.clone(), registry, Arc::new(clock.clone()));
        Self {
            events: events.expect("the store can be read"),
            clock,
            store,
            answers,
            asked: asks,
        }
    }

    /// The same store under a new server, at the same time.
    pub(crate) async fn restarted(self) -> Self {
        self.events.shutdown(MINUTE).await;
        let world = Self::asleep(self.store, self.clock);
        world.events.resume();
        world
    }

    pub(crate) async fn ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let mut caller = Caller::root(ACCOUNT, "us-east-1");
        caller.access_key = "test".into();
        self.ask_as(caller, operation, input).await
    }

    pub(crate) async fn ask_as(
        &self,
        caller: Caller,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let call = Call {
            caller,
            request_id: RequestId("id".into()),
            service: "events",
            operation: operation.into(),
            input: input.as_object().cloned().unwrap_or_else(Members::new),
            body: bytes::Bytes::new(),
        };
        let answer = self.events.call(call).await;
        answer.map(|answer| Value::Object(answer.output))
    }

    pub(crate) async fn done(&self, operation: &str, input: Value) -> Value {
        let answer = self.ask(operation, input.clone()).await;
        answer.unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    pub(crate) async fn refused(&self, operation: &str, input: Value) -> String {
        let answer = self.ask(operation, input).await;
        answer.expect_err("it is refused").to_string()
    }

    /// A rule `r` on the default bus for events of source `s`, with these targets.
    pub(crate) async fn rule(&self, targets: Value) {
        let pattern = json!({"source": ["s"]}).to_string();
        self.done("PutRule", json!({"Name": "r", "EventPattern": pattern}))
            .await;
        self.done("PutTargets", json!({"Rule": "r", "Targets": targets}))
            .await;
    }

    /// Puts one event of source `s` and gives its id.
    pub(crate) async fn put(&self, detail: Value) -> String {
        let entry = json!({"Source": "s", "DetailType": "t", "Detail": detail.to_string()});
        let answer = self.done("PutEvents", json!({"Entries": [entry]})).await;
        let id = answer["Entries"][0]["EventId"].as_str();
        id.unwrap_or_else(|| panic!("it is taken: {answer}"))
            .to_owned()
    }

    /// Lets an operation of a service fail from now on.
    pub(crate) fn fail(&self, operation: &str, error: ApiError) {
        let mut answers = self.answers.lock().expect("unpoisoned");
        answers.insert(operation.to_owned(), Some(error));
    }

    /// Lets it answer nothing from now on.
    pub(crate) fn hang(&self, operation: &str) {
        let mut answers = self.answers.lock().expect("unpoisoned");
        answers.insert(operation.to_owned(), None);
    }

    /// Lets it succeed again.
    pub(crate) fn mend(&self, operation: &str) {
        self.answers.lock().expect("unpoisoned").remove(operation);
    }

    /// The next call that a service gets.
    pub(crate) async fn asked(&mut self) -> Call {
        let asked = tokio::time::timeout(Duration::from_secs(20), self.asked.recv()).await;
        asked.expect("it comes").expect("the services are there")
    }

    /// Its service, operation and input.
    pub(crate) async fn asked_for(&mut self) -> (String, Value) {
        let call = self.asked().await;
        (
            format!("{}:{}", call.service, call.operation),
            Value::Object(call.input),
        )
    }

    /// What has been asked so far and not been looked at.
    pub(crate) fn asked_by_now(&mut self) -> usize {
        std::iter::from_fn(|| self.asked.try_recv().ok()).count()
    }

    pub(crate) fn deliveries(&self) -> Vec<Value> {
        let rows = self.store.prefix(DELIVERIES, b"", Order::Ascending, 1000);
        let rows = rows.expect("it can be read");
        let read = |(_, row): &(_, bytes::Bytes)| serde_json::from_slice(row).expect("JSON");
        rows.iter().map(read).collect()
    }

    /// Waits until the rows of deliveries are as they should be.
    pub(crate) async fn until(&self, enough: impl Fn(&[Value]) -> bool) {
        let looking = async {
            while !enough(&self.deliveries()) {
                tokio::task::yield_now().await;
            }
        };
        let looked = tokio::time::timeout(Duration::from_secs(20), looking).await;
        looked.unwrap_or_else(|_| panic!("it stays at {:?}", self.deliveries()));
    }

    /// Waits until everything is delivered and nothing is left of it.
    pub(crate) async fn until_delivered(&self) {
        self.until(<[Value]>::is_empty).await;
        let left = self.store.prefix(UNDELIVERED, b"", Order::Ascending, 10);
        assert!(left.expect("it can be read").is_empty(), "events are left");
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
