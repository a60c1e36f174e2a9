//! How much of what the disk can do is used: group commits against a loop of plain appends with fdatasync, turn by turn.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::short::{measure, passes};
use crate::http::Connection;
use crate::server::Server;
use crate::{Figure, Options};

/// Both ways run so often, one after the other: what else the machine does meets both.
const TURNS: u32 = 5;

/// The store's counters, as `/metrics` tells them.
#[derive(Clone, Copy, Default)]
struct Counted {
    commits: f64,
    bytes: f64,
    seconds: f64,
}

impl Counted {
    async fn read(connection: &mut Connection) -> Result<Self> {
        let counters = connection
            .metrics([
                "canter_store_commits_total",
                "canter_store_bytes_total",
                "canter_store_commit_seconds_total",
            ])
            .await?;
        let [Some(commits), Some(bytes), Some(seconds)] = counters else {
            bail!("not all of the store's counters are in /metrics");
        };
        Ok(Self {
            commits,
            bytes,
            seconds,
        })
    }
}

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    let server = Server::start(options).await?;
    let folder = server.folder().context("this server is not ours")?;
    let turn = Options {
        span: options.span / TURNS,
        ..options.clone()
    };
    let mut connection = server.connect().await?;
    let mut all = Counted::default();
    let mut executions = 0.0;
    let mut wall = Duration::ZERO;
    let mut raw = Vec::new();
    for number in 0..TURNS {
        let before = Counted::read(&mut connection).await?;
        let began = Instant::now();
        let measured = measure(&server, &turn, &format!("commits{number}"), &passes(1)).await?;
        wall += began.elapsed();
        let after = Counted::read(&mut connection).await?;
        executions += measured.per_second() / f64::from(TURNS);
        all.commits += after.commits - before.commits;
        all.bytes += after.bytes - before.bytes;
        all.seconds += after.seconds - before.seconds;
        let each = (all.bytes / all.commits) as usize;
        raw.push(appends(folder, each, turn.span)?);
    }
    raw.sort_unstable_by(f64::total_cmp);
    let plain = raw[raw.len() / 2];
    let per_second = all.commits / wall.as_secs_f64();
    let alone = all.commits / all.seconds;
    let figure = |what: &str, value: f64, unit| Figure::new("commits", what, value, unit);
    Ok(vec![
        figure("bytes in a group commit", all.bytes / all.commits, "B"),
        figure("plain appends of as many with fdatasync", plain, "1/s"),
        figure("group commits, one after another", alone, "1/s"),
        figure("of the plain appends", 100.0 * alone / plain, "%"),
        figure("group commits under load", per_second, "1/s"),
        figure(
            "time in which one runs",
            100.0 * all.seconds / wall.as_secs_f64(),
            "%",
        ),
        figure("executions meanwhile", executions, "1/s"),
    ])
}

/// Appends and fdatasyncs one after another, for a while; how many a second.
fn appends(folder: &Path, bytes: usize, span: Duration) -> Result<f64> {
    let path = folder.join("appends");
    let mut file = File::create(&path)?;
    let data = vec![0x5a; bytes];
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < span {
        file.write_all(&data)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / began.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
