//! What templates and workflows do with IAM, and its refusals.

use aws::{ApiError, Call, Caller, Identities, Members, RequestId, Service};
use serde_json::{Value, json};
use service_iam::Iam;
use store::Store;

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["states.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}]}"#;
const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}"#;

async fn ask(iam: &Iam, operation: &str, input: Value) -> Result<Value, ApiError> {
    ask_as(iam, "000000000000", operation, input).await
}

async fn ask_as(
    iam: &Iam,
    account: &str,
    operation: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let call = Call {
        caller: Caller::root(account, "us-east-1"),
        request_id: RequestId("id".into()),
        service: "iam",
        operation: operation.into(),
        input: input.as_object().cloned().unwrap_or_else(Members::new),
        body: bytes::Bytes::new(),
    };
    iam.call(call)
        .await
        .map(|answer| Value::Object(answer.output))
}

async fn done(iam: &Iam, operation: &str, input: Value) -> Value {
    ask(iam, operation, input).await.expect("it is allowed")
}

async fn refused(iam: &Iam, operation: &str, input: Value) -> (String, u16, String) {
    let error = ask(iam, operation, input).await.expect_err("it is refused");
    (error.code.into_owned(), error.status, error.message)
}

async fn with_role(store: Store) -> Iam {
    let iam = Iam::new(store);
    done(
        &iam,
        "CreateRole",
        json!({"RoleName": "worker", "AssumeRolePolicyDocument": TRUST}),
    )
    .await;
    iam
}

