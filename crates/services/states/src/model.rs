//! The wire's shapes: domain values as the API writes them.

use engine::{Event, HistoryEvent, StateType, Timestamp};
use runtime::ExecutionRecord;
use serde_json::{Map, Value, json};

/// Epoch seconds with milliseconds, AWS's JSON form of a time.
pub(crate) fn time(at: Timestamp) -> Value {
    json!(at.0 as f64 / 1000.0)
}

/// Sets a member when there is a value for it: AWS leaves absent members out.
pub(crate) fn set(members: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        members.insert(name.into(), value.into());
    }
}

/// A HistoryEvent (step-functions.md 1.5). Without `data` the payloads are left out, as `includeExecutionData=false`
/// asks.
pub(crate) fn history_event(event: &HistoryEvent, data: bool) -> Value {
    let mut whole = Map::new();
    whole.insert("timestamp".into(), time(event.timestamp));
    let details = details(&event.event, data);
    whole.insert("type".into(), type_name(&event.event).into());
    whole.insert("id".into(), event.id.into());
    whole.insert("previousEventId".into(), event.previous_event_id.into());
    if let Some((member, details)) = details {
        whole.insert(member.into(), Value::Object(details.0));
    }
    Value::Object(whole)
}

/// The members of an event's details alone, as execution logs show them.
pub(crate) fn event_details(event: &Event, data: bool) -> Value {
    let details = details(event, data).map(|(_, details)| details.0);
    Value::Object(details.unwrap_or_default())
}

/// The members of one `…EventDetails`.
#[derive(Default)]
struct Details(Map<String, Value>);

impl Details {
    fn text(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    fn maybe(mut self, name: &str, value: Option<&str>) -> Self {
        set(&mut self.0, name, value);
        self
    }

    fn number(mut self, name: &str, value: Option<u64>) -> Self {
        set(&mut self.0, name, value);
        self
    }

    /// A payload with its `…Details` beside.
    fn data(mut self, name: &str, payload: &asl::Payload, data: bool) -> Self {
        if data {
            self.0.insert(name.into(), payload.text().as_ref().into());
            self.0
                .insert(format!("{name}Details"), json!({"truncated": false}));
        }
        self
    }

    fn failure(self, error: Option<&String>, cause: Option<&String>) -> Self {
        self.maybe("error", error.map(String::as_str))
            .maybe("cause", cause.map(String::as_str))
    }

    fn resource(self, resource_type: &str, resource: &str) -> Self {
        self.text("resourceType", resource_type)
            .text("resource", resource)
    }

    fn credentials(mut self, role_arn: Option<&String>) -> Self {
        set(
            &mut self.0,
            "taskCredentials",
            role_arn.map(|arn| json!({"roleArn": arn})),
        );
        self
    }
}

pub(crate) fn state_type(of: StateType) -> &'static str {
    match of {
        StateType::Pass => "Pass",
        StateType::Task => "Task",
        StateType::Choice => "Choice",
        StateType::Wait => "Wait",
        StateType::Succeed => "Succeed",
        StateType::Fail => "Fail",
        StateType::Parallel => "Parallel",
        StateType::Map => "Map",
    }
}

/// An item of ListExecutions.
pub(crate) fn execution_item(record: &ExecutionRecord) -> Map<String, Value> {
    let mut item = Map::new();
    item.insert("executionArn".into(), record.arn.as_ref().into());
    item.insert(
        "stateMachineArn".into(),
        record.state_machine_arn.as_ref().into(),
    );
    item.insert("name".into(), record.name.as_ref().into());
    item.insert("status".into(), record.status.as_str().into());
    item.insert("startDate".into(), time(record.start));
    item.insert("redriveCount".into(), 0.into());
    set(&mut item, "stopDate", record.stop.map(time));
    if let Some(child) = &record.child_of {
        item.insert("mapRunArn".into(), child.map_run_arn.as_ref().into());
        item.insert("itemCount".into(), child.item_count.into());
    }
    set(
        &mut item,
        "stateMachineVersionArn",
        record.state_machine_version_arn.as_deref(),
    );
    set(
        &mut item,
        "stateMachineAliasArn",
        record.state_machine_alias_arn.as_deref(),
    );
    item
}

