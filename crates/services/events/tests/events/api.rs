//! Buses, rules, targets, connections and the rest, as clients ask for them.

use aws::Caller;
use serde_json::{Value, json};

use crate::world::{ACCOUNT, FUNCTION, MACHINE, QUEUE, ROLE, World};

const PATTERN: &str = r#"{"source":["s"]}"#;

fn names(answer: &Value, list: &str) -> Vec<String> {
    let items = answer[list].as_array().expect("there is a list");
    let text = |item: &Value| item["Name"].as_str().expect("a text").to_owned();
    items.iter().map(text).collect()
}

#[tokio::test]
async fn the_default_bus_is_there_and_others_are_made() {
    let world = World::new();
    let arn = |name: &str| format!("arn:aws:events:us-east-1:000000000000:event-bus/{name}");
    let default = world.done("DescribeEventBus", json!({})).await;
    assert_eq!(default, json!({"Name": "default", "Arn": arn("default")}));
    let made = world
        .done(
            "CreateEventBus",
            json!({"Name": "orders", "Description": "d", "Tags": [{"Key": "k", "Value": "v"}]}),
        )
        .await;
    assert_eq!(
        made,
        json!({"EventBusArn": arn("orders"), "Description": "d"})
    );
    let listed = world.done("ListEventBuses", json!({})).await;
    assert_eq!(names(&listed, "EventBuses"), ["default", "orders"]);
    let found = world
        .done("DescribeEventBus", json!({"Name": arn("orders")}))
        .await;
    assert_eq!(found["CreationTime"], 1_795_366_800.0);
    let changed = world
        .done(
            "UpdateEventBus",
            json!({"Name": "orders", "Description": "e"}),
        )
        .await;
    assert_eq!(
        changed,
        json!({"Arn": arn("orders"), "Name": "orders", "Description": "e"})
    );
    for (name, refusal) in [
        (
            "orders",
            "ResourceAlreadyExistsException: Event bus orders already exists.",
        ),
        (
            "default",
            "ResourceAlreadyExistsException: Event bus default already exists.",
        ),
        (
            "a/b",
            "ValidationException: Event bus name must not contain '/'.",
        ),
    ] {
        assert_eq!(
            world.refused("CreateEventBus", json!({"Name": name})).await,
            refusal
        );
    }
    let world = world.restarted().await;
    world
        .done("DeleteEventBus", json!({"Name": "orders"}))
        .await;
    world
        .done("DeleteEventBus", json!({"Name": "orders"}))
        .await;
    let gone = world
        .refused("DescribeEventBus", json!({"Name": "orders"}))
        .await;
    assert_eq!(
        gone,
        "ResourceNotFoundException: Event bus orders does not exist."
    );
    let default = world
        .refused("DeleteEventBus", json!({"Name": "default"}))
        .await;
    assert_eq!(
        default,
        "ValidationException: Cannot delete event bus default."
    );
}

#[tokio::test]
async fn a_bus_with_rules_is_not_deleted() {
    let world = World::new();
    world.done("CreateEventBus", json!({"Name": "b"})).await;
    let rule = world
        .done(
            "PutRule",
            json!({"Name": "r", "EventBusName": "b", "EventPattern": PATTERN}),
        )
        .await;
    assert_eq!(
        rule["RuleArn"],
        "arn:aws:events:us-east-1:000000000000:rule/b/r"
    );
    assert!(
        world
            .refused("DeleteEventBus", json!({"Name": "b"}))
            .await
            .starts_with("ValidationException")
    );
    world
        .done("DeleteRule", json!({"Name": "r", "EventBusName": "b"}))
        .await;
    world.done("DeleteEventBus", json!({"Name": "b"})).await;
}

#[tokio::test]
async fn a_bus_s_policy_is_kept_by_statement() {
    let world = World::new();
    let permission =
        json!({"Action": "events:PutEvents", "Principal": "111122223333", "StatementId": "s"});
    world.done("PutPermission", permission).await;
    let condition = json!({"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"});
    let everyone = json!({"Action": "events:PutEvents", "Principal": "*", "StatementId": "t", "Condition": condition});
    world.done("PutPermission", everyone).await;
    let policy = async || {
        let bus = world.done("DescribeEventBus", json!({})).await;
        serde_json::from_str::<Value>(bus["Policy"].as_str().unwrap_or("null")).expect("JSON")
    };
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    assert_eq!(
        policy().await,
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "s", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "events:PutEvents", "Resource": bus},
            {"Sid": "t", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": bus,
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        ]})
    );
    world
        .done("RemovePermission", json!({"StatementId": "s"}))
        .await;
    let absent = world
        .refused("RemovePermission", json!({"StatementId": "s"}))
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Statement with the provided id does not exist."
    );
    world
        .done("RemovePermission", json!({"RemoveAllPermissions": true}))
        .await;
    assert_eq!(policy().await, Value::Null);
    let absent = world
        .refused("RemovePermission", json!({"StatementId": "t"}))
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: EventBus does not have a policy."
    );
    let whole = json!({"Policy": json!({"Statement": [{"Sid": "w"}]}).to_string()});
    world.done("PutPermission", whole).await;
    assert_eq!(policy().await["Statement"][0]["Sid"], "w");
}

