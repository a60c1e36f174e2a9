//! Tokens over a document, step for step as Jayway walks.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{Function, JsonPath, PathError, Token};
use crate::data::BYTES_A_STEP;
use crate::{Array, Json, Object};

/// What one evaluation may visit: a document of 256 KB has at most some 130,000 values, and a path with one scan
/// visits each a few times.
const STEPS_MAX: usize = 5_000_000;

/// To keep a value costs memory, too.
const KEPT_STEPS: usize = 3;

/// Why the walk ended.
#[derive(Debug)]
pub(super) enum Problem {
    /// Jayway's PathNotFoundException.
    Missing(String),
    /// Jayway's InvalidPathException.
    Unfit(String),
}

/// Where the walk is, for messages.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Property(&'a str),
    Index(i64),
}

struct Walk<'a> {
    root: &'a Json,
    found: Vec<Json>,
    steps: &'a mut Steps,
}

/// What an evaluation may still do.
pub(super) struct Steps(usize);

impl Steps {
    pub(super) fn new(steps: usize) -> Self {
        Self(steps)
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Problem> {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        match left {
            Some(_) => Ok(()),
            None => Err(Problem::Unfit("the path visits too many values".to_owned())),
        }
    }

    /// For work that goes over that many bytes.
    pub(super) fn spend_bytes(&mut self, bytes: usize) -> Result<(), Problem> {
        self.spend(bytes / BYTES_A_STEP)
    }

    pub(super) fn left(&self) -> usize {
        self.0
    }
}

/// The value, and what is left of so many steps: none where one path has taken more than it may.
pub(super) fn evaluate(
    path: &JsonPath,
    root: &Json,
    steps: usize,
) -> (Result<Json, PathError>, usize) {
    let allowed = steps.min(STEPS_MAX);
    let mut left = Steps::new(allowed);
    let value = value(&path.tokens, root, root, &mut left).map_err(|problem| {
        let (reason, missing) = match problem {
            Problem::Missing(reason) => (reason, true),
            Problem::Unfit(reason) => (reason, false),
        };
        PathError {
            path: Arc::clone(&path.text),
            reason,
            missing,
            too_large: false,
        }
    });
    let left = match left.left() {
        0 => 0,
        left => steps - (allowed - left),
    };
    (value, left)
}

/// The value of tokens in `model`; `$` of filters is `root`.
pub(super) fn value(
    tokens: &[Token],
    model: &Json,
    root: &Json,
    steps: &mut Steps,
) -> Result<Json, Problem> {
    let (tokens, function) = match tokens.split_last() {
        Some((Token::Function(function), before)) => (before, Some(*function)),
        _ => (tokens, None),
    };
    let definite = tokens.iter().all(Token::is_definite);
    let mut walk = Walk {
        root,
        found: Vec::new(),
        steps: &mut *steps,
    };
    walk.walk(
        tokens,
        true,
        model,
        Place {
            parent: None,
            step: Step::Root,
        },
    )?;
    let value = if definite {
        let found = walk.found.into_iter().next();
        found.ok_or_else(|| Problem::Missing(format!("No results for path: {}", render(tokens))))?
    } else {
        Json::array(walk.found)
    };
    match function {
        None => Ok(value),
        Some(function) => {
            steps.spend_bytes(value.text_bytes_min())?;
            function.apply(&value)
        }
    }
}

impl Walk<'_> {
    /// `definite` tells whether all tokens before these were.
    fn walk(
        &mut self,
        tokens: &[Token],
        definite: bool,
        model: &Json,
        place: Place<'_>,
    ) -> Result<(), Problem> {
        self.steps.spend(1)?;
        let Some((token, rest)) = tokens.split_first() else {
            self.found.push(model.clone());
            return self.steps.spend(KEPT_STEPS);
        };
        match token {
            Token::Properties(names) => self.properties(names, rest, definite, model, place),
            Token::Wildcard => self.wildcard(rest, model, place),
            Token::Scan => match rest.split_first() {
                Some((next, after)) => self.scan(next, after, rest, model, place),
                None => Ok(()),
            },
            Token::Indexes(indexes) => {
                let array = Self::array(token, model)?;
                indexes.iter().try_for_each(|index| {
                    self.index(*index, rest, definite && indexes.len() == 1, array, place)
                })
            }
            Token::FromEnd(offset) => {
                let array = Self::array(token, model)?;
                self.index(array.len() as i64 - offset, rest, definite, array, place)
            }
            Token::SliceFrom(from) => {
                let array = Self::array(token, model)?;
                let length = array.len() as i64;
                let from = if *from < 0 {
                    (length + from).max(0)
                } else {
                    *from
                };
                (from..length).try_for_each(|index| self.index(index, rest, false, array, place))
            }
            Token::SliceTo(to) => {
                let array = Self::array(token, model)?;
                let length = array.len() as i64;
                let to = if *to < 0 {
                    length + to
                } else {
                    (*to).min(length)
                };
                (0..to).try_for_each(|index| self.index(index, rest, false, array, place))
            }
            Token::SliceBetween(from, to) => {
                let array = Self::array(token, model)?;
                let to = (*to).min(array.len() as i64);
                if *from < 0 && *from < to && !array.is_empty() {
                    return Err(out_of_bounds(*from, place));
                }
                (*from..to).try_for_each(|index| self.index(index, rest, false, array, place))
            }
            Token::Filter(filter) => match model {
                Json::Object(_) => {
                    if filter.accepts(model, self.root, self.steps)? {
                        self.walk(rest, false, model, place)?;
                    }
                    Ok(())
                }
                Json::Array(array) => {
                    for (index, item) in array.iter().enumerate() {
                        self.steps.spend(1)?;
                        if filter.accepts(item, self.root, self.steps)? {
                            self.index(index as i64, rest, false, array, place)?;
                        }
                    }
                    Ok(())
                }
                _ => Err(Problem::Unfit(format!(
                    "Filter: [?] can not be applied to primitives. Current context is: {model}"
                ))),
            },
            Token::Function(_) => Err(Problem::Unfit(
                "a function must be at the end of the path".to_owned(),
            )),
        }
    }

