//! From the models' JSON to the interned table.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{
    ErrorTrait, Kind, Location, Member, ModelError, Operation, Pattern, Protocol, Segment,
    ServiceModel, Shape, ShapeId, Structure, TimestampFormat, XmlNamespace,
};

#[derive(Deserialize)]
pub(super) struct RawModel {
    metadata: RawMetadata,
    operations: IndexMap<Box<str>, RawOperation>,
    shapes: IndexMap<Box<str>, RawShape>,
    /// Operations that AWS does not have, over the same shapes.
    #[serde(skip)]
    own_operations: IndexMap<Box<str>, RawOperation>,
}

/// Operations of our own, and the shapes that they need besides the service's.
#[derive(Deserialize)]
struct RawOwn {
    operations: IndexMap<Box<str>, RawOperation>,
    shapes: IndexMap<Box<str>, RawShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    protocol: Box<str>,
    /// All that it speaks; older models have one only.
    #[serde(default)]
    protocols: Vec<Box<str>>,
    json_version: Option<Box<str>>,
    #[serde(default)]
    target_prefix: Box<str>,
    #[serde(default)]
    xml_namespace: Box<str>,
    api_version: Box<str>,
    service_id: Box<str>,
    endpoint_prefix: Box<str>,
    signing_name: Option<Box<str>>,
    aws_query_compatible: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawOperation {
    http: RawHttp,
    input: Option<RawRef>,
    output: Option<RawRef>,
    #[serde(default)]
    errors: Vec<RawRef>,
    endpoint: Option<RawEndpoint>,
    #[serde(default)]
    http_checksum_required: bool,
    #[serde(default)]
    http_checksum: RawChecksum,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawChecksum {
    #[serde(default)]
    request_checksum_required: bool,
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

#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the models' own flags"
)]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRef {
    shape: Box<str>,
    location: Option<Box<str>>,
    location_name: Option<Box<str>>,
    query_name: Option<Box<str>>,
    result_wrapper: Option<Box<str>>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    idempotency_token: bool,
    #[serde(default)]
    streaming: bool,
    #[serde(default)]
    xml_attribute: bool,
    xml_namespace: Option<RawNamespace>,
}

#[derive(Deserialize)]
struct RawNamespace {
    prefix: Option<Box<str>>,
    uri: Box<str>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the models' own flags"
)]
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
    #[serde(default)]
    document: bool,
    #[serde(default)]
    eventstream: bool,
    error: Option<RawError>,
    timestamp_format: Option<Box<str>>,
    xml_namespace: Option<RawNamespace>,
    location_name: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawError {
    code: Option<Box<str>>,
    http_status_code: Option<u16>,
}

impl RawModel {
    /// The service's name in `aws-sdk` integrations: `polly`, `secretsmanager`.
    pub(super) fn sdk_name(&self) -> String {
        self.metadata.service_id.to_lowercase().replace(' ', "")
    }
}

type Interned<T> = Result<T, ModelError>;

pub(super) fn parse<T: DeserializeOwned>(text: &[u8]) -> Interned<T> {
    serde_json::from_slice(text).map_err(|error| ModelError(format!("it is no API model: {error}")))
}

/// `own` are the operations that AWS does not have.
pub(super) fn unpack(id: &'static str, packed: &[u8], own: Option<&[u8]>) -> ServiceModel {
    read(packed)
        .and_then(|mut raw: RawModel| {
            if let Some(own) = own {
                let RawOwn { operations, shapes } = read(own)?;
                raw.own_operations = operations;
                raw.shapes.extend(shapes);
            }
            intern(id, raw)
        })
        .expect("a model in the binary has the models' form")
}

/// The model in the words of forms, which newer clients of the service do not send any more.
pub(super) fn unpack_for_forms(id: &'static str, packed: &[u8]) -> ServiceModel {
    read(packed)
        .and_then(|mut raw: RawModel| {
            raw.metadata.protocol = "query".into();
            intern(id, raw)
        })
        .expect("a model in the binary has the models' form")
}

fn read<T: DeserializeOwned>(packed: &[u8]) -> Interned<T> {
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(packed)
        .read_to_end(&mut text)
        .expect("the build script packed it");
    parse(&text)
}

/// The places of the shapes by name, and the names on the wire of members that have none of their own.
struct Ids(HashMap<Box<str>, (ShapeId, Option<Box<str>>)>);

