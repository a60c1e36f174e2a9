//! A gigabyte is read in a few megabytes, whatever its format. Alone in its process, so that the peak is this test's.

use bytes::Bytes;
use items::{
    CsvConfig, CsvHeaders, Dataset, Format, ItemReader, Next, ObjectName, Pointer, ReaderConfig,
    Source, SourceError,
};

const FILE_BYTES: u64 = 1024 * 1024 * 1024;
const ROW_BYTES: usize = 64 * 1024;
const PEAK_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A row again and again, between a start and an end; made when it is read.
struct Generated {
    start: Vec<u8>,
    row: Vec<u8>,
    rows: u64,
    end: Vec<u8>,
}

impl Generated {
    fn new(start: &str, before: &str, after: &str, end: &str) -> Self {
        let text = "x".repeat(ROW_BYTES - before.len() - after.len());
        Self {
            start: start.into(),
            row: [before, &text, after].concat().into(),
            rows: FILE_BYTES / ROW_BYTES as u64,
            end: end.into(),
        }
    }
}

impl Source for Generated {
    fn len(&self) -> u64 {
        (self.start.len() + self.end.len()) as u64 + self.rows * self.row.len() as u64
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Bytes, SourceError> {
        assert!(bytes <= 1024 * 1024, "{bytes} bytes at a time");
        let start = self.start.len() as u64;
        let rows_end = start + self.rows * self.row.len() as u64;
        let (piece, from) = if at < start {
            (&self.start, at)
        } else if at < rows_end {
            (&self.row, (at - start) % self.row.len() as u64)
        } else {
            (&self.end, at - rows_end)
        };
        let rest = piece
            .get(usize::try_from(from).expect("it is small")..)
            .unwrap_or_default();
        Ok(Bytes::copy_from_slice(&rest[..rest.len().min(bytes)]))
    }
}

fn count(format: Format, file: Box<dyn Source>) -> u64 {
    let origin = ObjectName {
        bucket: "b".to_owned(),
        key: "k".to_owned(),
    };
    let mut file = Some(file);
    let mut reader = ItemReader::new(ReaderConfig::new(Dataset::Object(format)), origin);
    loop {
        match reader.next().expect("it is readable") {
            Next::Object(_) => {
                let file = file.take().expect("it is asked for once");
                reader.give_object(file).expect("it is of its format");
            }
            Next::Item(item) => assert!(!item.value.is_null()),
            Next::Page { .. } => unreachable!("nothing is listed"),
            Next::End => return reader.position().items(),
        }
    }
}

/// Of this process, as Linux counts it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// A column of fixed-length arrays, not compressed, whose row groups are all the same page.
fn parquet(groups: u64) -> Bytes {
    fn varint(mut rest: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes
    }
    let zigzag = |number: u64| varint(number << 1);
    let (width, rows) = (ROW_BYTES as u64, 16);
    let size = zigzag(width * rows);
    let values = [&[0x15][..], &zigzag(rows), &[0x15, 0, 0x15, 6, 0x15, 6, 0]].concat();
    let page = [
        &[0x15, 0, 0x15][..],
        &size,
        &[0x15],
        &size,
        &[0x2C],
        &values,
        &[0],
    ]
    .concat();
    let chunk_bytes = zigzag(page.len() as u64 + width * rows);
    let root = [0x48, 1, b'r', 0x15, 2, 0];
    let leaf = [
        &[0x15, 14, 0x15][..],
        &zigzag(width),
        &[0x15, 0, 0x18, 1, b'a', 0],
    ]
    .concat();
    let column = [
        &[0x3C, 0x45, 0, 0x16][..],
        &zigzag(rows),
        &[0x16],
        &chunk_bytes,
        &[0x16],
        &chunk_bytes,
        &[0x26],
        &zigzag(4),
        &[0, 0],
    ]
    .concat();
    let group = [
        &[0x19, 0x1C][..],
        &column,
        &[0x16],
        &chunk_bytes,
        &[0x16],
        &zigzag(rows),
        &[0],
    ]
    .concat();
    let groups_bytes = group.repeat(usize::try_from(groups).expect("it is small"));
    let footer = [
        &[0x29, 0x2C][..],
        &root,
        &leaf,
        &[0x29, 0xFC],
        &varint(groups),
        &groups_bytes,
        &[0],
    ]
    .concat();
    let length = u32::try_from(footer.len()).expect("it is small");
    let content = "x".repeat(ROW_BYTES * 16);
    [
        b"PAR1",
        &page[..],
        content.as_bytes(),
        &footer,
        &length.to_le_bytes(),
        b"PAR1",
    ]
    .concat()
    .into()
}

#[test]
fn a_gigabyte_takes_little_memory() {
    let csv = Format::Csv(CsvConfig {
        delimiter: b',',
        headers: CsvHeaders::FirstRow,
    });
    let rows = FILE_BYTES / ROW_BYTES as u64;
    let file = Generated::new("a,b\n", "1,\"2\"\"", "\"\n", "");
    assert_eq!(count(csv, Box::new(file)), rows);
    let file = Generated::new("", "{\"a\": \"", "\"}\n", "");
    assert_eq!(count(Format::JsonLines, Box::new(file)), rows);
    let file = Generated::new("[", "{\"a\": [\"", "\"]},", "1]");
    assert_eq!(
        count(Format::Json(Pointer::default()), Box::new(file)),
        rows + 1
    );
    assert_eq!(count(Format::Parquet, Box::new(parquet(rows / 16))), rows);
    if let Some(peak) = peak_bytes() {
        assert!(peak < PEAK_BYTES_MAX, "{peak} bytes at the peak");
    }
}
