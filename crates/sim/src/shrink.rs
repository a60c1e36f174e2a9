use crate::{Case, Fault, Violation, run};

/// Schedules that are tried for each smaller workload: what is left out shifts all that follows.
const SCHEDULES: u64 = 12;

/// The smallest workload found that still fails, and how.
pub fn shrink(case: &Case, violation: Violation) -> (Case, Violation) {
    smallest(case, violation, |case| run(case, false).err())
}

fn smallest(
    case: &Case,
    violation: Violation,
    fails: impl Fn(&Case) -> Option<Violation>,
) -> (Case, Violation) {
    let (mut smallest, mut how) = (case.clone(), violation);
    loop {
        let found = smaller(&smallest).into_iter().find_map(|case| {
            (0..SCHEDULES).find_map(|schedule| {
                let case = Case {
                    schedule,
                    ..case.clone()
                };
                fails(&case).map(|violation| (case, violation))
            })
        });
        match found {
            Some(found) => (smallest, how) = found,
            None => return (smallest, how),
        }
    }
}

/// Workloads that are a little smaller, those first that leave out most.
fn smaller(case: &Case) -> Vec<Case> {
    let mut found = Vec::new();
    if case.executions.len() > 1 {
        for number in &case.executions {
            let mut less = case.clone();
            less.executions.retain(|kept| kept != number);
            found.push(less);
        }
    }
    let mut less = |change: &dyn Fn(&mut Case)| {
        let mut less = case.clone();
        change(&mut less);
        if less != *case {
            found.push(less);
        }
    };
    less(&|case| case.depth_max = case.depth_max.saturating_sub(1));
    less(&|case| case.states_max = (case.states_max / 2).max(1));
    less(&|case| case.states_max = (case.states_max - 1).max(1));
    less(&|case| case.crashes_max /= 2);
    less(&|case| case.crashes_max = case.crashes_max.saturating_sub(1));
    for fault in Fault::ALL {
        less(&|case| case.faults = case.faults.without(fault));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Faults, Mode};

    #[test]
    fn what_a_failure_does_not_need_is_left_out() {
        let case = Case {
            executions: vec![0, 1, 2],
            states_max: 8,
            depth_max: 2,
            faults: Faults::all(),
            crashes_max: 9,
            ..Case::in_mode(6, Mode::Random)
        };
        // A bug that takes two faults, two crashes, three states and one execution of some schedules.
        let fails = |case: &Case| {
            let wants = case.faults.has(Fault::Torn) && case.faults.has(Fault::Late);
            let wants = wants && case.crashes_max >= 2 && case.states_max >= 3;
            let wants = wants && case.executions.contains(&1) && case.schedule % 5 == 3;
            wants.then(|| "a bug".to_owned())
        };
        let (found, _) = smallest(&case, "a bug".into(), fails);
        let needed = Case {
            executions: vec![1],
            states_max: 3,
            depth_max: 0,
            faults: Faults::parse("torn,late").expect("both are faults"),
            crashes_max: 2,
            schedule: 3,
            ..case
        };
        assert_eq!(found, needed);
    }
}
