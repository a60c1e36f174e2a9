//! Every bound, hit. Texts are AWS's (<https://github.com/floci-io/floci/issues/2737>).

use jsonata::{Bounds, Expression, Scope, Value};

use crate::{NOW, error, evaluate_in, scope, value};

const TIMEOUT: &str = "Expression evaluation timeout: Check for infinite loop";
const MEMORY: &str =
    "Expression evaluation memory limit exceeded: Check for excessive memory usage";
const DEPTH: &str = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.";

/// A worker's stack, or the half of it.
const STACK: usize = 1 << 20;

fn on_a_small_stack(act: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(act);
    thread
        .expect("threads can be had")
        .join()
        .expect("it does not panic");
}

fn fails(text: &str, message: &str) {
    let error = error(text);
    assert_eq!(
        (error.code, error.message.as_str()),
        (None, message),
        "{text}"
    );
}

#[test]
fn what_never_ends_is_stopped() {
    for text in [
        "($f := function($n){$f($n + 1)}; $f(0))",
        "($f := function(){$map([1..10], $f)}; $f())",
        "$map([1..10000], function($a){$map([1..10000], function($b){$a * $b})})",
        "[1..800].([1..800].([1..800].($ + 1)))",
        "$sort([1..100000], function($a, $b){$a < $b})",
        "$reduce([1..10000], function($a, $b){$append($a, $b)}, [])",
        "($d := $map([1..10000], $string); $distinct($d) ~> $map(function($a){$d[$ = $a]}))",
        "$contains($pad('', 50000, 'a'), /^(a+)+$!/)",
        "$replace($pad('', 50000, 'a'), /(a|a)*b/, 'c')",
        "($f := function($n){($formatInteger(1e9, 'i'); $f($n))}; $f(0))",
        "$formatInteger(1e300, 'I')",
        "($f := function($s){$f($replace($s, 'a', 'aa'))}; $f('aaaa'))",
    ] {
        let error = error(text);
        assert!(
            [TIMEOUT, DEPTH].contains(&error.message.as_str()),
            "{text}: {error}"
        );
        assert_eq!(error.code, None);
    }
}

#[test]
fn tail_calls_go_on_for_as_long_as_there_are_steps() {
    assert_eq!(
        value("($f := function($n){$n = 0 ? 'done' : $f($n - 1)}; $f(20000))"),
        r#""done""#
    );
    let odd = "($even := function($n){$n = 0 ? true : $odd($n - 1)}; \
               $odd := function($n){$n = 0 ? false : $even($n - 1)}; $odd(10001))";
    assert_eq!(value(odd), "true");
}

#[test]
fn recursion_has_a_floor() {
    for text in [
        "($f := function($n){1 + $f($n + 1)}; $f(0))",
        "($f := function($n){[$f($n)]}; $f(0))",
        "($f := function($n){$map([$n], $f)}; $f(0))",
        "($f := function($n){$n ~> $f ~> $f}; $f(0))",
        "($f := function($n){$sort([2, 1], function($a, $b){$f($n)})}; $f(0))",
        "($f := function($n){$replace('a', /a/, $f)}; $f(0))",
        "($f := function($n){{'a': $f($n)}}; $f(0))",
        "($f := function($n){[2, 1]^($f($))}; $f(0))",
        "($f := function($n){$f($n)(?)}; $f(0))",
        "($f := function($n){$single([$n], $f)}; $f(0))",
        "($f := function($n){$sift({'a': $n}, $f)}; $f(0))",
        "($f := function($n){[$n][$f($n)]}; $f(0))",
        "($f := function($n){$match('a', $f)}; $f(0))",
        "($f := function($g){$f($g ~> $g)}; $f($uppercase))",
        "($f := function($x){$x ~> |$|$f($)|}; $f({}))",
    ] {
        fails(text, DEPTH);
    }
    let recursive = |levels: usize| {
        format!("($f := function($n){{$n = 0 ? 0 : 1 + $f($n - 1)}}; $f({levels}))")
    };
    assert_eq!(value(&recursive(30)), "30");
    fails(&recursive(100), DEPTH);
}

#[test]
fn a_long_sum_is_deep() {
    let sum = |terms: usize| vec!["1"; terms].join(" + ");
    assert_eq!(value(&sum(90)), "90");
    fails(&sum(200), DEPTH);
}

