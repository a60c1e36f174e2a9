//! A bucket's CORS rules: checked when set, applied to requests that come with an origin.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use s3s::dto::{CORSConfiguration, CORSRule};

use crate::backend::setting;
use crate::error::{self, Result};
use crate::rows::Bucket;

const RULES_MAX: usize = 100;
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// Whether AWS would take the rules.
pub(crate) fn check(configuration: &CORSConfiguration) -> Result<()> {
    let rules = &configuration.cors_rules;
    if rules.is_empty() || rules.len() > RULES_MAX {
        return Err(error::malformed_xml());
    }
    for rule in rules {
        if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
            return Err(error::malformed_xml());
        }
        if let Some(method) = rule
            .allowed_methods
            .iter()
            .find(|m| !METHODS.contains(&m.as_str()))
        {
            return Err(error::invalid_request(&format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
        let wild = |pattern: &&String| pattern.matches('*').count() > 1;
        if let Some(origin) = rule.allowed_origins.iter().find(wild) {
            return Err(error::invalid_request(&format!(
                "AllowedOrigin \"{origin}\" can not have more than one wildcard."
            )));
        }
        if let Some(header) = rule.allowed_headers.iter().flatten().find(wild) {
            return Err(error::invalid_request(&format!(
                "AllowedHeader \"{header}\" can not have more than one wildcard."
            )));
        }
    }
    Ok(())
}

fn rules(bucket: &Bucket) -> Vec<CORSRule> {
    bucket
        .settings
        .get(setting::CORS)
        .and_then(|text| crate::wire::from_xml::<CORSConfiguration>(text).ok())
        .map(|configuration| configuration.cors_rules)
        .unwrap_or_default()
}

/// The headers for an answer to a request with these ones; none where no rule fits, or nobody asked.
pub(crate) fn answer(bucket: &Bucket, method: &Method, headers: &HeaderMap) -> Option<HeaderMap> {
    let origin = headers.get(ORIGIN)?.to_str().ok()?;
    let method = method.as_str();
    let rule = rules(bucket)
        .into_iter()
        .find(|rule| fits(rule, origin, method))?;
    Some(granted(&rule, origin))
}

/// The headers for a preflight request's answer.
///
/// # Errors
/// `AccessForbidden`, as a browser's console shows it.
pub(crate) fn preflight(bucket: &Bucket, headers: &HeaderMap) -> Result<HeaderMap> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(ORIGIN) else {
        return Err(aws::ApiError::new(
            "BadRequest",
            "Insufficient information. Origin request header needed.",
        ));
    };
    let Some(method) = text(ACCESS_CONTROL_REQUEST_METHOD).filter(|m| METHODS.contains(m)) else {
        return Err(aws::ApiError::new(
            "BadRequest",
            "Invalid Access-Control-Request-Method: null",
        ));
    };
    let wanted: Vec<String> = text(ACCESS_CONTROL_REQUEST_HEADERS)
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let rules = rules(bucket);
    if rules.is_empty() {
        return Err(forbidden(
            "CORSResponse: CORS is not enabled for this bucket.",
        ));
    }
    let allows = |rule: &CORSRule| {
        wanted.iter().all(|name| {
            rule.allowed_headers
                .iter()
                .flatten()
                .any(|pattern| matches(&pattern.to_ascii_lowercase(), name))
        })
    };
    let rule = rules
        .iter()
        .find(|rule| fits(rule, origin, method) && allows(rule))
        .ok_or_else(|| {
            forbidden("CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.")
        })?;
    let mut answer = granted(rule, origin);
    if let Ok(value) = HeaderValue::from_str(&wanted.join(", "))
        && !wanted.is_empty()
    {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    Ok(answer)
}

fn forbidden(message: &str) -> aws::ApiError {
    aws::ApiError::new("AccessForbidden", message).with_status(403)
}

fn fits(rule: &CORSRule, origin: &str, method: &str) -> bool {
    rule.allowed_methods.iter().any(|allowed| allowed == method)
        && rule
            .allowed_origins
            .iter()
            .any(|pattern| matches(pattern, origin))
}

/// A pattern has at most one `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => {
            text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail)
        }
    }
}

fn granted(rule: &CORSRule, origin: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if rule.allowed_origins.iter().any(|allowed| allowed == "*") {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    } else {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    set(
        ACCESS_CONTROL_ALLOW_METHODS,
        &rule.allowed_methods.join(", "),
    );
    if let Some(exposed) = rule
        .expose_headers
        .as_ref()
        .filter(|exposed| !exposed.is_empty())
    {
        set(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        set(ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    set(
        VARY,
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    );
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_around_its_star() {
        for (pattern, text, wanted) in [
            ("*", "http://a.example", true),
            ("http://*.example", "http://a.example", true),
            ("http://*.example", "https://a.example", false),
            ("http://a*a.example", "http://a.example", false),
            ("x-amz-*", "x-amz-date", true),
            ("http://a.example", "http://a.example", true),
            ("http://a.example", "http://b.example", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }
}
