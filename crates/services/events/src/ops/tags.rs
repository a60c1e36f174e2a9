use aws::{Answer, ApiError, Arn, Call};
use serde_json::{Value, json};

use super::{buses, found_bus, list as items, required, tags_of};
use crate::Inner;
use crate::error::{no_rule, not_found};
use crate::model::{DEFAULT_BUS, Rule, Tags, Zone, rule_name};
use crate::storage::Changes;

/// What can have tags.
enum Tagged {
    Bus(String),
    /// A bus, and a rule of it.
    Rule(String, String),
}

fn tagged(call: &Call) -> Result<(Zone, Tagged), ApiError> {
    let given = required(&call.input, "ResourceARN")?;
    let absent = || not_found(format!("Resource {given} does not exist."));
    let arn: Arn = given.parse().map_err(|_| absent())?;
    let parts: Vec<&str> = arn.resource.split('/').collect();
    let tagged = match parts.as_slice() {
        ["event-bus", bus] => Tagged::Bus((*bus).to_owned()),
        ["rule", rule] => Tagged::Rule(DEFAULT_BUS.to_owned(), (*rule).to_owned()),
        ["rule", bus, rule] => Tagged::Rule((*bus).to_owned(), (*rule).to_owned()),
        _ => return Err(absent()),
    };
    let zone = Zone {
        account: arn.account.clone(),
        region: arn.region.clone(),
    };
    Ok((zone, tagged))
}

fn rule_of(inner: &Inner, zone: &Zone, bus: &str, rule: &str) -> Result<Rule, ApiError> {
    let found = inner.storage.get::<Rule>(zone, &rule_name(bus, rule))?;
    found.ok_or_else(|| no_rule(rule, bus))
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, tagged) = tagged(call)?;
    let tags = match tagged {
        Tagged::Bus(bus) => found_bus(inner, &zone, &bus)?.tags,
        Tagged::Rule(bus, rule) => rule_of(inner, &zone, &bus, &rule)?.tags,
    };
    let shown: Vec<Value> = tags
        .into_iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    Ok(Answer::json(json!({"Tags": shown})))
}

pub(crate) async fn tag(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    change(inner, call, |tags| tags.extend(tags_of(&call.input))).await
}

pub(crate) async fn untag(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let keys = items(&call.input, "TagKeys");
    change(inner, call, |tags| {
        tags.retain(|key, _| !keys.iter().any(|given| given == key));
    })
    .await
}

async fn change(
    inner: &Inner,
    call: &Call,
    apply: impl FnOnce(&mut Tags),
) -> Result<Answer, ApiError> {
    let (zone, tagged) = tagged(call)?;
    match tagged {
        Tagged::Bus(name) => {
            buses::change(inner, &zone, &name, |bus| {
                apply(&mut bus.tags);
                Ok(())
            })
            .await?;
        }
        Tagged::Rule(bus, rule) => {
            let _held = inner.storage.hold(&zone).await;
            let mut rule = rule_of(inner, &zone, &bus, &rule)?;
            apply(&mut rule.tags);
            let mut changes = Changes::default();
            changes.put(&zone, &rule);
            inner.storage.commit_rules(&zone, &bus, changes).await?;
        }
    }
    Ok(Answer::default())
}
