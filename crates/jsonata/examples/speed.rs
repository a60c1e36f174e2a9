//! How fast expressions are parsed and evaluated.
//!
//! `cargo run --release -p canter-jsonata --example speed`

#![expect(clippy::print_stdout, reason = "it reports")]

use std::hint::black_box;

use jsonata::{Bounds, Expression, Scope, Value};

const PROJECTION: &str = "$states.input.orders[total > 100].{
    'id': id,
    'customer': $uppercase(customer.name),
    'lines': lines.{'sku': sku, 'amount': price * quantity},
    'sum': $sum(lines.(price * quantity))
}";

/// How long this thread has been on a core: others use the machine as well. Linux only.
fn cpu_seconds() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps times");
    let nanos = times
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.expect("the first number is the time on a core") / 1e9
}

/// Some 200 KB of JSON.
fn document() -> Value {
    let line = |index: u32| {
        Value::object([
            ("sku", Value::string(format!("SKU-{index:06}"))),
            ("price", Value::Number(f64::from(index % 97) + 0.25)),
            ("quantity", Value::Number(f64::from(index % 7 + 1))),
        ])
    };
    let order = |index: u32| {
        Value::object([
            ("id", Value::string(format!("order-{index:06}"))),
            ("total", Value::Number(f64::from(index * 37 % 1000))),
            (
                "customer",
                Value::object([("name", Value::string(format!("Customer {index}")))]),
            ),
            ("lines", Value::array((0..5).map(|at| line(index * 5 + at)))),
        ])
    };
    let orders = Value::array((0..600).map(order));
    Value::object([("orders", orders), ("a", Value::Number(1.0))])
}

fn measure(what: &str, times: u32, mut act: impl FnMut()) {
    let begun = cpu_seconds();
    (0..times).for_each(|_| act());
    let seconds = cpu_seconds() - begun;
    println!(
        "{:10.0} a second, {:10.3} µs each: {what}",
        f64::from(times) / seconds,
        seconds * 1e6 / f64::from(times)
    );
}

fn main() {
    let states = Value::object([("input", document())]);
    let mut steps = 0;
    let mut evaluate = |expression: &Expression| {
        let mut scope = Scope::new(0, || 0, Bounds::default());
        scope.bind("states", states.clone());
        black_box(expression.evaluate(&mut scope).expect("it has a value"));
        steps = Bounds::default().steps - scope.steps_left();
    };
    let small = Expression::parse("$states.input.a + 1").expect("it is an expression");
    measure("evaluate $states.input.a + 1", 1_000_000, || {
        evaluate(&small);
    });
    let projection = Expression::parse(PROJECTION).expect("it is an expression");
    measure("project a document of 200 KB", 200, || {
        evaluate(&projection);
    });
    println!("{steps:10} steps in the projection");
    measure("parse $states.input.a + 1", 200_000, || {
        black_box(Expression::parse(small.text()).expect("it is an expression"));
    });
    measure("parse the projection", 20_000, || {
        black_box(Expression::parse(PROJECTION).expect("it is an expression"));
    });
    for (what, unit) in [
        ("array items", "1, "),
        ("calls", "$f(1), "),
        ("names", "'a': 1, "),
    ] {
        let text = unit.repeat(1_000_000 / unit.len());
        let text = match what {
            "names" => format!("{{{text}'a': 1}}"),
            _ => format!("[{text}1]"),
        };
        measure(&format!("parse a megabyte of {what}"), 1, || {
            black_box(Expression::parse(&text).is_ok());
        });
    }
}
