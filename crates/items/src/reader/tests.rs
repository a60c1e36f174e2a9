use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;

use super::*;
use crate::SourceError;
use crate::config::Call;

/// A bucket, and what was asked of it.
#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Bytes>,
    asked: RefCell<Vec<String>>,
}

impl Bucket {
    fn new(objects: &[(&str, &str)]) -> Self {
        let objects = objects
            .iter()
            .map(|(key, content)| ((*key).to_owned(), Bytes::from((*content).to_owned())));
        Self {
            objects: objects.collect(),
            asked: RefCell::default(),
        }
    }

    /// Two objects a page.
    fn page(&self, start_after: Option<&str>) -> Page {
        let mut rest = self
            .objects
            .iter()
            .filter(|(key, _)| Some(key.as_str()) > start_after);
        Page {
            objects: rest
                .by_ref()
                .take(2)
                .map(|(key, content)| Listed {
                    etag: "\"e\"".to_owned(),
                    key: key.clone(),
                    last_modified_seconds: 1_668_699_881,
                    size_bytes: content.len() as u64,
                    storage_class: "STANDARD".to_owned(),
                })
                .collect(),
            truncated: rest.next().is_some(),
        }
    }

    fn next(&self, reader: &mut ItemReader) -> Result<Option<Item>, ReaderError> {
        loop {
            let next = reader.next()?;
            match next {
                Next::Item(item) => return Ok(Some(item)),
                Next::End => return Ok(None),
                Next::Object(name) => {
                    self.asked.borrow_mut().push(name.uri());
                    let content = self.objects.get(&name.key).cloned();
                    let content =
                        content.ok_or_else(|| SourceError(format!("no such key: {}", name.key)))?;
                    reader.give_object(Box::new(content))?;
                }
                Next::Page { start_after } => {
                    self.asked
                        .borrow_mut()
                        .push(format!("list after {start_after:?}"));
                    reader.give_page(self.page(start_after.as_deref()));
                }
            }
        }
    }

    fn read(&self, mut reader: ItemReader) -> Result<Vec<String>, ReaderError> {
        let mut items = Vec::new();
        while let Some(item) = self.next(&mut reader)? {
            let source = Arc::clone(&item.source);
            items.push(format!("{} {source}", item.into_input()));
        }
        Ok(items)
    }
}

fn config(call: Call, config: &str) -> ReaderConfig {
    ReaderConfig::parse(call, Some(&Json::from_text(config).expect("JSON"))).expect("it is valid")
}

fn origin() -> ObjectName {
    ObjectName {
        bucket: "b".to_owned(),
        key: "data".to_owned(),
    }
}

/// Reads all; then again from a place behind each item, kept as bytes meanwhile.
fn read_from_everywhere(bucket: &Bucket, config: &ReaderConfig) -> Vec<String> {
    let all = bucket
        .read(ItemReader::new(config.clone(), origin()))
        .expect("it is readable");
    let mut reader = ItemReader::new(config.clone(), origin());
    for done in 0..=all.len() {
        let kept = rmp_serde::to_vec(&reader.position()).expect("it can be kept");
        assert!(kept.len() < 100, "a place takes {} bytes", kept.len());
        let position: Position = rmp_serde::from_slice(&kept).expect("it was kept");
        assert_eq!(position.items(), done as u64);
        let rest = bucket.read(ItemReader::resume(config.clone(), origin(), position));
        assert_eq!(
            rest.expect("it is readable"),
            all[done..],
            "behind {done} items"
        );
        assert_eq!(
            bucket.next(&mut reader).expect("it is readable").is_some(),
            done < all.len()
        );
    }
    all
}

#[test]
fn a_reader_can_be_used_on_a_thread_for_blocking_work() {
    fn assert_send<T: Send>(_: &T) {}
    assert_send(&ItemReader::new(
        config(Call::ListObjectsV2, "{}"),
        origin(),
    ));
}

