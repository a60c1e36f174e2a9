//! What is asked for, and whether it can be.

use std::sync::Arc;

use asl::machine::{Kind, ScopeId, State, StateName};
use asl::{Json, Pattern, Payload, StateMachine, Target};
use aws::{ApiError, Call, Caller};
use engine::{Seed, Timestamp};
use serde_json::Value;

use super::context;
use super::mock::Mock;
use crate::{error, input, json_refusal, name};

/// `inspectionLevel`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Info,
    Debug,
    Trace,
}

/// `stateConfiguration`
#[derive(Default)]
pub(super) struct Configuration {
    pub(super) retrier_retry_count: u64,
    pub(super) map_iteration_failure_count: Option<u64>,
    pub(super) map_item_reader_data: Option<String>,
}

pub(super) struct Request {
    pub(super) machine: Arc<StateMachine>,
    scope: ScopeId,
    name: StateName,
    pub(super) role_arn: Option<String>,
    pub(super) input: Payload,
    pub(super) variables: Vec<(Arc<str>, Payload)>,
    pub(super) context: Option<Json>,
    pub(super) mock: Option<Mock>,
    pub(super) level: Level,
    pub(super) reveal_secrets: bool,
    pub(super) configuration: Configuration,
}

impl Request {
    /// The checks stand in the order in which AWS's refusals were recorded.
    ///
    /// # Errors
    /// `InvalidDefinition`, `InvalidArn`, `InvalidExecutionInput` and `ValidationException`.
    pub(super) fn read(call: &Call) -> Result<Self, ApiError> {
        let mock = input::object(call, "mock");
        mock.map_or(Ok(()), Mock::check_members)?;
        let (machine, scope, state) = definition(call)?;
        check_kind(&machine, &state, scope, mock.is_some())?;
        let mut request = Self {
            machine,
            scope,
            name: state,
            role_arn: input::maybe(call, "roleArn").map(str::to_owned),
            input: Payload::default(),
            variables: Vec::new(),
            context: None,
            mock: None,
            level: match input::maybe(call, "inspectionLevel") {
                Some("DEBUG") => Level::Debug,
                Some("TRACE") => Level::Trace,
                _ => Level::Info,
            },
            reveal_secrets: input::flag(call, "revealSecrets").unwrap_or(false),
            configuration: Configuration::default(),
        };
        request.check_role(mock.is_some())?;
        request.context = match input::maybe(call, "context") {
            None => None,
            Some(text) => Some(context::read(text, request.state(), mock.is_some())?),
        };
        request.input = read_input(call)?;
        request.variables = read_variables(call)?;
        request.configuration = request.read_configuration(call)?;
        request.mock = match mock {
            None => None,
            Some(mock) => Some(Mock::read(mock, request.state())?),
        };
        Ok(request)
    }

    /// The state under test.
    pub(super) fn state(&self) -> &State {
        let scope = &self.machine.scopes[self.scope.0 as usize];
        &scope.states[&self.name]
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.state().kind, Kind::Map(_))
    }

    /// The execution around the state, as AWS makes one up: EXPRESS, both names random.
    pub(super) fn seed(&self, caller: &Caller, now: Timestamp) -> Seed {
        let (machine, name) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let arn = |resource: String| -> Arc<str> {
            let Caller {
                account, region, ..
            } = caller;
            format!("arn:aws:states:{region}:{account}:{resource}").into()
        };
        Seed {
            arn: arn(format!("express:{machine}:{name}")),
            name: name.to_string().into(),
            state_machine_arn: arn(format!("stateMachine:{machine}")),
            state_machine_name: machine.to_string().into(),
            role_arn: self.role_arn.as_deref().unwrap_or_default().into(),
            region: Arc::clone(&caller.region),
            input: self.input.clone(),
            start: now,
            state_machine_alias_arn: None,
            state_machine_version_arn: None,
            scope: self.scope,
            express: true,
            synchronous: true,
            token_prefix: Vec::new(),
        }
    }

    fn check_role(&self, mocked: bool) -> Result<(), ApiError> {
        match &self.role_arn {
            Some(role_arn) => name::check_role(role_arn),
            None if !mocked && matches!(self.state().kind, Kind::Task(_)) => Err(
                ApiError::validation("RoleArn must be specified when testing a Task state"),
            ),
            None => Ok(()),
        }
    }

    fn read_configuration(&self, call: &Call) -> Result<Configuration, ApiError> {
        let Some(given) = input::object(call, "stateConfiguration") else {
            return Ok(Configuration::default());
        };
        let number = |member: &str| given.get(member).and_then(Value::as_u64);
        let text = |member: &str| given.get(member).and_then(Value::as_str);
        if let Some(cause) = text("errorCausedByState") {
            self.machine.find(cause).ok_or_else(not_found)?;
        }
        Ok(Configuration {
            retrier_retry_count: number("retrierRetryCount").unwrap_or(0),
            map_iteration_failure_count: number("mapIterationFailureCount"),
            map_item_reader_data: text("mapItemReaderData").map(str::to_owned),
        })
    }
}

