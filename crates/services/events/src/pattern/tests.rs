use serde_json::json;

use super::*;

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(&pattern.to_string())
        .unwrap_or_else(|why| panic!("{pattern}: {why}"))
        .matches(event)
}

/// Whether each value matches as `detail.f` when the pattern has this list there.
fn check(leaf: Value, cases: &[(Value, bool)]) {
    let pattern = json!({"detail": {"f": leaf}});
    for (value, expected) in cases {
        let event = json!({"detail": {"f": value}});
        assert_eq!(matches(&pattern, &event), *expected, "{pattern} on {event}");
    }
}

fn refused(pattern: &str) -> String {
    Pattern::parse(pattern).expect_err(pattern)
}

#[test]
fn the_workshop_s_rule_matches_uploads_into_its_buckets() {
    let pattern = json!({"source": ["aws.s3"], "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["photos", "other"]}}});
    let event = |bucket: &str| {
        json!({"source": "aws.s3", "detail-type": "Object Created", "account": "1",
            "detail": {"bucket": {"name": bucket}, "object": {"key": "a.jpg"}}})
    };
    assert!(matches(&pattern, &event("photos")));
    assert!(!matches(&pattern, &event("elsewhere")));
    assert!(!matches(&pattern, &json!({"source": "aws.s3"})));
}

#[test]
fn values_are_told_apart_by_their_kind() {
    check(
        json!(["a", 1, true, null, ""]),
        &[
            (json!("a"), true),
            (json!(1), true),
            (json!(1.0), true),
            (json!("1"), false),
            (json!(true), true),
            (json!("true"), false),
            (json!(null), true),
            (json!("null"), false),
            (json!(""), true),
            (json!(false), false),
            (json!({}), false),
            (json!([]), false),
        ],
    );
    let long = 123_456_789_012_345_678_u64;
    check(json!([long]), &[(json!(long), true)]);
}

#[test]
fn of_a_list_one_value_is_enough() {
    check(
        json!(["a"]),
        &[
            (json!(["b", "a"]), true),
            (json!([["a"]]), true),
            (json!(["b"]), false),
            (json!([{"a": "a"}]), false),
        ],
    );
}

#[test]
fn begins_and_ends_are_compared() {
    check(
        json!([{"prefix": "ab"}]),
        &[
            (json!("abc"), true),
            (json!("Abc"), false),
            (json!(1), false),
        ],
    );
    check(
        json!([{"suffix": ".png"}]),
        &[(json!("a.png"), true), (json!("a.PNG"), false)],
    );
    check(
        json!([{"prefix": {"equals-ignore-case": "AB"}}]),
        &[(json!("aBc"), true), (json!("bc"), false)],
    );
    check(
        json!([{"suffix": {"equals-ignore-case": ".Png"}}]),
        &[(json!("a.PNG"), true), (json!("a.jpg"), false)],
    );
    check(
        json!([{"equals-ignore-case": "Alice"}]),
        &[(json!("aLICE"), true), (json!("alice "), false)],
    );
}

#[test]
fn anything_but_takes_every_other_value_that_is_there() {
    check(
        json!([{"anything-but": "a"}]),
        &[
            (json!("b"), true),
            (json!("a"), false),
            (json!(1), true),
            (json!(null), true),
        ],
    );
    check(
        json!([{"anything-but": ["a", "b"]}]),
        &[
            (json!("c"), true),
            (json!("b"), false),
            (json!(["a", "c"]), true),
        ],
    );
    check(
        json!([{"anything-but": [1, 2]}]),
        &[(json!(3), true), (json!(2.0), false), (json!("2"), true)],
    );
    check(
        json!([{"anything-but": {"prefix": ["x", "y"]}}]),
        &[(json!("ax"), true), (json!("ya"), false)],
    );
    check(
        json!([{"anything-but": {"suffix": "x"}}]),
        &[(json!("xa"), true), (json!("ax"), false)],
    );
    check(
        json!([{"anything-but": {"equals-ignore-case": ["A"]}}]),
        &[(json!("b"), true), (json!("a"), false)],
    );
    check(
        json!([{"anything-but": {"wildcard": "*/lib/*"}}]),
        &[(json!("/bin/a"), true), (json!("/lib/a"), false)],
    );
    let pattern = json!({"a": [{"anything-but": "x"}]});
    assert!(
        !matches(&pattern, &json!({"b": 1})),
        "what is missing is not anything"
    );
}

#[test]
fn numbers_are_compared_in_ranges() {
    check(
        json!([{"numeric": [">", 0, "<=", 5]}]),
        &[
            (json!(0), false),
            (json!(0.001), true),
            (json!(5), true),
            (json!(5.1), false),
            (json!("3"), false),
        ],
    );
    check(
        json!([{"numeric": ["=", 3.018e2]}]),
        &[(json!(301.8), true), (json!(301), false)],
    );
    check(
        json!([{"numeric": ["<", -1]}]),
        &[(json!(-2), true), (json!(-1), false)],
    );
    check(
        json!([{"numeric": [">=", 1]}]),
        &[(json!(1), true), (json!(0), false)],
    );
}

#[test]
fn addresses_are_compared_by_their_bits() {
    check(
        json!([{"cidr": "10.0.0.0/24"}]),
        &[
            (json!("10.0.0.255"), true),
            (json!("10.0.1.0"), false),
            (json!("a"), false),
        ],
    );
    check(
        json!([{"cidr": "0.0.0.0/0"}]),
        &[(json!("1.2.3.4"), true), (json!("::1"), false)],
    );
    check(
        json!([{"cidr": "2001:db8::/32"}]),
        &[(json!("2001:db8:1::1"), true), (json!("2001:db9::"), false)],
    );
    check(
        json!(["::1"]),
        &[(json!("0:0:0:0:0:0:0:1"), true), (json!("::2"), false)],
    );
}

#[test]
fn stars_stand_for_anything() {
    check(
        json!([{"wildcard": "dir/*.png"}]),
        &[
            (json!("dir/a/b.png"), true),
            (json!("dir/.png"), true),
            (json!("dir.png"), false),
        ],
    );
    check(
        json!([{"wildcard": "a\\*\\\\*"}]),
        &[(json!("a*\\b"), true), (json!("ab\\b"), false)],
    );
    check(
        json!([{"wildcard": "*"}]),
        &[(json!(""), true), (json!("x"), true), (json!(1), false)],
    );
}

#[test]
fn what_exists_is_a_value_and_no_object() {
    let exists = json!({"detail": {"f": [{"exists": true}]}});
    let absent = json!({"detail": {"f": [{"exists": false}]}});
    for (event, there) in [
        (json!({"detail": {"f": 1}}), true),
        (json!({"detail": {"f": null}}), true),
        (json!({"detail": {"f": [1]}}), true),
        (json!({"detail": {"f": {"g": 1}}}), false),
        (json!({"detail": {"f": []}}), false),
        (json!({"detail": {"g": 1}}), false),
        (json!({"other": 1}), false),
    ] {
        assert_eq!(matches(&exists, &event), there, "{event}");
        assert_eq!(matches(&absent, &event), !there, "{event}");
    }
    let either = json!({"f": ["x", {"exists": false}]});
    assert!(matches(&either, &json!({"f": "x"})));
    assert!(matches(&either, &json!({"g": 1})));
    assert!(!matches(&either, &json!({"f": "y"})));
}

#[test]
fn of_alternatives_one_must_hold_beside_all_else() {
    let pattern = json!({"source": ["s"], "$or": [
        {"a": ["x"]},
        {"b": {"c": ["y"]}, "d": ["z"]},
    ]});
    assert!(matches(&pattern, &json!({"source": "s", "a": "x"})));
    assert!(matches(
        &pattern,
        &json!({"source": "s", "b": {"c": "y"}, "d": "z"})
    ));
    assert!(!matches(&pattern, &json!({"source": "s", "b": {"c": "y"}})));
    assert!(!matches(&pattern, &json!({"a": "x"})));
    let nested = json!({"detail": {"$or": [{"n": [{"numeric": ["<", 10]}]}, {"m": [1]}]}});
    assert!(matches(&nested, &json!({"detail": {"n": 3}})));
    assert!(!matches(&nested, &json!({"detail": {"n": 30}})));
}

#[test]
fn fields_of_different_elements_of_a_list_do_not_mix() {
    let pattern = json!({"items": {"name": ["a"], "size": [1]}});
    assert!(matches(
        &pattern,
        &json!({"items": [{"name": "b", "size": 2}, {"name": "a", "size": 1}]})
    ));
    assert!(!matches(
        &pattern,
        &json!({"items": [{"name": "a", "size": 2}, {"name": "b", "size": 1}]})
    ));
    let pattern = json!({"items": {"name": [{"exists": false}]}});
    assert!(!matches(
        &pattern,
        &json!({"items": [{"name": "a"}, {"size": 1}]})
    ));
}

#[test]
fn what_must_be_nowhere_is_looked_for_once() {
    let pattern = json!({"items": {"name": [{"exists": false}], "size": [2]}});
    let mut items = vec![json!({"size": 1}); 50_000];
    items.push(json!({"size": 2}));
    assert!(matches(&pattern, &json!({"items": items})));
    items.insert(0, json!({"name": "a"}));
    assert!(!matches(&pattern, &json!({"items": items})));
}

#[test]
fn an_event_that_takes_too_many_steps_is_not_matched() {
    let names: Vec<String> = (0..300).map(|at| format!("n{at}")).collect();
    let pattern = json!({"f": [{"anything-but": {"equals-ignore-case": names}}]});
    assert!(matches(&pattern, &json!({"f": "a".repeat(10_000)})));
    assert!(!matches(&pattern, &json!({"f": "a".repeat(100_000)})));
    assert!(!matches(&pattern, &json!({"f": vec!["n1"; 10_000]})));
    let either =
        json!({"$or": names.iter().map(|name| json!({"list": {name: [1]}})).collect::<Vec<_>>()});
    assert!(matches(&either, &json!({"list": {"n299": 1}})));
    let mut list = vec![json!({}); 10_000];
    list.push(json!({"n299": 1}));
    assert!(!matches(&either, &json!({"list": list})));
}

#[test]
fn what_is_wrong_is_said_in_aws_s_words_with_the_place() {
    for (pattern, message, column) in [
        (r#""x""#, "Filter is not an object", 2),
        ("{}", "Empty objects are not allowed", 3),
        (
            r#"{"source": "test"}"#,
            "\"source\" must be an object or an array",
            13,
        ),
        (r#"{"a": 12}"#, "\"a\" must be an object or an array", 9),
        (r#"{"a": []}"#, "Empty arrays are not allowed", 9),
        (
            r#"{"a": [[1]]}"#,
            "Match value must be String, number, true, false, or null",
            9,
        ),
        (r#"{"a": [{"b": 1}]}"#, "Unrecognized match type b", 15),
        (r#"{"a": [{}]}"#, "Match expression name not found", 10),
        (
            r#"{"a": [{"prefix": 1}]}"#,
            "prefix match pattern must be a string",
            20,
        ),
        (
            r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#,
            "Only one key allowed in match expression",
            35,
        ),
        (
            r#"{"a": [{"prefix": {"x": 1}}]}"#,
            "Unsupported prefix pattern: x",
            26,
        ),
        (
            r#"{"a": [{"exists": 1}]}"#,
            "exists match pattern must be either true or false.",
            20,
        ),
        (
            r#"{"a": [{"numeric": 1}]}"#,
            "Value of numeric must be an array.",
            21,
        ),
        (
            r#"{"a": [{"numeric": [1]}]}"#,
            "Invalid member in numeric match: 1",
            22,
        ),
        (
            r#"{"a": [{"numeric": [">", "x"]}]}"#,
            "Value of > must be numeric",
            27,
        ),
        (
            r#"{"a": [{"numeric": [">", 5, "<", 1]}]}"#,
            "Bottom must be less than top",
            36,
        ),
        (
            r#"{"a": [{"numeric": [">", 5, ">", 1]}]}"#,
            "Bad numeric range operator: >",
            32,
        ),
        (
            r#"{"a": [{"numeric": ["=", 1, 2]}]}"#,
            "Too many elements in numeric expression",
            30,
        ),
        (
            r#"{"a": [{"numeric": ["=", 6e9]}]}"#,
            "Value must be between -5.0E9 and 5.0E9, inclusive",
            29,
        ),
        (
            r#"{"a": [{"anything-but": null}]}"#,
            "Value of anything-but must be an array or single string/number value.",
            29,
        ),
        (
            r#"{"a": [{"anything-but": ["x", 1]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported",
            33,
        ),
        (
            r#"{"a": [{"anything-but": {"x": 1}}]}"#,
            "Unsupported anything-but pattern: x",
            32,
        ),
        (
            r#"{"a": [{"wildcard": "a**"}]}"#,
            "Consecutive wildcard characters at pos 2",
            26,
        ),
        (
            r#"{"a": [{"wildcard": "a\\b"}]}"#,
            "Invalid escape character at pos 2",
            27,
        ),
        (
            r#"{"$or": [{"a": [1]}]}"#,
            "There must have at least 2 Objects in $or relationship.",
            21,
        ),
        (
            r#"{"$or": {"a": [1]}}"#,
            "It must be an Array followed with $or.",
            10,
        ),
        (
            r#"{"$or": [{"prefix": [1]}, {"a": [1]}]}"#,
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
            22,
        ),
    ] {
        assert_eq!(
            refused(pattern),
            format!("{message}\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]")
        );
    }
    assert_eq!(
        refused(r#"{"a": [{"cidr": "10.0.0.0"}]}"#),
        "Malformed CIDR, one '/' required"
    );
    assert_eq!(
        refused(r#"{"a": [{"cidr": "10.0.0.0/32"}]}"#),
        "IPv4 mask bits must be < 32"
    );
}

#[test]
fn a_long_pattern_is_shown_by_its_begin() {
    let pattern = format!("{{\"{}\": 1}}", "x".repeat(600));
    let why = refused(&pattern);
    let shown: String = pattern.chars().take(500).collect();
    assert!(
        why.ends_with(&format!(
            "(String)\"{shown}\"[truncated 107 chars]; line: 1, column: 607]"
        )),
        "{why}"
    );
}

#[test]
fn what_is_no_json_is_no_pattern() {
    for pattern in [
        "",
        "x",
        "{",
        "{\"\"",
        r#"{"a"}"#,
        r#"{"a": [1}"#,
        r#"{"a": [1]"#,
        r#"{"a": [1] "b": [1]}"#,
        r#"{"a": [1]} x"#,
        r#"{"a": ["x]}"#,
        r#"{"a": [01]}"#,
        "{a: [1]}",
        r#"{"a": }"#,
        r#"{"a": [nul]}"#,
        "{\"a\": [\"\\q\"]}",
        &"{\"a\": ".repeat(1000),
        &"[".repeat(1000),
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
    assert_eq!(
        refused("nothing"),
        "Unrecognized token 'nothing': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"nothing\"; line: 1, column: 8]"
    );
}

/// Another way to the same answer: an event with lists stands for the events in which each list is one of its elements;
/// one of them must have all that the pattern wants, and what must be absent must be absent in all of them.
mod naive {
    use super::*;

    fn choices(value: &Value) -> Vec<Option<Value>> {
        match value {
            Value::Array(items) if items.is_empty() => vec![None],
            Value::Array(items) => items.iter().flat_map(choices).collect(),
            Value::Object(members) => {
                let mut all = vec![serde_json::Map::new()];
                for (name, value) in members {
                    all = choices(value)
                        .into_iter()
                        .flat_map(|choice| {
                            all.iter().cloned().map(move |mut object| {
                                if let Some(choice) = choice.clone() {
                                    object.insert(name.clone(), choice);
                                }
                                object
                            })
                        })
                        .collect();
                }
                all.into_iter()
                    .map(|object| Some(Value::Object(object)))
                    .collect()
            }
            scalar => vec![Some(scalar.clone())],
        }
    }

    fn leaf(list: &Value, path: &str, event: &Value, all: &[Value]) -> bool {
        let there = |event: &Value| event.pointer(path).is_some_and(|value| !value.is_object());
        list.as_array()
            .expect("a list")
            .iter()
            .any(|wanted| match wanted {
                Value::Object(expression) => match (&expression["kind"], event.pointer(path)) {
                    (kind, _) if kind == "absent" => !all.iter().any(there),
                    (_, Some(value)) => !value.is_object() && *value != expression["value"],
                    (_, None) => false,
                },
                wanted => event.pointer(path) == Some(wanted),
            })
    }

    fn fields(pattern: &Value, path: &str, event: &Value, all: &[Value]) -> bool {
        pattern
            .as_object()
            .expect("an object")
            .iter()
            .all(|(name, node)| {
                let below = format!("{path}/{name}");
                match (name.as_str(), node) {
                    ("$or", alternatives) => alternatives
                        .as_array()
                        .expect("a list")
                        .iter()
                        .any(|pattern| fields(pattern, path, event, all)),
                    (_, Value::Array(_)) => leaf(node, &below, event, all),
                    _ => fields(node, &below, event, all),
                }
            })
    }

    pub(super) fn matches(pattern: &Value, event: &Value) -> bool {
        let all: Vec<Value> = choices(event).into_iter().flatten().collect();
        all.iter().any(|event| fields(pattern, "", event, &all))
    }

    /// From the test's spelling of expressions to AWS's.
    pub(super) fn spelled(pattern: &Value) -> Value {
        match pattern {
            Value::Object(members) if members.get("kind") == Some(&json!("absent")) => {
                json!({"exists": false})
            }
            Value::Object(members) if members.contains_key("kind") => {
                json!({"anything-but": members["value"]})
            }
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), spelled(value)))
                .collect(),
            Value::Array(items) => items.iter().map(spelled).collect(),
            scalar => scalar.clone(),
        }
    }
}

mod generated {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![Just(json!("x")), Just(json!("y")), Just(json!(1))]
    }

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![2 => field(), 1 => other()]
    }

    fn field() -> impl Strategy<Value = String> {
        prop_oneof![Just("a".to_owned()), Just("b".to_owned())]
    }

    /// Alternatives are about other fields than what stands beside them: of a field that is there twice Ruler takes one.
    fn other() -> impl Strategy<Value = String> {
        prop_oneof![Just("c".to_owned()), Just("d".to_owned())]
    }

    fn object(entries: Vec<(String, Value)>) -> Value {
        entries.into_iter().collect()
    }

    fn event() -> impl Strategy<Value = Value> {
        let value = scalar().prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                vec((name(), inner.clone()), 0..3).prop_map(object),
                vec(inner, 0..3).prop_map(Value::Array),
            ]
        });
        vec((name(), value), 0..3).prop_map(object)
    }

    fn pattern() -> impl Strategy<Value = Value> {
        let wanted = prop_oneof![
            3 => scalar(),
            1 => Just(json!({"kind": "absent"})),
            1 => prop_oneof![Just("x"), Just("y")].prop_map(|value| json!({"kind": "but", "value": value})),
        ];
        let leaf = vec(wanted, 1..3).prop_map(Value::Array);
        let node = leaf.prop_recursive(3, 16, 3, |inner| {
            let fields = vec((field(), inner.clone()), 1..3).prop_map(object).boxed();
            let alternative = vec((other(), inner), 1..3).prop_map(object);
            let alternatives = vec(alternative, 2..3).prop_map(Value::Array);
            prop_oneof![
                2 => fields.clone(),
                1 => (fields, alternatives).prop_map(|(mut fields, alternatives)| {
                    fields["$or"] = alternatives;
                    fields
                }),
            ]
        });
        vec((field(), node), 1..3).prop_map(object)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_matcher_agrees_with_a_naive_one(pattern in pattern(), event in event()) {
            let expected = naive::matches(&pattern, &event);
            prop_assert_eq!(matches(&naive::spelled(&pattern), &event), expected);
        }

        #[test]
        fn no_text_makes_it_fail(text in "[{}\\[\\]\":, a1$or*\\\\tnumericprefix-]{0,60}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                pattern.matches(&json!({"a": 1}));
            }
        }
    }
}
