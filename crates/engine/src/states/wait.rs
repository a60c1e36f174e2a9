use asl::machine::{State, Wait};
use asl::{Json, JsonPath, Payload, Place, StatesError};

use super::shown;
use crate::execution::{Activity, FrameId};
use crate::flow::Given;
use crate::raised::Raised;
use crate::run::Run;

/// The longest delay: 2^31 - 1 seconds, as base/test_timestamp_too_far_in_future_boundary shows.
const DELAY_MILLISECONDS_MAX: u64 = 2_147_483_647_000;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    wait: &Wait,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let milliseconds = delay(run, id, &input, wait)?;
    if milliseconds > DELAY_MILLISECONDS_MAX {
        return Err(Raised::runtime("Wait state delay is too long."));
    }
    if milliseconds == 0 {
        return leave(run, id, state);
    }
    let timer = run.set_timer(milliseconds);
    run.change(id, Activity::Waiting { timer });
    Ok(())
}

/// The time has come.
pub(crate) fn over(run: &mut Run<'_>, id: FrameId) {
    let Some(state) = run.state(id) else {
        return;
    };
    if let Err(raised) = leave(run, id, state) {
        run.raise(id, raised);
    }
}

fn leave(run: &mut Run<'_>, id: FrameId, state: &State) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    let left = run.passing(id, state, input, None)?;
    run.leave(id, state, &state.transition, left)
}

fn delay(run: &Run<'_>, id: FrameId, input: &Payload, wait: &Wait) -> Result<u64, Raised> {
    match wait {
        Wait::Seconds(seconds) => Ok(seconds.saturating_mul(1000)),
        Wait::SecondsPath(path) => {
            let seconds = read(run, id, input, path, "SecondsPath")?;
            match seconds.as_i64() {
                Some(seconds) => Ok(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)),
                None => Err(Raised::runtime(format!(
                    "The SecondsPath parameter cannot be parsed as a long value: {} == {}",
                    path.text(),
                    shown(&seconds)
                ))),
            }
        }
        Wait::SecondsExpression(expression) => {
            let place = Place::Field("Seconds");
            let seconds = run.evaluate(id, Given::input(input), |data| {
                expression.evaluate(data, place)
            })?;
            match seconds.as_i64() {
                Some(seconds) => Ok(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)),
                None => Err(
                    StatesError::unexpected_type(place, expression.text(), "integer", &seconds)
                        .into(),
                ),
            }
        }
        Wait::Timestamp(text) => until(run, text).ok_or_else(|| {
            Raised::runtime(format!(
                "The Timestamp parameter is not a valid ISO-8601 extended offset date-time format string: {text}"
            ))
        }),
        Wait::TimestampPath(path) => {
            let timestamp = read(run, id, input, path, "TimestampPath")?;
            let until = timestamp.as_str().and_then(|text| until(run, text));
            until.ok_or_else(|| {
                Raised::runtime(format!(
                    "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format \
                     string: {} == {}",
                    path.text(),
                    shown(&timestamp)
                ))
            })
        }
        Wait::TimestampExpression(expression) => {
            let place = Place::Field("Timestamp");
            let timestamp = run.evaluate(id, Given::input(input), |data| {
                expression.evaluate(data, place)
            })?;
            let until = timestamp.as_str().and_then(|text| until(run, text));
            until.ok_or_else(|| {
                Raised::query(
                    "Timestamp",
                    format!(
                        "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \
                         {}",
                        shown(&timestamp)
                    ),
                )
            })
        }
    }
}

fn read(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    path: &JsonPath,
    field: &str,
) -> Result<Json, Raised> {
    run.evaluate(id, Given::input(input), |data| path.evaluate(data))
        .map_err(|_| {
            Raised::runtime(format!(
                "The {field} parameter does not reference an input value: {}",
                path.text()
            ))
        })
}

/// Milliseconds until an instant, written with an offset: 0 if it is past.
fn until(run: &Run<'_>, text: &str) -> Option<u64> {
    let at = asl::parse_timestamp(text)?;
    Some(u64::try_from(at.as_millisecond().saturating_sub(run.now.0)).unwrap_or(0))
}