#[test]
fn large_values_are_refused_before_they_are_made() {
    assert_eq!(value("$count([1..873782])"), "873782");
    for text in [
        "[1..873783]",
        "[1..10000000]",
        "$pad('', 10000000)",
        "$pad('a', -1e300)",
        "$join($split($pad('', 100000, 'a'), ''), $pad('', 1000, 'b'))",
        "($f := function($s){$f($s & $s)}; $f('a'))",
        "($f := function($a){$f([[$a, $a], [$a, $a]])}; $f(1))",
        "($f := function($a){$f({'a': $a, 'b': $a})}; $f(1))",
        "$replace($pad('', 10000, 'a'), /a/, $pad('', 1000, 'b'))",
        "($t := $pad('', 1000000, 'a'); $t & $t & $t & $t & $t & $t & $t)",
    ] {
        let error = error(text);
        let refused = error.message == MEMORY || error.code == Some("D2014");
        assert!(refused, "{text}: {error}");
    }
}

#[test]
fn four_million_characters_pass_and_eight_do_not() {
    let doubled = |times: usize| {
        format!(
            "($f := function($s, $n){{$n = 0 ? $length($s) : $f($s & $s, $n - 1)}}; $f('a', {times}))"
        )
    };
    assert_eq!(value(&doubled(22)), "4194304");
    fails(&doubled(23), MEMORY);
}

#[test]
fn lines_of_a_deep_value_cannot_fill_memory() {
    let text = "($f := function($a, $n){$n = 0 ? $a : $f({'a': $a}, $n - 1)}; $string($f([1..100000], 900), true))";
    fails(text, MEMORY);
}

#[test]
fn values_nest_a_thousand_levels_at_most_and_are_dropped_on_a_small_stack() {
    on_a_small_stack(|| {
        let nested = |levels: usize| {
            format!("($f := function($a, $n){{$n = 0 ? $a : $f([[$a]], $n - 1)}}; $f(1, {levels}))")
        };
        for act in ["", "$string", "$clone", "$distinct([{0}, {0}])"] {
            let value = nested(490);
            let text = match act {
                "" => value,
                act if act.contains("{0}") => {
                    format!("($v := {value}; {})", act.replace("{0}", "$v"))
                }
                act => format!("{act}({value})"),
            };
            assert!(evaluate_in(&mut scope(), &text).is_ok(), "{text}");
        }
        fails(&nested(1001), DEPTH);
        let deep = (0..100_000).fold(Value::Null, |value, _| Value::array([value]));
        drop(deep);
        let text = "[".repeat(900) + &"]".repeat(900);
        assert!(evaluate_in(&mut scope(), &format!("$parse('{text}')")).is_ok());
        let text = "[".repeat(100_000);
        assert!(evaluate_in(&mut scope(), &format!("$parse('{text}')")).is_err());
    });
}

/// As deep as they may be, in a build without optimisation.
#[test]
fn the_depths_that_are_allowed_fit_a_small_stack() {
    on_a_small_stack(|| {
        for text in [
            "(",
            "[",
            "{'a':",
            "-",
            "1+(",
            "a.(",
            "a[",
            "$f(",
            "function(){",
            "a^(",
            "a ? ",
            "1 ? 2 : ",
            "$x := ",
            "|a|",
            "a ~> (",
            "a{'b':",
            "$map([1], function(){",
        ] {
            let deep = text.repeat(10_000);
            assert!(Expression::parse(&deep).is_err(), "{text}");
        }
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{'a': ", "1", "}"),
            ("1 + (", "1", ")"),
            ("$o.(", "$o", ")"),
            ("$o[", "0", "]"),
            ("$string(", "1", ")"),
            ("$map([1], function($v){", "$v", "})"),
            ("function($v){$v}(", "1", ")"),
            ("$sort([1, 2], function($a, $b){", "true", "})"),
            ("true ? ", "1", " : 2"),
            ("$o ~> |$|{'a': ", "1", "}|"),
            ("$o@$p.(", "$p", ")"),
            ("$replace('a', /a/, function($m){", "'b'", "})"),
        ] {
            let outcomes = [30, 90, 99, 150, 199, 400].map(|levels| {
                let text = open.repeat(levels) + middle + &close.repeat(levels);
                let mut scope = scope();
                scope.bind("o", Value::object([("a", Value::Number(1.0))]));
                evaluate_in(&mut scope, &text).is_ok()
            });
            assert!(outcomes[0] && !outcomes[5], "{open}: {outcomes:?}");
        }
    });
}

