use super::*;

fn at(seconds: u32) -> Timestamp {
    Timestamp(1_000_000).plus(seconds)
}

fn standing(sent: u32, group: Option<&str>) -> Standing {
    Standing::new(at(sent), at(sent), group.map(Arc::from))
}

/// An index with messages 1, 2, … of these groups, all sent at 0.
fn index_of(fifo: bool, groups: &[&str]) -> Index {
    let mut index = Index::new(fifo);
    for (n, group) in (1..).zip(groups) {
        index.insert(Seq(n), standing(0, Some(group)), at(0));
    }
    index
}

/// Receives for 30 seconds; receipts count from `now`.
fn take(index: &mut Index, now: u32, messages_max: usize) -> Taken {
    take_with(index, now, messages_max, 30, None)
}

fn take_with(
    index: &mut Index,
    now: u32,
    messages_max: usize,
    hidden: u32,
    receives_max: Option<u32>,
) -> Taken {
    let take = Take {
        messages_max,
        hidden_until: at(now + hidden),
        receives_max,
        kept_since: at(now).minus(600),
    };
    let mut receipt = u64::from(now) * 100;
    index.take(at(now), &take, || {
        receipt += 1;
        receipt
    })
}

fn numbers(taken: &Taken) -> Vec<u64> {
    taken.received.iter().map(|(seq, _)| seq.0).collect()
}

fn counts(index: &mut Index, now: u32) -> (usize, usize, usize) {
    let Counts {
        visible,
        in_flight,
        delayed,
    } = index.counts(at(now));
    (visible, in_flight, delayed)
}

#[test]
fn the_oldest_is_received_first_and_hidden_until_its_time_has_passed() {
    let mut index = index_of(false, &["g", "g", "g"]);
    assert_eq!(numbers(&take(&mut index, 0, 2)), [1, 2]);
    assert_eq!(counts(&mut index, 1), (1, 2, 0));
    assert_eq!(numbers(&take(&mut index, 1, 10)), [3]);
    assert!(take(&mut index, 29, 10).received.is_empty());
    assert_eq!(index.next_due(), Some(at(30)));
    let again = take(&mut index, 30, 10);
    assert_eq!(numbers(&again), [1, 2]);
    let (_, standing) = &again.received[0];
    assert_eq!((standing.receives, standing.receipt), (2, 3001));
    assert_eq!(standing.first_received, Some(at(0)));
    assert_eq!(standing.last_received, at(30));
}

#[test]
fn a_message_that_is_not_hidden_is_received_once_in_a_receive() {
    let mut index = index_of(false, &["g"]);
    assert_eq!(numbers(&take_with(&mut index, 0, 10, 0, None)), [1]);
    assert_eq!(numbers(&take_with(&mut index, 0, 10, 0, None)), [1]);
}

#[test]
fn a_delayed_message_comes_when_it_is_due() {
    let mut index = Index::new(false);
    index.insert(Seq(1), Standing::new(at(0), at(5), None), at(0));
    assert_eq!(counts(&mut index, 0), (0, 0, 1));
    assert!(take(&mut index, 4, 1).received.is_empty());
    assert_eq!(numbers(&take(&mut index, 5, 1)), [1]);
}

#[test]
fn a_receipt_fits_while_its_message_is_in_flight() {
    let mut index = index_of(false, &["g"]);
    take(&mut index, 0, 1);
    assert!(index.held(Seq(1), 1, at(29)).is_ok());
    assert_eq!(index.held(Seq(1), 2, at(29)), Err(Misfit::Stale));
    assert_eq!(index.held(Seq(1), 1, at(30)), Err(Misfit::Visible));
    take(&mut index, 31, 1);
    assert_eq!(index.held(Seq(1), 1, at(32)), Err(Misfit::Stale));
    index.remove(Seq(1));
    assert_eq!(index.held(Seq(1), 3101, at(32)), Err(Misfit::Gone));
    assert_eq!(counts(&mut index, 32), (0, 0, 0));
}

#[test]
fn a_group_of_a_fifo_queue_waits_for_its_message_in_flight() {
    let mut index = index_of(true, &["a", "a", "b", "a"]);
    assert_eq!(numbers(&take(&mut index, 0, 1)), [1]);
    assert_eq!(numbers(&take(&mut index, 1, 10)), [3]);
    assert!(take(&mut index, 2, 10).received.is_empty());
    index.remove(Seq(1));
    assert_eq!(numbers(&take(&mut index, 3, 10)), [2, 4]);
    // A new one of a group that is in flight waits too.
    index.insert(Seq(5), standing(4, Some("b")), at(4));
    assert!(take(&mut index, 5, 10).received.is_empty());
    // What was not deleted comes again, in order.
    assert_eq!(numbers(&take(&mut index, 40, 10)), [2, 4, 3, 5]);
}

#[test]
fn a_receive_of_a_fifo_queue_brings_as_many_of_one_group_as_may_be() {
    let mut index = index_of(true, &["a", "b", "a", "b"]);
    assert_eq!(numbers(&take(&mut index, 0, 3)), [1, 3, 2]);
    index.remove(Seq(2));
    assert_eq!(numbers(&take(&mut index, 1, 3)), [4]);
}

