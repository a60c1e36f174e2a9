//! Who calls: credentials in the `Authorization` header or a presigned query, read always, verified when there are
//! secrets to verify them with.

mod sigv4;

use std::sync::Arc;

use aws::{ApiError, Caller, Identities, Identity};
use http::request::Parts;
use jiff::Timestamp;

use crate::Config;
use crate::door::header;
pub(crate) use sigv4::{Payload, Signature};

/// What a request says of its caller.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// Nothing.
    Missing,
    /// Signature Version 4.
    V4(Box<Signature>),
    /// S3's older signature, which SDKs still make presigned URLs with.
    V2 {
        access_key: String,
        expires: Option<i64>,
    },
    /// Something that can't be read, and why.
    Malformed(String),
}

impl Credentials {
    /// Reads a request's credentials, without judging them.
    pub(crate) fn read(parts: &Parts) -> Self {
        if let Some(value) = parts.headers.get(http::header::AUTHORIZATION) {
            let Ok(text) = value.to_str() else {
                return Self::Malformed("Authorization header is not readable text".into());
            };
            if let Some(rest) = text.strip_prefix("AWS ") {
                let access_key = rest.split(':').next().unwrap_or_default().to_owned();
                return Self::V2 {
                    access_key,
                    expires: None,
                };
            }
            return match Signature::from_header(text, parts) {
                Ok(signature) => Self::V4(Box::new(signature)),
                Err(text) => Self::Malformed(text),
            };
        }
        let query = parts.uri.query().unwrap_or_default();
        if query.contains("X-Amz-Signature=") {
            return match Signature::from_query(query) {
                Ok(signature) => Self::V4(Box::new(signature)),
                Err(text) => Self::Malformed(text),
            };
        }
        if query.contains("AWSAccessKeyId=") && query.contains("Signature=") {
            let pairs = sigv4::query_pairs(query);
            let value = |name: &str| {
                let pair = pairs.iter().find(|(key, _)| key == name)?;
                Some(pair.1.clone())
            };
            return Self::V2 {
                access_key: value("AWSAccessKeyId").unwrap_or_default(),
                expires: value("Expires").and_then(|text| text.parse().ok()),
            };
        }
        Self::Missing
    }

    /// Whether there are any, readable or not.
    pub(crate) fn are_there(&self) -> bool {
        !matches!(self, Self::Missing)
    }

    /// What the request is signed for.
    pub(crate) fn service(&self) -> Option<&str> {
        match self {
            Self::V4(signature) => Some(&signature.service),
            Self::V2 { .. } => Some("s3"),
            Self::Missing | Self::Malformed(_) => None,
        }
    }
}

/// How a service words its refusals of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    Json,
    Query,
    S3,
}

/// Judges a request's credentials; `payload` is what the signature must cover.
///
/// # Errors
/// In AWS's words, when there are none, they can't be read, have expired, or do not verify.
pub(crate) fn caller(
    config: &Config,
    identities: &[Arc<dyn Identities>],
    parts: &Parts,
    credentials: &Credentials,
    payload: Payload<'_>,
    wording: Wording,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    match credentials {
        Credentials::Missing => Err(missing(wording)),
        Credentials::Malformed(text) => Err(incomplete(wording, text)),
        Credentials::V2 {
            access_key,
            expires,
        } => {
            if !config.secrets.is_empty() {
                return Err(ApiError::new(
                    "InvalidRequest",
                    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
                ));
            }
            if expires.is_some_and(|at| at < now.as_second()) {
                return Err(expired(wording));
            }
            Ok(identify(identities, access_key, "us-east-1"))
        }
        Credentials::V4(signature) => {
            if signature.has_expired(now) {
                return Err(expired(wording));
            }
            if !config.secrets.is_empty() {
                verify(config, identities, parts, signature, payload, wording, now)?;
            }
            Ok(identify(
                identities,
                &signature.access_key,
                &signature.region,
            ))
        }
    }
}

