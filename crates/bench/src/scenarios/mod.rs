//! What is measured. Each scenario gives its figures, with the mark that the project holds itself to.

mod commits;
mod faces;
mod fanout;
mod growth;
mod maps;
mod restart;
mod short;
mod start;

use anyhow::{Result, bail};

use crate::{Figure, Options};

/// The scenarios, in the order of [`run`](crate::run).
pub const NAMES: &[&str] = &[
    "start",
    "pass1",
    "commits",
    "pass10",
    "parallel5",
    "map1000",
    "express1",
    "lambda1",
    "wait-fanout",
    "distributed-map",
    "history-growth",
    "restart",
    "faces",
];

pub(crate) async fn run(name: &str, options: &Options) -> Result<Vec<Figure>> {
    match name {
        "start" => start::run(options).await,
        "pass1" => short::pass1(options).await,
        "commits" => commits::run(options).await,
        "pass10" => short::pass10(options).await,
        "parallel5" => short::parallel5(options).await,
        "map1000" => maps::inline(options).await,
        "express1" => short::express1(options).await,
        "lambda1" => short::lambda1(options).await,
        "wait-fanout" => fanout::run(options).await,
        "distributed-map" => maps::distributed(options).await,
        "history-growth" => growth::run(options).await,
        "restart" => restart::run(options).await,
        "faces" => faces::run(options).await,
        _ => bail!("there is no scenario `{name}`"),
    }
}

const MEGABYTE: f64 = 1_000_000.0;
