//! What a task asks for, and the request that it becomes.

use aws::{ApiError, Members};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use serde_json::Value;

use super::connection::Connection;
use super::form::{self, ArrayFormat};
use super::{address, runtime};

/// A task's parameters.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) connection_arn: String,
    endpoint: String,
    method: Method,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Option<Value>,
    /// The body is a form, with arrays like that.
    form: Option<ArrayFormat>,
}

/// The methods that the guide names.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// The headers that a task may not set, by the guide, and `Authorization`, which is the connection's.
const FORBIDDEN: [&str; 33] = [
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
    // Its value follows from the body.
    "content-length",
];
const FORBIDDEN_PREFIXES: [&str; 3] = ["x-forwarded-", "x-amz-", "x-amzn-"];

impl Task {
    /// Reads the parameters.
    ///
    /// # Errors
    /// `States.Runtime` where one is missing or not of its kind.
    pub(super) fn read(parameters: &Members) -> Result<Self, ApiError> {
        let text = |name: &str| match parameters.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(runtime(format!(
                "The field '{name}' is required but was missing"
            ))),
        };
        let method = text("Method")?;
        if !METHODS.contains(&method.as_str()) {
            return Err(runtime(format!("The method '{method}' is not supported")));
        }
        // Its name in the examples of the guide, and the one that its reference has.
        let connection_arn = ["Authentication", "InvocationConfig"]
            .iter()
            .find_map(|field| parameters.get(*field)?.get("ConnectionArn")?.as_str())
            .ok_or_else(|| runtime("The field 'ConnectionArn' is required but was missing"))?;
        Ok(Self {
            connection_arn: connection_arn.to_owned(),
            endpoint: text("ApiEndpoint")?,
            method: method.parse().expect("it is one of the known ones"),
            headers: headers(parameters.get("Headers"))?,
            query: pairs("QueryParameters", parameters.get("QueryParameters"))?,
            body: parameters
                .get("RequestBody")
                .filter(|body| !body.is_null())
                .cloned(),
            form: transform(parameters.get("Transform"))?,
        })
    }

    /// The request, with what the connection adds; what both have is the connection's.
    ///
    /// # Errors
    /// `States.Runtime` where the two can't be merged or sent.
    pub(super) fn request(
        self,
        connection: &Connection,
        region: &str,
    ) -> Result<Request<Bytes>, ApiError> {
        let Self {
            endpoint,
            method,
            mut headers,
            mut query,
            body,
            form,
            ..
        } = self;
        query.retain(|(name, _)| !connection.query.iter().any(|(known, _)| known == name));
        query.extend(connection.query.iter().cloned());
        let body = encoded(merged(body, &connection.body)?, form)?;
        if let Some((_, kind)) = &body {
            let kind = HeaderValue::from_static(kind);
            headers.entry(header::CONTENT_TYPE).or_insert(kind);
        }
        for (name, value) in &connection.headers {
            headers.insert(name.clone(), value.clone());
        }
        // Both can't be set by anyone: a server that honours the range answers 206.
        let agent = format!("Amazon|StepFunctions|HttpInvoke|{region}");
        if let Ok(agent) = agent.parse() {
            headers.insert(header::USER_AGENT, agent);
        }
        let range = HeaderValue::from_static("bytes=0-262144");
        headers.insert(header::RANGE, range);
        let mut request = Request::new(body.map_or_else(Bytes::new, |(body, _)| body));
        *request.method_mut() = method;
        *request.uri_mut() = address(&endpoint, query)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn headers(given: Option<&Value>) -> Result<HeaderMap, ApiError> {
    let pairs = pairs("Headers", given)?;
    let forbidden: Vec<String> = pairs
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .filter(|name| {
            let prefixed = |prefix: &&str| name.starts_with(*prefix);
            FORBIDDEN.contains(&name.as_str()) || FORBIDDEN_PREFIXES.iter().any(prefixed)
        })
        .collect();
    if !forbidden.is_empty() {
        // AWS's words, when it is asked to keep such a definition.
        return Err(runtime(format!(
            "The 'Headers' field contains unsupported values: [{}]",
            forbidden.join(", ")
        )));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let known: Result<HeaderName, _> = name.parse();
        let (Ok(known), Ok(value)) = (known, HeaderValue::from_str(&value)) else {
            return Err(runtime(format!("The header '{name}' can't be sent")));
        };
        headers.append(known, value);
    }
    Ok(headers)
}

/// Names and values of an object; a list is several values of one name.
fn pairs(field: &str, given: Option<&Value>) -> Result<Vec<(String, String)>, ApiError> {
    let object = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(object)) => object,
        Some(_) => return Err(runtime(format!("The field '{field}' must be an object"))),
    };
    let mut pairs = Vec::new();
    for (name, value) in object {
        match value {
            Value::Array(items) => {
                pairs.extend(items.iter().map(|item| (name.clone(), form::text(item))));
            }
            value => pairs.push((name.clone(), form::text(value))),
        }
    }
    Ok(pairs)
}

fn transform(given: Option<&Value>) -> Result<Option<ArrayFormat>, ApiError> {
    let Some(transform) = given.filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let text = |value: Option<&Value>| value.map(form::text);
    match text(transform.get("RequestBodyEncoding")).as_deref() {
        None | Some("NONE") => Ok(None),
        Some("URL_ENCODED") => {
            let options = transform.get("RequestEncodingOptions");
            let format = text(options.and_then(|options| options.get("ArrayFormat")));
            let format = format.as_deref().unwrap_or("INDICES");
            ArrayFormat::parse(format)
                .map(Some)
                .ok_or_else(|| runtime(format!("The array format '{format}' is not supported")))
        }
        Some(other) => Err(runtime(format!(
            "The request body encoding '{other}' is not supported"
        ))),
    }
}

/// The body with the connection's members in it.
fn merged(body: Option<Value>, connection: &[(String, String)]) -> Result<Option<Value>, ApiError> {
    if connection.is_empty() {
        return Ok(body);
    }
    let mut members = match body {
        None => Members::new(),
        Some(Value::Object(members)) => members,
        Some(_) => {
            return Err(runtime(
                "The connection has body parameters, which can be merged only into a request body that is an object",
            ));
        }
    };
    for (name, value) in connection {
        members.insert(name.clone(), value.as_str().into());
    }
    Ok(Some(Value::Object(members)))
}

/// The bytes of a body, and what they are.
fn encoded(
    body: Option<Value>,
    form: Option<ArrayFormat>,
) -> Result<Option<(Bytes, &'static str)>, ApiError> {
    Ok(match (body, form) {
        (None, _) => None,
        // Not documented: a text is sent as it is, so that it can be what the endpoint reads.
        (Some(Value::String(text)), None) => Some((text.into(), "application/json")),
        (Some(Value::String(text)), Some(_)) => {
            Some((text.into(), "application/x-www-form-urlencoded"))
        }
        (Some(body), None) => Some((body.to_string().into(), "application/json")),
        (Some(Value::Object(members)), Some(format)) => Some((
            form::encode(&members, format).into(),
            "application/x-www-form-urlencoded",
        )),
        (Some(_), Some(_)) => {
            return Err(runtime(
                "Only a request body that is an object can be URL-encoded",
            ));
        }
    })
}
