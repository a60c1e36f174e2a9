//! One try at one target.

use aws::{ApiError, Arn, Call, Caller, Members, RequestId};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Inner;
use crate::model::{Destination, Zone};
use crate::outbox::{Delivery, Parcel, Taken};
use crate::template::{Path, Surroundings, input_of};

pub(crate) enum Outcome {
    Done,
    /// It goes on from another bus.
    Relayed(Parcel),
    Failed(Failure),
}

/// Why a target did not take an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// As the dead-letter queue's attribute ERROR_CODE.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retryable: bool,
    /// What ended the retries.
    pub(crate) condition: Option<String>,
}

impl Failure {
    fn of(error: &ApiError) -> Self {
        let has = |part: &str| error.code.contains(part);
        let throttled =
            has("Throttl") || has("TooManyRequests") || has("LimitExceeded") || error.status == 429;
        let code = if has("NotFound") || has("DoesNotExist") || has("NonExistentQueue") {
            "NO_RESOURCE"
        } else if has("AccessDenied") || has("NotAuthorized") {
            "NO_PERMISSIONS"
        } else if throttled {
            "THROTTLING"
        } else if error.status >= 500 {
            "ERROR_FROM_TARGET"
        } else {
            "SDK_CLIENT_ERROR"
        };
        Self {
            code: code.to_owned(),
            message: error.to_string(),
            retryable: throttled || error.status >= 500,
            condition: None,
        }
    }

    fn for_good(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            retryable: false,
            condition: None,
        }
    }
}

/// The guide, "API destinations": a request ends after so long, and is tried again.
const ANSWER_MAX: SignedDuration = SignedDuration::from_secs(5);

/// Buses that an event comes through at most: rules may send it around in a circle.
const HOPS_MAX: u32 = 8;

pub(crate) async fn deliver(inner: &Inner, delivery: &Delivery, taken: &Taken) -> Outcome {
    let target = &delivery.target;
    let Some(arn) = text(target, "Arn").and_then(|arn| arn.parse::<Arn>().ok()) else {
        return Outcome::Failed(Failure::for_good(
            "SDK_CLIENT_ERROR",
            "the target has no ARN",
        ));
    };
    let Some(input) = input_of(
        target,
        &taken.event,
        Surroundings {
            rule_arn: &delivery.rule_arn,
            rule_name: &delivery.rule_name,
            ingestion_time: &taken.ingested.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
    ) else {
        let failure = Failure::for_good("SDK_CLIENT_ERROR", "the target's input is too large");
        return Outcome::Failed(failure);
    };
    if arn.service == "events" && arn.resource.starts_with("event-bus/") {
        return relay(inner, &arn, taken);
    }
    let caller = Caller {
        account: arn.account.as_str().into(),
        region: arn.region.as_str().into(),
        access_key: "".into(),
        arn: text(target, "RoleArn")
            .map_or_else(|| Caller::root(&arn.account, &arn.region).arn, Into::into),
    };
    let target = Courier {
        inner,
        caller,
        arn,
        delivery,
        taken,
    };
    match target.send(input).await {
        Ok(()) => Outcome::Done,
        Err(failure) => Outcome::Failed(failure),
    }
}

/// Gives an event to another bus as it came.
fn relay(inner: &Inner, arn: &Arn, taken: &Taken) -> Outcome {
    if taken.hops >= HOPS_MAX {
        let message = format!("the event has come through {HOPS_MAX} event buses");
        return Outcome::Failed(Failure::for_good("SDK_CLIENT_ERROR", message));
    }
    let zone = Zone {
        account: arn.account.clone(),
        region: arn.region.clone(),
    };
    let bus = arn.resource.trim_start_matches("event-bus/");
    let onward = Taken {
        hops: taken.hops + 1,
        ..taken.clone()
    };
    let mut parcel = Parcel::default();
    match inner.route(&zone, bus, &onward, &mut parcel) {
        // Each bus may send an event on to several: it waits like one that is put there.
        Ok(true) if !inner.outbox.has_room(parcel.deliveries()) => Outcome::Failed(Failure {
            code: "THROTTLING".to_owned(),
            message: "too many events wait to be delivered".to_owned(),
            retryable: true,
            condition: None,
        }),
        Ok(true) => Outcome::Relayed(parcel),
        Ok(false) => Outcome::Failed(Failure::for_good(
            "NO_RESOURCE",
            format!("Event bus {bus} does not exist."),
        )),
        Err(error) => Outcome::Failed(Failure::of(&error)),
    }
}

struct Courier<'d> {
    inner: &'d Inner,
    caller: Caller,
    arn: Arn,
    delivery: &'d Delivery,
    taken: &'d Taken,
}

