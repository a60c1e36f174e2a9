//! The API models: what operations and shapes a service has, and what AWS allows in them.
//!
//! The models of the services that Canter has lie compressed in the binary. [`service`] unpacks and interns one on its
//! first use, so that a server that only ever speaks Step Functions never pays for the rest. [`add`] takes further ones
//! at run time.

mod catalogue;
mod raw;

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::OnceLock;

use indexmap::IndexMap;

pub use catalogue::{
    ENTRIES, Entry, ModelError, OWN_TARGET_PREFIX, add, id_by_name, id_by_sdk_name,
    id_by_signing_name, id_by_target, plain_name, sdk_case, service, spoken,
};

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
    /// Its name in the forms of EC2, where that follows from none of the others.
    pub query_name: Option<Box<str>>,
    /// Whether a request without it is refused.
    pub required: bool,
    /// XML and query lists without a wrapper.
    pub flattened: bool,
    /// A token that clients make up when the user gives none.
    pub idempotency_token: bool,
    /// A body that is streamed.
    pub streaming: bool,
    /// In XML an attribute of the structure's element.
    pub xml_attribute: bool,
    /// The namespace of its element.
    pub xml_namespace: Option<XmlNamespace>,
}

impl Member {
    /// Its name on the wire, given the model's.
    pub fn wire_name<'n>(&'n self, name: &'n str) -> &'n str {
        self.location_name.as_deref().unwrap_or(name)
    }
}

/// What `xmlns` or `xmlns:prefix` says.
#[derive(Debug)]
pub struct XmlNamespace {
    /// `xsi`
    pub prefix: Option<Box<str>>,
    /// `http://s3.amazonaws.com/doc/2006-03-01/`
    pub uri: Box<str>,
}

/// What a structure holds.
#[derive(Debug, Default)]
pub struct Structure {
    /// The members by the model's names.
    pub members: IndexMap<Box<str>, Member>,
    /// The member that is the whole HTTP body.
    pub payload: Option<Box<str>>,
    /// The namespace that its element declares.
    pub xml_namespace: Option<XmlNamespace>,
    /// A stream of events, which no call here can carry.
    pub event_stream: bool,
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
    /// Any JSON.
    Document,
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
    /// The root element of the input in XML, and its namespace.
    pub input_element: Option<(Box<str>, Option<XmlNamespace>)>,
    /// The element around the output in XML.
    pub result_wrapper: Option<Box<str>>,
    /// The errors that the model names.
    pub errors: Vec<ShapeId>,
    /// Whether a request needs a checksum of its body.
    pub checksum_required: bool,
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
    /// What hosts begin with.
    pub endpoint_prefix: Box<str>,
    /// What requests are signed for.
    pub signing_name: Box<str>,
    /// Whether errors also tell the code they had in the query protocol.
    pub query_compatible: bool,
    /// Whether its query protocol is EC2's dialect.
    pub ec2: bool,
    /// Whether members in JSON bodies have other names on the wire, or timestamps another form than a number.
    pub(crate) json_differs: bool,
    operations: IndexMap<Box<str>, Operation>,
    /// Those that AWS does not have, see [`ServiceModel::own_operation`].
    own_operations: IndexMap<Box<str>, Operation>,
    shapes: Vec<Shape>,
    errors: HashMap<Box<str>, ShapeId>,
}

impl ServiceModel {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// The operation of Canter's own of that name (docs/own-operations.md). They are no part of AWS's API: no Task state
    /// calls them, and they are asked for under a target of their own.
    pub fn own_operation(&self, name: &str) -> Option<&Operation> {
        self.own_operations.get(name)
    }

