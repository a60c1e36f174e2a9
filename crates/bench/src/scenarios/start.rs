//! How long until a new server answers, and what it holds before it has done anything.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::MEGABYTE;
use crate::server::Server;
use crate::{Figure, Options};

const STARTS: usize = 11;

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    if options.target.is_some() {
        bail!("a server that is there can't be started");
    }
    let mut times = Vec::with_capacity(STARTS);
    let mut resident = 0;
    for _ in 0..STARTS {
        let began = Instant::now();
        let server = Server::start(options).await?;
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
        resident = server.process.resident()?;
    }
    times.sort_unstable();
    let median = times[STARTS / 2].as_secs_f64() * 1000.0;
    Ok(vec![
        Figure::new(
            "start",
            "empty folder to first answer, median",
            median,
            "ms",
        )
        .at_most(50.0),
        Figure::new(
            "start",
            "resident, idle, before models",
            resident as f64 / MEGABYTE,
            "MB",
        )
        .at_most(40.0),
    ])
}
