//! The client's side of the codecs: requests as the services want them, answers and errors as they write them.

use aws::model::{self, ServiceModel};
use aws::protocol::client;
use aws::{Answer, ApiError, Call, Caller, RequestId};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

fn service(id: &str) -> &'static ServiceModel {
    model::service(id).expect("it has a model")
}

fn call(id: &str, operation: &str, input: Value, body: &'static str) -> Call {
    let Value::Object(input) = input else {
        panic!("an input is an object");
    };
    Call {
        caller: Caller::root("000000000000", "us-east-1"),
        request_id: RequestId("the-id".into()),
        service: service(id).id,
        operation: operation.to_owned(),
        input,
        body: body.into(),
    }
}

fn encoded(id: &str, operation: &str, input: Value) -> Result<Request<Bytes>, ApiError> {
    with_body(id, operation, input, "")
}

fn with_body(
    id: &str,
    operation: &str,
    input: Value,
    body: &'static str,
) -> Result<Request<Bytes>, ApiError> {
    let model = service(id);
    let known = model.operation(operation).expect("the model has it");
    client::encode(model, known, call(id, operation, input, body))
}

fn decoded(
    id: &str,
    operation: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Result<Answer, ApiError> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(body.into()).expect("a response");
    let model = service(id);
    let known = model.operation(operation).expect("the model has it");
    client::decode(model, known, response)
}

fn output(id: &str, operation: &str, headers: &[(&str, &str)], body: &'static str) -> Value {
    let answer = decoded(id, operation, 200, headers, body).expect("it is an answer");
    Value::Object(answer.output)
}

fn text(request: &Request<Bytes>) -> &str {
    std::str::from_utf8(request.body()).expect("text")
}

#[test]
fn an_object_is_put_by_its_path_with_its_metadata_in_headers() {
    let input = json!({
        "Bucket": "photos", "Key": "a b/ü?.jpg", "ContentType": "image/jpeg",
        "Metadata": {"user": "u1"}, "Tagging": "a=b", "CacheControl": null,
    });
    let request = with_body("s3", "PutObject", input, "bytes").expect("it can be sent");
    assert_eq!(request.method(), "PUT");
    assert_eq!(request.uri(), "/photos/a%20b/%C3%BC%3F.jpg");
    assert_eq!(request.headers()["content-type"], "image/jpeg");
    assert_eq!(request.headers()["x-amz-meta-user"], "u1");
    assert_eq!(request.headers()["x-amz-tagging"], "a=b");
    assert_eq!(request.headers().len(), 3);
    assert_eq!(request.body(), "bytes");
}

#[test]
fn s3_s_bodies_have_the_roots_and_the_namespace_that_it_wants() {
    let input = json!({"Bucket": "b", "Delete": {"Quiet": true, "Objects": [{"Key": "a&b"}, {"Key": "c"}]}});
    let request = encoded("s3", "DeleteObjects", input).expect("it can be sent");
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "/b?delete");
    assert_eq!(
        text(&request).lines().last(),
        Some(concat!(
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&amp;b</Key></Object>",
            "<Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>"
        ))
    );
    let list = encoded(
        "s3",
        "ListObjectsV2",
        json!({"Bucket": "b", "Prefix": "a/ü", "MaxKeys": 5}),
    );
    assert_eq!(
        list.expect("it can be sent").uri(),
        "/b?list-type=2&prefix=a%2F%C3%BC&max-keys=5"
    );
}

#[test]
fn a_part_of_the_path_that_is_not_given_makes_no_other_request() {
    for input in [
        json!({"Bucket": "b", "Key": ""}),
        json!({"Bucket": "b"}),
        json!({"Bucket": "b", "Key": {"a": 1}}),
    ] {
        let error = encoded("s3", "DeleteObject", input).expect_err("it would delete the bucket");
        assert_eq!(error.code, "ValidationException");
    }
    let split = json!({"Bucket": "b", "Key": "k", "ContentType": "a\r\nx-amz-acl: public-read"});
    let error = encoded("s3", "PutObject", split).expect_err("no header can say it");
    assert_eq!(error.code, "ValidationException");
}

#[test]
fn the_query_protocol_s_forms_are_numbered() {
    let input = json!({
        "TopicArn": "arn", "Message": "a b&c",
        "MessageAttributes": {"k": {"DataType": "Binary", "BinaryValue": "AAE="}},
    });
    let request = encoded("sns", "Publish", input).expect("it can be sent");
    assert_eq!(
        text(&request),
        "Action=Publish&Version=2010-03-31&Message=a%20b%26c\
         &MessageAttributes.entry.1.Name=k&MessageAttributes.entry.1.Value.BinaryValue=AAE%3D\
         &MessageAttributes.entry.1.Value.DataType=Binary&TopicArn=arn"
    );
}

