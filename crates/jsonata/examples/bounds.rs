//! How long an expression can last: each of these spends its budget on one kind of work. Prints milliseconds and steps.
//!
//! `cargo run --release -p canter-jsonata --example bounds`

#![expect(clippy::print_stdout, reason = "it reports")]

use jsonata::{Bounds, Expression, Scope, Value};

/// `$o` is an object of 10,000 members, `$l` a list of 100,000 numbers, `$t` a text of 200,000 characters.
const EXPRESSIONS: &[&str] = &[
    // Nodes and frames.
    "($f := function($n){$f($n + 1)}; $f(0))",
    "($f := function($n){$n = 0 ? 0 : $f($n - 1)}; $f(1e9))",
    "$map($l, function($v){$v * $v + $v - $v})",
    "$map($l, function($v){($a := $v; $b := $a; $c := $b; function(){$c})})",
    "$reduce($l, function($a, $b){$a + $b})",
    "$map($l, function($v, $i, $a){$count($a)})",
    "$l[$ > 5][$ > 6][$ > 7][$ > 8]",
    "$l.($ + 1).($ + 1).($ + 1)",
    "$l.{'a': $}.a",
    "$map($l, $string)",
    "$l@$a.$l@$b.($a + $b)",
    "$l#$i.($i + $)",
    "$l#$i#$j#$k[$i > 2][$j > 2][$k > 2]",
    "$l.{'a': [1, 2]}.a.%.a",
    "$filter($l, function($v){$exists($v)})",
    "$map($l, function($v){$undefined & $undefined})",
    "$l{$string($): $}",
    "$l{$string($ % 100): $sum($)}",
    "$l^(>$)",
    "$l^($string($))",
    "$l^($random())",
    "$sort($l)",
    "$sort($l, function($a, $b){$a < $b})",
    "$sort($map($l, $string))",
    "$distinct($map($l, function($v){$v % 1000}))",
    "$distinct($l)",
    "$distinct($l.{'a': $, 'b': 'text'})",
    "$shuffle($l)",
    "$zip($l, $l, $l, $l)",
    "$append($l, $l)",
    "$reverse($l)",
    "$merge($l.{$string($): $})",
    "$spread($o)",
    "$each($o, function($v, $k){$k})",
    "$sift($o, function($v){$v > 3})",
    "$keys($o)",
    "$o.**",
    "$o.*",
    "$map([1..1000], function($i){$lookup($o, 'key' & $i)})",
    "$map($l, function($i){$o.key77})",
    // Much work in few nodes.
    "($f := function($n){($sum($l); $f($n))}; $f(0))",
    "($f := function($n){($max($l); $f($n))}; $f(0))",
    "($f := function($n){($l = $l.$; $f($n))}; $f(0))",
    "($x := $l; $y := $append([], $l); $f := function($n){($x = $y; $f($n))}; $f(0))",
    "($f := function($n){($append($l, 1); $f($n))}; $f(0))",
    "($f := function($n){($reverse($l); $f($n))}; $f(0))",
    "($f := function($n){($shuffle($l); $f($n))}; $f(0))",
    "($f := function($n){($sort($l); $f($n))}; $f(0))",
    "($f := function($n){($distinct($l); $f($n))}; $f(0))",
    "($f := function($n){($string($l); $f($n))}; $f(0))",
    "($f := function($n){($string($o); $f($n))}; $f(0))",
    "($f := function($n){($string($o, true); $f($n))}; $f(0))",
    "($r := $l.($ / 7e-300); $f := function($n){($string($r); $f($n))}; $f(0))",
    "($f := function($a, $n){$n = 0 ? $a : $f({'a': $a}, $n - 1)}; $d := $f($l, 900); $string($d, true))",
    "($f := function($a, $n){$n = 0 ? $a : $f({'a': $a}, $n - 1)}; $d := $f($l, 900); $g := function($n){($string($d); $g($n))}; $g(0))",
    "($f := function($n){($clone($o); $f($n))}; $f(0))",
    "($f := function($n){($keys($o); $f($n))}; $f(0))",
    "($f := function($n){($merge([$o, {'a': 1}]); $f($n))}; $f(0))",
    "($f := function($n){($spread($o); $f($n))}; $f(0))",
    "($f := function($n){($o.*; $f($n))}; $f(0))",
    "($f := function($n){($o.**; $f($n))}; $f(0))",
    "($f := function($n){($o ~> |$|{'a': 1}|; $f($n))}; $f(0))",
    "($f := function($n){($o ~> |$|{}, 'key5'|; $f($n))}; $f(0))",
    "($f := function($n){($l[0]; $f($n))}; $f(0))",
    "($f := function($n){($l[[0..99999]]; $f($n))}; $f(0))",
    "($f := function($n){($l in $l; 'a' in $l; $f($n))}; $f(0))",
    "($f := function($n){([1..100000]; $f($n))}; $f(0))",
    "($f := function($n){($range(1, 100000, 1); $f($n))}; $f(0))",
    "($f := function($n){($partition($l, 2); $f($n))}; $f(0))",
    "($f := function($n){($zip($l, $l); $f($n))}; $f(0))",
    "($f := function($n){($boolean($l); $f($n))}; $f(0))",
    "($f := function($n){($count($l); $f($n))}; $f(0))",
    "($f := function($n){($join($split($t, '')); $f($n))}; $f(0))",
    "($f := function($n){($length($t); $f($n))}; $f(0))",
    "($f := function($n){($uppercase($t); $f($n))}; $f(0))",
    "($f := function($n){($trim($t); $f($n))}; $f(0))",
    "($f := function($n){($substring($t, 5, 100000); $f($n))}; $f(0))",
    "($f := function($n){($substring($t, -5); $f($n))}; $f(0))",
    "($f := function($n){($substringAfter($t, 'zzz'); $f($n))}; $f(0))",
    "($f := function($n){($contains($t, 'aaaaaaaaab'); $f($n))}; $f(0))",
    "($f := function($n){($replace($t, 'a', 'bb'); $f($n))}; $f(0))",
    "($f := function($n){($replace($t, /a/, 'bb'); $f($n))}; $f(0))",
    "($f := function($n){($split($t, 'b'); $f($n))}; $f(0))",
    "($f := function($n){($split($t, /b/); $f($n))}; $f(0))",
    "($f := function($n){($match($t, /a+/); $f($n))}; $f(0))",
    "($f := function($n){($contains($t, /b$/); $f($n))}; $f(0))",
    "($f := function($n){($contains($t, /[x-z]/i); $f($n))}; $f(0))",
    "($f := function($n){($contains($t, /é|x/i); $f($n))}; $f(0))",
    "($f := function($n){($contains($t, /(?<=b)x/); $f($n))}; $f(0))",
    "$contains($t, /(a+)+x/)",
    "$contains($t, /(?:a|a)*x/)",
    "$contains($t, /(?=(a+))\\1x/)",
    "$contains($t, /(.*)\\1x/)",
    "$contains($t, /(?:(?:a?)(?:a?)(?:a?)){1000}x/)",
    "$contains($t, /.*.*x/)",
    "$contains($t, /.*?.*?x/)",
    "$contains($t, /(?<=a*a*)x/)",
    "$map($l, function($i){$contains('a', /(()()()()()()()()()()()()()()()()()()()()b|c)/)})",
    "($f := function($n){($base64encode($t); $f($n))}; $f(0))",
    "($f := function($n){($base64decode($t); $f($n))}; $f(0))",
    "($f := function($n){($encodeUrlComponent($t & 'é'); $f($n))}; $f(0))",
    "($f := function($n){($decodeUrlComponent($t); $f($n))}; $f(0))",
    "($f := function($n){($hash($t, 'MD5'); $f($n))}; $f(0))",
    "($f := function($n){($hash($t, 'SHA-1'); $f($n))}; $f(0))",
    "($f := function($n){($hash($t, 'SHA-256'); $f($n))}; $f(0))",
    "($f := function($n){($hash($t, 'SHA-512'); $f($n))}; $f(0))",
    "($s := $string($l); $f := function($n){($parse($s); $f($n))}; $f(0))",
    "($s := $string($o); $f := function($n){($parse($s); $f($n))}; $f(0))",
    "($s := '[' & $join($map([1..60000], function($i){'[]'}), ',') & ']'; $f := function($n){($parse($s); $f($n))}; $f(0))",
    "($s := '{' & $join($map([1..20000], function($i){'\"' & $i & '\":1'}), ',') & '}'; $f := function($n){($parse($s); $f($n))}; $f(0))",
    "($f := function($n){($pad('', 1000000, 'ab'); $f($n))}; $f(0))",
    "($f := function($n){($t & $t; $f($n))}; $f(0))",
    "($f := function($n){($t < $t & 'a'; $f($n))}; $f(0))",
    "($f := function($n){($t = $t & 'a'; $f($n))}; $f(0))",
    "($f := function($s){$f($s & $s)}; $f('a'))",
    "($f := function($a){$f($append($a, $a))}; $f([1]))",
    "($f := function($a){$f([$a])}; $f(1))",
    "($f := function($n){($formatNumber(1e300, '#,##0.00'); $f($n))}; $f(0))",
    "($p := $pad('', 10000, '#') & '0'; $f := function($n){($formatNumber(1, $p); $f($n))}; $f(0))",
    "($p := $pad('', 10000, '0'); $f := function($n){($formatNumber(1, $p); $f($n))}; $f(0))",
    "($p := $pad('', 100000, '0'); $f := function($n){($formatInteger(1, $p); $f($n))}; $f(0))",
    "($f := function($n){($formatInteger(1e15, 'w'); $f($n))}; $f(0))",
    "($f := function($n){($formatInteger(1e5, 'I'); $f($n))}; $f(0))",
    "($f := function($n){($formatInteger(1e300, 'w'); $f($n))}; $f(0))",
    "($f := function($n){($parseInteger($t, 'w'); $f($n))}; $f(0))",
    "($f := function($n){($parseInteger($t, 'a'); $f($n))}; $f(0))",
    "($f := function($n){($number('1e-300'); $f($n))}; $f(0))",
    "($d := $pad('', 100000, '1'); $f := function($n){($number($d); $f($n))}; $f(0))",
    "($f := function($n){($round(1.2345e-300, 310); $f($n))}; $f(0))",
    "($f := function($n){($formatBase(1e300, 2); $f($n))}; $f(0))",
    "($f := function($n){($string(1.2345e-300); $f($n))}; $f(0))",
    "($f := function($n){($fromMillis(1e12, '[Y]-[M]-[D]'); $f($n))}; $f(0))",
    "($f := function($n){($toMillis('2024-01-01T00:00:00Z'); $f($n))}; $f(0))",
    "($f := function($n){($toMillis('2024-01-01', '[Y]-[M]-[D]'); $f($n))}; $f(0))",
    "($f := function($n){($toMillis('one', '[Yw]'); $f($n))}; $f(0))",
    "($p := $pad('', 100000, '[Y]'); $f := function($n){($fromMillis(1e12, $p); $f($n))}; $f(0))",
    "($p := $pad('', 100000, '[Yw]'); $f := function($n){($toMillis('x', $p); $f($n))}; $f(0))",
    "($f := function($n){($uuid(); $f($n))}; $f(0))",
    "($f := function($n){($random(42); $f($n))}; $f(0))",
    "($f := function($n){(function($a)<a<n>>{1}($l); $f($n))}; $f(0))",
    "($f := function($n){(function($a,$b)<s-n?>{1}('a'); $f($n))}; $f(0))",
    "($f := function($n){($map(?, $string); $f($n))}; $f(0))",
    "($g := $uppercase ~> $lowercase; $f := function($n){($g('a'); $f($n))}; $f(0))",
    "($f := function($n){($error($string($o)); $f($n))}; $f(0))",
];

