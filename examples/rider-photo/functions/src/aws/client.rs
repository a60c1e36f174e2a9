use std::thread;
use std::time::Duration;

use http::{Request, Uri};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::Agent;

use super::sigv4::{self, Credentials, Unsigned};
use super::{Aws, AwsError};

/// One try: a detection on a busy CPU stays well below, and three tries fit into a function's minute.
const CALL_SECONDS_MAX: u64 = 15;
const CONNECT_SECONDS_MAX: u64 = 3;
/// The AWS SDKs' number of tries, the first included.
const TRIES_MAX: u32 = 3;
/// Rekognition's bound for a photo in S3.
const OBJECT_BYTES_MAX: u64 = 15 * 1024 * 1024;
/// Far above any answer to the JSON operations used here.
const ANSWER_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// S3 leaves the unreserved characters and the slashes between a key's parts as they are.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Where AWS is and who asks.
pub struct ClientConfig {
    region: String,
    credentials: Credentials,
    endpoint: Option<String>,
}

impl ClientConfig {
    /// From the variables that Lambda sets (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`) and `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn from_env() -> Result<Self, lambda_runtime::Error> {
        Ok(Self {
            region: crate::setting("AWS_REGION")?,
            credentials: Credentials {
                access_key_id: crate::setting("AWS_ACCESS_KEY_ID")?,
                secret_access_key: crate::setting("AWS_SECRET_ACCESS_KEY")?,
                session_token: crate::setting("AWS_SESSION_TOKEN").ok(),
            },
            endpoint: crate::setting("AWS_ENDPOINT_URL").ok(),
        })
    }

    fn endpoint(&self, service: &str) -> String {
        match &self.endpoint {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://{service}.{}.amazonaws.com", self.region),
        }
    }
}

/// Signs calls and sends them, with a bound on each try and few tries.
pub struct Client {
    config: ClientConfig,
    agent: Agent,
}

struct Call<'a> {
    service: &'static str,
    method: &'static str,
    /// Percent-encoded.
    path: String,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
    answer_bytes_max: u64,
}

struct Answer {
    status: u16,
    error_type: Option<String>,
    body: Vec<u8>,
}

impl Client {
    /// A client; connections are opened when they are first needed and kept.
    pub fn new(config: ClientConfig) -> Self {
        Self::bounded(config, Duration::from_secs(CALL_SECONDS_MAX))
    }

    fn bounded(config: ClientConfig, call_max: Duration) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // As the AWS SDK for Rust: a proxy for the world at large must not see calls to a loopback endpoint.
            .proxy(None)
            .timeout_global(Some(call_max))
            .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS_MAX)))
            .build()
            .new_agent();
        Self { config, agent }
    }

    fn json(
        &self,
        service: &'static str,
        version: &str,
        target: &str,
        request: &Value,
    ) -> Result<Value, AwsError> {
        let body = request.to_string();
        let answer = self.call(&Call {
            service,
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", target.to_owned()),
            ],
            body: body.as_bytes(),
            answer_bytes_max: ANSWER_BYTES_MAX,
        })?;
        serde_json::from_slice(&answer.body).map_err(|error| {
            AwsError::new(
                "UnparsableResponse",
                format!("{service} did not answer JSON: {error}"),
            )
        })
    }

    /// One call in up to three tries; the answer is a success.
    fn call(&self, call: &Call<'_>) -> Result<Answer, AwsError> {
        let mut tried = 1;
        loop {
            let error = match self.send(call) {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) => Failure::of_answer(&answer),
                Err(error) => Failure::of_transport(&error),
            };
            if !error.again || tried == TRIES_MAX {
                return Err(error.error);
            }
            thread::sleep(pause(tried));
            tried += 1;
        }
    }

    fn send(&self, call: &Call<'_>) -> Result<Answer, ureq::Error> {
        let uri: Uri = format!("{}{}", self.config.endpoint(call.service), call.path)
            .parse()
            .map_err(|error: http::uri::InvalidUri| ureq::Error::BadUri(error.to_string()))?;
        let mut request = Request::builder().method(call.method).uri(&uri);
        for (name, value) in self.signed_headers(call, &uri) {
            request = request.header(name, value);
        }
        let mut response = match call.method {
            "GET" => self.agent.run(request.body(())?)?,
            _ => self.agent.run(request.body(call.body)?)?,
        };
        let error_type = response
            .headers()
            .get("x-amzn-errortype")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Answer {
            status: response.status().as_u16(),
            error_type,
            body: response
                .body_mut()
                .with_config()
                .limit(call.answer_bytes_max)
                .read_to_vec()?,
        })
    }

    /// All headers but `host`, which the HTTP client writes itself from the same address.
    fn signed_headers(&self, call: &Call<'_>, uri: &Uri) -> Vec<(&'static str, String)> {
        let date = sigv4::amz_date(Timestamp::now());
        let body_sha256 = sigv4::sha256_hex(call.body);
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut headers = call.headers.clone();
        headers.push(("host", host));
        headers.push(("x-amz-content-sha256", body_sha256.clone()));
        headers.push(("x-amz-date", date.clone()));
        if let Some(token) = &self.config.credentials.session_token {
            headers.push(("x-amz-security-token", token.clone()));
        }
        headers.sort_unstable();
        let named: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let authorization = sigv4::authorization(
            &self.config.credentials,
            &self.config.region,
            call.service,
            &date,
            &Unsigned {
                method: call.method,
                path: &call.path,
                headers: &named,
                body_sha256: &body_sha256,
            },
        );
        headers.retain(|(name, _)| *name != "host");
        headers.push(("authorization", authorization));
        headers
    }
}

