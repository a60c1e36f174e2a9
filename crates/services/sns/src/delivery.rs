//! One delivery: to a queue, a function or an HTTP endpoint, and what became of it.

use aws::{ApiError, Arn, Call, Caller, Members, Registry, RequestId};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::envelope::{self, Links};
use crate::model::{Message, Subscription};
use crate::name::{SubscriptionName, TopicName, is_fifo};
use crate::post::Post;

/// Whom deliveries go through.
pub(crate) struct Carrier {
    pub(crate) registry: Registry,
    pub(crate) post: Post,
    pub(crate) links: Links,
}

/// Why a delivery failed, and whether trying again may help.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) may_pass: bool,
    code: String,
    text: String,
}

impl Failed {
    /// It will not do better another time.
    fn for_good(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            may_pass: false,
            code: code.into(),
            text: text.into(),
        }
    }
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        let is_throttled = error.status == 429
            || error.code.contains("Throttl")
            || ["OverLimit", "TooManyRequestsException"].contains(&&*error.code);
        Self {
            may_pass: error.status >= 500 || is_throttled,
            code: error.status.to_string(),
            text: error.to_string(),
        }
    }
}

impl Carrier {
    pub(crate) async fn notify(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
    ) -> Result<(), Failed> {
        match &*subscription.protocol {
            "lambda" => self.invoke(name, subscription, message).await,
            "sqs" => {
                let input = self.queue_input(name, subscription, message);
                self.send(&name.topic, &subscription.endpoint, input).await
            }
            "http" | "https" => {
                let body = self.body(name, subscription, message);
                self.post(name, subscription, "Notification", &message.id, body)
                    .await
            }
            other => Err(Failed::for_good("400", format!("{other} is not delivered"))),
        }
    }

    /// Asks the endpoint whether it wants the subscription.
    pub(crate) async fn ask(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
    ) -> Result<(), Failed> {
        let id = uuid::Uuid::new_v4().to_string();
        let body = envelope::confirmation(&self.links, name, subscription, &id);
        if subscription.protocol == "sqs" {
            return self
                .send(
                    &name.topic,
                    &subscription.endpoint,
                    json!({"MessageBody": body}),
                )
                .await;
        }
        self.post(name, subscription, "SubscriptionConfirmation", &id, body)
            .await
    }

    /// Gives a message that can't be delivered to the subscription's dead-letter queue, as the endpoint would have got
    /// it, with why it did not.
    pub(crate) async fn bury(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
        why: &Failed,
    ) -> Result<(), Failed> {
        let Some(arn) = subscription.dead_letter_arn() else {
            return Ok(());
        };
        let mut input = self.queue_input(name, subscription, message);
        let text = |value: &str| json!({"DataType": "String", "StringValue": value});
        input["MessageAttributes"] = json!({
            "RequestID": text(&uuid::Uuid::new_v4().to_string()),
            "ErrorCode": text(&why.code),
            "ErrorMessage": text(&why.text),
        });
        self.send(&name.topic, &arn, input).await
    }

    fn body(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
    ) -> String {
        if subscription.is_raw() {
            message.for_protocol(&subscription.protocol).to_owned()
        } else {
            envelope::notification(&self.links, name, message, &subscription.protocol)
        }
    }

    /// A message as SendMessage takes it. A raw one keeps its attributes as such.
    fn queue_input(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
    ) -> Value {
        let mut input = json!({"MessageBody": self.body(name, subscription, message)});
        if subscription.is_raw() && !message.attributes.is_empty() {
            let mut attributes = message.attributes.clone();
            for attribute in attributes.values_mut() {
                // Queues know no lists.
                if attribute.data_type == "String.Array" {
                    attribute.data_type = "String".into();
                }
            }
            input["MessageAttributes"] = json!(attributes);
        }
        if let Some(group) = &message.group {
            input["MessageGroupId"] = json!(group);
        }
        if let Some(id) = &message.deduplication_id {
            input["MessageDeduplicationId"] = json!(id);
        }
        input
    }

    async fn send(
        &self,
        topic: &TopicName,
        queue_arn: &str,
        mut input: Value,
    ) -> Result<(), Failed> {
        let arn = read_arn(queue_arn)?;
        let url = self.links.url.trim_end_matches('/');
        input["QueueUrl"] = format!("{url}/{}/{}", arn.account, arn.resource).into();
        if !is_fifo(&arn.resource)
            && let Some(members) = input.as_object_mut()
        {
            members.shift_remove("MessageDeduplicationId");
        }
        let input = input.as_object().cloned().unwrap_or_default();
        self.call(topic, "sqs", "SendMessage", &arn, input, Bytes::new())
            .await
    }

    async fn invoke(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
    ) -> Result<(), Failed> {
        let arn = read_arn(&subscription.endpoint)?;
        let event = envelope::lambda_event(&self.links, name, message);
        let input = [
            ("FunctionName", json!(subscription.endpoint)),
            ("InvocationType", json!("Event")),
        ];
        let input = input.map(|(name, value)| (name.to_owned(), value));
        self.call(
            &name.topic,
            "lambda",
            "Invoke",
            &arn,
            Members::from_iter(input),
            event.to_string().into(),
        )
        .await
    }

    /// One call in the name of the topic, in the account and region of what is called.
    async fn call(
        &self,
        topic: &TopicName,
        service: &'static str,
        operation: &str,
        target: &Arn,
        input: Members,
        body: Bytes,
    ) -> Result<(), Failed> {
        let mut caller = Caller::root(&target.account, &target.region);
        caller.arn = topic.arn().into();
        let call = Call {
            caller,
            request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
            service,
            operation: operation.to_owned(),
            input,
            body,
        };
        self.registry.call(call).await?;
        Ok(())
    }

    /// POSTs with AWS's headers ("HTTP/HTTPS headers" in the developer guide).
    async fn post(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        kind: &str,
        message_id: &str,
        body: String,
    ) -> Result<(), Failed> {
        let mut request = http::Request::post(&subscription.endpoint)
            .header("x-amz-sns-message-type", kind)
            .header("x-amz-sns-message-id", message_id)
            .header("x-amz-sns-topic-arn", name.topic.arn())
            .header("content-type", "text/plain; charset=UTF-8")
            .header("user-agent", "Amazon Simple Notification Service Agent");
        if kind == "Notification" {
            request = request.header("x-amz-sns-subscription-arn", name.arn());
            if subscription.is_raw() {
                request = request.header("x-amz-sns-rawdelivery", "true");
            }
        }
        let request = request
            .body(body.into())
            .map_err(|error| Failed::for_good("400", error.to_string()))?;
        match (self.post)(request).await {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(Failed {
                may_pass: status >= 500 || status == 429,
                code: status.to_string(),
                text: format!("The endpoint answered {status}."),
            }),
            Err(text) => Err(Failed {
                may_pass: true,
                code: "503".into(),
                text,
            }),
        }
    }
}

fn read_arn(text: &str) -> Result<Arn, Failed> {
    text.parse()
        .map_err(|_| Failed::for_good("400", format!("{text} is not an ARN")))
}
