use std::sync::Arc;

use super::{JsonPath, PathSyntaxError, Root, Token};
use crate::{DEPTH_MAX, Json, StatesError};

/// A path that names exactly one place: `$.a[0]['b c']`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferencePath {
    path: JsonPath,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Property(Arc<str>),
    Index(usize),
}

impl ReferencePath {
    /// Reads a path.
    ///
    /// # Errors
    /// If the text is none, names more than one place, or begins in the context object or in a variable.
    pub fn parse(text: &str) -> Result<Self, PathSyntaxError> {
        let path = JsonPath::parse(text)?;
        if path.root != Root::Input {
            return Err(PathSyntaxError(
                "a reference path must begin with '$.' or '$['".to_owned(),
            ));
        }
        let steps = path.tokens.iter().map(|token| match token {
            Token::Properties(names) => match names.as_slice() {
                [name] => Ok(Step::Property(Arc::clone(name))),
                _ => Err(PathSyntaxError(
                    "'[' must be followed by one name".to_owned(),
                )),
            },
            Token::Indexes(indexes) => match indexes.as_slice() {
                [index] => usize::try_from(*index)
                    .map(Step::Index)
                    .map_err(|_| PathSyntaxError(format!("the index {index} is negative"))),
                _ => Err(PathSyntaxError(
                    "'[' must be followed by one index".to_owned(),
                )),
            },
            _ => Err(PathSyntaxError(
                "the path may name more than one value".to_owned(),
            )),
        });
        let steps = steps.collect::<Result<_, _>>()?;
        Ok(Self { path, steps })
    }

    /// `$`
    pub fn root() -> Self {
        Self {
            path: JsonPath::root(),
            steps: Vec::new(),
        }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        self.path.text()
    }

    /// Whether it is `$`.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// What stands at this place in `root`.
    pub fn get<'a>(&self, root: &'a Json) -> Option<&'a Json> {
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Property(name) => value.get(name),
            Step::Index(index) => value.at(*index),
        })
    }

    /// `root` with `value` at this place; objects on the way are made where there is nothing.
    ///
    /// # Errors
    /// `States.ResultPathMatchFailure` if something else is in the way, or an array has no such element.
    pub fn set(&self, root: &Json, value: Json) -> Result<Json, StatesError> {
        let changed =
            set(Some(root), &self.steps, value).filter(|changed| changed.depth() <= DEPTH_MAX);
        changed.ok_or_else(|| {
            StatesError::new(
                "States.ResultPathMatchFailure",
                format!(
                    "Unable to apply ReferencePath {} to input {root}",
                    self.text()
                ),
            )
        })
    }
}

/// As deep as the path is long, which the parser bounds.
fn set(target: Option<&Json>, steps: &[Step], value: Json) -> Option<Json> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(value);
    };
    match (step, target) {
        (Step::Property(name), None) => {
            Some(Json::object([(Arc::clone(name), set(None, rest, value)?)]))
        }
        (Step::Property(name), Some(Json::Object(object))) => {
            let inner = set(object.get(name), rest, value)?;
            Some(Json::Object(object.with(Arc::clone(name), inner)))
        }
        (Step::Index(index), Some(Json::Array(array))) => {
            let inner = set(Some(array.get(*index)?), rest, value)?;
            let mut items = array.to_vec();
            *items.get_mut(*index)? = inner;
            Some(Json::from(items))
        }
        _ => None,
    }
}
