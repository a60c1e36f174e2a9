//! STS: who a caller is, and temporary credentials for roles.
//!
//! Credentials that are given out here are known again: a call signed with them is made by the role they are for, in
//! the role's account. Nobody is refused a role. Begin with [`Sts`].

mod sessions;

use std::sync::Arc;

use aws::{
    Answer, ApiError, Arn, BoxFuture, Call, Identities, Identity, Members, Registry, Service,
};
use serde_json::{Value, json};
use store::Store;

use sessions::{Session, Sessions};

/// The service, over a store that it shares with others; it asks IAM about roles.
#[derive(Clone)]
pub struct Sts {
    sessions: Arc<Sessions>,
    registry: Registry,
}

impl Sts {
    /// STS with the sessions that the store holds.
    pub fn new(store: Store, registry: Registry) -> Self {
        Self {
            sessions: Arc::new(Sessions::new(store)),
            registry,
        }
    }

    async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        match &*call.operation {
            "GetCallerIdentity" => self.caller_identity(call).await,
            "AssumeRole" => self.assume_role(call).await,
            "GetSessionToken" => self.session_token(call).await,
            "GetAccessKeyInfo" => self.access_key_info(call),
            other => Err(ApiError::new(
                "InvalidAction",
                format!("The operation {other} is not available on this server."),
            )),
        }
    }

    async fn caller_identity(&self, call: &Call) -> Result<Answer, ApiError> {
        let caller = &call.caller;
        let session = self.sessions.get(&caller.access_key)?;
        let user_id = match session {
            Some(session) => session.user_id,
            None => self.user_id(call).await,
        };
        Ok(Answer::json(json!({
            "UserId": user_id,
            "Account": caller.account.as_ref(),
            "Arn": caller.arn.as_ref(),
        })))
    }

    /// The id of the user that calls; the account's number for its root.
    async fn user_id(&self, call: &Call) -> String {
        let user = match call.caller.arn.split_once(":user/") {
            Some((_, path_and_name)) => {
                let name = path_and_name.rsplit('/').next().unwrap_or_default();
                self.iam(call, &call.caller.account, "GetUser", "UserName", name)
                    .await
            }
            None => None,
        };
        user.and_then(|user| user.pointer("/User/UserId")?.as_str().map(Into::into))
            .unwrap_or_else(|| call.caller.account.to_string())
    }

    async fn assume_role(&self, call: &Call) -> Result<Answer, ApiError> {
        let role_arn = required(&call.input, "RoleArn")?;
        let session_name = required(&call.input, "RoleSessionName")?;
        let (account, role_name) = role_of(role_arn)
            .ok_or_else(|| ApiError::new("ValidationError", format!("{role_arn} is invalid")))?;
        // DIVERGENCE: a role that is not here can be assumed too, and a trust policy refuses nobody.
        let role = self
            .iam(call, &account, "GetRole", "RoleName", &role_name)
            .await;
        let seconds = seconds_of(&call.input).unwrap_or(3600);
        let seconds_max = role
            .as_ref()
            .and_then(|role| role.pointer("/Role/MaxSessionDuration")?.as_i64())
            .unwrap_or(43_200);
        if seconds > seconds_max {
            return Err(ApiError::new(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let role_id = role
            .as_ref()
            .and_then(|role| role.pointer("/Role/RoleId")?.as_str())
            .unwrap_or("AROAAAAAAAAAAAAAAAAAA")
            .to_owned();
        let user_id = format!("{role_id}:{session_name}");
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}");
        let session = self
            .sessions
            .open(&account, &arn, &user_id, seconds)
            .await?;
        Ok(Answer::json(json!({
            "Credentials": credentials(&session),
            "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": arn},
        })))
    }

    async fn session_token(&self, call: &Call) -> Result<Answer, ApiError> {
        let seconds = seconds_of(&call.input).unwrap_or(43_200);
        let caller = &call.caller;
        let user_id = self.user_id(call).await;
        let session = self
            .sessions
            .open(&caller.account, &caller.arn, &user_id, seconds)
            .await?;
        Ok(Answer::json(json!({"Credentials": credentials(&session)})))
    }

    fn access_key_info(&self, call: &Call) -> Result<Answer, ApiError> {
        let id = required(&call.input, "AccessKeyId")?;
        let account = match self.sessions.get(id)? {
            Some(session) => Some(session.account),
            None => aws::account_of_access_key(id),
        };
        match account {
            Some(account) => Ok(Answer::json(json!({"Account": account}))),
            None => Err(ApiError::new(
                "ValidationError",
                "Invalid Access Key ID format",
            )),
        }
    }

    /// What IAM answers about a role or user of an account; none if it refuses.
    async fn iam(
        &self,
        call: &Call,
        account: &str,
        operation: &str,
        member: &str,
        name: &str,
    ) -> Option<Value> {
        let mut caller = call.caller.clone();
        caller.account = account.into();
        let question = Call {
            caller,
            request_id: call.request_id.clone(),
            service: "iam",
            operation: operation.into(),
            input: Members::from_iter([(member.to_owned(), Value::from(name))]),
            body: call.body.clone(),
        };
        let answer = self.registry.call(question).await.ok()?;
        Some(Value::Object(answer.output))
    }
}

impl Service for Sts {
    fn id(&self) -> &'static str {
        "sts"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call).await })
    }
}

impl Identities for Sts {
    fn identity(&self, access_key: &str) -> Option<Identity> {
        let session = self.sessions.get(access_key).ok()??;
        Some(Identity {
            account: session.account.into(),
            arn: session.arn.into(),
            secret: session.secret.into(),
            token: Some(session.token.into()),
        })
    }
}

fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    input.get(name).and_then(Value::as_str).ok_or_else(|| {
        ApiError::new(
            "ValidationError",
            format!("The request must contain the parameter {name}"),
        )
    })
}

fn seconds_of(input: &Members) -> Option<i64> {
    input.get("DurationSeconds").and_then(Value::as_i64)
}

/// The account and name of a role's ARN.
fn role_of(arn: &str) -> Option<(String, String)> {
    let parsed: Arn = arn.parse().ok()?;
    let is_account =
        parsed.account.len() == 12 && parsed.account.bytes().all(|byte| byte.is_ascii_digit());
    if parsed.service != "iam" || !is_account {
        return None;
    }
    let name = parsed.resource.strip_prefix("role/")?.rsplit('/').next()?;
    (!name.is_empty()).then(|| (parsed.account.clone(), name.to_owned()))
}

fn credentials(session: &Session) -> Value {
    json!({
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": session.expires,
    })
}
