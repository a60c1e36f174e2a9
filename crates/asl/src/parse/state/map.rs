use std::sync::Arc;

use crate::machine::{ItemBatcher, ItemReader, Map, MapMode, QueryLanguage, ResultWriter};
use crate::parse::MachineType;
use crate::parse::retry::{catchers, retriers};
use crate::parse::rules;
use crate::{Json, JsonPath, Resource, Template};

use super::{Node, Parser};

/// Counts are Java integers.
const COUNT_MAX: u64 = i32::MAX as u64;

/// Measured on AWS for `ReaderConfig.MaxItems`.
const ITEMS_MAX: u64 = 100_000_000;

const LABEL_CHARACTERS_MAX: usize = 40;

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Option<Map> {
    node.at_most_one(parser, &["ItemProcessor", "Iterator"]);
    let name = if node.has("Iterator") {
        "Iterator"
    } else {
        "ItemProcessor"
    };
    node.required(parser, &[name]);
    let processor = node.node(parser, name);
    let mode = processor.as_ref().map(|processor| mode(parser, processor));
    let mode = mode.unwrap_or(MapMode::Inline);
    // Its children are executions of a type of their own.
    let children = match mode {
        MapMode::Inline => parser.machine_type,
        MapMode::Distributed { express: true } => MachineType::Express,
        MapMode::Distributed { express: false } => MachineType::Standard,
    };
    let outer = std::mem::replace(&mut parser.machine_type, children);
    let scope = processor.as_ref().and_then(|processor| {
        processor.fields(parser, &rules::PROCESSOR);
        parser.workflow(processor)
    });
    parser.machine_type = outer;
    if mode == MapMode::Inline {
        refuse_inline(parser, node);
    }
    let label = label(parser, node);
    let count = |parser: &mut Parser, name: &str| {
        node.field(parser, name, false, |node, parser| {
            node.integer(parser, name, 0, COUNT_MAX)
        })
    };
    let max_concurrency = count(parser, "MaxConcurrency");
    let tolerated_failure_count = count(parser, "ToleratedFailureCount");
    let tolerated_failure_percentage = node.field(
        parser,
        "ToleratedFailurePercentage",
        false,
        |node, parser| node.number(parser, "ToleratedFailurePercentage", 0.0, 100.0),
    );
    let items_path = items_path(parser, node);
    let item_selector = item_selector(parser, node);
    let items = match node.language {
        QueryLanguage::Jsonata => node.template(parser, "Items"),
        QueryLanguage::JsonPath => None,
    };
    Some(Map {
        item_reader: item_reader(parser, node),
        item_batcher: item_batcher(parser, node),
        result_writer: result_writer(parser, node),
        processor: scope?,
        mode,
        items_path,
        items,
        item_selector,
        max_concurrency,
        tolerated_failure_count,
        tolerated_failure_percentage,
        label,
        retry: retriers(parser, node),
        catch: catchers(parser, node),
    })
}

fn mode(parser: &mut Parser, processor: &Node<'_>) -> MapMode {
    let Some(config) = processor.node(parser, "ProcessorConfig") else {
        return MapMode::Inline;
    };
    config.fields(parser, &rules::PROCESSOR_CONFIG);
    let mode = config.choice(parser, "Mode", &["INLINE", "DISTRIBUTED"]);
    let execution_type = config.choice(parser, "ExecutionType", &["STANDARD", "EXPRESS"]);
    if mode.as_deref() != Some("DISTRIBUTED") {
        return MapMode::Inline;
    }
    if parser.machine_type == MachineType::Express {
        parser.error(
            config.location(),
            "Express state machine does not support Distributed Map",
        );
    }
    config.required(parser, &["ExecutionType"]);
    MapMode::Distributed {
        express: execution_type.as_deref() == Some("EXPRESS"),
    }
}

/// Fields that only a Distributed Map has.
fn refuse_inline(parser: &mut Parser, node: &Node<'_>) {
    for name in ["ItemReader", "ItemBatcher", "ResultWriter", "Label"] {
        if node.has(name) {
            parser.error(node.location(), format!("Field '{name}' is not supported"));
        }
    }
}

fn label(parser: &mut Parser, node: &Node<'_>) -> Option<String> {
    let label = node.string(parser, "Label")?;
    let at = node.at("Label");
    let forbidden =
        |c: char| c.is_whitespace() || c.is_control() || "?*<>{}[]:;,\\|^~$#%&`\"/".contains(c);
    if let Some(c) = label.chars().find(|c| forbidden(*c)) {
        parser.report(
            "INVALID_LABEL_NAME",
            &at,
            format!("Label contains invalid character: '{c}'"),
        );
    } else if label.chars().count() > LABEL_CHARACTERS_MAX {
        let message = format!("Label cannot exceed {LABEL_CHARACTERS_MAX} characters");
        parser.report("INVALID_LABEL_NAME", &at, message);
    } else if let Some(first) = parser.labels.insert(Arc::clone(&label), at.clone()) {
        parser.report(
            "DUPLICATE_LABEL_NAME",
            &at,
            format!("Label '{label}' is also used at {first}"),
        );
    }
    Some(label.as_ref().to_owned())
}

