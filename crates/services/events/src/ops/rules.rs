use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{bus_of, owned, page, required, tags_of, text};
use crate::error::{invalid_pattern, limit, no_rule};
use crate::model::{DEFAULT_BUS, Rule, Zone, rule_name};
use crate::pattern::Pattern;
use crate::schedule::Schedule;
use crate::storage::Changes;
use crate::{Inner, scheduler};

/// AWS's quota for a bus.
const RULES_MAX: usize = 300;

/// The rule that an operation names.
pub(super) fn named(inner: &Inner, call: &Call, member: &str) -> Result<(Zone, Rule), ApiError> {
    let (zone, bus) = bus_of(inner, call)?;
    let name = required(&call.input, member)?;
    let rule = inner.storage.get::<Rule>(&zone, &rule_name(&bus, name))?;
    Ok((zone, rule.ok_or_else(|| no_rule(name, &bus))?))
}

pub(crate) async fn put(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let (zone, bus) = bus_of(inner, call)?;
    let name = required(input, "Name")?;
    let (pattern, schedule) = (
        owned(input, "EventPattern"),
        owned(input, "ScheduleExpression"),
    );
    judge(&bus, pattern.as_deref(), schedule.as_deref())?;
    let _held = inner.storage.hold(&zone).await;
    let old = inner.storage.get::<Rule>(&zone, &rule_name(&bus, name))?;
    if old.is_none() {
        let rules = inner.storage.list::<Rule>(&zone, &format!("{bus}/"))?;
        if rules.len() >= RULES_MAX {
            return Err(limit());
        }
    }
    let state = text(input, "State").unwrap_or("ENABLED").to_owned();
    // What goes on as before keeps its rhythm.
    let begin = old
        .as_ref()
        .filter(|old| old.schedule == schedule && old.state == state)
        .map_or_else(|| inner.clock.now(), |old| old.begin);
    let rule = Rule {
        bus,
        name: name.to_owned(),
        pattern,
        schedule,
        state,
        description: owned(input, "Description"),
        role: owned(input, "RoleArn"),
        begin,
        // A change of a rule leaves its tags as they are.
        tags: old.map_or_else(|| tags_of(input), |old| old.tags),
    };
    keep(inner, &zone, &rule).await?;
    Ok(Answer::json(json!({"RuleArn": rule.arn(&zone)})))
}

fn judge(bus: &str, pattern: Option<&str>, schedule: Option<&str>) -> Result<(), ApiError> {
    if pattern.is_none() && schedule.is_none() {
        return Err(ApiError::validation(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ));
    }
    if let Some(pattern) = pattern {
        Pattern::parse(pattern).map_err(|why| invalid_pattern(&why))?;
    }
    if let Some(schedule) = schedule {
        if bus != DEFAULT_BUS {
            return Err(ApiError::validation(
                "ScheduleExpression is supported only on the default event bus.",
            ));
        }
        if Schedule::parse(schedule).is_none() {
            return Err(ApiError::validation(
                "Parameter ScheduleExpression is not valid.",
            ));
        }
    }
    Ok(())
}

/// Makes a rule durable; must be called while its zone is held.
async fn keep(inner: &Inner, zone: &Zone, rule: &Rule) -> Result<(), ApiError> {
    let mut changes = Changes::default();
    changes.put(zone, rule);
    inner.storage.commit_rules(zone, &rule.bus, changes).await?;
    inner.schedules.set(zone, rule, inner.clock.now());
    Ok(())
}

pub(super) async fn change(
    inner: &Inner,
    call: &Call,
    member: &str,
    apply: impl FnOnce(&mut Rule),
) -> Result<(), ApiError> {
    let (zone, _) = named(inner, call, member)?;
    let _held = inner.storage.hold(&zone).await;
    let (_, mut rule) = named(inner, call, member)?;
    apply(&mut rule);
    keep(inner, &zone, &rule).await
}

pub(crate) async fn enable(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let now = inner.clock.now();
    change(inner, call, "Name", |rule| {
        if !rule.is_enabled() {
            rule.begin = now;
            "ENABLED".clone_into(&mut rule.state);
        }
    })
    .await?;
    Ok(Answer::default())
}

pub(crate) async fn disable(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    change(inner, call, "Name", |rule| {
        "DISABLED".clone_into(&mut rule.state);
    })
    .await?;
    Ok(Answer::default())
}

pub(crate) async fn delete(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, bus) = bus_of(inner, call)?;
    let name = rule_name(&bus, required(&call.input, "Name")?);
    let _held = inner.storage.hold(&zone).await;
    // Deleting what is not there is no error.
    let Some(rule) = inner.storage.get::<Rule>(&zone, &name)? else {
        return Ok(Answer::default());
    };
    if !inner.storage.targets(&zone, &rule)?.is_empty() {
        return Err(ApiError::validation(
            "Rule can't be deleted since it has targets.",
        ));
    }
    let mut changes = Changes::default();
    changes.delete::<Rule>(&zone, &name);
    scheduler::forget(&mut changes.batch, &zone, &name);
    inner.storage.commit_rules(&zone, &bus, changes).await?;
    inner.schedules.remove(&zone, &name);
    Ok(Answer::default())
}

pub(crate) fn describe(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, rule) = named(inner, call, "Name")?;
    let mut shown = rule.wire(&zone);
    shown["CreatedBy"] = zone.account.into();
    Ok(Answer::json(shown))
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, bus) = bus_of(inner, call)?;
    let prefix = text(&call.input, "NamePrefix").unwrap_or_default();
    let rules = inner
        .storage
        .list::<Rule>(&zone, &rule_name(&bus, prefix))?;
    let items: Vec<(String, Value)> = rules
        .into_iter()
        .map(|rule| (rule.name.clone(), rule.wire(&zone)))
        .collect();
    page(call, "Rules", items)
}
