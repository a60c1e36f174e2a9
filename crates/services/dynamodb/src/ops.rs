//! The operations: members to the engine's requests and its answers back.

use aws::{Answer, ApiError, Call, Caller, Members};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::databases::Databases;
use crate::error;

/// The engine's own place in its ARNs.
const ENGINE_ARN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// Answers one call, blocking.
pub(crate) fn answer(databases: &Databases, call: &Call) -> Result<Answer, ApiError> {
    let database = databases.of(&call.caller)?;
    let mut output = run(&database, call)?;
    localize(&mut output, &call.caller);
    let output = match output {
        Value::Object(members) => members,
        other => return Err(error::unanswered(&call.operation, &Ok(other))),
    };
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

fn run(db: &Database, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "CreateTable" => ask(call, |request| db.create_table(request)),
        "DescribeTable" => ask(call, |request| db.describe_table(request)),
        "UpdateTable" => ask(call, |request| db.update_table(request)),
        "DeleteTable" => ask(call, |request| db.delete_table(request)),
        "ListTables" => ask(call, |request| db.list_tables(request)),
        "PutItem" => ask(call, |request| db.put_item(request)),
        "GetItem" => ask(call, |request| db.get_item(request)),
        "UpdateItem" => ask(call, |request| db.update_item(request)),
        "DeleteItem" => ask(call, |request| db.delete_item(request)),
        "Query" => ask(call, |request| db.query(request)),
        "Scan" => ask(call, |request| db.scan(request)),
        "BatchGetItem" => ask(call, |request| db.batch_get_item(request)),
        "BatchWriteItem" => ask(call, |request| db.batch_write_item(request)),
        "TransactGetItems" => ask(call, |request| db.transact_get_items(request)),
        "TransactWriteItems" => ask(call, |request| db.transact_write_items(request)),
        "ExecuteStatement" => ask(call, |request| db.execute_statement(request)),
        "ExecuteTransaction" => ask(call, |request| db.execute_transaction(request)),
        "BatchExecuteStatement" => ask(call, |request| db.batch_execute_statement(request)),
        "DescribeTimeToLive" => ask(call, |request| db.describe_time_to_live(request)),
        "UpdateTimeToLive" => ask(call, |request| db.update_time_to_live(request)),
        "TagResource" => tell(call, |request| db.tag_resource(request)),
        "UntagResource" => tell(call, |request| db.untag_resource(request)),
        "ListTagsOfResource" => ask(call, |request| db.list_tags_of_resource(request)),
        "DescribeContinuousBackups" => continuous_backups(db, &call.input),
        "DescribeLimits" => Ok(limits()),
        "DescribeEndpoints" => Ok(json!({
            "Endpoints": [{
                "Address": format!("dynamodb.{}.amazonaws.com", call.caller.region),
                "CachePeriodInMinutes": 1440,
            }],
        })),
        operation => Err(ApiError::unknown_operation(operation)),
    }
}

/// Reads the request, asks the engine, writes the answer.
fn ask<Q: DeserializeOwned, A: Serialize>(
    call: &Call,
    engine: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, ApiError> {
    let operation = call.operation.as_str();
    let request = serde_json::from_value(Value::Object(call.input.clone()))
        .map_err(|unread| error::unreadable(operation, &unread))?;
    let answer = engine(request).map_err(|refused| error::refused(operation, &refused))?;
    serde_json::to_value(answer).map_err(|unread| error::unanswered(operation, &Err(unread)))
}

/// The same where AWS answers without members.
fn tell<Q: DeserializeOwned, A>(
    call: &Call,
    engine: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Value, ApiError> {
    ask(call, |request| engine(request).map(|_| json!({})))
}

/// Puts the caller's region and account into the engine's ARNs. Only members whose name says so are looked at: what a
/// user stored stays as it is.
fn localize(value: &mut Value, caller: &Caller) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name.ends_with("Arn") => {
                        if let Some(rest) = text.strip_prefix(ENGINE_ARN) {
                            let Caller {
                                account, region, ..
                            } = caller;
                            *text = format!("arn:aws:dynamodb:{region}:{account}:{rest}");
                        }
                    }
                    // Items and keys are the user's.
                    _ if name == "Item" || name == "Items" || name == "Attributes" => {}
                    other => localize(other, caller),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| localize(value, caller)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

// DIVERGENCE: there are no continuous backups; tables say that point-in-time recovery is off.
fn continuous_backups(db: &Database, input: &Members) -> Result<Value, ApiError> {
    let name = input
        .get("TableName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // Tables may be named by their ARN.
    let name = name.rsplit("table/").next().unwrap_or(name);
    let found = db
        .get_table_metadata(name)
        .map_err(|failed| error::refused("DescribeContinuousBackups", &failed))?;
    if found.is_none() {
        return Err(ApiError::new(
            "TableNotFoundException",
            format!("Table not found: {name}"),
        ));
    }
    Ok(json!({
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        },
    }))
}

/// A new account's quotas.
fn limits() -> Value {
    json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    })
}
