use super::*;

fn matches(pattern: &str, message: &str) -> bool {
    Pattern::parse(pattern)
        .unwrap_or_else(|why| panic!("{pattern}: {why}"))
        .matches(message)
}

fn refused(pattern: &str) -> String {
    Pattern::parse(pattern).expect_err(pattern)
}

/// `(message, whether it matches)` for one pattern.
fn check(pattern: &str, cases: &[(&str, bool)]) {
    for (message, expected) in cases {
        assert_eq!(
            matches(pattern, message),
            *expected,
            "{pattern} on {message}"
        );
    }
}

#[test]
fn the_empty_pattern_matches_everything() {
    check("", &[("", true), ("anything", true)]);
    check("  ", &[("anything", true)]);
}

#[test]
fn terms_must_all_be_there_in_their_case() {
    check(
        "ERROR ARGUMENTS",
        &[
            ("ERROR 401: wrong ARGUMENTS", true),
            ("ERROR 401", false),
            ("error arguments", false),
        ],
    );
}

#[test]
fn a_term_with_a_minus_must_not_be_there() {
    check(
        "ERROR -EXIT",
        &[("ERROR 1", true), ("ERROR EXIT", false), ("EXIT", false)],
    );
    check("-DEBUG", &[("INFO", true), ("DEBUG", false)]);
    check("-\"a b\"", &[("a, b", true), ("a b", false)]);
}

#[test]
fn of_terms_with_a_question_mark_one_is_enough_unless_there_are_others() {
    check(
        "?ERROR ?WARN",
        &[("ERROR", true), ("WARN", true), ("INFO", false)],
    );
    check(
        "?ERROR INFO",
        &[("INFO", true), ("ERROR", false), ("INFO ERROR", true)],
    );
}

