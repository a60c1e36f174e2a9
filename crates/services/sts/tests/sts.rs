//! Temporary credentials and who they stand for.

use std::sync::Arc;

use aws::{
    Answer, ApiError, BoxFuture, Call, Caller, Identities, Members, Registry, RequestId, Service,
};
use serde_json::{Value, json};
use service_sts::Sts;
use store::Store;

/// Knows one role.
struct FakeIam;

impl Service for FakeIam {
    fn id(&self) -> &'static str {
        "iam"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            match (&*call.operation, &call.input.get("RoleName")) {
                ("GetRole", Some(name)) if *name == "worker" => Ok(Answer::json(json!({"Role": {
                    "RoleId": "AROAWORKER", "MaxSessionDuration": 3600,
                }}))),
                _ => Err(ApiError::new("NoSuchEntity", "")),
            }
        })
    }
}

fn sts() -> Sts {
    let registry = Registry::default();
    registry.fill(vec![Arc::new(FakeIam)]);
    Sts::new(Store::memory(), registry)
}

async fn ask(sts: &Sts, caller: Caller, operation: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        caller,
        request_id: RequestId("id".into()),
        service: "sts",
        operation: operation.into(),
        input: input.as_object().cloned().unwrap_or_else(Members::new),
        body: bytes::Bytes::new(),
    };
    sts.call(call)
        .await
        .map(|answer| Value::Object(answer.output))
}

fn root() -> Caller {
    Caller::root("000000000000", "us-east-1")
}

#[tokio::test]
async fn the_account_s_root_is_who_calls_with_any_key() {
    let answer = ask(&sts(), root(), "GetCallerIdentity", json!({})).await;
    assert_eq!(
        answer,
        Ok(
            json!({"UserId": "000000000000", "Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root"})
        )
    );
}

#[tokio::test]
async fn an_assumed_role_s_credentials_stand_for_it_in_its_account() {
    let sts = sts();
    let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/jobs/worker", "RoleSessionName": "night"});
    let answer = ask(&sts, root(), "AssumeRole", input)
        .await
        .expect("nobody is refused");
    assert_eq!(
        answer["AssumedRoleUser"]["AssumedRoleId"],
        "AROAWORKER:night"
    );
    let key = answer["Credentials"]["AccessKeyId"]
        .as_str()
        .expect("a key");
    let identity = sts.identity(key).expect("it was just given out");
    assert_eq!(&*identity.account, "111122223333");
    assert_eq!(
        &*identity.arn,
        "arn:aws:sts::111122223333:assumed-role/worker/night"
    );
    assert_eq!(
        identity.token.as_deref(),
        answer["Credentials"]["SessionToken"].as_str()
    );
    let caller = Caller {
        access_key: key.into(),
        arn: identity.arn,
        ..Caller::root("111122223333", "us-east-1")
    };
    let who = ask(&sts, caller, "GetCallerIdentity", json!({}))
        .await
        .expect("known");
    assert_eq!(who["UserId"], "AROAWORKER:night");
    let info = ask(
        &sts,
        root(),
        "GetAccessKeyInfo",
        json!({"AccessKeyId": key}),
    )
    .await;
    assert_eq!(info, Ok(json!({"Account": "111122223333"})));
}

#[tokio::test]
async fn a_session_lasts_no_longer_than_its_role_allows() {
    let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/worker", "RoleSessionName": "night", "DurationSeconds": 7200});
    let refused = ask(&sts(), root(), "AssumeRole", input)
        .await
        .expect_err("it is too long");
    assert_eq!(refused.code, "ValidationError");
}

#[tokio::test]
async fn what_has_expired_is_nobody_s() {
    let sts = sts();
    let input = json!({"DurationSeconds": 0});
    let answer = ask(&sts, root(), "GetSessionToken", input)
        .await
        .expect("a session");
    let key = answer["Credentials"]["AccessKeyId"]
        .as_str()
        .expect("a key");
    assert_eq!(sts.identity(key), None);
}

#[tokio::test]
async fn only_a_role_can_be_assumed() {
    for arn in [
        "arn:aws:iam::111122223333:user/u",
        "role/worker",
        "arn:aws:iam::x:role/worker",
    ] {
        let input = json!({"RoleArn": arn, "RoleSessionName": "night"});
        assert!(
            ask(&sts(), root(), "AssumeRole", input).await.is_err(),
            "{arn}"
        );
    }
}
