use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;
use crate::testing::{Pieces, assert_resumable, texts};
use crate::{CsvConfig, CsvHeaders, Format};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    compress_to_vec(content, CompressionLevel::Fastest)
}

fn csv() -> Format {
    Format::Csv(CsvConfig {
        delimiter: b',',
        headers: CsvHeaders::FirstRow,
    })
}

fn expected(rows: std::ops::Range<u32>) -> Vec<String> {
    rows.map(|row| format!(r#"{{"k":"{row}"}}"#)).collect()
}

#[test]
fn compressed_files_are_read_and_resumed_like_plain_ones() {
    let rows: String = (0..40).map(|row| row.to_string() + "\n").collect();
    let content = format!("\u{FEFF}k\n{rows}");
    for compress in [gzip, zstd] {
        assert_resumable(
            &csv(),
            &compress(content.as_bytes()).into(),
            &expected(0..40),
        );
    }
}

#[test]
fn members_and_frames_follow_each_other() {
    let twice = [gzip(b"k\n0\n"), gzip(b""), gzip(b"1\n2\n")].concat();
    assert_eq!(
        texts(&csv(), twice).expect("it is readable"),
        expected(0..3)
    );
    let skipped = [&0x184D_2A53_u32.to_le_bytes()[..], &[3, 0, 0, 0], b"any"].concat();
    let frames = [
        zstd(b"k\n0\n"),
        skipped,
        zstd(b"1\n"),
        zstd(b""),
        zstd(b"2\n"),
    ]
    .concat();
    assert_eq!(
        texts(&csv(), frames).expect("it is readable"),
        expected(0..3)
    );
}

#[test]
fn damaged_files_are_refused() {
    for compress in [gzip, zstd] {
        let whole = compress("k\n".repeat(500).as_bytes());
        let cut = whole[..whole.len() - 3].to_vec();
        let mut changed = whole.clone();
        changed[4..].fill(0xFF);
        for damaged in [cut, changed] {
            let read = texts(&csv(), damaged);
            assert!(matches!(read, Err(ReaderError::Compression(_))), "{read:?}");
        }
    }
}

struct Broken;

impl Source for Broken {
    fn len(&self) -> u64 {
        100
    }

    fn read(&mut self, at: u64, _: usize) -> Result<Bytes, SourceError> {
        match at {
            0..4 => Ok(Bytes::from_static(&[0x28, 0xB5, 0x2F, 0xFD])
                .slice(usize::try_from(at).expect("small")..)),
            _ => Err(SourceError("access denied".to_owned())),
        }
    }
}

#[test]
fn an_error_of_the_source_comes_through() {
    let error = Text::open(Box::new(Broken))
        .err()
        .expect("it can't be read");
    assert_eq!(
        error,
        ReaderError::Source(SourceError("access denied".to_owned()))
    );
}

struct Short;

impl Source for Short {
    fn len(&self) -> u64 {
        100
    }

    fn read(&mut self, at: u64, _: usize) -> Result<Bytes, SourceError> {
        let all = Bytes::from_static(b"k\nv\n");
        Ok(all.slice(usize::try_from(at).expect("small").min(all.len())..))
    }
}

#[test]
fn a_source_that_ends_too_early_is_not_a_short_file() {
    let error = Text::open(Box::new(Short)).and_then(|mut text| {
        while text.more()? {}
        Ok(())
    });
    assert_eq!(
        error,
        Err(ReaderError::Source(SourceError(
            "the file ends at byte 4".to_owned()
        )))
    );
}

#[test]
fn a_file_is_bounded_before_and_after_decompression() {
    let bounded = |content: Vec<u8>| {
        let mut text = Text::open_bounded(Box::new(Bytes::from(content)), 1000)?;
        while text.more()? {
            text.take(usize::MAX);
        }
        Ok(())
    };
    let zeros = |bytes: usize| "0".repeat(bytes).into_bytes();
    let too_large = Err(ReaderError::FileTooLarge(1000));
    assert_eq!(bounded(zeros(1000)), Ok(()));
    assert_eq!(bounded(zeros(1001)), too_large);
    for compress in [gzip, zstd] {
        assert_eq!(bounded(compress(&zeros(1000))), Ok(()));
        assert_eq!(bounded(compress(&zeros(1001))), too_large);
    }
}

#[test]
fn a_place_behind_the_end_is_refused() {
    for content in [b"k\nv\n".to_vec(), gzip(b"k\nv\n")] {
        let mut text = Text::open(Box::new(Pieces(content.into(), 1))).expect("it opens");
        assert_eq!(text.seek(4), Ok(()));
        assert_eq!(text.seek(5), Err(ReaderError::Position));
    }
}
