//! Logs Insights: queries over events, in a part of its language.
//!
//! `parse` reads a query, `expression` evaluates what stands in its commands, `run` takes events through them, and
//! [`Queries`] keeps the queries that run and their results.

mod expression;
mod field;
mod parse;
mod run;
mod search;
mod stats;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Id, Zone};

pub(crate) use field::{Row, Source, read_pointer};
pub(crate) use parse::{Malformed, Query, parse};
pub(crate) use run::{Outcome, Searched, run};
pub(crate) use search::{names_of, search};

/// AWS's quota of queries at once.
const RUNNING_MAX: usize = 30;
/// Queries that are remembered with their results.
const KEPT_MAX: usize = 100;
/// What the results of all of them may take; the oldest go first.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One query, running or ended.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) zone: Zone,
    pub(crate) text: String,
    pub(crate) group_names: Vec<String>,
    pub(crate) created: i64,
    pub(crate) stopped: AtomicBool,
    outcome: Mutex<Option<Arc<Outcome>>>,
}

impl Kept {
    pub(crate) fn new(zone: Zone, text: String, group_names: Vec<String>, created: i64) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            zone,
            text,
            group_names,
            created,
            stopped: AtomicBool::new(false),
            outcome: Mutex::new(None),
        }
    }

    fn end(&self, outcome: Outcome) {
        let mut place = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::new(outcome));
    }

    /// What came of it, once it has ended.
    pub(crate) fn outcome(&self) -> Option<Arc<Outcome>> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.clone()
    }
}

/// A group that a query searches.
#[derive(Clone, Debug)]
pub(crate) struct SearchedGroup {
    pub(crate) zone: Zone,
    pub(crate) id: Id,
    pub(crate) name: String,
    /// What is older has expired.
    pub(crate) expiry: i64,
}

// DIVERGENCE: queries and their results are in memory: the newest hundred, gone with the process; AWS keeps them a week.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    kept: Mutex<VecDeque<Arc<Kept>>>,
    running: Arc<AtomicUsize>,
}

impl Queries {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Kept>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queries of an account in a region, newest first.
    pub(crate) fn list(&self, zone: &Zone) -> Vec<Arc<Kept>> {
        let kept = self.kept();
        let own = kept.iter().rev().filter(|query| query.zone == *zone);
        own.cloned().collect()
    }

    pub(crate) fn find(&self, zone: &Zone, id: &str) -> Option<Arc<Kept>> {
        let kept = self.kept();
        kept.iter()
            .find(|query| query.zone == *zone && query.id == id)
            .cloned()
    }

    /// Remembers a query and runs it aside; none if too many run.
    pub(crate) fn start(
        &self,
        query: Kept,
        work: impl FnOnce(&Kept) -> Outcome + Send + 'static,
    ) -> Option<Arc<Kept>> {
        let running = Arc::clone(&self.running);
        if running.fetch_add(1, Ordering::Relaxed) >= RUNNING_MAX {
            running.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let query = Arc::new(query);
        self.keep(Arc::clone(&query));
        let run = Arc::clone(&query);
        tokio::task::spawn_blocking(move || {
            let ended = Ended(run, running);
            let outcome = work(&ended.0);
            ended.0.end(outcome);
        });
        Some(query)
    }

    /// Adds a query and drops the oldest ones that are too many.
    fn keep(&self, query: Arc<Kept>) {
        let mut kept = self.kept();
        kept.push_back(query);
        let mut bytes = 0;
        let newest = kept.iter().rev().take(KEPT_MAX).take_while(|query| {
            bytes += query.outcome().map_or(0, |outcome| outcome.bytes);
            bytes <= KEPT_BYTES_MAX
        });
        let dropped = kept.len() - newest.count();
        kept.drain(..dropped);
    }
}

/// Gives a running query's place back. One whose work panicked has failed.
struct Ended(Arc<Kept>, Arc<AtomicUsize>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::Relaxed);
        if self.0.outcome().is_none() {
            self.0.end(Outcome {
                status: "Failed",
                ..Outcome::default()
            });
        }
    }
}

#[cfg(test)]
mod tests;
