use std::sync::Arc;

use asl::machine::{Field, Kind, Source, State, Task};
use asl::{Json, Pattern, Payload, Place, Resource, Target, Template};

use super::shown;
use crate::context::Beside;
use crate::execution::{Activity, FrameId, TaskRun};
use crate::flow::Given;
use crate::raised::Raised;
use crate::run::Run;
use crate::{AttemptId, Effect, Event, Failure, Invocation, TimerId, task_token};

/// Schedules one attempt.
pub(crate) fn execute(
    run: &mut Run<'_>,
    id: FrameId,
    state: &State,
    task: &Task,
) -> Result<(), Raised> {
    if let Target::Activity { arn } = task.resource.target()
        && run.absent_activities.contains(arn)
    {
        // Nothing is scheduled (activities/test_activity_task_on_deleted).
        return Err(Raised::runtime(format!(
            "The activity {arn} does not exist."
        )));
    }
    let input = run.input(id, state)?;
    let attempt = AttemptId(run.execution.head.last_attempt + 1);
    let nonce = u128::from_be_bytes(run.entropy.borrow_mut().next_bytes());
    let beside = Beside {
        task_token: has_token(task.resource.pattern())
            .then(|| task_token(&run.execution.seed.token_prefix, attempt, nonce).into()),
        ..Beside::default()
    };
    let timeout = seconds(
        run,
        id,
        &input,
        task.timeout_seconds.as_ref(),
        "TimeoutSeconds",
    )?;
    let heartbeat = seconds(
        run,
        id,
        &input,
        task.heartbeat_seconds.as_ref(),
        "HeartbeatSeconds",
    )?;
    let parameters = run.arguments(id, state, &input, &beside)?;
    let role_arn = credentials(run, id, &input, task.credentials.as_ref())?;
    run.execution.next_attempt();
    let event = scheduled(
        run,
        &task.resource,
        &parameters,
        timeout,
        heartbeat,
        role_arn.as_ref(),
    );
    run.emit_in(id, event);
    let timer = |run: &mut Run<'_>, seconds: Option<u64>| {
        seconds.map(|seconds| run.set_timer(seconds.saturating_mul(1000)))
    };
    let timeout_timer = timer(run, timeout);
    let heartbeat_timer = timer(run, heartbeat);
    run.change(
        id,
        Activity::Task(TaskRun {
            attempt,
            nonce,
            timeout: timeout_timer,
            heartbeat: heartbeat_timer,
            heartbeat_seconds: heartbeat,
            taken: false,
            submitted: false,
        }),
    );
    run.effect(Effect::Invoke(Box::new(Invocation {
        attempt,
        resource: Arc::clone(task.resource.text()),
        parameters,
        role_arn,
        nonce,
        state: Arc::clone(&state.name),
        timeout_seconds: timeout,
        heartbeat_seconds: heartbeat,
    })));
    run.scheduled.push(id);
    Ok(())
}

/// What is committed is started: functions and integrations say so as soon as everything that could be scheduled is
/// (timeouts/test_service_lambda_map_timeout); an activity when a worker takes it.
pub(crate) fn started(run: &mut Run<'_>, id: FrameId) {
    let Some((task, _)) = running(run, id) else {
        return;
    };
    if let Some(event) = started_event(&task.resource) {
        run.emit_in(id, event);
    }
}

fn started_event(resource: &Resource) -> Option<Event> {
    match resource.target() {
        Target::Lambda { .. } => Some(Event::LambdaFunctionStarted),
        Target::Activity { .. } => None,
        Target::Integration { .. } => Some(Event::TaskStarted {
            resource_type: resource.resource_type().into(),
            resource: resource.resource().into(),
        }),
    }
}

/// Which tasks have a token in their context object (test_state/test_state_context_object, TOKEN_TASK_NOT_SYNC).
fn has_token(pattern: Pattern) -> bool {
    match pattern {
        Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => true,
        Pattern::RequestResponse => false,
    }
}

/// An activity worker has taken the task.
pub(crate) fn taken(run: &mut Run<'_>, attempt: AttemptId, worker_name: Option<String>) {
    let Some((id, task)) = awaited(run, attempt) else {
        return;
    };
    match task.resource.target() {
        Target::Activity { .. } => {
            if first(run, id, |task| &mut task.taken) {
                run.emit_in(id, Event::ActivityStarted { worker_name });
                beat(run, id);
            }
        }
        Target::Lambda { .. } | Target::Integration { .. } => {}
    }
}

