//! The object store alone on a port, for trying clients against it: `serve <folder> [port]`.

use std::path::PathBuf;

use aws::{BodyError, Caller, HttpService as _, RequestId};
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};

#[tokio::main]
async fn main() -> Result<(), BodyError> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("a folder is needed")?);
    let port = arguments.next().unwrap_or_else(|| "4572".to_owned());
    let s3 = service_s3::S3::open(
        store::Store::open(folder.join("rows"))?,
        &folder.join("blobs"),
    )?;
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let s3 = s3.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let s3 = s3.clone();
                async move {
                    let authorization = request.headers().get("authorization");
                    let region = authorization
                        .and_then(|value| value.to_str().ok()?.split('/').nth(2))
                        .unwrap_or("us-east-1");
                    let caller = Caller::root("000000000000", region);
                    let id = RequestId(format!("{:?}", std::time::Instant::now()).into());
                    let request = request.map(|body| body.map_err(BodyError::from).boxed());
                    Ok::<_, std::convert::Infallible>(s3.handle(caller, id, request).await)
                }
            });
            let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}
