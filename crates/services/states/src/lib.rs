//! The Step Functions API: wire in, the runtime's verbs, wire out. No logic of its own beyond names and ARNs.
//!
//! Begin with [`States`]; its operation table names one file an operation in `ops/`.

mod error;
mod input;
mod json_refusal;
mod logs;
mod mock_door;
mod model;
mod name;
mod ops;
mod page;
mod settings;
mod stream;
mod test_state;

use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Service};
use runtime::Runtime;
use tokio::sync::Semaphore;

pub use logs::ExecutionLogs;
pub use mock_door::{MOCK_PATH, MockDoor};
pub use stream::{STREAMS_PATH, StreamDoor};

/// Step Functions, as the registry knows it.
pub struct States {
    runtime: Runtime,
    logs: Arc<ExecutionLogs>,
    inspections: Semaphore,
}

impl States {
    /// The API over a runtime, and what keeps its execution logs.
    pub fn new(runtime: Runtime, logs: Arc<ExecutionLogs>) -> Self {
        Self {
            runtime,
            logs,
            inspections: Semaphore::new(ops::inspect_state::RUNNING_MAX),
        }
    }
}

impl Service for States {
    fn id(&self) -> &'static str {
        "states"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let runtime = &self.runtime;
            match call.operation.as_str() {
                "CreateActivity" => ops::activities::create(runtime, &call).await,
                "CreateStateMachineAlias" => ops::aliases::create(runtime, &call).await,
                "DeleteActivity" => ops::activities::delete(runtime, &call).await,
                "DeleteStateMachineAlias" => ops::aliases::delete(runtime, &call).await,
                "DeleteStateMachineVersion" => ops::versions::delete(runtime, &call).await,
                "DescribeActivity" => ops::activities::describe(runtime, &call),
                "DescribeStateMachineAlias" => ops::aliases::describe(runtime, &call),
                "GetActivityTask" => ops::activities::task(runtime, &call).await,
                "ListActivities" => ops::activities::list(runtime, &call),
                "ListStateMachineAliases" => ops::aliases::list(runtime, &call),
                "ListStateMachineVersions" => ops::versions::list(runtime, &call),
                "PublishStateMachineVersion" => ops::versions::publish(runtime, &call).await,
                "UpdateStateMachineAlias" => ops::aliases::update(runtime, &call).await,
                "CreateStateMachine" => {
                    ops::create_state_machine::run(runtime, &self.logs, &call).await
                }
                "DeleteStateMachine" => ops::delete_state_machine::run(runtime, &call).await,
                "DescribeExecution" => ops::describe_execution::run(runtime, &call),
                "DescribeStateMachine" => ops::describe_state_machine::run(runtime, &call),
                "DescribeStateMachineForExecution" => {
                    ops::describe_state_machine_for_execution::run(runtime, &call)
                }
                "GetExecutionHistory" => ops::get_execution_history::run(runtime, &call),
                "ListExecutions" => ops::list_executions::run(runtime, &call),
                "DescribeMapRun" => ops::map_runs::describe(runtime, &call),
                "ListMapRuns" => ops::map_runs::list(runtime, &call),
                "UpdateMapRun" => ops::map_runs::update(runtime, &call).await,
                "ListStateMachines" => ops::list_state_machines::run(runtime, &call),
                "ListTagsForResource" => ops::tags::list(runtime, &call),
                "SendTaskFailure" => ops::send_task::failure(runtime, &call).await,
                "SendTaskHeartbeat" => ops::send_task::heartbeat(runtime, &call).await,
                "SendTaskSuccess" => ops::send_task::success(runtime, &call).await,
                "StartExecution" => ops::start_execution::run(runtime, &call).await,
                "StartSyncExecution" => ops::start_sync_execution::run(runtime, &call).await,
                "StopExecution" => ops::stop_execution::run(runtime, &call).await,
                "TagResource" => ops::tags::tag(runtime, &call).await,
                "TestState" => test_state::run(runtime, &call).await,
                "UntagResource" => ops::tags::untag(runtime, &call).await,
                "UpdateStateMachine" => {
                    ops::update_state_machine::run(runtime, &self.logs, &call).await
                }
                "ValidateStateMachineDefinition" => {
                    ops::validate_state_machine_definition::run(&call)
                }
                // Those that AWS does not have (docs/own-operations.md).
                "InspectState" => ops::inspect_state::run(runtime, &self.inspections, &call).await,
                "SearchExecutions" => ops::search_executions::run(runtime, &call),
                // DIVERGENCE: RedriveExecution is not there yet, while DescribeExecution says what AWS's says of it.
                other => Err(ApiError::unknown_operation(other)),
            }
        })
    }
}
