//! Environments: frames of variables, each within another.
//!
//! Frames lie in one stack and refer to each other by place; functions remember a place, too. So they own nothing,
//! nothing can own itself, and all goes when the evaluation ends. A frame is given up when its block or call ends,
//! unless a function was made in it or in one above.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Maybe;

/// So many bindings are looked through one by one, which is quicker than any search.
const LOOKED_THROUGH_MAX: usize = 16;

#[derive(Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// Frames below this stay.
    captured: usize,
}

struct Frame {
    parent: Option<usize>,
    /// A later binding of a name replaces the earlier one.
    bindings: Vec<(Arc<str>, Maybe)>,
    /// Where each lies beyond those that are looked through.
    places: BTreeMap<Arc<str>, usize>,
}

impl Frame {
    fn place(&self, name: &str) -> Option<usize> {
        let mut first = self.bindings.iter().take(LOOKED_THROUGH_MAX);
        first
            .position(|(known, _)| **known == *name)
            .or_else(|| self.places.get(name).copied())
    }
}

impl Frames {
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// A new frame within that one.
    pub(super) fn push(&mut self, parent: Option<usize>) -> usize {
        self.frames.push(Frame {
            parent,
            bindings: Vec::new(),
            places: BTreeMap::new(),
        });
        self.frames.len() - 1
    }

    /// Gives up the frames from there on that no function remembers.
    pub(super) fn release(&mut self, base: usize) {
        self.frames.truncate(base.max(self.captured));
    }

    /// A function remembers that frame, and with it those that it lies in, which are older.
    pub(super) fn capture(&mut self, frame: usize) {
        self.captured = self.captured.max(frame + 1);
    }

    pub(super) fn bind(&mut self, frame: usize, name: Arc<str>, value: Maybe) {
        let Some(frame) = self.frames.get_mut(frame) else {
            return;
        };
        let place = frame.place(&name);
        if let Some((_, bound)) = place.and_then(|place| frame.bindings.get_mut(place)) {
            *bound = value;
            return;
        }
        if frame.bindings.len() >= LOOKED_THROUGH_MAX {
            frame.places.insert(Arc::clone(&name), frame.bindings.len());
        }
        frame.bindings.push((name, value));
    }

    /// What the nearest frame binds the name to, which may be nothing.
    pub(super) fn lookup(&self, frame: usize, name: &str) -> Option<&Maybe> {
        let mut next = Some(frame);
        while let Some(frame) = next.and_then(|frame| self.frames.get(frame)) {
            let bound = frame
                .place(name)
                .and_then(|place| frame.bindings.get(place));
            if let Some((_, value)) = bound {
                return Some(value);
            }
            next = frame.parent;
        }
        None
    }
}
