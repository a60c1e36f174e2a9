//! What is asked of any file in any format. The crate's own tests run it over the seeds.

use asl::Json;
use bytes::Bytes;
use items::{Call, Item, ItemReader, Next, ObjectName, Position, ReaderConfig, ReaderError};

/// Enough to pass from row group to row group and from file to file.
const ITEMS_MAX: u64 = 300;

/// A place in the middle of most seeds.
const PLACE: usize = 2;

/// The first byte says how the rest is read; it is every file that is asked for.
pub(crate) fn check(input: &[u8]) {
    let Some((kind, content)) = input.split_first() else {
        return;
    };
    let Some(config) = config(*kind) else { return };
    let content = Bytes::copy_from_slice(content);
    let origin = ObjectName {
        bucket: "b".to_owned(),
        key: "k".to_owned(),
    };
    let mut reader = ItemReader::new(config.clone(), origin.clone());
    let (items, end, place) = read(&mut reader, &content);
    let Some(place) = place else { return };
    let (rest, rest_end, _) = read(&mut ItemReader::resume(config, origin, place), &content);
    assert_eq!(rest, items[PLACE..]);
    assert_eq!(rest_end, end);
}

fn config(kind: u8) -> Option<ReaderConfig> {
    let config = match kind {
        b'c' => r#"{"InputType": "CSV"}"#,
        b'p' => {
            r#"{"InputType": "CSV", "CSVDelimiter": "PIPE", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"]}"#
        }
        b'j' => r#"{"InputType": "JSON"}"#,
        b'a' => r#"{"InputType": "JSON", "ItemsPointer": "/a/0"}"#,
        b'l' => r#"{"InputType": "JSONL"}"#,
        b'q' => r#"{"InputType": "PARQUET"}"#,
        b'i' => r#"{"InputType": "MANIFEST"}"#,
        b'm' => r#"{"ManifestType": "ATHENA_DATA", "InputType": "CSV"}"#,
        _ => return None,
    };
    let config = Json::from_text(config).expect("it is JSON");
    let mut config = ReaderConfig::parse(Call::GetObject, Some(&config)).expect("it is valid");
    config.items_max = Some(ITEMS_MAX);
    config.item_bytes_max = 1 << 16;
    Some(config)
}

type Outcome = (Vec<Item>, Result<(), ReaderError>, Option<Position>);

/// The items, how they end, and the place behind so many of them.
fn read(reader: &mut ItemReader, content: &Bytes) -> Outcome {
    let mut items = Vec::new();
    let mut place = None;
    // Whoever asks without end is stopped: the manifest's files may be empty.
    for _ in 0..2 * ITEMS_MAX {
        match reader.next() {
            Ok(Next::Item(item)) => items.push(item),
            Ok(Next::Object(_)) => {
                if let Err(error) = reader.give_object(Box::new(content.clone())) {
                    return (items, Err(error), place);
                }
            }
            Ok(Next::Page { .. }) => unreachable!("nothing is listed"),
            Ok(Next::End) => break,
            Err(error) => return (items, Err(error), place),
        }
        if items.len() == PLACE && place.is_none() {
            place = Some(reader.position());
        }
    }
    (items, Ok(()), place)
}
