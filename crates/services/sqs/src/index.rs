//! A queue's messages in memory: which may be received now, and which are hidden until when.
//!
//! It knows no content, no clock and no store: every verb is told the time, and what changed is the caller's to write
//! down. Begin with [`Index::take`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    pub(crate) fn plus(self, seconds: u32) -> Self {
        Self(self.0 + i64::from(seconds) * 1000)
    }

    pub(crate) fn minus(self, seconds: u32) -> Self {
        Self(self.0 - i64::from(seconds) * 1000)
    }
}

/// A message's place in its queue: later messages have greater numbers, over restarts too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seq(pub(crate) u64);

/// What changes of a message while it waits; a small row beside its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) sent: Timestamp,
    /// Not visible before.
    pub(crate) due: Timestamp,
    /// How often it was received, in this queue and those that it was in before.
    pub(crate) receives: u32,
    /// How many of these were in queues before this one.
    pub(crate) receives_elsewhere: u32,
    pub(crate) first_received: Option<Timestamp>,
    pub(crate) last_received: Timestamp,
    /// The newest receipt; 0 before the first one.
    pub(crate) receipt: u64,
    pub(crate) group: Option<Arc<str>>,
}

impl Standing {
    pub(crate) fn new(sent: Timestamp, due: Timestamp, group: Option<Arc<str>>) -> Self {
        Self {
            sent,
            due,
            receives: 0,
            receives_elsewhere: 0,
            first_received: None,
            last_received: Timestamp::default(),
            receipt: 0,
            group,
        }
    }

    /// How often it was received in this queue.
    pub(crate) fn receives_here(&self) -> u32 {
        self.receives - self.receives_elsewhere
    }
}

/// What a receive asks for.
pub(crate) struct Take {
    pub(crate) messages_max: usize,
    /// When what is received becomes visible again.
    pub(crate) hidden_until: Timestamp,
    /// Messages that were received that often already go elsewhere.
    pub(crate) receives_max: Option<u32>,
    /// Messages sent before that are too old.
    pub(crate) kept_since: Timestamp,
}

/// Messages that one receive removes, too old or received too often: each is a row, or moves to another queue.
const REMOVED_MAX: usize = 256;

/// What a receive brought. The last two are no longer in the index.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Taken {
    pub(crate) received: Vec<(Seq, Standing)>,
    pub(crate) exhausted: Vec<(Seq, Standing)>,
    pub(crate) expired: Vec<Seq>,
}

impl Taken {
    fn is_full(&self, messages_max: usize) -> bool {
        self.received.len() >= messages_max || self.has_more()
    }

    /// Whether it removed as much as it may, and there may be more.
    pub(crate) fn has_more(&self) -> bool {
        self.exhausted.len() + self.expired.len() >= REMOVED_MAX
    }
}

/// A receipt does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The message is not there any more.
    Gone,
    /// The message was received again since.
    Stale,
    /// The message is visible again.
    Visible,
}

/// How many messages a queue holds, by what can be done with them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}

pub(crate) struct Index {
    fifo: bool,
    messages: BTreeMap<Seq, Standing>,
    /// Where a receive may begin: all visible messages; in a FIFO queue the first one of each group, if it is visible
    /// and none of the group is in flight.
    ready: BTreeSet<Seq>,
    /// Delayed or in flight, by the time at which they become visible.
    hidden: BTreeSet<(Timestamp, Seq)>,
    in_flight: usize,
    /// Of a FIFO queue only.
    groups: HashMap<Arc<str>, Group>,
}

#[derive(Default)]
struct Group {
    members: BTreeSet<Seq>,
    in_flight: usize,
}

