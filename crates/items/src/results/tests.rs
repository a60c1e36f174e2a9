use std::collections::BTreeMap;

use super::*;

fn child(status: Status, number: u64, output: Option<&str>) -> Child {
    let arn = "arn:aws:states:us-east-1:000000000000";
    let succeeded = status == Status::Succeeded;
    Child {
        execution_arn: format!("{arn}:execution:orders/Map:{number}"),
        name: number.to_string(),
        state_machine_arn: format!("{arn}:stateMachine:orders/Map"),
        status,
        input: Payload::from_text(format!("{{\"n\": {number}}}")).expect("JSON"),
        output: output.map(|output| Payload::from_text(output).expect("JSON")),
        error: (!succeeded).then(|| "Broken".to_owned()),
        cause: (!succeeded).then(|| "it is".to_owned()),
        redrive_count: 0,
        redrive_status: if succeeded {
            "NOT_REDRIVABLE"
        } else {
            "REDRIVABLE"
        }
        .to_owned(),
        redrive_status_reason: succeeded
            .then(|| "Execution is SUCCEEDED and cannot be redriven".to_owned()),
        start_date: Some("2025-02-04T01:49:50.099Z".parse().expect("a timestamp")),
        stop_date: Some("2025-02-04T01:49:50.1639Z".parse().expect("a timestamp")),
    }
}

fn pending(number: u64) -> Child {
    Child {
        error: None,
        cause: None,
        start_date: None,
        stop_date: None,
        ..child(Status::Pending, number, None)
    }
}

fn config(config: &str) -> WriterConfig {
    WriterConfig::parse(Some(&Json::from_text(config).expect("JSON")), true).expect("it is valid")
}

fn destination() -> Destination {
    Destination {
        bucket: "results".to_owned(),
        prefix: "jobs".to_owned(),
        map_run_arn: "arn:aws:states:us-east-1:000000000000:mapRun:orders/Map:4977".to_owned(),
    }
}

/// Puts parts together as a multipart upload does.
#[derive(Clone, Default)]
struct Store {
    open: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    files: BTreeMap<String, String>,
}

impl Store {
    fn put(&mut self, parts: Vec<Part>) {
        for part in parts {
            let open = self.open.entry(part.file.clone()).or_default();
            open.insert(part.number, part.bytes);
            assert_eq!(
                open.keys().copied().collect::<Vec<_>>(),
                (1..=part.number).collect::<Vec<_>>()
            );
            if part.last {
                let parts = self.open.remove(&part.file).expect("it is open");
                let text =
                    String::from_utf8(parts.into_values().flatten().collect()).expect("text");
                assert_eq!(self.files.insert(part.file, text), None);
            }
        }
    }
}

fn written(config: WriterConfig, children: &[Child]) -> BTreeMap<String, String> {
    let mut writer = ResultWriter::new(config, destination(), WriterPosition::default());
    let mut store = Store::default();
    for child in children {
        store.put(writer.append(child));
    }
    store.put(writer.finish());
    assert!(store.open.is_empty());
    store.files
}

