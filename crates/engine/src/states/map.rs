use std::sync::Arc;

use asl::machine::{Field, Map, MapMode, QueryLanguage, Source, State};
use asl::{Json, Payload, Place, StatesError};

use super::{joined, shown};
use crate::context::Beside;
use crate::execution::{Activity, FrameId, Iterations, Role};
use crate::flow::{Given, unexpected_type};
use crate::raised::Raised;
use crate::run::Run;
use crate::{Event, MapItem};

const ITEMS: Place = Place::Field("Items");

/// What the iterations of a Map under test would be given may take so many bytes together: four of AWS's payloads.
const SHOWN_BYTES_MAX: usize = 1 << 20;

pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
) -> Result<(), Raised> {
    let input = run.input(id, state)?;
    match map.mode {
        MapMode::Inline => inline(run, id, state, map, input),
        MapMode::Distributed { express } => {
            let items = match &map.item_reader {
                None => {
                    let items = items(run, id, state, map, &input)?;
                    run.note(|seen| seen.items = Some(items.clone()));
                    Some(items)
                }
                // What it reads are the items, whatever ItemsPath says
                // (scenarios/test_map_item_reader_base_json_with_items_path).
                Some(_) => None,
            };
            super::map_run::start(run, id, state, map, input, items, express)
        }
    }
}

fn inline(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
    input: Payload,
) -> Result<(), Raised> {
    run.check_depth(id)?;
    let items = items(run, id, state, map, &input)?;
    run.note(|seen| seen.items = Some(items.clone()));
    let length = length(items.value());
    run.emit_in(id, Event::MapStateStarted { length });
    let wanted = concurrency(run, id, &input, map)?;
    // They are for the distributed mode: an inline Map fails with its first iteration. What they name must be right.
    tolerated(run, id, &input, map)?;
    if run.watch.is_some() {
        run.execution.set_items(id, items);
        // The results of its iterations are given.
        return note_selected(run, id, state, map, length);
    }
    let most = run.execution.limits.map_concurrency_max;
    let concurrency = if wanted == 0 { most } else { wanted.min(most) };
    run.change(
        id,
        Activity::Map(Iterations {
            length,
            next: 0,
            running: 0,
            concurrency,
            results_bytes: 0,
        }),
    );
    run.execution.set_items(id, items);
    if length == 0 {
        return complete(run, id, state);
    }
    start_iterations(run, id);
    Ok(())
}

/// What the iterations would be given.
fn note_selected(
    run: &Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
    length: u64,
) -> Result<(), Raised> {
    if map.item_selector.is_none() {
        return Ok(());
    }
    let mut inputs = Vec::new();
    let mut bytes = 0;
    for index in 0..length {
        let input = match item_input(run, id, state, map, index) {
            Ok(input) => input,
            // Each iteration that took place had its own; its error came when its turn came.
            Err(_) if run.reviews() => return Ok(()),
            Err(raised) => return Err(raised),
        };
        bytes += input.text_bytes();
        if bytes > SHOWN_BYTES_MAX && run.reviews() {
            return Ok(());
        }
        if bytes > SHOWN_BYTES_MAX {
            return Err(Raised::too_large(&state.name));
        }
        inputs.push(input);
    }
    run.note(|seen| seen.after_item_selector = Some(joined(inputs)));
    Ok(())
}

/// Starts as many iterations as may run at once.
pub(crate) fn start_iterations(run: &mut Run<'_>, id: FrameId) {
    let Some(core) = run.core(id) else {
        return;
    };
    let Activity::Map(map) = &core.activity else {
        return;
    };
    let room = map.concurrency.saturating_sub(map.running);
    let last = core.last_event_id;
    for _ in 0..room {
        if !start_iteration(run, id, last) {
            break;
        }
    }
}