#[tokio::test]
async fn a_role_is_found_again_also_after_a_restart() {
    let store = Store::memory();
    with_role(store.clone()).await;
    let iam = Iam::new(store);
    let role = &done(&iam, "GetRole", json!({"RoleName": "worker"})).await["Role"];
    assert_eq!(role["Arn"], "arn:aws:iam::000000000000:role/worker");
    assert_eq!(role["MaxSessionDuration"], 3600);
    assert!(
        role["RoleId"]
            .as_str()
            .is_some_and(|id| id.starts_with("AROA") && id.len() == 21)
    );
    assert!(
        role["AssumeRolePolicyDocument"]
            .as_str()
            .is_some_and(|text| text.starts_with("%7B%22Version%22"))
    );
    let elsewhere = ask_as(
        &iam,
        "111122223333",
        "GetRole",
        json!({"RoleName": "worker"}),
    )
    .await;
    assert_eq!(
        elsewhere.expect_err("roles belong to an account").code,
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn a_name_is_given_once_and_a_stranger_is_not_found() {
    let iam = with_role(Store::memory()).await;
    let again = json!({"RoleName": "Worker", "AssumeRolePolicyDocument": TRUST});
    assert_eq!(
        refused(&iam, "CreateRole", again).await,
        (
            "EntityAlreadyExists".into(),
            409,
            "Role with name Worker already exists.".into()
        )
    );
    assert_eq!(
        refused(&iam, "GetRole", json!({"RoleName": "other"})).await,
        (
            "NoSuchEntity".into(),
            404,
            "The role with name other cannot be found.".into()
        )
    );
    let bad = json!({"RoleName": "bad", "AssumeRolePolicyDocument": "{"});
    assert_eq!(
        refused(&iam, "CreateRole", bad).await.0,
        "MalformedPolicyDocument"
    );
}

#[tokio::test]
async fn a_policy_and_its_role_hold_each_other() {
    let iam = with_role(Store::memory()).await;
    let policy = done(
        &iam,
        "CreatePolicy",
        json!({"PolicyName": "all", "PolicyDocument": ALLOW}),
    )
    .await;
    let arn = policy["Policy"]["Arn"].clone();
    assert_eq!(arn, "arn:aws:iam::000000000000:policy/all");
    let pair = json!({"RoleName": "worker", "PolicyArn": arn});
    done(&iam, "AttachRolePolicy", pair.clone()).await;
    done(&iam, "AttachRolePolicy", pair.clone()).await;
    let managed = json!({"RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaRole"});
    done(&iam, "AttachRolePolicy", managed.clone()).await;
    let attached = done(
        &iam,
        "ListAttachedRolePolicies",
        json!({"RoleName": "worker"}),
    )
    .await;
    assert_eq!(
        attached["AttachedPolicies"][0],
        json!({"PolicyName": "all", "PolicyArn": arn})
    );
    assert_eq!(
        attached["AttachedPolicies"][1]["PolicyName"],
        "AWSLambdaRole"
    );
    let shown = done(&iam, "GetPolicy", json!({"PolicyArn": arn})).await;
    assert_eq!(shown["Policy"]["AttachmentCount"], 1);
    assert_eq!(
        refused(&iam, "DeletePolicy", json!({"PolicyArn": arn}))
            .await
            .0,
        "DeleteConflict"
    );
    assert_eq!(
        refused(&iam, "DeleteRole", json!({"RoleName": "worker"}))
            .await
            .1,
        409
    );
    let stranger =
        json!({"RoleName": "worker", "PolicyArn": "arn:aws:iam::000000000000:policy/none"});
    assert_eq!(
        refused(&iam, "AttachRolePolicy", stranger).await.2,
        "Policy arn:aws:iam::000000000000:policy/none does not exist or is not attachable."
    );
    done(&iam, "DetachRolePolicy", pair.clone()).await;
    done(&iam, "DetachRolePolicy", managed).await;
    assert_eq!(
        refused(&iam, "DetachRolePolicy", pair).await.0,
        "NoSuchEntity"
    );
    done(&iam, "DeletePolicy", json!({"PolicyArn": arn})).await;
    done(&iam, "DeleteRole", json!({"RoleName": "worker"})).await;
}

#[tokio::test]
async fn inline_policies_are_kept_by_name() {
    let iam = with_role(Store::memory()).await;
    let put = json!({"RoleName": "worker", "PolicyName": "own", "PolicyDocument": ALLOW});
    done(&iam, "PutRolePolicy", put).await;
    let named = json!({"RoleName": "worker", "PolicyName": "own"});
    let shown = done(&iam, "GetRolePolicy", named.clone()).await;
    assert_eq!(shown["RoleName"], "worker");
    let names = done(&iam, "ListRolePolicies", json!({"RoleName": "worker"})).await;
    assert_eq!(names, json!({"PolicyNames": ["own"], "IsTruncated": false}));
    assert_eq!(
        refused(&iam, "DeleteRole", json!({"RoleName": "worker"}))
            .await
            .0,
        "DeleteConflict"
    );
    done(&iam, "DeleteRolePolicy", named.clone()).await;
    assert_eq!(
        refused(&iam, "GetRolePolicy", named).await.2,
        "The role policy with name own cannot be found."
    );
}

#[tokio::test]
async fn a_policy_has_five_versions_at_most_and_one_default() {
    let iam = Iam::new(Store::memory());
    let policy = done(
        &iam,
        "CreatePolicy",
        json!({"PolicyName": "p", "Path": "/team/", "PolicyDocument": ALLOW}),
    )
    .await;
    let arn = policy["Policy"]["Arn"].clone();
    assert_eq!(arn, "arn:aws:iam::000000000000:policy/team/p");
    let new =
        |default: bool| json!({"PolicyArn": arn, "PolicyDocument": ALLOW, "SetAsDefault": default});
    let second = done(&iam, "CreatePolicyVersion", new(true)).await;
    assert_eq!(second["PolicyVersion"]["VersionId"], "v2");
    assert_eq!(second["PolicyVersion"]["IsDefaultVersion"], true);
    for _ in 0..3 {
        done(&iam, "CreatePolicyVersion", new(false)).await;
    }
    assert_eq!(
        refused(&iam, "CreatePolicyVersion", new(false)).await.0,
        "LimitExceeded"
    );
    let default = json!({"PolicyArn": arn, "VersionId": "v2"});
    assert_eq!(
        refused(&iam, "DeletePolicyVersion", default).await.0,
        "DeleteConflict"
    );
    done(
        &iam,
        "DeletePolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v1"}),
    )
    .await;
    let versions = done(&iam, "ListPolicyVersions", json!({"PolicyArn": arn})).await;
    let ids: Vec<&Value> = versions["Versions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|v| &v["VersionId"])
        .collect();
    assert_eq!(ids, ["v5", "v4", "v3", "v2"]);
    assert_eq!(
        refused(&iam, "DeletePolicy", json!({"PolicyArn": arn}))
            .await
            .0,
        "DeleteConflict"
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let iam = Iam::new(Store::memory());
    for name in ["a", "b", "c"] {
        done(
            &iam,
            "CreateRole",
            json!({"RoleName": name, "Path": "/x/", "AssumeRolePolicyDocument": TRUST}),
        )
        .await;
    }
    let first = done(&iam, "ListRoles", json!({"MaxItems": 2})).await;
    assert_eq!(first["IsTruncated"], true);
    let rest = done(
        &iam,
        "ListRoles",
        json!({"MaxItems": 2, "Marker": first["Marker"]}),
    )
    .await;
    assert_eq!(rest["Roles"][0]["RoleName"], "c");
    assert_eq!(rest["IsTruncated"], false);
    let none = done(&iam, "ListRoles", json!({"PathPrefix": "/y/"})).await;
    assert_eq!(none["Roles"], json!([]));
    assert_eq!(
        refused(&iam, "ListRoles", json!({"Marker": "!"})).await.0,
        "ValidationError"
    );
}

#[tokio::test]
async fn a_user_s_key_is_known_until_it_is_inactive() {
    let iam = Iam::new(Store::memory());
    done(&iam, "CreateUser", json!({"UserName": "ada"})).await;
    let key = done(&iam, "CreateAccessKey", json!({"UserName": "ada"})).await;
    let id = key["AccessKey"]["AccessKeyId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let identity = iam.identity(&id).expect("it is active");
    assert_eq!(&*identity.arn, "arn:aws:iam::000000000000:user/ada");
    assert_eq!(
        Some(&*identity.secret),
        key["AccessKey"]["SecretAccessKey"].as_str()
    );
    done(&iam, "CreateAccessKey", json!({"UserName": "ada"})).await;
    assert_eq!(
        refused(&iam, "CreateAccessKey", json!({"UserName": "ada"}))
            .await
            .0,
        "LimitExceeded"
    );
    done(
        &iam,
        "UpdateAccessKey",
        json!({"UserName": "ada", "AccessKeyId": id, "Status": "Inactive"}),
    )
    .await;
    assert_eq!(iam.identity(&id), None);
    assert_eq!(
        refused(&iam, "DeleteUser", json!({"UserName": "ada"}))
            .await
            .0,
        "DeleteConflict"
    );
    assert_eq!(iam.identity("AKIAIOSFODNN7EXAMPLE"), None);
}

#[tokio::test]
async fn tags_are_set_listed_and_taken_away() {
    let iam = with_role(Store::memory()).await;
    let tags = json!({"RoleName": "worker", "Tags": [{"Key": "team", "Value": "x"}, {"Key": "stage", "Value": "dev"}]});
    done(&iam, "TagRole", tags).await;
    done(
        &iam,
        "TagRole",
        json!({"RoleName": "worker", "Tags": [{"Key": "team", "Value": "y"}]}),
    )
    .await;
    done(
        &iam,
        "UntagRole",
        json!({"RoleName": "worker", "TagKeys": ["stage"]}),
    )
    .await;
    let listed = done(&iam, "ListRoleTags", json!({"RoleName": "worker"})).await;
    assert_eq!(listed["Tags"], json!([{"Key": "team", "Value": "y"}]));
    let twice = json!({"RoleName": "worker", "Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]});
    assert_eq!(refused(&iam, "TagRole", twice).await.0, "InvalidInput");
}

#[tokio::test]
async fn callers_that_change_one_role_at_once_lose_nothing() {
    let iam = with_role(Store::memory()).await;
    let put = |name: String| {
        let iam = iam.clone();
        async move {
            done(
                &iam,
                "PutRolePolicy",
                json!({"RoleName": "worker", "PolicyName": name, "PolicyDocument": ALLOW}),
            )
            .await
        }
    };
    let tasks: Vec<_> = (0..20)
        .map(|at| tokio::spawn(put(format!("p{at:02}"))))
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let names = done(&iam, "ListRolePolicies", json!({"RoleName": "worker"})).await;
    assert_eq!(names["PolicyNames"].as_array().map(Vec::len), Some(20));
}
