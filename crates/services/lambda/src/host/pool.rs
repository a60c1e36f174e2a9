//! Which process takes the next event: bounded in number, warm ones first, waiting callers nearly in order.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use super::Refusal;
use super::sandbox::Sandbox;

/// Callers that may wait for a process at once. Each holds a payload of up to 6 MB, so that this bounds memory too.
const WAITERS_MAX: usize = 1024;

/// How often the first of those who wait may be passed over for the sake of a warm process.
const PASSES_MAX: u32 = 32;

/// Where an event may run.
pub(super) enum Place {
    /// In a process that idles.
    Warm(Box<Sandbox>),
    /// In a new process, which holds the permit as long as it lives.
    Cold(Permit),
}

pub(super) struct Pool {
    inner: Arc<Inner>,
    queue_timeout: Duration,
}

struct Inner {
    state: Mutex<State>,
    /// Told when a process ends.
    ended: Notify,
}

struct State {
    limit: usize,
    /// Permits given out: processes that idle, work, start or end.
    live: usize,
    /// Idle processes by function; the last used is last.
    idle: HashMap<String, Vec<Idle>>,
    waiting: VecDeque<Waiter>,
    closed: bool,
}

struct Idle {
    sandbox: Box<Sandbox>,
    since: Instant,
}

struct Waiter {
    function: String,
    cold_only: bool,
    /// How often a later one was served before it.
    passed_over: u32,
    tell: oneshot::Sender<Place>,
}

/// The right to one process; given back when dropped.
pub(super) struct Permit {
    pool: Arc<Inner>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.pool.lock().live -= 1;
        self.pool.serve();
        self.pool.ended.notify_waiters();
    }
}