#[test]
fn an_object_is_read_item_by_item() {
    let bucket = Bucket::new(&[("data", "k\nv\nw\n")]);
    let items = read_from_everywhere(&bucket, &config(Call::GetObject, r#"{"InputType": "CSV"}"#));
    assert_eq!(
        items,
        [r#"{"k":"v"} S3://b/data"#, r#"{"k":"w"} S3://b/data"#]
    );
}

#[test]
fn a_member_of_an_object_is_an_item_with_its_key() {
    let bucket = Bucket::new(&[("data", r#"{"o": {"x": 1, "y": [2]}}"#)]);
    let config = config(
        Call::GetObject,
        r#"{"InputType": "JSON", "ItemsPointer": "/o"}"#,
    );
    assert_eq!(
        read_from_everywhere(&bucket, &config),
        [
            r#"{"Key":"x","Value":1} S3://b/data"#,
            r#"{"Key":"y","Value":[2]} S3://b/data"#
        ]
    );
}

#[test]
fn objects_of_a_bucket_are_items() {
    let bucket = Bucket::new(&[("a", "1"), ("b/", ""), ("c", "333")]);
    let items = read_from_everywhere(&bucket, &config(Call::ListObjectsV2, "{}"));
    let item = |key: &str, size: usize| {
        format!(
            r#"{{"Etag":"\"e\"","LastModified":1668699881,"Key":"{key}","Size":{size},"StorageClass":"STANDARD"}} S3://b"#
        )
    };
    assert_eq!(items, [item("a", 1), item("b/", 0), item("c", 3)]);
    bucket.asked.borrow_mut().clear();
    bucket
        .read(ItemReader::new(config(Call::ListObjectsV2, "{}"), origin()))
        .expect("it is readable");
    assert_eq!(
        *bucket.asked.borrow(),
        ["list after None", "list after Some(\"b/\")"]
    );
}

#[test]
fn listed_objects_are_loaded_and_flattened() {
    let bucket = Bucket::new(&[("a", "1\n2\n"), ("b", ""), ("c", "3\n4\n"), ("d", "5")]);
    let config = config(
        Call::ListObjectsV2,
        r#"{"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}"#,
    );
    assert_eq!(
        read_from_everywhere(&bucket, &config),
        [
            "1 S3://b/a",
            "2 S3://b/a",
            "3 S3://b/c",
            "4 S3://b/c",
            "5 S3://b/d"
        ]
    );
}

#[test]
fn folders_have_nothing_to_load() {
    let bucket = Bucket::new(&[("a/", ""), ("a/1", "[1]"), ("b/", "")]);
    let config = config(
        Call::ListObjectsV2,
        r#"{"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}"#,
    );
    assert_eq!(read_from_everywhere(&bucket, &config), ["1 S3://b/a/1"]);
}

#[test]
fn a_page_without_objects_is_the_last() {
    let mut reader = ItemReader::new(config(Call::ListObjectsV2, "{}"), origin());
    assert_eq!(reader.next(), Ok(Next::Page { start_after: None }));
    reader.give_page(Page {
        objects: Vec::new(),
        truncated: true,
    });
    assert_eq!(reader.next(), Ok(Next::End));
}

#[test]
fn a_place_in_a_listed_object_holds_though_the_bucket_changes() {
    let config = config(
        Call::ListObjectsV2,
        r#"{"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}"#,
    );
    let mut bucket = Bucket::new(&[("c", "1\n2\n3\n"), ("e", "4")]);
    let mut reader = ItemReader::new(config.clone(), origin());
    bucket.next(&mut reader).expect("it is readable");
    bucket
        .objects
        .insert("b".to_owned(), Bytes::from_static(b"9"));
    bucket
        .objects
        .insert("d".to_owned(), Bytes::from_static(b"8"));
    let position = reader.position();
    let rest = bucket.read(ItemReader::resume(
        config.clone(),
        origin(),
        position.clone(),
    ));
    assert_eq!(
        rest.expect("it is readable"),
        ["2 S3://b/c", "3 S3://b/c", "8 S3://b/d", "4 S3://b/e"]
    );
    bucket.objects.remove("c");
    let rest = bucket.read(ItemReader::resume(config, origin(), position));
    assert_eq!(rest.expect("it is readable"), ["8 S3://b/d", "4 S3://b/e"]);
}

const INVENTORY: &str = r#"{"sourceBucket": "b", "destinationBucket": "arn:aws:s3:::inventory", "version": "2016-11-30",
    "creationTimestamp": "1668560400000", "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size, LastModifiedDate",
    "files": [{"key": "one", "size": 7300, "MD5checksum": "a7ff"}, {"key": "two", "size": 1, "MD5checksum": "b"}]}"#;

/// The developer guide's example, whose members have this order.
#[test]
fn an_inventory_gives_its_rows_with_the_schemas_names() {
    let bucket = Bucket::new(&[
        ("data", INVENTORY),
        (
            "one",
            "\"b\",\"titles.csv\",\"3399671\",\"2022-11-16T00:29:32.000Z\"\n",
        ),
        ("two", "\"b\",\"x%20y\",\"0\",\"2022\"\n"),
    ]);
    let config = config(Call::GetObject, r#"{"InputType": "MANIFEST"}"#);
    assert_eq!(
        read_from_everywhere(&bucket, &config),
        [
            r#"{"LastModifiedDate":"2022-11-16T00:29:32.000Z","Bucket":"b","Size":"3399671","Key":"titles.csv"} S3://inventory/one"#,
            r#"{"LastModifiedDate":"2022","Bucket":"b","Size":"0","Key":"x%20y"} S3://inventory/two"#
        ]
    );
}

#[test]
fn an_inventory_in_another_format_is_refused() {
    let config = config(Call::GetObject, r#"{"InputType": "MANIFEST"}"#);
    for (from, to, problem) in [
        (
            "\"CSV\"",
            "\"ORC\"",
            "its files are ORC, and only reports in CSV are supported",
        ),
        ("\"files\"", "\"fils\"", "it has no files"),
        ("\"key\"", "\"kex\"", "a file of it has no key"),
        ("{", "", "trailing characters at line 1 column 15"),
    ] {
        let bucket = Bucket::new(&[("data", &INVENTORY.replacen(from, to, 1))]);
        let error = bucket
            .read(ItemReader::new(config.clone(), origin()))
            .expect_err("it is refused");
        assert_eq!(
            error.to_string(),
            format!("The manifest can't be read: {problem}.")
        );
    }
}

#[test]
fn an_athena_manifest_gives_the_items_of_its_files() {
    let bucket = Bucket::new(&[
        ("data", "s3://b/x/1\n\"s3://b/x/2\"\ns3://b/x/3"),
        ("x/1", "{\"n\": 1}\n"),
        ("x/2", ""),
        ("x/3", "{\"n\": 2}\n{\"n\": 3}\n"),
    ]);
    let config = config(
        Call::GetObject,
        r#"{"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}"#,
    );
    assert_eq!(
        read_from_everywhere(&bucket, &config),
        [
            r#"{"n":1} S3://b/x/1"#,
            r#"{"n":2} S3://b/x/3"#,
            r#"{"n":3} S3://b/x/3"#
        ]
    );
    let wrong = Bucket::new(&[("data", "http://b/x")]);
    let error = wrong
        .read(ItemReader::new(config, origin()))
        .expect_err("it is refused");
    assert_eq!(
        error.to_string(),
        "The manifest can't be read: `http://b/x` is not the location of an object."
    );
}

#[test]
fn no_more_items_are_read_than_asked_for() {
    let bucket = Bucket::new(&[("data", "[1, 2, oops]")]);
    let mut config = config(Call::GetObject, r#"{"InputType": "JSON"}"#);
    config.items_max = Some(2);
    assert_eq!(
        read_from_everywhere(&bucket, &config),
        ["1 S3://b/data", "2 S3://b/data"]
    );
}

#[test]
fn an_error_is_final_and_names_the_file_where_there_are_several() {
    let bucket = Bucket::new(&[("a", "1\n{\n"), ("b", "2\n")]);
    let config = config(
        Call::ListObjectsV2,
        r#"{"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}"#,
    );
    let mut reader = ItemReader::new(config, origin());
    assert!(bucket.next(&mut reader).is_ok_and(|item| item.is_some()));
    for _ in 0..2 {
        let error = bucket.next(&mut reader).expect_err("the line is not JSON");
        assert_eq!(
            error.to_string(),
            "S3://b/a: Item 1 is not valid JSON: expected a key at line 1 column 2."
        );
    }
}

#[test]
fn what_was_not_asked_for_is_not_taken() {
    let mut reader = ItemReader::new(
        config(Call::GetObject, r#"{"InputType": "JSONL"}"#),
        origin(),
    );
    reader
        .give_object(Box::new(Bytes::from_static(b"9")))
        .expect("it is left alone");
    reader.give_page(Page::default());
    assert_eq!(reader.next(), Ok(Next::Object(origin())));
    reader.give_page(Page::default());
    assert_eq!(reader.next(), Ok(Next::Object(origin())));
    let listed = config(
        Call::ListObjectsV2,
        r#"{"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}"#,
    );
    let bucket = Bucket::new(&[("a", "1")]);
    let mut reader = ItemReader::new(listed, origin());
    assert_eq!(reader.next(), Ok(Next::Page { start_after: None }));
    reader
        .give_object(Box::new(Bytes::from_static(b"9")))
        .expect("it is left alone");
    reader.give_page(bucket.page(None));
    assert!(matches!(reader.next(), Ok(Next::Object(_))));
    reader.give_page(bucket.page(None));
    assert_eq!(
        bucket
            .next(&mut reader)
            .map(|item| item.map(|item| item.value)),
        Ok(Some(Json::from(1_u64)))
    );
}

#[test]
fn a_place_of_another_dataset_is_refused() {
    let bucket = Bucket::new(&[("data", "k\nv\nw\n")]);
    let csv = config(Call::GetObject, r#"{"InputType": "CSV"}"#);
    let mut reader = ItemReader::new(csv, origin());
    bucket.next(&mut reader).expect("it is readable");
    let json = config(Call::GetObject, r#"{"InputType": "JSON"}"#);
    let read = bucket.read(ItemReader::resume(json, origin(), reader.position()));
    assert_eq!(read, Err(ReaderError::Position));
}
