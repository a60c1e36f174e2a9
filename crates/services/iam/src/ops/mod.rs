//! The operations, a file for each family, and what they share: reading inputs, paging, new ids.

pub(crate) mod attached;
pub(crate) mod inline;
pub(crate) mod policies;
pub(crate) mod roles;
pub(crate) mod tags;
pub(crate) mod users;
pub(crate) mod versions;

use aws::{Answer, ApiError, Arn, Call, Members};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error::{invalid, no_principal};
use crate::model::{Kind, Principal, Tags};
use crate::storage::Storage;

/// A member that the model requires; calls from inside may lack it all the same.
fn required<'i>(input: &'i Members, name: &str) -> Result<&'i str, ApiError> {
    optional(input, name).ok_or_else(|| {
        let mut path = name.to_owned();
        if let Some(first) = path.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        invalid(format!(
            "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

fn optional<'i>(input: &'i Members, name: &str) -> Option<&'i str> {
    input.get(name).and_then(Value::as_str)
}

fn flag(input: &Members, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn path_of(input: &Members) -> Result<String, ApiError> {
    let path = optional(input, "Path").unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') {
        return Ok(path.to_owned());
    }
    Err(invalid(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ))
}

fn tags_of(input: &Members) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in input
        .get("Tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| {
            tag.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (key, value) = (text("Key"), text("Value"));
        if tags
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(&key))
        {
            return Err(ApiError::new(
                "InvalidInput",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.push((key, value));
    }
    Ok(tags)
}

/// The role or user that the operation's input names.
fn found(storage: &Storage, call: &Call, kind: Kind) -> Result<Principal, ApiError> {
    let name = required(&call.input, kind.name_member())?;
    storage
        .principal(&call.caller.account, kind, name)?
        .ok_or_else(|| no_principal(kind, name))
}

/// Which of the two an operation with a twin is about: `PutRolePolicy`, `PutUserPolicy`.
fn kind_of(call: &Call) -> Kind {
    if call.operation.contains("User") {
        Kind::User
    } else {
        Kind::Role
    }
}

/// The account and name of a customer managed policy's ARN; none for what is not one.
fn policy_name(arn: &str) -> Option<(String, String)> {
    let parsed: Arn = arn.parse().ok()?;
    if parsed.service != "iam" {
        return None;
    }
    let path_and_name = parsed.resource.strip_prefix("policy/")?;
    let name = path_and_name.rsplit('/').next()?;
    (!name.is_empty()).then(|| (parsed.account, name.to_owned()))
}

/// Whether AWS manages the policy: those can be attached without being here.
fn is_aws_managed(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:policy/")
}

/// One page of a list: `MaxItems` of what follows `Marker`.
fn page(call: &Call, member: &str, items: Vec<(String, Value)>) -> Result<Answer, ApiError> {
    let input = &call.input;
    let items_max = input
        .get("MaxItems")
        .and_then(Value::as_u64)
        .map_or(100, |max| max.clamp(1, 1000)) as usize;
    let after = match optional(input, "Marker") {
        Some(marker) => Some(unmarked(marker)?),
        None => None,
    };
    let rest: Vec<(String, Value)> = match after {
        Some(after) => items.into_iter().filter(|(key, _)| *key > after).collect(),
        None => items,
    };
    let is_truncated = rest.len() > items_max;
    let mut output = Members::new();
    let mut shown = Vec::new();
    let mut last = String::new();
    for (key, value) in rest.into_iter().take(items_max) {
        shown.push(value);
        last = key;
    }
    output.insert(member.into(), Value::Array(shown));
    output.insert("IsTruncated".into(), is_truncated.into());
    if is_truncated {
        output.insert("Marker".into(), URL_SAFE_NO_PAD.encode(last).into());
    }
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

fn unmarked(marker: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid("Invalid Marker."))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// An id as IAM gives them out: a prefix that tells the kind, and seventeen letters.
fn new_id(prefix: &str) -> String {
    let bytes = uuid::Uuid::new_v4().into_bytes();
    format!("{prefix}{}", &aws::base32(&bytes)[..17])
}

/// The page of an account's roles or users under a path.
fn page_of_principals(
    storage: &Storage,
    call: &Call,
    kind: Kind,
    member: &str,
) -> Result<Answer, ApiError> {
    let prefix = optional(&call.input, "PathPrefix").unwrap_or("/");
    let items = storage
        .principals(&call.caller.account, kind)?
        .into_iter()
        .filter(|principal| principal.path.starts_with(prefix))
        .map(|principal| (principal.name.to_lowercase(), principal.wire(kind, true)))
        .collect();
    page(call, member, items)
}
