//! Pages under `/_aws/sns/`: the inbox, and what the links in messages lead to.

use std::collections::BTreeMap;

use aws::{Answer, ApiError, Body, BoxFuture, Caller, HttpService, RequestId, full_body, protocol};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::Sns;
use crate::name::{SubscriptionName, TopicName};
use crate::ops::subscriptions;
use crate::{error, model::Subscription};

/// Where the gateway finds these pages.
pub const PAGES_PATH: &str = "/_aws/sns/";

/// Letters on one page of the inbox: each holds up to 256 KB.
const LETTERS_PAGE: usize = 50;

impl HttpService for Sns {
    fn handle(
        &self,
        _caller: Caller,
        request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let path = request.uri().path();
            let parameters = parameters(request.uri().query().unwrap_or_default());
            // A look ahead at a link must not follow it.
            if *request.method() != Method::GET {
                return plain(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "Only GET is answered here.\n",
                );
            }
            match path.strip_prefix(PAGES_PATH) {
                Some("inbox") => self.letters(&parameters),
                Some("") => self.follow(&parameters, &request_id).await.map(full_body),
                _ => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
            }
        })
    }
}

impl Sns {
    /// `?email=…` or `?to=…`, `?account=…`, `?limit=…`, `?next=…`; newest first.
    fn letters(&self, parameters: &BTreeMap<String, String>) -> Response<Body> {
        let account = parameters
            .get("account")
            .map_or("000000000000", |text| text);
        let to = parameters.get("email").or_else(|| parameters.get("to"));
        let number = |name: &str| match parameters.get(name) {
            Some(text) => text.parse::<u64>().map(Some).map_err(|_| name.to_owned()),
            None => Ok(None),
        };
        let (limit, next) = match (number("limit"), number("next")) {
            (Ok(limit), Ok(next)) => (limit.unwrap_or(LETTERS_PAGE as u64), next),
            (Err(name), _) | (_, Err(name)) => {
                return plain(
                    StatusCode::BAD_REQUEST,
                    format!("`{name}` is not a number\n"),
                );
            }
        };
        let limit = (limit as usize).clamp(1, LETTERS_PAGE);
        match self
            .inbox
            .letters(account, to.map(String::as_str), next, limit)
        {
            Ok((letters, next)) => {
                let next = next.map(|number| number.to_string());
                let text = json!({"messages": letters, "next": next}).to_string();
                answer(StatusCode::OK, "application/json", text)
            }
            Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        }
    }

    /// Does what a link says, and answers as AWS's API does.
    async fn follow(
        &self,
        parameters: &BTreeMap<String, String>,
        request_id: &RequestId,
    ) -> Response<Bytes> {
        let model = aws::model::service("sns").expect("SNS has a model");
        let action = parameters.get("Action").map_or("", |action| action);
        let (operation, done) = match (action, model.operation(action)) {
            ("ConfirmSubscription", Some(operation)) => {
                (operation, self.confirm_by_link(parameters).await)
            }
            ("Unsubscribe", Some(operation)) => {
                (operation, self.unsubscribe_by_link(parameters).await)
            }
            _ => {
                let error = ApiError::new("InvalidAction", "A link confirms or unsubscribes.");
                return protocol::encode_error(model, &error, request_id);
            }
        };
        match done {
            Ok(answer) => protocol::encode(model, operation, answer, request_id),
            Err(error) => protocol::encode_error(model, &error, request_id),
        }
    }

    async fn confirm_by_link(
        &self,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Answer, ApiError> {
        let given = |name: &str| parameters.get(name).ok_or_else(|| error::invalid(name));
        let topic = TopicName::of_arn(given("TopicArn")?)?;
        let name = subscriptions::confirm_by(self, &topic, given("Token")?, false, false).await?;
        Ok(Answer::json(json!({"SubscriptionArn": name.arn()})))
    }

    async fn unsubscribe_by_link(
        &self,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Answer, ApiError> {
        let name = parameters
            .get("SubscriptionArn")
            .and_then(|arn| SubscriptionName::of_arn(arn))
            .ok_or_else(|| error::invalid("SubscriptionArn"))?;
        let subscription = self.topics.subscription(&name)?;
        if subscription.is_some_and(|Subscription { guarded, .. }| guarded) {
            return Err(ApiError::new(
                "AuthorizationError",
                "This subscription can be deleted by its owner only",
            )
            .with_status(403));
        }
        subscriptions::end(self, &name).await?;
        Ok(Answer::default())
    }
}

/// The parameters of a query; of one that comes twice the last.
fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    answer(status, "text/plain; charset=utf-8", text.into())
}

fn answer(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(full_body(text));
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, content_type);
    response
}
