//! Load: many clients, each with one connection, for a while.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::Options;
use crate::http::Connection;
use crate::server::Server;

/// What a load came to.
pub(crate) struct Measured {
    pub(crate) count: u64,
    pub(crate) span: Duration,
    /// Seconds of the server's process alone.
    pub(crate) cpu: f64,
    /// Microseconds from begin to end; in an open loop from when it was to begin.
    pub(crate) latency: Histogram<u64>,
    pub(crate) resident: u64,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.span.as_secs_f64()
    }

    /// Milliseconds of the server's processor time for one.
    pub(crate) fn cpu_each(&self) -> f64 {
        self.cpu * 1000.0 / self.count.max(1) as f64
    }

    /// Milliseconds within which that share of them ended.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        self.latency.value_at_quantile(share) as f64 / 1000.0
    }
}

/// Three digits, up to five minutes.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 300_000_000, 3).expect("the bounds are in order")
}

/// Runs `one` on `clients` connections for the options' span, after a fifth of it to warm up.
pub(crate) async fn timed(
    server: &Server,
    options: &Options,
    clients: usize,
    one: impl AsyncFn(&mut Connection) -> Result<()> + 'static,
) -> Result<Measured> {
    let warm_up = options.span / 5;
    let began = Instant::now();
    let (from, to) = (began + warm_up, began + warm_up + options.span);
    let one = Rc::new(one);
    let mut running = JoinSet::new();
    for client in 0..clients {
        let mut connection = server.connect().await?;
        let one = Rc::clone(&one);
        let pace = options.rate.map(|rate| {
            let each = Duration::from_secs_f64(clients as f64 / rate);
            (began + each.mul_f64(client as f64 / clients as f64), each)
        });
        running.spawn_local(async move {
            let mut latency = histogram();
            let mut due = pace.map_or(began, |(first, _)| first);
            loop {
                let start = match pace {
                    None => Instant::now(),
                    Some((_, each)) => {
                        tokio::time::sleep_until(due.into()).await;
                        let start = due;
                        due += each;
                        start
                    }
                };
                if start >= to {
                    return Ok::<_, anyhow::Error>(latency);
                }
                one(&mut connection).await?;
                let end = Instant::now();
                if start >= from && end <= to {
                    latency.saturating_record((end - start).as_micros() as u64);
                }
            }
        });
    }
    tokio::time::sleep_until(from.into()).await;
    let before = server.process.cpu()?;
    tokio::time::sleep_until(to.into()).await;
    let cpu = server.process.cpu()? - before;
    let resident = server.process.resident()?;
    let mut latency = histogram();
    while let Some(ended) = running.join_next().await {
        latency.add(ended.context("a client panicked")??)?;
    }
    Ok(Measured {
        count: latency.len(),
        span: options.span,
        cpu,
        latency,
        resident,
    })
}

/// Runs `one` for each number below `count`, on `clients` connections.
pub(crate) async fn counted(
    server: &Server,
    clients: usize,
    count: u64,
    one: impl AsyncFn(&mut Connection, u64) -> Result<()> + 'static,
) -> Result<Measured> {
    let one = Rc::new(one);
    let clients = (clients as u64).min(count);
    let began = Instant::now();
    let before = server.process.cpu()?;
    let mut running = JoinSet::new();
    for client in 0..clients {
        let mut connection = server.connect().await?;
        let one = Rc::clone(&one);
        running.spawn_local(async move {
            let mut latency = histogram();
            for number in (client..count).step_by(clients as usize) {
                let start = Instant::now();
                one(&mut connection, number).await?;
                latency.saturating_record(start.elapsed().as_micros() as u64);
            }
            Ok::<_, anyhow::Error>(latency)
        });
    }
    let mut latency = histogram();
    while let Some(ended) = running.join_next().await {
        latency.add(ended.context("a client panicked")??)?;
    }
    Ok(Measured {
        count,
        span: began.elapsed(),
        cpu: server.process.cpu()? - before,
        latency,
        resident: server.process.resident()?,
    })
}
