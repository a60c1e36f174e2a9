use aws::{Answer, ApiError, Arn, Call, Caller};
use serde_json::{Map, Value, json};

use super::{owned, page, required, text};
use crate::Inner;
use crate::error::{access_denied, exists, missing, not_found};
use crate::model::{Connection, Zone, seconds, with};
use crate::storage::Changes;

/// The member with the parameters of each kind of authorisation.
const KINDS: [(&str, &str); 3] = [
    ("API_KEY", "ApiKeyAuthParameters"),
    ("BASIC", "BasicAuthParameters"),
    ("OAUTH_CLIENT_CREDENTIALS", "OAuthParameters"),
];

fn absent(name: &str) -> ApiError {
    not_found(format!(
        "Failed to describe the connection(s). Connection '{name}' does not exist."
    ))
}

pub(super) fn found(inner: &Inner, zone: &Zone, name: &str) -> Result<Connection, ApiError> {
    let connection = inner.storage.get::<Connection>(zone, name)?;
    connection.ok_or_else(|| absent(name))
}

/// The connection of an ARN, in the caller's account; one that was made again under its name is another.
pub(super) fn of_arn(
    inner: &Inner,
    caller: &Caller,
    given: &str,
) -> Result<(Zone, Connection), ApiError> {
    let arn: Option<Arn> = given.parse().ok();
    let arn = arn.filter(|arn| arn.resource.starts_with("connection/"));
    let named = arn.map(|arn| {
        let name = arn
            .resource
            .split('/')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let zone = Zone {
            account: arn.account,
            region: arn.region,
        };
        (zone, name)
    });
    let (zone, name) = named.ok_or_else(|| {
        ApiError::validation(format!("Parameter ConnectionArn is not valid: {given}."))
    })?;
    // Whoever may use a connection may have its secrets sent to an endpoint of his own.
    if *zone.account != *caller.account {
        return Err(access_denied(&caller.arn, given));
    }
    let connection = found(inner, &zone, &name)?;
    if connection.arn(&zone) != given {
        return Err(absent(&name));
    }
    Ok((zone, connection))
}

pub(crate) async fn create(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = required(input, "Name")?;
    let kind = required(input, "AuthorizationType")?;
    let parameters = input.get("AuthParameters").cloned();
    let parameters = parameters.ok_or_else(|| missing("AuthParameters"))?;
    judge(kind, &parameters)?;
    let now = inner.clock.now();
    let uuid = || uuid::Uuid::new_v4().to_string();
    let connection = Connection {
        name: name.to_owned(),
        id: uuid(),
        // Secrets Manager puts six characters after a name.
        secret_id: format!("{}-{}", uuid(), &uuid()[..6]),
        description: owned(input, "Description"),
        kind: kind.to_owned(),
        parameters,
        authorized: true,
        kms_key: owned(input, "KmsKeyIdentifier"),
        connectivity: input.get("InvocationConnectivityParameters").cloned(),
        created: now,
        modified: now,
        authorized_at: Some(now),
    };
    let _held = inner.storage.hold(&zone).await;
    if inner.storage.get::<Connection>(&zone, name)?.is_some() {
        return Err(exists("Connection", name));
    }
    // DIVERGENCE: every connection is authorised at once; AWS fetches an OAuth token first. Here the first request does.
    keep(inner, &zone, &connection).await?;
    let mut answer = connection.answer(&zone, connection.state());
    remove(&mut answer, "LastAuthorizedTime");
    Ok(Answer::json(answer))
}

fn remove(value: &mut Value, member: &str) {
    if let Some(members) = value.as_object_mut() {
        members.shift_remove(member);
    }
}

fn judge(kind: &str, parameters: &Value) -> Result<(), ApiError> {
    for (other, member) in KINDS {
        if (other == kind) != parameters.get(member).is_some() {
            return Err(ApiError::validation(format!(
                "Parameter AuthParameters is not valid. Reason: {kind} needs its own parameters and no others."
            )));
        }
    }
    Ok(())
}

async fn keep(inner: &Inner, zone: &Zone, connection: &Connection) -> Result<(), ApiError> {
    let mut changes = Changes::default();
    changes.put(zone, connection);
    inner.storage.commit(changes).await
}

