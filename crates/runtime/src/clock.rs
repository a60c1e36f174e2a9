use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::Timestamp;

/// Called when waiting threads are to look at the clock again.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Time and chance, the two things that no execution may find by itself.
pub trait Clock: Send + Sync {
    /// The instant it is.
    fn now(&self) -> Timestamp;

    /// Sixteen bytes that nobody can guess.
    fn entropy(&self) -> [u8; 16];

    /// How long a thread sleeps to see that instant; none if it is to wait until it is woken.
    fn sleep(&self, until: Timestamp) -> Option<Duration>;

    /// Takes note of someone who waits for instants.
    fn on_change(&self, waker: Waker);
}

/// The machine's clock and its source of randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }

    fn entropy(&self) -> [u8; 16] {
        uuid::Uuid::new_v4().into_bytes()
    }

    fn sleep(&self, until: Timestamp) -> Option<Duration> {
        let left = until.0.saturating_sub(self.now().0).max(0);
        Some(Duration::from_millis(left.unsigned_abs()))
    }

    fn on_change(&self, _waker: Waker) {}
}

/// A clock that stands until it is moved: tests see a year pass in no time, and the same every time.
#[derive(Clone, Default)]
pub struct VirtualClock(Arc<Mutex<Virtual>>);

#[derive(Default)]
struct Virtual {
    now: Timestamp,
    drawn: u64,
    wakers: Vec<Waker>,
}

impl VirtualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        let clock = Self::default();
        clock.lock().now = now;
        clock
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let wakers = {
            let mut clock = self.lock();
            clock.now.0 = clock.now.0.saturating_add(by.as_millis() as i64);
            clock.wakers.clone()
        };
        for waker in wakers {
            waker();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Virtual> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn entropy(&self) -> [u8; 16] {
        let mut clock = self.lock();
        clock.drawn += 1;
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&clock.drawn.to_be_bytes());
        bytes
    }

    fn sleep(&self, _until: Timestamp) -> Option<Duration> {
        None
    }

    fn on_change(&self, waker: Waker) {
        self.lock().wakers.push(waker);
    }
}