#[tokio::test]
async fn a_rule_is_described_as_it_was_put() {
    let world = World::new();
    let rule = json!({"Name": "r", "EventPattern": PATTERN, "Description": "d", "RoleArn": ROLE, "State": "DISABLED",
        "ScheduleExpression": "", "Tags": [{"Key": "k", "Value": "v"}]});
    let arn = "arn:aws:events:us-east-1:000000000000:rule/r";
    assert_eq!(world.done("PutRule", rule).await, json!({"RuleArn": arn}));
    let expected = json!({"Name": "r", "Arn": arn, "State": "DISABLED", "EventBusName": "default",
        "EventPattern": PATTERN, "Description": "d", "RoleArn": ROLE, "CreatedBy": ACCOUNT});
    assert_eq!(
        world.done("DescribeRule", json!({"Name": "r"})).await,
        expected
    );
    let tags = world
        .done("ListTagsForResource", json!({"ResourceARN": arn}))
        .await;
    assert_eq!(tags, json!({"Tags": [{"Key": "k", "Value": "v"}]}));
    let absent = world.refused("DescribeRule", json!({"Name": "x"})).await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Rule x does not exist on EventBus default."
    );
    let bus = world
        .refused("DescribeRule", json!({"Name": "x", "EventBusName": "b"}))
        .await;
    assert_eq!(
        bus,
        "ResourceNotFoundException: Event bus b does not exist."
    );
}

