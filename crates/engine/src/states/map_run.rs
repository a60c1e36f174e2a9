//! A Map in distributed mode: one Map Run is asked for, and its end is the state's.

use std::sync::Arc;

use asl::machine::{Flow, Map, State};
use asl::{Entropy, Payload, Place, Template, Variable};

use super::map::{Tolerated, integer_or_text, length};
use crate::context::Beside;
use crate::execution::{Activity, FrameId};
use crate::flow::{Given, check_depth};
use crate::raised::Raised;
use crate::run::Run;
use crate::{AttemptId, BatchPlan, Effect, Event, MapRunPlan, ReadPlan, WritePlan};

const READER: Place = Place::Field("ItemReader/Arguments");
const BATCH_INPUT: Place = Place::Field("ItemBatcher/BatchInput");
const WRITER: Place = Place::Field("ResultWriter/Arguments");

/// Asks for the Map Run.
pub(crate) fn start(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    map: &Map,
    input: Payload,
    items: Option<Payload>,
    express: bool,
) -> Result<(), Raised> {
    let length = items.as_ref().map_or(0, |items| length(items.value()));
    run.emit_in(id, Event::MapStateStarted { length });
    let max_concurrency = super::map::concurrency(run, id, &input, map)?;
    let Tolerated { count, percentage } = super::map::tolerated(run, id, &input, map)?;
    let reader = reader(run, id, &input, map)?;
    let batcher = batcher(run, id, &input, map)?;
    let writer = writer(run, id, &input, map)?;
    // It holds the execution's input, some levels down.
    let context = check_depth(Payload::new(run.context(id, &Beside::default())))?;
    let Some(scope) = run.core(id).map(|core| core.scope) else {
        return Ok(());
    };
    let attempt = run.execution.next_attempt();
    let label = label(run, state, map);
    let arn = arn(run, &label);
    let plan = MapRunPlan {
        attempt,
        arn: Arc::clone(&arn),
        label,
        scope,
        state: Arc::clone(&state.name),
        processor: map.processor,
        express,
        items,
        reader,
        batcher,
        writer,
        max_concurrency,
        tolerated_failure_count: count,
        tolerated_failure_percentage: percentage,
        context,
        variables: variables(run, id, map.item_selector.as_ref()),
        input,
        entropy: run.entropy.borrow_mut().next_bytes(),
        now: run.now,
    };
    run.emit_in(id, Event::MapRunStarted { map_run_arn: arn });
    run.change(id, Activity::MapRun { attempt });
    run.effect(Effect::StartMapRun(Box::new(plan)));
    Ok(())
}

pub(crate) fn succeeded(run: &mut Run<'_>, attempt: AttemptId, output: Payload) {
    let Some((id, state)) = awaited(run, attempt) else {
        return;
    };
    let started = run.core(id).map_or(0, |core| core.last_event_id);
    let succeeded = run.emit(started, Event::MapRunSucceeded);
    run.change(id, Activity::Executing);
    let left = run.leaving(id, state, output).and_then(|left| {
        run.emit(succeeded, Event::MapStateSucceeded);
        let exits_after = if begins_in_jsonpath(run, id, state) {
            succeeded
        } else {
            started
        };
        if let Some(core) = run.execution.core_mut(id) {
            core.last_event_id = exits_after;
        }
        run.leave(id, state, &state.transition, left)
    });
    if let Err(raised) = left {
        run.raise(id, raised);
    }
}

/// AWS has told it both ways: the exit follows the Map Run's end where a JSONPath workflow begins with the Map, and the
/// Map Run's start elsewhere. That is so in all recordings of scenarios/ and assign/ but one
/// (test_map_state_config_distributed_reentrant).
fn begins_in_jsonpath(run: &Run<'_>, id: FrameId, state: &State) -> bool {
    let first = run
        .core(id)
        .is_some_and(|core| core.visit.before_event_id == 0);
    first && matches!(state.flow, Flow::JsonPath(_))
}

