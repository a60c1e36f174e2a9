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

use crate::bounds::{Bounds, Meter};
use crate::error::Result;

use class::Class;
use compile::Program;
use parse::Tree;

/// A compiled pattern: of JavaScript's dialect, its matches counted in the steps of evaluations.
///
/// ```
/// use jsonata::{Regex, RegexFlags};
///
/// let regex = Regex::whole("(a|b)+", RegexFlags::default())?;
/// let mut steps = 100;
/// assert_eq!(regex.is_match("abba", &mut steps), Some(true));
/// assert!(steps < 100);
/// assert_eq!(regex.is_match(&"ab".repeat(1000), &mut steps), None);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Regex {
    source: Arc<str>,
    program: Program,
}

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `i`: upper and lower case are the same.
    pub ignore_case: bool,
    /// `m`: `^` and `$` hold at every line.
    pub multiline: bool,
    /// `s`: a point takes the ends of lines, too.
    pub dot_all: bool,
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
        Self::compiled(pattern, flags, |tree| tree)
    }

    /// A pattern that matches whole texts only.
    ///
    /// # Errors
    /// The reason, as V8 gives it.
    pub fn whole(pattern: &str, flags: Flags) -> std::result::Result<Self, String> {
        let mut regex = Self::compiled(pattern, flags, |tree| {
            let nothing = |behind| Tree::Look {
                behind,
                negative: true,
                tree: Box::new(Tree::Class(Class::everything())),
            };
            Tree::Sequence(vec![nothing(true), tree, nothing(false)])
        })?;
        regex.program.anchored = true;
        Ok(regex)
    }

    fn compiled(
        pattern: &str,
        flags: Flags,
        within: impl FnOnce(Tree) -> Tree,
    ) -> std::result::Result<Self, String> {
        let mut parsed = parse::parse(pattern, flags.dot_all).map_err(|reason| {
            // The reference implementation adds the `g`.
            let letters = match (flags.ignore_case, flags.multiline) {
                (true, true) => "gim",
                (true, false) => "gi",
                (false, true) => "gm",
                (false, false) => "g",
            };
            format!("Invalid regular expression: /{pattern}/{letters}: {reason}")
        })?;
        parsed.tree = within(parsed.tree);
        Ok(Self {
            source: pattern.into(),
            program: compile::compile(&parsed, flags),
        })
    }

    /// Whether there is a match in the text, found in so many steps, of which it takes what it needs. None where they
    /// do not suffice.
    pub fn is_match(&self, text: &str, steps: &mut u64) -> Option<bool> {
        let mut meter = Meter::new(Bounds {
            steps: *steps,
            ..Bounds::default()
        });
        let found = self.find(text, 0, &mut meter);
        *steps = meter.steps_left();
        found.ok().map(|found| found.is_some())
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
