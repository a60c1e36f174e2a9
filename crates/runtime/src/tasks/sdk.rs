//! Any operation of any service of this process, by the models: `aws-sdk:service:action`, and the optimised
//! integrations that differ only in how errors are named and answers dressed.

use asl::Payload;
use aws::model::{self, Kind, ServiceModel, ShapeId, sdk_case};
use aws::{Answer, ApiError, Members, RequestId};
use bytes::Bytes;
use serde_json::Value;

use super::{Context, TaskError, add_metadata, http_date, members, payload};

/// How an optimised integration names itself in errors: the prefix of the error's name, the service's name in the
/// cause, and the error's name where the API does not model the code. The names are those of the AWS SDK for Java 1.
struct Manner {
    prefix: &'static str,
    service: &'static str,
    unmodelled: &'static str,
}

fn manner(service: &str) -> Option<Manner> {
    let (prefix, service, unmodelled) = match service {
        "dynamodb" => ("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
        "sqs" => ("SQS", "AmazonSQS", "AmazonSQSException"),
        "sns" => ("SNS", "AmazonSNS", "AmazonSNSException"),
        "lambda" => ("Lambda", "AWSLambda", "AWSLambdaException"),
        "states" => (
            "StepFunctions",
            "AWSStepFunctions",
            "AWSStepFunctionsException",
        ),
        "events" => (
            "EventBridge",
            "AmazonEventBridge",
            "AmazonEventBridgeException",
        ),
        _ => return None,
    };
    Some(Manner {
        prefix,
        service,
        unmodelled,
    })
}

/// `service:action`
pub(super) async fn optimised(
    context: &Context<'_>,
    service: &str,
    action: &str,
) -> Result<Payload, TaskError> {
    let mut parameters = members(context.parameters());
    if (service, action) == ("events", "putEvents") {
        name_the_execution(context, &mut parameters);
    }
    let (answer, request_id) = match ask(context, service, action, parameters).await {
        Ok(answered) => answered,
        Err(Refusal::Api(error, _)) if (service, &*error.code) == ("sqs", "InvalidAddress") => {
            return Err(unreachable_queue(&context.parameters()));
        }
        Err(Refusal::Api(error, request_id)) => {
            return Err(optimised_error(service, &error, &request_id));
        }
        Err(Refusal::Absent) => {
            let prefix = manner(service)
                .map_or_else(|| sdk_prefix(service), |manner| manner.prefix.to_owned());
            return Err(absent(service, &prefix));
        }
    };
    dressed(context, service, action, &answer, &request_id)
}

/// The answer of an optimised integration as the task's result.
pub(super) fn dressed(
    context: &Context<'_>,
    service: &str,
    action: &str,
    answer: &Answer,
    request_id: &RequestId,
) -> Result<Payload, TaskError> {
    let mut output = output_of(service, action, answer, Dates::EpochMillis);
    if service == "events" {
        return entries_of(&Value::Object(output));
    }
    let content_type = if service == "sns" {
        "text/xml"
    } else {
        "application/x-amz-json-1.0"
    };
    let mut headers = vec![
        (
            "Content-Length",
            Value::Object(output.clone()).to_string().len().to_string(),
        ),
        ("Content-Type", content_type.to_owned()),
        ("Date", http_date(context.shared.clock.now())),
    ];
    // Recorded: DynamoDB answers a read with the header in small letters (services, dynamodb_task_service).
    let id_header = if (service, action) == ("dynamodb", "getItem") {
        "x-amzn-requestid"
    } else {
        "x-amzn-RequestId"
    };
    headers.push((id_header, request_id.to_string()));
    if service == "dynamodb" {
        headers.push(("Connection", "keep-alive".to_owned()));
        headers.push(("Server", "Server".to_owned()));
        headers.push(("x-amz-crc32", "0".to_owned()));
    } else {
        headers.push(("connection", "keep-alive".to_owned()));
    }
    add_metadata(
        &mut output,
        request_id,
        answer.status.unwrap_or(200),
        &headers,
    );
    payload(&Value::Object(output))
}

/// Each event's resources end with the state machine and the execution that sent it (recorded: events,
/// test_put_events_base).
fn name_the_execution(context: &Context<'_>, parameters: &mut Members) {
    let entries = parameters.get_mut("Entries").and_then(Value::as_array_mut);
    for entry in entries
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let resources = entry
            .entry("Resources")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(resources) = resources {
            resources.extend(context.sender.iter().map(|arn| Value::from(&**arn)));
        }
    }
}

/// PutEvents fails as a task when one of its entries does (recorded: events, test_put_events_no_source).
fn entries_of(output: &Value) -> Result<Payload, TaskError> {
    let failed = output
        .get("FailedEntryCount")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    if failed > 0 {
        return Err(TaskError::new(
            "EventBridge.FailedEntry",
            output.to_string(),
        ));
    }
    payload(output)
}

