//! The front door, knocked at over real sockets: what it refuses, in whose words, and that it lives on.

use std::sync::Arc;
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use gateway::{Config, Doors, Running};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers some operations of Step Functions with what it was asked.
struct Fake(&'static str);

impl Service for Fake {
    fn id(&self) -> &'static str {
        self.0
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            match &*call.operation {
                "DescribeStateMachine" => Err(ApiError::new(
                    "StateMachineDoesNotExist",
                    "State Machine Does Not Exist: 'x'",
                )),
                "StopExecution" => panic!("a defect of the service"),
                "GetActivityTask" | "StartSyncExecution" => std::future::pending().await,
                "GetRole" => Ok(Answer::json(json!({"Role": {
                    "RoleName": call.input["RoleName"], "Tags": [{"Key": "a<b", "Value": "c&d"}],
                    "CreateDate": 1_795_366_800, "Arn": call.caller.arn.as_ref()}}))),
                "Invoke" => Ok(Answer {
                    output:
                        json!({"StatusCode": 202, "ExecutedVersion": call.input["FunctionName"]})
                            .as_object()
                            .cloned()
                            .expect("an object"),
                    body: call.body,
                    status: None,
                }),
                "UnknownToService" => Err(ApiError::unknown_operation(&call.operation)),
                _ => Ok(Answer::json(json!({
                    "input": call.input,
                    "account": call.caller.account.as_ref(),
                    "region": call.caller.region.as_ref(),
                }))),
            }
        })
    }
}

/// Tells where its client found it.
struct Placed;

impl Service for Placed {
    fn id(&self) -> &'static str {
        "sqs"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        self.call_at(call, "nowhere")
    }

    fn call_at<'s>(
        &'s self,
        call: Call,
        base_url: &'s str,
    ) -> BoxFuture<'s, Result<Answer, ApiError>> {
        Box::pin(async move {
            let name = call.input["QueueName"].as_str().unwrap_or_default();
            Ok(Answer::json(
                json!({"QueueUrl": format!("{base_url}/{name}")}),
            ))
        })
    }
}

async fn start() -> Running {
    start_with(Config::default()).await
}

async fn start_with(config: Config) -> Running {
    let registry = Registry::default();
    let mut services: Vec<Arc<dyn Service>> = vec![Arc::new(Placed)];
    for id in ["states", "iam", "lambda"] {
        services.push(Arc::new(Fake(id)));
    }
    registry.fill(services);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let doors = Doors {
        registry,
        ..Doors::default()
    };
    gateway::serve(listener, config, doors).expect("loopback is allowed")
}

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=test/20261122/eu-central-1/states/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

