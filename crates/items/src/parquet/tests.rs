use std::fs;
use std::path::PathBuf;

use bytes::Bytes;

use super::*;
use crate::file::{File, Mark};
use crate::testing::{Pieces, texts, texts_of};
use crate::{Format, ITEM_BYTES_MAX};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parquet")
}

fn file(name: &str) -> Bytes {
    fs::read(folder().join(format!("{name}.parquet")))
        .expect("the file is there")
        .into()
}

fn rows(name: &str) -> Vec<String> {
    let text =
        fs::read_to_string(folder().join(format!("{name}.jsonl"))).expect("the file is there");
    let row = |line: &str| Json::from_text(line).expect("a row is JSON").to_text();
    text.lines().map(row).collect()
}

fn read(bytes: impl Into<Bytes>) -> Result<Vec<String>, ReaderError> {
    texts(&Format::Parquet, bytes)
}

/// What other writers wrote, and the rows that they were given (`tests/parquet/make.py`).
const FILES: [(&str, &str); 12] = [
    ("types_snappy", "types"),
    ("types_gzip_v2", "types"),
    ("nested_zstd", "nested_zstd"),
    ("nested_plain_v2", "nested_plain_v2"),
    ("empty", "empty"),
    ("encodings_plain", "strings"),
    ("encodings_delta", "strings"),
    ("encodings_split", "strings"),
    ("dictionary", "strings"),
    ("int96", "int96"),
    ("duckdb", "duckdb"),
    ("fastparquet", "fastparquet"),
];

