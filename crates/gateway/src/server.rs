//! Connections: accepting, bounding and draining them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::dispatch::Gateway;
use crate::patient::Patient;
use crate::{Config, Doors};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others could reach it, and nobody said that they may.
    #[error(
        "`{0}` can be reached from other machines, and every caller is trusted; allow it with `insecure_listen` or listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The listener has no address.
    #[error("the listener can't be used")]
    Listener(#[source] std::io::Error),
}

/// A server that answers. Dropping it stops the server too, but nobody waits for the requests in flight.
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, ends long polls, waits for the requests in flight as long as `Limits::drain_time` allows.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        // The task does not panic, and nobody else can cancel it.
        let _ = self.task.await;
    }
}

/// Serves on a bound listener until [`Running::shutdown`].
///
/// # Errors
/// [`ServeError::NotLoopback`] when others can reach the address and `insecure_listen` is not set.
///
/// # Panics
/// Outside a tokio runtime.
pub fn serve(listener: TcpListener, config: Config, doors: Doors) -> Result<Running, ServeError> {
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    if !address.ip().is_loopback() && !config.insecure_listen {
        return Err(ServeError::NotLoopback(address));
    }
    let (stop, stopped) = watch::channel(false);
    let gateway = Arc::new(Gateway::new(config, doors, address, stopped.clone()));
    let task = tokio::spawn(accept(listener, gateway, stopped));
    Ok(Running {
        address,
        stop,
        task,
    })
}

async fn accept(listener: TcpListener, gateway: Arc<Gateway>, mut stopped: watch::Receiver<bool>) {
    let limits = gateway.config.limits.clone();
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let (cut, _) = watch::channel(false);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        // Presigned URLs with session tokens are the longest heads there are, some kilobytes.
        .max_buf_size(64 * 1024)
        .pipeline_flush(true);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&permits).acquire_owned() => {
                permit.expect("the semaphore is never closed")
            }
            () = stop_asked(&mut stopped) => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, or the client has gone: the next one may do better.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = stop_asked(&mut stopped) => break,
        };
        let connection = connect(&http, stream, Arc::clone(&gateway));
        let connection = graceful.watch(connection);
        let mut cut = cut.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = stop_asked(&mut cut) => {}
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still in flight when the server stopped");
    }
    cut.send_replace(true);
}

/// Resolves when the server is to stop, or when nobody is left to say so.
pub(crate) async fn stop_asked(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn connect(
    http: &http1::Builder,
    stream: TcpStream,
    gateway: Arc<Gateway>,
) -> http1::Connection<
    TokioIo<Patient>,
    impl hyper::service::Service<
        http::Request<hyper::body::Incoming>,
        Response = http::Response<aws::Body>,
        Error = Infallible,
        Future: Send,
    > + use<>,
> {
    // Answers are small and clients wait for each one.
    let _ = stream.set_nodelay(true);
    let patience = gateway.config.limits.write_time;
    http.serve_connection(
        TokioIo::new(Patient::new(stream, patience)),
        service_fn(move |request| {
            let gateway = Arc::clone(&gateway);
            async move { Ok::<_, Infallible>(gateway.answer(request).await) }
        }),
    )
}