async fn send(server: &Running, request: &str, body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    stream.write_all(body).await.expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("it answers");
    let text = String::from_utf8(bytes).expect("it answers in text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    Reply {
        status: head[9..12].parse().expect("a status"),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

async fn states(server: &Running, operation: &str, body: &str) -> Reply {
    states_with(
        server,
        operation,
        body,
        &format!("Authorization: {SIGNED}\r\n"),
    )
    .await
}

async fn states_with(server: &Running, operation: &str, body: &str, headers: &str) -> Reply {
    let host = if headers.contains("Host:") {
        ""
    } else {
        "Host: localhost\r\n"
    };
    let request = format!(
        "POST / HTTP/1.1\r\n{host}Connection: close\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    send(server, &request, body.as_bytes()).await
}

#[tokio::test]
async fn a_call_reaches_its_service_with_what_the_model_knows() {
    let server = start().await;
    let reply = states(
        &server,
        "ListStateMachines",
        r#"{"maxResults": 5, "nextToken": null, "other": 1}"#,
    )
    .await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json(),
        json!({"input": {"maxResults": 5}, "account": "000000000000", "region": "eu-central-1"})
    );
    assert!(
        reply
            .head
            .contains("content-type: application/x-amz-json-1.0")
    );
    assert!(reply.head.contains("x-amzn-requestid: "));
    assert!(reply.head.contains("date: "));
}

#[tokio::test]
async fn an_access_key_of_twelve_digits_is_the_account() {
    let server = start().await;
    let signed = SIGNED.replace("test/", "123456789012/");
    let reply = states_with(
        &server,
        "ListStateMachines",
        "{}",
        &format!("Authorization: {signed}\r\n"),
    )
    .await;
    assert_eq!(reply.json()["account"], "123456789012");
}

#[tokio::test]
async fn malformed_json_is_a_serialization_error() {
    let server = start().await;
    let deep = "[".repeat(100_000);
    for body in ["{", "[]", "{\"maxResults\":}", deep.as_str()] {
        let reply = states(&server, "ListStateMachines", body).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["__type"], "SerializationException");
    }
}

#[tokio::test]
async fn a_wrong_type_is_a_serialization_error() {
    let server = start().await;
    let reply = states(&server, "CreateActivity", r#"{"name": 5}"#).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({"__type": "SerializationException", "message": "NUMBER_VALUE can not be converted to a String"})
    );
}

#[tokio::test]
async fn what_the_model_forbids_is_refused_in_aws_s_words() {
    let server = start().await;
    let over = "x".repeat(81);
    for (operation, body, message) in [
        ("CreateActivity", json!({}), "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null".to_owned()),
        ("CreateActivity", json!({"name": ""}), "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1".to_owned()),
        ("CreateActivity", json!({"name": over}), format!("1 validation error detected: Value '{over}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80")),
        ("ListExecutions", json!({"maxResults": 1001}), "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000".to_owned()),
        ("ListExecutions", json!({"statusFilter": "succeeded"}), "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]".to_owned()),
        ("TagResource", json!({"resourceArn": "", "tags": [{"key": ""}]}), "2 validation errors detected: Value '' at 'resourceArn' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1".to_owned()),
    ] {
        let reply = states(&server, operation, &body.to_string()).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json(), json!({"__type": "ValidationException", "message": message}));
    }
}

#[tokio::test]
async fn the_payload_quota_can_be_lifted_and_others_not() {
    let config = Config {
        quotas: aws::Quotas::NoPayloadLimit,
        ..Config::default()
    };
    let (bounded, lifted) = (start().await, start_with(config).await);
    let long = json!({"stateMachineArn": "arn", "input": "x".repeat(262_145)}).to_string();
    assert_eq!(states(&bounded, "StartExecution", &long).await.status, 400);
    assert_eq!(states(&lifted, "StartExecution", &long).await.status, 200);
    let name = json!({"stateMachineArn": "arn", "name": "x".repeat(81)}).to_string();
    assert_eq!(states(&lifted, "StartExecution", &name).await.status, 400);
}

#[tokio::test]
async fn an_unknown_operation_or_service_is_named() {
    let server = start().await;
    let reply = states(&server, "Canter", "{}").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["__type"], "UnknownOperationException");
    let signed = SIGNED.replace("/states/", "/ec2/");
    let reply = states_with(&server, "X", "{}", &format!("Authorization: {signed}\r\n")).await;
    assert_eq!(reply.json()["__type"], "UnknownOperationException");
}

