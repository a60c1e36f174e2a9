use crate::{error, evaluate};

const ERRORS: &str = include_str!("errors.txt");

#[test]
fn errors_are_worded_and_placed_as_in_the_reference_implementation() {
    let mut lines = ERRORS.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    while let (Some(text), Some(wanted)) = (lines.next(), lines.next()) {
        let error = error(text);
        let position = error
            .position
            .map_or_else(|| "-".to_owned(), |position| position.to_string());
        assert_eq!(format!("{position} {error}"), wanted.trim_start(), "{text}");
        count += 1;
    }
    assert!(count > 100, "only {count} errors");
}

#[test]
fn what_later_versions_add_is_refused() {
    for text in ["a ?? b", "a ?: b", "$states.input.a ?? 'none'"] {
        assert_eq!(error(text).code, Some("S0211"), "{text}");
    }
}

#[test]
fn there_is_no_eval() {
    assert_eq!(
        error("$eval('1 + 1')").to_string(),
        "T1006: Attempted to invoke a non-function"
    );
}

#[test]
fn a_function_is_named_where_it_is_passed_on() {
    let chained = error("1 ~> $uppercase");
    assert_eq!(chained.position, Some(15));
    assert_eq!(
        chained.to_string(),
        "T0410: Argument 1 of function \"uppercase\" does not match function signature"
    );
    assert_eq!(
        error("$map([1], $uppercase)").to_string(),
        "T0410: Argument 1 of function \"uppercase\" does not match function signature"
    );
}

/// Each of these throws a `TypeError` or runs for ever in the reference implementation, or leaks what is inside it.
#[test]
fn what_breaks_the_reference_implementation_has_a_value_or_an_error() {
    for (text, wanted) in [
        ("$pad('a', 2.5)", r#""a ""#),
        ("$split(nothing, 2)", "undefined"),
        ("$sum.*", "undefined"),
        ("{'@': {'x': 1}, '__tuple__': true, 'x': 2}.x", "2"),
        ("$formatInteger(1e8, 'I') ~> $substring(0, 3)", r#""MMM""#),
        ("$formatNumber(0, '0.0e0')", r#""0.0e0""#),
    ] {
        let outcome = match evaluate(text) {
            Ok(Some(value)) => value.to_string(),
            Ok(None) => "undefined".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(outcome, wanted, "{text}");
    }
}