impl Courier<'_> {
    async fn send(&self, input: String) -> Result<(), Failure> {
        let resource = self.arn.resource.as_str();
        match self.arn.service.as_str() {
            "states" if resource.starts_with("stateMachine:") => self.start_execution(input).await,
            "lambda" => self.invoke(input).await,
            "sqs" => self.send_message(input).await,
            "sns" => {
                let input = json!({"TopicArn": self.arn.to_string(), "Message": input});
                self.call("sns", "Publish", input).await
            }
            "logs" => self.log(input).await,
            "events" if resource.starts_with("api-destination/") => self.request(&input).await,
            // DIVERGENCE: targets of other kinds (ECS tasks, Kinesis streams, Batch jobs, pipelines …) are kept, and what
            // is for them goes to their dead-letter queue.
            service => Err(Failure::for_good(
                "SDK_CLIENT_ERROR",
                format!("targets of the service {service} are not served by this server"),
            )),
        }
    }

    async fn call(
        &self,
        service: &'static str,
        operation: &str,
        input: Value,
    ) -> Result<(), Failure> {
        self.call_with(service, operation, input, Bytes::new())
            .await
            .map_err(|error| Failure::of(&error))
    }

    async fn call_with(
        &self,
        service: &'static str,
        operation: &str,
        input: Value,
        body: Bytes,
    ) -> Result<(), ApiError> {
        call(
            self.inner,
            self.caller.clone(),
            service,
            operation,
            input,
            body,
        )
        .await
    }

    /// Under a name that a second try finds again.
    async fn start_execution(&self, input: String) -> Result<(), Failure> {
        let event = text(&self.taken.event, "id").unwrap_or_default();
        let input = json!({
            "stateMachineArn": self.arn.to_string(),
            "name": format!("{event}_{}", self.delivery.id),
            "input": input,
        });
        let started = self
            .call_with("states", "StartExecution", input, Bytes::new())
            .await;
        match started {
            Err(error) if error.code != "ExecutionAlreadyExists" => Err(Failure::of(&error)),
            _ => Ok(()),
        }
    }

    async fn invoke(&self, input: String) -> Result<(), Failure> {
        let function = json!({"FunctionName": self.arn.to_string(), "InvocationType": "Event"});
        self.call_with("lambda", "Invoke", function, input.into())
            .await
            .map_err(|error| Failure::of(&error))
    }

    async fn send_message(&self, input: String) -> Result<(), Failure> {
        let mut message = json!({"QueueUrl": queue_url(&self.arn), "MessageBody": input});
        let group = self
            .delivery
            .target
            .pointer("/SqsParameters/MessageGroupId");
        if let Some(group) = group {
            message["MessageGroupId"] = group.clone();
            // The same for each try, so that a queue takes one of them.
            message["MessageDeduplicationId"] = self.delivery.id.as_str().into();
        }
        self.call("sqs", "SendMessage", message).await
    }

    /// As one event of a stream that each rule has in the group.
    async fn log(&self, input: String) -> Result<(), Failure> {
        let name = self.arn.resource.trim_start_matches("log-group:");
        let group = name.strip_suffix(":*").unwrap_or(name);
        let stream = self.delivery.rule_name.as_str();
        let now = self.inner.clock.now().as_millisecond();
        let event = log_event(&input, &self.taken.event, now);
        let names = json!({"logGroupName": group, "logStreamName": stream});
        let mut input = names.clone();
        input["logEvents"] = json!([event]);
        let put = || self.call_with("logs", "PutLogEvents", input.clone(), Bytes::new());
        let Err(error) = put().await else {
            return Ok(());
        };
        // It may be the stream that is not there yet.
        if error.code == "ResourceNotFoundException" {
            let made = self
                .call_with("logs", "CreateLogStream", names, Bytes::new())
                .await;
            if made.is_ok()
                || made.is_err_and(|error| error.code == "ResourceAlreadyExistsException")
            {
                return put().await.map_err(|error| Failure::of(&error));
            }
        }
        Err(Failure::of(&error))
    }

    /// By way of the service that makes a Task state's HTTP requests, which knows how to use a connection.
    async fn request(&self, input: &str) -> Result<(), Failure> {
        let zone = Zone {
            account: self.arn.account.clone(),
            region: self.arn.region.clone(),
        };
        let name = self.arn.resource.split('/').nth(1).unwrap_or_default();
        let destination = self.inner.storage.get::<Destination>(&zone, name);
        let destination = destination.map_err(|error| Failure::of(&error))?;
        let Some(destination) =
            destination.filter(|found| found.arn(&zone) == self.arn.to_string())
        else {
            let message = format!("API destination {name} does not exist.");
            return Err(Failure::for_good("NO_RESOURCE", message));
        };
        let given = self.delivery.target.get("HttpParameters");
        let member = |name: &str| given.and_then(|given| given.get(name));
        let values = |name: &str| -> Value {
            let entries = member(name).and_then(Value::as_object);
            let entries = entries.into_iter().flatten();
            let value =
                |value: &Value| dynamic(value.as_str().unwrap_or_default(), &self.taken.event);
            let entries: Map<String, Value> = entries
                .map(|(name, given)| (name.clone(), value(given).into()))
                .collect();
            Value::Object(entries)
        };
        let mut endpoint = destination.endpoint.clone();
        let paths = member("PathParameterValues").and_then(Value::as_array);
        for path in paths.into_iter().flatten().filter_map(Value::as_str) {
            endpoint = endpoint.replacen('*', &dynamic(path, &self.taken.event), 1);
        }
        let body = serde_json::from_str(input).unwrap_or_else(|_| Value::from(input));
        let request = json!({
            "ApiEndpoint": endpoint,
            "Method": destination.method,
            "Headers": values("HeaderParameters"),
            "QueryParameters": values("QueryStringParameters"),
            "RequestBody": body,
            "Authentication": {"ConnectionArn": destination.connection_arn},
        });
        let late = self.inner.clock.now() + ANSWER_MAX;
        let asked = self.call_with("http", "Invoke", request, Bytes::new());
        tokio::select! {
            asked = asked => asked.map_err(|error| http_failure(&error)),
            () = self.inner.clock.sleep_until(late) => Err(Failure {
                code: "ERROR_FROM_TARGET".to_owned(),
                message: format!("API destination {name} did not answer within {ANSWER_MAX:#}."),
                retryable: true,
                condition: None,
            }),
        }
    }
}

