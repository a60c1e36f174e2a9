use aws::{Answer, ApiError, Call};
use serde_json::Value;

use super::{connections, owned, page, required, text};
use crate::Inner;
use crate::error::{exists, not_found};
use crate::model::{Destination, Zone, with};
use crate::storage::Changes;

fn found(inner: &Inner, zone: &Zone, name: &str) -> Result<Destination, ApiError> {
    let destination = inner.storage.get::<Destination>(zone, name)?;
    destination.ok_or_else(|| {
        not_found(format!(
            "Failed to describe the api-destination(s). Api-destination '{name}' does not exist."
        ))
    })
}

pub(crate) async fn create(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = required(input, "Name")?;
    let now = inner.clock.now();
    let destination = Destination {
        name: name.to_owned(),
        id: uuid::Uuid::new_v4().to_string(),
        description: owned(input, "Description"),
        connection_arn: required(input, "ConnectionArn")?.to_owned(),
        endpoint: required(input, "InvocationEndpoint")?.to_owned(),
        method: required(input, "HttpMethod")?.to_owned(),
        rate: rate(call),
        created: now,
        modified: now,
    };
    let _held = inner.storage.hold(&zone).await;
    connections::of_arn(inner, &call.caller, &destination.connection_arn)?;
    if inner.storage.get::<Destination>(&zone, name)?.is_some() {
        return Err(exists("An api-destination", name));
    }
    keep(inner, &zone, &destination).await
}

fn rate(call: &Call) -> Option<i64> {
    let rate = call.input.get("InvocationRateLimitPerSecond");
    rate.and_then(Value::as_i64)
}

async fn keep(inner: &Inner, zone: &Zone, destination: &Destination) -> Result<Answer, ApiError> {
    let mut changes = Changes::default();
    changes.put(zone, destination);
    inner.storage.commit(changes).await?;
    Ok(Answer::json(destination.answer(zone)))
}

pub(crate) async fn update(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = required(input, "Name")?;
    let _held = inner.storage.hold(&zone).await;
    let mut destination = found(inner, &zone, name)?;
    if let Some(arn) = owned(input, "ConnectionArn") {
        connections::of_arn(inner, &call.caller, &arn)?;
        destination.connection_arn = arn;
    }
    for (member, place) in [
        ("InvocationEndpoint", &mut destination.endpoint),
        ("HttpMethod", &mut destination.method),
    ] {
        if let Some(given) = owned(input, member) {
            *place = given;
        }
    }
    destination.description = owned(input, "Description").or(destination.description);
    destination.rate = rate(call).or(destination.rate);
    destination.modified = inner.clock.now();
    keep(inner, &zone, &destination).await
}

pub(crate) async fn delete(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let name = required(&call.input, "Name")?;
    let _held = inner.storage.hold(&zone).await;
    found(inner, &zone, name)?;
    let mut changes = Changes::default();
    changes.delete::<Destination>(&zone, name);
    inner.storage.commit(changes).await?;
    Ok(Answer::default())
}

pub(crate) fn describe(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let destination = found(inner, &zone, required(&call.input, "Name")?)?;
    let description = destination.description.clone().map(Value::from);
    let shown = with(shown(&zone, &destination), &[("Description", description)]);
    Ok(Answer::json(shown))
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let prefix = text(&call.input, "NamePrefix").unwrap_or_default();
    let connection = text(&call.input, "ConnectionArn");
    let destinations = inner.storage.list::<Destination>(&zone, prefix)?;
    let items: Vec<(String, Value)> = destinations
        .into_iter()
        .filter(|destination| connection.is_none_or(|arn| arn == destination.connection_arn))
        .map(|destination| (destination.name.clone(), shown(&zone, &destination)))
        .collect();
    page(call, "ApiDestinations", items)
}

fn shown(zone: &Zone, destination: &Destination) -> Value {
    let text = |text: &str| Some(Value::from(text));
    with(
        destination.answer(zone),
        &[
            ("Name", text(&destination.name)),
            ("ConnectionArn", text(&destination.connection_arn)),
            ("InvocationEndpoint", text(&destination.endpoint)),
            ("HttpMethod", text(&destination.method)),
            (
                "InvocationRateLimitPerSecond",
                destination.rate.map(Value::from),
            ),
        ],
    )
}
