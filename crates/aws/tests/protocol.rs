//! The codecs against the models: requests as SDKs send them, answers as SDKs read them.

use aws::model::{self, ServiceModel};
use aws::{Answer, ApiError, Members, Quotas, RequestId, protocol};
use bytes::Bytes;
use http::request::Parts;
use serde_json::{Value, json};

fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn service(id: &str) -> &'static ServiceModel {
    model::service(id).expect("it has a model")
}

fn decoded(id: &str, parts: &Parts, body: &str) -> Result<(Value, Bytes), ApiError> {
    let model = service(id);
    let operation = protocol::find_operation(model, parts, body.as_bytes())?;
    let body = Bytes::copy_from_slice(body.as_bytes());
    let (input, payload) = protocol::decode(model, operation, parts, body, Quotas::Aws)?;
    Ok((Value::Object(input), payload))
}

fn json_call(id: &str, operation: &str, body: &Value) -> Result<Value, ApiError> {
    let target = format!("{}.{operation}", service(id).target_prefix);
    let parts = parts("POST", "/", &[("x-amz-target", &target)]);
    decoded(id, &parts, &body.to_string()).map(|(input, _)| input)
}

fn form_call(id: &str, form: &str) -> Result<Value, ApiError> {
    decoded(id, &parts("POST", "/", &[]), form).map(|(input, _)| input)
}

fn encoded(id: &str, operation: &str, output: Value) -> http::Response<Bytes> {
    let model = service(id);
    let operation = model.operation(operation).expect("the model has it");
    protocol::encode(
        model,
        operation,
        Answer::json(output),
        &RequestId("id".into()),
    )
}

fn refused(id: &str, error: &ApiError) -> (u16, String, String) {
    let response = protocol::encode_error(service(id), error, &RequestId("id".into()));
    let kind = response
        .headers()
        .get("x-amzn-errortype")
        .map(|value| value.to_str().expect("text").to_owned())
        .unwrap_or_default();
    (response.status().as_u16(), kind, text(&response))
}

fn text(response: &http::Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).expect("answers are text")
}

#[test]
fn our_own_operations_are_asked_for_under_a_target_of_their_own_and_are_no_part_of_the_api() {
    let body = json!({"executionArn": "a", "eventId": 2});
    let call = |target: &str, body: &Value| {
        let parts = parts("POST", "/", &[("x-amz-target", target)]);
        decoded("states", &parts, &body.to_string()).map(|(input, _)| input)
    };
    let own = "Canter_20261126.InspectState";
    assert_eq!(call(own, &body), Ok(body.clone()));
    assert_eq!(model::id_by_target(own), Some(("states", "InspectState")));
    for target in [
        "AWSStepFunctions.InspectState",
        "Canter_20261126.StartExecution",
    ] {
        let refused = call(target, &body).map_err(|error| error.code);
        assert_eq!(refused, Err("UnknownOperationException".into()), "{target}");
    }
    let refused = call(own, &json!({"executionArn": "a", "eventId": 0})).map_err(|e| e.code);
    assert_eq!(refused, Err("ValidationException".into()));
    // What Task states may call are the operations of AWS.
    assert!(service("states").operation("InspectState").is_none());
}

#[test]
fn nulls_and_unknown_members_fall_away_at_every_depth() {
    let input = json_call(
        "states",
        "CreateActivity",
        &json!({"name": "a", "other": {}, "tags": [{"key": "k", "value": null, "x": 1}], "encryptionConfiguration": null}),
    );
    assert_eq!(input, Ok(json!({"name": "a", "tags": [{"key": "k"}]})));
}

#[test]
fn numbers_are_whole_where_the_model_says_so() {
    let list = |value: Value| json_call("states", "ListActivities", &json!({"maxResults": value}));
    assert_eq!(list(json!(5.9)), Ok(json!({"maxResults": 5})));
    for wrong in [json!("5"), json!(true), json!([5]), json!({}), json!(3e10)] {
        let error = list(wrong.clone()).expect_err("it is no integer");
        assert_eq!(error.code, "SerializationException", "{wrong}");
    }
}

