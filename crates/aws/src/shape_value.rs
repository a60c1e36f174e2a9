//! Values against shapes: types first (what AWS calls serialization), constraints second (what it calls validation).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::model::{Kind, ServiceModel, Shape, ShapeId};
use crate::{Members, timestamp};

/// Why a value has not its shape's type, in AWS's words.
pub(crate) type Mistyped = String;

/// Takes a value that came as JSON: unknown members and nulls fall away, types must be right.
pub(crate) fn take(model: &ServiceModel, id: ShapeId, value: Value) -> Result<Value, Mistyped> {
    let shape = model.shape(id);
    match (&shape.kind, value) {
        (Kind::Structure(_), Value::Object(members)) => {
            take_members(model, shape, members).map(Value::Object)
        }
        (Kind::List(element), Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Null => Ok(Value::Null),
                item => take(model, element.shape, item),
            })
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (Kind::Map(_, element), Value::Object(entries)) => entries
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| Ok((key, take(model, element.shape, value)?)))
            .collect::<Result<_, _>>()
            .map(Value::Object),
        (Kind::String, value @ Value::String(_))
        | (Kind::Boolean, value @ Value::Bool(_))
        | (Kind::Double | Kind::Timestamp(_), value @ Value::Number(_))
        | (Kind::Document, value) => Ok(value),
        // Services write these three as text where a number can't say them.
        (Kind::Double, Value::String(text))
            if ["NaN", "Infinity", "-Infinity"].contains(&&*text) =>
        {
            Ok(Value::String(text))
        }
        (Kind::Integer | Kind::Long, Value::Number(number)) => integer(&shape.kind, &number),
        (Kind::Timestamp(_), Value::String(text)) => {
            timestamp::parse(&text).ok_or_else(|| format!("{text} is not a timestamp"))
        }
        (Kind::Blob, Value::String(text)) => match STANDARD.decode(&text) {
            Ok(_) => Ok(Value::String(text)),
            Err(_) => Err("Invalid base64 in a blob".into()),
        },
        (kind, value) => Err(mistyped(kind, &value)),
    }
}

/// The same for the members of a structure.
pub(crate) fn take_members(
    model: &ServiceModel,
    shape: &Shape,
    members: Members,
) -> Result<Members, Mistyped> {
    let Some(structure) = shape.structure() else {
        return Ok(members);
    };
    let mut taken = Members::new();
    for (name, value) in members {
        if value.is_null() {
            continue;
        }
        if let Some(member) = structure.members.get(&*name) {
            taken.insert(name, take(model, member.shape, value)?);
        }
    }
    Ok(taken)
}

/// Takes a value that came as text: in a form, a path, a query or a header.
pub(crate) fn take_text(shape: &Shape, text: &str) -> Result<Value, Mistyped> {
    let refuse = || format!("{text} is not a valid {}", type_name(&shape.kind));
    match &shape.kind {
        Kind::String => Ok(text.into()),
        Kind::Integer | Kind::Long => {
            let number: i64 = text.trim().parse().map_err(|_| refuse())?;
            integer(&shape.kind, &number.into())
        }
        Kind::Double => {
            let number: f64 = text.trim().parse().map_err(|_| refuse())?;
            Ok(serde_json::Number::from_f64(number).map_or_else(|| text.into(), Value::Number))
        }
        Kind::Boolean => match text {
            "true" | "True" | "1" => Ok(true.into()),
            "false" | "False" | "0" => Ok(false.into()),
            _ => Err(refuse()),
        },
        Kind::Timestamp(_) => timestamp::parse(text).ok_or_else(refuse),
        Kind::Blob => match STANDARD.decode(text) {
            Ok(_) => Ok(text.into()),
            Err(_) => Err(refuse()),
        },
        Kind::Structure(_) | Kind::List(_) | Kind::Map(..) | Kind::Document => Err(refuse()),
    }
}

fn integer(kind: &Kind, number: &serde_json::Number) -> Result<Value, Mistyped> {
    // A fraction is cut off, as AWS's reader does.
    let whole = number.as_i64().or_else(|| {
        number
            .as_f64()
            .filter(|n| n.abs() < 9.2e18)
            .map(|n| n as i64)
    });
    match whole {
        Some(whole) if matches!(kind, Kind::Long) || i32::try_from(whole).is_ok() => {
            Ok(whole.into())
        }
        _ => Err(format!("{number} is out of range for {}", type_name(kind))),
    }
}

fn mistyped(kind: &Kind, value: &Value) -> Mistyped {
    let token = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => return "Start of list found where not expected".into(),
        Value::Object(_) => return "Start of structure or map found where not expected.".into(),
    };
    match kind {
        Kind::Structure(_) | Kind::List(_) | Kind::Map(..) => "Unexpected field type".into(),
        kind => {
            let name = type_name(kind);
            let article = if name == "Integer" { "an" } else { "a" };
            format!("{token} can not be converted to {article} {name}")
        }
    }
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) => "Structure",
        Kind::List(_) => "List",
        Kind::Map(..) => "Map",
        Kind::String => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Double => "Double",
        Kind::Boolean => "Boolean",
        Kind::Timestamp(_) => "Timestamp",
        Kind::Blob => "Blob",
        Kind::Document => "Document",
    }
}

