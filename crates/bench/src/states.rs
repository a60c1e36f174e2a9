//! Step Functions as the load speaks it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::http::{Connection, STATES};

/// Timers of less are not kept.
const PAUSE_MIN: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// Creates a state machine; its ARN.
pub(crate) async fn create(
    connection: &mut Connection,
    name: &str,
    kind: &str,
    definition: &Value,
) -> Result<String> {
    let input = json!({
        "name": name, "type": kind, "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/bench",
    });
    let answer = connection
        .json(STATES, "CreateStateMachine", &input)
        .await?;
    let arn = answer["stateMachineArn"].as_str();
    Ok(arn.context("no stateMachineArn in the answer")?.to_owned())
}

/// Starts an execution; its ARN. `input` is JSON text, which is quoted here.
pub(crate) async fn start(
    connection: &mut Connection,
    machine: &str,
    name: Option<&str>,
    input: &str,
) -> Result<String> {
    let name = name.map_or_else(String::new, |name| format!(r#","name":"{name}""#));
    let input = Value::String(input.to_owned());
    let call = format!(r#"{{"stateMachineArn":"{machine}","input":{input}{name}}}"#);
    let answer = connection.call(STATES, "StartExecution", call).await?;
    Ok(member(&answer, "executionArn")?.to_owned())
}

/// Asks for an execution until it has ended; it must have succeeded. The first question comes when executions before
/// it had ended, so that it is the only one as a rule.
pub(crate) async fn await_success(connection: &mut Connection, execution: &str) -> Result<Bytes> {
    let mut pause = connection.patience;
    let mut asked = 0_u32;
    loop {
        if pause >= PAUSE_MIN {
            tokio::time::sleep(pause).await;
        }
        let call = format!(r#"{{"executionArn":"{execution}"}}"#);
        let answer = connection.call(STATES, "DescribeExecution", call).await?;
        match member(&answer, "status")? {
            "SUCCEEDED" => {
                let factor = if asked == 0 { 0.95 } else { 1.05 };
                let patience = connection.patience.max(PAUSE_MIN.mul_f64(f64::from(asked)));
                connection.patience = patience.mul_f64(factor).min(PAUSE_MAX);
                return Ok(answer);
            }
            "RUNNING" => {
                asked += 1;
                pause = (pause / 4).clamp(PAUSE_MIN, PAUSE_MAX);
            }
            status => anyhow::bail!(
                "{execution} is {status}: {}",
                String::from_utf8_lossy(&answer)
            ),
        }
    }
}

/// Runs an execution to its end.
pub(crate) async fn execute(
    connection: &mut Connection,
    machine: &str,
    input: &str,
) -> Result<String> {
    let name = connection.names.then(fresh_name);
    let execution = start(connection, machine, name.as_deref(), input).await?;
    await_success(connection, &execution).await?;
    Ok(execution)
}

/// A name that no other execution has, of this load or an earlier one.
fn fresh_name() -> String {
    static NAMED: AtomicU64 = AtomicU64::new(0);
    let (process, number) = (std::process::id(), NAMED.fetch_add(1, Ordering::Relaxed));
    format!("bench-{process}-{number}")
}

/// Runs an EXPRESS execution to its end in one call.
pub(crate) async fn execute_sync(connection: &mut Connection, machine: &str) -> Result<()> {
    let call = format!(r#"{{"stateMachineArn":"{machine}","input":"{{}}"}}"#);
    let answer = connection.call(STATES, "StartSyncExecution", call).await?;
    let status = member(&answer, "status")?;
    ensure!(status == "SUCCEEDED", "an execution is {status}");
    Ok(())
}

/// All executions of a status: name and when it stopped, in seconds.
pub(crate) async fn list(
    connection: &mut Connection,
    machine: &str,
    status: &str,
) -> Result<Vec<(String, f64)>> {
    let mut all = Vec::new();
    let mut token = Value::Null;
    loop {
        let mut input =
            json!({"stateMachineArn": machine, "statusFilter": status, "maxResults": 1000});
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let mut page = connection.json(STATES, "ListExecutions", &input).await?;
        for execution in page["executions"].as_array().into_iter().flatten() {
            let name = execution["name"].as_str().unwrap_or_default().to_owned();
            all.push((name, execution["stopDate"].as_f64().unwrap_or_default()));
        }
        token = page["nextToken"].take();
        if token.is_null() {
            return Ok(all);
        }
    }
}

/// A member of an answer that is a plain text. The load reads answers as it goes: it shares the cores with the server.
fn member<'a>(answer: &'a [u8], name: &str) -> Result<&'a str> {
    let text = std::str::from_utf8(answer)?;
    let quoted = format!("\"{name}\"");
    let value = text.find(&quoted).and_then(|at| {
        let rest = text[at + quoted.len()..].trim_start();
        let rest = rest.strip_prefix(':')?.trim_start().strip_prefix('"')?;
        rest.split_once('"').map(|(value, _)| value)
    });
    value.with_context(|| format!("no `{name}` in {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_found_with_and_without_spaces() {
        let answer = br#"{"executionArn": "arn:x", "status":"RUNNING"}"#;
        assert_eq!(
            member(answer, "executionArn").expect("it is there"),
            "arn:x"
        );
        assert_eq!(member(answer, "status").expect("it is there"), "RUNNING");
        assert!(member(answer, "stopDate").is_err());
    }
}