#[tokio::test]
async fn what_is_no_rule_is_refused_in_aws_s_words() {
    let world = World::new();
    world.done("CreateEventBus", json!({"Name": "b"})).await;
    for (rule, refusal) in [
        (
            json!({}),
            "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            json!({"ScheduleExpression": "rate(5 minute)"}),
            "ValidationException: Parameter ScheduleExpression is not valid.",
        ),
        (
            json!({"ScheduleExpression": "rate(5 minutes)", "EventBusName": "b"}),
            "ValidationException: ScheduleExpression is supported only on the default event bus.",
        ),
        (
            json!({"EventPattern": r#"{"source": "test"}"#}),
            "InvalidEventPatternException: Event pattern is not valid. Reason: \"source\" must be an object or an array\n at [Source: (String)\"{\"source\": \"test\"}\"; line: 1, column: 13]",
        ),
    ] {
        let mut rule = rule;
        rule["Name"] = "r".into();
        assert_eq!(world.refused("PutRule", rule).await, refusal);
    }
}

#[tokio::test]
async fn rules_are_listed_by_prefix_page_by_page() {
    let world = World::new();
    for name in ["b1", "a", "b2", "b3"] {
        world
            .done("PutRule", json!({"Name": name, "EventPattern": PATTERN}))
            .await;
    }
    let first = world
        .done("ListRules", json!({"NamePrefix": "b", "Limit": 2}))
        .await;
    assert_eq!(names(&first, "Rules"), ["b1", "b2"]);
    let rest = world
        .done(
            "ListRules",
            json!({"NamePrefix": "b", "NextToken": first["NextToken"]}),
        )
        .await;
    assert_eq!(names(&rest, "Rules"), ["b3"]);
    assert_eq!(rest.get("NextToken"), None);
    let wrong = world.refused("ListRules", json!({"NextToken": "?"})).await;
    assert!(wrong.starts_with("ValidationException"), "{wrong}");
}

#[tokio::test]
async fn targets_are_put_listed_replaced_and_removed() {
    let world = World::new();
    world
        .rule(json!([{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": FUNCTION}]))
        .await;
    world.done("PutTargets", json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": FUNCTION, "InputPath": "$.detail"}]})).await;
    let listed = world.done("ListTargetsByRule", json!({"Rule": "r"})).await;
    assert_eq!(
        listed,
        json!({"Targets": [{"Id": "1", "Arn": FUNCTION, "InputPath": "$.detail"}, {"Id": "2", "Arn": FUNCTION}]})
    );
    let found = world
        .done("ListRuleNamesByTarget", json!({"TargetArn": FUNCTION}))
        .await;
    assert_eq!(found, json!({"RuleNames": ["r"]}));
    let none = world
        .done("ListRuleNamesByTarget", json!({"TargetArn": QUEUE}))
        .await;
    assert_eq!(none, json!({"RuleNames": []}));
    let busy = world.refused("DeleteRule", json!({"Name": "r"})).await;
    assert_eq!(
        busy,
        "ValidationException: Rule can't be deleted since it has targets."
    );
    let removed = world
        .done(
            "RemoveTargets",
            json!({"Rule": "r", "Ids": ["1", "2", "3"]}),
        )
        .await;
    assert_eq!(removed, json!({"FailedEntryCount": 0, "FailedEntries": []}));
    world.done("DeleteRule", json!({"Name": "r"})).await;
    world.done("DeleteRule", json!({"Name": "r"})).await;
    let absent = world
        .refused("PutTargets", json!({"Rule": "r", "Targets": []}))
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Rule r does not exist on EventBus default."
    );
}

#[tokio::test]
async fn what_is_no_target_is_refused_in_aws_s_words() {
    let world = World::new();
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let transformer =
        |template: &str| json!({"InputTemplate": template, "InputPathsMap": {"a": "$.detail.a"}});
    for (target, refusal) in [
        (
            json!({"Arn": "q"}),
            "ValidationException: Parameter q is not valid. Reason: Provided Arn is not in correct format.",
        ),
        (
            json!({"Arn": MACHINE}),
            "ValidationException: RoleArn is required for target arn:aws:states:us-east-1:000000000000:stateMachine:m.",
        ),
        (
            json!({"Arn": format!("{QUEUE}.fifo")}),
            "ValidationException: Parameter(s) SqsParameters must be specified for target: x.",
        ),
        (
            json!({"Arn": QUEUE, "Input": "1", "InputPath": "$"}),
            "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target x.",
        ),
        (
            json!({"Arn": QUEUE, "Input": "{"}),
            "ValidationException: JSON syntax error in input for target x.",
        ),
        (
            json!({"Arn": QUEUE, "InputPath": "detail"}),
            "ValidationException: Invalid InputPath for target x.",
        ),
        (
            json!({"Arn": QUEUE, "InputTransformer": transformer("{\"a\": <a>")}),
            "ValidationException: Invalid InputTemplate for target x : [Source: (String)\"{\"a\": null\"; line: 1, column: 10].",
        ),
        (
            json!({"Arn": QUEUE, "InputTransformer": transformer("<b>")}),
            "ValidationException: InputTemplate for target x contains placeholder b that is not in InputPathsMap.",
        ),
    ] {
        let mut target = target;
        target["Id"] = "x".into();
        assert_eq!(
            world
                .refused("PutTargets", json!({"Rule": "r", "Targets": [target]}))
                .await,
            refusal
        );
    }
    let many: Vec<Value> = (2..=6)
        .map(|id| json!({"Id": id.to_string(), "Arn": QUEUE}))
        .collect();
    let refused = world
        .refused("PutTargets", json!({"Rule": "r", "Targets": many}))
        .await;
    assert_eq!(
        refused,
        "LimitExceededException: The requested resource exceeds the maximum number allowed."
    );
}

#[tokio::test]
async fn a_pattern_is_tried_on_an_event() {
    let world = World::new();
    let event = json!({"id": "1", "detail-type": "t", "source": "s", "account": ACCOUNT, "time": "2026-11-22T17:00:00Z",
        "region": "us-east-1", "resources": [], "detail": {}});
    let test = |event: &Value| json!({"EventPattern": PATTERN, "Event": event.to_string()});
    assert_eq!(
        world.done("TestEventPattern", test(&event)).await,
        json!({"Result": true})
    );
    let mut other = event.clone();
    other["source"] = "x".into();
    assert_eq!(
        world.done("TestEventPattern", test(&other)).await,
        json!({"Result": false})
    );
    assert!(
        world
            .refused("TestEventPattern", test(&json!([])))
            .await
            .starts_with("ValidationException")
    );
    assert!(
        world
            .refused("TestEventPattern", test(&json!({"source": "s"})))
            .await
            .contains("id is a required field")
    );
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new();
    world.rule(json!([])).await;
    for arn in ["rule/r", "event-bus/default"] {
        let arn = format!("arn:aws:events:us-east-1:000000000000:{arn}");
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        world
            .done("TagResource", json!({"ResourceARN": arn, "Tags": tags}))
            .await;
        world
            .done(
                "UntagResource",
                json!({"ResourceARN": arn, "TagKeys": ["a"]}),
            )
            .await;
        let tags = world
            .done("ListTagsForResource", json!({"ResourceARN": arn}))
            .await;
        assert_eq!(tags, json!({"Tags": [{"Key": "b", "Value": "2"}]}));
    }
    let absent = world
        .refused(
            "ListTagsForResource",
            json!({"ResourceARN": "arn:aws:events:us-east-1:0:rule/x"}),
        )
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Rule x does not exist on EventBus default."
    );
}

fn oauth() -> Value {
    json!({
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "hush"},
            "AuthorizationEndpoint": "https://auth.example.com/token", "HttpMethod": "POST",
            "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": false}]},
        },
        "InvocationHttpParameters": {
            "HeaderParameters": [{"Key": "x-secret", "Value": "hidden", "IsValueSecret": true}, {"Key": "x-open", "Value": "seen"}],
        },
    })
}

