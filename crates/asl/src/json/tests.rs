use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Json {
    Json::from_text(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn texts_are_compact_and_numbers_javas() {
    for (text, expected) in [
        (
            " { \"b\" : [ 1 , 2.50 , -0 , 1e3 ] , \"a\" : null } ",
            r#"{"b":[1,2.5,0,1000.0],"a":null}"#,
        ),
        ("1e7", "1.0E7"),
        ("12345678.9", "1.23456789E7"),
        ("9999999.5", "9999999.5"),
        ("0.001", "0.001"),
        ("0.00012", "1.2E-4"),
        ("-1.5e-10", "-1.5E-10"),
        ("1e300", "1.0E300"),
        ("-0.0", "-0.0"),
        ("18446744073709551615", "18446744073709551615"),
        (
            r#""\u0041\ud83d\ude00\/\b\u001f\"""#,
            "\"A😀/\\b\\u001F\\\"\"",
        ),
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
    ] {
        assert_eq!(parsed(text).to_text(), expected);
    }
}

#[test]
fn a_value_knows_the_least_that_its_text_takes() {
    for text in [
        "null",
        "true",
        "false",
        "7",
        "\"é\"",
        "[]",
        "{}",
        "[1,[2],\"a\"]",
        r#"{"a":{"b":[null,false]},"c":1}"#,
    ] {
        assert_eq!(parsed(text).text_bytes_min(), text.len(), "{text}");
    }
    for text in ["\"\\n\"", "12.5", "[1000]"] {
        assert!(parsed(text).text_bytes_min() < text.len(), "{text}");
    }
}

#[test]
fn a_text_that_is_too_long_is_not_made() {
    let value = parsed(r#"{"a":[1,"b"]}"#);
    assert_eq!(
        value.to_text_within(13).as_deref(),
        Some(r#"{"a":[1,"b"]}"#)
    );
    assert_eq!(value.to_text_within(12), None);
    assert_eq!(parsed("[10,10]").to_text_within(6), None);
    // Sixty doublings of a value that is shared: a text of 2^60 bytes, and no memory.
    let doubled = (0..60).fold(Json::from("x"), |value, _| {
        Json::from(vec![value.clone(), value])
    });
    assert_eq!(doubled.to_text_within(usize::MAX >> 8), None);
    assert!(!crate::Payload::new(doubled).fits(1 << 30));
}

#[test]
fn what_is_not_json_is_refused_where_it_goes_wrong() {
    for (text, problem) in [
        ("", "unexpected end of input at line 1 column 1"),
        ("{\n \"a\": tru }", "expected value at line 2 column 7"),
        ("[1,]", "expected value at line 1 column 4"),
        ("{\"a\":1,}", "expected a key at line 1 column 8"),
        ("{\"a\" 1}", "expected `:` at line 1 column 6"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("1 2", "trailing characters at line 1 column 3"),
        ("01", "invalid number at line 1 column 1"),
        ("1.", "invalid number at line 1 column 1"),
        ("NaN", "expected value at line 1 column 1"),
        ("1e999", "invalid number at line 1 column 1"),
        ("\"\n\"", "control character in a string at line 1 column 2"),
        ("\"\\ud800\"", "lone surrogate at line 1 column 8"),
        ("\"\\x\"", "invalid escape at line 1 column 4"),
        ("\"", "unexpected end of input at line 1 column 2"),
    ] {
        assert_eq!(
            Json::from_text(text).map_err(|error| error.to_string()),
            Err(problem.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn depth_is_bounded_in_texts_and_harmless_in_values() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(parsed(&nested(DEPTH_MAX)).depth(), DEPTH_MAX);
    assert!(Json::from_text(&nested(DEPTH_MAX + 1)).is_err());
    assert!(Json::from_text(&"[".repeat(1_000_000)).is_err());

    let deep = || {
        (0..200_000).fold(Json::Null, |inner, _| {
            Json::object([("a", Json::array([inner]))])
        })
    };
    let (left, right) = (deep(), deep());
    assert!(left == right);
    assert_eq!(left.to_text().len(), 200_000 * r#"{"a":[]}"#.len() + 4);
}

#[test]
fn copies_share_and_changes_copy_only_their_path() {
    let value = parsed(r#"{"a":{"b":[1,2]},"c":{"d":1}}"#);
    let path = crate::ReferencePath::parse("$.a.b[1]").unwrap_or_else(|error| panic!("{error}"));
    let changed = path
        .set(&value, Json::from(9_u64))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(changed.to_text(), r#"{"a":{"b":[1,9]},"c":{"d":1}}"#);
    let (Some(Json::Object(before)), Some(Json::Object(after))) =
        (value.get("c"), changed.get("c"))
    else {
        panic!("both have it");
    };
    assert!(Arc::ptr_eq(&before.0, &after.0));
}

#[test]
fn equality_knows_no_order_of_keys() {
    assert_eq!(parsed(r#"{"a":1,"b":[{}]}"#), parsed(r#"{"b":[{}],"a":1}"#));
    assert_ne!(parsed(r#"{"a":1}"#), parsed(r#"{"b":1}"#));
    assert_ne!(parsed("[1,2]"), parsed("[2,1]"));
    assert_ne!(parsed("1"), parsed("1.0"));
    assert_ne!(parsed("null"), parsed("false"));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Json::Null, Json::Number)),
        ".*".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::vec((".*", inner), 0..8).prop_map(Json::object),
        ]
    })
}

proptest! {
    #[test]
    fn reading_undoes_writing(value in any_json()) {
        let text = value.to_text();
        prop_assert_eq!(Json::from_text(&text), Ok(value.clone()));
        prop_assert_eq!(parsed(&text).to_text(), text.clone());
        // serde_json agrees that it is JSON.
        let theirs: serde_json::Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(Json::from(theirs), value);
    }

    #[test]
    fn no_text_breaks_the_reader(text in ".*") {
        let ours = Json::from_text(&text).is_ok();
        prop_assert_eq!(ours, serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn what_is_set_is_found(value in any_json(), names in prop::collection::vec("[a-z ]{1,8}", 1..6), new in any_json()) {
        let text = names.iter().fold("$".to_owned(), |path, name| format!("{path}['{name}']"));
        let path = crate::ReferencePath::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let root = if value.as_object().is_some() { value } else { Json::empty_object() };
        if let Ok(changed) = path.set(&root, new.clone()) {
            prop_assert_eq!(path.get(&changed), Some(&new));
        }
    }
}
