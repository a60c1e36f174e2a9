//! A service elsewhere, spoken to in each protocol; what it gets is signed as a gateway that checks wants it.

mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::{
    Answer, ApiError, Body, BoxFuture, Call, Caller, HttpService, Registry, RequestId, Service,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use outbound::{Client, Credentials, Endpoint, EndpointError, Remote};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use world::{Server, header, response};

fn client() -> Client {
    Client::new(None).expect("no file is read")
}

fn remote(id: &'static str, url: &str) -> Remote {
    let credentials = Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "secret".into(),
        session_token: None,
    };
    let endpoint = Endpoint::new(url, credentials, None).expect("it is a URL");
    Remote::new(id, endpoint, client())
}

fn call(service: &'static str, operation: &str, input: Value, body: &'static str) -> Call {
    Call {
        caller: Caller::root("000000000000", "eu-central-1"),
        request_id: RequestId("the-id".into()),
        service,
        operation: operation.to_owned(),
        input: Answer::json(input).output,
        body: body.into(),
    }
}

/// A service that answers what it was asked.
struct Echo {
    id: &'static str,
    seen: Arc<Mutex<Vec<Call>>>,
}

impl Service for Echo {
    fn id(&self) -> &'static str {
        self.id
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call.clone());
        Box::pin(async move {
            match call.operation.as_str() {
                "PutItem" => Err(ApiError::new("ConditionalCheckFailedException", "no")
                    .with("Item", json!({"a": {"S": "b"}}))),
                "Invoke" => Ok(Answer {
                    body: call.body,
                    ..Answer::json(json!({"ExecutedVersion": "$LATEST"}))
                }),
                "GetRole" => Ok(Answer::json(json!({"Role": {
                    "Path": "/", "RoleName": call.input["RoleName"], "RoleId": "id", "Arn": "arn", "CreateDate": 5,
                }}))),
                _ => Ok(Answer::json(json!({"TableNames": ["t"]}))),
            }
        })
    }
}

/// S3 that answers with the object that was put.
struct Bucket;

impl HttpService for Bucket {
    fn handle(
        &self,
        _caller: Caller,
        _id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let etag = request.uri().path().to_owned();
            let body = request.into_body().collect().await.expect("it comes");
            let mut response = Response::new(aws::full_body(body.to_bytes()));
            let etag = etag.parse().expect("a path is plain text");
            response.headers_mut().insert("etag", etag);
            response
        })
    }
}

/// A gateway that takes nothing but what `secret` has signed.
async fn gateway() -> (gateway::Running, Arc<Mutex<Vec<Call>>>) {
    let seen: Arc<Mutex<Vec<Call>>> = Arc::default();
    let registry = Registry::default();
    let echo = |id| {
        Arc::new(Echo {
            id,
            seen: Arc::clone(&seen),
        }) as Arc<dyn Service>
    };
    registry.fill(vec![echo("dynamodb"), echo("lambda"), echo("iam")]);
    let config = gateway::Config {
        secrets: BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]),
        ..gateway::Config::default()
    };
    let doors = gateway::Doors {
        registry,
        s3: Some(Arc::new(Bucket)),
        ..gateway::Doors::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let running = gateway::serve(listener, config, doors).expect("it starts");
    (running, seen)
}

#[tokio::test]
async fn each_protocol_is_signed_and_understood() {
    let (gateway, seen) = gateway().await;
    let url = format!("http://{}", gateway.address());
    let asked = |service, operation: &'static str, input, body| {
        let remote = remote(service, &url);
        async move { remote.call(call(service, operation, input, body)).await }
    };
    let tables = asked("dynamodb", "ListTables", json!({}), "").await;
    assert_eq!(tables, Ok(Answer::json(json!({"TableNames": ["t"]}))));
    let error = asked(
        "dynamodb",
        "PutItem",
        json!({"TableName": "t", "Item": {}}),
        "",
    )
    .await;
    let error = error.expect_err("the condition fails");
    assert_eq!(
        (&*error.code, error.message.as_str()),
        ("ConditionalCheckFailedException", "no")
    );
    assert_eq!(error.members["Item"], json!({"a": {"S": "b"}}));
    let name = "arn:aws:lambda:eu-central-1:000000000000:function:f";
    let invoked = asked(
        "lambda",
        "Invoke",
        json!({"FunctionName": name}),
        "{\"x\": 1}",
    )
    .await;
    assert_eq!(invoked.expect("it answers").body, "{\"x\": 1}");
    let role = asked("iam", "GetRole", json!({"RoleName": "a+c@d="}), "").await;
    assert_eq!(
        role.expect("it answers").output["Role"]["RoleName"],
        "a+c@d="
    );
    let key = json!({"Bucket": "bucket", "Key": "a b/../ü//c+d", "Metadata": {"user": "u"}, "Tagging": "a=b c"});
    let put = asked("s3", "PutObject", key, "bytes")
        .await
        .expect("it is signed");
    assert_eq!(put.output["ETag"], "/bucket/a%20b/../%C3%BC//c%2Bd");
    let listed = json!({"Bucket": "bucket", "Prefix": "a/b c", "Delimiter": "/"});
    asked("s3", "ListObjectsV2", listed, "")
        .await
        .expect("it is signed");
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    assert_eq!(&*seen[0].caller.region, "eu-central-1");
    assert_eq!(seen[2].input["FunctionName"], name);
    gateway.shutdown().await;
}