impl Index {
    pub(crate) fn new(fifo: bool) -> Self {
        Self {
            fifo,
            messages: BTreeMap::new(),
            ready: BTreeSet::new(),
            hidden: BTreeSet::new(),
            in_flight: 0,
            groups: HashMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn newest(&self) -> Option<Seq> {
        self.messages.keys().next_back().copied()
    }

    /// Adds a message, or puts one back.
    pub(crate) fn insert(&mut self, seq: Seq, standing: Standing, now: Timestamp) {
        if let Some(name) = self.group_of(&standing) {
            let group = self.groups.entry(name).or_default();
            // It may come to stand before the one that was the first.
            if let Some(first) = group.members.first() {
                self.ready.remove(first);
            }
            group.members.insert(seq);
        }
        if standing.due > now {
            self.hide(seq, &standing);
        } else if !self.fifo {
            self.ready.insert(seq);
        }
        let group = self.group_of(&standing);
        self.messages.insert(seq, standing);
        self.refresh(group.as_ref());
    }

    /// Receives: the oldest first, in a FIFO queue as many of one group as may be before those of the next.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        take: &Take,
        mut receipt: impl FnMut() -> u64,
    ) -> Taken {
        self.surface(now);
        let mut taken = Taken::default();
        while !taken.is_full(take.messages_max)
            && let Some(first) = self.ready.pop_first()
        {
            let mut next = Some(first);
            while !taken.is_full(take.messages_max)
                && let Some(seq) = next
            {
                next = self.follower(seq);
                self.take_one(seq, now, take, &mut receipt, &mut taken);
            }
        }
        taken
    }

    fn take_one(
        &mut self,
        seq: Seq,
        now: Timestamp,
        take: &Take,
        receipt: &mut impl FnMut() -> u64,
        taken: &mut Taken,
    ) {
        let standing = &self.messages[&seq];
        if standing.sent < take.kept_since {
            self.remove(seq);
            taken.expired.push(seq);
        } else if take
            .receives_max
            .is_some_and(|max| standing.receives_here() >= max)
        {
            taken
                .exhausted
                .extend(self.remove(seq).map(|standing| (seq, standing)));
        } else {
            let mut standing = standing.clone();
            standing.due = take.hidden_until;
            standing.receives += 1;
            standing.first_received.get_or_insert(now);
            standing.last_received = now;
            standing.receipt = receipt();
            self.ready.remove(&seq);
            self.hide(seq, &standing);
            self.messages.insert(seq, standing.clone());
            taken.received.push((seq, standing));
        }
    }

    /// Removes up to so many visible messages, for another queue.
    pub(crate) fn drain(&mut self, now: Timestamp, messages_max: usize) -> Vec<(Seq, Standing)> {
        self.surface(now);
        let mut drained = Vec::new();
        while drained.len() < messages_max
            && let Some(seq) = self.ready.first().copied()
            && let Some(standing) = self.remove(seq)
        {
            drained.push((seq, standing));
        }
        drained
    }

    /// Removes the messages that were sent before a time, up to so many.
    pub(crate) fn expire(&mut self, kept_since: Timestamp, messages_max: usize) -> Vec<Seq> {
        let old: Vec<Seq> = self
            .messages
            .iter()
            .take_while(|(_, standing)| standing.sent < kept_since)
            .take(messages_max)
            .map(|(seq, _)| *seq)
            .collect();
        for seq in &old {
            self.remove(*seq);
        }
        old
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) -> Vec<Seq> {
        let emptied = std::mem::replace(self, Self::new(self.fifo));
        emptied.messages.into_keys().collect()
    }

    pub(crate) fn remove(&mut self, seq: Seq) -> Option<Standing> {
        let standing = self.messages.remove(&seq)?;
        self.ready.remove(&seq);
        self.unhide(seq, &standing);
        let group = self.group_of(&standing);
        if let Some(name) = &group
            && let Some(group) = self.groups.get_mut(name)
        {
            group.members.remove(&seq);
            if group.members.is_empty() {
                self.groups.remove(name);
            }
        }
        self.refresh(group.as_ref());
        Some(standing)
    }

    /// The message of a receipt, if it is in flight still.
    pub(crate) fn held(
        &mut self,
        seq: Seq,
        receipt: u64,
        now: Timestamp,
    ) -> Result<&Standing, Misfit> {
        self.surface(now);
        let standing = self.messages.get(&seq).ok_or(Misfit::Gone)?;
        if standing.receipt != receipt {
            return Err(Misfit::Stale);
        }
        if !self.hidden.contains(&(standing.due, seq)) {
            return Err(Misfit::Visible);
        }
        Ok(standing)
    }

    /// Changes when a message in flight becomes visible.
    pub(crate) fn set_due(&mut self, seq: Seq, due: Timestamp) -> Option<&Standing> {
        let standing = self.messages.get_mut(&seq)?;
        self.hidden.remove(&(standing.due, seq));
        standing.due = due;
        self.hidden.insert((due, seq));
        Some(standing)
    }

    /// When the next hidden message becomes visible; after `now`, if it was told to a verb before.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.hidden.first().map(|(due, _)| *due)
    }

    pub(crate) fn counts(&mut self, now: Timestamp) -> Counts {
        self.surface(now);
        Counts {
            visible: self.messages.len() - self.hidden.len(),
            in_flight: self.in_flight,
            delayed: self.hidden.len() - self.in_flight,
        }
    }

    /// Makes visible what is due.
    fn surface(&mut self, now: Timestamp) {
        while let Some((due, seq)) = self.hidden.first().copied()
            && due <= now
        {
            let standing = self.messages[&seq].clone();
            self.unhide(seq, &standing);
            match self.group_of(&standing) {
                Some(group) => self.refresh(Some(&group)),
                None => {
                    self.ready.insert(seq);
                }
            }
        }
    }

    fn hide(&mut self, seq: Seq, standing: &Standing) {
        self.hidden.insert((standing.due, seq));
        if standing.receives_here() > 0 {
            self.in_flight += 1;
            if let Some(group) = self.group_mut(standing) {
                group.in_flight += 1;
            }
        }
    }

    fn unhide(&mut self, seq: Seq, standing: &Standing) {
        if self.hidden.remove(&(standing.due, seq)) && standing.receives_here() > 0 {
            self.in_flight -= 1;
            if let Some(group) = self.group_mut(standing) {
                group.in_flight -= 1;
            }
        }
    }

    /// Decides anew whether a receive may begin with a group.
    fn refresh(&mut self, group: Option<&Arc<str>>) {
        if let Some(group) = group.and_then(|name| self.groups.get(name))
            && let Some(first) = group.members.first()
        {
            let due = self.messages[first].due;
            if group.in_flight == 0 && !self.hidden.contains(&(due, *first)) {
                self.ready.insert(*first);
            } else {
                self.ready.remove(first);
            }
        }
    }

    /// The message of the same group that may be received right after.
    fn follower(&self, seq: Seq) -> Option<Seq> {
        let group = self.groups.get(&self.group_of(&self.messages[&seq])?)?;
        let next = group.members.range(Seq(seq.0 + 1)..).next()?;
        let hidden = self.hidden.contains(&(self.messages[next].due, *next));
        (!hidden).then_some(*next)
    }

    /// The group that orders a message; in a standard queue groups order nothing.
    fn group_of(&self, standing: &Standing) -> Option<Arc<str>> {
        standing.group.clone().filter(|_| self.fifo)
    }

    fn group_mut(&mut self, standing: &Standing) -> Option<&mut Group> {
        self.groups.get_mut(&self.group_of(standing)?)
    }
}

#[cfg(test)]
mod tests;