#[test]
fn rows_are_those_that_were_written() {
    for (name, expected) in FILES {
        let read = read(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = rows(expected);
        for (number, (read, expected)) in read.iter().zip(&expected).enumerate() {
            assert_eq!(read, expected, "{name}, row {number}");
        }
        assert_eq!(read.len(), expected.len(), "{name}");
    }
}

#[test]
fn rows_behind_every_place_are_the_same() {
    for (name, expected) in FILES {
        let open = |mark: &Mark| {
            let source = Box::new(Pieces(file(name), 1000));
            File::open(&Format::Parquet, source, ITEM_BYTES_MAX, mark)
                .expect("it opens at a place in it")
        };
        let expected = rows(expected);
        let mut file = open(&Mark::Start);
        for done in 0..=expected.len() {
            let rest = texts_of(open(&file.mark())).expect("the rest is readable");
            assert_eq!(rest, expected[done..], "{name} behind {done} rows");
            file.next().expect("it is readable");
        }
    }
}

/// A file with a footer and nothing else.
fn footer_only(footer: &[u8]) -> Bytes {
    let length = u32::try_from(footer.len()).expect("it is small");
    [MAGIC, footer, &length.to_le_bytes(), MAGIC]
        .concat()
        .into()
}

fn problem(bytes: impl Into<Bytes>) -> &'static str {
    match read(bytes) {
        Err(ReaderError::Parquet(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_parquet_or_not_read_is_named() {
    assert_eq!(problem(""), "it is too short");
    assert_eq!(problem("k,v\n1,2\n1,2\n"), "it is not a Parquet file");
    assert_eq!(problem(&b"PARE....0000PARE"[..]), "it is encrypted");
    assert_eq!(
        problem(&b"PAR1\xFF\x00\x00\x00PAR1"[..]),
        "its footer is not within the file"
    );
    assert_eq!(
        problem(&b"PAR1\x01\x00\x50\x00PAR1"[..]),
        "its footer is larger than 5 MB"
    );
    assert_eq!(problem(footer_only(b"")), "its metadata ends too early");
    assert_eq!(problem(footer_only(&[0])), "its schema is not a tree");
    assert_eq!(
        problem(file("brotli")),
        "its compression is none of GZIP, SNAPPY and ZSTD"
    );
    let whole = file("dictionary");
    assert_eq!(
        problem(whole.slice(..whole.len() - 1)),
        "it is not a Parquet file"
    );
}

/// A number in compact Thrift.
fn zigzag(number: usize) -> Vec<u8> {
    let mut rest = number << 1;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// A node of the schema: its repetition, and a leaf (an INT32) or a group of so many.
fn node(repetition: usize, name: u8, children: Option<usize>) -> Vec<u8> {
    let leaf = [
        &[0x15][..],
        &zigzag(1),
        &[0x25],
        &zigzag(repetition),
        &[0x18, 1, name, 0],
    ];
    let children = zigzag(children.unwrap_or_default());
    let group = [
        &[0x35][..],
        &zigzag(repetition),
        &[0x18, 1, name, 0x15],
        &children,
        &[0],
    ];
    if children == [0] {
        leaf.concat()
    } else {
        group.concat()
    }
}

/// A footer with one row group of one row: its size, and for each column its values, its uncompressed size and that of its pages, which
/// follow each other from the file's start.
fn footer_of(schema: &[Vec<u8>], group_bytes: usize, columns: &[(usize, usize, usize)]) -> Vec<u8> {
    let mut start = MAGIC.len();
    let mut chunks = Vec::new();
    for (values, bytes, compressed_bytes) in columns {
        let sizes = [
            &[0x16][..],
            &zigzag(*bytes),
            &[0x16],
            &zigzag(*compressed_bytes),
        ]
        .concat();
        let head = [&[0x3C, 0x45][..], &zigzag(0), &[0x16], &zigzag(*values)].concat();
        chunks.extend([&head[..], &sizes, &[0x26], &zigzag(start), &[0, 0]].concat());
        start += compressed_bytes;
    }
    let group = [
        &[0x19, 0x0C | (columns.len() as u8) << 4][..],
        &chunks,
        &[0x16],
        &zigzag(group_bytes),
        &[0x16],
        &zigzag(1),
        &[0],
    ];
    let list = 0x0C | (schema.len() as u8) << 4;
    [
        &[0x29, list][..],
        &schema.concat(),
        &[0x29, 0x1C],
        &group.concat(),
        &[0],
    ]
    .concat()
}

fn one_column(group_bytes: u64, column_bytes: u64, compressed_bytes: usize) -> Vec<u8> {
    let schema = [node(0, b'r', Some(1)), node(0, b'a', None)];
    let bytes = |bytes| usize::try_from(bytes).expect("it is small");
    footer_of(
        &schema,
        bytes(group_bytes),
        &[(1, bytes(column_bytes), compressed_bytes)],
    )
}

fn whole(pages: &[Vec<u8>], footer: &[u8]) -> Vec<u8> {
    let length = u32::try_from(footer.len())
        .expect("it is small")
        .to_le_bytes();
    [&MAGIC[..], &pages.concat(), footer, &length, MAGIC].concat()
}

/// A page, not compressed, of so many plain values.
fn page(values: usize, content: &[u8]) -> Vec<u8> {
    let size = zigzag(content.len());
    let details = [
        &[0x15][..],
        &zigzag(values),
        &[0x15, 0, 0x15, 6, 0x15, 6, 0, 0],
    ]
    .concat();
    [
        &[0x15, 0, 0x15][..],
        &size,
        &[0x15],
        &size,
        &[0x2C],
        &details,
        content,
    ]
    .concat()
}

/// Levels of one bit, in a packed group.
fn levels(bits: u8) -> Vec<u8> {
    vec![2, 0, 0, 0, 0b11, bits]
}

#[test]
fn a_row_group_is_bounded() {
    let fits = ROW_GROUP_BYTES_MAX;
    assert_eq!(
        problem(footer_only(&one_column(fits, fits, 0))),
        "its metadata ends too early"
    );
    assert_eq!(
        problem(footer_only(&one_column(fits + 1, 0, 0))),
        "a row group is larger than 256 MB"
    );
    assert_eq!(
        problem(footer_only(&one_column(0, fits + 1, 0))),
        "a row group is larger than 256 MB"
    );
}

#[test]
fn a_page_is_no_larger_than_its_column_says() {
    let page = page(1, &[7, 0, 0, 0]);
    let file = |column_bytes: u64| {
        whole(
            std::slice::from_ref(&page),
            &one_column(100, column_bytes, page.len()),
        )
    };
    assert_eq!(read(file(4)).expect("it is readable"), [r#"{"a":7}"#]);
    assert_eq!(problem(file(3)), "a page has the wrong size");
}

#[test]
fn columns_of_a_list_have_as_many_elements() {
    let schema = [
        node(0, b'r', Some(1)),
        node(2, b'l', Some(2)),
        node(0, b'a', None),
        node(0, b'b', None),
    ];
    let column = |elements: u8| {
        let values: Vec<u8> = (0..elements).flat_map(|value| [value, 0, 0, 0]).collect();
        let repetitions = levels(0b1111_1110 & !(0xFF << elements));
        page(
            usize::from(elements),
            &[repetitions, levels(0xFF), values].concat(),
        )
    };
    let file = |a: u8, b: u8| {
        let pages = [column(a), column(b)];
        let [a, b] = [a, b].map(usize::from);
        let columns = [(a, 100, pages[0].len()), (b, 100, pages[1].len())];
        whole(&pages, &footer_of(&schema, 200, &columns))
    };
    assert_eq!(
        read(file(2, 2)).expect("it is readable"),
        [r#"{"l":[{"a":0,"b":0},{"a":1,"b":1}]}"#]
    );
    assert_eq!(problem(file(1, 2)), "its columns do not agree");
    assert_eq!(problem(file(2, 1)), "a column ends too early");
}

#[test]
fn a_row_is_bounded() {
    let mut parquet = Parquet::open(Box::new(file("nested_zstd")), 80).expect("it opens");
    let error = loop {
        match parquet.next() {
            Ok(row) => assert!(row.is_some(), "some row is too large"),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error, ReaderError::ItemTooLarge { bytes_max: 80, .. }),
        "{error}"
    );
}

/// Bytes here and there are changed: whatever comes of it, it comes to an end.
#[test]
fn damaged_files_do_no_harm() {
    let mut seed: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).expect("it is small")
    };
    let is_readable = |bytes: Vec<u8>| {
        let mut parquet = Parquet::open(Box::new(Bytes::from(bytes)), 10_000)?;
        for _ in 0..1000 {
            if parquet.next()?.is_none() {
                break;
            }
        }
        Ok::<_, ReaderError>(())
    };
    for (name, _) in FILES {
        let whole = file(name);
        let mut damaged = 0;
        for _ in 0..300 {
            let mut bytes = whole.to_vec();
            for _ in 0..=random() % 3 {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            damaged += usize::from(is_readable(bytes).is_err());
        }
        assert!(damaged > 0, "{name} is never damaged");
    }
}
