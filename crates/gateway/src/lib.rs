//! The front door: one HTTP port for every API, the pages and the probes.
//!
//! It owns connections, bounds, who calls, and which codec and service a request is for. It knows no service beyond
//! its entry in the API models. Begin with [`serve`]; a request goes through `door`, then `route` and `auth`, and
//! meets its service in `dispatch`.
//!
//! ```no_run
//! # async fn run() -> Result<(), gateway::ServeError> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
//! let running = gateway::serve(listener, gateway::Config::default(), gateway::Doors::default())?;
//! println!("http://{}", running.address());
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod config;
mod console;
mod dispatch;
mod door;
mod metrics;
mod pages;
mod patient;
mod route;
mod server;

pub use config::{Config, Doors, Limits, MetricsSource, PageMount};
pub use console::{Console, ConsoleFile};
pub use server::{Running, ServeError, serve};
