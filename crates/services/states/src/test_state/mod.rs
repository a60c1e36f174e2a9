//! TestState: one state, run by the engine's own code, with a mock in place of its work or with the real service.

mod answer;
mod context;
mod mock;
mod request;
mod schema;

use std::sync::Arc;
use std::time::Duration;

use aws::{Answer, ApiError, Call, Caller};
use engine::{Awaits, Inspection, Invocation, MapRunPlan, Subject};
use runtime::{LoneTask, Runtime, SelectedItems};

use mock::Mock;
use request::Request;

/// How long a test may run (API reference, TestState).
const TEST_TIME: Duration = Duration::from_mins(5);

/// AWS's words for a Map whose mocked failures are too many (test_state/test_map_state_failure_count).
const THRESHOLD: (&str, &str) = (
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
);

/// What was seen beside the engine.
#[derive(Default)]
struct Beside {
    /// `inspectionData.request` and `response` of an HTTP Task.
    http: Option<serde_json::Value>,
    /// Of a Distributed Map.
    items: SelectedItems,
}

pub(crate) async fn run(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let request = Request::read(call)?;
    let mut beside = Beside::default();
    let inspection = begin(runtime, &request, &call.caller).await?;
    let inspection = match &request.mock {
        Some(mock) => mocked(runtime, &request, mock, inspection, &mut beside).await?,
        None => really(runtime, &request, &call.caller, inspection, &mut beside).await?,
    };
    Ok(answer::write(&request, &inspection, beside))
}

async fn begin(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
) -> Result<Inspection, ApiError> {
    let machine = Arc::clone(&request.machine);
    let now = runtime.now();
    let subject = Subject {
        seed: request.seed(caller, now),
        state: Arc::clone(&request.state().name),
        input: request.input.clone(),
        variables: request.variables.clone(),
        context: request.context.clone(),
        retries: request.configuration.retrier_retry_count,
    };
    let limits = runtime.limits().clone();
    let entropy = runtime.entropy();
    blocking(move || Inspection::begin(machine, subject, limits, now, entropy)).await
}

/// Evaluation is bounded in steps and may yet take a second: no work for a thread that others wait for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "the test of a state failed");
        ApiError::internal("We encountered an internal error. Please try again.")
    })
}

async fn succeed(
    runtime: &Runtime,
    mut inspection: Inspection,
    output: asl::Payload,
) -> Result<Inspection, ApiError> {
    let (now, entropy) = (runtime.now(), runtime.entropy());
    blocking(move || {
        inspection.succeed(output, now, entropy);
        inspection
    })
    .await
}

async fn fail(
    runtime: &Runtime,
    mut inspection: Inspection,
    error: Option<String>,
    cause: Option<String>,
) -> Result<Inspection, ApiError> {
    let (now, entropy) = (runtime.now(), runtime.entropy());
    blocking(move || {
        inspection.fail(error, cause, now, entropy);
        inspection
    })
    .await
}

/// Answers what the state waits for by the mock.
async fn mocked(
    runtime: &Runtime,
    request: &Request,
    mock: &Mock,
    inspection: Inspection,
    beside: &mut Beside,
) -> Result<Inspection, ApiError> {
    if matches!(inspection.awaits(), Awaits::Nothing) {
        return Ok(inspection);
    }
    let iterations = match inspection.awaits() {
        Awaits::MapRun(plan) => match select(request, plan.clone()).await? {
            Ok(items) => {
                beside.items = items;
                beside.items.children
            }
            Err(error) => {
                let name = error.name.into_owned();
                return fail(runtime, inspection, Some(name), Some(error.cause)).await;
            }
        },
        Awaits::Iterations => iterations(&inspection),
        Awaits::Nothing | Awaits::Task(_) | Awaits::Instant(_) | Awaits::Branches => 0,
    };
    let exceeded = too_many_failures(request, mock, &inspection, iterations)?;
    match mock {
        Mock::Result(_) if exceeded => {
            let (error, cause) = THRESHOLD;
            fail(runtime, inspection, Some(error.into()), Some(cause.into())).await
        }
        Mock::Result(result) => succeed(runtime, inspection, result.clone()).await,
        Mock::Error { error, cause } => {
            fail(runtime, inspection, error.clone(), cause.clone()).await
        }
    }
}

