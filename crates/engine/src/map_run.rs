//! What a Distributed Map asks for, and what its children are given.

use std::cell::RefCell;
use std::sync::Arc;

use asl::machine::{Kind, Map, ScopeId, StateName};
use asl::{
    Allowance, Data, Entropy, Json, JsonataData, Payload, Place, StateMachine, StatesError,
    Variable,
};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Timestamp};

/// A Map Run to be made: all that the state says of it, evaluated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MapRunPlan {
    /// Under which its end is told.
    pub attempt: AttemptId,
    /// `arn:<partition>:states:<region>:<account>:mapRun:<machine>/<label>:<uuid>`
    pub arn: Arc<str>,
    /// The state's `Label`, or one that is made of its state machine and its name.
    pub label: Arc<str>,
    /// Where the Map state stands in the definition.
    pub scope: ScopeId,
    /// The Map state.
    pub state: StateName,
    /// What the children run.
    pub processor: ScopeId,
    /// Whether the children are EXPRESS.
    pub express: bool,
    /// The Map state's effective input, `$` of its `ItemSelector`.
    pub input: Payload,
    /// What it iterates over, an array or an object, where no reader gives it.
    pub items: Option<Payload>,
    /// `ItemReader`
    pub reader: Option<ReadPlan>,
    /// `ItemBatcher`
    pub batcher: Option<BatchPlan>,
    /// `ResultWriter`
    pub writer: Option<WritePlan>,
    /// `MaxConcurrency`; 0 for as many as the quota allows.
    pub max_concurrency: u64,
    /// `ToleratedFailureCount`
    pub tolerated_failure_count: Option<u64>,
    /// `ToleratedFailurePercentage`
    pub tolerated_failure_percentage: Option<f64>,
    /// The context object of the Map state, without an item.
    pub context: Payload,
    /// The variables that `ItemSelector` reads.
    pub variables: Vec<(Variable, Payload)>,
    /// What the randomness of the children's inputs derives from.
    pub entropy: [u8; 16],
    /// When the state was evaluated.
    pub now: Timestamp,
}

/// `ItemReader`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadPlan {
    /// `getObject` or `listObjectsV2`.
    pub action: Arc<str>,
    /// `Parameters` or `Arguments`.
    pub arguments: Payload,
    /// `ReaderConfig`, as written but for `MaxItems`.
    pub config: Option<Payload>,
    /// `ReaderConfig.MaxItems`; 0 for all, and what is below is to be refused.
    pub max_items: Option<i64>,
}

/// `ItemBatcher`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BatchPlan {
    /// `MaxItemsPerBatch`; 0 for no bound, and what is below is to be refused.
    pub max_items: Option<i64>,
    /// `MaxInputBytesPerBatch`, likewise.
    pub max_input_bytes: Option<i64>,
    /// `BatchInput`
    pub batch_input: Option<Payload>,
}

/// `ResultWriter`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WritePlan {
    /// `Parameters` or `Arguments`, where results are to be written.
    pub arguments: Option<Payload>,
    /// `WriterConfig`, as written.
    pub config: Option<Payload>,
}

/// One item of a Map, as the context object tells it.
#[derive(Clone, Debug)]
pub struct MapItem {
    /// `$$.Map.Item.Index`
    pub index: u64,
    /// `$$.Map.Item.Value`
    pub value: Json,
    /// `$$.Map.Item.Key`, of an object's members.
    pub key: Option<Arc<str>>,
    /// `$$.Map.Item.Source`: `STATE_DATA`, `S3://bucket` or `S3://bucket/key`.
    pub source: Arc<str>,
}

impl MapItem {
    /// The item at that index of an array, or the member there of an object, that stands in the state's input.
    pub fn of(items: &Json, index: u64) -> Option<Self> {
        let at = usize::try_from(index).ok()?;
        let (key, value) = match items.as_object() {
            Some(members) => {
                let (key, value) = members.get_index(at)?;
                (Some(Arc::clone(key)), value)
            }
            None => (None, items.at(at)?),
        };
        Some(Self {
            index,
            value: value.clone(),
            key,
            source: "STATE_DATA".into(),
        })
    }

    /// What an iteration or child is given without an `ItemSelector`: the value, or `{"Key": …, "Value": …}`.
    pub(crate) fn given(self) -> Json {
        match self.key {
            None => self.value,
            Some(key) => Json::object([("Key", Json::string(key)), ("Value", self.value)]),
        }
    }

    /// `$$.Map`
    pub(crate) fn context(&self) -> Json {
        let mut members = vec![
            ("Index", Json::Number(self.index.into())),
            ("Value", self.value.clone()),
        ];
        if let Some(key) = &self.key {
            members.push(("Key", Json::string(Arc::clone(key))));
        }
        members.push(("Source", Json::string(Arc::clone(&self.source))));
        Json::object([("Item", Json::object(members))])
    }
}

/// What a child is given for an item: the item itself, or what `ItemSelector` makes of it. The same item of the same
/// plan gives the same, `States.UUID` included. What is much larger than `payload_bytes_max` is not made; whether the
/// rest is small enough is for the caller to ask.
///
/// # Errors
/// As the evaluation of `ItemSelector`, or if the definition has no such Map state.
pub fn child_input(
    machine: &StateMachine,
    plan: &MapRunPlan,
    item: &MapItem,
    payload_bytes_max: usize,
) -> Result<Json, StatesError> {
    let map = map_of(machine, plan).ok_or_else(|| {
        StatesError::runtime(format!(
            "The state machine has no Map state '{}'.",
            plan.state
        ))
    })?;
    let Some(selector) = &map.item_selector else {
        return Ok(item.clone().given());
    };
    let context = || {
        let members = plan.context.value().as_object();
        let object = members.map(|members| members.with("Map", item.context()));
        object.map_or(Json::Null, Json::Object)
    };
    let variables = |name: &str| {
        let found = plan.variables.iter().find(|(known, _)| &*known.0 == name);
        found.map(|(_, value)| value.clone())
    };
    let entropy = RefCell::new(Entropy::derived(&[
        &plan.entropy,
        &item.index.to_be_bytes(),
    ]));
    let data = Data {
        input: plan.input.value(),
        context: &context,
        variables: &variables,
        entropy: &entropy,
        allowance: &Allowance::new(payload_bytes_max),
        jsonata: JsonataData {
            now_millis: plan.now.0,
            ..JsonataData::default()
        },
    };
    selector.evaluate(&data, Place::Field("ItemSelector"))
}

fn map_of<'a>(machine: &'a StateMachine, plan: &MapRunPlan) -> Option<&'a Map> {
    let scope = machine.scopes.get(plan.scope.0 as usize)?;
    match &scope.states.get(&plan.state)?.kind {
        Kind::Map(map) => Some(map),
        _ => None,
    }
}