#[test]
fn json_s_targets_name_the_operation_and_tokens_are_made_up() {
    let input = json!({"TransactItems": [], "Unknown": 1});
    let request = encoded("dynamodb", "TransactWriteItems", input).expect("it can be sent");
    assert_eq!(
        request.headers()["x-amz-target"],
        "DynamoDB_20120810.TransactWriteItems"
    );
    assert_eq!(
        request.headers()["content-type"],
        "application/x-amz-json-1.0"
    );
    assert_eq!(
        text(&request),
        r#"{"TransactItems":[],"ClientRequestToken":"the-id"}"#
    );
}

#[test]
fn lambda_s_payload_is_the_body() {
    let input = json!({"FunctionName": "arn:aws:lambda:r:1:function:f", "InvocationType": "Event"});
    let request = with_body("lambda", "Invoke", input, "{}").expect("it can be sent");
    assert_eq!(
        request.uri(),
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af/invocations"
    );
    assert_eq!(request.headers()["x-amz-invocation-type"], "Event");
    assert_eq!(text(&request), "{}");
    let headers = [
        ("X-Amz-Function-Error", "Unhandled"),
        ("X-Amz-Executed-Version", "$LATEST"),
    ];
    let answer = decoded("lambda", "Invoke", 200, &headers, "\"x\"").expect("an answer");
    assert_eq!(
        Value::Object(answer.output),
        json!({"FunctionError": "Unhandled", "ExecutedVersion": "$LATEST", "StatusCode": 200})
    );
    assert_eq!((answer.body, answer.status), ("\"x\"".into(), None));
    let accepted = decoded("lambda", "Invoke", 202, &[], "").expect("an answer");
    assert_eq!(accepted.status, Some(202));
}