/// Which of AWS's size constraints hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quotas {
    /// All.
    #[default]
    Aws,
    /// The payload quota (256 KiB of input and output) and those above it are lifted.
    NoPayloadLimit,
}

const PAYLOAD_BYTES_MAX: f64 = 262_144.0;

/// What is wrong with an input, as AWS lists it; none if nothing is.
pub(crate) fn violations(
    model: &ServiceModel,
    shape: ShapeId,
    input: &Members,
    payload_given: bool,
    quotas: Quotas,
) -> Option<String> {
    let mut found = Violations {
        model,
        quotas,
        texts: Vec::new(),
    };
    found.structure(model.shape(shape), input, payload_given, "");
    listed(&found.texts)
}

/// Which required members of an input are not there, in the same form.
pub(crate) fn missing(model: &ServiceModel, shape: ShapeId, input: &Members) -> Option<String> {
    let mut found = Violations {
        model,
        quotas: Quotas::Aws,
        texts: Vec::new(),
    };
    let structure = model.shape(shape).structure()?;
    for (name, member) in &structure.members {
        if member.required && !input.contains_key(&**name) {
            found.refuse("null", &lower_first(name), "Member must not be null");
        }
    }
    listed(&found.texts)
}

fn listed(texts: &[String]) -> Option<String> {
    let noun = match texts.len() {
        0 => return None,
        1 => "error",
        _ => "errors",
    };
    Some(format!(
        "{} validation {noun} detected: {}",
        texts.len(),
        texts.join("; ")
    ))
}

/// Beyond this many an answer says nothing new.
const VIOLATIONS_MAX: usize = 64;

struct Violations<'a> {
    model: &'a ServiceModel,
    quotas: Quotas,
    texts: Vec<String>,
}

impl Violations<'_> {
    fn structure(&mut self, shape: &Shape, members: &Members, payload_given: bool, path: &str) {
        let Some(structure) = shape.structure() else {
            return;
        };
        for (name, member) in &structure.members {
            let here = join(path, &lower_first(name));
            match members.get(&**name) {
                Some(value) => self.value(member.shape, value, &here),
                None if member.required
                    && !(payload_given && structure.payload.as_deref() == Some(&**name)) =>
                {
                    self.refuse("null", &here, "Member must not be null");
                }
                None => {}
            }
        }
    }

    fn value(&mut self, id: ShapeId, value: &Value, path: &str) {
        let shape = self.model.shape(id);
        for constraint in self.broken(shape, value) {
            let shown = format!("'{}'", shown(self.model, shape, value));
            self.refuse(&shown, path, &constraint);
        }
        match (&shape.kind, value) {
            (Kind::Structure(_), Value::Object(members)) => {
                self.structure(shape, members, false, path);
            }
            (Kind::List(element), Value::Array(items)) => {
                let inner = self.model.shape(element.shape);
                if is_simple(&inner.kind) {
                    let constraints = self.constraints_if_broken(inner, items.iter());
                    if let Some(constraints) = constraints {
                        let shown = format!("'{}'", shown(self.model, shape, value));
                        self.refuse(
                            &shown,
                            path,
                            &format!("Member must satisfy constraint: {constraints}"),
                        );
                    }
                    return;
                }
                for (at, item) in items.iter().enumerate() {
                    let here = format!("{path}.{}.member", at + 1);
                    match item {
                        Value::Null => self.refuse("null", &here, "Member must not be null"),
                        item => self.value(element.shape, item, &here),
                    }
                }
            }
            (Kind::Map(key, element), Value::Object(entries)) => {
                let keys: Vec<Value> = entries.keys().map(|key| key.as_str().into()).collect();
                let key = self.model.shape(key.shape);
                if let Some(constraints) = self.constraints_if_broken(key, keys.iter()) {
                    let shown = format!("'{}'", shown(self.model, shape, value));
                    self.refuse(
                        &shown,
                        path,
                        &format!("Map keys must satisfy constraint: {constraints}"),
                    );
                }
                let inner = self.model.shape(element.shape);
                if is_simple(&inner.kind) {
                    if let Some(constraints) = self.constraints_if_broken(inner, entries.values()) {
                        let shown = format!("'{}'", shown(self.model, shape, value));
                        self.refuse(
                            &shown,
                            path,
                            &format!("Map value must satisfy constraint: {constraints}"),
                        );
                    }
                    return;
                }
                for (name, entry) in entries {
                    self.value(element.shape, entry, &format!("{path}.{name}.member"));
                }
            }
            _ => {}
        }
    }

    fn constraints_if_broken<'v>(
        &self,
        shape: &Shape,
        mut values: impl Iterator<Item = &'v Value>,
    ) -> Option<String> {
        values
            .any(|value| !self.broken(shape, value).is_empty())
            .then(|| format!("[{}]", all_constraints(shape).join(", ")))
    }

    fn broken(&self, shape: &Shape, value: &Value) -> Vec<String> {
        let mut broken = Vec::new();
        if let Value::String(text) = value {
            if let Some(pattern) = &shape.pattern
                && !pattern.matches(text)
            {
                broken.push(pattern_text(&pattern.text));
            }
            if !shape.values.is_empty() && !shape.values.iter().any(|known| **known == **text) {
                broken.push(enum_text(shape));
            }
        }
        if let Some((size, unit)) = size(&shape.kind, value) {
            if let Some(min) = shape.min
                && size < min
            {
                broken.push(at_least(unit, min));
            }
            if let Some(max) = shape.max
                && size > max
                && !(self.quotas == Quotas::NoPayloadLimit && max >= PAYLOAD_BYTES_MAX)
            {
                broken.push(at_most(unit, max));
            }
        }
        broken
    }

    fn refuse(&mut self, value: &str, path: &str, constraint: &str) {
        if self.texts.len() < VIOLATIONS_MAX {
            self.texts.push(format!(
                "Value {value} at '{path}' failed to satisfy constraint: {constraint}"
            ));
        }
    }
}

