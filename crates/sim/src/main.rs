//! `cargo run -p canter-sim -- --seed 42`: one simulation, or many.

#![expect(
    clippy::print_stdout,
    reason = "a command-line tool reports on standard output"
)]

use std::process::ExitCode;
use std::time::Instant;

use sim::{Case, Faults, Mode, Report, run, shrink};

const USAGE: &str = "\
usage: canter-sim --seed N [option…]          one simulation
       canter-sim --seeds COUNT [--from N]    many, of seeds that follow each other

  --trace                tells what happens, on standard error
  --mode MODE            random, crashes, failures or twice; the seed decides otherwise
  --executions N,N,…     only these of its executions
  --states N             states of a workflow, at most
  --depth N              how deep Parallel and Map nest, at most
  --faults NAME,…        only these faults; none for none
  --crashes N            how often a process or a step breaks, at most
  --schedule N           another order of the same";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(wanted) = read(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match wanted {
        Wanted::One { case, trace } => one(&case, trace),
        Wanted::Many { from, count, mode } => many(from, count, mode),
    }
}

enum Wanted {
    One {
        case: Case,
        trace: bool,
    },
    Many {
        from: u64,
        count: u64,
        mode: Option<Mode>,
    },
}

fn read(arguments: &[String]) -> Option<Wanted> {
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name: &str| value(name).map(|text| text.parse::<u64>());
    let mode = match value("--mode") {
        None => None,
        Some(name) => Some(Mode::ALL.into_iter().find(|mode| mode.name() == name)?),
    };
    if let Some(count) = number("--seeds") {
        let from = number("--from").unwrap_or(Ok(0)).ok()?;
        let count = count.ok()?;
        return Some(Wanted::Many { from, count, mode });
    }
    let seed = number("--seed")?.ok()?;
    let mut case = mode.map_or_else(|| Case::of(seed), |mode| Case::in_mode(seed, mode));
    if let Some(numbers) = value("--executions") {
        let numbers = numbers.split(',').map(str::parse);
        case.executions = numbers.collect::<Result<_, _>>().ok()?;
    }
    let bounds = [
        ("--states", &mut case.states_max),
        ("--depth", &mut case.depth_max),
        ("--crashes", &mut case.crashes_max),
        ("--schedule", &mut case.schedule),
    ];
    for (name, bound) in bounds {
        if let Some(number) = number(name) {
            *bound = number.ok()?;
        }
    }
    if let Some(names) = value("--faults") {
        case.faults = Faults::parse(names)?;
    }
    let trace = arguments.iter().any(|argument| argument == "--trace");
    Some(Wanted::One { case, trace })
}

fn one(case: &Case, trace: bool) -> ExitCode {
    match run(case, trace) {
        Ok(report) => {
            println!("{case}: {}", told(&report));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            println!("{case}: FAILED: {violation}");
            ExitCode::FAILURE
        }
    }
}

fn many(from: u64, count: u64, mode: Option<Mode>) -> ExitCode {
    let began = Instant::now();
    let mut sum = Report::default();
    for seed in from..from.saturating_add(count) {
        let case = mode.map_or_else(|| Case::of(seed), |mode| Case::in_mode(seed, mode));
        match run(&case, false) {
            Ok(report) => sum.add(report),
            Err(violation) => {
                println!("FAILED: {violation}\n  repeat it: cargo run -p canter-sim -- {case}");
                let (case, violation) = shrink(&case, violation);
                println!(
                    "smaller: {violation}\n  repeat it: cargo run -p canter-sim -- {case} --trace"
                );
                return ExitCode::FAILURE;
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{count} seeds from {from} in {seconds:.1} s: {}",
        told(&sum)
    );
    ExitCode::SUCCESS
}

fn told(report: &Report) -> String {
    format!(
        "{} simulations, {} executions, {} events, {} commits, {} restarts, digest {:016x}",
        report.simulations,
        report.executions,
        report.events,
        report.commits,
        report.restarts,
        report.digest
    )
}
