//! One file an operation, or a few that share a subject.

pub(crate) mod aliases;
pub(crate) mod concurrency;
pub(crate) mod create_function;
pub(crate) mod delete_function;
pub(crate) mod get_function;
pub(crate) mod invoke;
pub(crate) mod layers;
pub(crate) mod list_functions;
pub(crate) mod policy;
pub(crate) mod settings;
pub(crate) mod tags;
pub(crate) mod update_function;
pub(crate) mod versions;

use aws::{ApiError, Caller, Members};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as MARKER;
use serde::Deserialize;

use crate::error;
use crate::model::{Function, input};
use crate::names::{FunctionRef, LATEST};

/// The members that say which function an operation is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    function_name: String,
    qualifier: Option<String>,
}

fn named(members: &Members, caller: &Caller) -> Result<FunctionRef, ApiError> {
    let mut own = Members::new();
    for name in ["FunctionName", "Qualifier"] {
        if let Some(value) = members.get(name) {
            own.insert(name.into(), value.clone());
        }
    }
    let named: Named = input(own)?;
    FunctionRef::parse(&named.function_name, named.qualifier.as_deref(), caller)
}

/// A function that is to be changed: `$LATEST`, whatever the reference says.
fn unqualified(lambda: &crate::Lambda, reference: &FunctionRef) -> Result<Function, ApiError> {
    let FunctionRef {
        account,
        region,
        name,
        ..
    } = reference;
    let found = lambda.functions.get(account, region, name, LATEST)?;
    let found = found.ok_or_else(|| error::function_not_found(&reference.arn()))?;
    Ok(found.function.clone())
}

fn check_revision(function: &Function, revision_id: Option<&str>) -> Result<(), ApiError> {
    match revision_id {
        Some(revision_id) if revision_id != function.revision_id => {
            Err(error::precondition_failed())
        }
        _ => Ok(()),
    }
}

/// One page of a sorted list, and the marker of the next.
fn page<T>(
    all: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_items: Option<i64>,
    default_items: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let after = match marker.filter(|marker| !marker.is_empty()) {
        Some(marker) => {
            let bytes = MARKER
                .decode(marker)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            Some(bytes.ok_or_else(|| error::invalid_parameter("Invalid marker."))?)
        }
        None => None,
    };
    let items = max_items.map_or(default_items, |items| {
        usize::try_from(items).unwrap_or(0).clamp(1, default_items)
    });
    let mut rest = all
        .into_iter()
        .filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let taken: Vec<T> = rest.by_ref().take(items).collect();
    let next = match (rest.next(), taken.last()) {
        (Some(_), Some(last)) => Some(MARKER.encode(key(last))),
        _ => None,
    };
    Ok((taken, next))
}
