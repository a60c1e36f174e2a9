//! Distributed Maps that AWS recorded: the file that was put into S3 gives the items that the children were given.
//!
//! The recordings lie outside the repository. Without them the test says so and passes, but not where `CI` is set.

use std::fs;
use std::path::{Path, PathBuf};

use asl::Json;
use bytes::Bytes;
use items::{
    BatchConfig, Call, INPUT_BYTES_MAX, ITEMS_MAX, ItemBatcher, ItemReader, Listed, Next,
    ObjectName, Page, ReaderConfig, ReaderError, limit,
};

/// The Map state's processor is a Pass: its output is the list of its children's inputs.
#[test]
fn items_are_those_that_aws_read() {
    let Some(cases) = recordings() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the recordings are missing"
        );
        eprintln!("the recordings are missing: nothing was compared");
        return;
    };
    let mut compared = 0;
    for (path, case) in cases {
        let Some(reader) = find(&case, "ItemReader") else {
            continue;
        };
        let Some(end) = end_of(&case) else { continue };
        let read = read(&case, &reader);
        match (end, read) {
            (Ok(output), Ok(items)) => {
                assert_eq!(
                    normal(&case, &output),
                    normal(&case, &Json::from(items).to_text()),
                    "{}",
                    path.display()
                );
            }
            (Err(cause), Err(error)) => assert_eq!(cause, error.to_string(), "{}", path.display()),
            (end, read) => panic!("{}: AWS {end:?}, here {read:?}", path.display()),
        }
        compared += 1;
    }
    assert!(compared >= 18, "only {compared} recordings compared");
}

fn recordings() -> Option<Vec<(PathBuf, Json)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = ["../shared", "../../shared"]
        .iter()
        .map(|shared| root.join(shared).join("conformance/cases"))
        .find(|cases| cases.is_dir())?;
    let mut found = Vec::new();
    for folder in ["scenarios", "assign", "sfn_api_map_run"] {
        for entry in fs::read_dir(cases.join(folder)).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            let text = fs::read_to_string(&path).expect("the case is readable");
            found.push((path, Json::from_text(&text).expect("a case is JSON")));
        }
    }
    Some(found)
}

fn read(case: &Json, reader: &Json) -> Result<Vec<Json>, ReaderError> {
    let call = match text(reader, "Resource") {
        "arn:aws:states:::s3:listObjectsV2" => Call::ListObjectsV2,
        _ => Call::GetObject,
    };
    let config = reader.get("ReaderConfig");
    let mut parsed = ReaderConfig::parse(call, config)?;
    if let Some(bound) = config.and_then(|config| evaluated(case, config, "MaxItems")) {
        parsed.items_max = limit("MaxItems", &bound, ITEMS_MAX)?;
    }
    let origin = ObjectName {
        bucket: "bucket".to_owned(),
        key: "key".to_owned(),
    };
    let mut reader = ItemReader::new(parsed, origin);
    let mut items = Vec::new();
    loop {
        match reader.next()? {
            Next::Item(item) => items.push(item.into_input()),
            Next::Object(_) => reader.give_object(Box::new(body(case)))?,
            Next::Page { .. } => reader.give_page(page(case)),
            Next::End => break,
        }
    }
    match find(case, "ItemBatcher") {
        None => Ok(items),
        Some(batcher) => batches(case, &batcher, items),
    }
}

fn batches(case: &Json, batcher: &Json, items: Vec<Json>) -> Result<Vec<Json>, ReaderError> {
    let bound = |name: &'static str, max| match evaluated(case, batcher, name) {
        Some(value) => limit(name, &value, max),
        None => Ok(None),
    };
    let bytes = bound("MaxInputBytesPerBatch", INPUT_BYTES_MAX as u64)?;
    let mut batcher = ItemBatcher::new(BatchConfig {
        items_max: bound("MaxItemsPerBatch", ITEMS_MAX)?,
        input_bytes_max: bytes.map_or(INPUT_BYTES_MAX, |bytes| {
            usize::try_from(bytes).expect("it is small")
        }),
        batch_input: batcher
            .get("BatchInput")
            .map(|_| Json::object([("BatchTimestamp", Json::from("now"))])),
    });
    let mut inputs = Vec::new();
    for item in items {
        inputs.extend(batcher.push(item)?);
    }
    inputs.extend(batcher.take());
    Ok(inputs.into_iter().map(|batch| batch.input).collect())
}