#[tokio::test]
async fn a_service_s_error_has_its_code_and_status() {
    let server = start().await;
    let reply = states(
        &server,
        "DescribeStateMachine",
        r#"{"stateMachineArn": "x"}"#,
    )
    .await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({"__type": "StateMachineDoesNotExist", "message": "State Machine Does Not Exist: 'x'"})
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whether_announced_or_not() {
    let server = start().await;
    let body = vec![b' '; 9 * 1024 * 1024];
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nAuthorization: {SIGNED}\r\n"
    );
    let announced = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    let reply = send(&server, &announced, &body).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.json()["__type"], "RequestEntityTooLargeException");
    let mut chunk = format!("{:x}\r\n", body.len()).into_bytes();
    chunk.extend(&body);
    chunk.extend(b"\r\n0\r\n\r\n");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    assert_eq!(send(&server, &chunked, &chunk).await.status, 413);
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused() {
    let server = start().await;
    for (host, status) in [
        ("attacker.example", 403),
        ("localhost.attacker.example:4566", 403),
        ("localhost:4566", 200),
        ("127.0.0.1:4566", 200),
        ("[::1]:4566", 200),
        ("sync-localhost:4566", 200),
        ("states.localhost.localstack.cloud", 200),
    ] {
        let headers = format!("Host: {host}\r\nAuthorization: {SIGNED}\r\n");
        let reply = states_with(&server, "ListActivities", "{}", &headers).await;
        assert_eq!(reply.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_unless_it_is_allowed() {
    let config = Config {
        origins: vec!["http://app.example".into()],
        ..Config::default()
    };
    let server = start_with(config).await;
    for (origin, status) in [
        ("http://attacker.example", 403),
        ("null", 403),
        ("http://localhost:3000", 403),
        ("http://localhost", 200),
        ("http://app.example", 200),
    ] {
        let headers = format!("Origin: {origin}\r\nAuthorization: {SIGNED}\r\n");
        let reply = states_with(&server, "ListActivities", "{}", &headers).await;
        assert_eq!(reply.status, status, "{origin}");
    }
    let headers = format!("Sec-Fetch-Site: cross-site\r\nAuthorization: {SIGNED}\r\n");
    let reply = states_with(&server, "ListActivities", "{}", &headers).await;
    assert_eq!(reply.status, 403);
    let question = "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: http://app.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-amz-target\r\n\r\n";
    let reply = send(&server, question, b"").await;
    assert_eq!(reply.status, 204);
    assert!(
        reply
            .head
            .contains("access-control-allow-origin: http://app.example")
    );
    assert!(
        reply
            .head
            .contains("access-control-allow-headers: x-amz-target")
    );
}

#[tokio::test]
async fn a_call_without_credentials_is_refused() {
    let server = start().await;
    let reply = states_with(&server, "ListActivities", "{}", "").await;
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.json(),
        json!({"__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token"})
    );
    let reply = states_with(
        &server,
        "ListActivities",
        "{}",
        "Authorization: AWS4-HMAC-SHA256 Credential=x\r\n",
    )
    .await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["__type"], "IncompleteSignatureException");
    let lambda =
        "GET /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = send(&server, lambda, b"").await;
    assert_eq!(reply.status, 403);
    assert!(
        reply
            .head
            .contains("x-amzn-errortype: missingauthenticationtokenexception")
    );
}

#[tokio::test]
async fn where_secrets_are_set_a_made_up_signature_is_refused() {
    let config = Config {
        secrets: [("test".to_owned(), "secret".to_owned())].into(),
        ..Config::default()
    };
    let server = start_with(config).await;
    let reply = states(&server, "ListActivities", "{}").await;
    assert_eq!(reply.status, 403);
    let signed = SIGNED.replace("test/", "other/");
    let reply = states_with(
        &server,
        "ListActivities",
        "{}",
        &format!("Authorization: {signed}\r\n"),
    )
    .await;
    assert_eq!(reply.json()["__type"], "UnrecognizedClientException");
}

#[tokio::test]
async fn a_defect_of_a_service_fails_its_request_alone() {
    let server = start().await;
    let reply = states(&server, "StopExecution", r#"{"executionArn": "x"}"#).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["__type"], "InternalFailure");
    assert_eq!(states(&server, "ListActivities", "{}").await.status, 200);
}

/// Begins a call, stops the server once it has begun, and gives what the client hears.
async fn heard_at_the_stop(server: Running, operation: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\nAuthorization: {SIGNED}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    // The interim answer says that the request has begun.
    let mut interim = [0; 25];
    stream
        .read_exact(&mut interim)
        .await
        .expect("it asks for the body");
    stream.write_all(body.as_bytes()).await.expect("it reads");
    let address = server.address();
    let mut heard = String::new();
    let (read, ()) = tokio::join!(stream.read_to_string(&mut heard), server.shutdown());
    // A connection that is cut may be reset or just end.
    let _ = read;
    assert!(TcpStream::connect(address).await.is_err());
    heard
}

/// Waits for ever, and tells when it begins and when it is given up.
struct Waiting {
    begun: Arc<tokio::sync::Notify>,
    given_up: Arc<tokio::sync::Notify>,
}

struct TellOnDrop(Arc<tokio::sync::Notify>);

impl Drop for TellOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Service for Waiting {
    fn id(&self) -> &'static str {
        "states"
    }

    fn call(&self, _call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let guard = TellOnDrop(Arc::clone(&self.given_up));
        self.begun.notify_one();
        Box::pin(async move {
            let _guard = guard;
            std::future::pending().await
        })
    }
}

#[tokio::test]
async fn a_long_poll_is_given_up_when_its_client_goes() {
    let [begun, given_up] = [(); 2].map(|()| Arc::new(tokio::sync::Notify::new()));
    let registry = Registry::default();
    registry.fill(vec![Arc::new(Waiting {
        begun: Arc::clone(&begun),
        given_up: Arc::clone(&given_up),
    })]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let doors = Doors {
        registry,
        ..Doors::default()
    };
    let server = gateway::serve(listener, Config::default(), doors).expect("loopback is allowed");
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let body = r#"{"activityArn": "x"}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\nAuthorization: {SIGNED}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut interim = [0; 25];
    stream
        .read_exact(&mut interim)
        .await
        .expect("it asks for the body");
    stream.write_all(body.as_bytes()).await.expect("it reads");
    begun.notified().await;
    drop(stream);
    given_up.notified().await;
}

#[tokio::test]
async fn a_stop_ends_long_polls_and_then_the_server() {
    let body = r#"{"activityArn": "x"}"#;
    let heard = heard_at_the_stop(start().await, "GetActivityTask", body).await;
    assert!(heard.starts_with("HTTP/1.1 503"), "{heard}");
}

#[tokio::test]
async fn a_stop_waits_for_other_requests_only_so_long() {
    let mut config = Config::default();
    config.limits.drain_time = std::time::Duration::from_millis(20);
    let body = r#"{"stateMachineArn": "x"}"#;
    let heard = heard_at_the_stop(start_with(config).await, "StartSyncExecution", body).await;
    assert_eq!(heard, "");
}

#[tokio::test]
async fn others_are_not_let_in_unasked() {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let refused = gateway::serve(listener, Config::default(), Doors::default());
    assert!(matches!(refused, Err(gateway::ServeError::NotLoopback(_))));
}

/// Says hello at every path.
struct Page;

impl aws::HttpService for Page {
    fn handle(
        &self,
        _caller: aws::Caller,
        _request_id: aws::RequestId,
        request: http::Request<aws::Body>,
    ) -> BoxFuture<'_, http::Response<aws::Body>> {
        let path = request.uri().path().to_owned();
        Box::pin(async move { http::Response::new(aws::full_body(path)) })
    }
}

/// Tells who asked, and for what.
struct Asked;

impl aws::HttpService for Asked {
    fn handle(
        &self,
        caller: aws::Caller,
        _request_id: aws::RequestId,
        request: http::Request<aws::Body>,
    ) -> BoxFuture<'_, http::Response<aws::Body>> {
        let text = match request.uri().path() {
            "/_own/large" => "x".repeat(64 << 20),
            path => format!("{} {} {path}", caller.account, caller.region),
        };
        Box::pin(async move { http::Response::new(aws::full_body(text)) })
    }
}

