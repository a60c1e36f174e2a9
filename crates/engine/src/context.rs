//! The context object, `$$`.

use std::sync::Arc;

use asl::machine::{Kind, State};
use asl::{Json, Object};

use crate::execution::{FrameId, Role};
use crate::run::Run;
use crate::{MapItem, Timestamp};

/// What the context object has besides what the frame knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// The iteration that a Map is about to start.
    pub(crate) item: Option<u64>,
    /// Of the attempt that a Task is about to make.
    pub(crate) task_token: Option<Arc<str>>,
}

impl Run<'_> {
    /// The members stand in the order in which AWS writes them (base/test_query_context_object_values).
    pub(crate) fn context(&self, id: FrameId, beside: &Beside) -> Json {
        let seed = &self.execution.seed;
        let execution = [
            ("Id", Json::string(Arc::clone(&seed.arn))),
            ("Input", seed.input.value().clone()),
            ("StartTime", Json::string(iso(seed.start))),
            ("Name", Json::string(Arc::clone(&seed.name))),
        ];
        // A state can be tested without a role.
        let role = (!seed.role_arn.is_empty()).then(|| Json::string(Arc::clone(&seed.role_arn)));
        let role = role.map(|role| ("RoleArn", role));
        // Not where someone waits for the answer (express, test_query_runtime_memory), nor where there is a RetryCount
        // (scenarios/test_lambda_invoke_with_retry_extended_input).
        let retries = self.state(id).is_some_and(has_retries);
        let redrives = !seed.synchronous && !retries;
        let redrives = redrives.then(|| ("RedriveCount", Json::Number(0.into())));
        let execution = Json::object(execution.into_iter().chain(role).chain(redrives));
        let machine = Json::object([
            ("Id", Json::string(Arc::clone(&seed.state_machine_arn))),
            ("Name", Json::string(Arc::clone(&seed.state_machine_name))),
        ]);
        let mut members = vec![
            ("Execution", execution),
            ("StateMachine", machine),
            ("State", self.context_state(id)),
        ];
        if let Some(item) = self.item(id, beside) {
            members.push(("Map", item.context()));
        }
        if let Some(token) = &beside.task_token {
            let token = Json::string(Arc::clone(token));
            members.push(("Task", Json::object([("Token", token)])));
        }
        let whole = Json::object(members);
        match self.watch.and_then(|watch| watch.context.as_ref()) {
            None => whole,
            Some(given) => overlaid(&whole, given),
        }
    }

    fn context_state(&self, id: FrameId) -> Json {
        let Some(core) = self.core(id) else {
            return Json::empty_object();
        };
        let mut members = vec![
            ("Name", Json::string(Arc::clone(&core.state))),
            ("EnteredTime", Json::string(iso(core.visit.entered))),
        ];
        if self.state(id).is_some_and(has_retries) {
            let count = Json::Number(core.visit.retry_count.into());
            members.push(("RetryCount", count));
        }
        Json::object(members)
    }

    /// The innermost item: of the iteration about to start, or of the nearest that the frame is part of.
    fn item(&self, id: FrameId, beside: &Beside) -> Option<MapItem> {
        if let Some(index) = beside.item {
            return self.item_of(id, index);
        }
        let mut id = id;
        loop {
            let core = self.core(id)?;
            let parent = core.parent?;
            if let Role::Iteration { index } = core.role {
                return self.item_of(parent, index);
            }
            id = parent;
        }
    }

    pub(crate) fn item_of(&self, map: FrameId, index: u64) -> Option<MapItem> {
        let items = self.execution.frames.get(&map)?.items.as_ref()?;
        MapItem::of(items.value(), index)
    }
}

/// The context object with what is given instead, member by member of its parts.
fn overlaid(whole: &Json, given: &Json) -> Json {
    let (Some(parts), Some(given)) = (whole.as_object(), given.as_object()) else {
        return given.clone();
    };
    let mut parts = parts.to_members();
    for (name, part) in given {
        let known = parts.get(name).and_then(Json::as_object);
        let merged = match (known, part.as_object()) {
            (Some(known), Some(part)) => {
                let mut members = known.to_members();
                members.extend(part.to_members());
                Json::Object(Object::new(members))
            }
            _ => part.clone(),
        };
        parts.insert(Arc::clone(name), merged);
    }
    Json::Object(Object::new(parts))
}

/// Whether the state may be tried again, and its context object says how often it was.
fn has_retries(state: &State) -> bool {
    matches!(state.kind, Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_))
}

/// An instant as AWS writes it in the context object: a whole second has no decimals (developer guide, context object).
fn iso(at: Timestamp) -> String {
    let format = match at.0 % 1000 {
        0 => "%Y-%m-%dT%H:%M:%SZ",
        _ => "%Y-%m-%dT%H:%M:%S%.3fZ",
    };
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.strftime(format).to_string())
        .unwrap_or_default()
}
