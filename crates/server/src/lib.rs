//! The composition root: what makes the crates one server.
//!
//! It owns the order of start and stop and the list of services; it has no logic. Begin with [`serve`].

mod client;
mod config;
mod console;
mod descriptors;
mod endpoints;
mod services;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use aws::Registry;
use store::{Store, StoreError};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub use client::{CallError, Client};
pub use config::{Config, Environment, Setting, Source};

/// A server that answers.
pub struct Running {
    gateway: gateway::Running,
    services: services::Services,
    address: SocketAddr,
    data: PathBuf,
    /// Where files of a server without a data folder are; gone with it.
    temporary: Option<TempDir>,
}

/// Starts a server: opens the store, recovers what was under way, binds the port.
///
/// Resolved when it answers.
///
/// # Errors
/// When the address can't be bound or is not loopback without leave, and when the data folder can't be opened: it is
/// not writable, another process has it, or a newer release wrote it.
pub async fn serve(config: Config) -> Result<Running> {
    // Before anything is made: the gateway refuses it too, but only once the store is open.
    anyhow::ensure!(
        config.listen.ip().is_loopback() || config.insecure_listen,
        "`{}` can be reached from other machines, and nothing authenticates callers yet; listen on 127.0.0.1, or allow \
         it with --insecure-listen",
        config.listen
    );
    // Before the first file is opened that must not be the last.
    let connections_max = descriptors::connections_max(gateway::Limits::default().connections_max);
    let listener = bind(config.listen)
        .await
        .with_context(|| format!("can't listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    for (id, endpoint) in &config.endpoints {
        anyhow::ensure!(
            !is_here(endpoint.url(), address),
            "`endpoints.{id}` is this server itself, {}",
            endpoint.url()
        );
    }
    let (store, data, temporary) = match &config.data {
        Some(data) => {
            make_private(data)
                .with_context(|| format!("can't make the data folder `{}`", data.display()))?;
            let folder = data.join("store");
            let opened = tokio::task::spawn_blocking(move || Store::open(folder)).await?;
            (
                opened.map_err(|error| opening(error, data))?,
                data.clone(),
                None,
            )
        }
        None => {
            let folder = tempfile::tempdir().context("can't make a temporary folder")?;
            (Store::memory(), folder.path().to_owned(), Some(folder))
        }
    };
    let services = services::Services::start(&config, store, &data, &url(address))?;
    let gateway = gateway::serve(
        listener,
        gateway::Config {
            insecure_listen: config.insecure_listen,
            hosts: config.allow_hosts.clone(),
            origins: config.allow_origins.clone(),
            quotas: if config.aws_limits {
                aws::Quotas::Aws
            } else {
                aws::Quotas::NoPayloadLimit
            },
            limits: gateway::Limits {
                connections_max,
                drain_time: DRAIN_TIME,
                ..gateway::Limits::default()
            },
            ..gateway::Config::default()
        },
        services.doors(),
    )?;
    Ok(Running {
        gateway,
        services,
        address,
        data,
        temporary,
    })
}

/// Most refusals name the folder themselves.
fn opening(error: StoreError, data: &Path) -> anyhow::Error {
    let is_bare = matches!(error, StoreError::Io(_));
    let error = anyhow::Error::new(error);
    if is_bare {
        error.context(format!("can't open the data folder `{}`", data.display()))
    } else {
        error
    }
}

/// The data folder, for its owner alone: secrets of connections stand in it in clear. One that is there is left as it is.
fn make_private(data: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(data)
}

impl Running {
    /// `http://127.0.0.1:4566`
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// Where the data is, for people.
    pub fn data_text(&self) -> String {
        if self.temporary.is_some() {
            "memory".into()
        } else {
            self.data.display().to_string()
        }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The services, for calls from inside.
    pub fn registry(&self) -> &Registry {
        self.services.registry()
    }

    /// Stops: no new executions, functions' processes end, long polls end empty. Takes at most 10 s.
    pub async fn stop(self) {
        self.services.stop().await;
        self.gateway.shutdown().await;
    }
}

/// For requests in flight at a stop, which takes at most 10 s in all.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How often, and in which distance, a port is tried for.
const BIND_TRIES: usize = 10;
const BIND_PAUSE: Duration = Duration::from_millis(100);

/// Listens at the address, and waits a second for whoever has it.
///
/// A server that is killed while it starts a function's process leaves that process with its port, until it runs the
/// function's program or ends itself; the next server, started at once, must not fail for that.
async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    for _ in 1..BIND_TRIES {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(BIND_PAUSE).await;
            }
            bound => return bound,
        }
    }
    TcpListener::bind(address).await
}

/// Whether a URL leads to the address, by a name that is known to be this machine's.
fn is_here(endpoint: &http::Uri, address: SocketAddr) -> bool {
    let host = endpoint.host().unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    let ip: Option<std::net::IpAddr> = host.parse().ok();
    let is_local =
        host == "localhost" || ip.is_some_and(|ip| ip.is_loopback() || ip == address.ip());
    let default = if endpoint.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    is_local && endpoint.port_u16().unwrap_or(default) == address.port()
}

/// The address as a URL that this machine reaches.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_a_dead_server_still_holds_is_waited_for() {
        let dead = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = dead.local_addr().expect("it is bound");
        let (bound, ()) = tokio::join!(bind(address), async move { drop(dead) });
        assert_eq!(
            bound
                .expect("it is free now")
                .local_addr()
                .expect("it is bound"),
            address
        );
    }

    #[tokio::test]
    async fn a_port_that_another_process_keeps_is_refused() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = other.local_addr().expect("it is bound");
        let refused = bind(address).await.expect_err("it is in use");
        assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
    }
}