#[test]
fn blobs_are_base64_and_measured_in_bytes() {
    let image = |text: &str| {
        let body = json!({"Image": {"Bytes": text}});
        json_call("rekognition", "DetectFaces", &body)
    };
    let most = "AAAA".repeat(5_242_880 / 3) + "AAA=";
    assert!(image(&most).is_ok());
    assert!(image(&most.replace('=', "A")).is_err());
    assert_eq!(
        image("not base64!").expect_err("it is not").code,
        "SerializationException"
    );
    assert_eq!(
        image("").expect_err("it is too short").message,
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'image.bytes' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
}

#[test]
fn what_a_list_s_items_must_be_is_told_together() {
    let body = json!({"CollectionId": "faces", "FaceIds": ["x y"]});
    let error = json_call("rekognition", "DeleteFaces", &body).expect_err("it is no id");
    assert_eq!(
        error.message,
        "1 validation error detected: Value '[x y]' at 'faceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}]"
    );
}

#[test]
fn cloudwatch_logs_calls_a_broken_constraint_an_invalid_parameter() {
    let error = json_call("logs", "DeleteLogGroup", &json!({"logGroupName": "a:b"}));
    let error = error.expect_err("it is no name");
    assert_eq!(error.code, "InvalidParameterException");
    assert_eq!(
        error.message,
        "1 validation error detected: Value 'a:b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
    );
}

#[test]
fn dynamodb_s_inputs_must_be_complete_and_are_otherwise_its_own_matter() {
    let put = |body: Value| json_call("dynamodb", "PutItem", &body);
    assert!(put(json!({"TableName": "", "Item": {"id": {"S": ""}}})).is_ok());
    assert_eq!(
        put(json!({"TableName": "t"}))
            .expect_err("it lacks the item")
            .message,
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"
    );
    let error = put(json!({"TableName": "t", "Item": {"id": {"S": 1}}}));
    assert_eq!(
        error.expect_err("a number is no text").code,
        "SerializationException"
    );
}

#[test]
fn what_does_not_come_over_http_is_checked_alike() {
    let model = service("states");
    let operation = model.operation("StartExecution").expect("the model has it");
    let admit = |input: Value| {
        let input = input.as_object().cloned().expect("an object");
        protocol::admit(model, operation, input, b"", Quotas::Aws)
    };
    let input = admit(json!({"stateMachineArn": "a", "other": 1}));
    assert_eq!(
        input.map(Value::Object),
        Ok(json!({"stateMachineArn": "a"}))
    );
    assert_eq!(
        admit(json!({})).expect_err("it is incomplete").code,
        "ValidationException"
    );
}

#[test]
fn forms_carry_lists_maps_and_structures() {
    let role = form_call(
        "iam",
        "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=3600&Tags.member.1.Key=a&Tags.member.1.Value=b+c&Tags.member.2.Key=d&Tags.member.2.Value=",
    );
    assert_eq!(
        role,
        Ok(json!({
            "AssumeRolePolicyDocument": "{}", "MaxSessionDuration": 3600, "RoleName": "r",
            "Tags": [{"Key": "a", "Value": "b c"}, {"Key": "d", "Value": ""}],
        }))
    );
    let topic = form_call(
        "sns",
        "Action=CreateTopic&Name=t&Attributes.entry.1.key=a&Attributes.entry.1.value=b&Attributes.entry.10.key=c&Attributes.entry.10.value=d&Tags=",
    );
    assert_eq!(
        topic,
        Ok(json!({"Attributes": {"a": "b", "c": "d"}, "Name": "t", "Tags": []}))
    );
}

#[test]
fn sqs_speaks_forms_to_older_clients() {
    let model = model::spoken("sqs", "application/x-www-form-urlencoded; charset=utf-8")
        .expect("it has a model");
    let form = "Action=SendMessage&QueueUrl=q&MessageBody=a%26b&DelaySeconds=5\
        &MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String\
        &MessageAttribute.1.Value.StringValue=v";
    let parts = parts("POST", "/000000000000/q", &[]);
    let operation = protocol::find_operation(model, &parts, form.as_bytes());
    let operation = operation.expect("the form names it");
    let (input, _) = protocol::decode(model, operation, &parts, form.into(), Quotas::Aws)
        .expect("it is SendMessage's");
    assert_eq!(
        Value::Object(input),
        json!({
            "QueueUrl": "q", "MessageBody": "a&b", "DelaySeconds": 5,
            "MessageAttributes": {"n": {"DataType": "String", "StringValue": "v"}},
        })
    );
    let receive = model.operation("ReceiveMessage").expect("the model has it");
    let answer = json!({"Messages": [{"Body": "b", "Attributes": {"SenderId": "s"}}]});
    let response = protocol::encode(
        model,
        receive,
        Answer::json(answer),
        &RequestId("id".into()),
    );
    assert_eq!(
        text(&response),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message><Attribute><Name>SenderId</Name><Value>s</Value></Attribute><Body>b</Body></Message></ReceiveMessageResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ReceiveMessageResponse>"
    );
    let error = ApiError::new("QueueDoesNotExist", "No.");
    let code = "AWS.SimpleQueueService.NonExistentQueue";
    let response = protocol::encode_error(model, &error, &RequestId("id".into()));
    assert!(text(&response).contains(&format!("<Code>{code}</Code>")));
    let response = protocol::encode_error(service("sqs"), &error, &RequestId("id".into()));
    assert_eq!(
        response.headers().get("x-amzn-query-error"),
        Some(&http::HeaderValue::from_static(
            "AWS.SimpleQueueService.NonExistentQueue;Sender"
        ))
    );
}

/// The names that only forms have are none of JSON's.
#[test]
fn sqs_speaks_json_in_the_model_s_names() {
    let attributes = json!({"Attributes": {"QueueArn": "arn"}});
    let answer = text(&encoded("sqs", "GetQueueAttributes", attributes.clone()));
    assert_eq!(answer, attributes.to_string());
    let input = json!({"QueueUrl": "q", "AttributeNames": ["All"]});
    assert_eq!(json_call("sqs", "GetQueueAttributes", &input), Ok(input));
}

#[test]
fn a_form_that_names_no_operation_or_a_wrong_number_is_refused() {
    assert_eq!(
        form_call("iam", "RoleName=r").expect_err("no action").code,
        "MissingAction"
    );
    assert_eq!(
        form_call("iam", "Action=Nothing")
            .expect_err("none of that name")
            .code,
        "InvalidAction"
    );
    let error = form_call("iam", "Action=ListRoles&MaxItems=many").expect_err("no number");
    assert_eq!(error.code, "MalformedInput");
    let error = form_call("iam", "Action=GetRole&RoleName=%ff").expect_err("not text");
    assert_eq!(error.code, "MalformedQueryString");
    let many = "a=b&".repeat(10_001);
    assert_eq!(
        form_call("iam", &many).expect_err("too many").code,
        "MalformedQueryString"
    );
}

#[test]
fn rest_inputs_come_from_the_path_the_query_headers_and_the_body() {
    let parts = parts(
        "POST",
        "/2015-03-31/functions/a%3Ab/invocations?Qualifier=%24LATEST",
        &[("x-amz-invocation-type", "Event")],
    );
    let (input, payload) = decoded("lambda", &parts, "[1]").expect("it is Invoke");
    assert_eq!(
        input,
        json!({"FunctionName": "a:b", "InvocationType": "Event", "Qualifier": "$LATEST"})
    );
    assert_eq!(payload, "[1]");
}

#[test]
fn rest_inputs_in_the_query_have_their_types() {
    let parts = parts("GET", "/2015-03-31/functions?MaxItems=10&Marker=a%20b", &[]);
    let (input, _) = decoded("lambda", &parts, "").expect("it is ListFunctions");
    assert_eq!(input, json!({"MaxItems": 10, "Marker": "a b"}));
    let keys = self::parts(
        "DELETE",
        "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af?tagKeys=a&tagKeys=b",
        &[],
    );
    let (input, _) = decoded("lambda", &keys, "").expect("it is UntagResource");
    assert_eq!(input["TagKeys"], json!(["a", "b"]));
}

#[test]
fn rest_outputs_go_to_the_status_headers_and_the_body() {
    let model = service("lambda");
    let invoke = model.operation("Invoke").expect("the model has it");
    let answer = Answer {
        output: Members::from_iter([
            ("FunctionError".to_owned(), "Unhandled".into()),
            ("StatusCode".to_owned(), 200.into()),
            ("ExecutedVersion".to_owned(), Value::Null),
        ]),
        body: Bytes::from_static(b"\"x\""),
        status: None,
    };
    let response = protocol::encode(model, invoke, answer, &RequestId("id".into()));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-amz-function-error"], "Unhandled");
    assert_eq!(response.headers().get("x-amz-executed-version"), None);
    assert_eq!(response.body(), "\"x\"");
    let deleted = encoded("lambda", "DeleteAlias", json!({}));
    assert_eq!((deleted.status().as_u16(), deleted.body().len()), (204, 0));
}

#[test]
fn xml_says_what_json_would() {
    let response = encoded(
        "sns",
        "GetTopicAttributes",
        json!({"Attributes": {"a<b": "c&\u{1}d"}}),
    );
    assert_eq!(
        text(&response),
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">",
            "<GetTopicAttributesResult><Attributes><entry><key>a&lt;b</key><value>c&amp;\u{fffd}d</value></entry></Attributes>",
            "</GetTopicAttributesResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetTopicAttributesResponse>"
        )
    );
    let empty = text(&encoded("iam", "DeleteRole", json!({})));
    assert!(empty.ends_with("\n<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteRoleResponse>"));
}

