use asl::Payload;
use asl::machine::{Parallel, State};

use super::joined;
use crate::Event;
use crate::context::Beside;
use crate::execution::{Activity, FrameId, Role};
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    parallel: &Parallel,
) -> Result<(), Raised> {
    run.check_depth(id)?;
    let input = run.input(id, state)?;
    let given = run.arguments(id, state, &input, &Beside::default())?;
    if run.watch.is_some() {
        // Its results are given.
        return Ok(());
    }
    let started = run.emit_in(id, Event::ParallelStateStarted);
    let pending = parallel.branches.len() as u64;
    run.change(
        id,
        Activity::Parallel {
            pending,
            results_bytes: 0,
        },
    );
    for (index, scope) in (0..).zip(&parallel.branches) {
        run.spawn(
            Some(id),
            Role::Branch { index },
            *scope,
            started,
            given.clone(),
        );
    }
    if pending == 0 {
        return complete(run, id, state);
    }
    Ok(())
}

pub(crate) fn branch_ended(
    run: &mut Run<'_>,
    id: FrameId,
    branch: FrameId,
    index: u64,
    output: Payload,
) {
    let last = run.core(branch).map_or(0, |core| core.last_event_id);
    run.remove(branch);
    let limit = run.execution.limits.payload_bytes_max;
    let Some(core) = run.execution.core_mut(id) else {
        return;
    };
    core.last_event_id = last;
    let Activity::Parallel {
        pending,
        results_bytes,
    } = &mut core.activity
    else {
        return;
    };
    *pending = pending.saturating_sub(1);
    *results_bytes = results_bytes.saturating_add(output.text_bytes() + 1);
    let (done, fits) = (*pending == 0, *results_bytes <= limit);
    if fits {
        run.execution.add_result(id, index, output);
    }
    let Some(state) = run.state(id).filter(|_| done) else {
        return;
    };
    let completed = if fits {
        complete(run, id, state)
    } else {
        // The results that did fit are nobody's: the frame goes on to a catcher without them.
        run.execution.take_results(id);
        Err(Raised::too_large(&state.name))
    };
    if let Err(raised) = completed {
        run.raise(id, raised);
    }
}

fn complete(run: &mut Run<'_>, id: FrameId, state: &State) -> Result<(), Raised> {
    let results = run.execution.take_results(id);
    let left = run.leaving(id, state, joined(results))?;
    // Nothing follows it: the state's exit has the same cause (scenarios/test_parallel_state).
    let last = run.core(id).map_or(0, |core| core.last_event_id);
    run.emit(last, Event::ParallelStateSucceeded);
    run.leave(id, state, &state.transition, left)
}

impl Run<'_> {
    /// Branches and iterations within each other, bounded so that the stack is.
    pub(crate) fn check_depth(&self, id: FrameId) -> Result<(), Raised> {
        let max = self.execution.limits.frame_depth_max;
        match self.core(id) {
            Some(core) if core.depth >= max => Err(Raised::runtime(format!(
                "Parallel and Map states are nested more than {max} levels deep"
            ))),
            Some(_) | None => Ok(()),
        }
    }
}