/// Starts the next iteration, if there is one, after the event that made room for it.
fn start_iteration(run: &mut Run<'_>, id: FrameId, last: u64) -> bool {
    let Some(state) = run.state(id) else {
        return false;
    };
    let asl::machine::Kind::Map(definition) = &state.kind else {
        return false;
    };
    let Some(core) = run.execution.core_mut(id) else {
        return false;
    };
    let Activity::Map(map) = &mut core.activity else {
        return false;
    };
    if map.next >= map.length {
        return false;
    }
    let index = map.next;
    map.next += 1;
    map.running += 1;
    let input = match item_input(run, id, state, definition, index) {
        Ok(input) => input,
        Err(raised) => {
            run.give_up_below(id, last);
            run.raise(id, raised);
            return false;
        }
    };
    let name = Arc::clone(&state.name);
    let started = run.emit(last, Event::MapIterationStarted { name, index });
    let role = Role::Iteration { index };
    run.spawn(Some(id), role, definition.processor, started, input);
    true
}

pub(crate) fn iteration_ended(
    run: &mut Run<'_>,
    id: FrameId,
    iteration: FrameId,
    index: u64,
    output: Payload,
) {
    let Some(state) = run.state(id) else {
        return;
    };
    let last = run.core(iteration).map_or(0, |core| core.last_event_id);
    run.remove(iteration);
    let name = Arc::clone(&state.name);
    let succeeded = run.emit(last, Event::MapIterationSucceeded { name, index });
    let limit = run.execution.limits.payload_bytes_max;
    let Some(core) = run.execution.core_mut(id) else {
        return;
    };
    core.last_event_id = succeeded;
    let Activity::Map(map) = &mut core.activity else {
        return;
    };
    map.running = map.running.saturating_sub(1);
    map.results_bytes = map.results_bytes.saturating_add(output.text_bytes() + 1);
    let (done, fits) = (
        map.running == 0 && map.next >= map.length,
        map.results_bytes <= limit,
    );
    // What can no longer be given out as a whole is not kept.
    if fits {
        run.execution.add_result(id, index, output);
    }
    if !done {
        // It follows the last event inside the iteration that made room (scenarios/test_map_state).
        start_iteration(run, id, last);
        return;
    }
    let completed = if fits {
        complete(run, id, state)
    } else {
        // The results that did fit are nobody's: the frame goes on to a catcher without them.
        run.execution.take_results(id);
        Err(Raised::too_large(&state.name))
    };
    if let Err(raised) = completed {
        run.raise(id, raised);
    }
}

fn complete(run: &mut Run<'_>, id: FrameId, state: &State) -> Result<(), Raised> {
    let results = run.execution.take_results(id);
    let left = run.leaving(id, state, joined(results))?;
    let last = run.core(id).map_or(0, |core| core.last_event_id);
    run.emit(last, Event::MapStateSucceeded);
    run.leave(id, state, &state.transition, left)
}

fn items(
    run: &Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
    input: &Payload,
) -> Result<Payload, Raised> {
    let whole = map
        .items_path
        .as_ref()
        .is_none_or(|path| path.text().as_ref() == "$");
    if map.items.is_none() && whole && input.value().as_array().is_some() {
        return Ok(input.clone());
    }
    let value = match (&map.items, &map.items_path) {
        (Some(template), _) => run.evaluate(id, Given::input(input), |data| {
            template.evaluate(data, ITEMS)
        })?,
        (None, Some(path)) => run.evaluate(id, Given::input(input), |data| path.evaluate(data))?,
        (None, None) => input.value().clone(),
    };
    let object = map.items.is_some() && value.as_object().is_some();
    if value.as_array().is_some() || object {
        return Ok(Payload::new(value));
    }
    Err(match (&map.items, state.query_language) {
        (_, QueryLanguage::JsonPath) => {
            let path = map.items_path.as_ref().map_or("$", |path| path.text());
            // The context object's own dollar sign is not told (test_state/test_state_map_context_object).
            let path = path
                .strip_prefix('$')
                .filter(|rest| rest.starts_with('$'))
                .unwrap_or(path);
            Raised::runtime(format!("Reference path \"{path}\" must point to array."))
        }
        (Some(template), QueryLanguage::Jsonata) => {
            unexpected_type(template, ITEMS, "array", &value)
        }
        (None, QueryLanguage::Jsonata) => StatesError::new(
            "States.QueryEvaluationError",
            format!(
                "Map state input must be an array but was: {}",
                value.to_text()
            ),
        )
        .into(),
    })
}