#[test]
fn dynamodb_s_answers_carry_their_checksum() {
    let response = encoded("dynamodb", "ListTables", json!({"TableNames": []}));
    assert_eq!(text(&response), r#"{"TableNames":[]}"#);
    assert_eq!(response.headers()["x-amz-crc32"], "1315925753");
}

#[test]
fn errors_have_the_form_of_their_service() {
    let error = ApiError::new("StateMachineDoesNotExist", "m").with("resourceName", "r");
    assert_eq!(
        refused("states", &error),
        (
            400,
            String::new(),
            r#"{"__type":"StateMachineDoesNotExist","resourceName":"r","message":"m"}"#.into()
        )
    );
    assert_eq!(
        refused(
            "rekognition",
            &ApiError::new("InvalidS3ObjectException", "m")
        )
        .2,
        r#"{"__type":"InvalidS3ObjectException","Code":"InvalidS3ObjectException","Logref":"id","Message":"m"}"#
    );
    assert_eq!(
        refused("lambda", &ApiError::new("ResourceNotFoundException", "m")),
        (
            404,
            "ResourceNotFoundException".into(),
            r#"{"Type":"User","Message":"m"}"#.into()
        )
    );
    assert_eq!(
        refused(
            "lambda",
            &ApiError::new("InvalidParameterValueException", "m")
        )
        .2,
        r#"{"Type":"User","message":"m"}"#
    );
    let (status, _, body) = refused("iam", &ApiError::new("NoSuchEntityException", "m"));
    assert_eq!(status, 404);
    assert!(body.contains(
        "<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error>"
    ));
    let (status, _, body) = refused("sts", &ApiError::internal("m"));
    assert_eq!(status, 500);
    assert!(body.contains("<Type>Receiver</Type><Code>InternalFailure</Code>"));
}

/// A generator of bytes that needs no crate and is the same every time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A JSON value of any form, shallow.
    fn value(&mut self, depth: u32) -> Value {
        match self.next() % if depth > 3 { 5 } else { 7 } {
            0 => Value::Null,
            1 => (self.next() & 1 == 0).into(),
            2 => (self.next() as i64).into(),
            3 => ["", "a", "arn:aws:x", "\u{0}\u{10ffff}"][(self.next() % 4) as usize].into(),
            4 => f64::from(self.next() as u32).into(),
            5 => (0..self.next() % 3)
                .map(|_| self.value(depth + 1))
                .collect(),
            _ => Value::Object(Members::from_iter([(
                "Key".to_owned(),
                self.value(depth + 1),
            )])),
        }
    }
}