impl Ids {
    fn of(&self, name: &str) -> Interned<ShapeId> {
        self.found(name).map(|(id, _)| *id)
    }

    fn found(&self, name: &str) -> Interned<&(ShapeId, Option<Box<str>>)> {
        let found = self.0.get(name);
        found.ok_or_else(|| ModelError(format!("it has no shape `{name}`")))
    }
}

pub(super) fn intern(id: &'static str, raw: RawModel) -> Interned<ServiceModel> {
    let metadata = raw.metadata;
    let protocol = protocol(&metadata)?;
    let json_version = metadata
        .json_version
        .clone()
        .unwrap_or_else(|| "1.0".into());
    if !is_plain(&json_version) || !is_plain(&metadata.target_prefix) {
        return Err(ModelError("its target can't be sent".into()));
    }
    let named = raw.shapes.iter().enumerate();
    let ids = Ids(named
        .map(|(at, (name, shape))| {
            let id = ShapeId(at as u32);
            (name.clone(), (id, shape.location_name.clone()))
        })
        .collect());
    let mut errors = HashMap::new();
    for (name, shape) in raw.shapes.iter().filter(|(_, shape)| shape.exception) {
        let id = ids.of(name)?;
        if let Some(code) = shape.error.as_ref().and_then(|error| error.code.clone()) {
            errors.insert(code, id);
        }
        errors.insert(name.clone(), id);
    }
    let mut shapes: Vec<Shape> = raw
        .shapes
        .into_iter()
        .map(|(name, shape)| intern_shape(name, shape, &ids))
        .collect::<Interned<_>>()?;
    let interned = |operations: IndexMap<Box<str>, RawOperation>| {
        operations
            .into_iter()
            .map(|(name, raw)| Ok((name.clone(), intern_operation(name, raw, &ids)?)))
            .collect::<Interned<IndexMap<Box<str>, Operation>>>()
    };
    let operations = interned(raw.operations)?;
    let own_operations = interned(raw.own_operations)?;
    for id in operations
        .values()
        .flat_map(|operation| [operation.input, operation.output])
        .flatten()
    {
        let shape = &shapes[id.0 as usize];
        if shape.structure().is_none() {
            return Err(ModelError(format!("`{}` is no structure", shape.name)));
        }
    }
    let query_compatible = metadata.aws_query_compatible.is_some();
    if query_compatible && protocol == Protocol::AwsJson {
        // They are those of the forms.
        shapes.iter_mut().for_each(forget_names);
    }
    Ok(ServiceModel {
        id,
        protocol,
        json_version,
        target_prefix: metadata.target_prefix,
        xml_namespace: metadata.xml_namespace,
        api_version: metadata.api_version,
        service_id: metadata.service_id,
        signing_name: metadata
            .signing_name
            .unwrap_or_else(|| metadata.endpoint_prefix.clone()),
        endpoint_prefix: metadata.endpoint_prefix,
        query_compatible,
        ec2: &*metadata.protocol == "ec2",
        json_differs: matches!(protocol, Protocol::AwsJson | Protocol::RestJson)
            && shapes.iter().any(differs_in_json),
        operations,
        own_operations,
        shapes,
        errors,
    })
}

fn forget_names(shape: &mut Shape) {
    if let Kind::Structure(structure) = &mut shape.kind {
        let members = structure.members.values_mut();
        members.for_each(|member| member.location_name = None);
    }
}

fn differs_in_json(shape: &Shape) -> bool {
    let renamed = |structure: &Structure| {
        let mut members = structure.members.values();
        members.any(|member| member.location.is_none() && member.location_name.is_some())
    };
    match &shape.kind {
        Kind::Structure(structure) => renamed(structure),
        Kind::Timestamp(format) => format.is_some_and(|format| format != TimestampFormat::Unix),
        _ => false,
    }
}

fn protocol(metadata: &RawMetadata) -> Interned<Protocol> {
    std::iter::once(&metadata.protocol)
        .chain(&metadata.protocols)
        .find_map(|name| match &**name {
            "json" => Some(Protocol::AwsJson),
            "rest-json" => Some(Protocol::RestJson),
            "query" | "ec2" => Some(Protocol::Query),
            "rest-xml" => Some(Protocol::RestXml),
            _ => None,
        })
        .ok_or_else(|| {
            ModelError(format!(
                "it speaks `{}`, which Canter does not",
                metadata.protocol
            ))
        })
}

