//! How fast items come out of files: `cargo run --release -p canter-items --example throughput [path to a Parquet file]`.

#![expect(clippy::print_stdout, reason = "it is what the example is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "only the crate itself has no clock"
)]

use std::time::Instant;

use bytes::Bytes;
use items::{
    CsvConfig, CsvHeaders, Dataset, Format, ItemReader, Next, ObjectName, Pointer, ReaderConfig,
};

const FILE_BYTES: usize = 256 * 1024 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let csv = Format::Csv(CsvConfig {
        delimiter: b',',
        headers: CsvHeaders::FirstRow,
    });
    let quoted = "1,307,3.5,1256677221,\"a \"\"quoted\"\" comment, as people write\"\n";
    let object = r#"{"userId":1,"movieId":307,"rating":3.5,"timestamp":1256677221,"comment":"as people write"}"#;
    let header = "userId,movieId,rating,timestamp,comment\n";
    measure(
        "CSV",
        csv.clone(),
        fill(header, "1,307,3.5,1256677221,as people write\n", ""),
    )?;
    measure("CSV, quoted", csv, fill(header, quoted, ""))?;
    measure(
        "JSONL",
        Format::JsonLines,
        fill("", &format!("{object}\n"), ""),
    )?;
    let array = fill("[", &format!("{object},\n"), &format!("{object}]"));
    measure("JSON", Format::Json(Pointer::default()), array)?;
    if let Some(path) = std::env::args().nth(1) {
        measure("PARQUET", Format::Parquet, std::fs::read(path)?.into())?;
    }
    Ok(())
}

fn fill(start: &str, row: &str, end: &str) -> Bytes {
    [start, &row.repeat(FILE_BYTES / row.len()), end]
        .concat()
        .into()
}

fn measure(name: &str, format: Format, file: Bytes) -> Result<(), Box<dyn std::error::Error>> {
    let origin = ObjectName {
        bucket: "bucket".to_owned(),
        key: "key".to_owned(),
    };
    let mut reader = ItemReader::new(ReaderConfig::new(Dataset::Object(format)), origin);
    let begun = Instant::now();
    let mut items = 0_u32;
    loop {
        match reader.next()? {
            Next::Object(_) => reader.give_object(Box::new(file.clone()))?,
            Next::Item(_) => items += 1,
            Next::Page { .. } | Next::End => break,
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let megabytes = file.len() as f64 / 1e6;
    println!(
        "{name:12} {:6.0} MB/s {:9.0} items/s",
        megabytes / seconds,
        f64::from(items) / seconds
    );
    Ok(())
}
