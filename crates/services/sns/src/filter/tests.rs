use serde_json::json;

use super::*;

fn wants_of(scope: Scope, policy: &Value, message: &Value) -> bool {
    let filter = Filter::read(&policy.to_string(), scope)
        .unwrap_or_else(|error| panic!("{policy}: {error}"));
    filter.wants(message.as_object().expect("a message is an object"))
}

fn wants(policy: Value, message: Value) -> bool {
    wants_of(Scope::MessageAttributes, &policy, &message)
}

/// Whether a value fits a single rule.
fn fits(rule: Value, value: Value) -> bool {
    wants(json!({"a": [rule]}), json!({"a": value}))
}

fn refused(policy: Value, scope: Scope) -> String {
    Filter::read(&policy.to_string(), scope).expect_err("it is not valid")
}

#[test]
fn all_names_must_match_by_one_of_their_values() {
    let policy = json!({"shop": ["a", "b"], "price": [1, 2]});
    assert!(wants(
        policy.clone(),
        json!({"shop": "b", "price": 2.0, "more": "x"})
    ));
    assert!(!wants(policy.clone(), json!({"shop": "c", "price": 1})));
    assert!(!wants(policy.clone(), json!({"shop": "a"})));
    assert!(!wants(policy, json!({"shop": "a", "price": "1"})));
    assert!(wants(json!({}), json!({"anything": "at all"})));
}

#[test]
fn texts_match_by_their_ends_and_patterns() {
    for (rule, yes, no) in [
        (json!({"prefix": "bas"}), "baseball", "rugby"),
        (json!({"suffix": "ball"}), "baseball", "rugby"),
        (json!({"equals-ignore-case": "Tennis"}), "TENNIS", "tennis "),
        (json!({"wildcard": "*ball"}), "football", "ballet"),
        (json!({"wildcard": "a*b*c"}), "a-b-b-c", "a-c"),
        (json!({"wildcard": r"100\*"}), "100*", "1000"),
        (json!({"cidr": "10.0.0.0/24"}), "10.0.0.255", "10.0.1.0"),
        (json!({"cidr": "0.0.0.0/0"}), "200.2.3.4", "::1"),
        (json!({"cidr": "2001:db8::/32"}), "2001:db8::1", "10.0.0.1"),
        (json!({"cidr": "10.0.0.1"}), "10.0.0.1", "10.0.0.2"),
        (json!("exact"), "exact", "Exact"),
    ] {
        assert!(fits(rule.clone(), json!(yes)), "{rule} {yes}");
        assert!(!fits(rule.clone(), json!(no)), "{rule} {no}");
        assert!(!fits(rule.clone(), json!(5)), "{rule} 5");
    }
}

#[test]
fn numbers_match_by_comparison() {
    let range = json!({"numeric": [">", 0, "<=", 150]});
    assert!(fits(range.clone(), json!(150)));
    assert!(fits(range.clone(), json!(0.5)));
    assert!(!fits(range.clone(), json!(0)));
    assert!(!fits(range, json!("100")));
    assert!(fits(json!({"numeric": ["=", 301.5]}), json!(301.5)));
    assert!(fits(json!({"numeric": ["<", 0]}), json!(-1)));
    assert!(fits(json!({"numeric": [">=", 3]}), json!(3)));
}

#[test]
fn anything_but_takes_values_and_operators() {
    let but = |operand: Value| json!({"anything-but": operand});
    assert!(fits(but(json!(["rugby", "tennis"])), json!("baseball")));
    assert!(!fits(but(json!(["rugby", "tennis"])), json!("rugby")));
    assert!(fits(but(json!([100, 500])), json!(101)));
    assert!(!fits(but(json!(100)), json!(100)));
    assert!(!fits(but(json!({"prefix": "order-"})), json!("order-1")));
    assert!(fits(but(json!({"prefix": "order-"})), json!("data-1")));
    assert!(!fits(
        but(json!({"suffix": ["ball", "by"]})),
        json!("rugby")
    ));
    assert!(!fits(but(json!({"wildcard": "*ball"})), json!("football")));
    // Of a list one item is enough, and what is not there is nothing else.
    assert!(fits(but(json!(["rugby"])), json!(["rugby", "baseball"])));
    assert!(!wants(json!({"a": [but(json!("x"))]}), json!({})));
}

#[test]
fn names_can_be_asked_to_be_there_or_not() {
    assert!(wants(json!({"a": [{"exists": true}]}), json!({"a": {}})));
    assert!(!wants(json!({"a": [{"exists": true}]}), json!({})));
    assert!(wants(json!({"a": [{"exists": false}]}), json!({"b": 1})));
    assert!(!wants(
        json!({"a": [{"exists": false}]}),
        json!({"a": null})
    ));
    assert!(wants(
        json!({"a": [{"exists": false}, "x"]}),
        json!({"a": "x"})
    ));
}

#[test]
fn lists_match_by_one_of_their_items() {
    assert!(fits(json!("b"), json!(["a", "b"])));
    assert!(fits(json!(null), json!([null, true])));
    assert!(fits(json!(true), json!([null, true])));
    assert!(!fits(json!("c"), json!(["a", "b"])));
    assert!(!fits(json!("c"), json!([])));
}