fn item_input(
    run: &Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
    index: u64,
) -> Result<Payload, Raised> {
    let Some(selector) = &map.item_selector else {
        let item = run.item_of(id, index).map(MapItem::given);
        return run.check(&state.name, Payload::new(item.unwrap_or_default()));
    };
    let beside = Beside {
        item: Some(index),
        ..Beside::default()
    };
    let input = run.input(id, state)?;
    let place = Place::Field("ItemSelector");
    let selected = run.fill(id, Some(selector), place, Given::with(&input, &beside))?;
    run.check(&state.name, selected.unwrap_or(input))
}

/// How many items an array or an object has.
pub(crate) fn length(items: &Json) -> u64 {
    let array = items.as_array().map(|items| items.len());
    let members = items.as_object().map(|items| items.len());
    array.or(members).unwrap_or(0) as u64
}

/// `MaxConcurrency`, 0 by default.
pub(crate) fn concurrency(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    map: &Map,
) -> Result<u64, Raised> {
    let most = match &map.max_concurrency {
        None => 0,
        Some(Field::Literal(most)) => *most,
        Some(field) => integer(run, id, input, field, "MaxConcurrency")?,
    };
    run.note(|seen| seen.max_concurrency = Some(most));
    Ok(most)
}

/// How many iterations or children may fail.
pub(crate) struct Tolerated {
    pub(crate) count: Option<u64>,
    pub(crate) percentage: Option<f64>,
}

pub(crate) fn tolerated(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    map: &Map,
) -> Result<Tolerated, Raised> {
    let count = match &map.tolerated_failure_count {
        None => None,
        Some(Field::Literal(count)) => Some(*count),
        Some(field) => Some(integer(run, id, input, field, "ToleratedFailureCount")?),
    };
    let percentage = match &map.tolerated_failure_percentage {
        None => None,
        Some(Field::Literal(percentage)) => Some(*percentage),
        Some(field) => {
            let name = "ToleratedFailurePercentage";
            let value = run.field(id, input, field, name)?.unwrap_or_default();
            let number = value.as_f64();
            Some(number.ok_or_else(|| not_valid(name, &value, "float", field))?)
        }
    };
    match percentage {
        Some(percentage) if !(0.0..=100.0).contains(&percentage) => Err(Raised::runtime(
            "ToleratedFailurePercentage must be between 0 and 100.",
        )),
        _ => {
            run.note(|seen| {
                seen.tolerated_failure_count = count;
                seen.tolerated_failure_percentage = percentage;
            });
            Ok(Tolerated { count, percentage })
        }
    }
}

fn integer(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    field: &Field<u64>,
    name: &'static str,
) -> Result<u64, Raised> {
    let value = run.field(id, input, field, name)?.unwrap_or_default();
    value
        .as_u64()
        .ok_or_else(|| not_valid(name, &value, "integer", field))
}

/// A number that may be written as text (assign/test_reference_in_map_state_max_items_path).
pub(crate) fn integer_or_text(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    field: &Field<u64>,
    name: &'static str,
) -> Result<i64, Raised> {
    if let Field::Literal(number) = field {
        return Ok(i64::try_from(*number).unwrap_or(i64::MAX));
    }
    let value = run.field(id, input, field, name)?.unwrap_or_default();
    let text = value.as_str().and_then(|text| text.parse().ok());
    value
        .as_i64()
        .or(text)
        .ok_or_else(|| not_valid(name, &value, "integer", field))
}

/// scenarios/test_map_state_tolerated_failure_count_path, NoNumber
fn not_valid<T>(name: &str, value: &Json, expected: &str, field: &Field<T>) -> Raised {
    let value = shown(value);
    match field {
        Field::Path(Source::Path(path)) => Raised::runtime(format!(
            "The {name}Path field refers to value \"{value}\" which is not a valid {expected}: {}",
            path.text()
        )),
        Field::Literal(_) | Field::Path(Source::Intrinsic(_)) | Field::Expression(_) => {
            Raised::query(
                name,
                format!(
                    "The {name} field refers to value \"{value}\" which is not a valid {expected}"
                ),
            )
        }
    }
}
