//! Regular expressions as JavaScript has them without the flags `u` and `v`: look-around, back-references, named
//! groups, and the older liberties of the web.
//!
//! Ours, because none of the crates counts steps: `regex` has neither look-around nor back-references, `fancy-regex`
//! counts only part of its work and reads another dialect, `regress` counts nothing. A match is a walk over a small
//! program with a stack of its own, so that neither time nor depth depends on the text in a way that is not counted.

mod class;
mod compile;
mod matcher;
mod parse;

use std::sync::Arc;

use crate::bounds::Meter;
use crate::error::Result;

use compile::Program;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Regex {
    source: Arc<str>,
    program: Program,
}

/// What `i` and `m` say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) ignore_case: bool,
    pub(crate) multiline: bool,
}

/// Where a match lies, in bytes, and below 1 and up its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Captures(Vec<Option<(usize, usize)>>);

impl Captures {
    pub(crate) fn whole(&self) -> (usize, usize) {
        self.0.first().copied().flatten().unwrap_or_default()
    }

    /// The groups, those that took no part as `None`.
    pub(crate) fn groups(&self) -> &[Option<(usize, usize)>] {
        self.0.get(1..).unwrap_or_default()
    }
}

impl Regex {
    /// # Errors
    /// The reason, as V8 gives it.
    pub(crate) fn new(pattern: &str, flags: Flags) -> std::result::Result<Self, String> {
        let parsed = parse::parse(pattern).map_err(|reason| {
            // The reference implementation adds the `g`.
            let letters = match (flags.ignore_case, flags.multiline) {
                (true, true) => "gim",
                (true, false) => "gi",
                (false, true) => "gm",
                (false, false) => "g",
            };
            format!("Invalid regular expression: /{pattern}/{letters}: {reason}")
        })?;
        Ok(Self {
            source: pattern.into(),
            program: compile::compile(&parsed, flags),
        })
    }

    /// The pattern's text.
    pub(crate) fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The first match at or after that byte.
    pub(crate) fn find(
        &self,
        text: &str,
        from: usize,
        meter: &mut Meter,
    ) -> Result<Option<Captures>> {
        matcher::find(&self.program, text, from, meter).map(|found| found.map(Captures))
    }
}

#[cfg(test)]
mod tests;