    /// All operations of AWS's.
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
        self.error_id(code).map(|id| self.shape(id))
    }

    pub(crate) fn error_id(&self, code: &str) -> Option<ShapeId> {
        self.errors.get(code).copied()
    }

    /// The REST operation of a method, path and query.
    pub fn operation_at(
        &self,
        method: &http::Method,
        path: &str,
        query: &str,
    ) -> Option<&Operation> {
        let has = |fixed: &str| query.split('&').any(|pair| pair == fixed);
        self.operations
            .values()
            .filter(|operation| operation.method == *method)
            .filter(|operation| operation.fixed_query().all(has))
            .filter(|operation| operation.labels(path).is_some())
            // `/functions/x` may be a literal of another operation: the one is meant that says more of the path, and of
            // those the one that asks for more of the query.
            .min_by_key(|operation| {
                let is_label = |segment: &&Segment| !matches!(segment, Segment::Literal(_));
                let labels = operation.segments.iter().filter(is_label).count();
                let literals = operation.segments.len() - labels;
                let asked = operation.fixed_query().count();
                (labels, Reverse(literals), Reverse(asked))
            })
    }

    /// Whether the input or output of an operation is a stream of events.
    pub fn streams_events(&self, operation: &Operation) -> bool {
        [operation.input, operation.output]
            .into_iter()
            .flatten()
            .filter_map(|id| self.shape(id).structure())
            .flat_map(|structure| structure.members.values())
            .filter_map(|member| self.shape(member.shape).structure())
            .any(|structure| structure.event_stream)
    }
}

impl Operation {
    /// The parts of the query that are always the same: `tagging`, `list-type=2`.
    pub(crate) fn fixed_query(&self) -> impl Iterator<Item = &str> {
        let query = self.uri.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter(|pair| !pair.is_empty())
    }

    /// The values of the path's labels, if the path is of its form.
    pub(crate) fn labels(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let mut labels = Vec::new();
        let path = path.strip_prefix('/').unwrap_or(path);
        // A key of S3 may end with a slash.
        let path = match self.segments.last() {
            Some(Segment::Greedy(_)) => path,
            _ => path.trim_end_matches('/'),
        };
        let mut rest: VecDeque<&str> = path.split('/').collect();
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Literal(text) => {
                    if rest.pop_front()? != &**text {
                        return None;
                    }
                }
                Segment::Label(name) => {
                    let value = rest.pop_front().filter(|value| !value.is_empty())?;
                    labels.push((&**name, decode_label(value)?));
                }
                Segment::Greedy(name) => {
                    let following = self.segments.len() - at - 1;
                    let count = rest.len().checked_sub(following)?;
                    let value: Vec<&str> = rest.drain(..count).collect();
                    labels.push((&**name, decode_label(&value.join("/"))?));
                }
            }
        }
        rest.is_empty().then_some(labels)
    }
}

fn decode_label(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()?;
    Some(decoded.into_owned())
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
            assert_eq!(&*model.signing_name, entry.signing_name);
            assert_eq!(&*model.target_prefix, entry.target_prefix);
            assert!(model.operations().count() > 8, "{}", entry.id);
        }
    }

    #[test]
    fn a_rest_operation_is_found_by_method_and_path() {
        let lambda = service("lambda").expect("lambda has a model");
        let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax%3Ay%3Afunction%3Az/invocations";
        let operation = lambda
            .operation_at(&http::Method::POST, path, "")
            .expect("the path is Invoke's");
        assert_eq!(&*operation.name, "Invoke");
        assert_eq!(
            operation.labels(path),
            Some(vec![(
                "FunctionName",
                "arn:aws:lambda:x:y:function:z".to_owned()
            )])
        );
        let list = lambda.operation_at(&http::Method::GET, "/2015-03-31/functions/", "");
        assert_eq!(
            &*list.expect("a trailing slash is AWS's").name,
            "ListFunctions"
        );
        assert!(
            lambda
                .operation_at(&http::Method::GET, "/nothing", "")
                .is_none()
        );
    }

    #[test]
    fn a_query_tells_operations_of_one_path_apart() {
        let s3 = service("s3").expect("s3 has a model");
        let name = |query| {
            let found = s3.operation_at(&http::Method::GET, "/bucket", query);
            &*found.expect("the path is a bucket's").name
        };
        assert_eq!(name("list-type=2&prefix=a"), "ListObjectsV2");
        assert_eq!(name("tagging"), "GetBucketTagging");
        assert_eq!(name("prefix=a"), "ListObjects");
        let get = s3
            .operation("GetObject")
            .expect("it is one of its operations");
        let labels = get.labels("/bucket/a//b%20c/").expect("a key");
        assert_eq!(labels[1].1, "a//b c/");
    }

    #[test]
    fn the_patterns_of_the_services_we_serve_compile() {
        for id in [
            "states",
            "lambda",
            "rekognition",
            "iam",
            "sts",
            "logs",
            "events",
        ] {
            let model = service(id).expect("it has a model");
            for shape in model.shapes() {
                // Nothing that is served has this one.
                if &*shape.name == "ResourceType" {
                    continue;
                }
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