impl World {
    async fn connection(&self, kind: &str, parameters: Value) -> Value {
        let input = json!({"Name": "c", "AuthorizationType": kind, "AuthParameters": parameters});
        self.done("CreateConnection", input).await
    }

    async fn secrets(&self, arn: &Value) -> Result<Value, aws::ApiError> {
        let inside = Caller::root(ACCOUNT, "us-east-1");
        self.ask_as(
            inside,
            "RetrieveConnectionSecrets",
            json!({"ConnectionArn": arn}),
        )
        .await
    }
}

#[tokio::test]
async fn a_connection_s_secrets_are_shown_to_nobody_outside() {
    let world = World::new();
    let made = world.connection("OAUTH_CLIENT_CREDENTIALS", oauth()).await;
    assert_eq!(made["ConnectionState"], "AUTHORIZED");
    let arn = made["ConnectionArn"].as_str().expect("an ARN");
    let found = world.done("DescribeConnection", json!({"Name": "c"})).await;
    assert_eq!(
        found["AuthParameters"],
        json!({
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "id"},
                "AuthorizationEndpoint": "https://auth.example.com/token", "HttpMethod": "POST",
                "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": false}]},
            },
            "InvocationHttpParameters": {
                "HeaderParameters": [{"Key": "x-secret", "IsValueSecret": true}, {"Key": "x-open", "Value": "seen"}],
            },
        })
    );
    let secret = found["SecretArn"].as_str().expect("an ARN");
    assert!(
        secret.starts_with(
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/c/"
        ),
        "{secret}"
    );
    let listed = world
        .done(
            "ListConnections",
            json!({"NamePrefix": "c", "ConnectionState": "AUTHORIZED"}),
        )
        .await;
    assert_eq!(listed["Connections"][0]["ConnectionArn"], arn);
    assert!(!listed.to_string().contains("hush"));

    let secrets = world
        .secrets(&json!(arn))
        .await
        .expect("it is asked from inside");
    assert_eq!(secrets["AuthorizationType"], "OAUTH_CLIENT_CREDENTIALS");
    assert_eq!(secrets["AuthParameters"], oauth());
    let outside = world
        .refused("RetrieveConnectionSecrets", json!({"ConnectionArn": arn}))
        .await;
    assert!(
        outside.starts_with("UnknownOperationException"),
        "{outside}"
    );
    assert!(
        aws::model::service("events")
            .expect("it has a model")
            .operation("RetrieveConnectionSecrets")
            .is_none()
    );
}

#[tokio::test]
async fn a_connection_serves_its_own_account_alone() {
    let world = World::new();
    let made = world.connection("OAUTH_CLIENT_CREDENTIALS", oauth()).await;
    let stranger = Caller::root("111111111111", "us-east-1");
    let destination = json!({
        "Name": "d", "ConnectionArn": made["ConnectionArn"],
        "InvocationEndpoint": "https://example.com", "HttpMethod": "POST",
    });
    for (operation, input) in [
        (
            "RetrieveConnectionSecrets",
            json!({"ConnectionArn": made["ConnectionArn"]}),
        ),
        ("CreateApiDestination", destination),
    ] {
        let asked = world.ask_as(stranger.clone(), operation, input).await;
        let refused = asked.expect_err("it is another account's");
        assert_eq!(refused.code, "AccessDeniedException", "{operation}");
        assert!(!refused.message.contains("hush"), "{refused}");
    }
}