/// The caller without credentials, as S3 knows it: it may read what is public.
pub(crate) fn anonymous() -> Caller {
    let mut caller = Caller::root(ACCOUNT, "us-east-1");
    caller.arn = "anonymous".into();
    caller
}

/// The account of every access key that does not say otherwise.
const ACCOUNT: &str = "000000000000";

fn identify(identities: &[Arc<dyn Identities>], access_key: &str, region: &str) -> Caller {
    let known = known(identities, access_key);
    let mut caller = match known {
        Some(identity) => {
            let mut caller = Caller::root(&identity.account, region);
            caller.arn = identity.arn;
            caller
        }
        None if is_account(access_key) => Caller::root(access_key, region),
        None => Caller::root(ACCOUNT, region),
    };
    caller.access_key = access_key.into();
    caller
}

fn known(identities: &[Arc<dyn Identities>], access_key: &str) -> Option<Identity> {
    identities
        .iter()
        .find_map(|identities| identities.identity(access_key))
}

fn is_account(access_key: &str) -> bool {
    access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit())
}

fn verify(
    config: &Config,
    identities: &[Arc<dyn Identities>],
    parts: &Parts,
    signature: &Signature,
    payload: Payload<'_>,
    wording: Wording,
    now: Timestamp,
) -> Result<(), ApiError> {
    let given_out = known(identities, &signature.access_key);
    let secret = config.secrets.get(&signature.access_key);
    let (secret, token) = match (secret, &given_out) {
        (Some(secret), _) => (secret.as_str(), None),
        (None, Some(identity)) => (&*identity.secret, identity.token.as_deref()),
        (None, None) => return Err(unknown_key(wording)),
    };
    if let Some(token) = token
        && signature.token(parts).as_deref() != Some(token)
    {
        return Err(unknown_key(wording));
    }
    if signature.is_skewed(now) {
        return Err(skewed(wording));
    }
    if signature.matches(parts, secret, payload) {
        Ok(())
    } else {
        Err(mismatch(wording))
    }
}

fn missing(wording: Wording) -> ApiError {
    match wording {
        Wording::Json => ApiError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        Wording::Query => ApiError::new(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        Wording::S3 => ApiError::new("AccessDenied", "Access Denied"),
    }
    .with_status(403)
}

fn incomplete(wording: Wording, text: &str) -> ApiError {
    match wording {
        Wording::Json => ApiError::new("IncompleteSignatureException", text),
        Wording::Query => ApiError::new("IncompleteSignature", text),
        Wording::S3 => ApiError::new("AuthorizationHeaderMalformed", text),
    }
}

fn expired(wording: Wording) -> ApiError {
    match wording {
        Wording::Json => ApiError::new("InvalidSignatureException", "Signature expired"),
        Wording::Query => ApiError::new("SignatureDoesNotMatch", "Signature expired"),
        Wording::S3 => ApiError::new("AccessDenied", "Request has expired"),
    }
    .with_status(403)
}

fn skewed(wording: Wording) -> ApiError {
    match wording {
        Wording::S3 => ApiError::new(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .with_status(403),
        Wording::Json | Wording::Query => expired(wording),
    }
}

fn unknown_key(wording: Wording) -> ApiError {
    let text = "The security token included in the request is invalid.";
    match wording {
        Wording::Json => ApiError::new("UnrecognizedClientException", text),
        Wording::Query => ApiError::new("InvalidClientTokenId", text),
        Wording::S3 => ApiError::new(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
    }
    .with_status(403)
}

fn mismatch(wording: Wording) -> ApiError {
    let text = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    match wording {
        Wording::Json => ApiError::new("InvalidSignatureException", text),
        Wording::Query => ApiError::new("SignatureDoesNotMatch", text),
        Wording::S3 => ApiError::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ),
    }
    .with_status(403)
}

/// A header's value, for [`Signature`].
fn text_header<'p>(parts: &'p Parts, name: &str) -> &'p str {
    header(parts, name).unwrap_or_default()
}
