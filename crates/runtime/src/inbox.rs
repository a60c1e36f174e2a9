use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::message::Message;

/// How many starts and other requests wait for one worker: at a commit of a few milliseconds for hundreds of inputs,
/// some thousand waiting are a few tens of milliseconds of patience; more would only wait to be answered too late.
const WAITING_MAX: usize = 4096;

/// So many messages wake a worker whose batch is on its way to the disk: one alone can't be durable before that, and to
/// be woken costs as much as a step; but steps of many are better done while the disk works than after it.
const TOGETHER: usize = 4;

/// How long a worker of shards was busy at once with what it had taken: so long others of its shards waited, without the
/// disk. The two may be of different turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct LongestTurn {
    /// By the clock on the wall, what the machine gave to others included.
    pub wall: Duration,
    /// What the worker's thread had of a core.
    pub processor: Duration,
}

/// When a turn began.
pub(crate) struct Began {
    wall: Instant,
    processor: Duration,
}

impl Began {
    pub(crate) fn now() -> Self {
        Self {
            wall: Instant::now(),
            processor: thread_time(),
        }
    }
}

/// The processor time of the calling thread.
fn thread_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// A worker's bounded queue, and where it sleeps.
#[derive(Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
    /// Nanoseconds of the longest turn since someone asked, and of the one that took most of a core.
    longest_turn: AtomicU64,
    dearest_turn: AtomicU64,
    /// Where there is no other thread: does a piece of what the worker waits for.
    #[cfg(feature = "simulation")]
    meanwhile: std::sync::OnceLock<Box<dyn Fn() + Send + Sync>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// Batches that became durable.
    durable: u64,
    /// The clock moved, or something else wants the worker to look around.
    woken: bool,
    closed: bool,
    sleeps: Option<Until>,
}

/// What the worker sleeps for. Whatever it is, the clock and the end wake it too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The first message.
    Message,
    /// That a batch is durable, or [`TOGETHER`] messages.
    Durable(u64),
}

impl Inbox {
    /// Takes a request from outside, or gives it back when too many wait or the worker has gone.
    pub(crate) fn offer(&self, message: Message) -> Result<(), Message> {
        let mut state = self.lock();
        if state.closed || state.queue.len() >= WAITING_MAX {
            return Err(message);
        }
        self.add(&mut state, message);
        Ok(())
    }

    /// Takes what was asked for by the worker itself, and which is bounded by what it asked.
    pub(crate) fn push(&self, message: Message) {
        let mut state = self.lock();
        if !state.closed {
            self.add(&mut state, message);
        }
    }

    fn add(&self, state: &mut State, message: Message) {
        state.queue.push_back(message);
        let wakes = match state.sleeps {
            Some(Until::Message) => true,
            Some(Until::Durable(_)) => state.queue.len() == TOGETHER,
            None => false,
        };
        if wakes {
            self.changed.notify_all();
        }
    }

    /// Tells that batches up to this one are durable.
    pub(crate) fn mark_durable(&self, batch: u64) {
        let mut state = self.lock();
        state.durable = state.durable.max(batch);
        if matches!(state.sleeps, Some(Until::Durable(awaited)) if awaited <= batch) {
            self.changed.notify_all();
        }
    }

    /// Notes for how long the worker was busy with what it had taken; it is the worker that tells.
    pub(crate) fn note_turn(&self, began: &Began) {
        let processor = thread_time().saturating_sub(began.processor);
        let wall = began.wall.elapsed();
        for (longest, took) in [(&self.longest_turn, wall), (&self.dearest_turn, processor)] {
            longest.fetch_max(took.as_nanos() as u64, Ordering::Relaxed);
        }
    }

    /// The longest turn since the last time that someone asked.
    pub(crate) fn longest_turn(&self) -> LongestTurn {
        let taken = |longest: &AtomicU64| Duration::from_nanos(longest.swap(0, Ordering::Relaxed));
        LongestTurn {
            wall: taken(&self.longest_turn),
            processor: taken(&self.dearest_turn),
        }
    }

    pub(crate) fn durable(&self) -> u64 {
        self.lock().durable
    }

