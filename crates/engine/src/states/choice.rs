use asl::Place;
use asl::machine::{Choice, Rule, State, Transition};

use crate::execution::FrameId;
use crate::flow::{Chosen, Given};
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    choice: &Choice,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let matched = run.evaluate(id, Given::input(&input), |data| {
        for (index, rule) in choice.rules.iter().enumerate() {
            let place = Place::Element("Choices", index, "Condition");
            if rule.condition.evaluate(data, place)? {
                return Ok(Some((index, rule)));
            }
        }
        Ok::<Option<(usize, &Rule)>, Raised>(None)
    })?;
    let (next, chosen) = match (matched, &choice.default) {
        (Some((index, rule)), _) => {
            run.note(|seen| seen.choice_index = Some(index));
            let chosen = Chosen {
                index,
                output: rule.output.as_ref(),
                assign: rule.assign.as_ref(),
            };
            (&rule.next, Some(chosen))
        }
        (None, Some(default)) => (default, None),
        (None, None) => {
            return Err(Raised::runtime(
                "Failed to transition out of the state. The state does not point to a next state.",
            ));
        }
    };
    let left = run.passing(id, state, input, chosen)?;
    run.leave(id, state, &Transition::Next(next.clone()), left)
}
