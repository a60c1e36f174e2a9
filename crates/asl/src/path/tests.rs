use std::cell::RefCell;

use proptest::prelude::*;

use crate::{Data, Entropy, Json, JsonPath, Payload, ReferencePath};

fn evaluate(path: &str, input: &str) -> Result<String, String> {
    let path = JsonPath::parse(path).map_err(|error| format!("syntax: {error}"))?;
    let input = Json::from_text(input).map_err(|error| error.to_string())?;
    let entropy = RefCell::new(Entropy::new([0; 16]));
    let context = || Json::object([("State", Json::object([("Name", Json::from("S"))]))]);
    let variables = |name: &str| {
        (name == "v").then(|| Payload::new(Json::array([Json::from(1_i64), Json::from(2_i64)])))
    };
    let data = Data {
        input: &input,
        context: &context,
        variables: &variables,
        entropy: &entropy,
        allowance: &crate::Allowance::default(),
        jsonata: crate::JsonataData::default(),
    };
    path.evaluate(&data)
        .map(|value| value.to_text())
        .map_err(|error| error.to_string())
}

#[test]
fn paths_start_from_input_context_and_variables() {
    for (path, expected) in [
        ("$", "{\"a\":[{\"b\":1},{\"b\":2}]}"),
        ("$.a[1].b", "2"),
        ("$['a'][0]", "{\"b\":1}"),
        ("$.a[*].b", "[1,2]"),
        ("$.a[-1:].b", "[2]"),
        ("$.a[?(@.b > 1)]", "[{\"b\":2}]"),
        ("$..b", "[1,2]"),
        ("$.a.length()", "2"),
        ("$.a[*].b.max()", "2.0"),
        ("$$.State.Name", "\"S\""),
        ("$v[1]", "2"),
        ("$v", "[1,2]"),
    ] {
        assert_eq!(
            evaluate(path, r#"{"a":[{"b":1},{"b":2}]}"#),
            Ok(expected.to_owned()),
            "{path}"
        );
    }
}

/// The words are AWS's in the recordings of `test_catch_states_runtime` and `INVALID_JSONPATH_IN_OUTPUTPATH`.
#[test]
fn missing_places_are_named() {
    for (path, input, expected) in [
        (
            "$.no.such.result.path",
            "{}",
            "Invalid path '$.no.such.result.path' : Missing property in path $['no']",
        ),
        (
            "$.NoSuchOutputPath",
            "{}",
            "Invalid path '$.NoSuchOutputPath' : No results for path: $['NoSuchOutputPath']",
        ),
        (
            "$.a[3]",
            r#"{"a":[1]}"#,
            "Invalid path '$.a[3]' : Index out of bounds when evaluating path $['a'][3]",
        ),
        (
            "$.a.b",
            r#"{"a":1}"#,
            "Invalid path '$.a.b' : Property ['b'] not found in path $['a']",
        ),
        (
            "$other",
            "{}",
            "Invalid path '$other' : No results for path: $other",
        ),
    ] {
        assert_eq!(evaluate(path, input), Err(expected.to_owned()));
    }
    // Recorded in test_json_path_array_wildcard_or_slice_with_no_input.
    assert_eq!(
        evaluate("$.item.items[1:5].itemValue", "{}"),
        Ok("[]".to_owned())
    );
}

#[test]
fn what_is_no_path_is_refused() {
    for path in [
        "",
        "a",
        "a.b",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$[x]",
        "$.a[",
        "$ .a",
        "$.a b",
        "$1",
        "$.a[?(@.b)",
        "$[1:2",
    ] {
        assert!(JsonPath::parse(path).is_err(), "{path}");
    }
    for path in [
        "$.a[*]",
        "$..a",
        "$.a[0,1]",
        "$.a[?(@.b)]",
        "$$.a",
        "$v.a",
        "$.a[-1]",
        "$.a['b','c']",
        "$.a[0:1]",
    ] {
        assert!(ReferencePath::parse(path).is_err(), "{path}");
    }
}

#[test]
fn long_searches_end() {
    let wide = format!("[{}]", vec!["[1,2,3,4,5,6,7,8,9]"; 100].join(","));
    let error = evaluate(
        "$..*..*..*",
        &format!("{}{wide}{}", "[".repeat(500), "]".repeat(500)),
    );
    assert!(error.is_err_and(|error| error.contains("visits too many values")));
}

#[test]
fn results_go_where_there_is_room() {
    let set = |path: &str, root: &str| {
        let path = ReferencePath::parse(path).map_err(|error| error.to_string())?;
        let root = Json::from_text(root).map_err(|error| error.to_string())?;
        path.set(&root, Json::from(1_i64))
            .map(|value| value.to_text())
            .map_err(|error| error.to_string())
    };
    assert_eq!(set("$", "{}"), Ok("1".to_owned()));
    assert_eq!(
        set("$.a.b", r#"{"c":2}"#),
        Ok(r#"{"c":2,"a":{"b":1}}"#.to_owned())
    );
    assert_eq!(set("$.a[0]", r#"{"a":[0]}"#), Ok(r#"{"a":[1]}"#.to_owned()));
    let refused = "States.ResultPathMatchFailure: Unable to apply ReferencePath";
    for (path, root) in [
        ("$.a", "[1]"),
        ("$.a.b", r#"{"a":2}"#),
        ("$.a[1]", r#"{"a":[0]}"#),
        ("$.x[0]", "{}"),
    ] {
        assert_eq!(
            set(path, root),
            Err(format!("{refused} {path} to input {root}"))
        );
    }
}

fn any_path() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        "[a-z_][a-zA-Z0-9_-]{0,5}".prop_map(|name| format!(".{name}")),
        "[a-z .]{1,6}".prop_map(|name| format!("['{name}']")),
        Just(".*".to_owned()),
        Just("[*]".to_owned()),
        (0..9).prop_map(|index| format!("[{index}]")),
        (-5..5, 0..9).prop_map(|(from, to)| format!("[{from}:{to}]")),
        "[a-z]{1,4}".prop_map(|name| format!("..{name}")),
        "[a-z]{1,4}".prop_map(|name| format!("[?(@.{name} == 1 && @.x)]")),
    ];
    prop::collection::vec(step, 0..8).prop_map(|steps| format!("${}", steps.concat()))
}

proptest! {
    #[test]
    fn paths_are_read_and_kept_as_written(text in any_path()) {
        let path = JsonPath::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&**path.text(), text.as_str());
        prop_assert_eq!(JsonPath::parse(path.text()), Ok(path.clone()));
        if let Some(normal) = path.normal_form() {
            let again = JsonPath::parse(&normal).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(again.normal_form(), Some(normal));
            prop_assert_eq!(again.is_definite(), path.is_definite());
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in r"\$[\$a.\[\]'?(@)=~/!<> 0-9:,*&|-]{0,40}", input in any::<u8>()) {
        if let Ok(path) = JsonPath::parse(&text) {
            let input = Json::array([Json::from(u64::from(input)), Json::object([("a", Json::Null)])]);
            let _ = path.evaluate_jayway(&input);
        }
    }
}

#[test]
fn filters_pay_for_what_they_compare_and_match() {
    let text = "x".repeat(100_000);
    let items = vec!["{}"; 10_000].join(",");
    let input = format!(r#"{{"big":"{text}","items":[{items}]}}"#);
    for filter in [
        "$.big =~ /(x{0,200}){0,200}y/",
        "$.big =~ /.*y/",
        "$.big contains 'y'",
        "$.big != $.big",
        "$.big size 1",
        "$.items.length() > 9 && $.items.length() == 1",
    ] {
        let outcome = evaluate(&format!("$.items[?({filter})]"), &input);
        assert!(
            outcome
                .as_ref()
                .is_err_and(|error| error.contains("too many")),
            "{filter}: {outcome:?}"
        );
    }
    assert_eq!(
        evaluate(
            "$.items[?(@.a =~ /(?i)B+/x)]",
            r#"{"items":[{"a":"bb"},{"a":"c"}]}"#
        ),
        Ok(r#"[{"a":"bb"}]"#.to_owned())
    );
}