impl Pool {
    pub(super) fn new(limit: usize, queue_timeout: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new(State {
                    limit: limit.max(1),
                    live: 0,
                    idle: HashMap::new(),
                    waiting: VecDeque::new(),
                    closed: false,
                }),
                ended: Notify::new(),
            }),
            queue_timeout,
        }
    }

    /// A process of this function, or the right to start one; `cold_only` where an idle one turned out to be dead.
    pub(super) async fn acquire(&self, function: &str, cold_only: bool) -> Result<Place, Refusal> {
        let waiting = {
            let mut state = self.inner.lock();
            if state.closed {
                return Err(Refusal::Stopping);
            }
            if !cold_only && let Some(sandbox) = state.take_idle(function) {
                return Ok(Place::Warm(sandbox));
            }
            if state.live < state.limit {
                return Ok(Place::Cold(self.inner.permit(&mut state)));
            }
            if state.waiting.len() >= WAITERS_MAX {
                return Err(Refusal::Throttled);
            }
            let (tell, told) = oneshot::channel();
            state.waiting.push_back(Waiter {
                function: function.into(),
                cold_only,
                passed_over: 0,
                tell,
            });
            // Another function's idle process makes room; its permit comes back when it has ended.
            let evicted = state.take_least_used();
            drop(state);
            drop(evicted);
            told
        };
        match tokio::time::timeout(self.queue_timeout, waiting).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_closed)) => Err(Refusal::Stopping),
            Err(_elapsed) => {
                // Whoever no longer waits must not count as waiting.
                let mut state = self.inner.lock();
                state.waiting.retain(|waiter| !waiter.tell.is_closed());
                Err(Refusal::Throttled)
            }
        }
    }

    /// Takes back a process that can take another event.
    pub(super) fn release(&self, sandbox: Box<Sandbox>) {
        {
            let mut state = self.inner.lock();
            if !state.closed {
                let idle = Idle {
                    since: Instant::now(),
                    sandbox,
                };
                let function = idle.sandbox.function_id();
                if let Some(others) = state.idle.get_mut(function) {
                    others.push(idle);
                } else {
                    let function = function.to_owned();
                    state.idle.insert(function, vec![idle]);
                }
            }
        }
        self.inner.serve();
    }

    pub(super) fn drop_idle(&self, function: &str) {
        let ended = self.inner.lock().idle.remove(function);
        drop(ended);
    }

    /// Ends what has been idle for longer than `limit`, and what has died meanwhile.
    pub(super) fn drop_unused(&self, limit: Duration) {
        let mut ended = Vec::new();
        {
            let mut state = self.inner.lock();
            for idle in state.idle.values_mut() {
                let (keep, unused) = std::mem::take(idle)
                    .into_iter()
                    .partition(|idle| idle.since.elapsed() < limit);
                *idle = keep;
                ended.extend::<Vec<Idle>>(unused);
            }
            state.idle.retain(|_, idle| !idle.is_empty());
        }
        drop(ended);
    }

    pub(super) fn close(&self) {
        let ended = {
            let mut state = self.inner.lock();
            state.closed = true;
            (
                std::mem::take(&mut state.idle),
                std::mem::take(&mut state.waiting),
            )
        };
        drop(ended);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    /// Resolves when no process is left.
    pub(super) async fn drained(&self) {
        loop {
            let ended = self.inner.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.inner.lock().live == 0 {
                return;
            }
            ended.await;
        }
    }

    #[cfg(test)]
    pub(super) fn live(&self) -> usize {
        self.inner.lock().live
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.inner.lock().waiting.len()
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn permit(self: &Arc<Self>, state: &mut State) -> Permit {
        state.live += 1;
        Permit {
            pool: Arc::clone(self),
        }
    }

    /// Gives what has become free to those who wait.
    fn serve(self: &Arc<Self>) {
        loop {
            let mut state = self.lock();
            state.waiting.retain(|waiter| !waiter.tell.is_closed());
            if state.waiting.is_empty() {
                return;
            }
            let (index, place) = if let Some((index, sandbox)) = state.take_warm_match() {
                (index, Place::Warm(sandbox))
            } else if state.live < state.limit {
                (0, Place::Cold(self.permit(&mut state)))
            } else {
                // What another function left idle makes room; its end calls us again.
                let evicted = state.take_least_used();
                drop(state);
                drop(evicted);
                return;
            };
            let waiter = state
                .waiting
                .remove(index)
                .expect("it was found under the same lock");
            drop(state);
            if let Err(Place::Warm(sandbox)) = waiter.tell.send(place) {
                // Whoever asked has given up at this very moment; the next one may have it.
                let mut state = self.lock();
                let function = sandbox.function_id().to_owned();
                let since = Instant::now();
                let idle = state.idle.entry(function).or_default();
                idle.push(Idle { sandbox, since });
            }
        }
    }
}

impl State {
    /// The first of those who wait that an idle process serves, and that process.
    ///
    /// In strict order every change of function would cost an end and a start; so others may go before the first, but
    /// only so often.
    fn take_warm_match(&mut self) -> Option<(usize, Box<Sandbox>)> {
        let looked_at = match self.waiting.front() {
            Some(first) if first.passed_over >= PASSES_MAX => 1,
            _ => self.waiting.len(),
        };
        let index = self
            .waiting
            .iter()
            .take(looked_at)
            .position(|waiter| !waiter.cold_only && self.idle.contains_key(&waiter.function))?;
        let function = self.waiting.get(index)?.function.clone();
        if index > 0
            && let Some(first) = self.waiting.front_mut()
        {
            first.passed_over += 1;
        }
        Some((index, self.take_idle(&function)?))
    }

    /// The most recently used idle process.
    fn take_idle(&mut self, function: &str) -> Option<Box<Sandbox>> {
        let idle = self.idle.get_mut(function)?;
        let taken = idle.pop().map(|idle| idle.sandbox);
        if idle.is_empty() {
            self.idle.remove(function);
        }
        taken
    }

    fn take_least_used(&mut self) -> Option<Box<Sandbox>> {
        let function = self
            .idle
            .iter()
            .filter_map(|(function, idle)| Some((idle.first()?.since, function)))
            .min()?
            .1
            .clone();
        let idle = self.idle.get_mut(&function)?;
        let taken = idle.remove(0).sandbox;
        if idle.is_empty() {
            self.idle.remove(&function);
        }
        Some(taken)
    }
}
