//! The deterministic simulation: proof, as far as seeds go, that no crash loses or doubles anything.
//!
//! The crate owns the simulated world: random state machines, services and clients that misbehave, a disk that loses
//! what was not synced and fails writes, a virtual clock, and the order in which everything happens, all of it drawn
//! from one seed; and the checkers, which judge after every step what is on the disk, what was asked and what was
//! answered. What it moves is the shipped code: the shard worker of `runtime` (by its feature `simulation`), the engine
//! and the store. It never starts a thread, reads a clock or asks the system for chance: the same seed is the same run,
//! byte for byte. Begin with [`run`]; `faults` has the fault model, `simulation` the world, `history` what a history must
//! be.
//!
//! ```
//! let case = sim::Case::of(42);
//! let report = sim::run(&case, false)?;
//! assert_eq!(sim::run(&case, false)?, report);
//! # Ok::<(), sim::Violation>(())
//! ```

mod chance;
mod faults;
mod history;
mod machines;
mod services;
mod shrink;
mod simulation;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::Timestamp;

pub use faults::{Fault, Faults};
pub use shrink::shrink;
pub use simulation::Report;

use chance::Chance;
use simulation::Simulation;

/// What must not be, in a sentence.
pub type Violation = String;

/// When every simulation begins: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp(1_767_225_600_000);

/// In which order things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Any, with faults at any moment.
    Chance,
    /// One after the other, as they come.
    Plain,
    /// As in `Plain`, and the process dies after that commit.
    Crash { commit: u64 },
    /// As in `Plain`, and that commit fails.
    Fail { commit: u64, fault: store::Fault },
    /// As in `Plain`, and every effect is delivered twice.
    Twice,
}

/// How a case is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Once, with faults at any moment.
    Random,
    /// Once without faults, then as often as it has commits, with a crash after each in turn; every run ends alike.
    Crashes,
    /// Once without faults, then with each write failing in turn, lost and kept; every run ends alike.
    Failures,
    /// Once without faults, then with every effect delivered twice; both end alike.
    Twice,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Random, Self::Crashes, Self::Failures, Self::Twice];

    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Crashes => "crashes",
            Self::Failures => "failures",
            Self::Twice => "twice",
        }
    }
}

/// All that decides a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Of state machines, inputs and services.
    pub seed: u64,
    /// How it is run.
    pub mode: Mode,
    /// The numbers of the executions; each has its own machine.
    pub executions: Vec<u64>,
    /// States of one workflow.
    pub states_max: u64,
    /// How deep Parallel and Map nest.
    pub depth_max: u64,
    /// What may go wrong.
    pub faults: Faults,
    /// How often a process or a step breaks at most.
    pub crashes_max: u64,
    /// With the seed, the order in which things happen.
    pub schedule: u64,
}

impl Case {
    /// The case of a seed. Most are random; of ten, one each goes through the other modes.
    pub fn of(seed: u64) -> Self {
        let mode = match seed % 10 {
            7 => Mode::Crashes,
            8 => Mode::Failures,
            9 => Mode::Twice,
            _ => Mode::Random,
        };
        Self::in_mode(seed, mode)
    }

    /// The case of a seed in a given mode.
    pub fn in_mode(seed: u64, mode: Mode) -> Self {
        let mut chance = Chance::of(seed, "case");
        let random = mode == Mode::Random;
        let executions = chance.between(1, if random { 5 } else { 2 });
        Self {
            seed,
            mode,
            executions: (0..executions).collect(),
            states_max: chance.between(2, 8),
            depth_max: chance.below(3),
            faults: if random {
                Faults::all()
            } else {
                Faults::of_services()
            },
            crashes_max: if random { chance.below(12) } else { 0 },
            schedule: 0,
        }
    }
}

/// The arguments that repeat it.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--seed {}", self.seed)?;
        let usual = Self::of(self.seed);
        if self.mode != usual.mode {
            write!(f, " --mode {}", self.mode.name())?;
        }
        let usual = Self::in_mode(self.seed, self.mode);
        if self.executions != usual.executions {
            let numbers: Vec<_> = self.executions.iter().map(u64::to_string).collect();
            write!(f, " --executions {}", numbers.join(","))?;
        }
        let numbers = [
            ("states", self.states_max, usual.states_max),
            ("depth", self.depth_max, usual.depth_max),
            ("crashes", self.crashes_max, usual.crashes_max),
            ("schedule", self.schedule, usual.schedule),
        ];
        for (name, number, usual) in numbers {
            if number != usual {
                write!(f, " --{name} {number}")?;
            }
        }
        if self.faults != usual.faults {
            write!(f, " --faults {}", self.faults)?;
        }
        Ok(())
    }
}

/// Runs a case; `loud` tells on standard error what happens.
///
/// # Errors
/// What must not be and was.
pub fn run(case: &Case, loud: bool) -> Result<Report, Violation> {
    match catch_unwind(AssertUnwindSafe(|| run_mode(case, loud))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("a panic: {}", text.unwrap_or("of no words")))
        }
    }
}

fn run_mode(case: &Case, loud: bool) -> Result<Report, Violation> {
    let once = |order| Simulation::new(case, order, loud)?.run();
    if case.mode == Mode::Random {
        return Ok(once(Order::Chance)?.0);
    }
    let (mut report, ends) = once(Order::Plain)?;
    let commits = 1..=report.commits;
    let orders: Vec<Order> = match case.mode {
        Mode::Random => Vec::new(),
        Mode::Crashes => commits.map(|commit| Order::Crash { commit }).collect(),
        Mode::Failures => commits
            .flat_map(|commit| {
                [store::Fault::Lost, store::Fault::Kept].map(|fault| Order::Fail { commit, fault })
            })
            .collect(),
        Mode::Twice => vec![Order::Twice],
    };
    for order in orders {
        let outcome = once(order).and_then(|(more, other)| {
            report.add(more);
            history::ensure(other == ends, || {
                format!("it ends otherwise: {other:?} instead of {ends:?}")
            })
        });
        outcome.map_err(|violation| format!("{order:?}: {violation}"))?;
    }
    Ok(report)
}