#[tokio::test]
async fn a_connection_is_changed_by_member_deauthorised_and_deleted() {
    let world = World::new();
    let made = world
        .connection(
            "BASIC",
            json!({"BasicAuthParameters": {"Username": "u", "Password": "p"}}),
        )
        .await;
    let arn = &made["ConnectionArn"];
    let given = json!({"Name": "c", "AuthParameters": {"BasicAuthParameters": {"Password": "q"}}});
    world.done("UpdateConnection", given).await;
    let secrets = world.secrets(arn).await.expect("it is there");
    assert_eq!(
        secrets["AuthParameters"],
        json!({"BasicAuthParameters": {"Username": "u", "Password": "q"}})
    );
    let key = json!({"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}});
    world
        .done(
            "UpdateConnection",
            json!({"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": key}),
        )
        .await;
    assert_eq!(
        world.secrets(arn).await.expect("it is there")["AuthParameters"],
        key
    );

    let answer = world
        .done("DeauthorizeConnection", json!({"Name": "c"}))
        .await;
    assert_eq!(answer["ConnectionState"], "DEAUTHORIZING");
    assert_eq!(
        world.done("DescribeConnection", json!({"Name": "c"})).await["ConnectionState"],
        "DEAUTHORIZED"
    );
    assert_eq!(
        world.secrets(arn).await.expect_err("it has none").code,
        "IllegalStatusException"
    );

    let world = world.restarted().await;
    assert_eq!(
        world.done("DeleteConnection", json!({"Name": "c"})).await["ConnectionState"],
        "DELETING"
    );
    let absent = world
        .refused("DescribeConnection", json!({"Name": "c"}))
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Failed to describe the connection(s). Connection 'c' does not exist."
    );
    world.connection("API_KEY", key).await;
    assert_eq!(
        world
            .secrets(arn)
            .await
            .expect_err("it is another one")
            .code,
        "ResourceNotFoundException"
    );
    let twice = json!({"Name": "c", "AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {"Username": "u", "Password": "p"}}});
    assert_eq!(
        world.refused("CreateConnection", twice).await,
        "ResourceAlreadyExistsException: Connection c already exists."
    );
    let wrong = json!({"Name": "d", "AuthorizationType": "BASIC", "AuthParameters": oauth()});
    assert!(
        world
            .refused("CreateConnection", wrong)
            .await
            .starts_with("ValidationException")
    );
}

#[tokio::test]
async fn api_destinations_are_kept() {
    let world = World::new();
    let connection = world
        .connection(
            "API_KEY",
            json!({"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}}),
        )
        .await;
    let arn = &connection["ConnectionArn"];
    let input = json!({"Name": "d", "ConnectionArn": arn, "InvocationEndpoint": "https://example.com/", "HttpMethod": "POST",
        "InvocationRateLimitPerSecond": 10, "Description": "x"});
    let made = world.done("CreateApiDestination", input.clone()).await;
    assert_eq!(made["ApiDestinationState"], "ACTIVE");
    assert!(
        world
            .refused("CreateApiDestination", input)
            .await
            .starts_with("ResourceAlreadyExistsException")
    );
    world
        .done(
            "UpdateApiDestination",
            json!({"Name": "d", "HttpMethod": "PUT"}),
        )
        .await;
    let found = world
        .done("DescribeApiDestination", json!({"Name": "d"}))
        .await;
    assert_eq!(
        (
            &found["HttpMethod"],
            &found["InvocationRateLimitPerSecond"],
            &found["Description"]
        ),
        (&json!("PUT"), &json!(10), &json!("x"))
    );
    let listed = world
        .done("ListApiDestinations", json!({"ConnectionArn": arn}))
        .await;
    assert_eq!(names(&listed, "ApiDestinations"), ["d"]);
    world
        .done("DeleteApiDestination", json!({"Name": "d"}))
        .await;
    let absent = world
        .refused("DescribeApiDestination", json!({"Name": "d"}))
        .await;
    assert_eq!(
        absent,
        "ResourceNotFoundException: Failed to describe the api-destination(s). Api-destination 'd' does not exist."
    );
}

#[tokio::test]
async fn accounts_and_regions_do_not_see_each_other() {
    let world = World::new();
    world.rule(json!([])).await;
    for (account, region) in [("111122223333", "us-east-1"), (ACCOUNT, "eu-west-1")] {
        let rules = world
            .ask_as(Caller::root(account, region), "ListRules", json!({}))
            .await;
        assert_eq!(rules, Ok(json!({"Rules": []})));
    }
    assert!(
        world
            .refused("CreateArchive", json!({}))
            .await
            .starts_with("UnknownOperationException")
    );
}
