//! The rules by which an observed answer is compared with AWS's (`shared/conformance/README.md`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Compare {
    bound: BTreeMap<String, String>,
    literal: BTreeMap<String, String>,
    skip: Vec<Vec<Part>>,
    parallel_sorted: bool,
    pub(crate) differences: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Any,
    Key(String),
}

enum Piece<'a> {
    Text(&'a str),
    Token(&'a str),
}

impl Compare {
    pub(crate) fn new(case: &Value) -> Self {
        let texts = |value: &Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items
                .filter_map(|item| Some(item.as_str()?.to_owned()))
                .collect()
        };
        let tokens = case["tokens"].as_object().into_iter().flatten();
        Self {
            bound: BTreeMap::new(),
            literal: tokens
                .filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
                .collect(),
            skip: texts(&case["skip_paths"])
                .iter()
                .map(|path| parts(path))
                .collect(),
            parallel_sorted: case["event_order"] == "parallel-sorted",
            differences: Vec::new(),
        }
    }

    pub(crate) fn compare(&mut self, expected: &Value, actual: &Value, path: &[String]) {
        if self.skipped(path) {
            return;
        }
        if let Value::String(expected) = expected {
            if !self.text(expected, actual) {
                self.differ(path, &json!(expected), actual);
            }
            return;
        }
        let parsed = actual
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok());
        let actual = parsed.as_ref().unwrap_or(actual);
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                for (key, value) in expected {
                    let path = child(path, key);
                    match actual.get(key) {
                        Some(found) => self.compare(value, found, &path),
                        None if self.skipped(&path) => {}
                        None => self.differ(&path, value, &json!("<missing>")),
                    }
                }
                for (key, value) in actual {
                    let path = child(path, key);
                    if !expected.contains_key(key) && !self.skipped(&path) {
                        self.differ(&path, &json!("<absent>"), value);
                    }
                }
            }
            (Value::Array(expected), Value::Array(actual)) => self.lists(expected, actual, path),
            (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
            (expected, actual) if expected == actual => {}
            (expected, actual) => self.differ(path, expected, actual),
        }
    }

    fn lists(&mut self, expected: &[Value], actual: &[Value], path: &[String]) {
        let mut actual = actual.to_vec();
        if self.parallel_sorted && path.last().is_some_and(|last| last == "events") {
            actual = self.pair_sorted(expected, parallel_sorted(actual), path);
        }
        if expected.len() != actual.len() {
            let lengths = (json!(expected.len()), json!(actual.len()));
            self.differ(&child(path, "length"), &lengths.0, &lengths.1);
        }
        for (place, (expected, actual)) in expected.iter().zip(&actual).enumerate() {
            self.compare(expected, actual, &child(path, &place.to_string()));
        }
    }

    /// Events without an order: for each the first that it matches.
    fn pair_sorted(&self, expected: &[Value], mut pool: Vec<Value>, path: &[String]) -> Vec<Value> {
        let mut known = self.clone();
        let mut paired = Vec::new();
        for event in expected {
            let unordered = event["id"] == json!([0]);
            let mut same = pool
                .iter()
                .enumerate()
                .filter(|(_, e)| (e["id"] == json!([0])) == unordered);
            let matching = same.clone().find(|(_, candidate)| {
                let mut trial = known.clone();
                trial.differences.clear();
                trial.compare(event, candidate, &child(path, "0"));
                let fits = trial.differences.is_empty();
                if fits && unordered {
                    known = trial;
                }
                fits && unordered
            });
            if let Some(place) = matching.or_else(|| same.next()).map(|(place, _)| place) {
                paired.push(pool.remove(place));
            }
        }
        paired.extend(pool);
        paired
    }

    fn text(&mut self, expected: &str, actual: &Value) -> bool {
        if actual.get("$datetime").is_some() {
            return expected.contains("⟦*") || expected == "datetime";
        }
        let rendered;
        let actual = match actual {
            Value::String(text) => text,
            other if !expected.contains('⟦') => {
                let _ = other;
                return false;
            }
            other => {
                rendered = other.to_string();
                &rendered
            }
        };
        // What the world answered was taken from the recording, placeholders and all.
        if !expected.contains('⟦') || expected == actual {
            return expected == actual;
        }
        let pieces = pieces(expected);
        if let [Piece::Token(name)] = pieces.as_slice()
            && name.starts_with('*')
        {
            return true;
        }
        let mut new = BTreeMap::new();
        if !self.pieces(&pieces, actual, &mut new) {
            return false;
        }
        for (name, text) in new {
            if self.literal.get(&name) != Some(&text) {
                self.bound.insert(name, text);
            }
        }
        true
    }

    fn pieces(&self, pieces: &[Piece<'_>], text: &str, new: &mut BTreeMap<String, String>) -> bool {
        let Some((first, rest)) = pieces.split_first() else {
            return text.is_empty();
        };
        let name = match first {
            Piece::Text(literal) => {
                return text
                    .strip_prefix(literal)
                    .is_some_and(|text| self.pieces(rest, text, new));
            }
            Piece::Token(name) => *name,
        };
        let known = self.bound.get(name).or_else(|| new.get(name)).cloned();
        let literal = self.literal.get(name).cloned();
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for end in ends {
            let (candidate, after) = text.split_at(end);
            let fits = if name == "?date" {
                candidate == "date" || (candidate.len() >= 16 && candidate.contains('T'))
            } else if name.starts_with('*') {
                true
            } else if let Some(known) = &known {
                candidate == known || Some(candidate) == literal.as_deref()
            } else {
                !candidate.is_empty()
            };
            if !fits {
                continue;
            }
            let mut tried = new.clone();
            if known.is_none() && !name.starts_with(['*', '?']) {
                tried.insert(name.to_owned(), candidate.to_owned());
            }
            if self.pieces(rest, after, &mut tried) {
                *new = tried;
                return true;
            }
        }
        false
    }

    fn skipped(&self, path: &[String]) -> bool {
        self.skip.iter().any(|skip| matches(skip, path))
    }

    fn differ(&mut self, path: &[String], expected: &Value, actual: &Value) {
        let cut = |value: &Value| value.to_string().chars().take(300).collect::<String>();
        self.differences.push(format!(
            "{}: expected {} but was {}",
            path.join("."),
            cut(expected),
            cut(actual)
        ));
    }
}