#[test]
fn instants_are_written_as_their_place_wants_them() {
    let input = json!({"Bucket": "b", "Key": "k", "IfModifiedSince": "2026-11-22T17:00:00Z", "ResponseExpires": 1_795_366_800});
    let request = encoded("s3", "GetObject", input).expect("it can be sent");
    let at = "Sun, 22 Nov 2026 17:00:00 GMT";
    assert_eq!(request.headers()["if-modified-since"], at);
    let query = request.uri().query().expect("a query");
    assert!(query.ends_with("response-expires=Sun%2C%2022%20Nov%202026%2017%3A00%3A00%20GMT"));
    let input = json!({"logGroupName": "g", "startTime": 5});
    let request = encoded("logs", "FilterLogEvents", input).expect("it can be sent");
    assert_eq!(text(&request), r#"{"logGroupName":"g","startTime":5}"#);
    let input = json!({"Statistics": ["Sum"], "StartTime": "2026-11-22T17:00:00Z"});
    let request = encoded("cloudwatch", "GetMetricStatistics", input).expect("it can be sent");
    assert_eq!(
        text(&request),
        r#"{"Statistics":["Sum"],"StartTime":1795366800}"#
    );
    // It spoke the query protocol once.
    assert_eq!(request.headers()["x-amzn-query-mode"], "true");
}

#[test]
fn s3_s_answers_are_read() {
    let listed = output(
        "s3",
        "ListObjectsV2",
        &[],
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>b</Name><Prefix/><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
  <Contents><Key>a&amp;b</Key><LastModified>2026-11-22T17:00:00.250Z</LastModified><ETag>&quot;e&quot;</ETag><Size>5</Size>
    <ChecksumAlgorithm>CRC32</ChecksumAlgorithm></Contents>
  <Contents><Key>c</Key><Size>0</Size></Contents>
  <CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>
</ListBucketResult>"#,
    );
    assert_eq!(
        listed,
        json!({
            "Name": "b", "Prefix": "", "KeyCount": 2, "MaxKeys": 1000, "IsTruncated": false,
            "Contents": [
                {"Key": "a&b", "LastModified": 1_795_366_800.25, "ETag": "\"e\"", "Size": 5, "ChecksumAlgorithm": ["CRC32"]},
                {"Key": "c", "Size": 0},
            ],
            "CommonPrefixes": [{"Prefix": "d/"}],
        })
    );
    let headers = [
        ("content-length", "3"),
        ("etag", "\"e\""),
        ("last-modified", "Sun, 22 Nov 2026 17:00:00 GMT"),
        ("x-amz-meta-user", "u1"),
    ];
    let got = decoded("s3", "GetObject", 206, &headers, "abc").expect("an answer");
    assert_eq!(
        Value::Object(got.output),
        json!({
            "LastModified": 1_795_366_800, "ContentLength": 3, "ETag": "\"e\"", "Metadata": {"user": "u1"},
        })
    );
    assert_eq!((got.body, got.status), ("abc".into(), Some(206)));
}

#[test]
fn a_bucket_s_location_is_the_root_of_its_answer() {
    let location = |body| output("s3", "GetBucketLocation", &[], body);
    assert_eq!(
        location(
            "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>"
        ),
        json!({"LocationConstraint": "eu-west-1"})
    );
    assert_eq!(
        location("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"),
        json!({})
    );
}

#[test]
fn a_policy_is_text() {
    let policy = output("s3", "GetBucketPolicy", &[], "{\"Version\": 1}");
    assert_eq!(policy, json!({"Policy": "{\"Version\": 1}"}));
}

#[test]
fn the_query_protocol_s_answers_are_read_in_their_wrapper() {
    let roles = output(
        "iam",
        "ListRoles",
        &[],
        "<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolesResult><IsTruncated>false</IsTruncated>\
         <Roles><member><Path>/</Path><RoleName>r</RoleName><CreateDate>2026-11-22T17:00:00Z</CreateDate></member></Roles>\
         </ListRolesResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></ListRolesResponse>",
    );
    assert_eq!(
        roles,
        json!({"IsTruncated": false, "Roles": [{"Path": "/", "RoleName": "r", "CreateDate": 1_795_366_800}]})
    );
}

#[test]
fn what_a_newer_service_adds_and_nulls_fall_away() {
    let answer = output(
        "states",
        "DescribeExecution",
        &[],
        r#"{"status":"RUNNING","new":{"a":1},"output":null,"inputDetails":{"included":true,"x":2}}"#,
    );
    assert_eq!(
        answer,
        json!({"status": "RUNNING", "inputDetails": {"included": true}})
    );
}

fn refused(
    id: &str,
    operation: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &'static str,
) -> (String, String, u16, Value) {
    let error = decoded(id, operation, status, headers, body).expect_err("it is an error");
    let members = Value::Object(error.members);
    (
        error.code.into_owned(),
        error.message,
        error.status,
        members,
    )
}

fn expected(
    code: &str,
    message: &str,
    status: u16,
    members: Value,
) -> (String, String, u16, Value) {
    (code.into(), message.into(), status, members)
}

#[test]
fn errors_are_read_in_every_form() {
    assert_eq!(
        refused(
            "dynamodb",
            "PutItem",
            400,
            &[],
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"id":{"S":"a"}}}"#,
        ),
        expected(
            "ConditionalCheckFailedException",
            "The conditional request failed",
            400,
            json!({"Item": {"id": {"S": "a"}}})
        )
    );
    assert_eq!(
        refused(
            "lambda",
            "Invoke",
            404,
            &[(
                "x-amzn-errortype",
                "ResourceNotFoundException:http://internal/"
            )],
            r#"{"Type":"User","Message":"Function not found"}"#,
        ),
        expected(
            "ResourceNotFoundException",
            "Function not found",
            404,
            json!({"Type": "User"})
        )
    );
    assert_eq!(
        refused(
            "sqs",
            "SendMessage",
            400,
            &[(
                "x-amzn-query-error",
                "AWS.SimpleQueueService.NonExistentQueue;Sender"
            )],
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#,
        ),
        expected("QueueDoesNotExist", "m", 400, json!({}))
    );
    assert_eq!(
        refused(
            "iam",
            "GetRole",
            404,
            &[],
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>m</Message></Error><RequestId>x</RequestId></ErrorResponse>",
        ),
        expected("NoSuchEntity", "m", 404, json!({}))
    );
    assert_eq!(
        refused(
            "s3",
            "GetObject",
            404,
            &[],
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>m</Message><Key>k</Key></Error>",
        ),
        expected("NoSuchKey", "m", 404, json!({}))
    );
}

#[test]
fn an_error_without_a_body_has_its_operation_s_name_or_its_status() {
    let head = |operation, status| {
        let (code, message, ..) = refused("s3", operation, status, &[], "");
        (code, message)
    };
    let told = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    assert_eq!(head("HeadObject", 404), told("NoSuchKey", "Not Found"));
    assert_eq!(head("HeadBucket", 404), told("NoSuchBucket", "Not Found"));
    assert_eq!(head("HeadBucket", 403), told("Forbidden", "Forbidden"));
    assert_eq!(head("GetObject", 304), told("NotModified", "Not Modified"));
    let (code, message, status, _) = refused(
        "states",
        "StartExecution",
        502,
        &[],
        "<html>Bad Gateway</html>",
    );
    assert_eq!(
        (code.as_str(), message.as_str(), status),
        ("BadGateway", "<html>Bad Gateway</html>", 502)
    );
}

#[test]
fn a_copy_that_fails_late_fails() {
    let body = "<Error><Code>InternalError</Code><Message>m</Message></Error>";
    assert_eq!(
        refused("s3", "CopyObject", 200, &[], body),
        expected("InternalError", "m", 500, json!({}))
    );
}

