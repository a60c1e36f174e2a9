//! What a Map Run gives: its children's results in an array, or where they were written.

use asl::{Json, Payload};
use engine::{MapRunPlan, WritePlan};
use items::{Destination, ResultWriter, SourceError, WriterConfig, WriterError, WriterPosition};
use store::Store;

use super::bucket::{Bucket, Upload};
use crate::RuntimeError;
use crate::tables::executions::{self, Status};
use crate::tables::history;
use crate::tables::map_runs::{self as table, Child, MapRunEnd, MapRunId};

/// What a result is made of.
pub(super) struct Gathering {
    pub(super) store: Store,
    pub(super) id: MapRunId,
    pub(super) arn: String,
    pub(super) plan: std::sync::Arc<MapRunPlan>,
    pub(super) bucket: Bucket,
    pub(super) payload_bytes_max: usize,
}

/// Why there is no result.
enum Problem {
    Runtime(RuntimeError),
    Writer(String),
}

impl From<RuntimeError> for Problem {
    fn from(error: RuntimeError) -> Self {
        Self::Runtime(error)
    }
}

impl From<WriterError> for Problem {
    fn from(error: WriterError) -> Self {
        Self::Writer(error.to_string())
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        Self::Writer(error.to_string())
    }
}

impl Gathering {
    /// The end of a Map Run whose children have all ended.
    pub(super) fn run(&self) -> Result<MapRunEnd, RuntimeError> {
        let made = match self.destination() {
            Some(destination) => self.written(&destination),
            None => self.array(),
        };
        match made {
            Ok(end) => Ok(end),
            Err(Problem::Runtime(error)) => Err(error),
            Err(Problem::Writer(cause)) => Ok(MapRunEnd::Failed {
                error: WriterError::NAME.into(),
                cause,
            }),
        }
    }

    /// Where results are to be written, if they are.
    fn destination(&self) -> Option<Destination> {
        let arguments = self.plan.writer.as_ref()?.arguments.as_ref()?.value();
        let text = |member: &str| {
            let text = arguments.get(member).and_then(Json::as_str);
            text.unwrap_or_default().to_owned()
        };
        Some(Destination {
            bucket: text("Bucket"),
            prefix: text("Prefix"),
            map_run_arn: self.arn.clone(),
        })
    }

    fn config(&self, exported: bool) -> Result<WriterConfig, WriterError> {
        let writer = self.plan.writer.as_ref();
        let config = writer.and_then(|WritePlan { config, .. }| config.as_ref());
        WriterConfig::parse(config.map(Payload::value), exported)
    }

    fn written(&self, destination: &Destination) -> Result<MapRunEnd, Problem> {
        let config = self.config(true)?;
        let position = WriterPosition::default();
        let mut writer = ResultWriter::new(config, destination.clone(), position);
        let mut upload = Upload::new(&self.bucket, &destination.bucket);
        let mut problem = None;
        table::each_child(&self.store, self.id, |_, child| {
            let stored = self
                .described(&child)
                .map_err(Problem::from)
                .and_then(|child| {
                    for part in writer.append(&child) {
                        upload.put(&destination.key(&part.file), part)?;
                    }
                    Ok(())
                });
            problem = stored.err();
            Ok(problem.is_none())
        })?;
        if let Some(problem) = problem {
            return Err(problem);
        }
        for part in writer.finish() {
            upload.put(&destination.key(&part.file), part)?;
        }
        let output = Payload::new(destination.to_result());
        Ok(MapRunEnd::Succeeded { output })
    }

    /// The results in the order of their children, each in the very text that it had.
    fn array(&self) -> Result<MapRunEnd, Problem> {
        let config = match &self.plan.writer {
            Some(_) => Some(self.config(false)?),
            None => None,
        };
        let mut text = String::from("[");
        let mut complete = true;
        table::each_child(&self.store, self.id, |_, child| {
            let parts = match (&config, &child.output) {
                (None, Some(output)) => vec![output.text().to_string()],
                // Outputs that no longer fit were not kept.
                (None, None) if child.status == Status::Succeeded => {
                    complete = false;
                    return Ok(false);
                }
                (None, None) => Vec::new(),
                (Some(config), _) => {
                    let child = self.described(&child)?;
                    config.transform(&child).iter().map(Json::to_text).collect()
                }
            };
            for part in parts {
                if text.len() > 1 {
                    text.push(',');
                }
                text.push_str(&part);
            }
            Ok(complete && text.len() <= self.payload_bytes_max)
        })?;
        text.push(']');
        if !complete || text.len() > self.payload_bytes_max {
            return Ok(too_large(&self.plan));
        }
        let output =
            Payload::from_text(text).map_err(|_| RuntimeError::Damaged("child's output"))?;
        Ok(MapRunEnd::Succeeded { output })
    }

    /// What DescribeExecution says of a child.
    fn described(&self, child: &Child) -> Result<items::Child, RuntimeError> {
        let record = executions::get(&self.store, child.key)?
            .ok_or(RuntimeError::Damaged("child's record"))?;
        let (input, output) = history::payloads(&self.store, child.key, &record)?;
        let (status, redrive_status, reason) = match record.status {
            Status::Succeeded => (
                items::Status::Succeeded,
                "NOT_REDRIVABLE",
                Some("Execution is SUCCEEDED and cannot be redriven"),
            ),
            Status::TimedOut => (items::Status::TimedOut, "REDRIVABLE_BY_MAP_RUN", None),
            Status::Aborted => (items::Status::Aborted, "REDRIVABLE_BY_MAP_RUN", None),
            Status::Failed | Status::Running => {
                (items::Status::Failed, "REDRIVABLE_BY_MAP_RUN", None)
            }
        };
        let date = |at: engine::Timestamp| jiff::Timestamp::from_millisecond(at.0).ok();
        Ok(items::Child {
            execution_arn: record.arn.to_string(),
            name: record.name.to_string(),
            state_machine_arn: record.state_machine_arn.to_string(),
            status,
            input: input.unwrap_or_default(),
            output,
            error: record.error.clone(),
            cause: record.cause.clone(),
            redrive_count: 0,
            redrive_status: redrive_status.into(),
            redrive_status_reason: reason.map(str::to_owned),
            start_date: date(record.start),
            stop_date: record.stop.and_then(date),
        })
    }
}

fn too_large(plan: &MapRunPlan) -> MapRunEnd {
    MapRunEnd::Failed {
        error: "States.DataLimitExceeded".into(),
        cause: format!(
            "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit.",
            plan.state
        ),
    }
}