/// Marks that something was told of a running task; whether it was for the first time.
fn first(run: &mut Run<'_>, id: FrameId, told: impl FnOnce(&mut TaskRun) -> &mut bool) -> bool {
    let Some((_, mut task)) = running(run, id) else {
        return false;
    };
    let first = !std::mem::replace(told(&mut task), true);
    if first {
        run.change(id, Activity::Task(task));
    }
    first
}

/// The service took a task whose end it will tell later.
pub(crate) fn submitted(run: &mut Run<'_>, attempt: AttemptId, output: Payload) {
    let Some((id, task)) = awaited(run, attempt) else {
        return;
    };
    match task.resource.target() {
        Target::Integration { .. } => {
            if !first(run, id, |task| &mut task.submitted) {
                return;
            }
            if let Err(raised) = run.check(task.resource.text(), output.clone()) {
                return end(run, id, &task.resource, raised, Failure::SubmitFailed);
            }
            let event = Event::TaskSubmitted {
                resource_type: task.resource.resource_type().into(),
                resource: task.resource.resource().into(),
                output,
            };
            run.emit_in(id, event);
        }
        Target::Lambda { .. } | Target::Activity { .. } => {}
    }
}

pub(crate) fn succeeded(run: &mut Run<'_>, attempt: AttemptId, output: Payload) {
    let Some((id, task)) = awaited(run, attempt) else {
        return;
    };
    run.execution.attempts.remove(&attempt);
    let resource = &task.resource;
    let output = match run.check(resource.text(), output) {
        Ok(output) => output,
        Err(raised) => return end(run, id, resource, raised, Failure::Failed),
    };
    run.emit_in(id, succeeded_event(resource, output.clone()));
    run.change(id, Activity::Executing);
    let Some(state) = run.state(id) else {
        return;
    };
    let left = run
        .leaving(id, state, output)
        .and_then(|left| run.leave(id, state, &state.transition, left));
    if let Err(raised) = left {
        run.raise(id, raised);
    }
}

pub(crate) fn failed(run: &mut Run<'_>, attempt: AttemptId, raised: Raised, failure: Failure) {
    if let Some((id, task)) = awaited(run, attempt) {
        run.execution.attempts.remove(&attempt);
        end(run, id, &task.resource, raised, failure);
    }
}

/// The worker is alive.
pub(crate) fn heartbeat(run: &mut Run<'_>, attempt: AttemptId) {
    if let Some((id, _)) = awaited(run, attempt) {
        beat(run, id);
    }
}

fn beat(run: &mut Run<'_>, id: FrameId) {
    let Some((_, mut task)) = running(run, id) else {
        return;
    };
    if let Some(seconds) = task.heartbeat_seconds {
        task.heartbeat = Some(run.set_timer(seconds.saturating_mul(1000)));
        run.change(id, Activity::Task(task));
    }
}

/// `TimeoutSeconds` or `HeartbeatSeconds` are over. Both are told as `States.Timeout`
/// (timeouts/test_heartbeat_timeout).
pub(crate) fn timed_out(run: &mut Run<'_>, id: FrameId, timer: TimerId) {
    let Some((task, running)) = running(run, id) else {
        return;
    };
    let mut raised = Raised::new(Some("States.Timeout".to_owned()), None);
    if running.heartbeat == Some(timer) {
        raised.alias = Some("States.HeartbeatTimeout");
    }
    end(run, id, &task.resource, raised, Failure::TimedOut);
}

/// The attempt is over, badly; unless its own word ended it, it is called off.
fn end(run: &mut Run<'_>, id: FrameId, resource: &Resource, raised: Raised, failure: Failure) {
    let (error, cause) = (raised.error.clone(), raised.cause.clone());
    run.emit_in(id, failed_event(resource, error, cause, failure));
    run.change(id, Activity::Executing);
    run.raise(id, raised);
}

fn awaited<'a>(run: &Run<'a>, attempt: AttemptId) -> Option<(FrameId, &'a Task)> {
    let id = *run.execution.attempts.get(&attempt)?;
    running(run, id).map(|(task, _)| (id, task))
}

fn running<'a>(run: &Run<'a>, id: FrameId) -> Option<(&'a Task, TaskRun)> {
    let Kind::Task(task) = &run.state(id)?.kind else {
        return None;
    };
    match &run.core(id)?.activity {
        Activity::Task(running) => Some((task, running.clone())),
        Activity::Entering
        | Activity::Executing
        | Activity::Waiting { .. }
        | Activity::Backoff { .. }
        | Activity::Parallel { .. }
        | Activity::Map(_)
        | Activity::MapRun { .. } => None,
    }
}

