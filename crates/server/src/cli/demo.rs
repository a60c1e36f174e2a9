//! `canter demo`: the rider-photo application, laid out and run on sample pictures, over the same calls that any client
//! makes.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws::{Answer, ApiError, Call, Caller, Registry, RequestId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use clap::Args;
use serde_json::{Value, json};

use super::table::{Table, Tone, paint, status_tone};
use super::{Settings, block_on};
use crate::cli::run::steps;

#[derive(Args)]
pub(super) struct Demo {
    #[command(flatten)]
    settings: Settings,
    /// Folder with the six functions' executables [default: beside `canter`]
    #[arg(long, value_name = "FOLDER")]
    functions: Option<PathBuf>,
    /// End when the pictures are through, instead of serving on
    #[arg(long)]
    exit: bool,
    /// Print JSON, one object
    #[arg(long)]
    json: bool,
}

const DEFINITION: &str = include_str!("../../../../examples/rider-photo/state-machine.asl.json");
// The names are those of examples/rider-photo/names.sh, so that deploy.sh and the demo meet.
const PHOTOS: &str = "wildrydes-rider-photos-000000000000";
const THUMBNAILS: &str = "wildrydes-thumbnails-000000000000";
const COLLECTION: &str = "rider-photos";
const TABLE: &str = "RiderPhotos";
const FUNCTION_ROLE: &str = "RiderPhotoFunctions";
const MACHINE_ROLE: &str = "RiderPhotoStateMachine";
const MACHINE: &str = "RiderPhotoProcessing";

/// Each function: its name, its executable, the placeholder in the definition.
const FUNCTIONS: [(&str, &str, &str); 6] = [
    (
        "FaceDetection",
        "face-detection",
        "REPLACE_WITH_FaceDetectionFunctionArn",
    ),
    (
        "FaceSearch",
        "face-search",
        "REPLACE_WITH_FaceSearchFunctionArn",
    ),
    (
        "IndexFace",
        "index-face",
        "REPLACE_WITH_IndexFaceFunctionArn",
    ),
    (
        "Thumbnail",
        "thumbnail",
        "REPLACE_WITH_ThumbnailFunctionArn",
    ),
    (
        "PersistMetadata",
        "persist-metadata",
        "REPLACE_WITH_PersistMetadataFunctionArn",
    ),
    (
        "NotificationPlaceholder",
        "notification-placeholder",
        "REPLACE_WITH_NotificationPlaceholderFunctionArn",
    ),
];

macro_rules! picture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../examples/rider-photo/pictures/", $name))
    };
}

/// Each sample: the rider, the picture, its bytes, what to look for.
const SAMPLES: [(&str, &str, &[u8], &str); 5] = [
    (
        "user_a",
        "1_happy_face.jpg",
        picture!("1_happy_face.jpg"),
        "one happy face",
    ),
    (
        "user_b",
        "5_same_person.jpg",
        picture!("5_same_person.jpg"),
        "the same person again, under another name",
    ),
    (
        "user_c",
        "2_sunglass_face.jpg",
        picture!("2_sunglass_face.jpg"),
        "a face with sunglasses",
    ),
    (
        "user_d",
        "3_multiple_faces.jpg",
        picture!("3_multiple_faces.jpg"),
        "several faces",
    ),
    (
        "user_e",
        "4_no_face.jpg",
        picture!("4_no_face.jpg"),
        "no face",
    ),
];

/// Longer than five pictures take on a slow machine with the models cold.
const EXECUTION_SECONDS_MAX: u64 = 120;