pub(crate) async fn update(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = required(input, "Name")?;
    let _held = inner.storage.hold(&zone).await;
    let mut connection = found(inner, &zone, name)?;
    if let Some(kind) = text(input, "AuthorizationType").filter(|kind| *kind != connection.kind) {
        // What belongs to the kind before goes with it.
        for (_, member) in KINDS {
            remove(&mut connection.parameters, member);
        }
        kind.clone_into(&mut connection.kind);
    }
    if let Some(given) = input.get("AuthParameters").and_then(Value::as_object) {
        merge(&mut connection.parameters, given);
    }
    judge(&connection.kind, &connection.parameters)?;
    if let Some(description) = owned(input, "Description") {
        connection.description = Some(description);
    }
    if let Some(key) = owned(input, "KmsKeyIdentifier") {
        connection.kms_key = Some(key);
    }
    if let Some(connectivity) = input.get("InvocationConnectivityParameters") {
        connection.connectivity = Some(connectivity.clone());
    }
    let now = inner.clock.now();
    connection.modified = now;
    connection.authorized = true;
    connection.authorized_at = Some(now);
    keep(inner, &zone, &connection).await?;
    Ok(Answer::json(connection.answer(&zone, connection.state())))
}

/// Takes over what is given; structures are changed by member, lists as a whole.
fn merge(kept: &mut Value, given: &Map<String, Value>) {
    for (name, value) in given {
        match (&mut kept[name.as_str()], value) {
            (kept @ Value::Object(_), Value::Object(given)) => merge(kept, given),
            (kept, value) => *kept = value.clone(),
        }
    }
}

pub(crate) async fn delete(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let name = required(&call.input, "Name")?;
    let _held = inner.storage.hold(&zone).await;
    let connection = found(inner, &zone, name)?;
    let mut changes = Changes::default();
    changes.delete::<Connection>(&zone, name);
    inner.storage.commit(changes).await?;
    Ok(Answer::json(connection.answer(&zone, "DELETING")))
}

/// Takes a connection's secrets away; an update authorises it again.
pub(crate) async fn deauthorize(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let name = required(&call.input, "Name")?;
    let _held = inner.storage.hold(&zone).await;
    let mut connection = found(inner, &zone, name)?;
    connection.parameters = connection.shown_parameters();
    connection.authorized = false;
    connection.modified = inner.clock.now();
    keep(inner, &zone, &connection).await?;
    Ok(Answer::json(connection.answer(&zone, "DEAUTHORIZING")))
}

pub(crate) fn describe(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let connection = found(inner, &zone, required(&call.input, "Name")?)?;
    let answer = with(
        connection.answer(&zone, connection.state()),
        &[
            ("Name", Some(connection.name.clone().into())),
            (
                "Description",
                connection.description.clone().map(Value::from),
            ),
            ("AuthorizationType", Some(connection.kind.clone().into())),
            ("SecretArn", Some(connection.secret_arn(&zone).into())),
            (
                "KmsKeyIdentifier",
                connection.kms_key.clone().map(Value::from),
            ),
            ("AuthParameters", Some(connection.shown_parameters())),
            (
                "InvocationConnectivityParameters",
                connection.connectivity.clone(),
            ),
        ],
    );
    Ok(Answer::json(answer))
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let prefix = text(&call.input, "NamePrefix").unwrap_or_default();
    let state = text(&call.input, "ConnectionState");
    let connections = inner.storage.list::<Connection>(&zone, prefix)?;
    let items: Vec<(String, Value)> = connections
        .into_iter()
        .filter(|connection| state.is_none_or(|state| state == connection.state()))
        .map(|connection| {
            let mut shown = connection.answer(&zone, connection.state());
            shown["Name"] = connection.name.clone().into();
            shown["AuthorizationType"] = connection.kind.into();
            (connection.name, shown)
        })
        .collect();
    page(call, "Connections", items)
}

/// RetrieveConnectionSecrets: for calls from inside, which have no access key.
pub(crate) fn secrets(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    if !call.caller.access_key.is_empty() {
        return Err(ApiError::unknown_operation(&call.operation));
    }
    let (zone, connection) = of_arn(inner, &call.caller, required(&call.input, "ConnectionArn")?)?;
    if !connection.authorized {
        return Err(ApiError::new(
            "IllegalStatusException",
            format!("Connection '{}' is not authorized.", connection.name),
        ));
    }
    Ok(Answer::json(json!({
        "ConnectionArn": connection.arn(&zone),
        "Name": connection.name,
        "ConnectionState": connection.state(),
        "AuthorizationType": connection.kind,
        "AuthParameters": connection.parameters,
        "LastModifiedTime": seconds(connection.modified),
    })))
}