#[test]
fn executions_are_written_as_the_guide_shows() {
    let children = [
        child(Status::Succeeded, 1, Some(r#"[{"id": "a"}]"#)),
        child(Status::TimedOut, 2, None),
        pending(3),
    ];
    let files = written(config("{}"), &children);
    let succeeded = r#"[{"ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:orders/Map:1","Input":"{\"n\": 1}","InputDetails":{"Included":true},"Name":"1","Output":"[{\"id\": \"a\"}]","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2025-02-04T01:49:50.099Z","StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:orders/Map","Status":"SUCCEEDED","StopDate":"2025-02-04T01:49:50.163Z"}]"#;
    let failed = r#"[{"Cause":"it is","Error":"Broken","ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:orders/Map:2","Input":"{\"n\": 2}","InputDetails":{"Included":true},"Name":"2","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":"2025-02-04T01:49:50.099Z","StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:orders/Map","Status":"TIMED_OUT","StopDate":"2025-02-04T01:49:50.163Z"}]"#;
    let pending = r#"[{"ExecutionArn":"arn:aws:states:us-east-1:000000000000:execution:orders/Map:3","Input":"{\"n\": 3}","InputDetails":{"Included":true},"Name":"3","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:orders/Map","Status":"PENDING"}]"#;
    let manifest = format!(
        r#"{{"DestinationBucket":"results","MapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:orders/Map:4977","ResultFiles":{{"FAILED":[{{"Key":"jobs/4977/FAILED_0.json","Size":{}}}],"PENDING":[{{"Key":"jobs/4977/PENDING_0.json","Size":{}}}],"SUCCEEDED":[{{"Key":"jobs/4977/SUCCEEDED_0.json","Size":{}}}]}}}}"#,
        failed.len(),
        pending.len(),
        succeeded.len()
    );
    let expected = [
        ("FAILED_0.json", failed),
        ("PENDING_0.json", pending),
        ("SUCCEEDED_0.json", succeeded),
        ("manifest.json", &manifest),
    ];
    assert_eq!(
        files,
        expected
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into()
    );
}

#[test]
fn a_map_run_without_children_has_a_manifest_only() {
    let files = written(config("{}"), &[]);
    let manifest = r#"{"DestinationBucket":"results","MapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:orders/Map:4977","ResultFiles":{"FAILED":[],"PENDING":[],"SUCCEEDED":[]}}"#;
    assert_eq!(
        files,
        [("manifest.json".to_owned(), manifest.to_owned())].into()
    );
}

#[test]
fn outputs_are_transformed_and_failures_are_not() {
    let children = [
        child(Status::Succeeded, 1, Some("[1, [2]]")),
        child(Status::Succeeded, 2, Some("[]")),
        child(Status::Succeeded, 3, Some(r#"{"k": null}"#)),
        child(Status::Failed, 4, None),
    ];
    let forms = [
        (
            r#"{"Transformation": "COMPACT", "OutputType": "JSON"}"#,
            "SUCCEEDED_0.json",
            r#"[[1,[2]],[],{"k":null}]"#,
        ),
        (
            r#"{"Transformation": "FLATTEN", "OutputType": "JSON"}"#,
            "SUCCEEDED_0.json",
            r#"[1,[2],{"k":null}]"#,
        ),
        (
            r#"{"Transformation": "COMPACT", "OutputType": "JSONL"}"#,
            "SUCCEEDED_0.jsonl",
            "[1,[2]]\n[]\n{\"k\":null}\n",
        ),
        (
            r#"{"Transformation": "FLATTEN", "OutputType": "JSONL"}"#,
            "SUCCEEDED_0.jsonl",
            "1\n[2]\n{\"k\":null}\n",
        ),
    ];
    for (form, name, text) in forms {
        let files = written(config(form), &children);
        assert_eq!(files[name], text, "{form}");
        let failed = &files[&name.replace("SUCCEEDED", "FAILED")];
        assert!(failed.contains(r#""Status":"FAILED""#), "{failed}");
    }
    let lines = &written(config(r#"{"OutputType": "JSONL"}"#), &children)["SUCCEEDED_0.jsonl"];
    assert_eq!(
        lines
            .lines()
            .filter(|line| Json::from_text(line).is_ok())
            .count(),
        3
    );
}

#[test]
fn defaults_depend_on_whether_results_are_exported() {
    let parse = |exported| WriterConfig::parse(None, exported).expect("it is valid");
    assert_eq!(parse(true).transformation, Transformation::None);
    assert_eq!(parse(false).transformation, Transformation::Compact);
    let unknown = Json::object([("OutputType", Json::from("XML"))]);
    let error = WriterConfig::parse(Some(&unknown), true).expect_err("there is no such type");
    assert_eq!(error.to_string(), r#"field OutputType has no value "XML""#);
}

#[test]
fn a_full_file_is_followed_by_another() {
    let mut config = config(r#"{"Transformation": "COMPACT"}"#);
    config.file_bytes_max = 10;
    let outputs = ["1234", "123", "123456789012", "1"];
    let children: Vec<Child> = (0..)
        .zip(outputs)
        .map(|(number, output)| child(Status::Succeeded, number, Some(output)))
        .collect();
    let files = written(config, &children);
    assert_eq!(files["SUCCEEDED_0.json"], "[1234,123]");
    assert_eq!(files["SUCCEEDED_1.json"], "[123456789012]");
    assert_eq!(files["SUCCEEDED_2.json"], "[1]");
    assert!(files["manifest.json"].contains(r#"{"Key":"jobs/4977/SUCCEEDED_2.json","Size":3}"#));
}

/// The position is kept whenever parts were stored; then the writer is lost and the children behind it come again.
#[test]
fn a_writer_that_is_lost_anywhere_goes_on_with_the_same_bytes() {
    let status = |number: u64| match number % 7 {
        0..5 => Status::Succeeded,
        5 => Status::Aborted,
        _ => Status::Pending,
    };
    let children: Vec<Child> = (0..60)
        .map(|number| {
            child(
                status(number),
                number,
                Some(&format!("[{number},{}]", number * 1000)),
            )
        })
        .collect();
    for form in [
        r#"{"Transformation": "FLATTEN"}"#,
        r#"{"OutputType": "JSONL"}"#,
    ] {
        let mut config = config(form);
        config.part_bytes = 40;
        config.file_bytes_max = 150;
        let whole = written(config, &children);
        assert!(whole.len() > 5);
        for lost_after in 0..children.len() {
            let mut store = Store::default();
            let mut kept = rmp_serde::to_vec(&WriterPosition::default()).expect("it can be kept");
            let mut writer = ResultWriter::new(config, destination(), WriterPosition::default());
            for child in children.iter().take(lost_after) {
                let parts = writer.append(child);
                if !parts.is_empty() {
                    store.put(parts);
                    kept = rmp_serde::to_vec(&writer.position()).expect("it can be kept");
                }
            }
            let position: WriterPosition = rmp_serde::from_slice(&kept).expect("it was kept");
            let [succeeded, failed, pending] = position.children();
            let mut seen = [0, 0, 0];
            let mut writer = ResultWriter::new(config, destination(), position);
            for child in &children {
                let (kind, done) = match child.status {
                    Status::Succeeded => (0, succeeded),
                    Status::Pending => (2, pending),
                    Status::Failed | Status::TimedOut | Status::Aborted => (1, failed),
                };
                seen[kind] += 1;
                if seen[kind] > done {
                    store.put(writer.append(child));
                }
            }
            store.put(writer.finish());
            assert_eq!(store.files, whole, "lost after {lost_after}");
        }
    }
}

#[test]
fn a_redriven_map_run_keeps_what_succeeded_before() {
    let earlier = ResultFile {
        key: "jobs/4977/SUCCEEDED_0.json".to_owned(),
        size_bytes: 3,
    };
    let config = config(r#"{"Transformation": "COMPACT"}"#);
    let mut writer = ResultWriter::new(config, destination(), WriterPosition::after(vec![earlier]));
    let mut store = Store::default();
    store.put(writer.append(&child(Status::Succeeded, 1, Some("2"))));
    store.put(writer.finish());
    assert_eq!(store.files["SUCCEEDED_1.json"], "[2]");
    let listed = r#""SUCCEEDED":[{"Key":"jobs/4977/SUCCEEDED_0.json","Size":3},{"Key":"jobs/4977/SUCCEEDED_1.json","Size":3}]"#;
    assert!(store.files["manifest.json"].contains(listed));
}

#[test]
fn keys_have_the_map_runs_id() {
    let key = |prefix: &str| {
        Destination {
            prefix: prefix.to_owned(),
            ..destination()
        }
        .key("manifest.json")
    };
    assert_eq!(key("jobs"), "jobs/4977/manifest.json");
    assert_eq!(key("a/b/"), "a/b/4977/manifest.json");
    assert_eq!(key(""), "4977/manifest.json");
    assert_eq!(
        destination().to_result().to_text(),
        r#"{"MapRunArn":"arn:aws:states:us-east-1:000000000000:mapRun:orders/Map:4977","ResultWriterDetails":{"Bucket":"results","Key":"jobs/4977/manifest.json"}}"#
    );
}
