//! What an event costs late in a long history, against early in a short one.

use anyhow::Result;
use serde_json::json;

use crate::http::Connection;
use crate::load::counted;
use crate::server::Server;
use crate::{Figure, Options, states};

/// A round of the loop: a task, a count and a choice, as AWS counts events.
const EVENTS_A_ROUND: u64 = 9;

/// Events of each of the two series.
const EVENTS: u64 = 20_000;

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    let definition = json!({"StartAt": "Task", "States": {
        "Task": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "ResultPath": null, "Next": "Count"},
        "Count": {"Type": "Pass", "Next": "Again",
            "Parameters": {"left.$": "States.MathAdd($.left, -1)"}},
        "Again": {"Type": "Choice", "Default": "Task",
            "Choices": [{"Variable": "$.left", "NumericLessThanEquals": 0, "Next": "Done"}]},
        "Done": {"Type": "Succeed"}}});
    let server = Server::start(options).await?;
    let machine = states::create(
        &mut server.connect().await?,
        "growth",
        "STANDARD",
        &definition,
    )
    .await?;
    let series = async |executions: u64, rounds: u64| {
        let machine = machine.clone();
        let measured = counted(
            &server,
            1,
            executions,
            async move |connection: &mut Connection, _| {
                let input = format!(r#"{{"left":{rounds}}}"#);
                states::execute(connection, &machine, &input)
                    .await
                    .map(drop)
            },
        )
        .await?;
        Ok::<_, anyhow::Error>(measured.cpu * 1e6 / (executions * rounds * EVENTS_A_ROUND) as f64)
    };
    let rounds = options.scaled(EVENTS) / EVENTS_A_ROUND;
    let short = 100 / EVENTS_A_ROUND;
    // Each twice, the second time counts: the first one warms up.
    series(rounds / short, short).await?;
    let early = series(rounds / short, short).await?;
    let late = series(1, rounds).await?;
    Ok(vec![
        Figure::new(
            "history-growth",
            "server's CPU for an event, histories of 100",
            early,
            "µs",
        ),
        Figure::new(
            "history-growth",
            format!("the same, one of {}", rounds * EVENTS_A_ROUND),
            late,
            "µs",
        ),
        Figure::new("history-growth", "ratio", late / early, "×").at_most(1.3),
    ])
}
