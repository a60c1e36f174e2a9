use asl::machine::{Choice, Rule, State, Transition};

use crate::context::Beside;
use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    choice: &Choice,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let chosen = run.evaluate(id, input.value(), &Beside::default(), |data| {
        for rule in &choice.rules {
            if rule.condition.evaluate(data)? {
                return Ok(Some(rule));
            }
        }
        Ok::<Option<&Rule>, Raised>(None)
    })?;
    let (next, output, assign) = match (chosen, &choice.default) {
        (Some(rule), _) => (&rule.next, rule.output.as_ref(), rule.assign.as_ref()),
        (None, Some(default)) => (default, None, state.assign.as_ref()),
        (None, None) => {
            return Err(Raised::runtime(
                "Failed to transition out of the state. The state does not point to a next state.",
            ));
        }
    };
    let left = run.passing(id, state, input, output, assign)?;
    run.leave(id, state, &Transition::Next(next.clone()), left)
}