fn child(path: &[String], key: &str) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(key.to_owned());
    path
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, token)) = rest.split_once('⟦') {
        let Some((name, after)) = token.split_once('⟧') else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Token(name));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// `$..a..b`, `$.a[0].b`, `$..x[*].y`
fn parts(path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            parts.push(Part::Any);
            rest = after;
            continue;
        }
        rest = rest.strip_prefix(['.', '[']).unwrap_or(rest);
        let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if !key.is_empty() {
            parts.push(Part::Key(key.trim_matches(['\'', '"']).to_owned()));
        }
        rest = after.strip_prefix(']').unwrap_or(after);
    }
    parts
}

fn matches(skip: &[Part], path: &[String]) -> bool {
    match (skip.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((Part::Any, skip)), _) => (0..=path.len()).any(|from| matches(skip, &path[from..])),
        (Some((Part::Key(key), skip)), Some((first, path))) => {
            (key == "*" || key == first) && matches(skip, path)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What the recording did to the events of a Parallel; the list shrinks while it is walked, as in the original.
fn parallel_sorted(mut events: Vec<Value>) -> Vec<Value> {
    let mut start = None;
    let mut inside: Vec<Value> = Vec::new();
    let mut within = false;
    let mut place = 0;
    while place < events.len() {
        let kind = events[place]["type"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        match kind.as_str() {
            "ParallelStateSucceeded"
            | "ParallelStateAborted"
            | "ParallelStateExited"
            | "ParallelStateFailed" => {
                if let Some(start) = start {
                    inside.sort_by_key(std::string::ToString::to_string);
                    let end = place.max(start);
                    events.splice(start..end, inside.iter().cloned());
                }
                within = false;
            }
            "ParallelStateStarted" => {
                within = true;
                inside = Vec::new();
                start = Some(place + 1);
            }
            _ if within => {
                events[place]["id"] = json!([0]);
                events[place]["previousEventId"] = json!(0);
                inside.push(events[place].clone());
            }
            _ => {}
        }
        place += 1;
    }
    events
}
