//! Both sides of each protocol against each other: what one side says of any input, output or error of any operation, the
//! other one understands. Models that are added are among them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::client;
use crate::model::{
    self, ENTRIES, Kind, Location, Member, Operation, Protocol, ServiceModel, Shape,
};
use crate::{Answer, ApiError, Call, Caller, Members, RequestId};

/// Made-up values that need no crate and are the same every time.
struct Noise(u64);

const TEXTS: [&str; 9] = [
    "a",
    "A b",
    "x=1&y=2;z",
    "<a href=\"b\">&amp;</a>",
    "ü/ö?#%20",
    "\u{10ffff} \"'",
    "a\r\nb\tc ",
    "1",
    "",
];
const HEADER_TEXTS: [&str; 4] = ["a", "A b/c", "x=1;y=\"2\"", "\"e-tag\""];
const LABELS: [&str; 5] = ["a", "arn:aws:x:y:z:w/v", "%2F 100%", "ü+&=?#", "$LATEST"];

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn pick(&mut self, texts: &[&str]) -> String {
        texts[self.next(texts.len() as u64) as usize].to_owned()
    }

    fn blob(&mut self) -> Bytes {
        (0..self.next(20)).map(|_| self.next(256) as u8).collect()
    }

    /// A message with a few bytes changed, and sometimes its end cut off.
    fn mangled(&mut self, message: Bytes) -> Bytes {
        let mut bytes = message.to_vec();
        if bytes.is_empty() {
            return self.blob();
        }
        for _ in 0..=self.next(4) {
            let at = self.next(bytes.len() as u64) as usize;
            bytes[at] = b"<>&;\"'{}[]=%/ \x00\xff"[self.next(16) as usize];
        }
        if self.next(3) == 0 {
            bytes.truncate(self.next(bytes.len() as u64) as usize);
        }
        bytes.into()
    }

    /// A value of the shape, as deep as `depth` allows.
    fn value(&mut self, model: &ServiceModel, shape: &Shape, depth: u32) -> Value {
        use base64::Engine as _;
        match &shape.kind {
            Kind::Structure(structure) => {
                let mut members = Members::new();
                for (name, member) in &structure.members {
                    let inner = model.shape(member.shape);
                    let leaf = depth > 3 && is_deep(inner);
                    if member.location.is_none() && !leaf && self.next(3) > 0 {
                        members.insert(name.to_string(), self.value(model, inner, depth + 1));
                    }
                }
                Value::Object(members)
            }
            Kind::List(element) => {
                let element = model.shape(element.shape);
                let count = if depth > 3 && is_deep(element) {
                    0
                } else {
                    self.next(3)
                };
                (0..count)
                    .map(|_| self.value(model, element, depth + 1))
                    .collect()
            }
            Kind::Map(_, element) => {
                let element = model.shape(element.shape);
                let count = if depth > 3 && is_deep(element) {
                    0
                } else {
                    self.next(3)
                };
                let entries = (0..count).map(|at| {
                    let key = format!("{}{at}", self.pick(&TEXTS));
                    (key, self.value(model, element, depth + 1))
                });
                Value::Object(entries.collect())
            }
            Kind::String => self.pick(&TEXTS).into(),
            Kind::Integer => (self.next(1 << 31) as i64).into(),
            Kind::Long => (self.next(1 << 60) as i64 - (1 << 59)).into(),
            Kind::Double => (self.next(1 << 40) as f64 / 256.0).into(),
            Kind::Boolean => (self.next(2) == 0).into(),
            Kind::Timestamp(_) => self.next(4_000_000_000).into(),
            Kind::Blob => base64::engine::general_purpose::STANDARD
                .encode(self.blob())
                .into(),
            Kind::Document => json!({"a": [1, null, {"b": "c"}]}),
        }
    }

    /// The members of an input or output, each as its place can say it, and the payload.
    fn whole(&mut self, model: &ServiceModel, id: model::ShapeId) -> (Members, Bytes) {
        let structure = model.shape(id).structure().expect("it is a structure");
        let (mut members, mut payload) = (Members::new(), Bytes::new());
        for (name, member) in &structure.members {
            let shape = model.shape(member.shape);
            if structure.payload.as_deref() == Some(&**name) && matches!(shape.kind, Kind::Blob) {
                payload = self.blob();
                continue;
            }
            if member.location != Some(Location::Uri) && self.next(4) == 0 {
                continue;
            }
            let value = match member.location {
                None => match self.value(model, shape, 0) {
                    Value::String(text) if text.is_empty() => continue,
                    value => value,
                },
                Some(Location::StatusCode) => continue,
                Some(place) => match self.placed(model, member, place) {
                    Some(value) => value,
                    None => continue,
                },
            };
            members.insert(name.to_string(), value);
        }
        (members, payload)
    }

    fn placed(&mut self, model: &ServiceModel, member: &Member, place: Location) -> Option<Value> {
        let shape = model.shape(member.shape);
        let texts: &[&str] = match place {
            Location::Uri => &LABELS,
            Location::QueryString => &TEXTS,
            Location::Header | Location::Headers | Location::StatusCode => &HEADER_TEXTS,
        };
        match &shape.kind {
            Kind::String => Some(self.pick(texts).into()),
            Kind::List(_) => Some(json!([self.pick(texts), self.pick(texts)])),
            Kind::Map(..) if place == Location::Headers => Some(json!({"a-key": self.pick(texts)})),
            Kind::Structure(_) | Kind::Map(..) => None,
            _ => Some(self.value(model, shape, 0)),
        }
    }
}

