use asl::machine::{State, Wait};
use asl::{Json, JsonPath, Payload};

use super::shown;
use crate::context::Beside;
use crate::execution::{Activity, FrameId};
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
    let left = run.passing(id, state, input, None, state.assign.as_ref())?;
    run.leave(id, state, &state.transition, left)
}

fn delay(run: &Run<'_>, id: FrameId, input: &Payload, wait: &Wait) -> Result<u64, Raised> {
    let input = input.value();
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
            let seconds = run.evaluate(id, input, &Beside::default(), |data| {
                expression.evaluate(data)
            })?;
            match seconds.as_u64() {
                Some(seconds) => Ok(seconds.saturating_mul(1000)),
                None => Err(Raised::query(
                    Some("Seconds"),
                    format!(
                        "The JSONata expression '{}' specified for the field 'Seconds' returned an unexpected result \
                         type. Expected 'number', but was: {}",
                        expression.text(),
                        seconds.to_text()
                    ),
                )),
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
            let timestamp = run.evaluate(id, input, &Beside::default(), |data| {
                expression.evaluate(data)
            })?;
            let until = timestamp.as_str().and_then(|text| until(run, text));
            until.ok_or_else(|| {
                Raised::query(
                    Some("Timestamp"),
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
    input: &Json,
    path: &JsonPath,
    field: &str,
) -> Result<Json, Raised> {
    run.evaluate(id, input, &Beside::default(), |data| path.evaluate(data))
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