#[tokio::test]
async fn another_s_secret_is_refused_as_the_service_refuses_it() {
    let (gateway, _) = gateway().await;
    let credentials = Credentials {
        secret_key: "another".into(),
        access_key: "AKIDEXAMPLE".into(),
        session_token: None,
    };
    let url = format!("http://{}", gateway.address());
    let endpoint = Endpoint::new(&url, credentials, None).expect("it is a URL");
    let remote = Remote::new("dynamodb", endpoint, client());
    let error = remote
        .call(call("dynamodb", "ListTables", json!({}), ""))
        .await;
    let error = error.expect_err("the signature is another's");
    assert_eq!(
        (&*error.code, error.status),
        ("InvalidSignatureException", 403)
    );
    gateway.shutdown().await;
}

#[tokio::test]
async fn a_session_token_and_a_region_go_with_the_signature() {
    let server = Server::start(|_| response(200, "application/json", "{}")).await;
    let credentials = Credentials {
        access_key: "ASIA".into(),
        secret_key: "secret".into(),
        session_token: Some("token".into()),
    };
    let endpoint = Endpoint::new(&server.url("/base/"), credentials, Some("home".into()));
    let remote = Remote::new("dynamodb", endpoint.expect("it is a URL"), client());
    let answered = remote
        .call(call("dynamodb", "ListTables", json!({}), ""))
        .await;
    answered.expect("it answers");
    let seen = &server.seen()[0];
    assert_eq!(seen.uri().path(), "/base/");
    assert_eq!(header(seen, "x-amz-security-token"), "token");
    let authorization = header(seen, "authorization");
    assert!(
        authorization.contains("/home/dynamodb/aws4_request"),
        "{authorization}"
    );
    assert!(
        authorization.contains("host;x-amz-date;x-amz-security-token"),
        "{authorization}"
    );
}

#[tokio::test]
async fn s3_gets_the_checksums_that_it_insists_on() {
    let server = Server::start(|_| response(200, "application/xml", "<DeleteResult/>")).await;
    let remote = remote("s3", &server.url(""));
    let input = json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}});
    let deleted = remote.call(call("s3", "DeleteObjects", input, "")).await;
    deleted.expect("it answers");
    let seen = &server.seen()[0];
    assert_eq!(header(seen, "content-md5").len(), 24);
    assert_eq!(header(seen, "x-amz-content-sha256").len(), 64);
    let input = json!({"Bucket": "b", "Key": "k", "ChecksumAlgorithm": "SHA256"});
    let put = remote
        .call(call("s3", "PutObject", input, "123456789"))
        .await;
    put.expect("it answers");
    let seen = &server.seen()[0];
    assert_eq!(header(seen, "x-amz-sdk-checksum-algorithm"), "CRC32");
    assert_eq!(header(seen, "x-amz-checksum-crc32"), "y/Q5Jg==");
    let input = json!({"Bucket": "b", "Key": "k", "ChecksumAlgorithm": "SHA256", "ChecksumSHA256": "given"});
    let put = remote.call(call("s3", "PutObject", input, "")).await;
    put.expect("it answers");
    assert_eq!(
        header(&server.seen()[0], "x-amz-sdk-checksum-algorithm"),
        "SHA256"
    );
}

#[tokio::test]
async fn who_is_not_there_is_an_error_of_this_side() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let remote = remote("dynamodb", &format!("http://{address}"));
    let error = remote
        .call(call("dynamodb", "ListTables", json!({}), ""))
        .await;
    let error = error.expect_err("nobody listens");
    assert_eq!(error.code, ApiError::ON_THIS_SIDE);
    assert_eq!(
        error.message,
        format!("Unable to execute HTTP request: Connect to {address} failed: Connection refused")
    );
}

#[tokio::test]
async fn what_the_model_does_not_have_is_not_asked_for() {
    let server = Server::start(|_| response(200, "application/json", "{}")).await;
    let remote = remote("dynamodb", &server.url(""));
    let error = remote
        .call(call("dynamodb", "Nothing", json!({}), ""))
        .await;
    assert_eq!(
        error.expect_err("there is none").code,
        "UnknownOperationException"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_error_page_of_something_between_is_told_as_it_is() {
    let server = Server::start(|_| response(502, "text/html", Bytes::from("<h1>no</h1>"))).await;
    let remote = remote("dynamodb", &server.url(""));
    let error = remote
        .call(call("dynamodb", "ListTables", json!({}), ""))
        .await;
    let error = error.expect_err("it is a page");
    assert_eq!((&*error.code, error.status), ("BadGateway", 502));
}

#[test]
fn an_endpoint_is_a_url_with_a_host_and_nothing_secret() {
    let endpoint = |url: &str| Endpoint::new(url, Credentials::default(), None);
    for url in ["http://h", "https://h:9000/base", "http://[::1]:1/"] {
        assert!(endpoint(url).is_ok(), "{url}");
    }
    for url in [
        "",
        "h:9000",
        "ftp://h",
        "http://",
        "http://u:p@h",
        "http://h?x=1",
        "/path",
    ] {
        let error = endpoint(url).expect_err("it is none");
        assert_eq!(error, EndpointError::Url(url.into()));
    }
    let credentials = Credentials {
        access_key: "a\nb".into(),
        ..Credentials::default()
    };
    let error = Endpoint::new("http://h", credentials, None).expect_err("no header takes it");
    assert_eq!(error, EndpointError::Text("access key"));
    let shown = format!("{:?}", Credentials::default());
    assert!(!shown.contains("secret_key"), "{shown}");
}
