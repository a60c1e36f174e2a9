//! The service as its callers meet it.

use std::path::Path;

use aws::{ApiError, Call, Caller, Members, RequestId, Service as _};
use serde_json::{Value, json};
use service_dynamodb::DynamoDb;

struct Tables(DynamoDb, Caller);

impl Tables {
    fn open(folder: &Path) -> Self {
        Self(
            DynamoDb::open(folder),
            Caller::root("000000000000", "us-east-1"),
        )
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let Value::Object(input) = input else {
            panic!("an input is an object")
        };
        let call = Call {
            caller: self.1.clone(),
            request_id: RequestId("test".into()),
            service: "dynamodb",
            operation: operation.into(),
            input,
            body: aws_bytes(),
        };
        self.0
            .call(call)
            .await
            .map(|answer| Value::Object(answer.output))
    }

    async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input)
            .await
            .unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn refused(&self, operation: &str, input: Value) -> ApiError {
        self.call(operation, input)
            .await
            .expect_err("the call is to be refused")
    }

    /// The table that the recorded conversations make.
    async fn create(&self, name: &str) {
        self.ok(
            "CreateTable",
            json!({
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": false},
            }),
        )
        .await;
    }
}

fn aws_bytes() -> bytes::Bytes {
    bytes::Bytes::new()
}

fn item() -> Value {
    json!({"id": {"S": "id1"}, "data": {"S": "HelloWorld"}})
}

#[tokio::test]
async fn put_update_get_delete_answer_as_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = Tables::open(folder.path());
    tables.create("tbl").await;
    let put = tables
        .ok("PutItem", json!({"TableName": "tbl", "Item": item()}))
        .await;
    assert_eq!(put, json!({}));
    let updated = tables
        .ok(
            "UpdateItem",
            json!({
                "TableName": "tbl",
                "Key": {"id": {"S": "id1"}},
                "UpdateExpression": "set S=:r",
                "ExpressionAttributeValues": {":r": {"S": "HelloWorldUpdated"}},
                "ReturnValues": "UPDATED_NEW",
            }),
        )
        .await;
    assert_eq!(
        updated,
        json!({"Attributes": {"S": {"S": "HelloWorldUpdated"}}})
    );
    let key = json!({"TableName": "tbl", "Key": {"id": {"S": "id1"}}});
    let got = tables.ok("GetItem", key.clone()).await;
    assert_eq!(got["Item"]["S"], json!({"S": "HelloWorldUpdated"}));
    assert_eq!(tables.ok("DeleteItem", key.clone()).await, json!({}));
    assert_eq!(tables.ok("GetItem", key).await, json!({}));
}

#[tokio::test]
async fn what_is_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let tables = Tables::open(folder.path());
        tables.create("tbl").await;
        tables
            .ok("PutItem", json!({"TableName": "tbl", "Item": item()}))
            .await;
    }
    let tables = Tables::open(folder.path());
    let found = tables.ok("Scan", json!({"TableName": "tbl"})).await;
    assert_eq!(found["Items"], json!([item()]));
    assert_eq!(found["Count"], 1);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_refused_in_awss_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = Tables::open(folder.path());
    // error_handling/aws_sdk test_dynamodb_put_item_no_such_table
    let refused = tables
        .refused(
            "PutItem",
            json!({"TableName": "no-such-table", "Item": item()}),
        )
        .await;
    assert_eq!(
        (&*refused.code, &*refused.message, refused.status),
        (
            "ResourceNotFoundException",
            "Requested resource not found",
            400
        )
    );
    // error_handling/aws_sdk test_dynamodb_invalid_param
    let refused = tables
        .refused(
            "PutItem",
            json!({"TableName": "no-such-table", "Item": null}),
        )
        .await;
    assert_eq!(
        (&*refused.code, &*refused.message),
        (
            "ValidationException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"
        )
    );
    let refused = tables
        .refused("DescribeTable", json!({"TableName": "missing"}))
        .await;
    assert_eq!(
        (&*refused.code, &*refused.message),
        (
            "ResourceNotFoundException",
            "Requested resource not found: Table: missing not found"
        )
    );
    let refused = tables
        .refused("DescribeContinuousBackups", json!({"TableName": "missing"}))
        .await;
    assert_eq!(refused.code, "TableNotFoundException");
}

