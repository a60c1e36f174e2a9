//! What became of the children, written into files as `ResultWriter` says.

use asl::{Json, Payload};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::WriterError;

/// How large a result file may be (developer guide, "ResultWriter").
pub const RESULT_FILE_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// When a part is given out: at the 5 MiB that S3 asks of all parts but the last, since parts wait in memory; a file of
/// 5 GB has a tenth of the 10,000 parts it may have.
pub const PART_BYTES: usize = 5 * 1024 * 1024;

/// What `WriterConfig` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterConfig {
    /// `Transformation`
    pub transformation: Transformation,
    /// `OutputType`
    pub output_type: OutputType,
    /// When a file ends and the next begins: [`RESULT_FILE_BYTES_MAX`] unless set.
    pub file_bytes_max: u64,
    /// When a part ends: [`PART_BYTES`] unless set.
    pub part_bytes: usize,
}

/// What is kept of a child's result. Of one that did not succeed, all is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformation {
    /// The output, as a text, and what is known of the execution.
    None,
    /// The output.
    Compact,
    /// The output; an array's elements one by one.
    Flatten,
}

/// How results are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// An array.
    Json,
    /// A result a line.
    JsonLines,
}

impl OutputType {
    fn separator(self) -> &'static str {
        match self {
            Self::Json => ",",
            Self::JsonLines => "\n",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }
}

impl WriterConfig {
    /// Reads `WriterConfig`. Without it, results that are exported are not transformed, and others are compact.
    ///
    /// # Errors
    /// If a field has no such value.
    pub fn parse(config: Option<&Json>, exported: bool) -> Result<Self, WriterError> {
        let field = |name: &str| config.and_then(|config| config.get(name));
        let unknown = |name: &str, value: &Json| {
            WriterError::Config(format!("field {name} has no value {value}"))
        };
        let transformation = match field("Transformation") {
            None if exported => Transformation::None,
            None => Transformation::Compact,
            Some(value) => match value.as_str() {
                Some("NONE") => Transformation::None,
                Some("COMPACT") => Transformation::Compact,
                Some("FLATTEN") => Transformation::Flatten,
                _ => return Err(unknown("Transformation", value)),
            },
        };
        let output_type = match field("OutputType") {
            None => OutputType::Json,
            Some(value) => match value.as_str() {
                Some("JSON") => OutputType::Json,
                Some("JSONL") => OutputType::JsonLines,
                _ => return Err(unknown("OutputType", value)),
            },
        };
        Ok(Self {
            transformation,
            output_type,
            file_bytes_max: RESULT_FILE_BYTES_MAX,
            part_bytes: PART_BYTES,
        })
    }

    /// What a child adds to the results.
    pub fn transform(&self, child: &Child) -> Vec<Json> {
        match (self.transformation, child.status, &child.output) {
            (Transformation::Compact, Status::Succeeded, Some(output)) => {
                vec![output.value().clone()]
            }
            (Transformation::Flatten, Status::Succeeded, Some(output)) => match output.value() {
                Json::Array(items) => items.to_vec(),
                other => vec![other.clone()],
            },
            _ => vec![child.to_json()],
        }
    }
}

/// A child execution at its end, or one that was not begun.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Its ARN.
    pub execution_arn: String,
    /// Its name.
    pub name: String,
    /// Of the Map Run: `…:stateMachine:Machine/Label`.
    pub state_machine_arn: String,
    /// How it ended.
    pub status: Status,
    /// What it was given.
    pub input: Payload,
    /// What it gave.
    pub output: Option<Payload>,
    /// Its error's name.
    pub error: Option<String>,
    /// Its error's cause.
    pub cause: Option<String>,
    /// How often it was redriven.
    pub redrive_count: u64,
    /// `REDRIVABLE` and so on.
    pub redrive_status: String,
    /// Why it is not redrivable.
    pub redrive_status_reason: Option<String>,
    /// When it began.
    pub start_date: Option<Timestamp>,
    /// When it ended.
    pub stop_date: Option<Timestamp>,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `SUCCEEDED`
    Succeeded,
    /// `FAILED`
    Failed,
    /// `TIMED_OUT`
    TimedOut,
    /// `ABORTED`
    Aborted,
    /// `PENDING`: not begun when the Map Run failed or was aborted.
    Pending,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
            Self::Pending => "PENDING",
        }
    }
}

