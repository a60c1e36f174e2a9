//! The HTTP door: what has to be done to a request before `s3s` reads it, and to its answer after.
//!
//! Signatures are the gateway's business, and any secret passes; `s3s` would check them, so credentials are taken off
//! here, chunk framing with them. Errors are written here, since AWS's have more
//! members than `s3s` gives them.

use std::sync::{Arc, Mutex, PoisonError};

use aws::{ApiError, Body, Caller, RequestId};
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES,
    RANGE, SERVER,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use percent_encoding::percent_decode_str;
use s3s::service::S3Service;

use crate::backend::Backend;
use crate::checksum::{Algorithm, base64, sha256_hex};
use crate::chunked::{Decoded, Trailers};
use crate::cors;
use crate::error::{self, Result};
use crate::wire::Context;

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");
const EXPECTED_OWNER: HeaderName = HeaderName::from_static("x-amz-expected-bucket-owner");
const SDK_ALGORITHM: HeaderName = HeaderName::from_static("x-amz-sdk-checksum-algorithm");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const TRAILER: HeaderName = HeaderName::from_static("x-amz-trailer");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// Answers one request.
pub(crate) async fn answer(
    backend: Arc<Backend>,
    service: S3Service,
    caller: Caller,
    id: RequestId,
    request: Request<Body>,
) -> Response<Body> {
    let method = request.method().clone();
    let head = method == Method::HEAD;
    let bucket = bucket_of(request.uri().path()).and_then(|name| backend.bucket(&name).ok());
    if method == Method::OPTIONS {
        let answer = match &bucket {
            Some(bucket) => cors::preflight(bucket, request.headers()),
            None => Err(
                ApiError::new("AccessForbidden", "CORSResponse: Bucket not found").with_status(403),
            ),
        };
        let response = match answer {
            Ok(headers) => with_headers(Response::new(aws::empty_body()), headers),
            Err(refused) => refusal(&refused, &id, head),
        };
        return finish(response, &id);
    }
    let granted = bucket
        .as_ref()
        .and_then(|bucket| cors::answer(bucket, &method, request.headers()));
    let owner = bucket.map(|bucket| bucket.account);
    let response = match prepared(request, caller, owner.as_deref()) {
        Ok((request, context)) => served(service, request, &context, &id, head).await,
        Err(refused) => refusal(&refused, &id, head),
    };
    let response = match granted {
        Some(headers) => with_headers(response, headers),
        None => response,
    };
    finish(response, &id)
}

async fn served(
    service: S3Service,
    request: Request<s3s::Body>,
    context: &Context,
    id: &RequestId,
    head: bool,
) -> Response<Body> {
    let answered = service.call(request).await;
    let refused = context
        .refusal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(refused) = refused {
        return refusal(&refused, id, head);
    }
    let response = match answered {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(?error, "a request could not be answered");
            return refusal(&error::internal(), id, head);
        }
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        return refusal(&spoken(response), id, head);
    }
    let mut response = response.map(|body| body.map_err(Into::into).boxed());
    if head && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// The refusal that `s3s` itself wrote as XML.
