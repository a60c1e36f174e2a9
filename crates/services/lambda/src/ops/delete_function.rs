use std::collections::BTreeSet;

use aws::{Answer, ApiError, Call};

use super::named;
use crate::names::LATEST;
use crate::{Lambda, error};

pub(crate) async fn run(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let (account, region, name) = (&reference.account, &reference.region, &reference.name);
    if reference.qualifier.as_deref() == Some(LATEST) {
        return Err(error::invalid_parameter(
            "$LATEST version cannot be deleted without deleting the function.",
        ));
    }
    let _alone = lambda.functions.changing.lock().await;
    let mut versions = lambda.functions.list(account, region, Some(name))?;
    if let Some(version) = &reference.qualifier {
        if lambda
            .functions
            .aliases(account, region, name)?
            .iter()
            .any(|alias| alias.version == *version)
        {
            return Err(error::conflict(format!(
                "Unable to delete version because the following aliases reference it: {}",
                reference.qualified_arn()
            )));
        }
        versions.retain(|function| function.version == *version);
    }
    if versions.is_empty() {
        return Err(reference.not_found());
    }
    for gone in lambda.functions.delete(&versions).await? {
        lambda.host.retire(&gone);
    }
    let packages: BTreeSet<String> = versions
        .into_iter()
        .map(|version| version.code_sha256)
        .collect();
    for package in packages {
        lambda.drop_package(&package)?;
    }
    Ok(Answer {
        status: Some(204),
        ..Answer::default()
    })
}