#[test]
fn a_group_is_in_flight_while_any_of_it_is() {
    let mut index = index_of(true, &["a", "a"]);
    take(&mut index, 0, 1);
    index.set_due(Seq(1), at(100));
    index.insert(Seq(3), standing(1, Some("a")), at(1));
    assert!(take(&mut index, 50, 10).received.is_empty());
    index.set_due(Seq(1), at(50));
    assert_eq!(numbers(&take(&mut index, 50, 10)), [1, 2, 3]);
    index.remove(Seq(1));
    assert!(take(&mut index, 51, 10).received.is_empty());
}

#[test]
fn what_is_visible_again_waits_for_what_its_group_has_in_flight() {
    let mut index = index_of(true, &["a", "a"]);
    take(&mut index, 0, 2);
    index.set_due(Seq(1), at(1));
    assert!(take(&mut index, 2, 10).received.is_empty());
    index.remove(Seq(2));
    assert_eq!(numbers(&take(&mut index, 3, 10)), [1]);
}

#[test]
fn a_delayed_message_holds_back_those_of_its_group() {
    let mut index = Index::new(true);
    let delayed = Standing::new(at(0), at(5), Some("a".into()));
    index.insert(Seq(1), delayed, at(0));
    index.insert(Seq(2), standing(1, Some("a")), at(1));
    assert!(take(&mut index, 4, 10).received.is_empty());
    assert_eq!(numbers(&take(&mut index, 5, 10)), [1, 2]);
}

#[test]
fn what_was_received_too_often_is_handed_over() {
    for fifo in [false, true] {
        let mut index = index_of(fifo, &["a", "a"]);
        for now in [0, 100] {
            let taken = take_with(&mut index, now, 1, 30, Some(2));
            assert_eq!(numbers(&taken), [1]);
            assert!(taken.exhausted.is_empty());
        }
        let taken = take_with(&mut index, 200, 1, 30, Some(2));
        assert_eq!(numbers(&taken), [2]);
        assert_eq!(taken.exhausted.len(), 1);
        assert_eq!(index.len(), 1);
    }
}

#[test]
fn receives_in_other_queues_do_not_count_here() {
    let mut index = Index::new(false);
    let moved = Standing {
        receives: 3,
        receives_elsewhere: 3,
        ..standing(0, None)
    };
    index.insert(Seq(1), moved, at(0));
    let taken = take_with(&mut index, 0, 1, 30, Some(1));
    assert_eq!(taken.received[0].1.receives, 4);
    let taken = take_with(&mut index, 30, 1, 30, Some(1));
    assert_eq!(taken.exhausted.len(), 1);
}

#[test]
fn what_is_too_old_is_gone() {
    let mut index = index_of(false, &["a", "a"]);
    index.insert(Seq(3), standing(500, None), at(500));
    let taken = take(&mut index, 601, 10);
    assert_eq!(numbers(&taken), [3]);
    assert_eq!(taken.expired, [Seq(1), Seq(2)]);
    let mut index = index_of(true, &["a", "a", "b"]);
    take(&mut index, 0, 1);
    assert_eq!(index.expire(at(1), 2), [Seq(1), Seq(2)]);
    assert_eq!(numbers(&take(&mut index, 1, 10)), [3]);
}

#[test]
fn what_is_put_back_is_the_first_of_its_group_again() {
    let mut index = index_of(true, &["a", "a"]);
    let (seq, standing) = index.drain(at(0), 1).remove(0);
    index.insert(seq, standing, at(0));
    assert_eq!(numbers(&take(&mut index, 0, 1)), [1]);
    assert!(take(&mut index, 0, 1).received.is_empty());
}

#[test]
fn what_is_drained_or_cleared_is_gone() {
    let mut index = index_of(true, &["a", "a", "b", "b"]);
    let drained = index.drain(at(0), 3);
    let drained: Vec<u64> = drained.iter().map(|(seq, _)| seq.0).collect();
    assert_eq!(drained, [1, 2, 3]);
    take(&mut index, 0, 10);
    assert!(index.drain(at(0), 10).is_empty());
    assert_eq!(index.clear(), [Seq(4)]);
    assert_eq!(counts(&mut index, 0), (0, 0, 0));
    assert_eq!(index.next_due(), None);
}

#[test]
fn one_receive_removes_a_page_of_messages_at_most() {
    let groups: Vec<String> = (0..1000).map(|at| format!("g{}", at % 3)).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    for fifo in [false, true] {
        let mut index = index_of(fifo, &groups);
        let mut removed = 0;
        for passes in 1.. {
            let taken = take(&mut index, 601, 10);
            removed += taken.expired.len();
            assert!(taken.expired.len() <= REMOVED_MAX);
            if !taken.has_more() {
                assert_eq!((passes, removed, index.len()), (4, 1000, 0));
                break;
            }
        }
        let mut index = index_of(fifo, &groups);
        let taken = take_with(&mut index, 0, 10, 30, Some(0));
        assert_eq!(
            (taken.exhausted.len(), taken.has_more()),
            (REMOVED_MAX, true)
        );
    }
}
