//! Values as JSON on the wire, where that differs from how they are held: other names, timestamps as text.

use serde_json::Value;

use crate::model::{Kind, Member, ServiceModel, ShapeId, Structure, TimestampFormat};
use crate::{Members, timestamp};

/// The JSON of a structure's members. Those that the model does not have are left out.
pub(super) fn to_wire(model: &ServiceModel, id: ShapeId, members: Members) -> Members {
    members_of(value_to_wire(model, id, Value::Object(members)))
}

/// The members that JSON means. Nulls and members that the model does not have fall away; what has not its type stays.
pub(super) fn from_wire(model: &ServiceModel, id: ShapeId, members: Members) -> Members {
    members_of(value_from_wire(model, id, Value::Object(members)))
}

fn members_of(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        other => unreachable!("an object stays one, and is no {other}"),
    }
}

fn value_to_wire(model: &ServiceModel, id: ShapeId, value: Value) -> Value {
    match (&model.shape(id).kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(name, value)| {
                let member = structure.members.get(&*name)?;
                let value = value_to_wire(model, member.shape, value);
                Some((member.wire_name(&name).to_owned(), value))
            })
            .collect(),
        (Kind::List(element), Value::Array(items)) => items
            .into_iter()
            .map(|item| value_to_wire(model, element.shape, item))
            .collect(),
        (Kind::Map(_, element), Value::Object(entries)) => entries
            .into_iter()
            .map(|(key, value)| (key, value_to_wire(model, element.shape, value)))
            .collect(),
        (Kind::Timestamp(format), value) => at(&value, format.unwrap_or(TimestampFormat::Unix)),
        (_, value) => value,
    }
}

fn at(value: &Value, format: TimestampFormat) -> Value {
    let value = match value {
        // A workflow's parameters have it as text.
        Value::String(text) => timestamp::parse(text).unwrap_or_else(|| text.as_str().into()),
        other => other.clone(),
    };
    if format == TimestampFormat::Unix {
        return value;
    }
    timestamp::format(&value, format).map_or(value, Value::from)
}

fn value_from_wire(model: &ServiceModel, id: ShapeId, value: Value) -> Value {
    match (&model.shape(id).kind, value) {
        (Kind::Structure(structure), Value::Object(sent)) => sent
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(wire_name, value)| {
                let (name, member) = named(structure, &wire_name)?;
                Some((name.to_owned(), value_from_wire(model, member.shape, value)))
            })
            .collect(),
        (Kind::List(element), Value::Array(items)) => items
            .into_iter()
            .map(|item| value_from_wire(model, element.shape, item))
            .collect(),
        (Kind::Map(_, element), Value::Object(entries)) => entries
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, value_from_wire(model, element.shape, value)))
            .collect(),
        (Kind::Timestamp(_), Value::String(text)) => {
            timestamp::parse(&text).unwrap_or(Value::String(text))
        }
        (_, value) => value,
    }
}

/// The member with that name on the wire.
fn named<'s>(structure: &'s Structure, wire_name: &str) -> Option<(&'s str, &'s Member)> {
    // Most have the model's.
    let same = structure.members.get_key_value(wire_name);
    same.filter(|(_, member)| member.location_name.is_none())
        .or_else(|| {
            let mut members = structure.members.iter();
            members.find(|(name, member)| member.wire_name(name) == wire_name)
        })
        .map(|(name, member)| (&**name, member))
}
