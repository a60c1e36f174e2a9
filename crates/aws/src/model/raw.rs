//! From the models' JSON to the interned table.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    ErrorTrait, Kind, Location, Member, Operation, Pattern, Protocol, Segment, ServiceModel, Shape,
    ShapeId, Structure, TimestampFormat,
};

#[derive(Deserialize)]
struct RawModel {
    metadata: RawMetadata,
    operations: IndexMap<Box<str>, RawOperation>,
    shapes: IndexMap<Box<str>, RawShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    protocols: Vec<Box<str>>,
    #[serde(default)]
    json_version: Box<str>,
    #[serde(default)]
    target_prefix: Box<str>,
    #[serde(default)]
    xml_namespace: Box<str>,
    api_version: Box<str>,
    service_id: Box<str>,
    endpoint_prefix: Box<str>,
    aws_query_compatible: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct RawOperation {
    http: RawHttp,
    input: Option<RawRef>,
    output: Option<RawRef>,
    endpoint: Option<RawEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHttp {
    method: Box<str>,
    request_uri: Box<str>,
    response_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEndpoint {
    host_prefix: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRef {
    shape: Box<str>,
    location: Option<Box<str>>,
    location_name: Option<Box<str>>,
    result_wrapper: Option<Box<str>>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    idempotency_token: bool,
    #[serde(default)]
    streaming: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawShape {
    #[serde(rename = "type")]
    kind: Box<str>,
    #[serde(default)]
    members: IndexMap<Box<str>, RawRef>,
    #[serde(default)]
    required: Vec<Box<str>>,
    payload: Option<Box<str>>,
    member: Option<RawRef>,
    key: Option<RawRef>,
    value: Option<RawRef>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<Box<str>>,
    #[serde(default, rename = "enum")]
    values: Vec<Box<str>>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    exception: bool,
    error: Option<RawError>,
    timestamp_format: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawError {
    code: Option<Box<str>>,
    http_status_code: Option<u16>,
}

pub(super) fn unpack(id: &'static str, packed: &[u8]) -> ServiceModel {
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(packed)
        .read_to_end(&mut text)
        .expect("the build script packed it");
    let raw: RawModel = serde_json::from_slice(&text).expect("a model has the models' form");
    intern(id, raw)
}

fn intern(id: &'static str, raw: RawModel) -> ServiceModel {
    let ids: HashMap<Box<str>, ShapeId> = raw
        .shapes
        .keys()
        .enumerate()
        .map(|(at, name)| (name.clone(), ShapeId(at as u32)))
        .collect();
    let mut errors = HashMap::new();
    let shapes = raw
        .shapes
        .into_iter()
        .map(|(name, shape)| {
            if shape.exception {
                let id = ids[&name];
                if let Some(code) = shape.error.as_ref().and_then(|error| error.code.clone()) {
                    errors.insert(code, id);
                }
                errors.insert(name.clone(), id);
            }
            intern_shape(name, shape, &ids)
        })
        .collect();
    let operations = raw
        .operations
        .into_iter()
        .map(|(name, operation)| (name.clone(), intern_operation(name, operation, &ids)))
        .collect();
    ServiceModel {
        id,
        protocol: protocol(&raw.metadata.protocols),
        json_version: raw.metadata.json_version,
        target_prefix: raw.metadata.target_prefix,
        xml_namespace: raw.metadata.xml_namespace,
        api_version: raw.metadata.api_version,
        service_id: raw.metadata.service_id,
        endpoint_prefix: raw.metadata.endpoint_prefix,
        query_compatible: raw.metadata.aws_query_compatible.is_some(),
        operations,
        shapes,
        errors,
    }
}

fn protocol(names: &[Box<str>]) -> Protocol {
    names
        .iter()
        .find_map(|name| match &**name {
            "json" => Some(Protocol::AwsJson),
            "rest-json" => Some(Protocol::RestJson),
            "query" => Some(Protocol::Query),
            "rest-xml" => Some(Protocol::RestXml),
            _ => None,
        })
        .expect("each model speaks one of the four")
}

fn intern_operation(
    name: Box<str>,
    raw: RawOperation,
    ids: &HashMap<Box<str>, ShapeId>,
) -> Operation {
    let path = raw.http.request_uri.split('?').next().unwrap_or_default();
    Operation {
        segments: segments(path),
        method: raw.http.method.parse().expect("the model names a method"),
        uri: raw.http.request_uri,
        status: raw.http.response_code.unwrap_or(200),
        input: raw.input.map(|input| ids[&input.shape]),
        result_wrapper: raw
            .output
            .as_ref()
            .and_then(|output| output.result_wrapper.clone()),
        output: raw.output.map(|output| ids[&output.shape]),
        host_prefix: raw.endpoint.and_then(|endpoint| endpoint.host_prefix),
        name,
    }
}

fn segments(path: &str) -> Vec<Segment> {
    path.trim_matches('/')
        .split('/')
        .map(|text| {
            let label = text
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match label {
                Some(label) => match label.strip_suffix('+') {
                    Some(greedy) => Segment::Greedy(greedy.into()),
                    None => Segment::Label(label.into()),
                },
                None => Segment::Literal(text.into()),
            }
        })
        .collect()
}

fn intern_shape(name: Box<str>, raw: RawShape, ids: &HashMap<Box<str>, ShapeId>) -> Shape {
    let flattened = raw.flattened;
    let element = |member: Option<RawRef>| {
        let mut member = intern_member(member.expect("lists and maps have elements"), ids);
        member.flattened |= flattened;
        member
    };
    let kind = match &*raw.kind {
        "structure" => Kind::Structure(Structure {
            members: raw
                .members
                .into_iter()
                .map(|(name, member)| {
                    let mut member = intern_member(member, ids);
                    member.required = raw.required.contains(&name);
                    (name, member)
                })
                .collect(),
            payload: raw.payload,
        }),
        "list" => Kind::List(element(raw.member)),
        "map" => Kind::Map(element(raw.key), element(raw.value)),
        "string" | "character" => Kind::String,
        "integer" => Kind::Integer,
        "long" => Kind::Long,
        "float" | "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "timestamp" => Kind::Timestamp(raw.timestamp_format.map(|format| match &*format {
            "iso8601" => TimestampFormat::Iso8601,
            "rfc822" => TimestampFormat::Rfc822,
            _ => TimestampFormat::Unix,
        })),
        "blob" => Kind::Blob,
        other => panic!("the models know no type {other}"),
    };
    Shape {
        name,
        kind,
        min: raw.min,
        max: raw.max,
        pattern: raw.pattern.map(|text| Pattern {
            text,
            compiled: OnceLock::new(),
        }),
        values: raw.values,
        sensitive: raw.sensitive,
        error: raw.exception.then(|| {
            let (code, status) = match raw.error {
                Some(error) => (error.code, error.http_status_code),
                None => (None, None),
            };
            ErrorTrait { code, status }
        }),
    }
}

fn intern_member(raw: RawRef, ids: &HashMap<Box<str>, ShapeId>) -> Member {
    Member {
        shape: ids[&raw.shape],
        location: raw.location.map(|location| match &*location {
            "uri" => Location::Uri,
            "querystring" => Location::QueryString,
            "header" => Location::Header,
            "headers" => Location::Headers,
            "statusCode" => Location::StatusCode,
            other => panic!("the models know no location {other}"),
        }),
        location_name: raw.location_name,
        required: false,
        flattened: raw.flattened,
        idempotency_token: raw.idempotency_token,
        streaming: raw.streaming,
    }
}