pub(crate) fn failed(run: &mut Run<'_>, attempt: AttemptId, raised: Raised) {
    let Some((id, _)) = awaited(run, attempt) else {
        return;
    };
    let (error, cause) = (raised.error.clone(), raised.cause.clone());
    run.emit_in(id, Event::MapRunFailed { error, cause });
    run.change(id, Activity::Executing);
    run.raise(id, raised);
}

/// The frame that waits for this Map Run. Its attempt is over from here on: nobody is to be told that it was called off.
fn awaited<'a>(run: &mut Run<'a>, attempt: AttemptId) -> Option<(FrameId, &'a State)> {
    let id = *run.execution.attempts.get(&attempt)?;
    let state = run.state(id)?;
    match run.core(id)?.activity {
        Activity::MapRun { .. } => {
            run.execution.attempts.remove(&attempt);
            Some((id, state))
        }
        Activity::Entering
        | Activity::Executing
        | Activity::Task(_)
        | Activity::Waiting { .. }
        | Activity::Backoff { .. }
        | Activity::Parallel { .. }
        | Activity::Map(_) => None,
    }
}

fn reader(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    map: &Map,
) -> Result<Option<ReadPlan>, Raised> {
    let Some(reader) = &map.item_reader else {
        return Ok(None);
    };
    let max_items = match &reader.max_items {
        None => None,
        Some(field) => Some(integer_or_text(run, id, input, field, "MaxItems")?),
    };
    Ok(Some(ReadPlan {
        action: reader.resource.resource().into(),
        arguments: run
            .fill(id, reader.arguments.as_ref(), READER, Given::input(input))?
            .unwrap_or_default(),
        config: reader.config.clone().map(Payload::new),
        max_items,
    }))
}

fn batcher(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    map: &Map,
) -> Result<Option<BatchPlan>, Raised> {
    let Some(batcher) = &map.item_batcher else {
        return Ok(None);
    };
    let given = Given::input(input);
    let number = |field: &Option<_>, name| match field {
        None => Ok(None),
        Some(field) => integer_or_text(run, id, input, field, name).map(Some),
    };
    Ok(Some(BatchPlan {
        max_items: number(&batcher.max_items, "MaxItemsPerBatch")?,
        max_input_bytes: number(&batcher.max_input_bytes, "MaxInputBytesPerBatch")?,
        batch_input: run.fill(id, batcher.batch_input.as_ref(), BATCH_INPUT, given)?,
    }))
}

fn writer(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    map: &Map,
) -> Result<Option<WritePlan>, Raised> {
    let Some(writer) = &map.result_writer else {
        return Ok(None);
    };
    Ok(Some(WritePlan {
        arguments: run.fill(id, writer.arguments.as_ref(), WRITER, Given::input(input))?,
        config: writer.config.clone().map(Payload::new),
    }))
}

/// The values of the variables that a template reads, as they are now.
fn variables(run: &Run<'_>, id: FrameId, template: Option<&Template>) -> Vec<(Variable, Payload)> {
    let names = template.map(Template::variables).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| {
            let value = run.variable(id, &name)?;
            Some((Variable(name), value))
        })
        .collect()
}

/// The state's own, or one that is the same in all executions of the state machine.
fn label(run: &Run<'_>, state: &State, map: &Map) -> Arc<str> {
    if let Some(label) = &map.label {
        return label.as_str().into();
    }
    let machine = run.execution.seed.state_machine_arn.as_bytes();
    Entropy::derived(&[machine, state.name.as_bytes()])
        .uuid_v4()
        .into()
}

/// Children run under `stateMachine:Name/Label`, of which `Name` is the definition's.
fn arn(run: &Run<'_>, label: &str) -> Arc<str> {
    let machine = &run.execution.seed.state_machine_arn;
    let (before, name) = machine
        .split_once(":stateMachine:")
        .unwrap_or((machine, ""));
    let name = name.split('/').next().unwrap_or_default();
    let id = run.entropy.borrow_mut().uuid_v4();
    format!("{before}:mapRun:{name}/{label}:{id}").into()
}
