//! Files for tests.

use asl::Json;
use bytes::Bytes;

use crate::file::{File, Mark};
use crate::{Format, ITEM_BYTES_MAX, ReaderError, Source, SourceError};

/// Gives a file in pieces of so many bytes.
pub(crate) struct Pieces(pub(crate) Bytes, pub(crate) usize);

impl Source for Pieces {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Bytes, SourceError> {
        self.0.read(at, bytes.min(self.1))
    }
}

/// The items' texts; a member's before its value.
pub(crate) fn texts(
    format: &Format,
    content: impl Into<Bytes>,
) -> Result<Vec<String>, ReaderError> {
    texts_of(File::open(
        format,
        Box::new(content.into()),
        ITEM_BYTES_MAX,
        &Mark::Start,
    )?)
}

pub(crate) fn texts_of(mut file: File) -> Result<Vec<String>, ReaderError> {
    let mut texts = Vec::new();
    while let Some((key, value)) = file.next()? {
        texts.push(match key {
            Some(key) => format!("{}:{value}", Json::String(key)),
            None => value.to_text(),
        });
    }
    Ok(texts)
}

/// Reads the file in pieces of several sizes, and again from every place in it: the items must be the same.
pub(crate) fn assert_resumable(format: &Format, content: &Bytes, expected: &[String]) {
    for piece in [1, 2, 3, 7, 64, 4096] {
        let open = |mark: &Mark| {
            let source = Box::new(Pieces(content.clone(), piece));
            File::open(format, source, ITEM_BYTES_MAX, mark).expect("it opens at a place in it")
        };
        let mut file = open(&Mark::Start);
        for done in 0..=expected.len() {
            let mark = file.mark();
            let rest = texts_of(open(&mark)).expect("the rest is readable");
            assert_eq!(
                rest,
                expected.get(done..).expect("in range"),
                "behind {done} items, {piece} bytes a piece"
            );
            let next = file.next().expect("it is readable");
            assert_eq!(next.is_some(), done < expected.len());
        }
    }
}
