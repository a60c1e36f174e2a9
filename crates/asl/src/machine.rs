//! A state machine as types: what the engine walks. Field names are ASL's.
//!
//! Nested workflows (a Parallel's branches, a Map's processor) are flattened into [`StateMachine::scopes`], so that a
//! position is a scope and a state's name wherever it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::{Expression, JsonPath, Payload, ReferencePath, Resource, Template};

/// A state's name, unique in its state machine.
pub type StateName = Arc<str>;

/// A parsed and valid definition.
#[derive(Debug)]
pub struct StateMachine {
    /// The definition's `Comment`.
    pub comment: Option<String>,
    /// `TimeoutSeconds` of the whole execution.
    pub timeout_seconds: Option<u64>,
    /// The language of states that name none.
    pub query_language: QueryLanguage,
    /// Every workflow of the definition; the first is the outermost.
    pub scopes: Vec<Scope>,
    /// Which variables the fields of which states read, `variableReferences` of DescribeStateMachine.
    pub variable_references: IndexMap<StateName, BTreeSet<Arc<str>>>,
    /// Whether a state of it assigns variables.
    pub assigns: bool,
    /// The ARNs of the activities that its tasks are of.
    pub activities: BTreeSet<Arc<str>>,
}

impl StateMachine {
    /// The state of that name, wherever it stands: names are unique in a definition.
    pub fn find(&self, name: &str) -> Option<(ScopeId, &State)> {
        let scopes = (0..).map(ScopeId).zip(&self.scopes);
        let mut found = scopes.filter_map(|(id, scope)| Some((id, scope.states.get(name)?)));
        found.next()
    }
}

/// Which workflow of the definition: an index into [`StateMachine::scopes`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The outermost workflow.
    pub const ROOT: Self = Self(0);
}

/// A workflow: the machine itself, a branch, or an item processor.
#[derive(Debug)]
pub struct Scope {
    /// `StartAt`.
    pub start_at: StateName,
    /// `States`, in the definition's order.
    pub states: IndexMap<StateName, State>,
}