    fn array<'m>(token: &Token, model: &'m Json) -> Result<&'m Array, Problem> {
        model.as_array().ok_or_else(|| {
            let filter = render(std::slice::from_ref(token));
            let filter = filter.strip_prefix('$').unwrap_or(&filter);
            Problem::Unfit(format!(
                "Filter: {filter} can only be applied to arrays. Current context is: {model}"
            ))
        })
    }

    fn index(
        &mut self,
        index: i64,
        rest: &[Token],
        definite: bool,
        array: &Array,
        place: Place<'_>,
    ) -> Result<(), Problem> {
        let effective = if index < 0 {
            array.len() as i64 + index
        } else {
            index
        };
        let item = usize::try_from(effective)
            .ok()
            .and_then(|effective| array.get(effective));
        let item = item.ok_or_else(|| out_of_bounds(index, place))?;
        self.walk(
            rest,
            definite,
            item,
            Place {
                parent: Some(&place),
                step: Step::Index(index),
            },
        )
    }

    fn properties(
        &mut self,
        names: &[Arc<str>],
        rest: &[Token],
        definite: bool,
        model: &Json,
        place: Place<'_>,
    ) -> Result<(), Problem> {
        let bytes = names.iter().map(|name| name.len());
        self.steps.spend_bytes(bytes.sum())?;
        let Json::Object(object) = model else {
            return Err(Problem::Missing(format!(
                "Property {} not found in path {}",
                quoted(names),
                place.text()
            )));
        };
        if let [name] = names {
            let here = Place {
                parent: Some(&place),
                step: Step::Property(name),
            };
            return match object.get(name) {
                Some(value) => self.walk(rest, definite, value, here),
                None if rest.is_empty() || !definite => Ok(()),
                None => Err(Problem::Missing(format!(
                    "Missing property in path {}",
                    here.text()
                ))),
            };
        }
        if !rest.is_empty() {
            let list = quoted(names);
            return Err(Problem::Unfit(format!(
                "Multi properties can only be used as path leafs: ${list}"
            )));
        }
        let some = names.iter().filter_map(|name| {
            object
                .get(name)
                .map(|value| (Arc::clone(name), value.clone()))
        });
        self.found.push(Json::Object(some.collect()));
        Ok(())
    }

    fn wildcard(&mut self, rest: &[Token], model: &Json, place: Place<'_>) -> Result<(), Problem> {
        match model {
            Json::Object(object) => object.iter().try_for_each(|(name, value)| {
                self.walk(
                    rest,
                    false,
                    value,
                    Place {
                        parent: Some(&place),
                        step: Step::Property(name),
                    },
                )
            }),
            Json::Array(array) => (0..array.len() as i64).try_for_each(|index| {
                match self.index(index, rest, false, array, place) {
                    Err(Problem::Missing(_)) => Ok(()),
                    result => result,
                }
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }
    }

    /// `next` is the token behind the dots, `tokens` that and all after it.
    fn scan(
        &mut self,
        next: &Token,
        after: &[Token],
        tokens: &[Token],
        model: &Json,
        place: Place<'_>,
    ) -> Result<(), Problem> {
        self.steps.spend(1)?;
        match model {
            Json::Object(object) => {
                if self.scan_matches(next, model)? {
                    self.walk(tokens, false, model, place)?;
                }
                object.iter().try_for_each(|(name, value)| {
                    let here = Place {
                        parent: Some(&place),
                        step: Step::Property(name),
                    };
                    self.scan(next, after, tokens, value, here)
                })
            }
            Json::Array(array) => {
                if self.scan_matches(next, model)? {
                    if after.is_empty() {
                        self.walk(tokens, false, model, place)?;
                    } else {
                        // Jayway applies what follows to every element, whatever the token itself would choose.
                        for (index, item) in array.iter().enumerate() {
                            let here = Place {
                                parent: Some(&place),
                                step: Step::Index(index as i64),
                            };
                            self.walk(after, false, item, here)?;
                        }
                    }
                }
                array.iter().enumerate().try_for_each(|(index, item)| {
                    let here = Place {
                        parent: Some(&place),
                        step: Step::Index(index as i64),
                    };
                    self.scan(next, after, tokens, item, here)
                })
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }
    }

    fn scan_matches(&mut self, next: &Token, model: &Json) -> Result<bool, Problem> {
        Ok(match next {
            Token::Properties(names) => {
                !names.is_empty()
                    && model
                        .as_object()
                        .is_some_and(|object| names.iter().all(|name| object.contains_key(name)))
            }
            Token::Wildcard => true,
            Token::Indexes(_)
            | Token::SliceFrom(_)
            | Token::SliceTo(_)
            | Token::SliceBetween(..)
            | Token::FromEnd(_) => {
                // An index that one array lacks is no failure of a search through all of them.
                model.as_array().is_some_and(|array| match next {
                    Token::Indexes(indexes) => indexes.iter().all(|index| {
                        let length = array.len() as i64;
                        (if *index < 0 { length + index } else { *index }) < length
                            && *index >= -length
                    }),
                    Token::FromEnd(offset) => (1..=array.len() as i64).contains(offset),
                    _ => true,
                })
            }
            Token::Filter(filter) => filter.accepts(model, self.root, self.steps)?,
            Token::Scan | Token::Function(_) => false,
        })
    }
}

fn out_of_bounds(index: i64, place: Place<'_>) -> Problem {
    let here = Place {
        parent: Some(&place),
        step: Step::Index(index),
    };
    Problem::Missing(format!(
        "Index out of bounds when evaluating path {}",
        here.text()
    ))
}

impl Place<'_> {
    fn text(&self) -> String {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            steps.push(here.step);
            place = here.parent;
        }
        let mut text = String::new();
        for step in steps.iter().rev() {
            let _ = match step {
                Step::Root => write!(text, "$"),
                Step::Property(name) => write!(text, "['{name}']"),
                Step::Index(index) => write!(text, "[{index}]"),
            };
        }
        text
    }
}

