//! Which services there are models of: those in the binary, and those that were added.

use std::io::Read as _;
use std::sync::{OnceLock, PoisonError, RwLock};

use super::{ServiceModel, raw};

/// What is known of a service without unpacking its model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The id in the registry.
    pub id: &'static str,
    /// What requests are signed for.
    pub signing_name: &'static str,
    /// How `arn:aws:states:::aws-sdk:<name>:…` calls it.
    pub sdk_name: &'static str,
    /// What stands before the dot in `X-Amz-Target`; empty where that header is not used.
    pub target_prefix: &'static str,
    packed: &'static [u8],
}

macro_rules! entry {
    ($id:literal, $signing:literal, $sdk:literal, $target:literal) => {
        Entry {
            id: $id,
            signing_name: $signing,
            sdk_name: $sdk,
            target_prefix: $target,
            packed: include_bytes!(concat!(env!("OUT_DIR"), "/", $id, ".z")),
        }
    };
}

/// The services whose models are here.
pub const ENTRIES: [Entry; 14] = [
    entry!("states", "states", "sfn", "AWSStepFunctions"),
    entry!("s3", "s3", "s3", ""),
    entry!("lambda", "lambda", "lambda", ""),
    entry!("dynamodb", "dynamodb", "dynamodb", "DynamoDB_20120810"),
    entry!(
        "rekognition",
        "rekognition",
        "rekognition",
        "RekognitionService"
    ),
    entry!("iam", "iam", "iam", ""),
    entry!("sts", "sts", "sts", ""),
    entry!("sqs", "sqs", "sqs", "AmazonSQS"),
    entry!("sns", "sns", "sns", ""),
    entry!("events", "events", "eventbridge", "AWSEvents"),
    entry!("logs", "logs", "cloudwatchlogs", "Logs_20140328"),
    entry!("cloudformation", "cloudformation", "cloudformation", ""),
    entry!(
        "cloudwatch",
        "monitoring",
        "cloudwatch",
        "GraniteServiceVersion20100801"
    ),
    entry!("kms", "kms", "kms", "TrentService"),
];

/// What stands before the dot in `X-Amz-Target` of Canter's own operations, which are signed for their service like its
/// others. AWS's prefixes are other words with other dates.
pub const OWN_TARGET_PREFIX: &str = "Canter_20261126";

/// The service that has operations of our own, and their models.
const OWN: (&str, &[u8]) = (
    "states",
    include_bytes!(concat!(env!("OUT_DIR"), "/states-own.z")),
);

static MODELS: [OnceLock<ServiceModel>; ENTRIES.len()] = [const { OnceLock::new() }; ENTRIES.len()];

/// Models that were added, for as long as the process lives.
static ADDED: RwLock<Vec<&'static ServiceModel>> = RwLock::new(Vec::new());

/// Why a model can't be added.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ModelError(pub(super) String);

/// Three times the largest there is (EC2's).
const MODEL_BYTES_MAX: u64 = 32 << 20;

/// Adds a model in botocore's form (`service-2.json`, also compressed by gzip) for the life of the process, and answers
/// the service's id: its name in `aws-sdk` integrations. A service that was added before keeps its model.
///
/// # Errors
/// When it is not of that form, speaks a protocol that is not known, or is of a service whose model is in the binary.
pub fn add(text: &[u8]) -> Result<&'static str, ModelError> {
    let mut unpacked = Vec::new();
    let text = if text.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(text)
            .take(MODEL_BYTES_MAX)
            .read_to_end(&mut unpacked)
            .map_err(|error| ModelError(format!("it can't be unpacked: {error}")))?;
        &unpacked
    } else {
        text
    };
    if text.len() as u64 >= MODEL_BYTES_MAX {
        return Err(ModelError("it is too large".into()));
    }
    let raw: raw::RawModel = raw::parse(text)?;
    let id = raw.sdk_name();
    if let Some(entry) = ENTRIES.iter().find(|entry| entry.sdk_name == id) {
        return Err(ModelError(format!(
            "the model of `{}` is built in",
            entry.id
        )));
    }
    let mut added = ADDED.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = added.iter().find(|model| model.id == id) {
        return Ok(known.id);
    }
    let model = raw::intern(Box::leak(id.into_boxed_str()), raw)?;
    added.push(Box::leak(Box::new(model)));
    Ok(added.last().expect("it was pushed").id)
}