fn intern_operation(name: Box<str>, raw: RawOperation, ids: &Ids) -> Interned<Operation> {
    let path = raw.http.request_uri.split('?').next().unwrap_or_default();
    // Requests are made of it: it has to be one that can be sent.
    let sent: Result<http::Uri, _> = raw.http.request_uri.replace(['{', '}'], "").parse();
    if !path.starts_with('/') || sent.is_err() || !is_plain(&name) {
        return Err(ModelError(format!("`{name}` has no path")));
    }
    let id_of = |reference: &Option<RawRef>| {
        let reference = reference.as_ref();
        reference.map(|raw| ids.of(&raw.shape)).transpose()
    };
    Ok(Operation {
        segments: segments(path),
        method: raw
            .http
            .method
            .parse()
            .map_err(|_| ModelError(format!("`{name}` has no HTTP method")))?,
        status: raw.http.response_code.unwrap_or(200),
        input: id_of(&raw.input)?,
        input_element: raw
            .input
            .and_then(|input| Some((input.location_name?, input.xml_namespace.map(namespace)))),
        output: id_of(&raw.output)?,
        result_wrapper: raw.output.and_then(|output| output.result_wrapper),
        errors: raw
            .errors
            .iter()
            .map(|error| ids.of(&error.shape))
            .collect::<Interned<_>>()?,
        checksum_required: raw.http_checksum_required
            || raw.http_checksum.request_checksum_required,
        host_prefix: raw.endpoint.and_then(|endpoint| endpoint.host_prefix),
        uri: raw.http.request_uri,
        name,
    })
}

/// Whether a header can say it.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn namespace(raw: RawNamespace) -> XmlNamespace {
    XmlNamespace {
        prefix: raw.prefix,
        uri: raw.uri,
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

fn intern_shape(name: Box<str>, raw: RawShape, ids: &Ids) -> Interned<Shape> {
    let wrong = |what: &str| ModelError(format!("shape `{name}` {what}"));
    let flattened = raw.flattened;
    let element = |member: Option<RawRef>| {
        let member = member.ok_or_else(|| wrong("has no elements"))?;
        let mut member = intern_member(member, ids)?;
        member.flattened |= flattened;
        Ok(member)
    };
    let kind = match &*raw.kind {
        "structure" if raw.document => Kind::Document,
        "structure" => {
            let mut members = IndexMap::with_capacity(raw.members.len());
            for (name, member) in raw.members {
                let mut member = intern_member(member, ids)?;
                member.required = raw.required.contains(&name);
                members.insert(name, member);
            }
            if let Some(payload) = &raw.payload
                && !members.contains_key(payload)
            {
                return Err(wrong("lacks its payload"));
            }
            Kind::Structure(Structure {
                members,
                payload: raw.payload,
                xml_namespace: raw.xml_namespace.map(namespace),
                event_stream: raw.eventstream,
            })
        }
        "list" => Kind::List(element(raw.member)?),
        "map" => Kind::Map(element(raw.key)?, element(raw.value)?),
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
        other => return Err(wrong(&format!("is of a type that is not known, `{other}`"))),
    };
    Ok(Shape {
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
        name,
    })
}

fn intern_member(raw: RawRef, ids: &Ids) -> Interned<Member> {
    let location = match raw.location.as_deref() {
        None => None,
        Some("uri") => Some(Location::Uri),
        Some("querystring") => Some(Location::QueryString),
        Some("header") => Some(Location::Header),
        Some("headers") => Some(Location::Headers),
        Some("statusCode") => Some(Location::StatusCode),
        Some(other) => return Err(ModelError(format!("`{other}` is no place for a member"))),
    };
    let (shape, wire_name) = ids.found(&raw.shape)?;
    Ok(Member {
        shape: *shape,
        location,
        query_name: raw.query_name,
        location_name: raw.location_name.or_else(|| wire_name.clone()),
        required: false,
        flattened: raw.flattened,
        idempotency_token: raw.idempotency_token,
        streaming: raw.streaming,
        xml_attribute: raw.xml_attribute,
        xml_namespace: raw.xml_namespace.map(namespace),
    })
}