/// The event's `type`.
pub(crate) fn type_name(event: &Event) -> String {
    match event {
        Event::StateEntered { state_type: of, .. } => format!("{}StateEntered", state_type(*of)),
        Event::StateExited { state_type: of, .. } => format!("{}StateExited", state_type(*of)),
        Event::ExecutionStarted { .. } => "ExecutionStarted".into(),
        Event::ExecutionSucceeded { .. } => "ExecutionSucceeded".into(),
        Event::ExecutionFailed { .. } => "ExecutionFailed".into(),
        Event::ExecutionTimedOut { .. } => "ExecutionTimedOut".into(),
        Event::ExecutionAborted { .. } => "ExecutionAborted".into(),
        Event::LambdaFunctionScheduled { .. } => "LambdaFunctionScheduled".into(),
        Event::LambdaFunctionScheduleFailed { .. } => "LambdaFunctionScheduleFailed".into(),
        Event::LambdaFunctionStarted => "LambdaFunctionStarted".into(),
        Event::LambdaFunctionStartFailed { .. } => "LambdaFunctionStartFailed".into(),
        Event::LambdaFunctionSucceeded { .. } => "LambdaFunctionSucceeded".into(),
        Event::LambdaFunctionFailed { .. } => "LambdaFunctionFailed".into(),
        Event::LambdaFunctionTimedOut { .. } => "LambdaFunctionTimedOut".into(),
        Event::ActivityScheduled { .. } => "ActivityScheduled".into(),
        Event::ActivityScheduleFailed { .. } => "ActivityScheduleFailed".into(),
        Event::ActivityStarted { .. } => "ActivityStarted".into(),
        Event::ActivitySucceeded { .. } => "ActivitySucceeded".into(),
        Event::ActivityFailed { .. } => "ActivityFailed".into(),
        Event::ActivityTimedOut { .. } => "ActivityTimedOut".into(),
        Event::TaskScheduled { .. } => "TaskScheduled".into(),
        Event::TaskStarted { .. } => "TaskStarted".into(),
        Event::TaskStartFailed { .. } => "TaskStartFailed".into(),
        Event::TaskSubmitted { .. } => "TaskSubmitted".into(),
        Event::TaskSubmitFailed { .. } => "TaskSubmitFailed".into(),
        Event::TaskSucceeded { .. } => "TaskSucceeded".into(),
        Event::TaskFailed { .. } => "TaskFailed".into(),
        Event::TaskTimedOut { .. } => "TaskTimedOut".into(),
        Event::TaskStateAborted => "TaskStateAborted".into(),
        Event::WaitStateAborted => "WaitStateAborted".into(),
        Event::ParallelStateStarted => "ParallelStateStarted".into(),
        Event::ParallelStateSucceeded => "ParallelStateSucceeded".into(),
        Event::ParallelStateFailed => "ParallelStateFailed".into(),
        Event::ParallelStateAborted => "ParallelStateAborted".into(),
        Event::MapStateStarted { .. } => "MapStateStarted".into(),
        Event::MapStateSucceeded => "MapStateSucceeded".into(),
        Event::MapStateFailed => "MapStateFailed".into(),
        Event::MapStateAborted => "MapStateAborted".into(),
        Event::MapIterationStarted { .. } => "MapIterationStarted".into(),
        Event::MapIterationSucceeded { .. } => "MapIterationSucceeded".into(),
        Event::MapIterationFailed { .. } => "MapIterationFailed".into(),
        Event::MapIterationAborted { .. } => "MapIterationAborted".into(),
        Event::MapRunStarted { .. } => "MapRunStarted".into(),
        Event::MapRunSucceeded => "MapRunSucceeded".into(),
        Event::MapRunFailed { .. } => "MapRunFailed".into(),
        Event::MapRunAborted => "MapRunAborted".into(),
        Event::EvaluationFailed { .. } => "EvaluationFailed".into(),
    }
}