#[test]
fn no_input_and_no_output_brings_a_codec_down() {
    let mut noise = Noise(42);
    for entry in model::ENTRIES {
        let model = service(entry.id);
        for operation in model.operations() {
            let members: Vec<&str> = operation
                .input
                .into_iter()
                .chain(operation.output)
                .filter_map(|shape| model.shape(shape).structure())
                .flat_map(|structure| structure.members.keys().map(|name| &**name))
                .collect();
            let value: Members = members
                .iter()
                .map(|name| ((*name).to_owned(), noise.value(0)))
                .collect();
            let body = Bytes::from(Value::Object(value.clone()).to_string());
            let pairs: Vec<String> = members
                .iter()
                .map(|name| format!("{name}.member.{}.x={}", noise.next() % 3, noise.next()))
                .collect();
            let form = pairs.join("&");
            let parts = parts("POST", "/", &[]);
            // Refusals are fine, and most of these are; only a panic is not.
            let _ = protocol::decode(model, operation, &parts, body, Quotas::Aws);
            let _ = protocol::decode(model, operation, &parts, form.into(), Quotas::Aws);
            let _ = protocol::admit(model, operation, value.clone(), b"", Quotas::Aws);
            let answer = Answer {
                output: value,
                ..Answer::default()
            };
            protocol::encode(model, operation, answer, &RequestId("id".into()));
        }
    }
}