async fn start_signed(config: Config) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let doors = Doors {
        signed: vec![gateway::PageMount {
            prefix: "/_own/",
            service: Arc::new(Asked),
        }],
        ..Doors::default()
    };
    gateway::serve(listener, config, doors).expect("loopback is allowed")
}

#[tokio::test]
async fn paths_of_our_own_that_want_credentials_are_asked_with_them_like_the_apis() {
    let get = |headers: &str| {
        format!("GET /_own/x?a=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let signed = get(&format!("Authorization: {SIGNED}\r\n"));
    let server = start_signed(Config::default()).await;
    let reply = send(&server, &signed, b"").await;
    assert_eq!(reply.body, "000000000000 eu-central-1 /_own/x");
    let reply = send(&server, &get(""), b"").await;
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.json()["__type"],
        "MissingAuthenticationTokenException"
    );
    let foreign = get(&format!(
        "Authorization: {SIGNED}\r\nOrigin: http://evil.example\r\n"
    ));
    assert_eq!(send(&server, &foreign, b"").await.status, 403);
    // Where signatures are checked, this one is wrong.
    let mut checking = Config::default();
    checking.secrets.insert("test".into(), "secret".into());
    let server = start_signed(checking).await;
    let reply = send(&server, &signed, b"").await;
    assert_eq!(reply.json()["__type"], "InvalidSignatureException");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_loses_its_connection() {
    let mut config = Config::default();
    config.limits.connections_max = 1;
    config.limits.write_time = Duration::from_millis(50);
    let server = start_signed(config).await;
    let mut idle = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let large =
        format!("GET /_own/large HTTP/1.1\r\nHost: localhost\r\nAuthorization: {SIGNED}\r\n\r\n");
    idle.write_all(large.as_bytes()).await.expect("it reads");
    // There is place for one connection only.
    let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = tokio::time::timeout(Duration::from_mins(1), send(&server, health, b"")).await;
    assert_eq!(reply.expect("the other was cut off").status, 200);
    drop(idle);
}

#[tokio::test]
async fn a_browser_that_comes_to_the_door_is_shown_the_console() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let doors = Doors {
        pages: vec![gateway::PageMount {
            prefix: "/console/",
            service: Arc::new(Page),
        }],
        s3: Some(Arc::new(Page)),
        ..Doors::default()
    };
    let server = gateway::serve(listener, Config::default(), doors).expect("loopback is allowed");
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let reply = send(&server, &get("/", "Accept: text/html,*/*\r\n"), b"").await;
    assert_eq!(reply.status, 302);
    assert!(reply.head.contains("location: console/"));
    assert_eq!(
        send(&server, &get("/console/machines", ""), b"").await.body,
        "/console/machines"
    );
    let bucket = get("/photo.jpg", "").replace("localhost", "photos.s3.localhost:4566");
    assert_eq!(send(&server, &bucket, b"").await.body, "/photos/photo.jpg");
    let put = bucket.replace("GET", "PUT");
    assert_eq!(send(&server, &put, b"").await.status, 403);
    let signed = SIGNED.replace("/states/", "/s3/");
    let signed_put = put.replace(
        "Connection",
        &format!("Authorization: {signed}\r\nConnection"),
    );
    assert_eq!(send(&server, &signed_put, b"").await.status, 200);
    // The bucket's rules do not name this origin, so a page may not use made-up credentials either.
    let foreign = signed_put.replace(
        "Connection",
        "Origin: http://attacker.example\r\nConnection",
    );
    assert_eq!(send(&server, &foreign, b"").await.status, 403);
}

#[tokio::test]
async fn the_console_takes_nothing_from_a_bucket_of_its_name() {
    static FILES: [gateway::ConsoleFile; 1] = [gateway::ConsoleFile {
        path: "index.html",
        plain: b"the console",
        brotli: None,
        gzip: None,
    }];
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let doors = Doors {
        pages: vec![gateway::PageMount {
            prefix: gateway::Console::PREFIX,
            service: Arc::new(gateway::Console::new(&FILES)),
        }],
        s3: Some(Arc::new(Page)),
        ..Doors::default()
    };
    let server = gateway::serve(listener, Config::default(), doors).expect("loopback is allowed");
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let page = "/console/state-machines";
    assert_eq!(send(&server, &get(page, ""), b"").await.body, "the console");
    let signed = format!("Authorization: {}\r\n", SIGNED.replace("/states/", "/s3/"));
    for path in [page, "/console", "/console/"] {
        assert_eq!(send(&server, &get(path, &signed), b"").await.body, path);
    }
    let presigned = "/console/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20261126%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261126T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    let reply = send(&server, &get(presigned, ""), b"").await;
    assert!(!reply.body.contains("the console"), "{}", reply.body);
    let bucket = get("/a.jpg", "").replace("localhost", "console.s3.localhost");
    assert_eq!(send(&server, &bucket, b"").await.body, "/console/a.jpg");
    // A link in a mail may be followed; another page's script may not read.
    let link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    assert_eq!(send(&server, &get(page, link), b"").await.status, 200);
    let script = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n";
    assert_eq!(send(&server, &get(page, script), b"").await.status, 403);
}

#[tokio::test]
async fn what_people_store_is_no_page_of_the_console_s_origin() {
    static FILES: [gateway::ConsoleFile; 1] = [gateway::ConsoleFile {
        path: "index.html",
        plain: b"the console",
        brotli: None,
        gzip: None,
    }];
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mounted = |prefix, service| gateway::PageMount { prefix, service };
    let console = Arc::new(gateway::Console::new(&FILES));
    let doors = Doors {
        pages: vec![
            mounted(gateway::Console::PREFIX, console),
            mounted("/_aws/lambda/code/", Arc::new(Page)),
        ],
        s3: Some(Arc::new(Page)),
        ..Doors::default()
    };
    let server = gateway::serve(listener, Config::default(), doors).expect("loopback is allowed");
    let get = |path: &str, host: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    for (path, host) in [
        ("/photos/a.html", "localhost"),
        ("/console/a.html", "console.s3.localhost"),
        ("/_aws/lambda/code/a", "localhost"),
        ("/_aws/nothing", "localhost"),
    ] {
        let reply = send(&server, &get(path, host), b"").await;
        let policy = "content-security-policy: sandbox\r\n";
        assert!(reply.head.contains(policy), "{path}: {}", reply.head);
        let nosniff = "x-content-type-options: nosniff\r\n";
        assert!(reply.head.contains(nosniff), "{path}: {}", reply.head);
    }
    let reply = send(&server, &get("/console/state-machines", "localhost"), b"").await;
    assert!(!reply.head.contains("sandbox"), "{}", reply.head);
}

#[tokio::test]
async fn probes_answer_what_scripts_wait_for() {
    let server = start().await;
    let get =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(send(&server, &get("/healthz"), b"").await.status, 200);
    assert_eq!(send(&server, &get("/readyz"), b"").await.status, 200);
    let health = send(&server, &get("/_localstack/health"), b"").await.json();
    assert_eq!(health["services"]["stepfunctions"], "running");
    assert_eq!(health["edition"], "community");
    let metrics = send(&server, &get("/metrics"), b"").await.body;
    assert!(
        metrics.contains("canter_requests_total{service=\"gateway\",operation=\"\",code=\"OK\"} 3")
    );
    assert_eq!(send(&server, &get("/_aws/nothing"), b"").await.status, 404);
}

#[tokio::test]
async fn the_query_protocol_speaks_xml_both_when_it_succeeds_and_when_it_does_not() {
    let server = start().await;
    let signed = SIGNED.replace("/states/", "/iam/");
    let post = |form: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: {signed}\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
    };
    let reply = send(
        &server,
        &post("Action=GetRole&Version=2010-05-08&RoleName=a%2Bb"),
        b"",
    )
    .await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains(
        "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>"
    ));
    assert!(reply.body.contains("<RoleName>a+b</RoleName>"));
    assert!(
        reply
            .body
            .contains("<CreateDate>2026-11-22T17:00:00Z</CreateDate>")
    );
    assert!(
        reply
            .body
            .contains("<Tags><member><Key>a&lt;b</Key><Value>c&amp;d</Value></member></Tags>")
    );
    let reply = send(&server, &post("Action=GetRole&Version=2010-05-08"), b"").await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("<Type>Sender</Type><Code>ValidationError</Code><Message>1 validation error detected: Value null at 'roleName'"));
    let reply = send(&server, &post("Action=Canter&Version=2010-05-08"), b"").await;
    assert!(reply.body.contains("<Code>InvalidAction</Code>"));
}