/// What a Map Run's children would be given, or why it would fail.
async fn select(
    request: &Request,
    plan: Box<MapRunPlan>,
) -> Result<Result<SelectedItems, asl::StatesError>, ApiError> {
    let machine = Arc::clone(&request.machine);
    let data = request.configuration.map_item_reader_data.clone();
    blocking(move || runtime::select_items(&machine, &plan, data.as_deref())).await
}

/// How many iterations an inline Map has.
fn iterations(inspection: &Inspection) -> u64 {
    let items = inspection.seen().items;
    let items = items.as_ref().and_then(|items| items.value().as_array());
    items.map_or(0, |items| items.len() as u64)
}

/// Whether more of a Map's iterations are to have failed than it tolerates.
fn too_many_failures(
    request: &Request,
    mock: &Mock,
    inspection: &Inspection,
    iterations: u64,
) -> Result<bool, ApiError> {
    let failures = request.configuration.map_iteration_failure_count;
    let Some(failures) = failures.filter(|_| request.is_map()) else {
        return Ok(false);
    };
    let total = mock.length().unwrap_or(iterations);
    if failures > total {
        return Err(ApiError::validation(
            "Map iteration failure count must be less than or equal to the number of Map iterations",
        ));
    }
    Ok(exceeds(inspection, failures, total))
}

/// Whether that many failures are more than the Map tolerates. One that says nothing of it tolerates all of them here
/// (test_state/test_map_state_failure_count, BASE_MAP_STATE).
fn exceeds(inspection: &Inspection, failures: u64, total: u64) -> bool {
    let seen = inspection.seen();
    let by_count = seen
        .tolerated_failure_count
        .is_some_and(|most| failures > most);
    let share = failures as f64 * 100.0 / total.max(1) as f64;
    let by_share = seen
        .tolerated_failure_percentage
        .is_some_and(|most| share > most);
    by_count || by_share
}

/// Does what the state waits for.
async fn really(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
    inspection: Inspection,
    beside: &mut Beside,
) -> Result<Inspection, ApiError> {
    match inspection.awaits() {
        Awaits::Task(invocation) => {
            let invocation = (**invocation).clone();
            let failed = match invoke(runtime, request, caller, invocation, beside).await {
                Ok(output) => return succeed(runtime, inspection, output).await,
                Err(failed) => failed,
            };
            fail(runtime, inspection, failed.0, failed.1).await
        }
        Awaits::Instant(at) => {
            let wait = Duration::from_millis((at.0 - runtime.now().0).max(0).unsigned_abs());
            tokio::time::sleep(wait.min(TEST_TIME)).await;
            if wait > TEST_TIME {
                return fail(runtime, inspection, Some("States.Timeout".into()), None).await;
            }
            succeed(runtime, inspection, asl::Payload::default()).await
        }
        // A Map or Parallel without a mock was refused.
        Awaits::Nothing | Awaits::Branches | Awaits::Iterations | Awaits::MapRun(_) => {
            Ok(inspection)
        }
    }
}

/// Runs a task as executions do, within its own time-out and the test's.
async fn invoke(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
    invocation: Invocation,
    beside: &mut Beside,
) -> Result<asl::Payload, (Option<String>, Option<String>)> {
    let own = invocation.timeout_seconds.map(Duration::from_secs);
    let time = own.map_or(TEST_TIME, |own| own.min(TEST_TIME));
    let trace = (request.level == request::Level::Trace).then_some(request.reveal_secrets);
    let task = LoneTask {
        account: Arc::clone(&caller.account),
        region: Arc::clone(&caller.region),
        role_arn: request.role_arn.as_deref().unwrap_or_default().into(),
        invocation,
        trace,
    };
    let Ok(done) = tokio::time::timeout(time, runtime.run_task(task)).await else {
        return Err((Some("States.Timeout".into()), None));
    };
    beside.http = done.http;
    done.result
}