/// `aws-sdk:service:action`
pub(super) async fn call(
    context: &Context<'_>,
    sdk_name: &str,
    action: &str,
) -> Result<Payload, TaskError> {
    let Some(service) = model::id_by_sdk_name(sdk_name) else {
        return Err(absent(sdk_name, &camel(sdk_name)));
    };
    match ask(context, service, action, members(context.parameters())).await {
        Ok((answer, _)) => payload(&Value::Object(output_of(
            service,
            action,
            &answer,
            Dates::Iso8601,
        ))),
        Err(Refusal::Api(error, request_id)) => Err(sdk_error(service, &error, &request_id)),
        Err(Refusal::Absent) => Err(absent(service, &sdk_prefix(service))),
    }
}

enum Refusal {
    Api(ApiError, RequestId),
    Absent,
}

async fn ask(
    context: &Context<'_>,
    service: &str,
    action: &str,
    parameters: Members,
) -> Result<(Answer, RequestId), Refusal> {
    // `putItem` is the operation `PutItem`.
    let operation = sdk_case(action);
    let (input, body) = match model::service(service) {
        Some(model) => {
            // What services answer each other beside their APIs is not for tasks.
            let known = model.operation(&operation).ok_or(Refusal::Absent)?;
            let (input, body) = match known.input {
                Some(shape) => input_of(model, shape, parameters),
                None => (Members::new(), Bytes::new()),
            };
            if let Err(error) = aws::protocol::check(model, known, &input, &body, aws::Quotas::Aws)
            {
                let request_id = RequestId(uuid::Uuid::new_v4().to_string().into());
                return Err(Refusal::Api(error, request_id));
            }
            (input, body)
        }
        None => (parameters, Bytes::new()),
    };
    match context.call(service, &operation, input, body).await {
        (request_id, Some(Ok(answer))) => Ok((answer, request_id)),
        (request_id, Some(Err(error))) => Err(Refusal::Api(error, request_id)),
        (_, None) => Err(Refusal::Absent),
    }
}

/// Parameters by the model's own member names, and the member that is the HTTP payload apart.
fn input_of(model: &ServiceModel, shape: ShapeId, parameters: Members) -> (Members, Bytes) {
    let mut input = members(inward(model, shape, Value::Object(parameters)));
    let body = blob_payload(model, shape).and_then(|name| input.shift_remove(name));
    let Some(body) = body else {
        return (input, Bytes::new());
    };
    // Recorded: a body is its JSON text, texts in their quotation marks, and says that it is text (services,
    // aws_sdk_task_service, test_s3_put_object).
    let body = Bytes::from(body.to_string());
    let named = model
        .shape(shape)
        .structure()
        .is_some_and(|structure| structure.members.contains_key("ContentType"));
    if named && !input.contains_key("ContentType") {
        input.insert("ContentType".into(), "text/plain; charset=UTF-8".into());
    }
    (input, body)
}

/// The member that is the whole HTTP body, if it is one of bytes.
fn blob_payload(model: &ServiceModel, shape: ShapeId) -> Option<&str> {
    let structure = model.shape(shape).structure()?;
    let name = structure.payload.as_deref()?;
    let member = structure.members.get(name)?;
    matches!(model.shape(member.shape).kind, Kind::Blob).then_some(name)
}

/// PascalCase becomes the model's case; JSON where the model wants text becomes its text.
fn inward(model: &ServiceModel, shape: ShapeId, value: Value) -> Value {
    match (&model.shape(shape).kind, value) {
        (Kind::Structure(structure), Value::Object(given)) => {
            let renamed = given.into_iter().map(|(name, value)| {
                let known = structure
                    .members
                    .iter()
                    .find(|(member, _)| ***member == *name || sdk_case(member) == name);
                match known {
                    Some((member, inner)) => {
                        (member.to_string(), inward(model, inner.shape, value))
                    }
                    None => (name, value),
                }
            });
            Value::Object(renamed.collect())
        }
        (Kind::List(inner), Value::Array(items)) => items
            .into_iter()
            .map(|item| inward(model, inner.shape, item))
            .collect(),
        (Kind::Map(_, inner), Value::Object(entries)) => {
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key, inward(model, inner.shape, value)));
            Value::Object(entries.collect())
        }
        // Recorded: a message or an input that is an object is sent as its text (sns, sqs, states).
        (
            Kind::String,
            value @ (Value::Object(_) | Value::Array(_) | Value::Number(_) | Value::Bool(_)),
        ) => Value::String(value.to_string()),
        (_, value) => value,
    }
}