#[tokio::test]
async fn rest_json_reads_the_path_and_carries_the_payload() {
    let server = start().await;
    let signed = SIGNED.replace("/states/", "/lambda/");
    let request = format!(
        "POST /2015-03-31/functions/photo/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {signed}\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}"
    );
    let reply = send(&server, &request, b"").await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.body, r#"{"a":1}"#);
    assert!(reply.head.contains("x-amz-executed-version: photo"));
}

#[tokio::test]
async fn a_service_is_told_where_its_client_found_it_in_either_protocol() {
    let server = start().await;
    let signed = SIGNED.replace("/states/", "/sqs/");
    let post = |headers: &str, body: &str| {
        format!(
            "POST /000000000000/q HTTP/1.1\r\nHost: localhost:4567\r\nConnection: close\r\nAuthorization: {signed}\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let json = post(
        "X-Amz-Target: AmazonSQS.CreateQueue",
        r#"{"QueueName": "q"}"#,
    );
    assert_eq!(
        send(&server, &json, b"").await.json(),
        json!({"QueueUrl": "http://localhost:4567/q"})
    );
    let form = post(
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
        "Action=CreateQueue&Version=2012-11-05&QueueName=q",
    );
    let reply = send(&server, &form, b"").await;
    assert!(
        reply
            .body
            .contains("<CreateQueueResult><QueueUrl>http://localhost:4567/q</QueueUrl>"),
        "{}",
        reply.body
    );
}