fn items_path(parser: &mut Parser, node: &Node<'_>) -> Option<JsonPath> {
    if !node.has("ItemsPath") {
        return None;
    }
    node.reference_source(parser, "ItemsPath", true)
}

fn item_selector(parser: &mut Parser, node: &Node<'_>) -> Option<Template> {
    if node.at_most_one(parser, &["ItemSelector", "Parameters"]) {
        return None;
    }
    match node.language {
        QueryLanguage::JsonPath if node.has("Parameters") => node.template(parser, "Parameters"),
        QueryLanguage::JsonPath | QueryLanguage::Jsonata => node.template(parser, "ItemSelector"),
    }
}

fn arguments(parser: &mut Parser, node: &Node<'_>) -> Option<Template> {
    match node.language {
        QueryLanguage::JsonPath => node.object_template(parser, "Parameters"),
        QueryLanguage::Jsonata => node.object_template(parser, "Arguments"),
    }
}

/// One of the S3 calls that a Map may make.
fn resource(parser: &mut Parser, node: &Node<'_>, actions: &[&str]) -> Option<Resource> {
    let text = node.string(parser, "Resource")?;
    let known = Resource::parse(&text).filter(|resource| {
        actions
            .iter()
            .any(|action| resource.resource_type() == "s3" && resource.resource() == *action)
    });
    if known.is_none() {
        let message = format!(
            "The resource provided {text} is not recognized. The value is not a valid resource ARN, or the resource is \
             not available in this region."
        );
        parser.error(&node.at("Resource"), message);
    }
    known
}

fn item_reader(parser: &mut Parser, node: &Node<'_>) -> Option<ItemReader> {
    let reader = node.node(parser, "ItemReader")?;
    reader.fields(parser, &rules::ITEM_READER);
    reader.required(parser, &["Resource"]);
    let resource = resource(parser, &reader, &["getObject", "listObjectsV2"]);
    let config = reader.node(parser, "ReaderConfig");
    let max_items = config.as_ref().and_then(|config| {
        config.fields(parser, &rules::READER_CONFIG);
        config.choice(
            parser,
            "InputType",
            &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"],
        );
        config.choice(parser, "Transformation", &["NONE", "LOAD_AND_FLATTEN"]);
        config.choice(parser, "ManifestType", &["ATHENA_DATA", "S3_INVENTORY"]);
        config.choice(
            parser,
            "CSVDelimiter",
            &["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"],
        );
        config.choice(parser, "CSVHeaderLocation", &["FIRST_ROW", "GIVEN"]);
        config.array(parser, "CSVHeaders");
        config.string(parser, "ItemsPointer");
        config.field(parser, "MaxItems", false, |config, parser| {
            config.integer(parser, "MaxItems", 0, ITEMS_MAX)
        })
    });
    let arguments = arguments(parser, &reader);
    Some(ItemReader {
        resource: resource?,
        arguments,
        config: reader.get("ReaderConfig").cloned(),
        max_items,
    })
}

fn item_batcher(parser: &mut Parser, node: &Node<'_>) -> Option<ItemBatcher> {
    let batcher = node.node(parser, "ItemBatcher")?;
    batcher.fields(parser, &rules::ITEM_BATCHER);
    let count = |parser: &mut Parser, name: &str, max: u64| {
        batcher.field(parser, name, false, |node, parser| {
            node.integer(parser, name, 0, max)
        })
    };
    let max_items = count(parser, "MaxItemsPerBatch", ITEMS_MAX);
    let max_input_bytes = count(parser, "MaxInputBytesPerBatch", 262_144);
    if max_items.is_none() && max_input_bytes.is_none() {
        let names = [
            "MaxItemsPerBatch",
            "MaxItemsPerBatchPath",
            "MaxInputBytesPerBatch",
            "MaxInputBytesPerBatchPath",
        ];
        if !names.iter().any(|name| batcher.has(name)) {
            let message = format!(
                "There should be one of the following fields: [{}]",
                names.join(", ")
            );
            parser.error(batcher.location(), message);
        }
    }
    Some(ItemBatcher {
        max_items,
        max_input_bytes,
        batch_input: batcher.template(parser, "BatchInput"),
    })
}

fn result_writer(parser: &mut Parser, node: &Node<'_>) -> Option<ResultWriter> {
    let writer = node.node(parser, "ResultWriter")?;
    writer.fields(parser, &rules::RESULT_WRITER);
    let resource = if writer.has("Resource") {
        resource(parser, &writer, &["putObject"])
    } else {
        None
    };
    if let Some(config) = writer.node(parser, "WriterConfig") {
        config.fields(parser, &rules::WRITER_CONFIG);
        config.choice(parser, "Transformation", &["NONE", "COMPACT", "FLATTEN"]);
        config.choice(parser, "OutputType", &["JSON", "JSONL"]);
    }
    let arguments = arguments(parser, &writer);
    let config: Option<Json> = writer.get("WriterConfig").cloned();
    Some(ResultWriter {
        resource,
        arguments,
        config,
    })
}
