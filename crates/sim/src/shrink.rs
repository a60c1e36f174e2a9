use crate::{Case, Fault, Violation, run};

/// Schedules that are tried for each smaller workload: what is left out shifts all that follows.
const SCHEDULES: u64 = 12;

/// The smallest workload found that still fails, and how.
pub fn shrink(case: &Case, violation: Violation) -> (Case, Violation) {
    let (mut smallest, mut how) = (case.clone(), violation);
    loop {
        let found = smaller(&smallest).into_iter().find_map(|case| fails(&case));
        match found {
            Some(found) => (smallest, how) = found,
            None => return (smallest, how),
        }
    }
}

/// Workloads that are a little smaller, the smallest first.
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

fn fails(case: &Case) -> Option<(Case, Violation)> {
    (0..SCHEDULES).find_map(|schedule| {
        let case = Case {
            schedule,
            ..case.clone()
        };
        run(&case, false).err().map(|violation| (case, violation))
    })
}
