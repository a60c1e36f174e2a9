//! Which field may stand where: one table for each kind of object.

use crate::machine::QueryLanguage;

/// A field, and the only language that has it, if there is one.
pub(super) type Field = (&'static str, Option<QueryLanguage>);

const fn both(name: &'static str) -> Field {
    (name, None)
}

const fn path(name: &'static str) -> Field {
    (name, Some(QueryLanguage::JsonPath))
}

const fn jsonata(name: &'static str) -> Field {
    (name, Some(QueryLanguage::Jsonata))
}

pub(super) const MACHINE: [Field; 6] = [
    both("Comment"),
    both("StartAt"),
    both("States"),
    both("TimeoutSeconds"),
    both("Version"),
    both("QueryLanguage"),
];

/// A Parallel's branch: no `QueryLanguage` (measured on AWS).
pub(super) const BRANCH: [Field; 3] = [both("Comment"), both("StartAt"), both("States")];

pub(super) const PROCESSOR: [Field; 4] = [
    both("Comment"),
    both("StartAt"),
    both("States"),
    both("ProcessorConfig"),
];

pub(super) const PROCESSOR_CONFIG: [Field; 2] = [both("Mode"), both("ExecutionType")];

pub(super) const PASS: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Next"),
    both("End"),
    both("Assign"),
    path("InputPath"),
    path("OutputPath"),
    path("Parameters"),
    path("Result"),
    path("ResultPath"),
    jsonata("Output"),
];

pub(super) const TASK: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Next"),
    both("End"),
    both("Assign"),
    both("Resource"),
    both("TimeoutSeconds"),
    both("HeartbeatSeconds"),
    both("Credentials"),
    both("Retry"),
    both("Catch"),
    path("InputPath"),
    path("OutputPath"),
    path("Parameters"),
    path("ResultSelector"),
    path("ResultPath"),
    path("TimeoutSecondsPath"),
    path("HeartbeatSecondsPath"),
    jsonata("Arguments"),
    jsonata("Output"),
];

pub(super) const CHOICE: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Choices"),
    both("Default"),
    both("Assign"),
    path("InputPath"),
    path("OutputPath"),
    jsonata("Output"),
];

pub(super) const WAIT: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Next"),
    both("End"),
    both("Assign"),
    both("Seconds"),
    both("Timestamp"),
    path("InputPath"),
    path("OutputPath"),
    path("SecondsPath"),
    path("TimestampPath"),
    jsonata("Output"),
];

pub(super) const SUCCEED: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    path("InputPath"),
    path("OutputPath"),
    jsonata("Output"),
];

pub(super) const FAIL: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Error"),
    both("Cause"),
    path("ErrorPath"),
    path("CausePath"),
];

pub(super) const PARALLEL: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Next"),
    both("End"),
    both("Assign"),
    both("Branches"),
    both("Retry"),
    both("Catch"),
    path("InputPath"),
    path("OutputPath"),
    path("Parameters"),
    path("ResultSelector"),
    path("ResultPath"),
    jsonata("Arguments"),
    jsonata("Output"),
];

pub(super) const MAP: &[Field] = &[
    both("Type"),
    both("Comment"),
    both("QueryLanguage"),
    both("Next"),
    both("End"),
    both("Assign"),
    both("ItemProcessor"),
    both("Iterator"),
    both("MaxConcurrency"),
    both("ToleratedFailureCount"),
    both("ToleratedFailurePercentage"),
    both("Label"),
    both("ItemSelector"),
    both("ItemReader"),
    both("ItemBatcher"),
    both("ResultWriter"),
    both("Retry"),
    both("Catch"),
    path("InputPath"),
    path("OutputPath"),
    path("Parameters"),
    path("ResultSelector"),
    path("ResultPath"),
    path("ItemsPath"),
    path("MaxConcurrencyPath"),
    path("ToleratedFailureCountPath"),
    path("ToleratedFailurePercentagePath"),
    jsonata("Items"),
    jsonata("Output"),
];

pub(super) const RETRIER: [Field; 7] = [
    both("ErrorEquals"),
    both("IntervalSeconds"),
    both("MaxAttempts"),
    both("BackoffRate"),
    both("MaxDelaySeconds"),
    both("JitterStrategy"),
    both("Comment"),
];

pub(super) const CATCHER: [Field; 6] = [
    both("ErrorEquals"),
    both("Next"),
    both("Assign"),
    both("Comment"),
    path("ResultPath"),
    jsonata("Output"),
];

pub(super) const ITEM_READER: [Field; 4] = [
    both("Resource"),
    both("ReaderConfig"),
    path("Parameters"),
    jsonata("Arguments"),
];