#[test]
fn an_or_is_met_by_one_of_its_objects() {
    let policy = json!({
        "source": ["aws"],
        "$or": [{"metric": ["CPU"]}, {"space": [{"prefix": "EC2"}], "metric": ["disk"]}],
    });
    assert!(wants(
        policy.clone(),
        json!({"source": "aws", "metric": "CPU"})
    ));
    assert!(wants(
        policy.clone(),
        json!({"source": "aws", "metric": "disk", "space": "EC2/x"})
    ));
    assert!(!wants(
        policy.clone(),
        json!({"source": "aws", "metric": "disk"})
    ));
    assert!(!wants(policy, json!({"metric": "CPU"})));
    // Where it can't be the operator, it is a name like others.
    assert!(wants(json!({"$or": ["a", "b"]}), json!({"$or": "a"})));
    assert!(wants(
        json!({"$or": [{"prefix": "a"}, {"prefix": "b"}]}),
        json!({"$or": "bc"})
    ));
}

#[test]
fn a_body_is_looked_into() {
    let wants = |policy: Value, body: Value| wants_of(Scope::MessageBody, &policy, &body);
    let policy = json!({"order": {"state": ["open"], "lines": {"sku": ["a"], "count": [{"numeric": [">", 1]}]}}});
    assert!(wants(
        policy.clone(),
        json!({"order": {"state": "open", "lines": [{"sku": "b", "count": 5}, {"sku": "a", "count": 2}]}})
    ));
    // One line must be all of it.
    assert!(!wants(
        policy.clone(),
        json!({"order": {"state": "open", "lines": [{"sku": "b", "count": 5}, {"sku": "a", "count": 1}]}})
    ));
    assert!(!wants(policy, json!({"order": "open"})));
    assert!(wants(json!({"a": {"b": [{"exists": false}]}}), json!({})));
    assert!(!wants(
        json!({"a": {"b": [{"exists": false}]}}),
        json!({"a": {"b": 1}})
    ));
}

#[test]
fn what_is_no_policy_is_refused() {
    for (policy, text) in [
        (json!([]), "Filter policy must be a JSON object"),
        (json!({"a": "b"}), "\"a\" must be an object or an array"),
        (json!({"a": []}), "Empty arrays are not allowed"),
        (
            json!({"a": [[]]}),
            "Match value must be String, number, true, false, or null",
        ),
        (
            json!({"a": [{"like": "x"}]}),
            "Unrecognized match type like",
        ),
        (
            json!({"a": [{"prefix": 1}]}),
            "prefix match pattern must be a string",
        ),
        (
            json!({"a": [{"prefix": "a", "suffix": "b"}]}),
            "Only one key allowed in match expression",
        ),
        (
            json!({"a": [{"numeric": ["~", 1]}]}),
            "Unrecognized numeric range operator: ~",
        ),
        (
            json!({"a": [{"numeric": ["<"]}]}),
            "Value of < must be numeric",
        ),
        (
            json!({"a": [{"exists": "yes"}]}),
            "exists match pattern must be either true or false.",
        ),
        (json!({"a": [{"cidr": "10.0.0.0/33"}]}), "Malformed CIDR"),
        (
            json!({"a": [{"wildcard": "a**"}]}),
            "Consecutive wildcard characters are not allowed",
        ),
        (
            json!({"a": [{"anything-but": {"numeric": ["<", 1]}}]}),
            "Unsupported anything-but pattern: numeric",
        ),
        (
            json!({"a": {"b": ["c"]}}),
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            json!({"a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1]}),
            "Filter policy is too complex",
        ),
        (
            json!({"a": (0..13).collect::<Vec<_>>(), "b": (0..12).collect::<Vec<_>>()}),
            "Filter policy is too complex",
        ),
    ] {
        assert_eq!(
            refused(policy.clone(), Scope::MessageAttributes),
            text,
            "{policy}"
        );
    }
    assert_eq!(
        Filter::read("{", Scope::MessageBody),
        Err("failed to parse JSON.".into())
    );
    assert_eq!(
        refused(json!({"a": {}}), Scope::MessageBody),
        "Empty objects are not allowed"
    );
}

#[test]
fn a_pattern_of_many_stars_ends() {
    let pattern = "*a".repeat(200);
    let text = "a".repeat(199) + &"b".repeat(10_000);
    assert!(!fits(json!({"wildcard": pattern}), json!(text)));
}

#[test]
fn a_long_pattern_is_not_tried_at_each_place_of_a_long_text() {
    let (pattern, text) = ("a".repeat(100_000), "a".repeat(200_000));
    assert!(!fits(
        json!({"wildcard": format!("*{pattern}b*")}),
        json!(text)
    ));
    assert!(fits(
        json!({"wildcard": format!("*{pattern}*")}),
        json!(text)
    ));
}

#[test]
fn a_message_that_takes_too_many_steps_is_not_wanted() {
    let excluded: Vec<String> = (0..1000).map(|at| format!("b{at}")).collect();
    let policy = json!({"a": [{"anything-but": {"equals-ignore-case": excluded}}]});
    assert!(wants(policy.clone(), json!({"a": "a".repeat(1000)})));
    assert!(!wants(policy.clone(), json!({"a": "a".repeat(100_000)})));
    assert!(!wants(policy, json!({"a": vec!["b1"; 100_000]})));
}
