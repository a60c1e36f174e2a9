//! Asynchronous events: written down before they are accepted, delivered at least once, tried three times.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::ApiError;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::error;
use crate::host::{Event, Host, Refusal};
use crate::storage::{Functions, StoredEvent};

/// Events that may wait at once: their keys are held in memory, about 100 bytes each.
const WAITING_MAX: usize = 100_000;
/// What has not been delivered for so long is dropped, AWS's default of six hours.
const AGE_MAX_MILLISECONDS: i64 = 6 * 3600 * 1000;
/// After a refusal for want of a process, which is no failure of the function.
const THROTTLE_DELAY_MILLISECONDS: i64 = 1000;

/// When an event is due, and its key.
type Due = (i64, String);

pub(crate) struct EventQueue {
    functions: Arc<Functions>,
    waiting: Arc<AtomicUsize>,
    tell: UnboundedSender<Due>,
    stopping: watch::Sender<bool>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl EventQueue {
    /// Goes on with what an earlier server left.
    pub(crate) fn start(
        functions: Arc<Functions>,
        host: Arc<Host>,
        retry_delays: [Duration; 2],
        deliveries_max: usize,
    ) -> Result<Self, ApiError> {
        let left: BTreeSet<Due> = functions
            .waiting_events()?
            .into_iter()
            .map(|(key, due)| (due, key))
            .collect();
        let waiting = Arc::new(AtomicUsize::new(left.len()));
        let (tell, told) = unbounded_channel();
        let deliverer = Arc::new(Deliverer {
            functions: Arc::clone(&functions),
            host,
            retry_delays,
        });
        let (stopping, stopped) = watch::channel(false);
        let worker = tokio::spawn(work(
            deliverer,
            left,
            told,
            stopped,
            Arc::clone(&waiting),
            deliveries_max,
        ));
        Ok(Self {
            functions,
            waiting,
            tell,
            stopping,
            worker: Mutex::new(Some(worker)),
        })
    }

    /// Accepts an event; it is durable when this returns.
    pub(crate) async fn accept(&self, event: StoredEvent) -> Result<(), ApiError> {
        if self.waiting.load(Ordering::Relaxed) >= WAITING_MAX {
            return Err(error::throttled("ConcurrentInvocationLimitExceeded"));
        }
        let key = format!(
            "{}/{}/{:014}-{}",
            event.account,
            event.region,
            event.accepted_milliseconds,
            uuid::Uuid::new_v4().simple()
        );
        self.functions.put_event(&key, &event).await?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A worker that has stopped leaves the event to the next start.
        let _ = self.tell.send((event.due_milliseconds, key));
        Ok(())
    }

    /// Begins no further delivery; those under way go on.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Resolves when what the deliveries under way came to is written down.
    pub(crate) async fn stopped(&self) {
        let worker = self
            .worker
            .lock()
            .expect("no holder of this lock panics")
            .take();
        if let Some(worker) = worker {
            // A worker that broke has nothing more to write.
            let _ = worker.await;
        }
    }
}

async fn work(
    deliverer: Arc<Deliverer>,
    mut waiting: BTreeSet<Due>,
    mut told: UnboundedReceiver<Due>,
    mut stopped: watch::Receiver<bool>,
    count: Arc<AtomicUsize>,
    deliveries_max: usize,
) {
    let mut deliveries: JoinSet<Option<Due>> = JoinSet::new();
    loop {
        let now = Timestamp::now().as_millisecond();
        while deliveries.len() < deliveries_max
            && let Some((due, key)) = waiting.pop_first()
        {
            if due > now {
                waiting.insert((due, key));
                break;
            }
            let deliverer = Arc::clone(&deliverer);
            deliveries.spawn(async move { deliverer.deliver(key).await });
        }
        let next_due = waiting.first().map(|(due, _)| *due);
        let pause = next_due.map_or(0, |due| (due - now).max(0));
        tokio::select! {
            biased;
            // An error says that the queue is gone, which is a stop too.
            _ = stopped.changed() => break,
            new = told.recv() => match new {
                Some(due) => {
                    waiting.insert(due);
                }
                None => break,
            },
            Some(ended) = deliveries.join_next() => match ended {
                Ok(Some(again)) => {
                    waiting.insert(again);
                }
                Ok(None) => {
                    count.fetch_sub(1, Ordering::Relaxed);
                }
                // A delivery that panicked keeps its row, and its place in the count, until the next start.
                Err(error) => tracing::error!(%error, "the delivery of an event broke"),
            },
            () = tokio::time::sleep(Duration::from_millis(pause.unsigned_abs())),
                if next_due.is_some() && deliveries.len() < deliveries_max => {}
        }
    }
    while deliveries.join_next().await.is_some() {}
}

struct Deliverer {
    functions: Arc<Functions>,
    host: Arc<Host>,
    retry_delays: [Duration; 2],
}

impl Deliverer {
    /// Delivers an event; when to try again, if that is left to do.
    async fn deliver(&self, key: String) -> Option<Due> {
        match self.try_deliver(&key).await {
            Ok(again) => again.map(|due| (due, key)),
            Err(error) => {
                tracing::error!(%error, key, "an event can't be delivered");
                let later = Timestamp::now().as_millisecond() + THROTTLE_DELAY_MILLISECONDS;
                Some((later, key))
            }
        }
    }

    async fn try_deliver(&self, key: &str) -> Result<Option<i64>, ApiError> {
        let Some(mut event) = self.functions.event(key)? else {
            return Ok(None);
        };
        let StoredEvent {
            account,
            region,
            name,
            version,
            ..
        } = &event;
        let now = Timestamp::now().as_millisecond();
        let found = self.functions.get(account, region, name, version)?;
        let (Some(work), true) = (
            found,
            now - event.accepted_milliseconds < AGE_MAX_MILLISECONDS,
        ) else {
            tracing::warn!(
                function = name,
                request_id = event.request_id,
                "an event is dropped: it is too old, or its function is gone"
            );
            self.functions.delete_event(key).await?;
            return Ok(None);
        };
        let delivery = Event {
            request_id: event.request_id.as_str().into(),
            invoked_arn: event.invoked_arn.clone(),
            client_context: event.client_context.clone(),
            payload: event.payload.clone().into(),
        };
        match self.host.invoke(work, delivery).await {
            Ok(invoked) if !invoked.failed => {
                self.functions.delete_event(key).await?;
                Ok(None)
            }
            Ok(_failed) => {
                let delay = self.retry_delays.get(event.failures as usize).copied();
                event.failures += 1;
                if let Some(delay) = delay {
                    event.due_milliseconds =
                        Timestamp::now().as_millisecond() + delay.as_millis() as i64;
                    self.functions.put_event(key, &event).await?;
                    Ok(Some(event.due_milliseconds))
                } else {
                    tracing::warn!(
                        function = event.name,
                        request_id = event.request_id,
                        "an event failed three times and is dropped"
                    );
                    self.functions.delete_event(key).await?;
                    Ok(None)
                }
            }
            Err(Refusal::Throttled) => Ok(Some(now + THROTTLE_DELAY_MILLISECONDS)),
            // The row stays for the next start.
            Err(Refusal::Stopping) => Ok(None),
        }
    }
}