/// How expressions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryLanguage {
    /// Paths and intrinsic functions.
    #[default]
    JsonPath,
    /// `{% … %}`.
    Jsonata,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its key in `States`.
    pub name: StateName,
    /// `Comment`.
    pub comment: Option<String>,
    /// The language of its fields.
    pub query_language: QueryLanguage,
    /// Where it goes; a Choice says so in its rules, and Succeed and Fail end.
    pub transition: Transition,
    /// `InputPath` … `OutputPath`, or `Arguments` and `Output`.
    pub flow: Flow,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Type` and its own fields.
    pub kind: Kind,
}

impl State {
    /// `Retry`; empty where the state's type has none.
    pub fn retriers(&self) -> &[Retrier] {
        match &self.kind {
            Kind::Task(task) => &task.retry,
            Kind::Parallel(parallel) => &parallel.retry,
            Kind::Map(map) => &map.retry,
            Kind::Pass(_) | Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => &[],
        }
    }

    /// `Catch`, likewise.
    pub fn catchers(&self) -> &[Catcher] {
        match &self.kind {
            Kind::Task(task) => &task.catch,
            Kind::Parallel(parallel) => &parallel.catch,
            Kind::Map(map) => &map.catch,
            Kind::Pass(_) | Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => &[],
        }
    }
}

/// `Next` or `End`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// To the state of that name, in the same scope.
    Next(StateName),
    /// The end of this scope.
    End,
}

/// What becomes of a state's input and result.
#[derive(Debug)]
pub enum Flow {
    /// The JSONPath fields, each with its default filled in.
    JsonPath(PathFlow),
    /// The JSONata fields.
    Jsonata(JsonataFlow),
}

/// `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`.
#[derive(Debug)]
pub struct PathFlow {
    /// `$` by default; none for `null` (an empty object goes in).
    pub input_path: Option<JsonPath>,
    /// The payload template, if there is one.
    pub parameters: Option<Template>,
    /// The template over a Task's, Parallel's or Map's result.
    pub result_selector: Option<Template>,
    /// `$` by default (the result replaces the input); none for `null` (the result is dropped).
    pub result_path: Option<ReferencePath>,
    /// `$` by default; none for `null` (an empty object goes out).
    pub output_path: Option<JsonPath>,
}

/// `Arguments` and `Output`.
#[derive(Debug)]
pub struct JsonataFlow {
    /// What a Task or Parallel is given in place of the state's input.
    pub arguments: Option<Template>,
    /// What the state gives in place of its result.
    pub output: Option<Template>,
}

/// `Type` and the fields that only this type has.
#[derive(Debug)]
pub enum Kind {
    /// Hands on, or makes data.
    Pass(Pass),
    /// Does work.
    Task(Box<Task>),
    /// Branches.
    Choice(Choice),
    /// Delays.
    Wait(Wait),
    /// Ends well.
    Succeed,
    /// Ends badly.
    Fail(Fail),
    /// Runs branches at once.
    Parallel(Parallel),
    /// Runs a workflow for each item.
    Map(Box<Map>),
}

/// A Pass state.
#[derive(Debug)]
pub struct Pass {
    /// `Result`, taken literally.
    pub result: Option<Payload>,
}

/// A Task state.
#[derive(Debug)]
pub struct Task {
    /// What is called, and how its end is told.
    pub resource: Resource,
    /// `TimeoutSeconds`, `TimeoutSecondsPath` or an expression; none: 99,999,999 s.
    pub timeout_seconds: Option<Field<u64>>,
    /// `HeartbeatSeconds`, likewise.
    pub heartbeat_seconds: Option<Field<u64>>,
    /// `Credentials`, a template that gives `RoleArn`.
    pub credentials: Option<Template>,
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
}

/// A field that is a literal, a path to its value, or an expression.
#[derive(Debug)]
pub enum Field<T> {
    /// Written in the definition.
    Literal(T),
    /// From the state's effective input, by the `…Path` variant of the field.
    Path(Source),
    /// A JSONata expression.
    Expression(Expression),
}

/// Where a `…Path` field reads: input, context object or variable, or an intrinsic where ASL allows one.
#[derive(Debug)]
pub enum Source {
    /// `$…`, `$$…` or `$name…`.
    Path(JsonPath),
    /// `States.…(…)`, for `ErrorPath` and `CausePath`.
    Intrinsic(crate::Intrinsic),
}

/// A Choice state.
#[derive(Debug)]
pub struct Choice {
    /// `Choices`, tried in order.
    pub rules: Vec<Rule>,
    /// `Default`.
    pub default: Option<StateName>,
}

/// One top-level choice rule.
#[derive(Debug)]
pub struct Rule {
    /// When it matches.
    pub condition: Condition,
    /// `Next`.
    pub next: StateName,
    /// `Assign` of the rule.
    pub assign: Option<Template>,
    /// `Output` of the rule (JSONata).
    pub output: Option<Template>,
}

/// A rule's condition.
#[derive(Debug)]
pub enum Condition {
    /// `And`: all.
    And(Vec<Condition>),
    /// `Or`: any.
    Or(Vec<Condition>),
    /// `Not`.
    Not(Box<Condition>),
    /// `Variable` and a comparator.
    Compare {
        /// `Variable`.
        variable: JsonPath,
        /// The operator and what is compared with.
        comparison: Comparison,
    },
    /// `Condition`, JSONata.
    Expression(Expression),
    /// A literal Boolean in `Condition`.
    Literal(bool),
}

/// A comparator with its operand.
#[derive(Debug)]
pub enum Comparison {
    /// `StringEquals` … `TimestampGreaterThanEquals`, `BooleanEquals`, and their `…Path` variants.
    Relation {
        /// Of which type both must be.
        operand_type: OperandType,
        /// `Equals` and so on.
        relation: Relation,
        /// The literal, or where it is read.
        operand: Operand,
    },
    /// `StringMatches` with `*` and `\`.
    StringMatches(String),
    /// `IsNull`: whether it must be so.
    IsNull(bool),
    /// `IsPresent`.
    IsPresent(bool),
    /// `IsNumeric`.
    IsNumeric(bool),
    /// `IsString`.
    IsString(bool),
    /// `IsBoolean`.
    IsBoolean(bool),
    /// `IsTimestamp`.
    IsTimestamp(bool),
}

/// The type that a comparator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandType {
    /// `String…`
    String,
    /// `Numeric…`
    Numeric,
    /// `Boolean…`
    Boolean,
    /// `Timestamp…`
    Timestamp,
}

/// How two values are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `Equals`
    Equals,
    /// `LessThan`
    LessThan,
    /// `GreaterThan`
    GreaterThan,
    /// `LessThanEquals`
    LessThanEquals,
    /// `GreaterThanEquals`
    GreaterThanEquals,
}

/// What a value is compared with.
#[derive(Debug)]
pub enum Operand {
    /// Written in the rule.
    Literal(crate::Json),
    /// The `…Path` variants.
    Path(JsonPath),
}

/// A Wait state: exactly one of its four forms.
#[derive(Debug)]
pub enum Wait {
    /// `Seconds`, up to 99,999,999.
    Seconds(u64),
    /// `SecondsPath`.
    SecondsPath(JsonPath),
    /// `Seconds` as a JSONata expression.
    SecondsExpression(Expression),
    /// `Timestamp`, ISO 8601 with an offset, as written.
    Timestamp(String),
    /// `TimestampPath`.
    TimestampPath(JsonPath),
    /// `Timestamp` as a JSONata expression.
    TimestampExpression(Expression),
}

/// A Fail state.
#[derive(Debug)]
pub struct Fail {
    /// `Error`, `ErrorPath` or an expression.
    pub error: Option<Field<String>>,
    /// `Cause`, `CausePath` or an expression.
    pub cause: Option<Field<String>>,
}

/// A Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// `Branches`.
    pub branches: Vec<ScopeId>,
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
}

/// A Map state.
#[derive(Debug)]
pub struct Map {
    /// `ItemProcessor` or the legacy `Iterator`.
    pub processor: ScopeId,
    /// `ProcessorConfig.Mode`.
    pub mode: MapMode,
    /// `ItemsPath` (JSONPath), `$` by default.
    pub items_path: Option<JsonPath>,
    /// `Items` (JSONata).
    pub items: Option<Template>,
    /// `ItemSelector`, or the legacy `Parameters`.
    pub item_selector: Option<Template>,
    /// `MaxConcurrency`; none and 0 mean as many as the limit allows.
    pub max_concurrency: Option<Field<u64>>,
    /// `ToleratedFailureCount`.
    pub tolerated_failure_count: Option<Field<u64>>,
    /// `ToleratedFailurePercentage`, 0 to 100.
    pub tolerated_failure_percentage: Option<Field<f64>>,
    /// `Label`.
    pub label: Option<String>,
    /// `ItemReader` (Distributed).
    pub item_reader: Option<ItemReader>,
    /// `ItemBatcher` (Distributed).
    pub item_batcher: Option<ItemBatcher>,
    /// `ResultWriter` (Distributed).
    pub result_writer: Option<ResultWriter>,
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
}

/// Where a Distributed Map's items come from.
#[derive(Debug)]
pub struct ItemReader {
    /// `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`.
    pub resource: Resource,
    /// `Parameters` or `Arguments`.
    pub arguments: Option<Template>,
    /// `ReaderConfig`, as written.
    pub config: Option<crate::Json>,
    /// `ReaderConfig.MaxItems` or `MaxItemsPath`.
    pub max_items: Option<Field<u64>>,
}

/// How a Distributed Map's items are put together.
#[derive(Debug)]
pub struct ItemBatcher {
    /// `MaxItemsPerBatch` or its path.
    pub max_items: Option<Field<u64>>,
    /// `MaxInputBytesPerBatch` or its path.
    pub max_input_bytes: Option<Field<u64>>,
    /// `BatchInput`.
    pub batch_input: Option<Template>,
}

/// Where a Distributed Map's results go.
#[derive(Debug)]
pub struct ResultWriter {
    /// `arn:aws:states:::s3:putObject`; none where only the form of the results is set.
    pub resource: Option<Resource>,
    /// `Parameters` or `Arguments`.
    pub arguments: Option<Template>,
    /// `WriterConfig`, as written.
    pub config: Option<crate::Json>,
}

/// How a Map runs its iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapMode {
    /// Inside the execution.
    Inline,
    /// As child executions.
    Distributed {
        /// `ExecutionType` is `EXPRESS`.
        express: bool,
    },
}

/// One element of `Retry`.
#[derive(Clone, Debug, PartialEq)]
pub struct Retrier {
    /// `ErrorEquals`.
    pub error_equals: Vec<String>,
    /// `IntervalSeconds`, 1 by default.
    pub interval_seconds: u64,
    /// `MaxAttempts`, 3 by default; 0 never retries.
    pub max_attempts: u64,
    /// `BackoffRate`, at least 1.0, 2.0 by default.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`, the cap of the interval.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy`.
    pub jitter: Jitter,
}

/// `JitterStrategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// The interval as computed.
    #[default]
    None,
    /// Anything from zero to the interval.
    Full,
}

/// One element of `Catch`.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`.
    pub error_equals: Vec<String>,
    /// `Next`.
    pub next: StateName,
    /// `ResultPath`; none for `null`.
    pub result_path: Option<ReferencePath>,
    /// `Output` (JSONata).
    pub output: Option<Template>,
    /// `Assign`.
    pub assign: Option<Template>,
}