/// How an instant is written into a task's result.
#[derive(Clone, Copy)]
enum Dates {
    Iso8601,
    EpochMillis,
}

fn output_of(service: &str, action: &str, answer: &Answer, dates: Dates) -> Members {
    let output = Value::Object(answer.output.clone());
    let known = model::service(service).and_then(|model| {
        let shape = model.operation(&sdk_case(action))?.output?;
        Some((model, shape))
    });
    let Some((model, shape)) = known else {
        return members(output);
    };
    let mut output = members(outward(model, shape, output, dates));
    if let Some(name) = blob_payload(model, shape) {
        // Recorded: a body is its text (aws-sdk:s3:getObject).
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        output.insert(sdk_case(name), text.into());
    }
    output
}

/// The model's case becomes PascalCase; instants become what Step Functions shows.
fn outward(model: &ServiceModel, shape: ShapeId, value: Value, dates: Dates) -> Value {
    match (&model.shape(shape).kind, value) {
        (Kind::Structure(structure), Value::Object(given)) => {
            let given = given.into_iter().filter(|(_, value)| !value.is_null());
            let renamed = given.map(|(name, value)| {
                let value = match structure.members.get(name.as_str()) {
                    Some(member) => outward(model, member.shape, value, dates),
                    None => value,
                };
                (sdk_case(&name), value)
            });
            Value::Object(renamed.collect())
        }
        (Kind::List(inner), Value::Array(items)) => items
            .into_iter()
            .map(|item| outward(model, inner.shape, item, dates))
            .collect(),
        (Kind::Map(_, inner), Value::Object(entries)) => {
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key, outward(model, inner.shape, value, dates)));
            Value::Object(entries.collect())
        }
        (Kind::Timestamp(_), Value::Number(seconds)) => date(&seconds, dates),
        (_, value) => value,
    }
}