#[tokio::test]
async fn a_condition_that_fails_says_so_and_shows_the_item_if_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = Tables::open(folder.path());
    tables.create("tbl").await;
    tables
        .ok("PutItem", json!({"TableName": "tbl", "Item": item()}))
        .await;
    let refused = tables
        .refused(
            "PutItem",
            json!({
                "TableName": "tbl",
                "Item": item(),
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }),
        )
        .await;
    assert_eq!(
        (&*refused.code, &*refused.message),
        (
            "ConditionalCheckFailedException",
            "The conditional request failed"
        )
    );
    assert_eq!(refused.members.get("Item"), Some(&item()));
    let refused = tables
        .refused(
            "TransactWriteItems",
            json!({"TransactItems": [{"Put": {
                "TableName": "tbl",
                "Item": item(),
                "ConditionExpression": "attribute_not_exists(id)",
            }}]}),
        )
        .await;
    assert_eq!(refused.code, "TransactionCanceledException");
    assert_eq!(
        refused.members["CancellationReasons"][0]["Code"],
        "ConditionalCheckFailed"
    );
}

#[tokio::test]
async fn accounts_and_regions_have_their_own_tables_and_arns() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut tables = Tables::open(folder.path());
    tables.create("tbl").await;
    for (account, region, names) in [
        ("000000000000", "us-east-1", json!(["tbl"])),
        ("000000000000", "eu-west-1", json!([])),
        ("111111111111", "us-east-1", json!([])),
    ] {
        tables.1 = Caller::root(account, region);
        let listed = tables.ok("ListTables", json!({})).await;
        assert_eq!(listed["TableNames"], names, "{account} {region}");
    }
    tables.1 = Caller::root("111111111111", "eu-west-1");
    tables.create("tbl-2").await;
    let described = tables
        .ok("DescribeTable", json!({"TableName": "tbl-2"}))
        .await;
    let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/tbl-2";
    assert_eq!(described["Table"]["TableArn"], arn);
    assert_eq!(described["Table"]["TableStatus"], "ACTIVE");
    let tags = json!({"ResourceArn": arn, "Tags": [{"Key": "k", "Value": "v"}]});
    assert_eq!(tables.ok("TagResource", tags).await, json!({}));
    let tags = tables
        .ok("ListTagsOfResource", json!({"ResourceArn": arn}))
        .await;
    assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
    for region in ["../../etc", "", "a/b"] {
        tables.1 = Caller::root("111111111111", region);
        let refused = tables.refused("ListTables", json!({})).await;
        assert_eq!(refused.code, "UnrecognizedClientException", "{region}");
    }
}

#[tokio::test]
async fn capacity_time_to_live_and_backups_are_described() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = Tables::open(folder.path());
    tables.create("tbl").await;
    let put = tables
        .ok(
            "PutItem",
            json!({"TableName": "tbl", "Item": item(), "ReturnConsumedCapacity": "TOTAL"}),
        )
        .await;
    assert_eq!(
        put["ConsumedCapacity"],
        json!({"TableName": "tbl", "CapacityUnits": 1.0})
    );
    let ttl = tables
        .ok("DescribeTimeToLive", json!({"TableName": "tbl"}))
        .await;
    assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED");
    let backups = tables
        .ok("DescribeContinuousBackups", json!({"TableName": "tbl"}))
        .await;
    assert_eq!(
        backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "DISABLED"
    );
    let unknown = tables
        .refused("CreateBackup", Value::Object(Members::new()))
        .await;
    assert_eq!(unknown.code, "UnknownOperationException");
}