#[test]
fn deep_patterns_are_refused_and_shallow_ones_fit_a_small_stack() {
    on_a_small_stack(|| {
        for (open, close) in [("(", ")"), ("(?:", ")*"), ("(?=", ")"), ("(?<!", ")")] {
            let deep = |levels: usize| {
                format!(
                    "$contains('a', /{}a{}/)",
                    open.repeat(levels),
                    close.repeat(levels)
                )
            };
            assert!(evaluate_in(&mut scope(), &deep(90)).is_ok(), "{open}");
            assert!(evaluate_in(&mut scope(), &deep(10_000)).is_err(), "{open}");
        }
    });
}

#[test]
fn bounds_are_for_all_the_evaluations_of_a_scope() {
    let bounds = Bounds {
        steps: 1000,
        ..Bounds::default()
    };
    let mut scope = Scope::new(NOW, || 0, bounds);
    assert_eq!(scope.steps_left(), 1000);
    assert!(evaluate_in(&mut scope, "$sum([1..100].($ + 1))").is_ok());
    assert!((1..1000).contains(&scope.steps_left()));
    let error =
        evaluate_in(&mut scope, "$sum([1..1000].($ + 1))").expect_err("there are not enough steps");
    assert_eq!(error.message, TIMEOUT);
    assert_eq!(scope.steps_left(), 0);
    let error = evaluate_in(&mut scope, "1").expect_err("there are none left");
    assert_eq!(error.message, TIMEOUT);
}

#[test]
fn honest_work_on_the_largest_payload_gets_done() {
    let items =
        "$map([1..5000], function($i){{'id': $string($i), 'price': $i % 97, 'tags': ['a', 'b']}})";
    let mut scope = scope();
    let made = Expression::parse(items)
        .and_then(|expression| expression.evaluate(&mut scope))
        .expect("it is honest");
    for text in [
        "$sort($items, function($a, $b){$a.price > $b.price})",
        "$items^(>price, id).{'id': id, 'double': price * 2}",
        "$items[price > 50 and 'a' in tags].id",
        "$items{$string(price): $sum(price)}",
        "$distinct($items.price)",
        "$string($items) ~> $parse ~> $count",
        "$reduce($items.price, function($a, $b){$a + $b})",
        "$merge($items.{id: price})",
        "$items ~> |$|{'price': price + 1}, 'tags'|",
        "$partition($items, 40)",
        "$filter($items, function($i){$contains($i.id, /^1.*7$/)})",
        "$join($items.id, ', ') ~> $replace(/\\d+/, function($m){$m.match & '!'})",
    ] {
        let mut scope = crate::scope();
        scope.bind("items", made.clone().expect("it is a value"));
        let outcome = evaluate_in(&mut scope, text);
        assert!(outcome.is_ok(), "{text}: {outcome:?}");
    }
}

/// A look at every other name for each would be five billion looks.
#[test]
fn a_hundred_thousand_names_are_no_more_work_than_their_text() {
    const NAMES: usize = 100_000;
    let joined = |name: fn(usize) -> String, between: &str| {
        let names: Vec<String> = (0..NAMES).map(name).collect();
        names.join(between)
    };

    let read = format!("[{}]", joined(|n| format!("$a{n}"), ","));
    let read = Expression::parse(&read).expect("it is an expression");
    assert_eq!(read.references().variables.len(), NAMES);
    let mut scope = scope();
    for n in 0..NAMES {
        scope.bind(format!("a{n}"), Value::Null);
    }
    let values = read.evaluate(&mut scope).expect("there are enough steps");
    assert!(matches!(values, Some(Value::Array(values)) if values.len() == NAMES));

    let bound = joined(|n| format!("$b{n} := {n}"), ";");
    assert_eq!(value(&format!("({bound}; $b3 + $b99999)")), "100002");

    let functions = joined(|n| format!("$f{n} := function(){{$f{n}}}"), ";");
    let functions = Expression::parse(&format!("({functions}; $f7)")).expect("it is one");
    assert!(functions.references().variables.is_empty());
}
