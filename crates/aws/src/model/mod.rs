//! The API models: what operations and shapes a service has, and what AWS allows in them.
//!
//! The models lie compressed in the binary. [`service`] unpacks and interns one on its first use, so that a server
//! that only ever speaks Step Functions never pays for the rest.

mod raw;

use std::collections::HashMap;
use std::sync::OnceLock;

use indexmap::IndexMap;

/// The wire protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target`, JSON in and out (`json`, and what CloudWatch speaks beside CBOR).
    AwsJson,
    /// Method and path, JSON bodies.
    RestJson,
    /// Form in, XML out.
    Query,
    /// Method and path, XML bodies.
    RestXml,
}

/// Where a member travels, when that is not the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// A label of the path.
    Uri,
    /// A parameter of the query string.
    QueryString,
    /// A header.
    Header,
    /// All headers with a prefix.
    Headers,
    /// The HTTP status.
    StatusCode,
}

/// How a timestamp is written where the protocol's default does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// Seconds since 1970, with a fraction.
    Unix,
    /// `2026-11-22T17:00:00Z`
    Iso8601,
    /// `Sun, 22 Nov 2026 17:00:00 GMT`
    Rfc822,
}

/// The place of a shape in its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapeId(u32);

/// A member of a structure, or the element of a list or map.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the models' own flags"
)]
#[derive(Debug)]
pub struct Member {
    /// Its type.
    pub shape: ShapeId,
    /// Where it travels; in the body if none.
    pub location: Option<Location>,
    /// Its name on the wire, where that is not the model's.
    pub location_name: Option<Box<str>>,
    /// Whether a request without it is refused.
    pub required: bool,
    /// XML and query lists without a wrapper.
    pub flattened: bool,
    /// A token that clients make up when the user gives none.
    pub idempotency_token: bool,
    /// A body that is streamed.
    pub streaming: bool,
}

/// What a structure holds.
#[derive(Debug, Default)]
pub struct Structure {
    /// The members by the model's names.
    pub members: IndexMap<Box<str>, Member>,
    /// The member that is the whole HTTP body.
    pub payload: Option<Box<str>>,
}

/// What kind of value a shape is.
#[derive(Debug)]
pub enum Kind {
    /// An object with named members.
    Structure(Structure),
    /// A sequence.
    List(Member),
    /// Text keys to values.
    Map(Member, Member),
    /// Text.
    String,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// True or false.
    Boolean,
    /// A point in time.
    Timestamp(Option<TimestampFormat>),
    /// Bytes.
    Blob,
}

/// A regular expression of the model, compiled on its first use.
#[derive(Debug)]
pub struct Pattern {
    /// The model's text.
    pub text: Box<str>,
    compiled: OnceLock<Option<fancy_regex::Regex>>,
}

impl Pattern {
    /// Whether the whole of `value` matches. A pattern that can't be compiled or takes too long allows everything.
    pub fn matches(&self, value: &str) -> bool {
        self.compiled()
            .is_none_or(|regex| regex.is_match(value).unwrap_or(true))
    }

    fn compiled(&self) -> Option<&fancy_regex::Regex> {
        self.compiled
            .get_or_init(|| {
                fancy_regex::RegexBuilder::new(&format!(r"\A(?:{})\z", self.text))
                    .backtrack_limit(100_000)
                    .delegate_size_limit(4 << 20)
                    .build()
                    .ok()
            })
            .as_ref()
    }
}

/// An error's code and status on the wire.
#[derive(Debug)]
pub struct ErrorTrait {
    /// The code, where it is not the shape's name (`NoSuchEntity` of `NoSuchEntityException`).
    pub code: Option<Box<str>>,
    /// The HTTP status, if the model gives one.
    pub status: Option<u16>,
}