#[test]
fn what_is_no_answer_is_our_error() {
    for (id, operation) in [
        ("states", "ListStateMachines"),
        ("iam", "ListRoles"),
        ("lambda", "ListFunctions"),
        ("s3", "ListBuckets"),
    ] {
        let error = decoded(id, operation, 200, &[], "<html><br>").expect_err("it is no answer");
        assert_eq!(error.code, ApiError::ON_THIS_SIDE, "{id}");
    }
}

#[test]
fn streams_of_events_are_not_asked_for() {
    let error = encoded(
        "lambda",
        "InvokeWithResponseStream",
        json!({"FunctionName": "f"}),
    );
    assert_eq!(
        error.expect_err("it streams").code,
        "UnknownOperationException"
    );
}

#[test]
fn aws_s_own_hosts_have_prefixes() {
    let model = service("states");
    let sync = model.operation("StartSyncExecution").expect("it is there");
    let prefix = client::host_prefix(sync, &aws::Members::new());
    assert_eq!(prefix.as_deref(), Some("sync-"));
    let start = model.operation("StartExecution").expect("it is there");
    assert_eq!(client::host_prefix(start, &aws::Members::new()), None);
}

#[test]
fn a_model_of_botocore_s_form_can_be_added() {
    let text = json!({
        "version": "2.0",
        "metadata": {"apiVersion": "2014-11-01", "endpointPrefix": "keys", "jsonVersion": "1.1", "protocol": "json",
            "serviceFullName": "AWS Key Management Service", "serviceId": "Test Keys", "signatureVersion": "v4",
            "targetPrefix": "TestKeysService", "uid": "keys-2014-11-01"},
        "operations": {"Encrypt": {"name": "Encrypt", "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "EncryptRequest"}, "errors": [{"shape": "NotFoundException"}], "documentation": "<p>Encrypts</p>"}},
        "shapes": {
            "EncryptRequest": {"type": "structure", "required": ["KeyId"], "members": {
                "KeyId": {"shape": "KeyIdType", "documentation": "<p>Which</p>"}}},
            "KeyIdType": {"type": "string", "min": 1, "max": 2048},
            "NotFoundException": {"type": "structure", "members": {}, "exception": true},
        },
        "documentation": "<fullname>Key Management Service</fullname>",
    });
    let id = model::add(text.to_string().as_bytes()).expect("it is a model");
    assert_eq!(id, "testkeys");
    assert_eq!(model::id_by_sdk_name("testkeys"), Some("testkeys"));
    assert_eq!(model::id_by_name("TEST_KEYS"), Some("testkeys"));
    assert_eq!(model::id_by_signing_name("keys"), Some("testkeys"));
    assert_eq!(
        model::id_by_target("TestKeysService.Encrypt"),
        Some(("testkeys", "Encrypt"))
    );
    let request = encoded("testkeys", "Encrypt", json!({"KeyId": "k"})).expect("it can be sent");
    assert_eq!(request.headers()["x-amz-target"], "TestKeysService.Encrypt");
    // Asked again it is the same.
    assert_eq!(
        model::add(text.to_string().as_bytes()).expect("it is known"),
        "testkeys"
    );
}

#[test]
fn what_is_no_model_is_refused_with_the_reason() {
    let model = |protocol: &str, operation: Value, shapes: Value| {
        let text = json!({
            "metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": protocol, "serviceId": "Broken"},
            "operations": {"Op": operation}, "shapes": shapes,
        });
        let refused = model::add(text.to_string().as_bytes()).expect_err("it is no model");
        refused.to_string()
    };
    let at = |path: &str| json!({"http": {"method": "POST", "requestUri": path}, "input": {"shape": "In"}});
    assert!(model("soap", at("/"), json!({})).contains("it speaks `soap`"));
    assert!(model("json", at("/"), json!({})).contains("no shape `In`"));
    assert!(
        model("json", at("/"), json!({"In": {"type": "string"}})).contains("`In` is no structure")
    );
    assert!(
        model("json", at("/ a"), json!({"In": {"type": "structure"}})).contains("`Op` has no path")
    );
    assert!(model("json", at("/"), json!({"In": {"type": "list"}})).contains("has no elements"));
    let payload = json!({"In": {"type": "structure", "payload": "Body"}});
    assert!(model("rest-json", at("/"), payload).contains("lacks its payload"));
    let error = model::add(b"[]").expect_err("it is no model");
    assert!(error.to_string().starts_with("it is no API model"));
    let states = json!({
        "metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "json", "serviceId": "SFN"},
        "operations": {}, "shapes": {},
    });
    let error = model::add(states.to_string().as_bytes()).expect_err("it is there");
    assert_eq!(error.to_string(), "the model of `states` is built in");
}
