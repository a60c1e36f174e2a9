//! Time as the service sees it.

use std::time::Duration;

use aws::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// What time it is, and how to wait for a time.
pub trait Clock: Send + Sync {
    /// The instant it is.
    fn now(&self) -> Timestamp;

    /// Resolves at an instant, or earlier: whoever waits looks again.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The machine's clock may be set, or stand still while the machine sleeps: nobody waits longer without a look.
const SLEEP_MAX: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let left = at.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or_default();
        Box::pin(tokio::time::sleep(left.min(SLEEP_MAX)))
    }
}

/// A clock that stands until it is moved, for tests.
#[derive(Clone, Debug)]
pub struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(watch::channel(now).0)
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.0
            .send_modify(|now| *now = now.saturating_add(by).unwrap_or(Timestamp::MAX));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The sender is `self`, which is there.
            let _ = time.wait_for(|now| *now >= at).await;
        })
    }
}
