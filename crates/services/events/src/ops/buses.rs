use aws::{Answer, ApiError, Call};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{found_bus, named_bus, owned, page, required, tags_of, text};
use crate::Inner;
use crate::error::{exists, limit};
use crate::model::{Bus, DEFAULT_BUS, Rule, Zone, seconds, with};
use crate::storage::Changes;

/// AWS's quota for an account in a region.
const BUSES_MAX: usize = 100;

pub(crate) async fn create(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = required(input, "Name")?;
    if name.contains('/') {
        return Err(ApiError::validation("Event bus name must not contain '/'."));
    }
    let bus = Bus {
        description: owned(input, "Description"),
        kms_key: owned(input, "KmsKeyIdentifier"),
        dead_letter: input.get("DeadLetterConfig").cloned(),
        log: input.get("LogConfig").cloned(),
        tags: tags_of(input),
        ..Bus::new(name, inner.clock.now())
    };
    let _held = inner.storage.hold(&zone).await;
    if name == DEFAULT_BUS || inner.storage.get::<Bus>(&zone, name)?.is_some() {
        return Err(exists("Event bus", name));
    }
    if inner.storage.list::<Bus>(&zone, "")?.len() >= BUSES_MAX {
        return Err(limit());
    }
    put(inner, &zone, &bus).await?;
    let answer = json!({"EventBusArn": bus.arn(&zone)});
    Ok(Answer::json(with(answer, &bus.settings())))
}

async fn put(inner: &Inner, zone: &Zone, bus: &Bus) -> Result<(), ApiError> {
    let mut changes = Changes::default();
    changes.put(zone, bus);
    inner.storage.commit(changes).await
}

pub(crate) async fn update(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (input, zone) = (&call.input, Zone::of(&call.caller));
    let name = text(input, "Name").unwrap_or(DEFAULT_BUS);
    let bus = change(inner, &zone, name, |bus| {
        for (member, place) in [
            ("Description", &mut bus.description),
            ("KmsKeyIdentifier", &mut bus.kms_key),
        ] {
            if let Some(given) = owned(input, member) {
                *place = Some(given);
            }
        }
        for (member, place) in [
            ("DeadLetterConfig", &mut bus.dead_letter),
            ("LogConfig", &mut bus.log),
        ] {
            if let Some(given) = input.get(member) {
                *place = Some(given.clone());
            }
        }
        Ok(())
    })
    .await?;
    let answer = json!({"Arn": bus.arn(&zone), "Name": bus.name});
    Ok(Answer::json(with(answer, &bus.settings())))
}

/// Changes a bus that is there; the default bus gets its row with its first change.
pub(super) async fn change(
    inner: &Inner,
    zone: &Zone,
    name: &str,
    apply: impl FnOnce(&mut Bus) -> Result<(), ApiError>,
) -> Result<Bus, ApiError> {
    let _held = inner.storage.hold(zone).await;
    let mut bus = found_bus(inner, zone, name)?;
    apply(&mut bus)?;
    bus.modified = inner.clock.now();
    put(inner, zone, &bus).await?;
    Ok(bus)
}

pub(crate) async fn delete(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, name) = named_bus(call, Some(required(&call.input, "Name")?));
    if name == DEFAULT_BUS {
        return Err(ApiError::validation("Cannot delete event bus default."));
    }
    let _held = inner.storage.hold(&zone).await;
    if !inner
        .storage
        .list::<Rule>(&zone, &format!("{name}/"))?
        .is_empty()
    {
        return Err(ApiError::validation(format!(
            "Event bus {name} can't be deleted since it has rules."
        )));
    }
    let mut changes = Changes::default();
    changes.delete::<Bus>(&zone, &name);
    inner.storage.commit_rules(&zone, &name, changes).await?;
    Ok(Answer::default())
}

pub(crate) fn describe(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, name) = named_bus(call, text(&call.input, "Name"));
    let bus = found_bus(inner, &zone, &name)?;
    let answer = with(shown(&zone, &bus), &bus.settings());
    Ok(Answer::json(answer))
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let zone = Zone::of(&call.caller);
    let prefix = text(&call.input, "NamePrefix").unwrap_or_default();
    let mut buses = inner.storage.list::<Bus>(&zone, prefix)?;
    if DEFAULT_BUS.starts_with(prefix) && buses.iter().all(|bus| bus.name != DEFAULT_BUS) {
        buses.push(found_bus(inner, &zone, DEFAULT_BUS)?);
        buses.sort_by(|left, right| left.name.cmp(&right.name));
    }
    let item = |bus: Bus| {
        let description = bus.description.clone().map(Value::from);
        let shown = with(shown(&zone, &bus), &[("Description", description)]);
        (bus.name, shown)
    };
    page(call, "EventBuses", buses.into_iter().map(item).collect())
}

fn shown(zone: &Zone, bus: &Bus) -> Value {
    // Nobody made the default bus.
    let instant = |at: Timestamp| (at > Timestamp::UNIX_EPOCH).then(|| seconds(at).into());
    with(
        json!({"Name": bus.name, "Arn": bus.arn(zone)}),
        &[
            ("Policy", bus.policy().map(Value::from)),
            ("CreationTime", instant(bus.created)),
            ("LastModifiedTime", instant(bus.modified)),
        ],
    )
}
