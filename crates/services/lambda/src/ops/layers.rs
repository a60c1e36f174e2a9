//! Layers: packages that functions share.

use aws::{Answer, ApiError, Call, Caller};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use super::settings::package;
use crate::model::{Code, Layer, LayerUse, input, now};
use crate::{Lambda, error};

/// AWS's quota of layers on a function.
const LAYERS_MAX: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublishInput {
    layer_name: String,
    description: Option<String>,
    content: Code,
    compatible_runtimes: Option<Vec<String>>,
    compatible_architectures: Option<Vec<String>>,
    license_info: Option<String>,
}

/// PublishLayerVersion.
pub(crate) async fn publish(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let input: PublishInput = input(call.input.clone())?;
    let name = Named::parse(&input.layer_name, &call.caller)?;
    let package = package(input.content, &call, &lambda.registry).await?;
    let layer = Layer {
        account: name.account,
        region: name.region,
        name: name.name,
        version: 0,
        description: input.description.unwrap_or_default(),
        license: input.license_info,
        runtimes: input.compatible_runtimes.unwrap_or_default(),
        architectures: input.compatible_architectures.unwrap_or_default(),
        created: now(),
        code_sha256: package.sha256.clone(),
        code_bytes: package.zip.len() as u64,
    };
    let _alone = lambda.functions.changing.lock().await;
    lambda.keep_package(package).await?;
    let layer = lambda.functions.put_layer(layer).await?;
    Ok(Answer::json(described(lambda, &layer)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionInput {
    layer_name: String,
    version_number: u64,
}

/// GetLayerVersion.
pub(crate) fn get(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let input: VersionInput = input(call.input)?;
    let name = Named::parse(&input.layer_name, &call.caller)?;
    let layer = name.version(lambda, input.version_number)?;
    let layer =
        layer.ok_or_else(|| error::not_found("The resource you requested does not exist."))?;
    Ok(Answer::json(described(lambda, &layer)))
}

/// GetLayerVersionByArn.
pub(crate) fn get_by_arn(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let arn = call
        .input
        .get("Arn")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let layer = by_arn(lambda, arn)?;
    let layer =
        layer.ok_or_else(|| error::not_found("The resource you requested does not exist."))?;
    Ok(Answer::json(described(lambda, &layer)))
}

/// DeleteLayerVersion; functions that use the version keep it, and one that is not there is deleted already.
pub(crate) async fn delete(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let input: VersionInput = input(call.input)?;
    let name = Named::parse(&input.layer_name, &call.caller)?;
    let _alone = lambda.functions.changing.lock().await;
    if let Some(layer) = name.version(lambda, input.version_number)? {
        lambda.functions.delete_layer(&layer).await?;
        lambda.drop_package(&layer.code_sha256)?;
    }
    Ok(Answer {
        status: Some(204),
        ..Answer::default()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    layer_name: Option<String>,
    compatible_runtime: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl ListInput {
    fn wants(&self, layer: &Layer) -> bool {
        match &self.compatible_runtime {
            Some(runtime) => layer.runtimes.contains(runtime),
            None => true,
        }
    }
}

/// ListLayerVersions, the newest first.
pub(crate) fn versions(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let input: ListInput = input(call.input)?;
    let name = Named::parse(
        input.layer_name.as_deref().unwrap_or_default(),
        &call.caller,
    )?;
    let mut all = lambda
        .functions
        .layers(&name.account, &name.region, Some(&name.name))?;
    all.retain(|layer| input.wants(layer));
    all.reverse();
    // Markers go upwards.
    let key = |layer: &Layer| format!("{:020}", u64::MAX - layer.version);
    let (layers, next) = page(all, key, input.marker.as_deref(), input.max_items, 50)?;
    let layers: Vec<Value> = layers.iter().map(listed).collect();
    let mut answer = json!({ "LayerVersions": layers });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(Answer::json(answer))
}

/// ListLayers, each with its newest version.
pub(crate) fn list(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let (account, region) = (call.caller.account, call.caller.region);
    let input: ListInput = input(call.input)?;
    let mut newest: Vec<Layer> = Vec::new();
    for layer in lambda.functions.layers(&account, &region, None)? {
        if !input.wants(&layer) {
            continue;
        }
        match newest.last_mut() {
            Some(last) if last.name == layer.name => *last = layer,
            _ => newest.push(layer),
        }
    }
    // The rows' order, in which a name's end sorts before all that may follow in a name.
    let key = |layer: &Layer| format!("{}/", layer.name);
    let (layers, next) = page(newest, key, input.marker.as_deref(), input.max_items, 50)?;
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| {
            json!({
                "LayerName": layer.name,
                "LayerArn": layer.arn(),
                "LatestMatchingVersion": listed(layer),
            })
        })
        .collect();
    let mut answer = json!({ "Layers": layers });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(Answer::json(answer))
}

/// The layers that a function's configuration names.
pub(super) fn used(lambda: &Lambda, arns: &[String]) -> Result<Vec<LayerUse>, ApiError> {
    if arns.len() > LAYERS_MAX {
        return Err(error::constraint(
            &format!("[{}]", arns.join(", ")),
            "layers",
            "Member must have length less than or equal to 5",
        ));
    }
    arns.iter()
        .map(|arn| {
            let layer = by_arn(lambda, arn)?.ok_or_else(|| {
                error::invalid_parameter(format!("Layer version {arn} does not exist."))
            })?;
            Ok(LayerUse {
                arn: layer.version_arn(),
                code_sha256: layer.code_sha256,
                code_bytes: layer.code_bytes,
            })
        })
        .collect()
}

fn by_arn(lambda: &Lambda, arn: &str) -> Result<Option<Layer>, ApiError> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "lambda", region, account, "layer", name, version] = parts.as_slice() else {
        return Ok(None);
    };
    match version.parse() {
        Ok(version) => lambda.functions.layer(account, region, name, version),
        Err(_) => Ok(None),
    }
}

/// A layer by name or ARN.
struct Named {
    account: String,
    region: String,
    name: String,
}

impl Named {
    fn parse(given: &str, caller: &Caller) -> Result<Self, ApiError> {
        let parts: Vec<&str> = given.split(':').collect();
        let (region, account, name) = match parts.as_slice() {
            [name] => (&*caller.region, &*caller.account, *name),
            ["arn", _, "lambda", region, account, "layer", name] => (*region, *account, *name),
            _ => ("", "", ""),
        };
        let is_name = (1..=140).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_name {
            let rule = r"Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+";
            return Err(error::constraint(given, "layerName", rule));
        }
        Ok(Self {
            account: account.into(),
            region: region.into(),
            name: name.into(),
        })
    }

    fn version(&self, lambda: &Lambda, version: u64) -> Result<Option<Layer>, ApiError> {
        let Self {
            account,
            region,
            name,
        } = self;
        lambda.functions.layer(account, region, name, version)
    }
}

fn described(lambda: &Lambda, layer: &Layer) -> Value {
    let mut all = listed(layer);
    all["LayerArn"] = json!(layer.arn());
    all["Content"] = json!({
        "Location": lambda.location(&layer.code_sha256),
        "CodeSha256": layer.code_sha256,
        "CodeSize": layer.code_bytes,
    });
    all
}

fn listed(layer: &Layer) -> Value {
    let mut all = json!({
        "LayerVersionArn": layer.version_arn(),
        "Version": layer.version,
        "Description": layer.description,
        "CreatedDate": layer.created,
    });
    if !layer.runtimes.is_empty() {
        all["CompatibleRuntimes"] = json!(layer.runtimes);
    }
    if !layer.architectures.is_empty() {
        all["CompatibleArchitectures"] = json!(layer.architectures);
    }
    if let Some(license) = &layer.license {
        all["LicenseInfo"] = json!(license);
    }
    all
}