impl Aws for Client {
    fn rekognition(&self, operation: &str, request: &Value) -> Result<Value, AwsError> {
        let target = format!("RekognitionService.{operation}");
        self.json("rekognition", "1.1", &target, request)
    }

    fn dynamodb(&self, operation: &str, request: &Value) -> Result<Value, AwsError> {
        let target = format!("DynamoDB_20120810.{operation}");
        self.json("dynamodb", "1.0", &target, request)
    }

    fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, AwsError> {
        let answer = self.call(&Call {
            service: "s3",
            method: "GET",
            path: object_path(bucket, key),
            headers: Vec::new(),
            body: b"",
            answer_bytes_max: OBJECT_BYTES_MAX,
        })?;
        Ok(answer.body)
    }

    fn put_object(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        bytes: &[u8],
    ) -> Result<(), AwsError> {
        self.call(&Call {
            service: "s3",
            method: "PUT",
            path: object_path(bucket, key),
            headers: vec![("content-type", content_type.to_owned())],
            body: bytes,
            answer_bytes_max: ANSWER_BYTES_MAX,
        })?;
        Ok(())
    }
}

/// Path style, which every bucket in every region answers and a local endpoint needs.
fn object_path(bucket: &str, key: &str) -> String {
    format!("/{bucket}/{}", utf8_percent_encode(key, PATH))
}

struct Failure {
    error: AwsError,
    again: bool,
}

impl Failure {
    fn of_answer(answer: &Answer) -> Self {
        let error = service_error(answer);
        let throttled = [
            "ThrottlingException",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "SlowDown",
        ]
        .contains(&error.code.as_str());
        Self {
            again: throttled || answer.status >= 500 || answer.status == 429,
            error,
        }
    }

    /// A broken connection is tried again (a sandbox that slept finds its kept connections closed); a service that
    /// is silent for the whole bound is not asked twice, and neither is one whose answer was too long.
    fn of_transport(error: &ureq::Error) -> Self {
        let (code, again) = match error {
            ureq::Error::Timeout(_) => ("TimeoutError", false),
            ureq::Error::BodyExceedsLimit(_) => ("ImageTooLargeException", false),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => ("InvalidEndpoint", false),
            _ => ("NetworkingError", true),
        };
        Self {
            error: AwsError::new(code, error.to_string()),
            again,
        }
    }
}

/// Reads a service's error out of its JSON, its XML, or its status alone.
fn service_error(answer: &Answer) -> AwsError {
    let text = String::from_utf8_lossy(&answer.body);
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let code = json["__type"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| answer.error_type.clone())
        .or_else(|| element(&text, "Code"))
        .unwrap_or_else(|| format!("HTTP{}", answer.status));
    let message = [&json["message"], &json["Message"]]
        .into_iter()
        .find_map(|member| member.as_str().map(str::to_owned))
        .or_else(|| element(&text, "Message"))
        .unwrap_or_else(|| format!("the service answered with HTTP status {}", answer.status));
    AwsError::new(bare(&code), message)
}

/// `com.amazonaws.x#Name` and `Name:http://…` both mean `Name`.
fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code)
}

/// The text of the first element of that name; S3's errors are flat.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&"),
    )
}

