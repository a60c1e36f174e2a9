use asl::machine::{Fail, Field, State};
use asl::{Payload, Place, StatesError};

use crate::execution::FrameId;
use crate::flow::Given;
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    fail: &Fail,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let error = text(run, id, &input, fail.error.as_ref(), "Error")?;
    let cause = text(run, id, &input, fail.cause.as_ref(), "Cause")?;
    run.fail_frame(id, Raised::new(error, cause));
    Ok(())
}

fn text(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    field: Option<&Field<String>>,
    name: &'static str,
) -> Result<Option<String>, Raised> {
    let Some(field) = field else {
        return Ok(None);
    };
    let value = match field {
        Field::Literal(text) => return Ok(Some(text.clone())),
        Field::Path(source) => run.evaluate(id, Given::input(input), |data| {
            source.evaluate_for(&format!("{name}Path"), data)
        })?,
        Field::Expression(_) => run.field(id, input, field, name)?.unwrap_or_default(),
    };
    match (value.as_str(), field) {
        (Some(text), _) => Ok(Some(text.to_owned())),
        (None, Field::Expression(expression)) => {
            let place = Place::Field(name);
            Err(StatesError::unexpected_type(place, expression.text(), "string", &value).into())
        }
        (None, Field::Literal(_) | Field::Path(_)) => Err(Raised::runtime(format!(
            "The value of the field '{name}Path' must be a string, but was: {}",
            value.to_text()
        ))),
    }
}