fn date(seconds: &serde_json::Number, dates: Dates) -> Value {
    let millis = (seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64;
    match dates {
        Dates::EpochMillis => millis.into(),
        Dates::Iso8601 => jiff::Timestamp::from_millisecond(millis)
            .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
            .unwrap_or_default()
            .into(),
    }
}

/// `Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: …; Request ID: …; Proxy:
/// null)` under the name `DynamoDB.ResourceNotFoundException`.
pub(super) fn optimised_error(
    service: &str,
    error: &ApiError,
    request_id: &RequestId,
) -> TaskError {
    let Some(manner) = manner(service) else {
        return sdk_error(service, error, request_id);
    };
    if error.code == ApiError::ON_THIS_SIDE {
        return unreached(manner.prefix, error);
    }
    let name = modelled(service, &error.code).unwrap_or_else(|| manner.unmodelled.to_owned());
    TaskError::new(
        format!("{}.{name}", manner.prefix),
        format!(
            "{} (Service: {}; Status Code: {}; Error Code: {}; Request ID: {request_id}; Proxy: null)",
            error.message,
            manner.service,
            error.status,
            code_on_wire(service, &error.code),
        ),
    )
}

/// `Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: …) (SDK Attempt Count: 1)` under the
/// name `DynamoDb.ResourceNotFoundException`.
fn sdk_error(service: &str, error: &ApiError, request_id: &RequestId) -> TaskError {
    let prefix = sdk_prefix(service);
    if error.code == ApiError::ON_THIS_SIDE {
        return unreached(&prefix, error);
    }
    let name = modelled(service, &error.code).unwrap_or_else(|| format!("{prefix}Exception"));
    let extended = if service == "s3" {
        format!(", Extended Request ID: {request_id}")
    } else {
        String::new()
    };
    TaskError::new(
        format!("{prefix}.{name}"),
        format!(
            "{} (Service: {prefix}, Status Code: {}, Request ID: {request_id}{extended}) (SDK Attempt Count: 1)",
            error.message, error.status,
        ),
    )
}

/// The SDK goes to the host of a queue's URL. Recorded: error_handling/task_service_sqs … test_send_message_no_such_queue.
fn unreachable_queue(parameters: &Value) -> TaskError {
    let url = parameters["QueueUrl"].as_str().unwrap_or_default();
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let host = address.split(['/', ':']).next().unwrap_or_default();
    TaskError::new(
        "SQS.SdkClientException",
        format!("Unable to execute HTTP request: {host}: Name or service not known"),
    )
}

/// The SDK's exception for a code that the API models.
fn modelled(service: &str, code: &str) -> Option<String> {
    let shape = model::service(service)?.error(code)?;
    Some(if shape.name.ends_with("Exception") {
        shape.name.to_string()
    } else {
        format!("{}Exception", shape.name)
    })
}

fn code_on_wire(service: &str, code: &str) -> String {
    let shape = model::service(service).and_then(|model| model.error(code));
    let wire = shape.and_then(|shape| shape.error.as_ref()?.code.as_deref());
    wire.unwrap_or(code).to_owned()
}

/// Recorded: the name says nothing of the service's own errors, and the cause is the client's text alone (error_handling,
/// test_send_message_no_such_queue_no_catch).
fn unreached(prefix: &str, error: &ApiError) -> TaskError {
    TaskError::new(format!("{prefix}.{}", error.code), error.message.clone())
}

/// DIVERGENCE: AWS has every service; here a task whose service is neither here nor set to be elsewhere fails at once.
pub(super) fn absent(service: &str, prefix: &str) -> TaskError {
    let variable = service.to_uppercase().replace('-', "_");
    unreached(
        prefix,
        &ApiError::on_this_side(format!(
            "Unable to execute HTTP request: the service `{service}` is not part of this installation; the setting \
             `endpoints.{service}` (CANTER_ENDPOINT_{variable}) says where it is"
        )),
    )
}

/// What aws-sdk errors begin with: the service's id as the AWS SDK for Java 2 writes it, `DynamoDb`, `Sfn`, `S3`.
fn sdk_prefix(service: &str) -> String {
    model::service(service).map_or_else(|| camel(service), |model| camel(&model.service_id))
}

/// Of a run of capitals only the first stays, and blanks go: `DynamoDB` → `DynamoDb`, `SFN` → `Sfn`.
fn camel(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for word in id.split(' ') {
        let mut after_capital = false;
        for letter in sdk_case(word).chars() {
            name.push(if after_capital {
                letter.to_ascii_lowercase()
            } else {
                letter
            });
            after_capital = letter.is_ascii_uppercase();
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_prefixes_are_those_of_the_sdk() {
        for (id, prefix) in [
            ("DynamoDB", "DynamoDb"),
            ("SFN", "Sfn"),
            ("S3", "S3"),
            ("Secrets Manager", "SecretsManager"),
            ("CloudWatch Logs", "CloudWatchLogs"),
            ("Rekognition", "Rekognition"),
        ] {
            assert_eq!(camel(id), prefix);
        }
    }

    fn request() -> RequestId {
        RequestId("id".into())
    }

    #[test]
    fn an_error_that_the_api_models_keeps_its_name() {
        let error = ApiError::new("ResourceNotFoundException", "Requested resource not found");
        let cause = "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: id) (SDK Attempt Count: 1)";
        assert_eq!(
            sdk_error("dynamodb", &error, &request()),
            TaskError::new("DynamoDb.ResourceNotFoundException", cause)
        );
        let error = ApiError::new("ResourceNotFoundException", "No").with_status(404);
        let cause = "No (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: id; Proxy: null)";
        assert_eq!(
            optimised_error("lambda", &error, &request()),
            TaskError::new("Lambda.ResourceNotFoundException", cause)
        );
        let error =
            ApiError::new("NoSuchBucket", "The specified bucket does not exist").with_status(404);
        assert_eq!(
            sdk_error("s3", &error, &request()).error,
            "S3.NoSuchBucketException"
        );
        let error = ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'");
        assert_eq!(
            sdk_error("states", &error, &request()).error,
            "Sfn.InvalidTokenException"
        );
    }

    #[test]
    fn a_queue_s_url_without_a_queue_is_a_host_that_is_not_there() {
        let error =
            unreachable_queue(&serde_json::json!({"QueueUrl": "http://no-such-queue:80/x"}));
        let cause = "Unable to execute HTTP request: no-such-queue: Name or service not known";
        assert_eq!(error, TaskError::new("SQS.SdkClientException", cause));
    }

    #[test]
    fn an_error_that_it_does_not_model_has_the_services_name() {
        let error = ApiError::validation("no");
        assert_eq!(
            sdk_error("dynamodb", &error, &request()).error,
            "DynamoDb.DynamoDbException"
        );
        let optimised = optimised_error("dynamodb", &error, &request());
        assert_eq!(optimised.error, "DynamoDB.AmazonDynamoDBException");
    }

    #[test]
    fn parameters_take_the_models_case_and_give_text_where_it_wants_text() {
        let model = model::service("states").expect("it has a model");
        let operation = model
            .operation("StartExecution")
            .expect("it is one of its operations");
        let shape = operation.input.expect("it has an input");
        let given = members(
            serde_json::json!({ "StateMachineArn": "arn", "Input": { "a": 1 }, "name": "n" }),
        );
        let (input, _) = input_of(model, shape, given);
        let expected =
            serde_json::json!({ "stateMachineArn": "arn", "input": "{\"a\":1}", "name": "n" });
        assert_eq!(Value::Object(input), expected);
    }
}
