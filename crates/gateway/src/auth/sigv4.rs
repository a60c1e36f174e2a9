//! Signature Version 4: reading it, and making it again to compare.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::text_header;

/// A signature and all it says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
    date: String,
    at: String,
    signed_headers: Vec<String>,
    signature: String,
    /// Seconds that a presigned URL is good for.
    expires: Option<i64>,
    query_token: Option<String>,
    /// Made with an elliptic curve (version 4a), which is read and can't be verified here.
    asymmetric: bool,
}

/// What the signature must cover of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'b> {
    /// All of it; `double_encoded` paths.
    Whole(&'b [u8]),
    /// What `x-amz-content-sha256` says; the one who reads the stream compares (S3).
    Streamed,
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const UNRESERVED_AND_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

const SKEW_SECONDS_MAX: i64 = 15 * 60;

impl Signature {
    /// Reads the `Authorization` header.
    ///
    /// # Errors
    /// AWS's text of what is missing.
    pub(super) fn from_header(text: &str, parts: &Parts) -> Result<Self, String> {
        let (algorithm, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let asymmetric = match algorithm {
            "AWS4-HMAC-SHA256" => false,
            "AWS4-ECDSA-P256-SHA256" => true,
            _ => return Err(format!("Unsupported AWS 'algorithm': '{algorithm}'")),
        };
        let parameter = |name: &str| {
            rest.split(',')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.trim().to_owned())
        };
        let (credential, signed_headers, signature) = (
            parameter("Credential"),
            parameter("SignedHeaders"),
            parameter("Signature"),
        );
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (&credential, &signed_headers, &signature)
        else {
            let mut text = String::new();
            for (name, is_missing) in [
                ("Credential", credential.is_none()),
                ("Signature", signature.is_none()),
                ("SignedHeaders", signed_headers.is_none()),
            ] {
                if is_missing {
                    let _ = write!(text, "Authorization header requires '{name}' parameter. ");
                }
            }
            let _ = write!(text, "Authorization={algorithm}");
            return Err(text);
        };
        let mut read = Self::from_scope(credential, asymmetric)?;
        if asymmetric {
            text_header(parts, "x-amz-region-set").clone_into(&mut read.region);
        }
        read.at = match text_header(parts, "x-amz-date") {
            "" => text_header(parts, "date").to_owned(),
            at => at.to_owned(),
        };
        read.signed_headers = signed_headers.split(';').map(str::to_lowercase).collect();
        read.signature.clone_from(signature);
        Ok(read.with_region())
    }

    /// Reads a presigned URL's query.
    ///
    /// # Errors
    /// AWS's text of what is missing.
    pub(super) fn from_query(query: &str) -> Result<Self, String> {
        let pairs = query_pairs(query);
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
                .ok_or_else(|| format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."))
        };
        let asymmetric = value("X-Amz-Algorithm")? == "AWS4-ECDSA-P256-SHA256";
        let mut read = Self::from_scope(&value("X-Amz-Credential")?, asymmetric)?;
        read.at = value("X-Amz-Date")?;
        read.signed_headers = value("X-Amz-SignedHeaders")?
            .split(';')
            .map(str::to_lowercase)
            .collect();
        read.signature = value("X-Amz-Signature")?;
        // The week is AWS's bound.
        read.expires = Some(
            value("X-Amz-Expires")
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(SKEW_SECONDS_MAX)
                .clamp(0, 604_800),
        );
        read.query_token = value("X-Amz-Security-Token").ok();
        Ok(read.with_region())
    }

    fn from_scope(credential: &str, asymmetric: bool) -> Result<Self, String> {
        let parts: Vec<&str> = credential.split('/').collect();
        let (access_key, date, region, service) = match (parts.as_slice(), asymmetric) {
            ([key, date, region, service, "aws4_request"], false) => (key, date, *region, service),
            ([key, date, service, "aws4_request"], true) => (key, date, "", service),
            _ => {
                return Err(format!(
                    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
                ));
            }
        };
        if access_key.is_empty() || service.is_empty() {
            return Err(format!("Credential is incomplete, got '{credential}'"));
        }
        Ok(Self {
            access_key: (*access_key).to_owned(),
            region: region.to_owned(),
            service: (*service).to_owned(),
            date: (*date).to_owned(),
            at: String::new(),
            signed_headers: Vec::new(),
            signature: String::new(),
            expires: None,
            query_token: None,
            asymmetric,
        })
    }

    /// Regions become parts of ARNs and keys, so only what looks like one is taken.
    fn with_region(mut self) -> Self {
        let is_name = (1..=32).contains(&self.region.len())
            && self
                .region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_name || self.region == "aws-global" {
            self.region = "us-east-1".into();
        }
        self
    }

    /// Whether a presigned URL is no longer good.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        match (self.expires, self.signed_at()) {
            (Some(expires), Some(at)) => now.as_second() > at.as_second() + expires,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether the request was signed too long before or after now.
    pub(super) fn is_skewed(&self, now: Timestamp) -> bool {
        let Some(at) = self.signed_at() else {
            return true;
        };
        let ahead = at.as_second() - now.as_second();
        ahead > SKEW_SECONDS_MAX || (self.expires.is_none() && -ahead > SKEW_SECONDS_MAX)
    }

    /// The session token that came with it.
    pub(super) fn token(&self, parts: &Parts) -> Option<String> {
        let header = text_header(parts, "x-amz-security-token");
        self.query_token
            .clone()
            .or_else(|| (!header.is_empty()).then(|| header.to_owned()))
    }

    fn signed_at(&self) -> Option<Timestamp> {
        let Ok(at) = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.at) else {
            return jiff::fmt::rfc2822::DateTimeParser::new()
                .parse_timestamp(&self.at)
                .ok();
        };
        Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }

    /// Whether the signature is the one that `secret` makes.
    pub(super) fn matches(&self, parts: &Parts, secret: &str, payload: Payload<'_>) -> bool {
        // The host must be signed, or the signature would be good for any server.
        if self.asymmetric || !self.signed_headers.iter().any(|name| name == "host") {
            return false;
        }
        let Some(payload_hash) = self.payload_hash(parts, payload) else {
            return false;
        };
        let canonical = self.canonical_request(parts, &payload_hash, payload);
        let scope = format!(
            "{}/{}/{}/aws4_request",
            self.date, self.region, self.service
        );
        let at = self
            .signed_at()
            .map(|at| at.strftime("%Y%m%dT%H%M%SZ").to_string())
            .unwrap_or_default();
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), self.date.as_bytes());
        for part in [&self.region, &self.service, "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let Ok(given) = hex::decode(&self.signature) else {
            return false;
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key length will do");
        mac.update(to_sign.as_bytes());
        mac.verify_slice(&given).is_ok()
    }

    /// The payload's hash as the signature has it; none when it lies about the body.
    fn payload_hash(&self, parts: &Parts, payload: Payload<'_>) -> Option<String> {
        let declared = text_header(parts, "x-amz-content-sha256");
        match payload {
            Payload::Whole(body) => {
                let actual = hex::encode(Sha256::digest(body));
                (declared.is_empty() || declared == actual).then_some(actual)
            }
            Payload::Streamed if declared.is_empty() || self.expires.is_some() => {
                Some("UNSIGNED-PAYLOAD".into())
            }
            Payload::Streamed => Some(declared.to_owned()),
        }
    }

    fn canonical_request(&self, parts: &Parts, payload_hash: &str, payload: Payload<'_>) -> String {
        let path = match payload {
            // S3's keys may hold `..` and `//`, and its paths are encoded once.
            Payload::Streamed => {
                let decoded: Vec<u8> = percent_decode_str(parts.uri.path()).collect();
                percent_encoding::percent_encode(&decoded, UNRESERVED_AND_SLASH).to_string()
            }
            Payload::Whole(_) => {
                utf8_percent_encode(&normal_path(parts.uri.path()), UNRESERVED_AND_SLASH)
                    .to_string()
            }
        };
        let mut headers = String::new();
        for name in &self.signed_headers {
            let _ = writeln!(headers, "{name}:{}", canonical_header(parts, name));
        }
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{payload_hash}",
            parts.method,
            canonical_query(parts.uri.query().unwrap_or_default()),
            self.signed_headers.join(";"),
        )
    }
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length will do");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// The pairs of a query string, decoded; a plus is a plus, as AWS reads it.
pub(super) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn canonical_query(query: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<(String, String)> = query_pairs(query)
        .into_iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn canonical_header(parts: &Parts, name: &str) -> String {
    if name == "host" && !parts.headers.contains_key(name) {
        return parts
            .uri
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
    }
    let values: Vec<String> = parts
        .headers
        .get_all(name)
        .iter()
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            words.join(" ")
        })
        .collect();
    values.join(",")
}

