//! What expressions give, what they may take, and what they say when they fail.

mod api;
mod aws;
mod bounds;
mod errors;
mod properties;
mod seeds;

use jsonata::{Bounds, Error, Expression, Scope, Value, View};
use serde_json::Value as Json;

/// 2026-11-25T12:00:00.789Z.
const NOW: i64 = 1_795_608_000_789;

fn scope() -> Scope<'static> {
    Scope::new(NOW, counting(), Bounds::default())
}

/// Bits that differ from call to call, the same every time.
fn counting() -> impl FnMut() -> u64 {
    let mut bits = 0_u64;
    move || {
        bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits.wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ bits >> 31
    }
}

fn evaluate(text: &str) -> Result<Option<Json>, Error> {
    evaluate_in(&mut scope(), text)
}

fn evaluate_in(scope: &mut Scope<'_>, text: &str) -> Result<Option<Json>, Error> {
    let value = Expression::parse(text)?.evaluate(scope)?;
    Ok(value.as_ref().map(json))
}

/// The value, as JSON text.
fn value(text: &str) -> String {
    match evaluate(text) {
        Ok(Some(value)) => value.to_string(),
        Ok(None) => "undefined".to_owned(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn error(text: &str) -> Error {
    match evaluate(text) {
        Ok(value) => panic!("{text}: {value:?}"),
        Err(error) => error,
    }
}

fn json(value: &Value) -> Json {
    match value.view() {
        View::Null => Json::Null,
        View::Bool(value) => Json::from(value),
        View::Integer(number) => Json::from(number),
        View::Double(number) => Json::from(number),
        View::String(text) => Json::from(text.as_ref()),
        View::Array(items) => items.iter().map(json).collect(),
        View::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.to_string(), json(member)));
            Json::Object(members.collect())
        }
        View::Function => Json::from("a function"),
    }
}
