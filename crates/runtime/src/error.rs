use asl::Diagnostic;
use store::StoreError;

/// What a caller of the runtime can be told; `services/states` gives each its AWS code.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RuntimeError {
    /// `InvalidArn`
    #[error("Invalid Arn: 'Invalid ARN prefix: {0}'")]
    InvalidArn(String),
    /// `InvalidDefinition`: at least one of the findings is an error.
    #[error("{}", asl::create_error_message(.0))]
    InvalidDefinition(Vec<Diagnostic>),
    /// `StateMachineAlreadyExists`
    #[error("State Machine Already Exists: '{0}'")]
    StateMachineAlreadyExists(String),
    /// `StateMachineDoesNotExist`
    #[error("State Machine Does Not Exist: '{0}'")]
    StateMachineDoesNotExist(String),
    /// `StateMachineTypeNotSupported`
    #[error("This operation is not supported by this type of state machine")]
    StateMachineTypeNotSupported,
    /// `MissingRequiredParameter`
    #[error(
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
    )]
    NothingToUpdate,
    /// `ConflictException`
    #[error("{0}")]
    Conflict(String),
    /// `ResourceNotFound`
    #[error("Request references a resource that does not exist.")]
    ResourceNotFound(String),
    /// `ValidationException` with the reason `CANNOT_UPDATE_COMPLETED_MAP_RUN`
    #[error("The Map Run has completed and cannot be updated.")]
    MapRunCompleted,
    /// `ServiceQuotaExceededException`
    #[error("{0}")]
    QuotaExceeded(String),
    /// `ValidationException`
    #[error("{0}")]
    Validation(String),
    /// `ValidationException`: an execution was to be started as a test case that nobody configured.
    #[error(
        "The test case '{case}' of the state machine '{machine}' is not in the mock configuration"
    )]
    #[expect(missing_docs, reason = "the names say it")]
    TestCaseDoesNotExist { machine: String, case: String },
    /// `ExecutionAlreadyExists`
    #[error("Execution Already Exists: '{0}'")]
    ExecutionAlreadyExists(String),
    /// `ExecutionDoesNotExist`
    #[error("Execution Does Not Exist: '{0}'")]
    ExecutionDoesNotExist(String),
    /// `ActivityAlreadyExists`
    #[error("Activity Already Exists: '{0}'")]
    ActivityAlreadyExists(String),
    /// `ActivityDoesNotExist`
    #[error("Activity Does Not Exist: '{0}'")]
    ActivityDoesNotExist(String),
    /// `ActivityWorkerLimitExceeded`
    #[error(
        "The maximum number of workers concurrently polling for activity tasks has been reached."
    )]
    ActivityWorkerLimitExceeded,
    /// `InvalidExecutionInput`: the input's text is not JSON; the API words the parser's refusal.
    #[error("Invalid State Machine Execution Input: 'Invalid execution input.'")]
    InputIsNoJson,
    /// `InvalidExecutionInput`
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidExecutionInput(String),
    /// `InvalidOutput`
    #[error("Invalid Output: '{0}'")]
    InvalidOutput(String),
    /// `InvalidToken`, of task tokens and of page tokens
    #[error("Invalid Token: 'Invalid token'")]
    InvalidToken,
    /// `TaskDoesNotExist`
    #[error("Task Does Not Exist: 'Provided task does not exist'")]
    TaskDoesNotExist,
    /// `TaskTimedOut`
    #[error("Task Timed Out: 'Provided task does not exist anymore'")]
    TaskTimedOut,
    /// `ThrottlingException`: the shard's queue is full.
    #[error("Rate exceeded")]
    Throttled,
    /// The runtime is shutting down, or stopped after the store failed: HTTP 503, to be tried again.
    #[error("the runtime has stopped")]
    Stopped,
    /// The store can't be read or written.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A row is not what this release writes.
    #[error("a stored {0} can't be read")]
    Damaged(&'static str),
}
