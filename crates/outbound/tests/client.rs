//! The HTTP client against servers of every humour.

mod world;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use outbound::{Client, Error, Limits};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use world::{Server, response};

fn client() -> Client {
    Client::new(None).expect("no file is read")
}

fn get(url: &str) -> Request<Bytes> {
    let request = Request::builder().uri(url).body(Bytes::new());
    request.expect("a request")
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let server = Server::start(|request| response(418, "text/plain", request.body().clone())).await;
    let request = Request::builder()
        .method("POST")
        .uri(server.url("/a?b=c"))
        .body("hello".into())
        .expect("a request");
    let answered = client().send(request).await.expect("it answers");
    assert_eq!(
        (answered.status().as_u16(), answered.body().as_ref()),
        (418, &b"hello"[..])
    );
    let seen = server.seen();
    assert_eq!(seen[0].uri(), "/a?b=c");
    assert_eq!(world::header(&seen[0], "host"), server.address.to_string());
}

#[tokio::test]
async fn who_wants_the_status_alone_reads_no_body() {
    let server = Server::start(|_| response(302, "text/plain", vec![b'x'; 1 << 20])).await;
    let limits = Limits {
        body_bytes_max: 10,
        ..Limits::default()
    };
    let client = client().with_limits(limits);
    let request = Request::post(server.url("/hook")).body("hello".into());
    let status = client.status(request.expect("a request")).await;
    assert_eq!(status.expect("it answers").as_u16(), 302);
    let seen = server.seen();
    assert_eq!(
        (seen[0].method().as_str(), seen[0].body().as_ref()),
        ("POST", &b"hello"[..])
    );
    assert_eq!(world::header(&seen[0], "content-length"), "5");
}

#[tokio::test]
async fn who_is_not_there_is_named_in_the_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let error = client().send(get(&format!("http://{address}/"))).await;
    assert_eq!(
        error.expect_err("nobody listens").to_string(),
        format!("Connect to {address} failed: Connection refused")
    );
    let error = client().send(get("http://no-such-host.invalid/")).await;
    let text = error.expect_err("there is no such host").to_string();
    assert!(text.starts_with("no-such-host.invalid: "), "{text}");
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    for url in ["/path", "ftp://host/"] {
        let error = client().send(get(url)).await;
        assert!(matches!(error, Err(Error::Address(_))), "{url}");
    }
}

#[tokio::test]
async fn an_answer_above_the_limit_is_cut_off() {
    let server = Server::start(|_| response(200, "text/plain", vec![b'x'; 1001])).await;
    let small = client().with_limits(Limits {
        body_bytes_max: 1000,
        ..Limits::default()
    });
    let error = small.send(get(&server.url("/"))).await;
    assert!(matches!(error, Err(Error::TooLarge(1000))), "{error:?}");
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let hasty = client().with_limits(Limits {
        time: Duration::from_millis(50),
        ..Limits::default()
    });
    // Connected by the kernel, and never answered.
    let error = hasty.send(get(&format!("http://{address}/"))).await;
    assert!(matches!(error, Err(Error::TimedOut(_))), "{error:?}");
    drop(listener);
}

#[tokio::test]
async fn an_answer_that_ends_early_is_an_error_and_is_not_asked_for_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
        stream.write_all(half).await.expect("it reads");
        drop(stream);
        listener
    });
    let error = client().send(get(&format!("http://{address}/"))).await;
    assert!(matches!(error, Err(Error::Broken(_))), "{error:?}");
    let listener = server.await.expect("it served");
    // A second try would have been made before the error was told.
    let again = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(again.is_err(), "nobody comes again");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start(|_| response(200, "text/plain", "")).await;
    let client = client();
    for _ in 0..3 {
        client
            .send(get(&server.url("/")))
            .await
            .expect("it answers");
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_certificate_is_trusted_when_its_authority_is_given() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("they belong together");
    let server = Server::with(Some(TlsAcceptor::from(Arc::new(tls))), |_| {
        response(200, "text/plain", "secret")
    })
    .await;
    let url = format!("https://localhost:{}/", server.address.port());
    let error = client().send(get(&url)).await.expect_err("nobody vouches");
    assert!(error.to_string().contains("certificate"), "{error}");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let der = STANDARD.encode(made.cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    file.write_all(pem.as_bytes()).expect("written");
    let trusting = Client::new(Some(file.path())).expect("it is a certificate");
    let answered = trusting.send(get(&url)).await.expect("it is trusted");
    assert_eq!(answered.body().as_ref(), b"secret");
}

#[test]
fn a_file_that_is_none_of_certificates_is_refused() {
    for text in ["", "text"] {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        assert!(Client::new(Some(file.path())).is_err(), "{text}");
    }
    assert!(Client::new(Some("/no/such/file".as_ref())).is_err());
}