impl Child {
    /// What `DescribeExecution` says, in the order of the developer guide's example: that of the alphabet.
    fn to_json(&self) -> Json {
        let included = || Json::object([("Included", Json::from(true))]);
        let text = |text: &Option<String>| text.as_deref().map(Json::from);
        let date = |date: Option<Timestamp>| {
            date.map(|date| Json::from(date.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()))
        };
        let payload = |payload: &Payload| Json::from(payload.text().as_ref());
        let members = [
            ("Cause", text(&self.cause)),
            ("Error", text(&self.error)),
            ("ExecutionArn", Some(self.execution_arn.as_str().into())),
            ("Input", Some(payload(&self.input))),
            ("InputDetails", Some(included())),
            ("Name", Some(self.name.as_str().into())),
            ("Output", self.output.as_ref().map(payload)),
            ("OutputDetails", self.output.as_ref().map(|_| included())),
            ("RedriveCount", Some(self.redrive_count.into())),
            ("RedriveStatus", Some(self.redrive_status.as_str().into())),
            ("RedriveStatusReason", text(&self.redrive_status_reason)),
            ("StartDate", date(self.start_date)),
            (
                "StateMachineArn",
                Some(self.state_machine_arn.as_str().into()),
            ),
            ("Status", Some(self.status.name().into())),
            ("StopDate", date(self.stop_date)),
        ];
        Json::object(
            members
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        )
    }
}

/// Where results go: `Parameters` or `Arguments` of `ResultWriter`, and the Map Run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// `Bucket`
    pub bucket: String,
    /// `Prefix`, perhaps empty.
    pub prefix: String,
    /// The Map Run.
    pub map_run_arn: String,
}

impl Destination {
    /// The key of a file of that name: `prefix/id/name`.
    pub fn key(&self, name: &str) -> String {
        let id = self.map_run_arn.rsplit(':').next().unwrap_or_default();
        match self.prefix.trim_end_matches('/') {
            "" => format!("{id}/{name}"),
            prefix => format!("{prefix}/{id}/{name}"),
        }
    }

    /// The Map state's result (recorded: `test_map_state_result_writer`).
    pub fn to_result(&self) -> Json {
        let details = [
            ("Bucket", self.bucket.as_str().into()),
            ("Key", self.key(MANIFEST).into()),
        ];
        Json::object([
            ("MapRunArn", self.map_run_arn.as_str().into()),
            ("ResultWriterDetails", Json::object(details)),
        ])
    }
}

const MANIFEST: &str = "manifest.json";

/// A part of a file: parts of one file come in their order, the files' perhaps by turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file's name, for [`Destination::key`].
    pub file: String,
    /// From 1.
    pub number: u32,
    /// All but the last have [`WriterConfig::part_bytes`] or more.
    pub bytes: Vec<u8>,
    /// Whether the file ends with it; one whose first part is its last needs no multipart upload.
    pub last: bool,
}

/// A file that is complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    /// Its whole key.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
}

/// What has left a writer, in whole parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriterPosition {
    succeeded: Progress,
    failed: Progress,
    pending: Progress,
}

impl WriterPosition {
    /// For a Map Run that is redriven: the files of children that succeeded before stay in the manifest, and new ones are
    /// numbered behind them.
    pub fn after(succeeded: Vec<ResultFile>) -> Self {
        let mut position = Self::default();
        position.succeeded.files = succeeded;
        position
    }

    /// How many children have left that ended well, badly, and that were not begun: a writer that goes on from here is
    /// given those after them again, each kind in the same order as before.
    pub fn children(&self) -> [u64; 3] {
        [
            self.succeeded.children,
            self.failed.children,
            self.pending.children,
        ]
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    files: Vec<ResultFile>,
    /// Parts of the open file that have left, and their bytes.
    parts: u32,
    bytes: u64,
    children: u64,
}

/// Writes results as children end; holds no more than a part of each kind of file.
pub struct ResultWriter {
    config: WriterConfig,
    destination: Destination,
    piles: Piles,
}

struct Piles {
    succeeded: Pile,
    failed: Pile,
    pending: Pile,
}

/// The files of one kind.
struct Pile {
    name: &'static str,
    /// What has left.
    progress: Progress,
    /// What has not.
    part: Vec<u8>,
    part_children: u64,
}

impl ResultWriter {
    /// Begins, or goes on from a position.
    pub fn new(config: WriterConfig, destination: Destination, position: WriterPosition) -> Self {
        Self {
            config,
            destination,
            piles: Piles {
                succeeded: Pile::new("SUCCEEDED", position.succeeded),
                failed: Pile::new("FAILED", position.failed),
                pending: Pile::new("PENDING", position.pending),
            },
        }
    }