/// The path without empty segments, `.` and `..`.
fn normal_path(path: &str) -> String {
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
    format!("/{}{trailing}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn signed(method: &str, uri: &str, headers: &[(&str, &str)]) -> (Parts, Signature) {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let signature = match parts.headers.get("authorization") {
            Some(text) => Signature::from_header(text.to_str().expect("text"), &parts),
            None => Signature::from_query(parts.uri.query().expect("a query")),
        };
        let signature = signature.expect("the signature is complete");
        (parts, signature)
    }

    fn suite(
        method: &str,
        uri: &str,
        more: &[(&str, &str)],
        signed_headers: &str,
        signature: &str,
    ) -> bool {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed_headers}, Signature={signature}"
        );
        let mut headers = vec![
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", &authorization),
        ];
        headers.extend(more);
        let (parts, signature) = signed(method, uri, &headers);
        signature.matches(&parts, SECRET, Payload::Whole(b""))
    }

    // From AWS's Signature Version 4 test suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla.
    #[test]
    fn the_suite_s_signatures_verify() {
        assert!(suite(
            "GET",
            "/",
            &[],
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ));
        assert!(suite(
            "GET",
            "/?Param2=value2&Param1=value1",
            &[],
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ));
        assert!(suite(
            "POST",
            "/",
            &[],
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        ));
    }

    #[test]
    fn a_signature_is_good_for_one_request_only() {
        assert!(!suite(
            "POST",
            "/",
            &[],
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ));
        assert!(!suite(
            "GET",
            "/x",
            &[],
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ));
    }

    // From the S3 API reference, "Authenticating Requests: Using the Authorization Header" and "Query Parameters".
    #[test]
    fn s3_s_documented_signatures_verify() {
        let (parts, signature) = signed(
            "GET",
            "/test.txt",
            &[
                ("host", "examplebucket.s3.amazonaws.com"),
                ("range", "bytes=0-9"),
                ("x-amz-date", "20130524T000000Z"),
                (
                    "x-amz-content-sha256",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                ),
                (
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                ),
            ],
        );
        assert!(signature.matches(&parts, S3_SECRET, Payload::Streamed));
        let (parts, signature) = signed(
            "GET",
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            &[("host", "examplebucket.s3.amazonaws.com")],
        );
        assert!(signature.matches(&parts, S3_SECRET, Payload::Streamed));
        let at = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        assert!(!signature.has_expired(at("2013-05-24T23:59:59Z")));
        assert!(signature.has_expired(at("2013-05-25T00:00:01Z")));
    }

    #[test]
    fn what_is_missing_is_named() {
        let (parts, ()) = http::Request::new(()).into_parts();
        let refused =
            Signature::from_header("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", &parts);
        assert_eq!(
            refused.expect_err("it lacks the signature"),
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256"
        );
    }

    #[test]
    fn a_strange_region_becomes_the_default() {
        let (parts, ()) = http::Request::new(()).into_parts();
        let read = |region: &str| {
            let text = format!(
                "AWS4-HMAC-SHA256 Credential=a/b/{region}/states/aws4_request, SignedHeaders=host, Signature=00"
            );
            Signature::from_header(&text, &parts)
                .expect("complete")
                .region
        };
        assert_eq!(read("eu-central-1"), "eu-central-1");
        assert_eq!(read("a:b"), "us-east-1");
        assert_eq!(read("aws-global"), "us-east-1");
    }
}
