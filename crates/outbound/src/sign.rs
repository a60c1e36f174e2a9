//! Signature Version 4, the signing side.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, HeaderValue, Request, header};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::Credentials;

/// What a signature is good for.
pub(crate) struct Scope<'s> {
    pub(crate) region: &'s str,
    /// The model's signing name.
    pub(crate) service: &'s str,
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const UNRESERVED_AND_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Signs a request that has its whole address: adds `Host`, the date, the session token, for S3 the body's hash, and
/// `Authorization`. All headers that it has are signed.
pub(crate) fn sign(
    request: &mut Request<Bytes>,
    credentials: &Credentials,
    scope: &Scope<'_>,
    now: Timestamp,
) {
    let hash = hex::encode(Sha256::digest(request.body()));
    sign_hash(request, &hash, credentials, scope, now);
}

/// The same for a body of which the hash, or what S3 takes instead of one, is known.
pub(crate) fn sign_hash<B>(
    request: &mut Request<B>,
    hash: &str,
    credentials: &Credentials,
    scope: &Scope<'_>,
    now: Timestamp,
) {
    let at = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let host = host(request.uri());
    let headers = request.headers_mut();
    headers.insert(header::HOST, text(&host));
    headers.insert("x-amz-date", text(&at));
    if scope.service == "s3" {
        headers.insert("x-amz-content-sha256", text(hash));
    }
    if let Some(token) = &credentials.session_token {
        headers.insert("x-amz-security-token", text(token));
    }
    let date = &at[..8];
    let scoped = format!("{date}/{}/{}/aws4_request", scope.region, scope.service);
    let (signed, lines) = canonical_headers(request.headers());
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{signed}\n{hash}",
        request.method(),
        canonical_path(request.uri().path(), scope.service),
        canonical_query(request.uri().query().unwrap_or_default()),
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{at}\n{scoped}\n{}",
        hex::encode(Sha256::digest(canonical))
    );
    let mut key = hmac(format!("AWS4{}", credentials.secret_key).as_bytes(), date);
    for part in [scope.region, scope.service, "aws4_request"] {
        key = hmac(&key, part);
    }
    let mut authorization = text(&format!(
        "AWS4-HMAC-SHA256 Credential={}/{scoped}, SignedHeaders={signed}, Signature={}",
        credentials.access_key,
        hex::encode(hmac(&key, &to_sign)),
    ));
    authorization.set_sensitive(true);
    request
        .headers_mut()
        .insert(header::AUTHORIZATION, authorization);
}

/// As the client writes it: without the port that the scheme means anyway.
fn host(address: &http::Uri) -> String {
    let name = address.host().unwrap_or_default();
    match (address.scheme_str(), address.port_u16()) {
        (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443)) => name.to_owned(),
        (_, Some(port)) => format!("{name}:{port}"),
    }
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("endpoints and credentials are checked when they are set")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The names of all headers, and a line for each.
fn canonical_headers(headers: &HeaderMap) -> (String, String) {
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let mut lines = String::new();
    for name in &names {
        let values: Vec<String> = headers
            .get_all(*name)
            .iter()
            .map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes());
                let words: Vec<&str> = text.split_ascii_whitespace().collect();
                words.join(" ")
            })
            .collect();
        let _ = writeln!(lines, "{name}:{}", values.join(","));
    }
    (names.join(";"), lines)
}

/// S3's paths are encoded once, and its keys may hold `..` and `//`; other services' paths are normalised and encoded
/// twice.
fn canonical_path(path: &str, service: &str) -> String {
    if service == "s3" {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let trailing = if path.ends_with('/') && !kept.is_empty() {
        "/"
    } else {
        ""
    };
    let path = format!("/{}{trailing}", kept.join("/"));
    utf8_percent_encode(&path, UNRESERVED_AND_SLASH).to_string()
}

fn canonical_query(query: &str) -> String {
    let again = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        utf8_percent_encode(&decoded, UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (again(name), again(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static str) -> String {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("https://example.amazonaws.com{uri}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).expect("a request");
        let credentials = Credentials {
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let scope = Scope {
            region: "us-east-1",
            service: "service",
        };
        let now = "2015-08-30T12:36:00Z".parse().expect("an instant");
        sign(&mut request, &credentials, &scope, now);
        let value = request.headers()["authorization"].to_str().expect("text");
        let (_, signature) = value.rsplit_once('=').expect("it ends with the signature");
        signature.to_owned()
    }

    // From AWS's Signature Version 4 test suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla,
    // post-x-www-form-urlencoded.
    #[test]
    fn the_suite_s_requests_get_the_suite_s_signatures() {
        assert_eq!(
            signature("GET", "/", &[], ""),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert_eq!(
            signature("GET", "/?Param2=value2&Param1=value1", &[], ""),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        );
        assert_eq!(
            signature("POST", "/", &[], ""),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(
            signature("POST", "/", &form, "Param1=value1"),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );
    }

    #[test]
    fn the_paths_of_s3_are_signed_as_they_are() {
        assert_eq!(canonical_path("/b/a%20b/..//c/", "s3"), "/b/a%20b/..//c/");
        assert_eq!(canonical_path("/b/a%20b/..//c/", "lambda"), "/b/c/");
        assert_eq!(canonical_path("/a%3Ab", "lambda"), "/a%253Ab");
    }

    #[test]
    fn a_port_is_signed_where_it_is_not_the_scheme_s() {
        let host_of = |address: &str| host(&address.parse().expect("an address"));
        assert_eq!(host_of("https://a:443/"), "a");
        assert_eq!(host_of("http://a:443/"), "a:443");
        assert_eq!(host_of("http://[::1]:9000/"), "[::1]:9000");
    }
}