    /// Adds a child's results; gives the parts that are complete by that.
    #[must_use = "parts are given once"]
    pub fn append(&mut self, child: &Child) -> Vec<Part> {
        let config = self.config;
        let results = config.transform(child);
        let texts: Vec<String> = results.iter().map(Json::to_text).collect();
        let text = texts.join(config.output_type.separator());
        let pile = self.piles.of(child.status);
        let mut parts = Vec::new();
        if pile.file_bytes() + text.len() as u64 + 2 > config.file_bytes_max {
            parts.extend(pile.end(&config, &self.destination));
        }
        if pile.part.capacity() == 0 {
            // With room for the result that exceeds it: a vector that grows by itself holds three times as much for a moment.
            pile.part.reserve(config.part_bytes + config.part_bytes / 8);
        }
        if !results.is_empty() {
            pile.write(&text, config.output_type);
        }
        pile.part_children += 1;
        if pile.part.len() >= config.part_bytes {
            parts.push(pile.give(&config, false));
        }
        parts
    }

    /// What has left, to go on from: take it after [`append`](Self::append), keep it once the parts are stored.
    pub fn position(&self) -> WriterPosition {
        WriterPosition {
            succeeded: self.piles.succeeded.progress.clone(),
            failed: self.piles.failed.progress.clone(),
            pending: self.piles.pending.progress.clone(),
        }
    }

    /// Ends the files; the last part is the manifest's.
    pub fn finish(mut self) -> Vec<Part> {
        let Piles {
            succeeded,
            failed,
            pending,
        } = &mut self.piles;
        let mut parts: Vec<Part> = [succeeded, failed, pending]
            .into_iter()
            .filter_map(|pile| pile.end(&self.config, &self.destination))
            .collect();
        parts.push(Part {
            file: MANIFEST.to_owned(),
            number: 1,
            bytes: self.manifest().to_text().into_bytes(),
            last: true,
        });
        parts
    }

    /// Members and their order as AWS writes them.
    fn manifest(&self) -> Json {
        let Piles {
            succeeded,
            failed,
            pending,
        } = &self.piles;
        let files = [
            ("FAILED", failed.list()),
            ("PENDING", pending.list()),
            ("SUCCEEDED", succeeded.list()),
        ];
        Json::object([
            ("DestinationBucket", self.destination.bucket.as_str().into()),
            ("MapRunArn", self.destination.map_run_arn.as_str().into()),
            ("ResultFiles", Json::object(files)),
        ])
    }
}

impl Piles {
    fn of(&mut self, status: Status) -> &mut Pile {
        match status {
            Status::Succeeded => &mut self.succeeded,
            Status::Failed | Status::TimedOut | Status::Aborted => &mut self.failed,
            Status::Pending => &mut self.pending,
        }
    }
}

impl Pile {
    fn new(name: &'static str, progress: Progress) -> Self {
        Self {
            name,
            progress,
            part: Vec::new(),
            part_children: 0,
        }
    }

    fn list(&self) -> Json {
        Json::array(self.progress.files.iter().map(|file| {
            Json::object([
                ("Key", Json::from(file.key.as_str())),
                ("Size", file.size_bytes.into()),
            ])
        }))
    }

    fn file_bytes(&self) -> u64 {
        self.progress.bytes + self.part.len() as u64
    }

    fn write(&mut self, text: &str, output_type: OutputType) {
        match output_type {
            OutputType::Json => {
                let before = if self.file_bytes() == 0 { b'[' } else { b',' };
                self.part.push(before);
                self.part.extend_from_slice(text.as_bytes());
            }
            OutputType::JsonLines => {
                self.part.extend_from_slice(text.as_bytes());
                self.part.push(b'\n');
            }
        }
    }

    /// Lets the part go.
    fn give(&mut self, config: &WriterConfig, last: bool) -> Part {
        let bytes = std::mem::take(&mut self.part);
        self.progress.bytes += bytes.len() as u64;
        self.progress.parts += 1;
        self.progress.children += std::mem::take(&mut self.part_children);
        Part {
            file: self.file_name(config),
            number: self.progress.parts,
            bytes,
            last,
        }
    }

    /// Ends the open file, if there is one.
    fn end(&mut self, config: &WriterConfig, destination: &Destination) -> Option<Part> {
        if self.file_bytes() == 0 {
            return None;
        }
        if config.output_type == OutputType::Json {
            self.part.push(b']');
        }
        let part = self.give(config, true);
        self.progress.files.push(ResultFile {
            key: destination.key(&part.file),
            size_bytes: self.progress.bytes,
        });
        self.progress.parts = 0;
        self.progress.bytes = 0;
        Some(part)
    }

    /// `SUCCEEDED_0.json`: numbered from 0.
    fn file_name(&self, config: &WriterConfig) -> String {
        let extension = config.output_type.extension();
        format!("{}_{}.{extension}", self.name, self.progress.files.len())
    }
}

#[cfg(test)]
mod tests;