    pub(crate) fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }

    /// Ends the worker after what it has in hand; what waits is dropped, and its callers are told by that.
    pub(crate) fn close(&self) {
        let dropped = {
            let mut state = self.lock();
            state.closed = true;
            std::mem::take(&mut state.queue)
        };
        self.changed.notify_all();
        drop(dropped);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Up to `limit` messages. Sleeps for at most `patience` while there is none and nobody wakes; none means until
    /// someone does. While the batch `submitted` is not durable, a message alone wakes nobody.
    pub(crate) fn take(
        &self,
        limit: usize,
        patience: Option<Duration>,
        submitted: u64,
    ) -> Vec<Message> {
        let mut state = self.lock();
        if state.queue.is_empty()
            && !state.woken
            && !state.closed
            && patience != Some(Duration::ZERO)
        {
            let until = if state.durable < submitted {
                Until::Durable(submitted)
            } else {
                Until::Message
            };
            // One sleep only: whoever wakes up looks at the clock again.
            state = self.sleep(state, until, patience);
        }
        state.woken = false;
        let count = state.queue.len().min(limit);
        state.queue.drain(..count).collect()
    }

    /// Sleeps until that batch is durable; false if the worker is closed before.
    pub(crate) fn wait_durable(&self, batch: u64) -> bool {
        let mut state = self.lock();
        while state.durable < batch && !state.closed {
            state = self.sleep(state, Until::Durable(batch), None);
        }
        state.durable >= batch
    }

    fn sleep<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        until: Until,
        patience: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        #[cfg(feature = "simulation")]
        if let Some(meanwhile) = self.meanwhile.get() {
            drop(state);
            meanwhile();
            return self.lock();
        }
        state.sleeps = Some(until);
        let mut state = match patience {
            Some(patience) => {
                let waited = self.changed.wait_timeout(state, patience);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.changed.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.sleeps = None;
        state
    }

    /// Whoever waits for a batch does this instead of sleeping, until it is durable.
    #[cfg(feature = "simulation")]
    pub(crate) fn meanwhile(&self, meanwhile: impl Fn() + Send + Sync + 'static) {
        let set = self.meanwhile.set(Box::new(meanwhile));
        assert!(set.is_ok(), "an inbox is told once");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of ours panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use engine::Input;

    use super::*;
    use crate::ExecutionKey;

    fn message() -> Message {
        Message::Input {
            key: ExecutionKey::new("machine", "name"),
            input: Input::Continue,
        }
    }

    #[test]
    fn requests_are_refused_when_too_many_wait_and_results_never() {
        let inbox = Inbox::default();
        for _ in 0..WAITING_MAX {
            assert!(inbox.offer(message()).is_ok());
        }
        assert!(inbox.offer(message()).is_err());
        inbox.push(message());
        assert_eq!(inbox.take(usize::MAX, None, 0).len(), WAITING_MAX + 1);
        assert!(inbox.offer(message()).is_ok());
    }

    #[test]
    fn while_a_batch_is_on_its_way_its_end_or_several_messages_wake_the_worker() {
        let inbox = Inbox::default();
        let asleep = || {
            while inbox.lock().sleeps.is_none() {
                std::thread::yield_now();
            }
        };
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| inbox.take(usize::MAX, None, 1).len());
            asleep();
            inbox.push(message());
            assert!(!worker.is_finished(), "one message");
            inbox.mark_durable(1);
            assert_eq!(worker.join().expect("no panic"), 1);

            let worker = scope.spawn(|| inbox.take(usize::MAX, None, 2).len());
            asleep();
            for _ in 0..TOGETHER {
                inbox.push(message());
            }
            assert_eq!(worker.join().expect("no panic"), TOGETHER);

            let worker = scope.spawn(|| inbox.take(usize::MAX, None, 1).len());
            asleep();
            inbox.push(message());
            assert_eq!(worker.join().expect("no panic"), 1, "nothing is on its way");
        });
    }

    #[test]
    fn a_closed_inbox_takes_nothing_and_wakes_who_waits() {
        let inbox = Inbox::default();
        assert!(inbox.offer(message()).is_ok());
        inbox.close();
        assert!(
            inbox.take(usize::MAX, None, 0).is_empty(),
            "what waited is dropped"
        );
        assert!(inbox.offer(message()).is_err());
        assert!(!inbox.wait_durable(1));
    }

    #[test]
    fn the_longest_turn_is_told_to_whoever_asks_first() {
        let inbox = Inbox::default();
        let began = Began::now();
        while thread_time() <= began.processor {}
        inbox.note_turn(&began);
        inbox.note_turn(&Began::now());
        let LongestTurn { wall, processor } = inbox.longest_turn();
        assert!(wall > Duration::ZERO && processor > Duration::ZERO);
        let again = inbox.longest_turn();
        assert_eq!(again.wall.max(again.processor), Duration::ZERO);
    }
}