fn quoted(names: &[Arc<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", names.join(", "))
}

/// Tokens in Jayway's normal form, `$['a'][0]`.
pub(super) fn render(tokens: &[Token]) -> String {
    let mut text = "$".to_owned();
    for token in tokens {
        let _ = match token {
            Token::Properties(names) => write!(text, "{}", quoted(names)),
            Token::Wildcard => write!(text, "[*]"),
            Token::Scan => write!(text, ".."),
            Token::Indexes(indexes) => {
                let indexes: Vec<String> = indexes.iter().map(i64::to_string).collect();
                write!(text, "[{}]", indexes.join(", "))
            }
            Token::SliceFrom(from) => write!(text, "[{from}:]"),
            Token::SliceTo(to) => write!(text, "[:{to}]"),
            Token::SliceBetween(from, to) => write!(text, "[{from}:{to}]"),
            Token::FromEnd(offset) => write!(text, "[(@.length-{offset})]"),
            Token::Filter(_) => write!(text, "[?]"),
            Token::Function(function) => write!(text, ".{}()", function.name()),
        };
    }
    text
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Min => "min",
            Self::Max => "max",
            Self::Average => "avg",
            Self::StandardDeviation => "stddev",
            Self::Keys => "keys",
        }
    }

    fn apply(self, value: &Json) -> Result<Json, Problem> {
        let count = |length: usize| Json::from(length as u64);
        match self {
            Self::Length => Ok(match value {
                Json::Array(array) => count(array.len()),
                Json::Object(object) => count(object.len()),
                Json::String(text) => count(text.encode_utf16().count()),
                Json::Null | Json::Bool(_) | Json::Number(_) => Json::Null,
            }),
            Self::Keys => Ok(value.as_object().map_or(Json::Null, Object::key_array)),
            Self::Min | Self::Max | Self::Average | Self::StandardDeviation => {
                let numbers: Vec<f64> = value
                    .as_array()
                    .map(|array| array.iter().filter_map(Json::as_f64).collect())
                    .unwrap_or_default();
                if numbers.is_empty() {
                    return Err(Problem::Unfit(
                        "Aggregation function attempted to calculate value using empty array"
                            .to_owned(),
                    ));
                }
                let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
                let result = match self {
                    Self::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
                    Self::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    Self::StandardDeviation => {
                        let squares = numbers
                            .iter()
                            .map(|number| (number - mean) * (number - mean))
                            .sum::<f64>();
                        (squares / numbers.len() as f64).sqrt()
                    }
                    Self::Average | Self::Length | Self::Keys => mean,
                };
                Ok(serde_json::Number::from_f64(result).map_or(Json::Null, Json::Number))
            }
        }
    }
}

impl Object {
    fn key_array(&self) -> Json {
        Json::array(self.keys().map(|key| Json::String(Arc::clone(key))))
    }
}