fn is_deep(shape: &Shape) -> bool {
    matches!(
        shape.kind,
        Kind::Structure(_) | Kind::List(_) | Kind::Map(..)
    )
}

/// What a protocol can say of a value: forms have no empty structures and maps, XML has no empty lists and maps without a
/// wrapper.
fn sayable(model: &ServiceModel, form: bool, member: &Member, value: Value) -> Option<Value> {
    match (&model.shape(member.shape).kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            let said: Members = members
                .into_iter()
                .filter_map(|(name, value)| {
                    let value = sayable(model, form, &structure.members[&*name], value)?;
                    Some((name, value))
                })
                .collect();
            (!form || !said.is_empty()).then_some(Value::Object(said))
        }
        (Kind::List(element), Value::Array(items)) => {
            let flat = member.flattened || element.flattened;
            if items.is_empty() {
                let said = if form { !model.ec2 } else { !flat };
                return said.then_some(Value::Array(items));
            }
            let said: Vec<Value> = items
                .into_iter()
                .filter_map(|item| sayable(model, form, element, item))
                .collect();
            let lost = said.is_empty() && (form || flat);
            (!lost).then_some(Value::Array(said))
        }
        (Kind::Map(_, element), Value::Object(entries)) => {
            let said: Members = entries
                .into_iter()
                .filter_map(|(key, value)| Some((key, sayable(model, form, element, value)?)))
                .collect();
            let flat = member.flattened || element.flattened;
            let lost = said.is_empty() && (form || flat);
            (!lost).then_some(Value::Object(said))
        }
        (_, value) => Some(value),
    }
}

fn said(model: &ServiceModel, id: model::ShapeId, form: bool, members: Members) -> Members {
    if matches!(model.protocol, Protocol::AwsJson | Protocol::RestJson) {
        return members;
    }
    let structure = model.shape(id).structure().expect("it is a structure");
    members
        .into_iter()
        .filter_map(|(name, value)| {
            let value = sayable(model, form, &structure.members[&*name], value)?;
            Some((name, value))
        })
        .collect()
}