pub(super) const READER_CONFIG: [Field; 9] = [
    both("InputType"),
    both("Transformation"),
    both("ManifestType"),
    both("CSVDelimiter"),
    both("CSVHeaderLocation"),
    both("CSVHeaders"),
    both("ItemsPointer"),
    both("MaxItems"),
    path("MaxItemsPath"),
];

pub(super) const ITEM_BATCHER: [Field; 5] = [
    both("MaxItemsPerBatch"),
    both("MaxInputBytesPerBatch"),
    both("BatchInput"),
    path("MaxItemsPerBatchPath"),
    path("MaxInputBytesPerBatchPath"),
];

pub(super) const RESULT_WRITER: [Field; 4] = [
    both("Resource"),
    both("WriterConfig"),
    path("Parameters"),
    jsonata("Arguments"),
];

pub(super) const WRITER_CONFIG: [Field; 2] = [both("Transformation"), both("OutputType")];

/// The optimised integrations: service, action, and whether `.sync`, `.sync:2` and `.waitForTaskToken` may follow
/// (step-functions.md 1.11). `aws-sdk` integrations are not listed: their names are those of the SDK.
pub(super) const INTEGRATIONS: &[(&str, &[&str], Patterns)] = &[
    ("lambda", &["invoke"], Patterns::TOKEN),
    ("apigateway", &["invoke"], Patterns::TOKEN),
    ("athena", &["startQueryExecution"], Patterns::SYNC),
    (
        "athena",
        &["stopQueryExecution", "getQueryExecution", "getQueryResults"],
        Patterns::NONE,
    ),
    ("batch", &["submitJob"], Patterns::SYNC),
    (
        "bedrock",
        &["invokeModel", "createModelCustomizationJob"],
        Patterns::ALL,
    ),
    ("bedrockagentcore", &["invokeHarness"], Patterns::NONE),
    (
        "codebuild",
        &["startBuild", "startBuildBatch", "retryBuildBatch"],
        Patterns::SYNC,
    ),
    (
        "codebuild",
        &[
            "stopBuild",
            "batchDeleteBuilds",
            "batchGetReports",
            "stopBuildBatch",
            "deleteBuildBatch",
        ],
        Patterns::NONE,
    ),
    ("databrew", &["startJobRun"], Patterns::SYNC),
    (
        "dynamodb",
        &["getItem", "putItem", "updateItem", "deleteItem"],
        Patterns::NONE,
    ),
    ("ecs", &["runTask"], Patterns::ALL),
    (
        "eks",
        &[
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
            "runJob",
        ],
        Patterns::ALL,
    ),
    ("eks", &["call"], Patterns::TOKEN),
    (
        "elasticmapreduce",
        &["createCluster", "terminateCluster", "addStep"],
        Patterns::SYNC,
    ),
    (
        "elasticmapreduce",
        &[
            "cancelStep",
            "setClusterTerminationProtection",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
        Patterns::NONE,
    ),
    (
        "emr-containers",
        &[
            "createVirtualCluster",
            "deleteVirtualCluster",
            "startJobRun",
        ],
        Patterns::SYNC,
    ),
    (
        "emr-serverless",
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
        Patterns::SYNC,
    ),
    ("events", &["putEvents"], Patterns::TOKEN),
    ("glue", &["startJobRun"], Patterns::SYNC),
    ("http", &["invoke"], Patterns::NONE),
    ("mediaconvert", &["createJob"], Patterns::SYNC),
    (
        "sagemaker",
        &[
            "createTrainingJob",
            "createTransformJob",
            "createProcessingJob",
            "createHyperParameterTuningJob",
            "createLabelingJob",
        ],
        Patterns::SYNC,
    ),
    (
        "sagemaker",
        &[
            "createEndpoint",
            "createEndpointConfig",
            "createModel",
            "updateEndpoint",
        ],
        Patterns::NONE,
    ),
    ("sns", &["publish"], Patterns::TOKEN),
    ("sqs", &["sendMessage"], Patterns::TOKEN),
    (
        "states",
        &["startExecution"],
        Patterns {
            sync: true,
            sync2: true,
            token: true,
        },
    ),
];

#[derive(Clone, Copy)]
pub(super) struct Patterns {
    pub(super) sync: bool,
    pub(super) sync2: bool,
    pub(super) token: bool,
}

impl Patterns {
    const NONE: Self = Self {
        sync: false,
        sync2: false,
        token: false,
    };
    const SYNC: Self = Self {
        sync: true,
        sync2: false,
        token: false,
    };
    const TOKEN: Self = Self {
        sync: false,
        sync2: false,
        token: true,
    };
    const ALL: Self = Self {
        sync: true,
        sync2: false,
        token: true,
    };
}