/// `$.detail.id` is taken from the event, anything else is meant as it is.
fn dynamic(value: &str, event: &Value) -> String {
    let found = Path::parse(value).and_then(|path| path.find(event));
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => value.to_owned(),
    }
}

/// The guide, "API destinations": after 401, 407, 409, 429 and 5xx it is tried again.
fn http_failure(error: &ApiError) -> Failure {
    let status = error
        .code
        .rsplit('.')
        .next()
        .and_then(|code| code.parse::<u16>().ok());
    match status {
        Some(status) => Failure {
            code: "ERROR_FROM_TARGET".to_owned(),
            message: error.to_string(),
            retryable: matches!(status, 401 | 407 | 409 | 429) || status >= 500,
            condition: None,
        },
        // No answer, or no such service in this process.
        None => Failure {
            retryable: error.code != "UnknownOperationException",
            ..Failure::of(error)
        },
    }
}

/// `{"timestamp": …, "message": …}` of a template is the event itself; other input is the message of an event of its time.
fn log_event(input: &str, event: &Value, now: i64) -> Value {
    let parsed: Value = serde_json::from_str(input).unwrap_or_default();
    if let (Some(timestamp), Some(message)) = (
        parsed.get("timestamp").and_then(Value::as_i64),
        text(&parsed, "message"),
    ) {
        return json!({"timestamp": timestamp, "message": message});
    }
    let time = text(event, "time").and_then(|time| time.parse::<Timestamp>().ok());
    let time = time.map_or(now, Timestamp::as_millisecond);
    // The group would not keep it otherwise.
    let kept = (now - LOG_AGE_MAX..now + LOG_AHEAD_MAX).contains(&time);
    json!({"timestamp": if kept { time } else { now }, "message": input})
}

