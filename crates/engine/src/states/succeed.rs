use asl::machine::{State, Transition};

use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(run: &mut Run<'_>, id: FrameId, state: &State) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let left = run.passing(id, state, input, None)?;
    run.leave(id, state, &Transition::End, left)
}
