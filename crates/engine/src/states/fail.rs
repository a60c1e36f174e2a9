use asl::Payload;
use asl::machine::{Fail, Field, State};

use crate::context::Beside;
use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::Run;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    fail: &Fail,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let error = text(run, id, &input, fail.error.as_ref(), "ErrorPath")?;
    let cause = text(run, id, &input, fail.cause.as_ref(), "CausePath")?;
    run.fail_frame(id, Raised::new(error, cause));
    Ok(())
}

fn text(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    field: Option<&Field<String>>,
    name: &str,
) -> Result<Option<String>, Raised> {
    let Some(field) = field else {
        return Ok(None);
    };
    let value = match field {
        Field::Literal(text) => return Ok(Some(text.clone())),
        Field::Path(source) => run.evaluate(id, input.value(), &Beside::default(), |data| {
            source.evaluate_for(name, data)
        })?,
        Field::Expression(_) => run.field(id, input.value(), field)?.unwrap_or_default(),
    };
    match value.as_str() {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Raised::runtime(format!(
            "The value of the field '{name}' must be a string, but was: {}",
            value.to_text()
        ))),
    }
}
