//! A few seeds of every mode, and that a seed decides everything.

use sim::{Case, Mode, Report, run};

/// The first seeds of a mode, all of which must hold.
fn hold(mode: Mode, seeds: u64) -> Report {
    let mut sum = Report::default();
    for seed in 0..seeds {
        let case = Case::in_mode(seed, mode);
        match run(&case, false) {
            Ok(report) => sum.add(report),
            Err(violation) => panic!("{case}: {violation}"),
        }
    }
    sum
}

#[test]
fn nothing_is_lost_or_doubled_whatever_goes_wrong() {
    let report = hold(Mode::Random, 60);
    assert!(report.restarts > 100 && report.events > 2_000, "{report:?}");
}

#[test]
fn a_crash_after_any_commit_changes_no_end() {
    let report = hold(Mode::Crashes, 10);
    assert!(report.restarts > 50, "{report:?}");
}

#[test]
fn any_write_that_fails_changes_no_end() {
    let report = hold(Mode::Failures, 10);
    assert!(report.restarts > 100, "{report:?}");
}

#[test]
fn effects_that_are_delivered_twice_change_no_end() {
    let report = hold(Mode::Twice, 20);
    assert_eq!(report.simulations, 40);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..20 {
        let case = Case::of(seed);
        assert_eq!(run(&case, false), run(&case, false), "{case}");
    }
    assert_ne!(run(&Case::of(3), false), run(&Case::of(4), false));
}