fn spoken(response: Response<s3s::Body>) -> ApiError {
    let status = response.status().as_u16();
    let bytes = response.into_body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let between = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (inner, _) = rest.split_once(&format!("</{name}>"))?;
        Some(unescape(inner))
    };
    let code = between("Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = between("Message").unwrap_or_else(|| error::text_of(&code).to_owned());
    ApiError::new(code, message).with_status(status)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.extend(["&#", &(character as u32).to_string(), ";"]),
            // XML 1.0 has no place for the other control characters.
            character if character < ' ' => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

fn host_id(id: &RequestId) -> String {
    base64(sha256_hex(id.0.as_bytes()).as_bytes())
}

/// An error as AWS writes it; without a body where HTTP has none.
fn refusal(refused: &ApiError, id: &RequestId, head: bool) -> Response<Body> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let mut element = |name: &str, text: &str| {
        xml.extend(["<", name, ">", &escape(text), "</", name, ">"]);
    };
    element("Code", &refused.code);
    element("Message", &refused.message);
    for (name, value) in &refused.members {
        element(name, value.as_str().unwrap_or_default());
    }
    element("RequestId", &id.0);
    element("HostId", &host_id(id));
    xml.push_str("</Error>");
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let unmodified = status == StatusCode::NOT_MODIFIED;
    let mut response = Response::new(if head || unmodified {
        aws::empty_body()
    } else {
        aws::full_body(xml)
    });
    *response.status_mut() = status;
    if unmodified {
        if let Some(etag) = refused.members.get("ETag").and_then(|etag| etag.as_str())
            && let Ok(value) = HeaderValue::from_str(etag)
        {
            response.headers_mut().insert(ETAG, value);
        }
    } else {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    response
}

/// The answer when there is none.
pub(crate) fn broken(id: &RequestId) -> Response<Body> {
    finish(refusal(&error::internal(), id, false), id)
}

fn with_headers(mut response: Response<Body>, headers: HeaderMap) -> Response<Body> {
    response.headers_mut().extend(headers);
    response
}

fn finish(mut response: Response<Body>, id: &RequestId) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in [(REQUEST_ID, id.0.to_string()), (HOST_ID, host_id(id))] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
    response
}

/// The first segment of a path-style path.
fn bucket_of(path: &str) -> Option<String> {
    let name = path.strip_prefix('/')?.split('/').next()?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    (!name.is_empty()).then(|| name.into_owned())
}

/// The same path with another query.
fn set_query(uri: &mut Uri, query: &str) -> Result<()> {
    let path = uri.path();
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    };
    *uri = target.parse().map_err(|_| {
        ApiError::new("InvalidURI", "Couldn't parse the specified URI.").with("URI", path)
    })?;
    Ok(())
}

/// The request as `s3s` is to see it: no credentials, no framing.
fn prepared(
    mut request: Request<Body>,
    caller: Caller,
    owner: Option<&str>,
) -> Result<(Request<s3s::Body>, Arc<Context>)> {
    unsign(&mut request)?;
    let headers = request.headers_mut();
    if let (Some(expected), Some(owner)) = (headers.get(EXPECTED_OWNER), owner)
        && expected.as_bytes() != owner.as_bytes()
    {
        return Err(error::access_denied("Access Denied"));
    }
    let text = |headers: &HeaderMap, name: HeaderName| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let payload = text(headers, CONTENT_SHA256).unwrap_or_default();
    let encodings = text(headers, CONTENT_ENCODING).unwrap_or_default();
    let algorithm = text(headers, SDK_ALGORITHM)
        .and_then(|name| Algorithm::parse(&name))
        .or_else(|| {
            let announced = text(headers, TRAILER)?;
            Algorithm::ALL
                .into_iter()
                .find(|algorithm| announced.eq_ignore_ascii_case(algorithm.header()))
        });
    let chunked = payload.starts_with("STREAMING-")
        || encodings
            .split(',')
            .any(|encoding| encoding.trim() == "aws-chunked");
    let decoded_length = text(headers, DECODED_LENGTH);
    let expires = text(headers, EXPIRES);
    for name in [
        AUTHORIZATION,
        CONTENT_SHA256,
        DECODED_LENGTH,
        EXPIRES,
        SECURITY_TOKEN,
    ] {
        headers.remove(name);
    }
    // A range that is none is ignored, and more than one too.
    if text(headers, RANGE).is_some_and(|range| s3s::dto::Range::parse(&range).is_err()) {
        headers.remove(RANGE);
    }
    let trailers = chunked.then(Trailers::default);
    let (mut parts, body) = request.into_parts();
    let body = match &trailers {
        None => {
            if !parts.headers.contains_key(CONTENT_LENGTH) && body.size_hint().exact() == Some(0) {
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
            }
            s3s::Body::http_body(body)
        }
        Some(trailers) => {
            let declared = decoded_length
                .and_then(|length| length.parse().ok())
                .ok_or_else(error::missing_content_length)?;
            set_encodings(&mut parts.headers, &encodings);
            parts
                .headers
                .insert(CONTENT_LENGTH, HeaderValue::from(declared));
            s3s::Body::http_body(Decoded::new(body, declared, Arc::clone(trailers)))
        }
    };
    let hex = payload.len() == 64 && payload.bytes().all(|byte| byte.is_ascii_hexdigit());
    let context = Arc::new(Context {
        caller,
        trailers,
        payload_sha256: hex.then_some(payload),
        algorithm,
        expires,
        refusal: Mutex::default(),
    });
    parts.extensions.insert(Arc::clone(&context));
    Ok((Request::from_parts(parts, body), context))
}