/// How long this thread has been on a core: others use the machine as well. Linux only.
fn cpu_millis() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps times");
    let nanos = times
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.expect("the first number is the time on a core") / 1e6
}

/// Milliseconds, steps, and what came of it.
fn run(expression: &Expression, values: &[(&str, Value)]) -> (f64, u64, String) {
    let mut state = 1_u64;
    let random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state
    };
    let bounds = Bounds::default();
    let mut scope = Scope::new(0, random, bounds);
    for (name, value) in values {
        scope.bind(*name, value.clone());
    }
    let begun = cpu_millis();
    let result = expression.evaluate(&mut scope);
    let outcome = match &result {
        Ok(_) => "a value".to_owned(),
        Err(error) => error.to_string().chars().take(40).collect(),
    };
    drop(result);
    let millis = cpu_millis() - begun;
    (millis, bounds.steps - scope.steps_left(), outcome)
}

fn main() {
    let only = std::env::args().nth(1);
    let object = Value::object(
        (0..10_000).map(|index| (format!("key{index}"), Value::Number(f64::from(index)))),
    );
    let list =
        Value::array((0..100_000).map(|index| Value::Number(f64::from(index * 7919 % 100_000))));
    let text = Value::string(format!("{}b", "a".repeat(199_999)));
    let values = [("o", object), ("l", list), ("t", text)];
    let mut worst = 0.0_f64;
    for text_of in EXPRESSIONS {
        if only
            .as_ref()
            .is_some_and(|only| !text_of.contains(only.as_str()))
        {
            continue;
        }
        let expression = Expression::parse(text_of).expect("the text is an expression");
        let (millis, steps, outcome) = run(&expression, &values);
        worst = worst.max(millis);
        let full = millis * Bounds::default().steps as f64 / steps.max(1) as f64;
        println!("{millis:8.1} ms {steps:8} steps {full:8.1} ms/budget  {text_of}  {outcome}");
    }
    println!("{worst:8.1} ms at most");
}
