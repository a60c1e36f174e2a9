//! S3's door when S3 is elsewhere.

mod world;

use aws::{Caller, HttpService as _, RequestId, full_body};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use outbound::{Client, Credentials, Endpoint, S3Door};
use world::{Server, header, response};

fn door(url: &str) -> S3Door {
    let credentials = Credentials {
        access_key: "OURS".into(),
        secret_key: "secret".into(),
        session_token: None,
    };
    let endpoint = Endpoint::new(url, credentials, None).expect("it is a URL");
    S3Door::new(endpoint, Client::new(None).expect("no file is read"))
}

async fn ask(
    door: &S3Door,
    caller: &Caller,
    request: http::request::Builder,
    body: &'static [u8],
) -> Response<Bytes> {
    let request = request.body(full_body(body)).expect("a request");
    let answered = door
        .handle(caller.clone(), RequestId("the-id".into()), request)
        .await;
    let (parts, body) = answered.into_parts();
    let body = body.collect().await.expect("it comes").to_bytes();
    Response::from_parts(parts, body)
}

fn caller() -> Caller {
    Caller::root("000000000000", "eu-west-1")
}

/// A server that answers with what it was sent.
async fn server() -> Server {
    Server::start(|request| {
        let mut response = response(200, "text/plain", request.body().clone());
        let etag = http::HeaderValue::from_static("\"e\"");
        response.headers_mut().insert("etag", etag);
        response
    })
    .await
}

#[tokio::test]
async fn a_request_is_signed_anew_and_its_body_streams() {
    let server = server().await;
    let door = door(&server.url("/base"));
    let put = Request::builder()
        .method("PUT")
        .uri("/bucket/a%20b?partNumber=1&uploadId=u")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=THEIRS/…")
        .header("host", "localhost:4566")
        .header("x-amz-date", "20260101T000000Z")
        .header("x-amz-security-token", "theirs")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("x-amz-meta-user", "u")
        .header("content-length", "4");
    let answered = ask(&door, &caller(), put, b"body").await;
    assert_eq!(answered.body(), "body");
    assert_eq!(answered.headers()["etag"], "\"e\"");
    let seen = &server.seen()[0];
    assert_eq!(seen.uri(), "/base/bucket/a%20b?partNumber=1&uploadId=u");
    let authorization = header(seen, "authorization");
    assert!(
        authorization.contains("Credential=OURS/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-west-1/s3/aws4_request"),
        "{authorization}"
    );
    assert!(authorization.contains("x-amz-meta-user"), "{authorization}");
    assert_eq!(header(seen, "host"), server.address.to_string());
    assert_eq!(header(seen, "x-amz-security-token"), "");
    assert_eq!(header(seen, "content-length"), "4");
}

#[tokio::test]
async fn what_presigned_an_address_is_not_passed_on() {
    let server = server().await;
    let door = door(&server.url(""));
    let get = Request::builder().uri(
        "/b/k?versionId=v&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=T&X-Amz-Date=d&X-Amz-Expires=5\
         &X-Amz-SignedHeaders=host&X-Amz-Signature=s&response-content-type=text%2Fplain",
    );
    ask(&door, &caller(), get, b"").await;
    assert_eq!(
        server.seen()[0].uri(),
        "/b/k?versionId=v&response-content-type=text%2Fplain"
    );
}

#[tokio::test]
async fn who_is_nobody_here_is_nobody_there() {
    let server = server().await;
    let mut nobody = caller();
    nobody.arn = "anonymous".into();
    ask(
        &door(&server.url("")),
        &nobody,
        Request::builder().uri("/b/k"),
        b"",
    )
    .await;
    assert_eq!(header(&server.seen()[0], "authorization"), "");
}

#[tokio::test]
async fn chunks_that_are_signed_one_by_one_are_refused() {
    let server = server().await;
    let put = Request::builder()
        .method("PUT")
        .uri("/b/k")
        .header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let answered = ask(&door(&server.url("")), &caller(), put, b"").await;
    assert_eq!(answered.status(), 501);
    let text = String::from_utf8_lossy(answered.body());
    assert!(text.contains("<Code>NotImplemented</Code>"), "{text}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_said_to_be_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let door = door(&format!("http://{address}"));
    let answered = ask(&door, &caller(), Request::builder().uri("/b"), b"").await;
    assert_eq!(answered.status(), 503);
    let text = String::from_utf8_lossy(answered.body());
    assert!(
        text.contains(&format!("S3 is at http://{address}/")),
        "{text}"
    );
}