/// 100 ms, 200 ms …, plus up to as much again so that functions throttled together do not come back together.
fn pause(tried: u32) -> Duration {
    let base = 100 * u64::from(2_u32.pow(tried - 1));
    let scatter = Timestamp::now().subsec_nanosecond().unsigned_abs();
    Duration::from_millis(base + u64::from(scatter) % base)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use serde_json::json;

    use super::*;

    /// A service that answers each request with the next of `answers` and then hangs up for good.
    fn service(answers: &'static [(u16, &'static str)]) -> (Client, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let (seen, requests) = mpsc::channel();
        thread::spawn(move || {
            for (status, body) in answers {
                let (stream, _) = listener.accept().expect("a connection");
                seen.send(answer(stream, *status, body)).ok();
            }
        });
        (client(endpoint, Duration::from_secs(10)), requests)
    }

    fn client(endpoint: String, call_max: Duration) -> Client {
        let config = ClientConfig {
            region: "us-east-1".to_owned(),
            credentials: Credentials {
                access_key_id: "test".to_owned(),
                secret_access_key: "test".to_owned(),
                session_token: Some("token".to_owned()),
            },
            endpoint: Some(endpoint),
        };
        Client::bounded(config, call_max)
    }

    fn answer(mut stream: TcpStream, status: u16, body: &str) -> String {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut sent = vec![0; length];
        reader.read_exact(&mut sent).expect("the body");
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .expect("an answer is read");
        head + &String::from_utf8_lossy(&sent)
    }

    #[test]
    fn a_json_call_is_signed_and_names_its_operation() {
        let (client, requests) = service(&[(200, r#"{"FaceDetails":[]}"#)]);
        let answer = client.rekognition("DetectFaces", &json!({"Attributes": ["ALL"]}));
        assert_eq!(answer, Ok(json!({"FaceDetails": []})));
        let request = requests.recv().expect("one request");
        assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
        assert!(
            request.contains("x-amz-target: RekognitionService.DetectFaces\r\n"),
            "{request}"
        );
        assert!(
            request.contains("content-type: application/x-amz-json-1.1\r\n"),
            "{request}"
        );
        assert!(
            request.contains("/us-east-1/rekognition/aws4_request"),
            "{request}"
        );
        assert!(
            request.contains(
                "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target"
            ),
            "{request}"
        );
        assert!(request.ends_with(r#"{"Attributes":["ALL"]}"#), "{request}");
    }

    #[test]
    fn throttling_is_tried_again() {
        let (client, requests) = service(&[
            (
                400,
                r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
            ),
            (503, "<html>"),
            (200, "{}"),
        ]);
        assert_eq!(client.dynamodb("PutItem", &json!({})), Ok(json!({})));
        assert_eq!(requests.iter().count(), 3);
    }

    #[test]
    fn tries_end() {
        let (client, requests) = service(&[(500, "a"), (500, "b"), (500, "c"), (200, "{}")]);
        let error = client
            .dynamodb("PutItem", &json!({}))
            .expect_err("always 500");
        assert_eq!(error.code, "HTTP500");
        assert_eq!(requests.try_iter().count(), 3);
    }

    #[test]
    fn an_error_of_the_caller_is_not_tried_again_and_keeps_its_words() {
        let (client, _) = service(&[(
            400,
            r#"{"__type":"com.amazonaws.rekognition#InvalidS3ObjectException","Message":"Unable to get object metadata"}"#,
        )]);
        assert_eq!(
            client.rekognition("DetectFaces", &json!({})),
            Err(AwsError::new(
                "InvalidS3ObjectException",
                "Unable to get object metadata"
            ))
        );
    }

    #[test]
    fn s3_errors_are_read_from_xml() {
        let (client, requests) = service(&[(
            404,
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The key &lt;a&gt; &amp;lt; is gone</Message></Error>",
        )]);
        assert_eq!(
            client.get_object("photos", "a b/ä.jpg"),
            Err(AwsError::new("NoSuchKey", "The key <a> &lt; is gone"))
        );
        let request = requests.recv().expect("one request");
        assert!(
            request.starts_with("GET /photos/a%20b/%C3%A4.jpg HTTP/1.1\r\n"),
            "{request}"
        );
    }

    #[test]
    fn an_object_is_put_with_its_type() {
        let (client, requests) = service(&[(200, "")]);
        assert_eq!(
            client.put_object("thumbnails", "resized-a.jpg", "image/jpeg", b"abc"),
            Ok(())
        );
        let request = requests.recv().expect("one request");
        assert!(
            request.starts_with("PUT /thumbnails/resized-a.jpg HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            request.contains("content-type: image/jpeg\r\n"),
            "{request}"
        );
        assert!(request.ends_with("abc"), "{request}");
    }

    #[test]
    fn a_silent_service_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let client = client(endpoint, Duration::from_millis(50));
        let error = client
            .get_object("photos", "a.jpg")
            .expect_err("nobody answers");
        assert_eq!(error.code, "TimeoutError");
    }
}
