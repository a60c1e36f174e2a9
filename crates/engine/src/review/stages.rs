//! The stages of a state's data by their names.

use crate::Seen;

pub(super) const PARAMETERS: &str = "afterParameters";
pub(super) const ARGUMENTS: &str = "afterArguments";
pub(super) const ITEMS: &str = "afterItemsPath";
pub(super) const ITEM_SELECTOR: &str = "afterItemSelector";
pub(super) const RESULT: &str = "result";
pub(super) const RESULT_SELECTOR: &str = "afterResultSelector";
pub(super) const RESULT_PATH: &str = "afterResultPath";
pub(super) const BACKOFF: &str = "errorDetails.retryBackoffIntervalSeconds";

/// The stages that were seen, in TestState's words and in their order.
pub(super) fn stages(seen: &Seen) -> Vec<&'static str> {
    let Seen {
        after_input_path,
        after_parameters,
        after_arguments,
        items,
        after_item_selector,
        result,
        after_result_selector,
        after_result_path,
        ..
    } = seen;
    let payloads = [
        ("afterInputPath", after_input_path),
        (PARAMETERS, after_parameters),
        (ARGUMENTS, after_arguments),
        (ITEMS, items),
        (ITEM_SELECTOR, after_item_selector),
        (RESULT, result),
        (RESULT_SELECTOR, after_result_selector),
        (RESULT_PATH, after_result_path),
    ];
    let payloads = payloads.into_iter().map(|(name, it)| (name, it.is_some()));
    let others = [
        ("choiceIndex", seen.choice_index.is_some()),
        ("maxConcurrency", seen.max_concurrency.is_some()),
        (
            "toleratedFailureCount",
            seen.tolerated_failure_count.is_some(),
        ),
        (
            "toleratedFailurePercentage",
            seen.tolerated_failure_percentage.is_some(),
        ),
        (BACKOFF, seen.retry_backoff_seconds.is_some()),
    ];
    let all = payloads.chain(others);
    all.filter_map(|(name, is_there)| is_there.then_some(name))
        .collect()
}

/// Leaves a stage out.
pub(super) fn forget(seen: &mut Seen, member: &str) {
    match member {
        "afterInputPath" => seen.after_input_path = None,
        PARAMETERS => seen.after_parameters = None,
        ARGUMENTS => seen.after_arguments = None,
        ITEMS => seen.items = None,
        ITEM_SELECTOR => seen.after_item_selector = None,
        RESULT => seen.result = None,
        RESULT_SELECTOR => seen.after_result_selector = None,
        RESULT_PATH => seen.after_result_path = None,
        "choiceIndex" => seen.choice_index = None,
        "maxConcurrency" => seen.max_concurrency = None,
        "toleratedFailureCount" => seen.tolerated_failure_count = None,
        "toleratedFailurePercentage" => seen.tolerated_failure_percentage = None,
        BACKOFF => seen.retry_backoff_seconds = None,
        _ => {}
    }
}
