use asl::machine::{Pass, State};

use crate::context::Beside;
use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    pass: &Pass,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let given = run.arguments(id, state, &input, &Beside::default())?;
    let result = pass.result.clone().unwrap_or(given);
    let left = run.leaving(id, state, result)?;
    run.leave(id, state, &state.transition, left)
}
