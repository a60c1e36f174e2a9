//! Environments: frames of variables, each within another.
//!
//! Frames lie in one stack and refer to each other by place; functions remember a place, too. So they own nothing,
//! nothing can own itself, and all goes when the evaluation ends. A frame is given up when its block or call ends,
//! unless a function was made in it or in one above.

use std::sync::Arc;

use super::Maybe;

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
        match frame.bindings.iter_mut().find(|(known, _)| *known == name) {
            Some((_, bound)) => *bound = value,
            None => frame.bindings.push((name, value)),
        }
    }

    /// What the nearest frame binds the name to, which may be nothing.
    pub(super) fn lookup(&self, frame: usize, name: &str) -> Option<&Maybe> {
        let mut next = Some(frame);
        while let Some(frame) = next.and_then(|frame| self.frames.get(frame)) {
            if let Some((_, value)) = frame.bindings.iter().find(|(known, _)| **known == *name) {
                return Some(value);
            }
            next = frame.parent;
        }
        None
    }
}
