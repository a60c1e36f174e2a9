//! Regular expressions as functions, and functions in the place of regular expressions.

use std::sync::Arc;

use crate::error::{Fault, Result};
use crate::json;
use crate::number;
use crate::regex::Regex;
use crate::value::{Members, Value};

use super::{Callable, Evaluator, Maybe};

/// A match of a regular expression, or of a function that plays one.
pub(crate) struct Match {
    pub(crate) text: Arc<str>,
    /// In bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In UTF-16 code units, as expressions see it.
    pub(crate) start_units: usize,
    /// Groups that took no part are `null`.
    pub(crate) groups: Vec<Value>,
    found_by: FoundBy,
}

enum FoundBy {
    Regex(Arc<Regex>, usize),
    /// The object that it answered.
    Function(Value),
}

/// A place in a text.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    pub(super) byte: usize,
    /// UTF-16 code units before it.
    pub(super) units: usize,
}

impl Evaluator<'_, '_> {
    pub(super) fn call_regex(
        &mut self,
        regex: &Arc<Regex>,
        position: usize,
        arguments: &[Maybe],
    ) -> Result<Maybe> {
        let text: Arc<str> = match arguments.first() {
            Some(Some(Value::String(text))) => Arc::clone(text),
            Some(Some(Value::Number(number))) => number::to_text(*number).into(),
            Some(Some(Value::Bool(value))) => value.to_string().into(),
            Some(Some(Value::Null)) => "null".into(),
            _ => return Ok(None),
        };
        let from = match arguments.get(1) {
            Some(Some(Value::Number(units))) => {
                self.meter().spend_bytes(text.len())?;
                place_of(&text, *units)
            }
            _ => Some(Place::default()),
        };
        let Some(from) = from else {
            return Ok(None);
        };
        match self.regex_match(regex, position, &text, from)? {
            Some(found) => self.match_object(&found, &text).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn call_next(
        &mut self,
        regex: &Arc<Regex>,
        position: usize,
        text: &Arc<str>,
        from: Place,
    ) -> Result<Maybe> {
        match self.next_match(regex, position, text, from)? {
            Some(found) => self.match_object(&found, text).map(Some),
            None => Ok(None),
        }
    }

    /// The match after one that ended there. One of no characters would be found for ever.
    fn next_match(
        &mut self,
        regex: &Arc<Regex>,
        position: usize,
        text: &Arc<str>,
        from: Place,
    ) -> Result<Option<Match>> {
        if from.byte >= text.len() {
            return Ok(None);
        }
        let found = self.regex_match(regex, position, text, from)?;
        if found.as_ref().is_some_and(|found| found.start == found.end) {
            return Err(Fault::new("D1004")
                .at(position)
                .value(json::quoted(regex.source())));
        }
        Ok(found)
    }

    fn regex_match(
        &mut self,
        regex: &Arc<Regex>,
        position: usize,
        text: &Arc<str>,
        from: Place,
    ) -> Result<Option<Match>> {
        let Some(captures) = regex.find(text, from.byte, &mut self.scope.meter)? else {
            return Ok(None);
        };
        let (start, end) = captures.whole();
        let part = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
        let mut groups = Vec::with_capacity(captures.groups().len());
        for group in captures.groups() {
            groups.push(match group {
                Some((start, end)) => self.string(part(*start, *end))?,
                None => Value::Null,
            });
        }
        self.meter().spend_bytes(end - from.byte)?;
        Ok(Some(Match {
            text: part(start, end).into(),
            start,
            end,
            start_units: from.units + units(part(from.byte, start)),
            groups,
            found_by: FoundBy::Regex(Arc::clone(regex), position),
        }))
    }

    /// A match as functions of the expression see it.
    pub(crate) fn match_object(&mut self, found: &Match, text: &Arc<str>) -> Result<Value> {
        let (regex, position) = match &found.found_by {
            FoundBy::Regex(regex, position) => (Arc::clone(regex), *position),
            FoundBy::Function(object) => return Ok(object.clone()),
        };
        let next = self.function(Callable::Next {
            regex,
            position,
            text: Arc::clone(text),
            from: found.end_place(),
        })?;
        let groups = self.array(found.groups.clone())?;
        let mut members = Members::with_capacity(5);
        members.insert("match".into(), self.string(Arc::clone(&found.text))?);
        members.insert("start".into(), Value::Number(found.start_units as f64));
        members.insert("end".into(), Value::Number(found.end_place().units as f64));
        members.insert("groups".into(), Value::Array(groups));
        members.insert("next".into(), next);
        self.object(members)
    }

    /// The first match that a regular expression, or a function in its place, finds in a text.
    pub(crate) fn first_match(
        &mut self,
        matcher: &Value,
        text: &Arc<str>,
    ) -> Result<Option<Match>> {
        if let Value::Function(function) = matcher
            && let Callable::Regex { regex, position } = function.callable()
        {
            return self.regex_match(&Arc::clone(regex), *position, text, Place::default());
        }
        let found = self.invoke(matcher, vec![Some(Value::String(Arc::clone(text)))])?;
        self.checked_match(found, text)
    }

    /// The match after that one.
    pub(crate) fn match_after(
        &mut self,
        previous: &Match,
        text: &Arc<str>,
    ) -> Result<Option<Match>> {
        match &previous.found_by {
            FoundBy::Regex(regex, position) => {
                self.next_match(&Arc::clone(regex), *position, text, previous.end_place())
            }
            FoundBy::Function(object) => {
                let Some(next @ Value::Function(_)) = object.get("next") else {
                    return Ok(None);
                };
                let found = self.invoke(next, Vec::new())?;
                self.checked_match(found, text)
            }
        }
    }

    fn checked_match(&mut self, found: Maybe, text: &Arc<str>) -> Result<Option<Match>> {
        let Some(found) = found else {
            return Ok(None);
        };
        let start = found.get("start");
        let groups = found.get("groups");
        let well_formed = matches!(start, Some(Value::Number(_)))
            || matches!(found.get("end"), Some(Value::Number(_)))
            || matches!(groups, Some(Value::Array(_)))
            || matches!(found.get("next"), Some(Value::Function(_)));
        if !well_formed {
            return Err(Fault::new("T1010"));
        }
        let matched = found
            .get("match")
            .and_then(Value::as_str)
            .cloned()
            .unwrap_or_else(|| "".into());
        let groups = match groups {
            Some(Value::Array(array)) => array.to_vec(),
            _ => Vec::new(),
        };
        self.meter().spend_bytes(text.len())?;
        let place = |value: Option<&Value>| match value {
            Some(Value::Number(units)) => place_of(text, *units),
            _ => None,
        };
        let end_of_text = Place {
            byte: text.len(),
            units: 0,
        };
        let first = place(start).unwrap_or(end_of_text);
        let last = place(found.get("end")).unwrap_or(end_of_text);
        Ok(Some(Match {
            start: first.byte,
            end: last.byte.max(first.byte),
            start_units: first.units,
            text: matched,
            groups,
            found_by: FoundBy::Function(found),
        }))
    }
}

impl Match {
    fn end_place(&self) -> Place {
        Place {
            byte: self.end,
            units: self.start_units + units(&self.text),
        }
    }
}

/// UTF-16 code units of a text.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The place before which so many UTF-16 code units stand; none beyond the end.
fn place_of(text: &str, wanted: f64) -> Option<Place> {
    if wanted.is_nan() || wanted <= 0.0 {
        return Some(Place::default());
    }
    let wanted = wanted as usize;
    let mut passed = 0;
    for (byte, character) in text.char_indices() {
        if passed >= wanted {
            return Some(Place {
                byte,
                units: passed,
            });
        }
        passed += character.len_utf16();
    }
    (passed >= wanted).then_some(Place {
        byte: text.len(),
        units: passed,
    })
}
