//! What has to hold for every input: a line of JSON, and an expression.

use jsonata::{Bounds, Error, Expression, Scope, Value, View};

const NOW: i64 = 1_795_608_000_789;

pub(crate) fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (document, expression) = text.split_once('\n').unwrap_or(("", &text));
    let Ok(expression) = Expression::parse(expression) else {
        return;
    };
    let document = parsed(document);
    let first = evaluated(&expression, document.as_ref());
    let second = evaluated(&expression, document.as_ref());
    // Functions are equal to themselves only.
    let comparable = !matches!(&first, Ok(Some(value)) if !value.is_json());
    if comparable {
        assert_eq!(first, second);
    }
    match &first {
        Ok(Some(value)) => viewed(value, value.is_json()),
        Ok(None) => {}
        Err(error) => {
            // An expression can raise an error of its own words, though not of none.
            assert!(!error.to_string().is_empty());
            let length = expression.text().encode_utf16().count();
            assert!(error.position.unwrap_or(0) <= length, "{error:?}");
        }
    }
}

fn parsed(document: &str) -> Option<Value> {
    let mut scope = Scope::new(NOW, || 0, Bounds::default());
    scope.bind("text", Value::string(document));
    let parse = Expression::parse("$parse($text)").expect("it is an expression");
    parse.evaluate(&mut scope).ok().flatten()
}

fn evaluated(expression: &Expression, document: Option<&Value>) -> Result<Option<Value>, Error> {
    let bounds = Bounds {
        steps: 100_000,
        ..Bounds::default()
    };
    let mut bits = 0_u64;
    let random = move || {
        bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits.wrapping_mul(0xBF58_476D_1CE4_E5B9)
    };
    let mut scope = Scope::new(NOW, random, bounds);
    if let Some(document) = document {
        scope.set_input(document.clone());
        scope.bind("states", Value::object([("input", document.clone())]));
    }
    expression.evaluate(&mut scope)
}

/// Reads all of it; what says that it is JSON is that.
fn viewed(value: &Value, is_json: bool) {
    match value.view() {
        View::Null | View::Bool(_) | View::Integer(_) | View::String(_) => {}
        View::Double(number) => assert!(number.is_finite()),
        View::Array(items) => items.iter().for_each(|item| viewed(item, is_json)),
        View::Object(members) => members.values().for_each(|member| viewed(member, is_json)),
        View::Function => assert!(!is_json),
    }
}