/// A type of the model with its constraints.
#[derive(Debug)]
pub struct Shape {
    /// The model's name.
    pub name: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// Least length, size or value.
    pub min: Option<f64>,
    /// Greatest length, size or value.
    pub max: Option<f64>,
    /// What text must match.
    pub pattern: Option<Pattern>,
    /// The values of an enumeration, in the model's order.
    pub values: Vec<Box<str>>,
    /// Whether values must not be shown.
    pub sensitive: bool,
    /// Set for errors.
    pub error: Option<ErrorTrait>,
}

impl Shape {
    /// The members, if it is a structure.
    pub fn structure(&self) -> Option<&Structure> {
        match &self.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }
}

/// One operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// The model's name.
    pub name: Box<str>,
    /// The HTTP method.
    pub method: http::Method,
    /// The path with its labels in braces, and a fixed query if it has one.
    pub uri: Box<str>,
    /// The HTTP status of a success.
    pub status: u16,
    /// The input's structure.
    pub input: Option<ShapeId>,
    /// The output's structure.
    pub output: Option<ShapeId>,
    /// The element around the output in XML.
    pub result_wrapper: Option<Box<str>>,
    /// `sync-`, which clients put before the endpoint's host.
    pub host_prefix: Option<Box<str>>,
    segments: Vec<Segment>,
}

#[derive(Debug, PartialEq)]
enum Segment {
    Literal(Box<str>),
    Label(Box<str>),
    Greedy(Box<str>),
}

/// All that AWS says about one service's API.
#[derive(Debug)]
pub struct ServiceModel {
    /// The id in the registry.
    pub id: &'static str,
    /// How it is spoken.
    pub protocol: Protocol,
    /// `1.0` or `1.1`, of AWS JSON.
    pub json_version: Box<str>,
    /// What stands before the dot in `X-Amz-Target`.
    pub target_prefix: Box<str>,
    /// The namespace of XML answers.
    pub xml_namespace: Box<str>,
    /// `2016-11-23`
    pub api_version: Box<str>,
    /// `SFN`, `CloudWatch Logs`
    pub service_id: Box<str>,
    /// What hosts begin with, and what requests are signed for.
    pub endpoint_prefix: Box<str>,
    /// Whether errors also tell the code they had in the query protocol.
    pub query_compatible: bool,
    operations: IndexMap<Box<str>, Operation>,
    shapes: Vec<Shape>,
    errors: HashMap<Box<str>, ShapeId>,
}

impl ServiceModel {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// A shape.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// All shapes.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter()
    }

    /// The error's shape, by the code on the wire or the shape's name.
    pub fn error(&self, code: &str) -> Option<&Shape> {
        self.errors.get(code).map(|id| self.shape(*id))
    }

    /// The REST operation of a method and path, with the values of the path's labels.
    pub fn operation_at(
        &self,
        method: &http::Method,
        path: &str,
    ) -> Option<(&Operation, Vec<(&str, String)>)> {
        self.operations
            .values()
            .filter(|operation| operation.method == *method)
            .filter_map(|operation| {
                let labels = operation.labels_of(path)?;
                Some((labels.len(), operation, labels))
            })
            // `/functions/x` may be a literal of another operation: the one with fewer labels is meant.
            .min_by_key(|(count, ..)| *count)
            .map(|(_, operation, labels)| (operation, labels))
    }
}

impl Operation {
    fn labels_of(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let mut labels = Vec::new();
        let mut rest = path
            .trim_start_matches('/')
            .trim_end_matches('/')
            .split('/');
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => {
                    if rest.next()? != &**text {
                        return None;
                    }
                }
                Segment::Label(name) => {
                    let value = rest.next().filter(|value| !value.is_empty())?;
                    labels.push((&**name, decode_label(value)?));
                }
                Segment::Greedy(name) => {
                    let value: Vec<&str> = rest.by_ref().collect();
                    labels.push((&**name, decode_label(&value.join("/"))?));
                }
            }
        }
        rest.next().is_none().then_some(labels)
    }
}

fn decode_label(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()?;
    Some(decoded.into_owned())
}

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
pub const ENTRIES: [Entry; 13] = [
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
];

