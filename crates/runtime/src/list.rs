//! Which executions there are: pages of a state machine's or a Map Run's list.

use engine::Timestamp;

use crate::tables::executions;
use crate::{
    ExecutionKey, ExecutionRecord, Runtime, RuntimeError, StateMachineName, StateMachineType,
    Status,
};

/// A page that finds too few among so many executions ends there: a request takes no longer for an alias that few of a
/// million were started through. As many as the largest page has.
const LOOKED_AT_MAX: usize = 1_000;

/// The order of starts runs ahead of the clock where that is set back. An execution that was started while it had been
/// set back by more than this is not found by when it was started at the latest.
const SET_BACK_MAX_MILLISECONDS: i64 = 60_000;

/// Some executions, newest first.
#[derive(Clone, Debug)]
pub struct ExecutionPage {
    /// The executions.
    pub executions: Vec<ExecutionRecord>,
    /// With what [`Runtime::list_executions`] goes on.
    pub next: Option<u64>,
}

/// Which executions are looked for; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct ExecutionSearch {
    /// In this status.
    pub status: Option<Status>,
    /// With this in the name, in whatever case.
    pub name_contains: Option<String>,
    /// With this in the error or its cause, in whatever case.
    pub error_contains: Option<String>,
    /// Started then or later.
    pub started_after: Option<Timestamp>,
    /// Started before.
    pub started_before: Option<Timestamp>,
}

impl ExecutionSearch {
    /// Those that ended badly have an error, and no others.
    fn statuses(&self) -> &[Status] {
        match (&self.status, &self.error_contains) {
            (Some(status), _) => std::slice::from_ref(status),
            (None, Some(_)) => &[Status::Failed, Status::TimedOut, Status::Aborted],
            (None, None) => &Status::ALL,
        }
    }

    fn finds(&self, record: &ExecutionRecord) -> bool {
        let contains = |text: Option<&str>, part: &Option<String>| {
            part.as_ref().is_none_or(|part| {
                text.is_some_and(|text| text.to_lowercase().contains(&part.to_lowercase()))
            })
        };
        let error = record.error.as_deref();
        contains(Some(&record.name), &self.name_contains)
            && (contains(error, &self.error_contains)
                || contains(record.cause.as_deref(), &self.error_contains))
            && self.started_after.is_none_or(|after| record.start >= after)
            && self
                .started_before
                .is_none_or(|before| record.start < before)
    }

    /// Where in the order of starts they begin and end. None is as early as its ticket, or later.
    fn tickets(&self) -> (u64, Option<u64>) {
        let ticket = |at: Timestamp| at.0.max(0).unsigned_abs().saturating_mul(1000);
        let latest = |before: Timestamp| {
            ticket(Timestamp(
                before.0.saturating_add(SET_BACK_MAX_MILLISECONDS),
            ))
        };
        (
            self.started_after.map_or(0, ticket),
            self.started_before.map(latest),
        )
    }
}

/// What of an index is gone through.
struct Range<'a> {
    list: &'a [u8; 16],
    statuses: &'a [Status],
    /// Tickets from this on.
    since: u64,
    /// Tickets below.
    before: Option<u64>,
}

impl Runtime {
    /// Up to `limit` executions of a state machine, newest first; an ARN with a qualifier means those that were
    /// started through it. `before` is the `next` of the page before. A page may hold fewer, or none, and have a next.
    pub fn list_executions(
        &self,
        state_machine_arn: &str,
        status: Option<Status>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ExecutionPage, RuntimeError> {
        let search = ExecutionSearch {
            status,
            ..ExecutionSearch::default()
        };
        self.search_executions(state_machine_arn, &search, before, limit)
    }

    /// The same for those that are looked for.
    pub fn search_executions(
        &self,
        state_machine_arn: &str,
        search: &ExecutionSearch,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ExecutionPage, RuntimeError> {
        let name = StateMachineName::parse(state_machine_arn)
            .ok_or_else(|| RuntimeError::InvalidArn(state_machine_arn.to_owned()))?;
        let machine = self.shared().machines.record(&name, state_machine_arn)?;
        if machine.kind == StateMachineType::Express {
            return Err(RuntimeError::StateMachineTypeNotSupported);
        }
        let through = |record: &ExecutionRecord| {
            name.qualifier.is_none()
                || [
                    &record.state_machine_version_arn,
                    &record.state_machine_alias_arn,
                ]
                .into_iter()
                .any(|arn| arn.as_deref() == Some(state_machine_arn))
        };
        let (since, latest) = search.tickets();
        let range = Range {
            list: &machine.id,
            statuses: search.statuses(),
            since,
            before: before.or(latest),
        };
        self.listed(range, limit, |record| {
            through(record) && search.finds(record)
        })
    }

    /// The children of a Map Run, by its id.
    pub(crate) fn listed_children(
        &self,
        map_run: &[u8; 16],
        status: Option<Status>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ExecutionPage, RuntimeError> {
        let range = Range {
            list: map_run,
            statuses: status.as_ref().map_or(&Status::ALL, std::slice::from_ref),
            since: 0,
            before,
        };
        self.listed(range, limit, |_| true)
    }

    fn listed(
        &self,
        mut range: Range<'_>,
        limit: usize,
        wanted: impl Fn(&ExecutionRecord) -> bool,
    ) -> Result<ExecutionPage, RuntimeError> {
        let mut found: Vec<ExecutionRecord> = Vec::new();
        let mut looked_at = 0;
        let mut rows = limit + 1;
        // One more than asked for tells whether there is a next page.
        while found.len() <= limit {
            if looked_at >= LOOKED_AT_MAX {
                return Ok(ExecutionPage {
                    executions: found,
                    next: range.before,
                });
            }
            let mut page = self.newest(&range, rows)?;
            let mut more = page.len() == rows;
            // Those that are looked for are few: fewer reads find the next ones.
            rows = (2 * rows).min(LOOKED_AT_MAX);
            if let Some(early) = page.iter().position(|(ticket, _)| *ticket < range.since) {
                page.truncate(early);
                more = false;
            }
            let Some((last, _)) = page.last() else { break };
            range.before = Some(*last);
            looked_at += page.len();
            for (_, key) in page {
                // It may have been deleted since the index was read.
                if let Some(record) = executions::get(&self.shared().standard.store, key)?
                    && wanted(&record)
                {
                    found.push(record);
                }
            }
            if !more {
                break;
            }
        }
        let next = (found.len() > limit).then(|| found[limit - 1].ticket);
        found.truncate(limit);
        Ok(ExecutionPage {
            executions: found,
            next,
        })
    }

    /// Merges the index of each status.
    fn newest(
        &self,
        range: &Range<'_>,
        limit: usize,
    ) -> Result<Vec<(u64, ExecutionKey)>, RuntimeError> {
        let store = &self.shared().standard.store;
        let mut all = Vec::new();
        for status in range.statuses {
            let listed = executions::listed(store, range.list, *status, range.before, limit)?;
            all.extend(listed);
        }
        all.sort_unstable_by_key(|(ticket, key)| (std::cmp::Reverse(*ticket), *key));
        // An execution that ended between two of the reads stands in both.
        all.dedup();
        all.truncate(limit);
        Ok(all)
    }
}
