use super::*;
use proptest::prelude::*;

fn batcher(
    items_max: Option<u64>,
    input_bytes_max: usize,
    batch_input: Option<Json>,
) -> ItemBatcher {
    ItemBatcher::new(BatchConfig {
        items_max,
        input_bytes_max,
        batch_input,
    })
}

fn batches(mut batcher: ItemBatcher, items: &[Json]) -> Vec<String> {
    let mut batches = Vec::new();
    for item in items {
        batches.extend(batcher.push(item.clone()).expect("it fits"));
    }
    batches.extend(batcher.take());
    batches
        .into_iter()
        .map(|batch| batch.input.to_text())
        .collect()
}

fn numbers(count: u64) -> Vec<Json> {
    (0..count).map(Json::from).collect()
}

#[test]
fn a_batch_ends_with_its_last_item() {
    assert_eq!(
        batches(batcher(Some(2), INPUT_BYTES_MAX, None), &numbers(5)),
        [
            r#"{"Items":[0,1]}"#,
            r#"{"Items":[2,3]}"#,
            r#"{"Items":[4]}"#
        ]
    );
    assert_eq!(
        batches(batcher(Some(2), INPUT_BYTES_MAX, None), &[]),
        Vec::<String>::new()
    );
}

#[test]
fn a_batch_ends_before_it_is_too_large() {
    let whole = r#"{"Items":[0,1,2]}"#;
    assert_eq!(
        batches(batcher(None, whole.len(), None), &numbers(4)),
        [whole, r#"{"Items":[3]}"#]
    );
    assert_eq!(
        batches(batcher(None, whole.len() - 1, None), &numbers(4)),
        [r#"{"Items":[0,1]}"#, r#"{"Items":[2,3]}"#]
    );
}

#[test]
fn batch_input_stands_in_each_batch_and_counts() {
    let input = Json::object([("k", Json::from("é"))]);
    let whole = r#"{"BatchInput":{"k":"é"},"Items":[0,1]}"#;
    assert_eq!(
        batches(batcher(None, whole.len(), Some(input)), &numbers(3)),
        [whole, r#"{"BatchInput":{"k":"é"},"Items":[2]}"#]
    );
}

#[test]
fn an_item_that_fits_nowhere_is_refused_and_the_rest_is_kept() {
    let mut batcher = batcher(None, 20, None);
    assert_eq!(batcher.push(Json::from("a")).expect("it fits"), None);
    let refused = ReaderError::InputTooLarge {
        bytes: 24,
        bytes_max: 20,
    };
    assert_eq!(batcher.push(Json::from("abcdefghij")), Err(refused));
    assert_eq!(batcher.pending(), 1);
    assert_eq!(
        batcher.take().map(|batch| batch.input.to_text()),
        Some(r#"{"Items":["a"]}"#.to_owned())
    );
}

proptest! {
    #[test]
    fn every_item_is_in_one_batch_and_no_batch_is_too_large(
        items in prop::collection::vec("[a\"\n]{0,12}", 0..30),
        items_max in prop::option::of(1_u64..5),
        bytes_max in 60_usize..120,
    ) {
        let items: Vec<Json> = items.iter().map(|item| Json::from(item.as_str())).collect();
        let mut batcher = batcher(items_max, bytes_max, Some(Json::from(7_u64)));
        let mut batches: Vec<Batch> = Vec::new();
        for item in &items {
            batches.extend(batcher.push(item.clone()).expect("it fits"));
        }
        batches.extend(batcher.take());
        let mut seen = Vec::new();
        for batch in &batches {
            let content = batch.input.get("Items").and_then(Json::as_array).expect("there are items");
            prop_assert!(batch.input.to_text().len() <= bytes_max);
            prop_assert_eq!(batch.items, content.len() as u64);
            prop_assert!(batch.items >= 1 && items_max.is_none_or(|max| batch.items <= max));
            seen.extend(content.to_vec());
        }
        prop_assert_eq!(seen, items);
    }
}
