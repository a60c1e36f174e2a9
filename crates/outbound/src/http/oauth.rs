//! Tokens for the client credentials of a connection.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::ApiError;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use serde_json::Value;
use tokio::time::Instant;

use super::connection::{basic_value, keys_and_values};
use super::{address, form, secret, unusable};
use crate::Client;

/// `OAuthParameters` of a connection, with the client's secret.
#[derive(Clone, PartialEq)]
pub(super) struct Grant(pub(super) Value);

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant")
    }
}

/// The tokens that are good, by connection.
#[derive(Default)]
pub(super) struct Tokens {
    // Those who want a token of one connection at once wait for one that fetches it.
    by_connection: Mutex<HashMap<String, Arc<Slot>>>,
}

type Slot = tokio::sync::Mutex<Option<Token>>;

struct Token {
    text: String,
    /// What it was given for: a connection's parameters may change.
    grant: Grant,
    until: Instant,
}

/// AWS allows 3,000 connections in a region; what is beyond is fetched again.
const CONNECTIONS_MAX: usize = 3_000;
/// For tokens that do not say how long they are good.
const LIFETIME: Duration = Duration::from_hours(1);
/// A token that ends while the request is under way is of no use.
const MARGIN: Duration = Duration::from_secs(30);

impl Tokens {
    /// The token of a connection: one that was fetched before and is good, and is not the one that was `refused`, or a new
    /// one.
    ///
    /// # Errors
    /// `Events.ConnectionResource.InvalidConnectionState` when there is none to be had.
    pub(super) async fn token(
        &self,
        client: &Client,
        arn: &str,
        grant: &Grant,
        refused: Option<&str>,
    ) -> Result<String, ApiError> {
        let slot = self.slot(arn);
        let mut held = slot.lock().await;
        if let Some(token) = &*held
            && token.grant == *grant
            && token.until > Instant::now()
            && refused != Some(token.text.as_str())
        {
            return Ok(token.text.clone());
        }
        *held = None;
        let token = fetch(client, grant).await?;
        let text = token.text.clone();
        *held = Some(token);
        Ok(text)
    }

    fn slot(&self, arn: &str) -> Arc<Slot> {
        let mut slots = self
            .by_connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= CONNECTIONS_MAX && !slots.contains_key(arn) {
            slots.clear();
        }
        Arc::clone(slots.entry(arn.to_owned()).or_default())
    }
}

async fn fetch(client: &Client, grant: &Grant) -> Result<Token, ApiError> {
    let refuse = |cause: String| unusable("InvalidConnectionState", cause);
    let answered = client.send(request(grant)?).await;
    let answered = answered.map_err(|error| {
        refuse(format!(
            "The authorization endpoint does not answer: {error}"
        ))
    })?;
    let status = answered.status();
    let given: Value = serde_json::from_slice(answered.body()).unwrap_or_default();
    match given["access_token"].as_str() {
        Some(text) if status.is_success() => {
            // Some servers write the number as text.
            let seconds = given["expires_in"]
                .as_u64()
                .or_else(|| given["expires_in"].as_str()?.parse().ok());
            // A year is longer than any execution.
            let lifetime = seconds.map_or(LIFETIME, |seconds| {
                Duration::from_secs(seconds.min(366 * 24 * 60 * 60))
            });
            Ok(Token {
                text: text.to_owned(),
                grant: grant.clone(),
                until: Instant::now() + lifetime.saturating_sub(MARGIN),
            })
        }
        _ => Err(refuse(format!(
            "The authorization endpoint answered {status} and no access token"
        ))),
    }
}

/// DIVERGENCE: the form of EventBridge's token requests is not documented; the client's id and secret go into Basic
/// authorization, `grant_type=client_credentials` into the parameters unless the connection has it there.
fn request(grant: &Grant) -> Result<Request<Bytes>, ApiError> {
    let Grant(grant) = grant;
    let parameters = |kind: &str| keys_and_values(&grant["OAuthHttpParameters"][kind]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut query, mut body) = (
        parameters("QueryStringParameters"),
        parameters("BodyParameters"),
    );
    let method = match grant["HttpMethod"].as_str() {
        Some("GET") => Method::GET,
        Some("PUT") => Method::PUT,
        _ => Method::POST,
    };
    let has_type = |pairs: &[(String, String)]| pairs.iter().any(|(name, _)| name == "grant_type");
    if !has_type(&query) && !has_type(&body) {
        let pairs = if method == Method::GET {
            &mut query
        } else {
            &mut body
        };
        pairs.push(("grant_type".into(), "client_credentials".into()));
    }
    let pairs: Vec<String> = body
        .iter()
        .map(|(name, value)| form::pair(name, value))
        .collect();
    let mut request = Request::new(Bytes::from(pairs.join("&")));
    *request.uri_mut() = address(&text(&grant["AuthorizationEndpoint"]), query)?;
    let client = &grant["ClientParameters"];
    let basic = basic_value(&text(&client["ClientID"]), &text(&client["ClientSecret"]));
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, secret(&basic)?);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if !body.is_empty() {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
    }
    for (name, value) in parameters("HeaderParameters") {
        let known: http::HeaderName = name.parse().map_err(|_| {
            unusable(
                "InvalidConnectionState",
                format!("The header '{name}' can't be sent"),
            )
        })?;
        headers.insert(known, secret(&value)?);
    }
    *request.method_mut() = method;
    Ok(request)
}
