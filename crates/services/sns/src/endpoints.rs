//! Jobs that wait, by the endpoint that they are for: one that does not answer holds nobody else up.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Deliveries to one endpoint at once: enough for one that answers, and an eighth of the places for one that does not.
const ENDPOINT_MAX: usize = 8;

/// Deliveries under way at once, those over the network and the others each: each may hold a message of 256 KiB.
const UNDER_WAY_MAX: usize = 64;

/// Jobs by endpoint, each with when it is due, in milliseconds since 1970.
pub(crate) struct Endpoints<J> {
    endpoints: HashMap<Arc<str>, Endpoint<J>>,
    services: Way,
    /// HTTP endpoints are anywhere, and answer when they like.
    network: Way,
}

struct Endpoint<J> {
    waiting: BTreeSet<(i64, J)>,
    under_way: usize,
}

/// Endpoints whose deliveries share places.
#[derive(Default)]
struct Way {
    /// Those to which one more may begin, by when it is due.
    open: BTreeSet<(i64, Arc<str>)>,
    under_way: usize,
}

impl<J> Endpoint<J> {
    /// When the next delivery may begin.
    fn opens(&self) -> Option<i64>
    where
        J: Ord,
    {
        let first = self.waiting.first().map(|(due, _)| *due);
        first.filter(|_| self.under_way < ENDPOINT_MAX)
    }
}

impl<J: Ord> Endpoints<J> {
    pub(crate) fn new() -> Self {
        Self {
            endpoints: HashMap::new(),
            services: Way::default(),
            network: Way::default(),
        }
    }

    pub(crate) fn add(&mut self, endpoint: &Arc<str>, due: i64, job: J) {
        self.change(endpoint, |endpoint, _| endpoint.waiting.insert((due, job)));
    }

    /// A job that is due and may begin; else when to look again, unless one ends before.
    pub(crate) fn next(&mut self, now: i64) -> Result<J, Option<i64>> {
        let ways = [&self.services, &self.network];
        let open = ways.iter().filter(|way| way.under_way < UNDER_WAY_MAX);
        let first = open.filter_map(|way| way.open.first()).min().cloned();
        let (due, endpoint) = first.ok_or(None)?;
        if due > now {
            return Err(Some(due));
        }
        let begun = self.change(&endpoint, |endpoint, way| {
            endpoint.under_way += 1;
            way.under_way += 1;
            endpoint.waiting.pop_first()
        });
        let (_, job) = begun.expect("an open endpoint has a job");
        Ok(job)
    }

    /// Must be called when a delivery that has begun has ended.
    pub(crate) fn ended(&mut self, endpoint: &Arc<str>) {
        self.change(endpoint, |endpoint, way| {
            endpoint.under_way -= 1;
            way.under_way -= 1;
        });
    }

    fn change<R>(
        &mut self,
        name: &Arc<str>,
        change: impl FnOnce(&mut Endpoint<J>, &mut Way) -> R,
    ) -> R {
        let none = || Endpoint {
            waiting: BTreeSet::new(),
            under_way: 0,
        };
        let endpoint = self.endpoints.entry(Arc::clone(name)).or_insert_with(none);
        let way = if name.starts_with("http") {
            &mut self.network
        } else {
            &mut self.services
        };
        if let Some(due) = endpoint.opens() {
            way.open.remove(&(due, Arc::clone(name)));
        }
        let changed = change(endpoint, way);
        if let Some(due) = endpoint.opens() {
            way.open.insert((due, Arc::clone(name)));
        } else if endpoint.waiting.is_empty() && endpoint.under_way == 0 {
            self.endpoints.remove(name);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begins what may begin at 1; how many of them to `endpoint`.
    fn begun(jobs: &mut Endpoints<(usize, usize)>, endpoint: usize) -> (usize, usize) {
        let all: Vec<_> = std::iter::from_fn(|| jobs.next(1).ok()).collect();
        (
            all.len(),
            all.iter().filter(|(to, _)| *to == endpoint).count(),
        )
    }

    #[test]
    fn an_endpoint_gets_no_more_than_its_places_and_the_network_than_its_own() {
        let mut jobs = Endpoints::new();
        let names: Vec<Arc<str>> = (0..20).map(|at| format!("http://h/{at}").into()).collect();
        for (at, name) in names.iter().enumerate() {
            for number in 0..20 {
                jobs.add(name, 1, (at, number));
            }
        }
        let queue: Arc<str> = "arn:aws:sqs:r:a:q".into();
        jobs.add(&queue, 1, (99, 0));
        jobs.add(&queue, 9, (99, 1));
        assert_eq!(begun(&mut jobs, 0), (64 + 1, 8));
        assert_eq!(jobs.next(1), Err(Some(9)));
        jobs.ended(&names[0]);
        assert_eq!(begun(&mut jobs, 0).0, 1);
        jobs.ended(&queue);
        assert_eq!(jobs.next(9), Ok((99, 1)));
        jobs.ended(&queue);
        assert!(!jobs.endpoints.contains_key(&queue));
    }
}
