//! How a message leaves this machine: one HTTP POST.

use std::sync::Arc;
use std::time::Duration;

use aws::BoxFuture;
use bytes::Bytes;

/// Sends a request to an HTTP(S) endpoint; gives the status of the answer, or why there was none.
pub type Post =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, Result<u16, String>> + Send + Sync>;

/// How long an endpoint may take, as on AWS.
const TIME_MAX: Duration = Duration::from_secs(15);

/// The machine's own network. An endpoint is asked as it was given: redirects are not followed.
pub(crate) fn network() -> Post {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIME_MAX))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let agent = ureq::Agent::new_with_config(config);
    Arc::new(move |request| {
        let agent = agent.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let sent = tokio::task::spawn_blocking(move || {
                let request = http::Request::from_parts(parts, body.to_vec());
                agent.run(request)
            });
            match sent.await {
                Ok(Ok(response)) => Ok(response.status().as_u16()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_request_arrives_whole_and_a_redirect_is_an_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let endpoint = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut seen = Vec::new();
            while !seen.ends_with(b"hello") {
                let mut part = [0; 1024];
                let read = stream.read(&mut part).await.expect("a request");
                assert!(read > 0, "the request ended early");
                seen.extend(&part[..read]);
            }
            let answer = "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n";
            stream
                .write_all(answer.as_bytes())
                .await
                .expect("it listens");
            String::from_utf8(seen).expect("text")
        });
        let request = http::Request::post(format!("http://{address}/hook"))
            .header("x-amz-sns-message-type", "Notification")
            .body(Bytes::from_static(b"hello"))
            .expect("a request");
        assert_eq!(network()(request).await, Ok(302));
        let seen = endpoint.await.expect("it does not panic").to_lowercase();
        assert!(seen.starts_with("post /hook http/1.1\r\n"), "{seen}");
        assert!(
            seen.contains("x-amz-sns-message-type: notification\r\n"),
            "{seen}"
        );
        assert!(seen.contains("content-length: 5\r\n"), "{seen}");
    }

    #[tokio::test]
    async fn an_endpoint_that_is_not_there_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        drop(listener);
        let request = http::Request::post(format!("http://{address}/")).body(Bytes::new());
        assert!(network()(request.expect("a request")).await.is_err());
    }
}
