use super::*;
use crate::ReaderError;

fn all<T>(mut next: impl FnMut() -> Read<T>) -> Vec<T> {
    std::iter::from_fn(|| next().ok()).collect()
}

fn hybrid(bytes: &[u8], width: u32) -> Vec<u32> {
    let mut hybrid = Hybrid::new(Bytes::copy_from_slice(bytes), width).expect("it has a width");
    all(|| hybrid.next())
}

/// The example of the format's "Encodings": 0 to 7 in three bits each.
#[test]
fn packed_numbers_and_runs_follow_each_other() {
    assert_eq!(
        hybrid(&[0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3),
        [0, 1, 2, 3, 4, 5, 6, 7]
    );
    assert_eq!(
        hybrid(&[3 << 1, 5, 0b11, 0xFF, 0, 0, 1 << 1, 6], 3),
        [5, 5, 5, 7, 7, 3, 0, 0, 0, 0, 0, 6]
    );
    assert_eq!(hybrid(&[2 << 1, 0x34, 0x12], 13), [0x1234, 0x1234]);
    assert_eq!(hybrid(&[1 << 1, 0xFF, 0xFF, 0xFF, 0xFF], 32), [u32::MAX]);
}

#[test]
fn the_last_group_may_lack_what_is_not_used() {
    assert_eq!(hybrid(&[0b11, 0b1000_1000], 3), [0, 1]);
    assert_eq!(hybrid(&[], 3), Vec::<u32>::new());
}

#[test]
fn numbers_without_bits_are_zero() {
    let mut hybrid = Hybrid::new(Bytes::new(), 0).expect("it has a width");
    assert_eq!(
        (0..3).map(|_| hybrid.next()).collect::<Vec<_>>(),
        vec![Ok(0); 3]
    );
}

#[test]
fn runs_that_make_no_sense_are_refused() {
    let error = |bytes: &'static [u8], width| {
        Hybrid::new(Bytes::from_static(bytes), width).and_then(|mut hybrid| hybrid.next())
    };
    assert_eq!(
        error(&[0, 1], 3),
        Err(ReaderError::Parquet("a run is empty"))
    );
    assert_eq!(
        error(&[], 33),
        Err(ReaderError::Parquet("a number has too many bits"))
    );
    // 2^61 groups, whose numbers no integer counts.
    let uncounted = &[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0];
    assert_eq!(
        error(uncounted, 1),
        Err(ReaderError::Parquet("a page has too few values"))
    );
    let endless = [0xFF; 12];
    assert!(error(Box::leak(Box::new(endless)), 3).is_err());
}

/// Blocks of 128 in 4 miniblocks: a header, then for each block the least difference, widths, and packed differences.
fn delta(count: u8, blocks: &[u8]) -> Bytes {
    [&[0x80, 1, 4, count, 14][..], blocks].concat().into()
}

fn values(bytes: Bytes) -> (Vec<i64>, Bytes) {
    let mut delta = Delta::new(bytes).expect("it has a header");
    let rest = delta.rest().expect("there is a rest");
    (all(|| delta.next()), rest)
}

#[test]
fn differences_add_up() {
    let none = [0x02, 0, 0, 0, 0, b'!'];
    assert_eq!(values(delta(1, b"!")), (vec![7], Bytes::from_static(b"!")));
    assert_eq!(
        values(delta(3, &none)),
        (vec![7, 8, 9], Bytes::from_static(b"!"))
    );
    let (read, rest) = values(delta(33, &none));
    assert_eq!(
        (read.len(), read.last(), rest),
        (33, Some(&39), Bytes::from_static(b"!"))
    );
    let packed = [&[0x01, 2, 0, 0, 0, 0b1110_0100][..], &[0; 7], b"!"].concat();
    let expected = vec![7, 7 - 1, 7 - 1, 7, 9];
    assert_eq!(
        values(delta(5, &packed)),
        (expected, Bytes::from_static(b"!"))
    );
}

#[test]
fn what_stands_behind_differences_is_found_without_reading_them() {
    for count in [32_u8, 33, 34, 64, 65, 66] {
        let miniblocks = usize::from(count - 1).div_ceil(32);
        let blocks = [&[0x00, 1, 1, 1, 1][..], &vec![0; 4 * miniblocks], b"rest"].concat();
        let (read, rest) = values(delta(count, &blocks));
        assert_eq!(
            (read.len(), rest),
            (usize::from(count), Bytes::from_static(b"rest")),
            "{count}"
        );
    }
}

#[test]
fn blocks_that_make_no_sense_are_refused() {
    for header in [[0, 1, 0, 0], [8, 0, 0, 0], [8, 3, 0, 0], [8, 2, 0, 0]] {
        assert!(
            Delta::new(Bytes::copy_from_slice(&header)).is_err(),
            "{header:?}"
        );
    }
    let mut wide = Delta::new(delta(2, &[0, 65, 0, 0, 0])).expect("it has a header");
    assert_eq!(wide.next(), Ok(7));
    assert_eq!(
        wide.next(),
        Err(ReaderError::Parquet("a number has too many bits"))
    );
}
