//! The rider-photo workflow, one photo after another.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::http::{Connection, REKOGNITION};
use crate::server::Server;
use crate::{Figure, Options, states};

const PHOTOS: u64 = 40;

/// As `canter demo` lays it out.
const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:RiderPhotoProcessing";
const INPUT: &str = r#"{"userId":"bench","s3Bucket":"wildrydes-rider-photos-000000000000","s3Key":"1_happy_face.jpg"}"#;
const COLLECTION: &str = "rider-photos";

pub(super) async fn run(options: &Options) -> Result<Vec<Figure>> {
    if options.target.is_some() {
        bail!("the application is laid out on a server of its own only");
    }
    let folder = tempfile::Builder::new()
        .prefix("canter-bench-")
        .tempdir_in(std::env::current_dir()?)?;
    let laid_out = Command::new(&options.program)
        .args([
            "demo",
            "--exit",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(folder.path())
        .stdout(Stdio::null())
        .status()?;
    ensure!(laid_out.success(), "`canter demo` failed: {laid_out}");
    let server = Server::on(options.program.clone(), folder).await?;
    let mut connection = server.connect().await?;
    // Models and functions are warm after one.
    photo(&mut connection).await?;
    let count = options.scaled(PHOTOS);
    let (cpu, began) = (server.process.cpu_of_all()?, Instant::now());
    for _ in 0..count {
        photo(&mut connection).await?;
    }
    let span = began.elapsed().as_secs_f64();
    let cpu = server.process.cpu_of_all()? - cpu;
    Ok(vec![
        Figure::new(
            "faces",
            "CPU for a photo, functions included",
            cpu * 1000.0 / count as f64,
            "ms",
        )
        .at_most(350.0),
        Figure::new("faces", "photos, one at a time", count as f64 / span, "1/s"),
    ])
}

/// A face that is not known yet goes the whole way.
async fn photo(connection: &mut Connection) -> Result<()> {
    let of_collection = json!({"CollectionId": COLLECTION});
    let known = connection
        .json(REKOGNITION, "ListFaces", &of_collection)
        .await?;
    let ids: Vec<&Value> = known["Faces"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|face| &face["FaceId"])
        .collect();
    if !ids.is_empty() {
        let faces = json!({"CollectionId": COLLECTION, "FaceIds": ids});
        connection.json(REKOGNITION, "DeleteFaces", &faces).await?;
    }
    let execution = states::start(connection, MACHINE, None, INPUT).await?;
    let answer: Value =
        serde_json::from_slice(&states::await_success(connection, &execution).await?)?;
    let output = answer["output"]
        .as_str()
        .context("no output in the answer")?;
    ensure!(
        !output.contains("messageToSend"),
        "the photo was refused: {output}"
    );
    Ok(())
}