/// The event's details and the member that holds them; none for events that have none.
fn details(event: &Event, data: bool) -> Option<(&'static str, Details)> {
    let new = Details::default;
    Some(match event {
        Event::ExecutionStarted {
            input,
            role_arn,
            state_machine_alias_arn,
            state_machine_version_arn,
        } => (
            "executionStartedEventDetails",
            new()
                .data("input", input, data)
                .text("roleArn", role_arn)
                .maybe("stateMachineAliasArn", state_machine_alias_arn.as_deref())
                .maybe(
                    "stateMachineVersionArn",
                    state_machine_version_arn.as_deref(),
                ),
        ),
        Event::ExecutionSucceeded { output } => (
            "executionSucceededEventDetails",
            new().data("output", output, data),
        ),
        Event::ExecutionFailed { error, cause } => (
            "executionFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::ExecutionTimedOut { error, cause } => (
            "executionTimedOutEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::ExecutionAborted { error, cause } => (
            "executionAbortedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::StateEntered { name, input, .. } => (
            "stateEnteredEventDetails",
            new().text("name", name).data("input", input, data),
        ),
        Event::StateExited {
            name,
            output,
            assigned_variables,
            ..
        } => {
            let mut details = new().text("name", name).data("output", output, data);
            if data && !assigned_variables.is_empty() {
                let variables: Map<String, Value> = assigned_variables
                    .iter()
                    .map(|(name, value)| (name.to_string(), Value::from(value.text().as_ref())))
                    .collect();
                details
                    .0
                    .insert("assignedVariables".into(), variables.into());
                details.0.insert(
                    "assignedVariablesDetails".into(),
                    json!({"truncated": false}),
                );
            }
            ("stateExitedEventDetails", details)
        }
        Event::LambdaFunctionScheduled {
            resource,
            input,
            timeout_in_seconds,
            task_credentials,
        } => (
            "lambdaFunctionScheduledEventDetails",
            new()
                .text("resource", resource)
                .data("input", input, data)
                .number("timeoutInSeconds", *timeout_in_seconds)
                .credentials(task_credentials.as_ref()),
        ),
        Event::LambdaFunctionScheduleFailed { error, cause } => (
            "lambdaFunctionScheduleFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionStartFailed { error, cause } => (
            "lambdaFunctionStartFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionSucceeded { output } => (
            "lambdaFunctionSucceededEventDetails",
            new().data("output", output, data),
        ),
        Event::LambdaFunctionFailed { error, cause } => (
            "lambdaFunctionFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionTimedOut { error, cause } => (
            "lambdaFunctionTimedOutEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityScheduled {
            resource,
            input,
            timeout_in_seconds,
            heartbeat_in_seconds,
        } => (
            "activityScheduledEventDetails",
            new()
                .text("resource", resource)
                .data("input", input, data)
                .number("timeoutInSeconds", *timeout_in_seconds)
                .number("heartbeatInSeconds", *heartbeat_in_seconds),
        ),
        Event::ActivityScheduleFailed { error, cause } => (
            "activityScheduleFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityStarted { worker_name } => (
            "activityStartedEventDetails",
            new().maybe("workerName", worker_name.as_deref()),
        ),
        Event::ActivitySucceeded { output } => (
            "activitySucceededEventDetails",
            new().data("output", output, data),
        ),
        Event::ActivityFailed { error, cause } => (
            "activityFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityTimedOut { error, cause } => (
            "activityTimedOutEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskScheduled {
            resource_type,
            resource,
            region,
            parameters,
            timeout_in_seconds,
            heartbeat_in_seconds,
            task_credentials,
        } => (
            "taskScheduledEventDetails",
            new()
                .resource(resource_type, resource)
                .text("region", region)
                .maybe("parameters", data.then(|| parameters.text().as_ref()))
                .number("timeoutInSeconds", *timeout_in_seconds)
                .number("heartbeatInSeconds", *heartbeat_in_seconds)
                .credentials(task_credentials.as_ref()),
        ),
        Event::TaskStarted {
            resource_type,
            resource,
        } => (
            "taskStartedEventDetails",
            new().resource(resource_type, resource),
        ),
        Event::TaskStartFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskStartFailedEventDetails",
            new()
                .resource(resource_type, resource)
                .failure(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskSubmitted {
            resource_type,
            resource,
            output,
        } => (
            "taskSubmittedEventDetails",
            new()
                .resource(resource_type, resource)
                .data("output", output, data),
        ),
        Event::TaskSubmitFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskSubmitFailedEventDetails",
            new()
                .resource(resource_type, resource)
                .failure(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskSucceeded {
            resource_type,
            resource,
            output,
        } => (
            "taskSucceededEventDetails",
            new()
                .resource(resource_type, resource)
                .data("output", output, data),
        ),
        Event::TaskFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskFailedEventDetails",
            new()
                .resource(resource_type, resource)
                .failure(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskTimedOut {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskTimedOutEventDetails",
            new()
                .resource(resource_type, resource)
                .failure(error.as_ref(), cause.as_ref()),
        ),
        Event::MapStateStarted { length } => (
            "mapStateStartedEventDetails",
            new().number("length", Some(*length)),
        ),
        Event::MapIterationStarted { name, index } => (
            "mapIterationStartedEventDetails",
            new().text("name", name).number("index", Some(*index)),
        ),
        Event::MapIterationSucceeded { name, index } => (
            "mapIterationSucceededEventDetails",
            new().text("name", name).number("index", Some(*index)),
        ),
        Event::MapIterationFailed { name, index } => (
            "mapIterationFailedEventDetails",
            new().text("name", name).number("index", Some(*index)),
        ),
        Event::MapIterationAborted { name, index } => (
            "mapIterationAbortedEventDetails",
            new().text("name", name).number("index", Some(*index)),
        ),
        Event::MapRunStarted { map_run_arn } => (
            "mapRunStartedEventDetails",
            new().text("mapRunArn", map_run_arn),
        ),
        Event::MapRunFailed { error, cause } => (
            "mapRunFailedEventDetails",
            new().failure(error.as_ref(), cause.as_ref()),
        ),
        Event::EvaluationFailed {
            error,
            cause,
            location,
            state,
        } => (
            "evaluationFailedEventDetails",
            new()
                .failure(error.as_ref(), cause.as_ref())
                .maybe("location", location.as_deref())
                .text("state", state),
        ),
        Event::LambdaFunctionStarted
        | Event::MapRunSucceeded
        | Event::MapRunAborted
        | Event::TaskStateAborted
        | Event::WaitStateAborted
        | Event::ParallelStateStarted
        | Event::ParallelStateSucceeded
        | Event::ParallelStateFailed
        | Event::ParallelStateAborted
        | Event::MapStateSucceeded
        | Event::MapStateFailed
        | Event::MapStateAborted => return None,
    })
}