/// What CloudWatch Logs takes, in milliseconds: 14 days back and two hours ahead, less a minute for the way.
const LOG_AGE_MAX: i64 = (14 * 24 * 60 - 1) * 60 * 1000;
const LOG_AHEAD_MAX: i64 = (2 * 60 - 1) * 60 * 1000;

/// Sends an event that a target did not take to a queue, with what AWS says beside it.
pub(crate) async fn dead_letter(
    inner: &Inner,
    queue: &str,
    delivery: &Delivery,
    taken: &Taken,
    failure: &Failure,
) -> Result<(), Failure> {
    let Ok(arn) = queue.parse::<Arn>() else {
        return Err(Failure::for_good(
            "SDK_CLIENT_ERROR",
            "the dead-letter queue has no ARN",
        ));
    };
    let attribute = |value: &str| json!({"DataType": "String", "StringValue": value});
    let mut attributes = json!({
        "RULE_ARN": attribute(&delivery.rule_arn),
        "TARGET_ARN": attribute(text(&delivery.target, "Arn").unwrap_or_default()),
        "ERROR_CODE": attribute(&failure.code),
        "ERROR_MESSAGE": attribute(&failure.message),
    });
    if let Some(condition) = &failure.condition {
        attributes["EXHAUSTED_RETRY_CONDITION"] = attribute(condition);
        attributes["RETRY_ATTEMPTS"] = attribute(&delivery.retries.to_string());
    }
    let message = json!({
        "QueueUrl": queue_url(&arn),
        "MessageBody": taken.event.to_string(),
        "MessageAttributes": attributes,
    });
    let caller = Caller::root(&arn.account, &arn.region);
    call(inner, caller, "sqs", "SendMessage", message, Bytes::new())
        .await
        .map_err(|error| Failure::of(&error))
}

/// A queue is found by account and name, whatever stands before them.
fn queue_url(arn: &Arn) -> String {
    let Arn {
        region,
        account,
        resource,
        ..
    } = arn;
    format!("https://sqs.{region}.amazonaws.com/{account}/{resource}")
}

async fn call(
    inner: &Inner,
    caller: Caller,
    service: &'static str,
    operation: &str,
    input: Value,
    body: Bytes,
) -> Result<(), ApiError> {
    let Value::Object(input) = input else {
        return Err(ApiError::internal("a call's input is an object"));
    };
    let call = Call {
        caller,
        request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
        service,
        operation: operation.to_owned(),
        input: Members::from_iter(input),
        body,
    };
    inner.registry.call(call).await.map(|_| ())
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws::{Registry, Service as _};
    use store::Store;

    use super::*;
    use crate::{Events, SystemClock};

    #[tokio::test]
    async fn a_relay_waits_until_there_is_room_for_what_comes_of_it() {
        let clock = Arc::new(SystemClock);
        let events = Events::open(Store::memory(), Registry::default(), clock);
        let events = events.expect("the store is empty");
        let queue = "arn:aws:sqs:us-east-1:000000000000:q";
        for (operation, input) in [
            (
                "PutRule",
                json!({"Name": "r", "EventPattern": "{\"source\": [\"s\"]}"}),
            ),
            (
                "PutTargets",
                json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": queue}]}),
            ),
        ] {
            let call = Call {
                caller: Caller::root("000000000000", "us-east-1"),
                request_id: RequestId("id".into()),
                service: "events",
                operation: operation.into(),
                input: input.as_object().cloned().unwrap_or_default(),
                body: Bytes::new(),
            };
            events.call(call).await.expect("it is valid");
        }
        let bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
        let bus: Arn = bus.parse().expect("an ARN");
        let taken = Taken {
            event: json!({"source": "s"}),
            ingested: Timestamp::now(),
            hops: 0,
        };
        let relayed = || relay(&events.inner, &bus, &taken);
        assert!(matches!(relayed(), Outcome::Relayed(parcel) if parcel.deliveries() == 1));
        events.inner.outbox.fill();
        let Outcome::Failed(failure) = relayed() else {
            panic!("there is no room");
        };
        assert_eq!((&*failure.code, failure.retryable), ("THROTTLING", true));
    }
}