fn scheduled(
    run: &Run<'_>,
    resource: &Resource,
    parameters: &Payload,
    timeout_in_seconds: Option<u64>,
    heartbeat_in_seconds: Option<u64>,
    role_arn: Option<&String>,
) -> Event {
    match resource.target() {
        Target::Lambda { arn } => Event::LambdaFunctionScheduled {
            resource: Arc::clone(arn),
            input: parameters.clone(),
            timeout_in_seconds,
            task_credentials: role_arn.cloned(),
        },
        Target::Activity { arn } => Event::ActivityScheduled {
            resource: Arc::clone(arn),
            input: parameters.clone(),
            timeout_in_seconds,
            heartbeat_in_seconds,
        },
        Target::Integration { .. } => Event::TaskScheduled {
            resource_type: resource.resource_type().into(),
            resource: resource.resource().into(),
            region: Arc::clone(&run.execution.seed.region),
            parameters: parameters.clone(),
            timeout_in_seconds,
            heartbeat_in_seconds,
            task_credentials: role_arn.cloned(),
        },
    }
}

fn succeeded_event(resource: &Resource, output: Payload) -> Event {
    match resource.target() {
        Target::Lambda { .. } => Event::LambdaFunctionSucceeded { output },
        Target::Activity { .. } => Event::ActivitySucceeded { output },
        Target::Integration { .. } => Event::TaskSucceeded {
            resource_type: resource.resource_type().into(),
            resource: resource.resource().into(),
            output,
        },
    }
}

fn failed_event(
    resource: &Resource,
    error: Option<String>,
    cause: Option<String>,
    failure: Failure,
) -> Event {
    match resource.target() {
        Target::Lambda { .. } => match failure {
            Failure::Failed | Failure::SubmitFailed => Event::LambdaFunctionFailed { error, cause },
            Failure::ScheduleFailed => Event::LambdaFunctionScheduleFailed { error, cause },
            Failure::StartFailed => Event::LambdaFunctionStartFailed { error, cause },
            Failure::TimedOut => Event::LambdaFunctionTimedOut { error, cause },
        },
        Target::Activity { .. } => match failure {
            Failure::Failed | Failure::StartFailed | Failure::SubmitFailed => {
                Event::ActivityFailed { error, cause }
            }
            Failure::ScheduleFailed => Event::ActivityScheduleFailed { error, cause },
            Failure::TimedOut => Event::ActivityTimedOut { error, cause },
        },
        Target::Integration { .. } => {
            let resource_type = resource.resource_type().into();
            let resource = resource.resource().into();
            match failure {
                Failure::Failed => Event::TaskFailed {
                    resource_type,
                    resource,
                    error,
                    cause,
                },
                Failure::ScheduleFailed | Failure::StartFailed => Event::TaskStartFailed {
                    resource_type,
                    resource,
                    error,
                    cause,
                },
                Failure::SubmitFailed => Event::TaskSubmitFailed {
                    resource_type,
                    resource,
                    error,
                    cause,
                },
                Failure::TimedOut => Event::TaskTimedOut {
                    resource_type,
                    resource,
                    error,
                    cause,
                },
            }
        }
    }
}

fn seconds(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    field: Option<&Field<u64>>,
    field_name: &'static str,
) -> Result<Option<u64>, Raised> {
    let field = match field {
        None => return Ok(None),
        Some(Field::Literal(seconds)) => return Ok(Some(*seconds)),
        Some(field) => field,
    };
    let value = run.field(id, input, field, field_name)?.unwrap_or_default();
    let seconds = value.as_u64().filter(|seconds| *seconds > 0);
    let shown = shown(&value);
    seconds.map(Some).ok_or_else(|| match field {
        Field::Path(Source::Path(path)) => Raised::runtime(format!(
            "The {field_name}Path parameter cannot be parsed as a positive long value: {} == {shown}",
            path.text(),
        )),
        Field::Literal(_) | Field::Path(Source::Intrinsic(_)) | Field::Expression(_) => {
            Raised::query(
                field_name,
                format!("The {field_name} field must be a positive integer, but was: {shown}"),
            )
        }
    })
}

/// `RoleArn` of `Credentials`.
fn credentials(
    run: &Run<'_>,
    id: FrameId,
    input: &Payload,
    template: Option<&Template>,
) -> Result<Option<String>, Raised> {
    let place = Place::Field("Credentials");
    let credentials = run.fill(id, template, place, Given::input(input))?;
    let role_arn = credentials
        .as_ref()
        .and_then(|given| given.value().get("RoleArn"));
    Ok(role_arn.and_then(Json::as_str).map(str::to_owned))
}
