use super::{Function, Means, Outcome};
use crate::Json;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "States.UUID",
    arguments_min: 0,
    arguments_max: 0,
    call: uuid,
}];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every row of the table has this type"
)]
fn uuid(_: &[Json], means: &Means<'_>) -> Outcome {
    Ok(Json::from(means.entropy.borrow_mut().uuid_v4()))
}
