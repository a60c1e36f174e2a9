//! A query over what is stored: the events of its groups as one sequence, newest first.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use aws::ApiError;
use store::Order;

use super::{Kept, Outcome, Query, Row, Searched, SearchedGroup, Source, run};
use crate::model::{Id, Position};
use crate::storage::{Event, Scan, Scope, Storage};

// DIVERGENCE: a query that has not ended after a minute ends as `Timeout` with what it found; AWS gives it an hour.
const TIME_MAX: Duration = Duration::from_mins(1);
/// How often the clock and the wish to stop are looked at.
const EVENTS_BETWEEN_LOOKS: u64 = 256;

/// Runs a query to its end, on a thread that may block.
pub(crate) fn search(
    storage: &Arc<Storage>,
    kept: &Kept,
    query: &Query,
    groups: &[SearchedGroup],
    range: (i64, i64),
    limit: usize,
) -> Outcome {
    let began = Instant::now();
    let mut status = "Complete";
    let mut searched = Searched::default();
    let mut matched = Searched::default();
    let found = names_of(storage, groups).and_then(|names| {
        let mut merge = Merge::new(storage, groups, range)?;
        let mut next = || {
            if searched.events.is_multiple_of(EVENTS_BETWEEN_LOOKS) {
                if kept.stopped.load(Ordering::Relaxed) {
                    status = "Cancelled";
                } else if began.elapsed() > TIME_MAX {
                    status = "Timeout";
                }
            }
            if status != "Complete" {
                return Ok(None);
            }
            merge.next(&names, &mut searched)
        };
        run(query, limit, &mut next, &mut matched)
    });
    searched.matched = matched.matched;
    // The detail of a failure is in the log already.
    let rows = found.unwrap_or_else(|_| {
        status = "Failed";
        Vec::new()
    });
    let texts = rows.iter().flatten();
    Outcome {
        status,
        searched,
        took: began.elapsed().as_millis() as i64,
        bytes: texts.map(|(name, value)| name.len() + value.len()).sum(),
        rows,
    }
}

pub(crate) type Names = HashMap<Id, String>;

/// The streams of all groups that are searched; ids of streams are unique over groups.
pub(crate) fn names_of(storage: &Storage, groups: &[SearchedGroup]) -> Result<Names, ApiError> {
    let mut names = Names::new();
    for group in groups {
        storage.each_stream(&group.zone, group.id, "", None, |stream| {
            names.insert(stream.id, stream.name);
            true
        })?;
    }
    Ok(names)
}

/// The events of several groups as one sequence, newest first.
struct Merge<'q> {
    sources: Vec<(&'q SearchedGroup, Scan, Option<Event>)>,
}

impl<'q> Merge<'q> {
    fn new(
        storage: &Arc<Storage>,
        groups: &'q [SearchedGroup],
        (from, to): (i64, i64),
    ) -> Result<Self, ApiError> {
        let mut sources = Vec::with_capacity(groups.len());
        for group in groups {
            let scope = Scope {
                zone: group.zone.clone(),
                group: group.id,
                stream: None,
            };
            let from = Position::at(from.max(group.expiry));
            let to = Position::new(to, u64::MAX);
            let mut scan = storage.scan(scope, from, to, Order::Descending);
            let head = scan.next()?;
            sources.push((group, scan, head));
        }
        Ok(Self { sources })
    }

    fn next(
        &mut self,
        names: &'q Names,
        searched: &mut Searched,
    ) -> Result<Option<Row<'q>>, ApiError> {
        loop {
            let newest = self
                .sources
                .iter_mut()
                .filter(|(_, _, head)| head.is_some())
                .max_by_key(|(_, _, head)| head.as_ref().map(|event| event.position.time()));
            let Some((group, scan, head)) = newest else {
                return Ok(None);
            };
            let event = std::mem::replace(head, scan.next()?);
            let Some(event) = event else {
                return Ok(None);
            };
            searched.events += 1;
            searched.bytes += event.bytes() as u64;
            // A stream without a name has just been deleted.
            if let Some(stream) = names.get(&event.stream) {
                return Ok(Some(Row::new(event, Source { group, stream })));
            }
        }
    }
}
