//! How a queue is called: its name in an account and region, its ARN, its URL.

use std::fmt;
use std::sync::Arc;

use aws::{ApiError, Arn, Caller};

use crate::error;

/// A queue's name in its account and region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct QueueName {
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl QueueName {
    pub(crate) fn new(account: &str, region: &str, name: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            name: name.into(),
        }
    }

    /// The queue that a `QueueUrl` means: its last two segments are account and name, whatever host clients reach us
    /// under; a name alone is one of the caller's account.
    pub(crate) fn of_url(url: &str, caller: &Caller) -> Result<Self, ApiError> {
        let (path, absolute) = match url.split_once("://") {
            Some((_, rest)) => (rest.split_once('/').map_or("", |(_, path)| path), true),
            None => (url, false),
        };
        let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
        match (segments.next(), segments.next()) {
            (Some(name), Some(account)) => Ok(Self::new(account, &caller.region, name)),
            (Some(name), None) if !absolute => Ok(Self::new(&caller.account, &caller.region, name)),
            _ => Err(error::invalid_address(url)),
        }
    }

    /// The queue of an ARN; none for another service's.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let arn: Arn = arn.parse().ok()?;
        (arn.service == "sqs").then(|| Self::new(&arn.account, &arn.region, &arn.resource))
    }

    pub(crate) fn arn(&self) -> String {
        Arn::new("sqs", &self.region, &self.account, &*self.name).to_string()
    }

    pub(crate) fn url(&self, base_url: &str) -> String {
        let base_url = base_url.trim_end_matches('/');
        format!("{base_url}/{}/{}", self.account, self.name)
    }

    /// Checks the name of a queue that is to be.
    pub(crate) fn check(&self, fifo: bool) -> Result<(), ApiError> {
        let stem = match (fifo, self.name.strip_suffix(FIFO_SUFFIX)) {
            (true, Some(stem)) => stem,
            (true, None) => return Err(error::bad_name(true)),
            (false, _) => &self.name,
        };
        let is_good = (1..=80).contains(&self.name.len())
            && !stem.is_empty()
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if is_good {
            return Ok(());
        }
        Err(error::bad_name(fifo))
    }
}

const FIFO_SUFFIX: &str = ".fifo";

/// The key of its row, and what the keys of its messages begin with.
impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.region, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<String, ApiError> {
        let caller = Caller::root("111111111111", "eu-west-1");
        QueueName::of_url(url, &caller).map(|name| name.to_string())
    }

    #[test]
    fn a_queues_url_is_judged_by_its_end() {
        for (url, queue) in [
            (
                "http://localhost:4566/000000000000/q",
                "000000000000/eu-west-1/q",
            ),
            (
                "https://sqs.eu-west-1.amazonaws.com/000000000000/q",
                "000000000000/eu-west-1/q",
            ),
            (
                "http://localhost/queue/eu-west-1/000000000000/q",
                "000000000000/eu-west-1/q",
            ),
            (
                "http://localhost:4566/000000000000/q/",
                "000000000000/eu-west-1/q",
            ),
            ("/000000000000/q", "000000000000/eu-west-1/q"),
            ("q.fifo", "111111111111/eu-west-1/q.fifo"),
        ] {
            assert_eq!(of(url).as_deref(), Ok(queue), "{url}");
        }
        for url in ["http://no-such-queue", "http://localhost/q", "", "/"] {
            assert_eq!(of(url).expect_err(url).code, "InvalidAddress");
        }
    }

    #[test]
    fn names_are_short_and_plain_and_fifo_queues_say_so() {
        let check = |name: &str, fifo| QueueName::new("a", "r", name).check(fifo).is_ok();
        let longest = "a".repeat(80);
        for name in ["q", "A-b_9", &longest] {
            assert!(check(name, false), "{name}");
            assert!(!check(name, true), "{name}");
        }
        for name in ["", "a b", "a.b", "ä", &"a".repeat(81), "q.fifo", ".fifo"] {
            assert!(!check(name, false), "{name}");
        }
        assert!(check("q.fifo", true));
        assert!(!check(".fifo", true));
    }
}