pub(super) fn run(demo: &Demo) -> Result<ExitCode> {
    let config = demo.settings.load()?;
    super::up::log_to_stderr(&config.log)?;
    let functions = match &demo.functions {
        Some(folder) => folder.clone(),
        None => std::env::current_exe()?
            .parent()
            .context("the executable has no folder")?
            .to_owned(),
    };
    block_on(async {
        let running = server::serve(config).await?;
        let url = running.url();
        let say = Progress { quiet: demo.json };
        say.line(&format!(
            "Canter answers at {url}, its console at {url}/console/, its data is in {}",
            running.data_text()
        ));
        let account = Account {
            registry: running.registry().clone(),
            caller: Caller::root("000000000000", "us-east-1"),
        };
        let outcome = tour(demo, &account, &functions, &say).await;
        let ended = match outcome {
            Ok(as_expected) => {
                if !demo.exit && !demo.json {
                    go_on(&url);
                    super::up::stop_signal().await?;
                }
                as_expected
            }
            Err(error) => {
                running.stop().await;
                return Err(error);
            }
        };
        running.stop().await;
        Ok(if ended {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

/// Lays the application out and runs it on each picture; whether all came out as a rider would expect.
async fn tour(demo: &Demo, account: &Account, functions: &Path, say: &Progress) -> Result<bool> {
    let machine = lay_out(account, functions, say).await?;
    let forgotten = forget_faces(account).await?;
    if forgotten > 0 {
        say.line(&format!(
            "forgot the {forgotten} faces of an earlier run, so that the first picture passes again"
        ));
    }
    let mut report = Vec::new();
    let mut as_expected = true;
    for (index, (user, key, _, shows)) in SAMPLES.iter().enumerate() {
        let began = Instant::now();
        let (execution, described) = execute(account, &machine, user, key).await?;
        let history = history(account, &execution).await?;
        let item = item(account, user).await?;
        let output: Value = described["output"]
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let refused = output["messageToSend"]["message"]
            .as_str()
            .map(|told| told.trim().to_owned());
        // The first picture is to pass, and each of the others to be refused.
        as_expected &= described["status"] == "SUCCEEDED" && refused.is_some() == (index > 0);
        if demo.json {
            report.push(json!({
                "picture": key, "userId": user, "executionArn": execution, "status": described["status"],
                "refused": refused, "steps": steps(&history), "item": item,
            }));
            continue;
        }
        println!();
        println!(
            "{} {}",
            paint(&format!("{key}: {shows}"), Tone::Head),
            paint(
                &format!("({} ms)", began.elapsed().as_millis()),
                Tone::Faint
            )
        );
        let mut table = Table::new(&["STATE", "STATUS", "TOOK", "WHAT"]).indented(2);
        for step in steps(&history) {
            table.toned(
                status_tone(&step.status),
                [&step.state, &step.status, &step.took(), &step.what],
            );
        }
        print!("{table}");
        match (&refused, described["status"].as_str()) {
            (Some(reason), Some("SUCCEEDED")) => {
                println!("  {} {reason}", paint("refused:", Tone::Warn));
            }
            (None, Some("SUCCEEDED")) => println!("  {}", paint("accepted", Tone::Good)),
            (_, status) => println!(
                "  {} {}: {}",
                paint(status.unwrap_or("?"), Tone::Bad),
                described["error"].as_str().unwrap_or("no error name"),
                described["cause"].as_str().unwrap_or("no cause")
            ),
        }
        if let (Some(item), None) = (item, refused) {
            let thumbnail = &item["thumbnail"]["M"];
            println!(
                "  thumbnail: s3://{}/{}",
                text(&thumbnail["s3bucket"]["S"]),
                text(&thumbnail["s3key"]["S"])
            );
            println!("  profile:   {item}");
        }
        println!("  execution: {execution}");
    }
    if demo.json {
        println!(
            "{}",
            serde_json::to_string_pretty(
                &json!({"asExpected": as_expected, "executions": report})
            )?
        );
    }
    Ok(as_expected)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a person does next.
fn go_on(url: &str) {
    println!();
    println!(
        "{} {url}/console/",
        paint("See every execution in the console:", Tone::Head)
    );
    println!(
        "{}",
        paint(
            "Go on with your own AWS CLI, in another terminal:",
            Tone::Head
        )
    );
    for line in [
        &format!(
            "export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
        ),
        "aws stepfunctions list-state-machines",
        &format!("aws s3 cp s3://{THUMBNAILS}/resized-1_happy_face.jpg ."),
        &format!("aws rekognition list-faces --collection-id {COLLECTION}"),
        &format!("aws dynamodb scan --table-name {TABLE}"),
        &format!(
            "aws stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:{MACHINE} \\\n    --input '{{\"userId\": \"me\", \"s3Bucket\": \"{PHOTOS}\", \"s3Key\": \"1_happy_face.jpg\"}}'"
        ),
    ] {
        println!("  {line}");
    }
    println!("Ctrl-C stops the server; `canter up` starts it again on the same data.");
}

struct Progress {
    quiet: bool,
}

impl Progress {
    fn line(&self, text: &str) {
        if !self.quiet {
            println!("{text}");
        }
    }
}

/// The services, called as the account's root user.
struct Account {
    registry: Registry,
    caller: Caller,
}

impl Account {
    async fn call(
        &self,
        service: &'static str,
        operation: &str,
        input: Value,
    ) -> Result<Answer, ApiError> {
        self.call_with(service, operation, input, Bytes::new())
            .await
    }

    async fn call_with(
        &self,
        service: &'static str,
        operation: &str,
        input: Value,
        body: Bytes,
    ) -> Result<Answer, ApiError> {
        let Value::Object(input) = input else {
            return Err(ApiError::validation("the input is an object"));
        };
        let call = Call {
            caller: self.caller.clone(),
            request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
            service,
            operation: operation.into(),
            input,
            body,
        };
        self.registry.call(call).await
    }

    /// The same, where the thing may be there from an earlier run.
    async fn make(
        &self,
        service: &'static str,
        operation: &str,
        input: Value,
        there: &[&str],
    ) -> Result<()> {
        match self.call(service, operation, input).await {
            Ok(_) => Ok(()),
            Err(error) if there.contains(&&*error.code) => Ok(()),
            Err(error) => bail!("{service} {operation}: {error}"),
        }
    }
}

/// Makes what is not there yet and brings the functions up to date; answers the state machine's ARN.
async fn lay_out(account: &Account, functions: &Path, say: &Progress) -> Result<String> {
    for bucket in [PHOTOS, THUMBNAILS] {
        account
            .make(
                "s3",
                "CreateBucket",
                json!({"Bucket": bucket}),
                &["BucketAlreadyOwnedByYou"],
            )
            .await?;
    }
    let collection = json!({"CollectionId": COLLECTION});
    account
        .make(
            "rekognition",
            "CreateCollection",
            collection,
            &["ResourceAlreadyExistsException"],
        )
        .await?;
    let table = json!({
        "TableName": TABLE,
        "AttributeDefinitions": [{"AttributeName": "Username", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Username", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    account
        .make(
            "dynamodb",
            "CreateTable",
            table,
            &["ResourceInUseException"],
        )
        .await?;
    for (role, service) in [
        (FUNCTION_ROLE, "lambda.amazonaws.com"),
        (MACHINE_ROLE, "states.amazonaws.com"),
    ] {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}],
        });
        let role = json!({"RoleName": role, "AssumeRolePolicyDocument": trust.to_string()});
        account
            .make("iam", "CreateRole", role, &["EntityAlreadyExists"])
            .await?;
    }
    say.line("buckets, face collection, table and roles are there");

    let mut definition = DEFINITION.to_owned();
    for (name, executable, placeholder) in FUNCTIONS {
        let arn = function(account, name, &functions.join(executable)).await?;
        definition = definition.replace(placeholder, &arn);
    }
    say.line("six functions are deployed");

    let arn = state_machine(account, &definition).await?;
    for (_, key, bytes, _) in SAMPLES {
        let put = json!({"Bucket": PHOTOS, "Key": key, "ContentType": "image/jpeg"});
        account
            .call_with("s3", "PutObject", put, Bytes::from_static(bytes))
            .await
            .map_err(|error| anyhow::anyhow!("s3 PutObject: {error}"))?;
    }
    say.line(&format!(
        "state machine {MACHINE} is there, {} sample pictures are in s3://{PHOTOS}",
        SAMPLES.len()
    ));
    Ok(arn)
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::000000000000:role/{name}")
}

async fn function(account: &Account, name: &str, executable: &Path) -> Result<String> {
    let bytes = std::fs::read(executable).with_context(|| {
        format!(
            "can't read the function `{name}` at `{}`: build it with `cargo build -p rider-photo-functions`, or say where it is with --functions",
            executable.display()
        )
    })?;
    let zip = BASE64.encode(zipped(&bytes)?);
    let created = account
        .call(
            "lambda",
            "CreateFunction",
            json!({
                "FunctionName": name,
                "Runtime": "provided.al2023",
                "Handler": "bootstrap",
                "Role": role_arn(FUNCTION_ROLE),
                "Timeout": 60,
                "MemorySize": 512,
                "Code": {"ZipFile": zip},
                "Environment": {"Variables": {
                    "REKOGNITION_COLLECTION_ID": COLLECTION, "THUMBNAIL_BUCKET": THUMBNAILS, "TABLE_NAME": TABLE,
                }},
            }),
        )
        .await;
    let answer = match created {
        Err(error) if error.code == "ResourceConflictException" => {
            account
                .call(
                    "lambda",
                    "UpdateFunctionCode",
                    json!({"FunctionName": name, "ZipFile": zip}),
                )
                .await
        }
        other => other,
    };
    let answer = answer.map_err(|error| anyhow::anyhow!("function {name}: {error}"))?;
    Ok(text(&answer.output["FunctionArn"]).to_owned())
}

/// A deployment package: the executable as `bootstrap`.
fn zipped(executable: &[u8]) -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options)?;
    archive.write_all(executable)?;
    Ok(archive.finish()?.into_inner())
}

async fn state_machine(account: &Account, definition: &str) -> Result<String> {
    let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{MACHINE}");
    let create =
        json!({"name": MACHINE, "definition": definition, "roleArn": role_arn(MACHINE_ROLE)});
    match account.call("states", "CreateStateMachine", create).await {
        Ok(_) => {}
        Err(error) if error.code == "StateMachineAlreadyExists" => {
            let update = json!({"stateMachineArn": arn, "definition": definition});
            account
                .call("states", "UpdateStateMachine", update)
                .await
                .map_err(|error| anyhow::anyhow!("states UpdateStateMachine: {error}"))?;
        }
        Err(error) => bail!("states CreateStateMachine: {error}"),
    }
    Ok(arn)
}

/// Deletes the faces of an earlier run and tells how many there were.
async fn forget_faces(account: &Account) -> Result<usize> {
    let listed = account
        .call(
            "rekognition",
            "ListFaces",
            json!({"CollectionId": COLLECTION, "MaxResults": 4096}),
        )
        .await
        .map_err(|error| anyhow::anyhow!("rekognition ListFaces: {error}"))?;
    let mine = |face: &&Value| {
        SAMPLES
            .iter()
            .any(|(user, ..)| face["ExternalImageId"] == *user)
    };
    let faces = listed
        .output
        .get("Faces")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let ids: Vec<&Value> = faces
        .iter()
        .filter(mine)
        .map(|face| &face["FaceId"])
        .collect();
    if !ids.is_empty() {
        account
            .call(
                "rekognition",
                "DeleteFaces",
                json!({"CollectionId": COLLECTION, "FaceIds": ids}),
            )
            .await
            .map_err(|error| anyhow::anyhow!("rekognition DeleteFaces: {error}"))?;
    }
    Ok(ids.len())
}

/// Runs the workflow on one picture to its end.
async fn execute(
    account: &Account,
    machine: &str,
    user: &str,
    key: &str,
) -> Result<(String, Value)> {
    let input = json!({"userId": user, "s3Bucket": PHOTOS, "s3Key": key});
    let started = account
        .call(
            "states",
            "StartExecution",
            json!({"stateMachineArn": machine, "input": input.to_string()}),
        )
        .await
        .map_err(|error| anyhow::anyhow!("states StartExecution: {error}"))?;
    let arn = text(&started.output["executionArn"]).to_owned();
    let deadline = Instant::now() + Duration::from_secs(EXECUTION_SECONDS_MAX);
    loop {
        let described = account
            .call("states", "DescribeExecution", json!({"executionArn": arn}))
            .await
            .map_err(|error| anyhow::anyhow!("states DescribeExecution: {error}"))?;
        if described.output["status"] != "RUNNING" {
            return Ok((arn, Value::Object(described.output)));
        }
        if Instant::now() > deadline {
            bail!("{arn} still runs after {EXECUTION_SECONDS_MAX} s");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn history(account: &Account, execution: &str) -> Result<Vec<Value>> {
    let answer = account
        .call(
            "states",
            "GetExecutionHistory",
            json!({"executionArn": execution, "maxResults": 1000}),
        )
        .await
        .map_err(|error| anyhow::anyhow!("states GetExecutionHistory: {error}"))?;
    Ok(answer
        .output
        .get("events")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default())
}

/// The rider's profile item, if there is one.
async fn item(account: &Account, user: &str) -> Result<Option<Value>> {
    let answer = account
        .call(
            "dynamodb",
            "GetItem",
            json!({"TableName": TABLE, "Key": {"Username": {"S": user}}}),
        )
        .await
        .map_err(|error| anyhow::anyhow!("dynamodb GetItem: {error}"))?;
    Ok(answer.output.get("Item").cloned())
}
