//! Random expressions: nothing panics, and what references do not name does not matter.

use std::sync::Arc;

use jsonata::{Bounds, Expression, Scope, Value};
use proptest::prelude::*;

use crate::{NOW, counting};

const STEPS: u64 = 20_000;

fn document() -> Value {
    let number = |number: i32| Value::Number(f64::from(number));
    let item = |id: &str, price| {
        Value::object([
            ("id", Value::string(id)),
            ("price", number(price)),
            ("tags", Value::array([Value::from("p"), Value::from("q")])),
        ])
    };
    Value::object([
        ("a", number(1)),
        ("b", Value::array([number(3), number(1), number(2)])),
        (
            "items",
            Value::array([item("x", 2), item("y", 1), item("x", 3)]),
        ),
        ("s", Value::from("Hello é")),
        ("n", Value::Null),
        ("t", Value::Bool(true)),
        (
            "o",
            Value::object([
                ("a", Value::object([("b", item("z", 0))])),
                ("s", number(-1)),
            ]),
        ),
    ])
}

fn evaluate(expression: &Expression, states: Value, others: &[(&str, Value)]) -> String {
    let bounds = Bounds {
        steps: STEPS,
        ..Bounds::default()
    };
    let mut scope = Scope::new(NOW, counting(), bounds);
    scope.bind("states", states);
    for (name, value) in others {
        scope.bind(*name, value.clone());
    }
    match expression.evaluate(&mut scope) {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    }
}

/// An expression's text; `$states.input` is the document.
fn expressions() -> impl Strategy<Value = String> {
    let name = || {
        prop::sample::select(vec![
            "a", "b", "items", "s", "n", "t", "o", "id", "price", "tags", "nothing",
        ])
    };
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "1",
            "-1",
            "0",
            "2.5",
            "\"x\"",
            "\"\"",
            "true",
            "null",
            "[]",
            "{}",
            "$",
            "$v",
            "$w",
            "1e300",
            "\"é\"",
            "$states.input",
            "$states",
            "$count",
            "/l+/",
            "*",
            "**",
            "%",
            "$now()",
            "$random()",
        ])
        .prop_map(str::to_owned),
        name().prop_map(|name| format!("$states.input.{name}")),
        (name(), name()).prop_map(|(first, second)| format!("$states.input.{first}.{second}")),
        name().prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 3, move |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "=", "!=", "<", ">=", "&", "and", "or", "in", "..", "~>",
        ]);
        let one = prop::sample::select(vec![
            "({})",
            "[{}]",
            "-{}",
            "$string({})",
            "$count({})",
            "$sum({})",
            "$keys({})",
            "$distinct({})",
            "$sort({})",
            "$reverse({})",
            "$uppercase({})",
            "$number({})",
            "$not({})",
            "$spread({})",
            "$merge({})",
            "$type({})",
            "$length({})",
            "$parse($string({}))",
            "$shuffle({})",
            "{}.$",
            "{}.*",
            "{}.**",
            "{}[]",
            "{}[0]",
            "{}[-1]",
            "{}#$w",
            "{}@$w",
            "{}.%",
            "$fromMillis({})",
            "$toMillis({})",
            "$clone({})",
            "{} ~> $sum",
            "function($v){{}}",
            "$map($states.input.items, function($v, $i){{}})",
            "{{}: 1}",
            "$uppercase(?)({})",
            "$reduce($states.input.b, function($v, $w){{}})",
            "($f := function($v){{}}; $f(1))",
            "$each($states.input, function($v, $w){{}})",
            "$states.input ~> |items|{}|",
            "($v := {}; $v)",
        ]);
        let two = prop::sample::select(vec![
            "{}.({})",
            "{}[{}]",
            "{}^(>{})",
            "{}{{}: 1}",
            "{}{'k': {}}",
            "[{}, {}]",
            "{'a': {}, 'b': {}}",
            "{} ? {}",
            "{} ? 1 : {}",
            "($v := {}; {})",
            "$append({}, {})",
            "$substring({}, {})",
            "$split({}, {})",
            "$match({}, {})",
            "$pad({}, {})",
            "$join({}, {})",
            "$lookup({}, {})",
            "$filter({}, function($v){{}})",
            "$sort({}, function($v, $w){{}})",
            "$replace({}, {}, 'y')",
            "$replace({}, 'l', {})",
            "$zip({}, {})",
            "$formatNumber({}, {})",
            "$formatInteger({}, {})",
            "$formatBase({}, {})",
            "$round({}, {})",
            "$partition({}, {})",
            "$range({}, {}, 1)",
            "$hash({}, {})",
            "$power({}, {})",
            "$string({}, {})",
            "{}.{{}: $}",
            "{} ~> |$|{}|",
            "{}({})",
            "{}.[{}]",
            "$contains({}, {})",
            "$sift({}, function($v){{}})",
        ]);
        let filled = |template: &str, parts: &[&str]| {
            parts.iter().fold(template.to_owned(), |text, part| {
                text.replacen("{}", part, 1)
            })
        };
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            (one, inner.clone()).prop_map(move |(template, part)| filled(template, &[&part])),
            (two, inner.clone(), inner)
                .prop_map(move |(template, first, second)| filled(template, &[&first, &second])),
        ]
    })
}