/// What is left of `Content-Encoding` without the framing is the object's own.
fn set_encodings(headers: &mut HeaderMap, encodings: &str) {
    let own: Vec<_> = encodings
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
        .collect();
    headers.remove(CONTENT_ENCODING);
    if let Ok(value) = HeaderValue::from_str(&own.join(","))
        && !own.is_empty()
    {
        headers.insert(CONTENT_ENCODING, value);
    }
}

/// Takes a presigned request's credentials off its query; its time has been looked at by the gateway. Headers that were
/// signed into the query become headers.
fn unsign(request: &mut Request<Body>) -> Result<()> {
    let Some(query) = request.uri().query() else {
        return Ok(());
    };
    let pairs: Vec<(String, &str, &str)> = query
        .split('&')
        .map(|raw| {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            (decode(name), value, raw)
        })
        .collect();
    let has = |wanted: &str| pairs.iter().any(|(name, _, _)| name == wanted);
    let v4 = has("X-Amz-Signature");
    let v2 = has("Signature") && has("AWSAccessKeyId");
    if !v4 && !v2 {
        return Ok(());
    }
    let mut kept = Vec::new();
    let mut hoisted = HeaderMap::new();
    for (name, value, raw) in &pairs {
        let lower = name.to_ascii_lowercase();
        if v2 && matches!(name.as_str(), "Signature" | "AWSAccessKeyId" | "Expires") {
            continue;
        }
        if !lower.starts_with("x-amz-") {
            kept.push(*raw);
            continue;
        }
        let credential = matches!(
            lower.as_str(),
            "x-amz-algorithm"
                | "x-amz-credential"
                | "x-amz-date"
                | "x-amz-expires"
                | "x-amz-signedheaders"
                | "x-amz-signature"
        );
        if let (false, Ok(name), Ok(value)) = (
            credential,
            HeaderName::from_bytes(lower.as_bytes()),
            HeaderValue::from_str(&decode(value)),
        ) {
            hoisted.insert(name, value);
        }
    }
    let query = kept.join("&");
    set_query(request.uri_mut(), &query)?;
    for (name, value) in hoisted {
        if let Some(name) = name {
            request.headers_mut().entry(name).or_insert(value);
        }
    }
    Ok(())
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presigned_request_loses_its_credentials_and_keeps_the_rest() {
        let target =
            "/b/k?x-id=PutObject&X-Amz-Signature=00&X-Amz-Date=1&x-amz-meta-a=b%20c&partNumber=1";
        let mut request = Request::new(aws::empty_body());
        *request.uri_mut() = target.parse().expect("it is a target");
        unsign(&mut request).expect("the target stays one");
        assert_eq!(request.uri(), "/b/k?x-id=PutObject&partNumber=1");
        assert_eq!(request.headers()["x-amz-meta-a"], "b c");
        assert_eq!(request.headers().len(), 1);
    }

    #[test]
    fn texts_are_escaped_and_back() {
        assert_eq!(escape("a<b>&\"\u{1}"), "a&lt;b&gt;&amp;&quot;\u{fffd}");
        assert_eq!(unescape("a&lt;b&gt;&amp;lt;"), "a<b>&lt;");
    }
}