fn added(is_it: impl Fn(&ServiceModel) -> bool) -> Option<&'static ServiceModel> {
    let added = ADDED.read().unwrap_or_else(PoisonError::into_inner);
    added.iter().copied().find(|model| is_it(model))
}

/// The model of a service by its id; unpacked on the first call.
pub fn service(id: &str) -> Option<&'static ServiceModel> {
    let Some(at) = ENTRIES.iter().position(|entry| entry.id == id) else {
        return added(|model| model.id == id);
    };
    let own = (id == OWN.0).then_some(OWN.1);
    Some(MODELS[at].get_or_init(|| raw::unpack(ENTRIES[at].id, ENTRIES[at].packed, own)))
}

/// The model of a service in the words of one request: where newer clients send JSON, older ones may send forms.
pub fn spoken(id: &str, content_type: &str) -> Option<&'static ServiceModel> {
    let model = service(id)?;
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    let at = ENTRIES.iter().position(|entry| entry.id == id);
    let (Some(at), true, true) = (at, model.query_compatible, is_form) else {
        return Some(model);
    };
    let Entry { id, packed, .. } = ENTRIES[at];
    Some(QUERY_MODELS[at].get_or_init(|| raw::unpack_for_forms(id, packed)))
}

static QUERY_MODELS: [OnceLock<ServiceModel>; ENTRIES.len()] =
    [const { OnceLock::new() }; ENTRIES.len()];

/// The id of the service that requests are signed for under this name.
pub fn id_by_signing_name(name: &str) -> Option<&'static str> {
    match ENTRIES.iter().find(|entry| entry.signing_name == name) {
        Some(entry) => Some(entry.id),
        None => added(|model| *model.signing_name == *name).map(|model| model.id),
    }
}

/// The id of the service with this `X-Amz-Target`, and the operation's name.
pub fn id_by_target(target: &str) -> Option<(&'static str, &str)> {
    let (prefix, operation) = target.split_once('.')?;
    if prefix == OWN_TARGET_PREFIX {
        return Some((OWN.0, operation));
    }
    let entry = ENTRIES
        .iter()
        .find(|entry| !entry.target_prefix.is_empty() && entry.target_prefix == prefix);
    let id = match entry {
        Some(entry) => entry.id,
        None => {
            added(|model| !model.target_prefix.is_empty() && *model.target_prefix == *prefix)?.id
        }
    };
    Some((id, operation))
}

/// The id of the service that `arn:aws:states:::aws-sdk:<name>:<operation>` means.
pub fn id_by_sdk_name(name: &str) -> Option<&'static str> {
    match ENTRIES.iter().find(|entry| entry.sdk_name == name) {
        Some(entry) => Some(entry.id),
        None => added(|model| model.id == name).map(|model| model.id),
    }
}

/// An operation's or a member's name as `aws-sdk` integrations have it, with a capital: `putItem` is PutItem.
pub fn sdk_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The id of the service that people call by this name: its id or its name in `aws-sdk` integrations, in any case and
/// with or without hyphens (`SECRETS_MANAGER`, `cloudwatch-logs`).
pub fn id_by_name(name: &str) -> Option<&'static str> {
    let plain = plain_name(name);
    match ENTRIES.iter().find(|entry| entry.id == plain) {
        Some(entry) => Some(entry.id),
        None => id_by_sdk_name(&plain),
    }
}

/// A service's name without what people write differently: lower case, letters and digits alone.
pub fn plain_name(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