fn is_simple(kind: &Kind) -> bool {
    !matches!(kind, Kind::Structure(_) | Kind::List(_) | Kind::Map(..))
}

fn size(kind: &Kind, value: &Value) -> Option<(f64, &'static str)> {
    match (kind, value) {
        (Kind::Blob, Value::String(text)) => Some((blob_len(text) as f64, "length")),
        (_, Value::String(text)) => Some((text.chars().count() as f64, "length")),
        (_, Value::Array(items)) => Some((items.len() as f64, "length")),
        (Kind::Map(..), Value::Object(entries)) => Some((entries.len() as f64, "length")),
        (Kind::Timestamp(_), _) => None,
        (_, Value::Number(number)) => Some((number.as_f64()?, "value")),
        _ => None,
    }
}

fn blob_len(base64: &str) -> usize {
    let padding = base64
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'=')
        .count();
    (base64.len() / 4 * 3).saturating_sub(padding)
}

fn all_constraints(shape: &Shape) -> Vec<String> {
    let unit = match shape.kind {
        Kind::Integer | Kind::Long | Kind::Double => "value",
        _ => "length",
    };
    let mut texts = Vec::new();
    texts.extend(shape.max.map(|max| at_most(unit, max)));
    texts.extend(shape.min.map(|min| at_least(unit, min)));
    texts.extend(
        shape
            .pattern
            .as_ref()
            .map(|pattern| pattern_text(&pattern.text)),
    );
    if !shape.values.is_empty() {
        texts.push(enum_text(shape));
    }
    texts
}

fn at_least(unit: &str, bound: f64) -> String {
    format!("Member must have {unit} greater than or equal to {bound}")
}

fn at_most(unit: &str, bound: f64) -> String {
    format!("Member must have {unit} less than or equal to {bound}")
}

fn pattern_text(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn enum_text(shape: &Shape) -> String {
    // DIVERGENCE: AWS lists an enumeration in the order of its own hash table, we in the model's, except where the
    // recordings show AWS's order.
    let listed = match &*shape.name {
        "ExecutionStatus" => {
            "SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING".into()
        }
        _ => shape.values.join(", "),
    };
    format!("Member must satisfy enum value set: [{listed}]")
}

fn shown(model: &ServiceModel, shape: &Shape, value: &Value) -> String {
    let mut text = String::new();
    show(model, shape, value, &mut text);
    text
}

fn show(model: &ServiceModel, shape: &Shape, value: &Value, out: &mut String) {
    // DIVERGENCE: how AWS masks what its model calls sensitive is not known; the text is not shown here.
    if shape.sensitive {
        out.push_str("***Sensitive Data Redacted***");
        return;
    }
    match (&shape.kind, value) {
        (Kind::Blob, Value::String(text)) => {
            let len = blob_len(text);
            let _ = write!(out, "java.nio.HeapByteBuffer[pos=0 lim={len} cap={len}]");
        }
        (_, Value::String(text)) => out.push_str(text),
        (Kind::List(element), Value::Array(items)) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                show(model, model.shape(element.shape), item, out);
            }
            out.push(']');
        }
        (Kind::Map(_, element), Value::Object(entries)) => {
            out.push('{');
            for (at, (key, entry)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}=", if at > 0 { ", " } else { "" });
                show(model, model.shape(element.shape), entry, out);
            }
            out.push('}');
        }
        (Kind::Structure(structure), Value::Object(members)) => {
            let _ = write!(out, "{}(", shape.name);
            let mut first = true;
            for (name, member) in &structure.members {
                if let Some(value) = members.get(&**name) {
                    let _ = write!(
                        out,
                        "{}{}=",
                        if first { "" } else { ", " },
                        lower_first(name)
                    );
                    first = false;
                    show(model, model.shape(member.shape), value, out);
                }
            }
            out.push(')');
        }
        (_, other) => {
            let _ = write!(out, "{other}");
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.into()
    } else {
        format!("{path}.{name}")
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}
