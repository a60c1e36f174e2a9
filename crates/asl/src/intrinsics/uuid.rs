use super::Function;
use crate::{Entropy, Json};

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
fn uuid(_: &[Json], entropy: &mut Entropy) -> Result<Json, String> {
    Ok(Json::from(entropy.uuid_v4()))
}
