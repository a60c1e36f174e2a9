//! Values as elements, by the model.

use serde_json::Value;

use super::xml::{Element, Writer};
use crate::model::{Kind, Member, ServiceModel, Shape, Structure, TimestampFormat, XmlNamespace};
use crate::shape_value::{Mistyped, take_text};
use crate::{Members, timestamp};

/// Writes the elements of a structure's members.
pub(super) fn write_members(
    out: &mut Writer,
    model: &ServiceModel,
    structure: &Structure,
    members: &Members,
) {
    for (name, member) in &structure.members {
        if member.location.is_some() || member.xml_attribute {
            continue;
        }
        if let Some(value) = members.get(&**name) {
            write_member(out, model, member, member.wire_name(name), value);
        }
    }
}

/// Writes the element of a member, or its elements if it is a list or map without a wrapper.
pub(super) fn write_member(
    out: &mut Writer,
    model: &ServiceModel,
    member: &Member,
    name: &str,
    value: &Value,
) {
    let shape = model.shape(member.shape);
    match (&shape.kind, value) {
        (_, Value::Null) => {}
        (Kind::Structure(structure), Value::Object(members)) => {
            out.open_with(name, attributes(member, structure, members));
            write_members(out, model, structure, members);
            out.close(name);
        }
        (Kind::List(element), Value::Array(items)) => {
            let flat = member.flattened || element.flattened;
            let item_name = item_name(element, flat, name);
            if !flat {
                out.open(name, None);
            }
            for item in items {
                write_member(out, model, element, item_name, item);
            }
            if !flat {
                out.close(name);
            }
        }
        (Kind::Map(key, element), Value::Object(entries)) => {
            let flat = member.flattened || element.flattened;
            let entry_name = if flat { name } else { "entry" };
            if !flat {
                out.open(name, None);
            }
            for (entry_key, entry) in entries {
                out.open(entry_name, None);
                out.text(key.wire_name("key"), entry_key);
                write_member(out, model, element, element.wire_name("value"), entry);
                out.close(entry_name);
            }
            if !flat {
                out.close(name);
            }
        }
        (Kind::Timestamp(format), value) => {
            let format = format.unwrap_or(TimestampFormat::Iso8601);
            if let Some(text) = timestamp::format(value, format) {
                out.text(name, &text);
            }
        }
        (_, Value::String(text)) => out.text(name, text),
        (_, other) => out.text(name, &other.to_string()),
    }
}

fn attributes(member: &Member, structure: &Structure, members: &Members) -> Vec<(String, String)> {
    let namespaces = [&member.xml_namespace, &structure.xml_namespace];
    let mut attributes: Vec<_> = namespaces.into_iter().flatten().map(declaration).collect();
    for (name, member) in &structure.members {
        if let (true, Some(Value::String(value))) = (member.xml_attribute, members.get(&**name)) {
            attributes.push((member.wire_name(name).to_owned(), value.clone()));
        }
    }
    attributes
}

/// `xmlns="…"`
pub(super) fn declaration(namespace: &XmlNamespace) -> (String, String) {
    let name = match &namespace.prefix {
        Some(prefix) => format!("xmlns:{prefix}"),
        None => "xmlns".into(),
    };
    (name, namespace.uri.to_string())
}

fn item_name<'n>(element: &'n Member, flat: bool, name: &'n str) -> &'n str {
    match element.location_name.as_deref() {
        Some(item_name) => item_name,
        None if flat => name,
        None => "member",
    }
}

/// Reads the members of a structure from its element. What has not its type is an error, or stays text where `lenient`.
pub(super) fn read_members(
    model: &ServiceModel,
    structure: &Structure,
    element: &Element,
    lenient: bool,
) -> Result<Members, Mistyped> {
    let mut members = Members::new();
    for (name, member) in &structure.members {
        let wire_name = member.wire_name(name);
        if member.location.is_some() {
            continue;
        }
        let value = if member.xml_attribute {
            element.attribute(wire_name).map(Value::from)
        } else {
            read_member(model, member, wire_name, element, lenient)?
        };
        if let Some(value) = value {
            members.insert(name.to_string(), value);
        }
    }
    Ok(members)
}

/// Reads a member from the element of the structure that it belongs to.
fn read_member(
    model: &ServiceModel,
    member: &Member,
    name: &str,
    parent: &Element,
    lenient: bool,
) -> Result<Option<Value>, Mistyped> {
    let flat = match &model.shape(member.shape).kind {
        Kind::List(element) if member.flattened || element.flattened => {
            Some(item_name(element, true, name))
        }
        Kind::Map(_, element) if member.flattened || element.flattened => Some(name),
        _ => None,
    };
    if let Some(name) = flat {
        let found: Vec<&Element> = parent
            .children
            .iter()
            .filter(|child| child.name == name)
            .collect();
        if found.is_empty() {
            return Ok(None);
        }
        return read_elements(model, member, &found, lenient).map(Some);
    }
    let Some(found) = parent.child(name) else {
        return Ok(None);
    };
    read_element(model, member, found, lenient)
}

/// Reads a value that has an element of its own.
pub(super) fn read_element(
    model: &ServiceModel,
    member: &Member,
    element: &Element,
    lenient: bool,
) -> Result<Option<Value>, Mistyped> {
    let shape = model.shape(member.shape);
    match &shape.kind {
        Kind::Structure(structure) => read_members(model, structure, element, lenient)
            .map(|members| Some(Value::Object(members))),
        Kind::List(_) | Kind::Map(..) => {
            let children: Vec<&Element> = element.children.iter().collect();
            read_elements(model, member, &children, lenient).map(Some)
        }
        _ => read_text(shape, &element.text, lenient),
    }
}

/// Reads a list from its items, or a map from its entries.
fn read_elements(
    model: &ServiceModel,
    member: &Member,
    elements: &[&Element],
    lenient: bool,
) -> Result<Value, Mistyped> {
    match &model.shape(member.shape).kind {
        Kind::Map(key, value) => {
            let mut entries = Members::new();
            for entry in elements {
                let key = entry.child(key.wire_name("key"));
                let value = read_member(model, value, value.wire_name("value"), entry, lenient)?;
                if let (Some(key), Some(value)) = (key, value) {
                    entries.insert(key.text.clone(), value);
                }
            }
            Ok(Value::Object(entries))
        }
        Kind::List(item) => elements
            .iter()
            .filter_map(|element| read_element(model, item, element, lenient).transpose())
            .collect::<Result<_, _>>()
            .map(Value::Array),
        _ => unreachable!("called for lists and maps"),
    }
}

fn read_text(shape: &Shape, text: &str, lenient: bool) -> Result<Option<Value>, Mistyped> {
    match take_text(shape, text) {
        Ok(value) => Ok(Some(value)),
        Err(_) if lenient && text.trim().is_empty() => Ok(None),
        Err(_) if lenient => Ok(Some(text.into())),
        Err(mistyped) => Err(mistyped),
    }
}
