use jsonata::{Bounds, Expression, Function, Scope, Value, View};

use crate::{NOW, counting, evaluate, evaluate_in, scope, value};

fn parsed(text: &str) -> Expression {
    Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The variables with their fields, as `states.input.a`, in order.
fn variables(text: &str) -> Vec<String> {
    let parsed = parsed(text);
    let variables = parsed.references().variables.iter();
    variables.map(|path| path.join(".")).collect()
}

#[test]
fn references_go_as_far_as_plain_fields_do() {
    for (text, wanted) in [
        ("$states.input.order.id", &["states.input.order.id"][..]),
        ("$states.input.order[0].id", &["states.input.order"]),
        (
            "$states.input.items[price > $limit].name",
            &["states.input.items", "limit"],
        ),
        (
            "$states.input.items.(price * $rate)",
            &["states.input.items", "rate"],
        ),
        ("$states.input.*", &["states.input"]),
        ("$states.**.id", &["states"]),
        ("$states[0].input", &["states"]),
        ("$states.input.items^(price).name", &["states.input.items"]),
        ("$states.input.items@$i.name", &["states.input"]),
        ("$states.input.items#$n.{'n': $n}", &["states.input"]),
        ("$states.input.a.b.%.c", &["states.input.a"]),
        ("$states.input.items{name: price}", &["states.input.items"]),
        ("$states.input.`a b`.\"c\"", &["states.input.a b.c"]),
        ("$sum($states.input.a)", &["sum", "states.input.a"]),
        (
            "$states.input.a & $states.input.a & $states.input.b",
            &["states.input.a", "states.input.b"],
        ),
        ("$x ~> |a|{'b': $y}|", &["x", "y"]),
    ] {
        assert_eq!(variables(text), wanted, "{text}");
    }
}

#[test]
fn what_an_expression_binds_itself_is_not_read_from_outside() {
    for (text, wanted) in [
        ("($a := $b; $a)", &["b"][..]),
        ("($a; $a := 1)", &["a"]),
        ("(($a := 1); $a)", &["a"]),
        ("($c ? ($a := 1); $a)", &["c", "a"]),
        ("function($a){$a & $b}", &["b"]),
        ("$map($l, function($a, $i){$i})", &["map", "l"]),
        ("($f := function($n){$n > 0 ? $f($n - 1)}; $f($x))", &["x"]),
        (
            "($even := function($n){$odd($n - 1)}; $odd := function($n){$even($n - 1)}; $even(4))",
            &[],
        ),
        ("$l@$a.$m@$b[$a = $b]", &["l", "m"]),
    ] {
        assert_eq!(variables(text), wanted, "{text}");
    }
}

#[test]
fn references_tell_of_the_context_item_where_it_is_the_outer_one() {
    for (text, context, fields) in [
        ("$", true, &[][..]),
        ("$$.a", true, &[]),
        ("$states.input.$$", true, &[]),
        ("$states.input.$", false, &[]),
        ("$l[$ > 1]", false, &[]),
        ("$map($l, function($v){$})", false, &[]),
        ("a + 1", false, &["a"]),
        ("$x + a.b", false, &["a"]),
        ("$x[a = 1].b", false, &[]),
        ("*", false, &["*"]),
        ("{'a': b}", false, &["b"]),
    ] {
        let parsed = parsed(text);
        let references = parsed.references();
        let names: Vec<&str> = references.fields.iter().map(|name| &**name).collect();
        assert_eq!(
            (references.context, names.as_slice()),
            (context, fields),
            "{text}"
        );
    }
}

#[test]
fn expressions_are_shared_and_compared_by_their_text() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}
    let expression = parsed("1 + 1");
    shared(&expression);
    assert_eq!(expression, parsed("1 + 1"));
    assert_ne!(expression, parsed("1+1"));
    assert_eq!(expression.text(), "1 + 1");
    let elsewhere = std::thread::Builder::new()
        .spawn(move || expression.evaluate(&mut scope()).is_ok())
        .expect("threads can be had");
    assert!(elsewhere.join().expect("it does not panic"));
}