/// A field as written, by its path in the input or in a variable, or as the two expressions say that there are.
fn evaluated(case: &Json, config: &Json, name: &str) -> Option<Json> {
    let input = || {
        let texts = params(case, "StartExecution").filter_map(|params| params.get("input"));
        let text = texts.last().and_then(Json::as_str).unwrap_or("{}");
        Json::from_text(text).expect("the input is JSON")
    };
    if let Some(path) = config.get(&format!("{name}Path")).and_then(Json::as_str) {
        return match path.strip_prefix("$.") {
            Some(member) => input().get(member).cloned(),
            None => find(case, "Assign")?
                .get(path.trim_start_matches('$'))
                .cloned(),
        };
    }
    match config.get(name)?.as_str() {
        Some("{% $maxItems := 2 %}" | "{% $states.input.MaxItemsPerBatch %}") => {
            Some(Json::from(2_u64))
        }
        Some("{% $states.input.MaxInputBytesPerBatch %}") => Some(Json::from(150_000_u64)),
        _ => config.get(name).cloned(),
    }
}

fn body(case: &Json) -> Bytes {
    let put = params(case, "PutObject").next().expect("a file was put");
    Bytes::from(text(put, "Body").to_owned())
}

fn page(case: &Json) -> Page {
    let object = |params: &Json| Listed {
        etag: "tag".to_owned(),
        key: text(params, "Key").to_owned(),
        last_modified_seconds: 0,
        size_bytes: text(params, "Body").len() as u64,
        storage_class: "STANDARD".to_owned(),
    };
    Page {
        objects: params(case, "PutObject").map(object).collect(),
        truncated: false,
    }
}

/// What differs from run to run is made alike, and the recorder's spaces are taken out.
fn normal(case: &Json, output: &str) -> String {
    let mut output =
        Json::from_text(output).map_or_else(|_| output.to_owned(), |output| output.to_text());
    for params in params(case, "PutObject") {
        output = output.replace(&format!("⟦Etag-{}⟧", text(params, "Key")), "tag");
    }
    output.replace("\"⟦date⟧\"", "0").replace("⟦?date⟧", "now")
}

/// The output of the execution, or the error's cause.
fn end_of(case: &Json) -> Option<Result<String, String>> {
    let events = case
        .get("expected")?
        .get("get_execution_history")?
        .get("events")?;
    let last = events.as_array()?.last()?;
    if let Some(details) = last.get("executionSucceededEventDetails") {
        return Some(Ok(text(details, "output").to_owned()));
    }
    let details = last.get("executionFailedEventDetails")?;
    assert_eq!(text(details, "error"), ReaderError::NAME);
    Some(Err(text(details, "cause").to_owned()))
}

/// The field of that name anywhere in the definition.
fn find(case: &Json, name: &str) -> Option<Json> {
    let definition = params(case, "CreateStateMachine")
        .next()?
        .get("definition")?
        .as_str()?;
    let mut rest = vec![Json::from_text(definition).ok()?];
    while let Some(value) = rest.pop() {
        if let Some(found) = value.get(name) {
            return Some(found.clone());
        }
        rest.extend(
            value
                .as_object()
                .into_iter()
                .flat_map(|object| object.values().cloned()),
        );
    }
    None
}

fn params<'a>(case: &'a Json, operation: &'a str) -> impl Iterator<Item = &'a Json> {
    let steps = case
        .get("steps")
        .and_then(Json::as_array)
        .into_iter()
        .flat_map(|steps| steps.iter());
    steps
        .filter(move |step| text(step, "op") == operation)
        .filter_map(|step| step.get("params"))
}

fn text<'a>(object: &'a Json, name: &str) -> &'a str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}
