//! The child executions of a Map Run.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use asl::machine::ScopeId;
use asl::{Entropy, Payload, StateMachine};
use aws::{Arn, Caller};
use engine::MapRunPlan;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::read::Next;
use super::work::Landed;
use crate::driver::Shared;
use crate::message::{Finished, Message, Start};
use crate::mocks::TestCase;
use crate::tables::executions::{ExecutionRecord, Status};
use crate::tables::map_runs::{ChildOf, MapRunId, MapRunRecord};
use crate::{ExecutionKey, ExecutionName, Revision, RuntimeError};

/// How soon a child is offered again to a worker that has too much to do.
const PATIENCE: Duration = Duration::from_millis(5);

/// What all children of a Map Run share.
#[derive(Clone)]
pub(super) struct Children {
    machine: Arc<StateMachine>,
    machine_name: Arc<str>,
    machine_id: [u8; 16],
    revision: Arc<Revision>,
    state_machine_arn: Arc<str>,
    map_run: (Arc<str>, MapRunId),
    account: Arc<str>,
    region: Arc<str>,
    trace_header: Option<String>,
    processor: ScopeId,
    express: bool,
    /// Of the execution whose Map it is.
    test_case: Option<Arc<TestCase>>,
}

impl Children {
    pub(super) fn new(
        id: MapRunId,
        record: &MapRunRecord,
        plan: &MapRunPlan,
        revision: Arc<Revision>,
        machine: Arc<StateMachine>,
        test_case: Option<Arc<TestCase>>,
    ) -> Self {
        let arn: Option<Arn> = record.state_machine_arn.parse().ok();
        let name = arn
            .as_ref()
            .and_then(|arn| arn.resource.strip_prefix("stateMachine:"));
        Self {
            machine,
            machine_name: name.unwrap_or_default().into(),
            machine_id: record.machine,
            revision,
            state_machine_arn: Arc::clone(&record.state_machine_arn),
            map_run: (Arc::clone(&record.arn), id),
            account: arn.as_ref().map_or("", |arn| &arn.account).into(),
            region: arn.as_ref().map_or("", |arn| &arn.region).into(),
            trace_header: record.trace_header.clone(),
            processor: plan.processor,
            express: plan.express,
            test_case,
        }
    }

    /// Who reads the items and writes the results.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            account: Arc::clone(&self.account),
            region: Arc::clone(&self.region),
            access_key: "".into(),
            arn: Arc::clone(&self.revision.role_arn),
        }
    }

    pub(super) fn machine(&self) -> Arc<StateMachine> {
        Arc::clone(&self.machine)
    }

    /// The record of a child. Its name is made of the Map Run and its index, so that a child which is started again is
    /// found to be there.
    pub(super) fn record(&self, shared: &Shared, next: &Next) -> (ExecutionRecord, ExecutionKey) {
        let (map_run_arn, id) = &self.map_run;
        let mut names = Entropy::derived(&[map_run_arn.as_bytes(), &next.index.to_be_bytes()]);
        let name = names.uuid_v4();
        let (kind, key_name) = if self.express {
            ("express", format!("{name}:{}", names.uuid_v4()))
        } else {
            ("execution", name.clone())
        };
        let arn = self
            .state_machine_arn
            .replacen(":stateMachine:", &format!(":{kind}:"), 1);
        let key = ExecutionKey::new(&self.state_machine_arn, &key_name);
        let start = shared.clock.now();
        let record = ExecutionRecord {
            arn: format!("{arn}:{key_name}").into(),
            name: name.into(),
            state_machine_arn: Arc::clone(&self.state_machine_arn),
            state_machine_version_arn: None,
            state_machine_alias_arn: None,
            machine: self.machine_id,
            revision: self.revision.number,
            status: Status::Running,
            start,
            stop: None,
            error: None,
            cause: None,
            trace_header: self.trace_header.clone(),
            input_digest: Sha256::digest(&**next.input.text()).into(),
            ticket: shared.ticket(start),
            last_row: 0,
            child_of: Some(ChildOf {
                map_run_arn: Arc::clone(map_run_arn),
                id: *id,
                item_count: next.items,
            }),
            mocked: self.test_case.is_some(),
        };
        (record, key)
    }

    /// Starts a child, or finds it, and waits for its end.
    pub(super) fn fly(
        &self,
        shared: Arc<Shared>,
        index: u64,
        record: ExecutionRecord,
        key: ExecutionKey,
        input: Payload,
        stopping: Arc<AtomicBool>,
    ) -> impl Future<Output = Landed> + use<> {
        let children = self.clone();
        async move {
            let ended = children.ended(&shared, record, key, input, &stopping).await;
            (index, ended)
        }
    }

    async fn ended(
        &self,
        shared: &Arc<Shared>,
        record: ExecutionRecord,
        key: ExecutionKey,
        input: Payload,
        stopping: &AtomicBool,
    ) -> Result<Option<Arc<Finished>>, RuntimeError> {
        let name = ExecutionName::parse(&record.arn);
        loop {
            if stopping.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let (ended, told) = oneshot::channel();
            let (answer, answered) = oneshot::channel();
            let start = Message::Start(Box::new(Start {
                key,
                record: record.clone(),
                machine: Arc::clone(&self.machine),
                machine_name: Arc::clone(&self.machine_name),
                revision: Arc::clone(&self.revision),
                region: Arc::clone(&self.region),
                input: input.clone(),
                test_case: self.test_case.clone(),
                scope: self.processor,
                synchronous: false,
                ended: Some(ended),
                answer,
            }));
            match shared.lane(self.express).offer(key, start) {
                Ok(()) => {}
                Err(RuntimeError::Throttled) => {
                    tokio::time::sleep(PATIENCE).await;
                    continue;
                }
                Err(error) => return Err(error),
            }
            if stopping.load(Ordering::Relaxed) {
                // Who stops the Map Run's children may have come before this one was there.
                let (answer, _) = oneshot::channel();
                let stop = Message::stop(key, record.arn.to_string(), answer);
                shared.lane(self.express).inbox(key).push(stop);
            }
            match answered.await.map_err(|_| RuntimeError::Stopped)? {
                Ok(_) => {
                    if let Ok(Some(finished)) = told.await {
                        return Ok(Some(finished));
                    }
                }
                Err(RuntimeError::ExecutionAlreadyExists(_)) => {}
                Err(error) => return Err(error),
            }
            // It was there before: running, or ended.
            let damaged = || RuntimeError::Damaged("child's record");
            let ended = shared.ended(&name.ok_or_else(damaged)?).await?;
            return Ok(Some(ended.ok_or_else(damaged)?));
        }
    }
}