static MODELS: [OnceLock<ServiceModel>; ENTRIES.len()] = [const { OnceLock::new() }; ENTRIES.len()];

/// The model of a service by its id; unpacked on the first call.
pub fn service(id: &str) -> Option<&'static ServiceModel> {
    let at = ENTRIES.iter().position(|entry| entry.id == id)?;
    Some(MODELS[at].get_or_init(|| raw::unpack(ENTRIES[at].id, ENTRIES[at].packed)))
}

/// The model of a service in the words of one request: where newer clients send JSON, older ones may send forms.
pub fn spoken(id: &str, content_type: &str) -> Option<&'static ServiceModel> {
    let at = ENTRIES.iter().position(|entry| entry.id == id)?;
    let model = service(id)?;
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    if !model.query_compatible || !is_form {
        return Some(model);
    }
    Some(QUERY_MODELS[at].get_or_init(|| ServiceModel {
        protocol: Protocol::Query,
        ..raw::unpack(ENTRIES[at].id, ENTRIES[at].packed)
    }))
}

static QUERY_MODELS: [OnceLock<ServiceModel>; ENTRIES.len()] =
    [const { OnceLock::new() }; ENTRIES.len()];

/// The id of the service that requests are signed for under this name.
pub fn id_by_signing_name(name: &str) -> Option<&'static str> {
    let entry = ENTRIES.iter().find(|entry| entry.signing_name == name)?;
    Some(entry.id)
}

/// The id of the service with this `X-Amz-Target`, and the operation's name.
pub fn id_by_target(target: &str) -> Option<(&'static str, &str)> {
    let (prefix, operation) = target.split_once('.')?;
    let entry = ENTRIES
        .iter()
        .find(|entry| !entry.target_prefix.is_empty() && entry.target_prefix == prefix)?;
    Some((entry.id, operation))
}

/// The id of the service that `arn:aws:states:::aws-sdk:<name>:<operation>` means.
pub fn id_by_sdk_name(name: &str) -> Option<&'static str> {
    let entry = ENTRIES.iter().find(|entry| entry.sdk_name == name)?;
    Some(entry.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_services_says_what_the_models_say() {
        for entry in ENTRIES {
            let model = service(entry.id).expect("each entry has a model");
            let sdk_name = model.service_id.to_lowercase().replace(' ', "");
            assert_eq!(sdk_name, entry.sdk_name);
            assert_eq!(&*model.endpoint_prefix, entry.signing_name);
            assert_eq!(&*model.target_prefix, entry.target_prefix);
            assert!(model.operations().count() > 8, "{}", entry.id);
        }
    }

    #[test]
    fn a_rest_operation_is_found_by_method_and_path() {
        let lambda = service("lambda").expect("lambda has a model");
        let (operation, labels) = lambda
            .operation_at(
                &http::Method::POST,
                "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax%3Ay%3Afunction%3Az/invocations",
            )
            .expect("the path is Invoke's");
        assert_eq!(&*operation.name, "Invoke");
        assert_eq!(
            labels,
            [("FunctionName", "arn:aws:lambda:x:y:function:z".to_owned())]
        );
        let list = lambda.operation_at(&http::Method::GET, "/2015-03-31/functions/");
        assert_eq!(
            &*list.expect("a trailing slash is AWS's").0.name,
            "ListFunctions"
        );
        assert!(
            lambda
                .operation_at(&http::Method::GET, "/nothing")
                .is_none()
        );
    }

    #[test]
    fn the_patterns_of_the_services_we_serve_compile() {
        for id in ["states", "lambda", "rekognition", "iam", "sts"] {
            let model = service(id).expect("it has a model");
            for shape in model.shapes() {
                if let Some(pattern) = &shape.pattern {
                    assert!(
                        pattern.compiled().is_some(),
                        "{id} {}: {}",
                        shape.name,
                        pattern.text
                    );
                }
            }
        }
    }
}
