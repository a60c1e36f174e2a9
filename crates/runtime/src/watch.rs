//! Who waits for what executions commit: a bell, and no more. What was committed is read where it stands.
//!
//! Nobody watching costs a worker one look at a number in each batch. A watcher is never waited for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::{ExecutionKey, Runtime, RuntimeError, StateMachineName, StateMachineType, standard};

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The history of an execution.
    Execution(ExecutionKey),
    /// The starts and ends in the list of a state machine or a Map Run.
    List([u8; 16]),
}

#[derive(Default)]
pub(crate) struct Watchers {
    /// How many there are, so that nobody needs the lock to see that there are none.
    count: AtomicUsize,
    bells: Mutex<HashMap<Subject, watch::Sender<()>>>,
}

impl Watchers {
    /// Whether anyone watches anything.
    pub(crate) fn any(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// Tells that something was committed of these; of whatever it may be, where nobody watched yet when it was put into
    /// the batch.
    ///
    /// INVARIANT: to be called after the commit, and a watcher counts before it reads: either it reads what was
    /// committed, or it is counted here and told.
    pub(crate) fn tell(&self, subjects: Option<&[Subject]>) {
        if !self.any() {
            return;
        }
        let bells = self.lock();
        match subjects {
            Some(subjects) => {
                let watched = subjects.iter().filter_map(|subject| bells.get(subject));
                watched.for_each(|bell| bell.send_modify(|()| {}));
            }
            None => bells.values().for_each(|bell| bell.send_modify(|()| {})),
        }
    }

    fn watch(self: &Arc<Self>, subject: Subject, closing: watch::Receiver<bool>) -> Watch {
        let mut bells = self.lock();
        self.count.fetch_add(1, Ordering::SeqCst);
        let bell = bells
            .entry(subject)
            .or_insert_with(|| watch::Sender::new(()));
        Watch {
            bell: bell.subscribe(),
            subject,
            watchers: Arc::clone(self),
            closing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, watch::Sender<()>>> {
        // No code of ours panics while it holds the lock.
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A watcher of one execution or list, until it is dropped.
pub struct Watch {
    bell: watch::Receiver<()>,
    subject: Subject,
    watchers: Arc<Watchers>,
    closing: watch::Receiver<bool>,
}

impl Watch {
    /// Resolved when something was committed since the last time, or since the watch began. What is read after that is
    /// new, what was read before may have been, too. False if the runtime stops.
    ///
    /// It can be given up and called again; nothing is lost by that.
    pub async fn changed(&mut self) -> bool {
        tokio::select! {
            rung = self.bell.changed() => rung.is_ok(),
            _ = self.closing.wait_for(|closing| *closing) => false,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut bells = self.watchers.lock();
        if let Some(bell) = bells.get(&self.subject)
            && bell.receiver_count() == 1
        {
            bells.remove(&self.subject);
        }
        self.watchers.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Runtime {
    /// Watches the history of a STANDARD execution.
    pub fn watch_execution(&self, arn: &str) -> Result<Watch, RuntimeError> {
        let name = standard(arn)?;
        self.committed(arn, &name)?;
        Ok(self.watch(Subject::Execution(name.key())))
    }

    /// Watches which executions of a STANDARD state machine begin and end.
    pub fn watch_executions(&self, state_machine_arn: &str) -> Result<Watch, RuntimeError> {
        let name = StateMachineName::parse(state_machine_arn)
            .ok_or_else(|| RuntimeError::InvalidArn(state_machine_arn.to_owned()))?;
        let machine = self.shared().machines.record(&name, state_machine_arn)?;
        if machine.kind == StateMachineType::Express {
            return Err(RuntimeError::StateMachineTypeNotSupported);
        }
        Ok(self.watch(Subject::List(machine.id)))
    }

    fn watch(&self, subject: Subject) -> Watch {
        let shared = self.shared();
        shared.watchers.watch(subject, shared.closing.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(watchers: &Arc<Watchers>, list: u8) -> (Watch, watch::Sender<bool>) {
        let (closing, closed) = watch::channel(false);
        (watchers.watch(Subject::List([list; 16]), closed), closing)
    }

    #[tokio::test]
    async fn only_who_watches_is_told_and_nobody_stays_when_gone() {
        let watchers = Arc::new(Watchers::default());
        let (mut one, _open) = watch(&watchers, 1);
        let (mut two, _open) = watch(&watchers, 2);
        watchers.tell(Some(&[Subject::List([1; 16]), Subject::List([3; 16])]));
        assert!(one.changed().await);
        assert!(!two.bell.has_changed().expect("the bell is there"));
        // What was in the batch before anyone watched.
        watchers.tell(None);
        assert!(one.changed().await && two.changed().await);
        let (again, _open) = watch(&watchers, 1);
        drop((one, two));
        assert_eq!((watchers.any(), watchers.lock().len()), (true, 1));
        drop(again);
        assert_eq!((watchers.any(), watchers.lock().len()), (false, 0));
    }

    #[tokio::test]
    async fn a_watch_ends_with_the_runtime() {
        let watchers = Arc::new(Watchers::default());
        let (mut watch, closing) = watch(&watchers, 1);
        closing.send_replace(true);
        assert!(!watch.changed().await);
    }
}
