//! History events as GetExecutionHistory shows them.

use asl::Payload;
use engine::{Event, HistoryEvent, StateType};
use serde_json::{Map, Value, json};

pub(crate) fn history(events: &[HistoryEvent]) -> Value {
    Value::Array(events.iter().map(event).collect())
}

fn event(event: &HistoryEvent) -> Value {
    let mut members = Map::new();
    members.insert("timestamp".into(), json!({"$datetime": event.timestamp.0}));
    members.insert("type".into(), event_type(&event.event).into());
    members.insert("id".into(), event.id.into());
    members.insert("previousEventId".into(), event.previous_event_id.into());
    if let Some((name, details)) = details(&event.event) {
        members.insert(format!("{name}EventDetails"), details);
    }
    Value::Object(members)
}

pub(crate) fn event_type(event: &Event) -> String {
    match event {
        Event::StateEntered { state_type, .. } => format!("{}StateEntered", state(*state_type)),
        Event::StateExited { state_type, .. } => format!("{}StateExited", state(*state_type)),
        other => {
            let text = format!("{other:?}");
            let end = text.find([' ', '{']).unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}

fn state(state_type: StateType) -> String {
    format!("{state_type:?}")
}

struct Details(Map<String, Value>);

impl Details {
    fn new() -> Self {
        Self(Map::new())
    }
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }
    fn some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
    fn data(self, name: &str, payload: &Payload) -> Self {
        self.with(name, payload.text().as_ref())
            .with(&format!("{name}Details"), json!({"truncated": false}))
    }
    fn error(self, error: Option<&String>, cause: Option<&String>) -> Self {
        self.some("error", error.cloned())
            .some("cause", cause.cloned())
    }
    fn task(self, resource_type: &str, resource: &str) -> Self {
        self.with("resourceType", resource_type)
            .with("resource", resource)
    }
}

fn credentials(role_arn: Option<&String>) -> Option<Value> {
    role_arn.map(|role_arn| json!({"roleArn": role_arn}))
}

fn details(event: &Event) -> Option<(&'static str, Value)> {
    let new = Details::new;
    let (name, details) = match event {
        Event::ExecutionStarted {
            input,
            role_arn,
            state_machine_alias_arn,
            state_machine_version_arn,
        } => (
            "executionStarted",
            new()
                .data("input", input)
                .with("roleArn", role_arn.as_ref())
                .some("stateMachineAliasArn", state_machine_alias_arn.as_deref())
                .some(
                    "stateMachineVersionArn",
                    state_machine_version_arn.as_deref(),
                ),
        ),
        Event::ExecutionSucceeded { output } => {
            ("executionSucceeded", new().data("output", output))
        }
        Event::ExecutionFailed { error, cause } => (
            "executionFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::ExecutionTimedOut { error, cause } => (
            "executionTimedOut",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::ExecutionAborted { error, cause } => (
            "executionAborted",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::StateEntered { name, input, .. } => (
            "stateEntered",
            new().with("name", name.as_ref()).data("input", input),
        ),
        Event::StateExited {
            name,
            output,
            assigned_variables,
            ..
        } => {
            let mut details = new().with("name", name.as_ref()).data("output", output);
            if !assigned_variables.is_empty() {
                let variables: Map<String, Value> = assigned_variables
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.text().as_ref().into()))
                    .collect();
                details = details
                    .with("assignedVariables", variables)
                    .with("assignedVariablesDetails", json!({"truncated": false}));
            }
            ("stateExited", details)
        }
        Event::LambdaFunctionScheduled {
            resource,
            input,
            timeout_in_seconds,
            task_credentials,
        } => (
            "lambdaFunctionScheduled",
            new()
                .with("resource", resource.as_ref())
                .data("input", input)
                .some("timeoutInSeconds", *timeout_in_seconds)
                .some("taskCredentials", credentials(task_credentials.as_ref())),
        ),
        Event::LambdaFunctionScheduleFailed { error, cause } => (
            "lambdaFunctionScheduleFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionStartFailed { error, cause } => (
            "lambdaFunctionStartFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionSucceeded { output } => {
            ("lambdaFunctionSucceeded", new().data("output", output))
        }
        Event::LambdaFunctionFailed { error, cause } => (
            "lambdaFunctionFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::LambdaFunctionTimedOut { error, cause } => (
            "lambdaFunctionTimedOut",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityScheduled {
            resource,
            input,
            timeout_in_seconds,
            heartbeat_in_seconds,
        } => (
            "activityScheduled",
            new()
                .with("resource", resource.as_ref())
                .data("input", input)
                .some("timeoutInSeconds", *timeout_in_seconds)
                .some("heartbeatInSeconds", *heartbeat_in_seconds),
        ),
        Event::ActivityScheduleFailed { error, cause } => (
            "activityScheduleFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityStarted { worker_name } => (
            "activityStarted",
            new().some("workerName", worker_name.clone()),
        ),
        Event::ActivitySucceeded { output } => ("activitySucceeded", new().data("output", output)),
        Event::ActivityFailed { error, cause } => (
            "activityFailed",
            new().error(error.as_ref(), cause.as_ref()),
        ),
        Event::ActivityTimedOut { error, cause } => (
            "activityTimedOut",
            new().error(error.as_ref(), cause.as_ref()),
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
            "taskScheduled",
            new()
                .task(resource_type, resource)
                .with("region", region.as_ref())
                .with("parameters", parameters.text().as_ref())
                .some("timeoutInSeconds", *timeout_in_seconds)
                .some("heartbeatInSeconds", *heartbeat_in_seconds)
                .some("taskCredentials", credentials(task_credentials.as_ref())),
        ),
        Event::TaskStarted {
            resource_type,
            resource,
        } => ("taskStarted", new().task(resource_type, resource)),
        Event::TaskStartFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskStartFailed",
            new()
                .task(resource_type, resource)
                .error(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskSubmitted {
            resource_type,
            resource,
            output,
        } => (
            "taskSubmitted",
            new().task(resource_type, resource).data("output", output),
        ),
        Event::TaskSubmitFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskSubmitFailed",
            new()
                .task(resource_type, resource)
                .error(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskSucceeded {
            resource_type,
            resource,
            output,
        } => (
            "taskSucceeded",
            new().task(resource_type, resource).data("output", output),
        ),
        Event::TaskFailed {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskFailed",
            new()
                .task(resource_type, resource)
                .error(error.as_ref(), cause.as_ref()),
        ),
        Event::TaskTimedOut {
            resource_type,
            resource,
            error,
            cause,
        } => (
            "taskTimedOut",
            new()
                .task(resource_type, resource)
                .error(error.as_ref(), cause.as_ref()),
        ),
        Event::MapStateStarted { length } => ("mapStateStarted", new().with("length", *length)),
        Event::MapIterationStarted { name, index } => ("mapIterationStarted", named(name, *index)),
        Event::MapIterationSucceeded { name, index } => {
            ("mapIterationSucceeded", named(name, *index))
        }
        Event::MapIterationFailed { name, index } => ("mapIterationFailed", named(name, *index)),
        Event::MapIterationAborted { name, index } => ("mapIterationAborted", named(name, *index)),
        Event::MapRunStarted { map_run_arn } => (
            "mapRunStarted",
            new().with("mapRunArn", map_run_arn.as_ref()),
        ),
        Event::MapRunFailed { error, cause } => {
            ("mapRunFailed", new().error(error.as_ref(), cause.as_ref()))
        }
        Event::EvaluationFailed {
            error,
            cause,
            location,
            state,
        } => (
            "evaluationFailed",
            new()
                .error(error.as_ref(), cause.as_ref())
                .some("location", location.clone())
                .with("state", state.as_ref()),
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
    };
    Some((name, Value::Object(details.0)))
}

fn named(name: &str, index: u64) -> Details {
    Details::new().with("name", name).with("index", index)
}