#[test]
fn the_time_is_what_the_scope_says_throughout() {
    assert_eq!(value("$now()"), r#""2026-11-25T12:00:00.789Z""#);
    assert_eq!(value("$millis()"), NOW.to_string());
    assert_eq!(value("$now('[Y] [z]', '+0200')"), r#""2026 GMT+02:00""#);
    assert_eq!(value("$toMillis('12:30', '[H]:[m]')"), "1795609800000");
}

#[test]
fn what_is_random_comes_from_the_scope() {
    let text = "[$random(), $uuid(), $shuffle([1..20])]";
    let outcome = |random: fn() -> u64| {
        let mut scope = Scope::new(NOW, random, Bounds::default());
        evaluate_in(&mut scope, text).expect("it has a value")
    };
    assert_eq!(value(text), value(text));
    assert_ne!(outcome(|| 0), outcome(|| u64::MAX));
    assert_eq!(value("$random() = $random()"), "false");
    let mut calls = 0;
    let mut bits = counting();
    let mut scope = Scope::new(
        NOW,
        || {
            calls += 1;
            bits()
        },
        Bounds::default(),
    );
    evaluate_in(&mut scope, "$random() + $random()").expect("it has a value");
    drop(scope);
    assert_eq!(calls, 2);
}

#[test]
fn a_scope_serves_many_expressions_which_bind_for_themselves() {
    let mut scope = scope();
    scope.bind("a", Value::Number(1.0));
    assert_eq!(evaluate_in(&mut scope, "$a := 5"), Ok(Some(5.into())));
    assert_eq!(evaluate_in(&mut scope, "$a"), Ok(Some(1.into())));
    scope.bind("a", Value::Bool(true));
    assert_eq!(evaluate_in(&mut scope, "$a"), Ok(Some(true.into())));
    // After errors, too, though they came from deep down.
    for text in ["((((1 + 'a'))))", "$map([1], function($v){$error()})"] {
        (0..100).for_each(|_| assert!(evaluate_in(&mut scope, text).is_err()));
    }
    assert_eq!(
        evaluate_in(&mut scope, "$map([1], function($v){$v})"),
        Ok(Some(1.into()))
    );
    assert_eq!(evaluate_in(&mut scope, "$a"), Ok(Some(true.into())));
    scope.bind("sum", Value::Number(7.0));
    assert_eq!(evaluate_in(&mut scope, "$sum"), Ok(Some(7.into())));
}

#[test]
fn the_context_item_is_read_where_there_is_one() {
    assert_eq!(evaluate("a"), Ok(None));
    let mut scope = scope();
    scope.set_input(Value::array([Value::object([("a", Value::Number(1.0))])]));
    assert_eq!(evaluate_in(&mut scope, "a"), Ok(Some(1.into())));
    assert_eq!(evaluate_in(&mut scope, "$count($)"), Ok(Some(1.into())));
}

#[test]
fn whole_numbers_are_integers_on_the_way_out() {
    let result = |text: &str| parsed(text).evaluate(&mut scope()).expect("it has a value");
    let view = |text: &str| format!("{:?}", result(text).as_ref().map(Value::view));
    assert_eq!(view("4 / 2"), "Some(Integer(2))");
    assert_eq!(view("-0"), "Some(Integer(0))");
    assert_eq!(view("1 / 2"), "Some(Double(0.5))");
    assert_eq!(
        view("9223372036854774784"),
        "Some(Integer(9223372036854774784))"
    );
    assert_eq!(
        view("9223372036854775808"),
        "Some(Double(9.223372036854776e18))"
    );
}

/// As AWS has them (<https://github.com/floci-io/floci/pull/2783>).
#[test]
fn numbers_that_json_has_no_form_for_become_text() {
    assert_eq!(value("1 / 0"), r#""Infinity""#);
    assert_eq!(
        value("{'a': [-1 / 0, 0 / 0]}"),
        r#"{"a":["-Infinity","NaN"]}"#
    );
}

#[test]
fn results_that_are_not_json_can_be_told() {
    for (text, is_json) in [
        ("function(){1}", false),
        ("$sum", false),
        ("/a/", false),
        ("[1, {'a': $sum}]", false),
        ("$uppercase(?)", false),
        ("[1, {'a': 'b'}, 1 / 0]", true),
    ] {
        let value = parsed(text)
            .evaluate(&mut scope())
            .expect("it has a value")
            .expect("it is defined");
        assert_eq!(value.is_json(), is_json, "{text}");
    }
    let value = parsed("$sum")
        .evaluate(&mut scope())
        .expect("it has a value");
    assert!(matches!(value, Some(Value::Function(Function { .. }))));
    assert!(matches!(
        value.as_ref().map(Value::view),
        Some(View::Function)
    ));
}

#[test]
fn names_keep_their_order() {
    let text = "$merge([{'b': 1, 'a': 2}, {'2': 3, '1': 4, 'b': 5}])";
    let merged = parsed(text).evaluate(&mut scope()).expect("it has a value");
    let Some(Value::Object(object)) = merged else {
        panic!("it is an object");
    };
    let names: Vec<&str> = object.keys().map(|name| &**name).collect();
    assert_eq!(names, ["b", "a", "2", "1"]);
}