/// What the models in the binary lack: EC2's dialect, names and timestamps of JSON that differ from the members', any JSON,
/// roots of XML with a name of their own, labels in the middle of a path.
const ADDED: [&str; 3] = [
    r#"{
        "metadata": {"apiVersion": "2016-11-15", "endpointPrefix": "ec2", "protocol": "ec2", "serviceId": "Test EC2",
            "xmlNamespace": "http://ec2.amazonaws.com/doc/2016-11-15"},
        "operations": {"RunInstances": {"name": "RunInstances", "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "Request"}, "output": {"shape": "Result"}}},
        "shapes": {
            "Request": {"type": "structure", "members": {
                "ImageId": {"shape": "S", "locationName": "imageId"},
                "DryRun": {"shape": "B", "locationName": "dryRun", "queryName": "Dry"},
                "Devices": {"shape": "Devices", "locationName": "BlockDevice"},
                "At": {"shape": "T"}}},
            "Result": {"type": "structure", "members": {
                "Devices": {"shape": "Devices", "locationName": "deviceSet"}, "Owner": {"shape": "S", "locationName": "ownerId"}}},
            "Devices": {"type": "list", "member": {"shape": "Device", "locationName": "item"}},
            "Device": {"type": "structure", "members": {"Name": {"shape": "S", "locationName": "deviceName"}, "Tags": {"shape": "Tags"}}},
            "Tags": {"type": "list", "member": {"shape": "S", "locationName": "item"}},
            "S": {"type": "string"}, "B": {"type": "boolean"}, "T": {"type": "timestamp"}}
    }"#,
    r#"{
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "renamed", "protocol": "smithy-rpc-v2-cbor",
            "protocols": ["smithy-rpc-v2-cbor", "rest-json"], "serviceId": "Renamed"},
        "operations": {
            "CreateJob": {"name": "CreateJob", "http": {"method": "POST", "requestUri": "/jobs/{Id+}/run"},
                "input": {"shape": "Job"}, "output": {"shape": "Job"}},
            "GetJob": {"name": "GetJob", "http": {"method": "GET", "requestUri": "/jobs/{Id+}"},
                "input": {"shape": "Get"}, "output": {"shape": "Job"}}},
        "shapes": {
            "Get": {"type": "structure", "members": {"Id": {"shape": "S", "location": "uri", "locationName": "Id"}}},
            "Job": {"type": "structure", "members": {
                "Id": {"shape": "S", "location": "uri", "locationName": "Id"},
                "CreatedAt": {"shape": "T", "locationName": "createdAt"},
                "Settings": {"shape": "Settings", "locationName": "settings"},
                "Anything": {"shape": "D", "locationName": "anything"}}},
            "Settings": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "Setting"}},
            "Setting": {"type": "structure", "members": {"Bytes": {"shape": "Blob", "locationName": "bytes"}, "Name": {"shape": "S"}}},
            "D": {"type": "structure", "members": {}, "document": true},
            "T": {"type": "timestamp", "timestampFormat": "iso8601"}, "S": {"type": "string"}, "Blob": {"type": "blob"}}
    }"#,
    r#"{
        "metadata": {"apiVersion": "2013-04-01", "endpointPrefix": "zones", "protocol": "rest-xml", "serviceId": "Zones",
            "xmlNamespace": "https://zones.amazonaws.com/doc/2013-04-01/"},
        "operations": {"CreateZone": {"name": "CreateZone", "http": {"method": "POST", "requestUri": "/2013-04-01/zone?WithTags", "responseCode": 201},
            "input": {"shape": "Request", "locationName": "CreateZoneRequest", "xmlNamespace": {"uri": "https://zones.amazonaws.com/doc/2013-04-01/"}},
            "output": {"shape": "Response"}}},
        "shapes": {
            "Request": {"type": "structure", "members": {"Name": {"shape": "S"}, "Tags": {"shape": "Tags"}, "Weights": {"shape": "Weights"}, "Named": {"shape": "Named"}}},
            "Response": {"type": "structure", "members": {"Location": {"shape": "S", "location": "header"}, "Tags": {"shape": "Tags"}, "Weights": {"shape": "Weights"}}},
            "Tags": {"type": "list", "flattened": true, "member": {"shape": "S", "locationName": "Tag"}},
            "Weights": {"type": "map", "key": {"shape": "S", "locationName": "Name"}, "value": {"shape": "N", "locationName": "Weight"}},
            "Named": {"type": "structure", "locationName": "Another-Name", "members": {"A": {"shape": "S"}}},
            "S": {"type": "string"}, "N": {"type": "double"}}
    }"#,
];

/// S3's first notifications, in whose XML `Event` and `Events` are one name.
const AMBIGUOUS: [&str; 2] = ["PutBucketNotification", "GetBucketNotification"];

fn each(mut test: impl FnMut(&'static ServiceModel, &'static Operation, &mut Noise)) {
    let added = ADDED.map(|text| model::add(text.as_bytes()).expect("it is a model"));
    for id in ENTRIES.iter().map(|entry| entry.id).chain(added) {
        let model = model::service(id).expect("it has a model");
        let mut noise = Noise(42);
        for operation in model.operations() {
            if !model.streams_events(operation) && !AMBIGUOUS.contains(&&*operation.name) {
                (0..20).for_each(|_| test(model, operation, &mut noise));
            }
        }
    }
}

fn call(model: &ServiceModel, operation: &Operation, input: Members, body: Bytes) -> Call {
    Call {
        caller: Caller::root("000000000000", "us-east-1"),
        request_id: RequestId("id".into()),
        service: model.id,
        operation: operation.name.to_string(),
        input,
        body,
    }
}

/// Order is nothing that a protocol keeps everywhere.
fn sorted(members: Members) -> Value {
    let mut value = Value::Object(members);
    value.sort_all_objects();
    value
}

#[test]
fn the_server_reads_the_input_that_the_client_wrote() {
    each(|model, operation, noise| {
        let Some(id) = operation.input else {
            return;
        };
        let (mut input, payload) = noise.whole(model, id);
        let structure = model.shape(id).structure().expect("it is a structure");
        let request = client::encode(
            model,
            operation,
            call(model, operation, input.clone(), payload.clone()),
        )
        .expect("it can be sent");
        for (name, member) in &structure.members {
            if member.idempotency_token {
                input.entry(name.to_string()).or_insert("id".into());
            }
            // A body of JSON that is one structure is always there.
            let is_body = structure.payload.as_deref() == Some(&**name);
            let is_structure = model.shape(member.shape).structure().is_some();
            if is_body && is_structure && model.protocol == Protocol::RestJson {
                input.entry(name.to_string()).or_insert(json!({}));
            }
            // A list without items is not in a query, and an empty text is not in a header.
            let absent = member.location == Some(Location::QueryString)
                && input.get(&**name) == Some(&json!([]));
            if absent {
                input.remove(&**name);
            }
        }
        let (parts, body) = request.into_parts();
        if model.id != "s3" {
            let found = super::find_operation(model, &parts, &body).expect("it is named");
            assert_eq!(found.name, operation.name, "{} {}", model.id, parts.uri);
        }
        let shown = format!("{} {} {parts:?} {body:?}", model.id, operation.name);
        let (read, read_payload) = super::read(model, operation, &parts, body).expect(&shown);
        let form = model.protocol == Protocol::Query;
        assert_eq!(
            sorted(read),
            sorted(said(model, id, form, input)),
            "{shown}"
        );
        assert_eq!(read_payload, payload, "{shown}");
    });
}