fn not_found() -> ApiError {
    ApiError::validation("State not found in definition")
}

/// The machine, and where in it the state is: a whole machine with `stateName`, or a state alone.
fn definition(call: &Call) -> Result<(Arc<StateMachine>, ScopeId, StateName), ApiError> {
    let text = input::text(call, "definition")?;
    let name = input::maybe(call, "stateName");
    let parsed = match name {
        Some(_) => asl::parse(text),
        None => asl::parse_state(text),
    };
    let machine = parsed
        .machine
        .ok_or_else(|| error::api(runtime::RuntimeError::InvalidDefinition(parsed.diagnostics)))?;
    let name = name.unwrap_or(asl::LONE_STATE);
    let (scope, state) = machine.find(name).ok_or_else(not_found)?;
    let state = Arc::clone(&state.name);
    Ok((Arc::new(machine), scope, state))
}

/// What can be tested only with a mock, and what can't be mocked.
fn check_kind(
    machine: &StateMachine,
    name: &StateName,
    scope: ScopeId,
    mocked: bool,
) -> Result<(), ApiError> {
    let state = &machine.scopes[scope.0 as usize].states[name];
    let kind = match &state.kind {
        Kind::Task(task) if !mocked => return check_task(&task.resource),
        Kind::Map(_) | Kind::Parallel(_) if !mocked => {
            return Err(ApiError::new(
                "InvalidDefinition",
                "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, \
                 Pass, Succeed, Fail, Choice]",
            ));
        }
        Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_) => return Ok(()),
        Kind::Pass(_) => "Pass",
        Kind::Choice(_) => "Choice",
        Kind::Wait(_) => "Wait",
        Kind::Succeed => "Succeed",
        Kind::Fail(_) => "Fail",
    };
    if mocked {
        return Err(ApiError::validation(format!(
            "State type '{kind}' is not supported when a mock is specified"
        )));
    }
    Ok(())
}

/// DIVERGENCE: the guide says what is refused, and no recording how; the words are ours.
fn check_task(resource: &asl::Resource) -> Result<(), ApiError> {
    let what = match (resource.target(), resource.pattern()) {
        (Target::Activity { .. }, _) => "Activity tasks",
        (_, Pattern::Sync | Pattern::Sync2) => "the .sync service integration pattern",
        (_, Pattern::WaitForTaskToken) => "the .waitForTaskToken service integration pattern",
        (Target::Lambda { .. } | Target::Integration { .. }, Pattern::RequestResponse) => {
            return Ok(());
        }
    };
    Err(ApiError::new(
        "InvalidDefinition",
        format!("TestState API does not support {what} unless a mock is specified"),
    ))
}

fn read_input(call: &Call) -> Result<Payload, ApiError> {
    let text = input::maybe(call, "input").unwrap_or("{}");
    Payload::from_text(text).map_err(|_| {
        let why = json_refusal::why(text, "Invalid execution input.");
        error::api(runtime::RuntimeError::InvalidExecutionInput(why))
    })
}

fn read_variables(call: &Call) -> Result<Vec<(Arc<str>, Payload)>, ApiError> {
    let Some(text) = input::maybe(call, "variables") else {
        return Ok(Vec::new());
    };
    let variables = Json::from_text(text).ok();
    let variables = variables.as_ref().and_then(Json::as_object);
    let variables =
        variables.ok_or_else(|| ApiError::validation("Variables must be a valid JSON object"))?;
    Ok(variables
        .iter()
        .map(|(name, value)| (Arc::clone(name), Payload::new(value.clone())))
        .collect())
}