/// The parts of a value that paths name, and nothing else.
fn projected(value: &Value, paths: &[&[Arc<str>]]) -> Value {
    if paths.iter().any(|path| path.is_empty()) {
        return value.clone();
    }
    match value {
        Value::Array(items) => Value::array(items.iter().map(|item| projected(item, paths))),
        Value::Object(members) => Value::object(members.iter().filter_map(|(name, member)| {
            let below: Vec<&[Arc<str>]> = paths
                .iter()
                .filter_map(|path| path.split_first())
                .filter_map(|(first, rest)| (first == name).then_some(rest))
                .collect();
            (!below.is_empty()).then(|| (Arc::clone(name), projected(member, &below)))
        })),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_expression_panics(text in expressions()) {
        if let Ok(expression) = Expression::parse(&text) {
            let states = Value::object([("input", document())]);
            let first = evaluate(&expression, states.clone(), &[]);
            prop_assert_eq!(first, evaluate(&expression, states, &[]));
        }
    }

    #[test]
    fn only_what_is_referred_to_is_read(text in expressions()) {
        let Ok(expression) = Expression::parse(&text) else {
            return Ok(());
        };
        let states = Value::object([("input", document()), ("context", document())]);
        let others = [("v", Value::from("outer")), ("w", Value::Number(2.0)), ("f", Value::Null)];
        let references = expression.references();
        let of = |name: &str| -> Vec<&[Arc<str>]> {
            let paths = references.variables.iter().filter_map(|path| path.split_first());
            paths.filter(|(first, _)| &***first == name).map(|(_, rest)| rest).collect()
        };
        let least = projected(&states, &of("states"));
        let read: Vec<(&str, Value)> = others.iter().filter(|(name, _)| !of(name).is_empty()).cloned().collect();
        prop_assert_eq!(evaluate(&expression, states, &others), evaluate(&expression, least, &read));
    }

    #[test]
    fn no_text_panics(text in r#"[ \n\t$a-c0-9."'`+\-*/%=!<>&~|?:;,@#^\[\](){}\\é😀λ]{0,30}"#) {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn no_picture_panics(
        picture in r"[\[\]YMDHhmsfFWwXxPZzdCE0-9#,.;NnIiAaWoct*%‰e() -]{0,12}",
        number in prop::num::f64::NORMAL | prop::num::f64::ZERO,
    ) {
        for call in ["$formatNumber($n, $p)", "$formatInteger($n, $p)", "$fromMillis($n, $p)", "$toMillis($p, $p)",
            "$parseInteger($p, $p)", "$toMillis($fromMillis($n, $p), $p)", "$fromMillis($n, '[Y]', $p)"] {
            let expression = Expression::parse(call).expect("it is an expression");
            let values = [("n", Value::Number(number)), ("p", Value::string(picture.as_str()))];
            evaluate(&expression, Value::Null, &values);
        }
    }

    #[test]
    fn no_pattern_panics(
        pattern in r"[abé^$.*+?|()\[\]{}<>=!:\\dwsbBku0-3,\-]{1,14}",
        text in "[abcé01 \n]{0,12}",
    ) {
        let call = format!("[$match($t, /{pattern}/), $replace($t, /{pattern}/i, '$1'), $split($t, /{pattern}/m)]");
        if let Ok(expression) = Expression::parse(&call) {
            evaluate(&expression, Value::Null, &[("t", Value::string(text))]);
        }
    }
}