#[test]
fn a_phrase_stands_in_quotation_marks() {
    check(
        r#""INTERNAL SERVER ERROR""#,
        &[
            ("x INTERNAL SERVER ERROR y", true),
            ("INTERNAL ERROR", false),
        ],
    );
    check(r#""a \"b\"""#, &[(r#"say a "b""#, true), ("a b", false)]);
}

#[test]
fn a_regular_expression_stands_between_percent_signs() {
    check(
        "%ERROR-4[0-9]{2}%",
        &[("ERROR-404", true), ("ERROR-500", false)],
    );
    check(
        "{ $.path = %^/users/[0-9]+$% }",
        &[
            (r#"{"path": "/users/12"}"#, true),
            (r#"{"path": "/users/x"}"#, false),
        ],
    );
    assert_eq!(refused("%a(b)%"), "Invalid character '(' in regex 'a(b)'");
    assert_eq!(refused("%a[%"), "Invalid regex 'a['");
}

#[test]
fn json_values_are_compared_by_their_kind() {
    check(
        r#"{ $.type = "ExecutionFailed" }"#,
        &[
            (r#"{"type": "ExecutionFailed"}"#, true),
            (r#"{"type": "ExecutionSucceeded"}"#, false),
            (r#"{"other": "ExecutionFailed"}"#, false),
            ("type = ExecutionFailed", false),
        ],
    );
    check(
        "{ $.a.b = 12 }",
        &[
            (r#"{"a": {"b": 12.0}}"#, true),
            (r#"{"a": {"b": "12"}}"#, true),
            (r#"{"a": {"b": 13}}"#, false),
        ],
    );
    check(
        "{ $.n >= 1e2 }",
        &[
            (r#"{"n": 100}"#, true),
            (r#"{"n": 99.9}"#, false),
            (r#"{"n": "100"}"#, false),
        ],
    );
    check(
        "{ $.flag IS TRUE }",
        &[(r#"{"flag": true}"#, true), (r#"{"flag": "true"}"#, false)],
    );
}

#[test]
fn a_value_that_is_not_there_passes_no_comparison() {
    check(
        r#"{ $.a != "x" }"#,
        &[
            (r#"{"a": "y"}"#, true),
            (r#"{"a": "x"}"#, false),
            ("{}", false),
        ],
    );
    check(
        "{ $.a NOT EXISTS }",
        &[("{}", true), (r#"{"a": null}"#, false)],
    );
    check(
        "{ $.a IS NULL }",
        &[
            (r#"{"a": null}"#, true),
            (r#"{"a": 0}"#, false),
            ("{}", false),
        ],
    );
    check("{ $.a EXISTS }", &[(r#"{"a": null}"#, true), ("{}", false)]);
}

#[test]
fn stars_stand_for_anything() {
    check(
        "{ $.ip = 123.123.* }",
        &[
            (r#"{"ip": "123.123.0.1"}"#, true),
            (r#"{"ip": "123.12.0.1"}"#, false),
        ],
    );
    check(
        r#"{ $.name = "*a*b*" }"#,
        &[
            (r#"{"name": "xaxbx"}"#, true),
            (r#"{"name": "ab"}"#, true),
            (r#"{"name": "ba"}"#, false),
        ],
    );
    assert!(
        !condition::glob("ab*ba", "aba"),
        "the ends must not overlap"
    );
}

#[test]
fn arrays_and_odd_keys_are_reached() {
    check(
        r#"{ $.list[1] = "b" }"#,
        &[
            (r#"{"list": ["a", "b"]}"#, true),
            (r#"{"list": ["b"]}"#, false),
        ],
    );
    check(
        "{ $.users[*].id = 7 }",
        &[
            (r#"{"users": [{"id": 1}, {"id": 7}]}"#, true),
            (r#"{"users": [{"id": 1}]}"#, false),
        ],
    );
    check(
        r#"{ $.['cluster-name'].a = 1 && $.["b c"] = 2 }"#,
        &[(r#"{"cluster-name": {"a": 1}, "b c": 2}"#, true)],
    );
    check("{ $.a-b = 1 }", &[(r#"{"a-b": 1}"#, true)]);
}

#[test]
fn and_binds_closer_than_or() {
    let message = |a: u8, b: u8, c: u8| format!(r#"{{"a": {a}, "b": {b}, "c": {c}}}"#);
    let holds = |pattern: &str, a, b, c| matches(pattern, &message(a, b, c));
    let pattern = "{ $.a = 1 || $.b = 1 && $.c = 1 }";
    assert!(holds(pattern, 1, 0, 0));
    assert!(!holds(pattern, 0, 1, 0));
    let pattern = "{ ($.a = 1 || $.b = 1) && $.c = 1 }";
    assert!(!holds(pattern, 1, 0, 0));
    assert!(holds(pattern, 0, 1, 1));
}

#[test]
fn columns_are_conditions_on_words_by_their_place() {
    let line =
        r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    check(
        "[ip, id, user, timestamp, request = *html*, status_code = 4*, bytes]",
        &[(line, true)],
    );
    check(
        "[ip, user, ..., status = 404, bytes > 1000]",
        &[(line, true)],
    );
    check(
        "[..., status = 404 || status = 410, bytes]",
        &[(line, true)],
    );
    check("[..., bytes != 1534]", &[(line, false)]);
    check("[ip, ...]", &[(line, true), ("", false)]);
    check("[a, b]", &[("x y", true), ("x y z", false), ("x", false)]);
}

#[test]
fn values_are_extracted_under_their_names() {
    let extracted = |pattern: &str, message: &str| {
        Pattern::parse(pattern)
            .expect("it is a pattern")
            .extract(message)
            .into_iter()
            .collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        extracted("[ip, ..., bytes]", "1.2.3.4 - 12"),
        [
            pair("$2", "-"),
            pair("$bytes", "12"),
            pair("$ip", "1.2.3.4")
        ]
    );
    assert_eq!(
        extracted("{ $.a.b = 1 && $.c = * }", r#"{"a": {"b": 1}, "c": "x"}"#),
        [pair("$.a.b", "1"), pair("$.c", "x")]
    );
    assert_eq!(extracted("word", "a word"), []);
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    assert_eq!(refused("ERROR:"), "Invalid character(s) in term 'ERROR:'");
    for pattern in [
        "\"open",
        "{ $.a = }",
        "{ $.a }",
        "{ $.a = 1",
        "{ a = 1 }",
        "{ $.a < x }",
        "{ $.a = 1 } x",
        "{ $.list[x] = 1 }",
        "[a, b",
        "[a, ..., ...]",
        "[a = 1 || b = 1]",
        "%open",
        "-",
        &format!("{{ {}$.a = 1 }}", "(".repeat(100)),
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
}

proptest::proptest! {
    #[test]
    fn no_pattern_makes_it_fail(pattern in "[-?%\"\\[\\]{}$.a1*=<>&|(), ]{0,40}", message in "[\\[\\]{}\":a1 ]{0,30}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            pattern.matches(&message);
            pattern.extract(&message);
        }
    }

    /// Against a matcher that tries every split.
    #[test]
    fn a_glob_matches_what_it_should(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
        fn naive(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
                Some((first, rest)) => text.split_first().is_some_and(|(head, text)| head == first && naive(rest, text)),
            }
        }
        proptest::prop_assert_eq!(condition::glob(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
    }
}