#[test]
fn the_client_reads_the_answer_that_the_server_wrote() {
    each(|model, operation, noise| {
        let (output, body) = match operation.output {
            Some(id) => noise.whole(model, id),
            None => Default::default(),
        };
        let answer = Answer {
            output,
            body,
            status: None,
        };
        let response = super::encode(model, operation, answer.clone(), &RequestId("id".into()));
        let shown = format!("{} {} {response:?}", model.id, operation.name);
        // No Content has none, whatever the output is.
        if response.status() == 204 && operation.output.is_some() {
            return;
        }
        let read = client::decode(model, operation, response).expect(&shown);
        let mut expected = match operation.output {
            Some(id) => said(model, id, false, answer.output),
            None => Members::new(),
        };
        let structure = operation.output.and_then(|id| model.shape(id).structure());
        for (name, member) in structure.iter().flat_map(|structure| &structure.members) {
            if member.location == Some(Location::StatusCode) {
                expected.insert(name.to_string(), operation.status.into());
            }
            // An answer always says what it is.
            if member.wire_name(name).eq_ignore_ascii_case("content-type") {
                let kind = expected.entry(name.to_string());
                kind.or_insert_with(|| "application/xml".into());
            }
            // A body that is one structure is always there.
            let payload = structure.and_then(|structure| structure.payload.as_deref());
            let is_structure = model.shape(member.shape).structure().is_some();
            if payload == Some(&**name) && is_structure && operation.status != 204 {
                expected.entry(name.to_string()).or_insert(json!({}));
            }
        }
        assert_eq!(sorted(read.output), sorted(expected), "{shown}");
        assert_eq!((read.body, read.status), (answer.body, None), "{shown}");
    });
}

#[test]
fn the_client_reads_the_error_that_the_server_wrote() {
    let mut noise = Noise(7);
    for entry in ENTRIES {
        let model = model::service(entry.id).expect("it has a model");
        let operation = model.operations().next().expect("it has operations");
        for shape in model.shapes().filter(|shape| shape.error.is_some()) {
            let mut error = ApiError::new(shape.name.to_string(), noise.pick(&TEXTS));
            let in_json = matches!(model.protocol, Protocol::AwsJson | Protocol::RestJson);
            if let (true, Value::Object(members)) = (in_json, noise.value(model, shape, 0)) {
                error.members = members;
                let is_text = |name: &str| name.eq_ignore_ascii_case("message") || name == "Type";
                error.members.retain(|name, _| !is_text(name));
            }
            let response = super::encode_error(model, &error, &RequestId("id".into()));
            let shown = format!("{} {} {response:?}", model.id, shape.name);
            let status = response.status().as_u16();
            let mut read = client::decode(model, operation, response).expect_err(&shown);
            read.members.remove("Type");
            let named = model.error(&read.code).map(|shape| &shape.name);
            assert_eq!(named, Some(&shape.name), "{shown}");
            assert_eq!(read.message, error.message, "{shown}");
            assert_eq!(read.status, status, "{shown}");
            assert_eq!(sorted(read.members), sorted(error.members), "{shown}");
        }
    }
}

#[test]
fn no_mangled_message_brings_a_codec_down() {
    each(|model, operation, noise| {
        let (members, payload) = match operation.output {
            Some(id) => noise.whole(model, id),
            None => Default::default(),
        };
        let answer = Answer {
            output: members,
            body: payload,
            status: None,
        };
        let response = super::encode(model, operation, answer, &RequestId("id".into()));
        let mangled = response.map(|body| noise.mangled(body));
        // Most of these are refused, and some are still answers; only a panic is wrong.
        let _ = client::decode(model, operation, mangled);
        let (members, payload) = match operation.input {
            Some(id) => noise.whole(model, id),
            None => Default::default(),
        };
        let call = call(model, operation, members, payload);
        let request = client::encode(model, operation, call).expect("it can be sent");
        let (parts, body) = request.into_parts();
        let _ = super::read(model, operation, &parts, noise.mangled(body));
    });
}
