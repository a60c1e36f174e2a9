//! JSONPath in Jayway's dialect, which is Step Functions'.
//!
//! Where the conformance data show what Jayway does with an odd path, we do the same; what we do otherwise stands in
//! `tests/jsonpath_differences.txt` with a reason.

mod compile;
mod evaluate;
mod filter;
mod reference;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{Data, Json, StatesError};

pub use reference::ReferencePath;

use filter::Filter;

/// A path into the input (`$`), the context object (`$$`) or a variable (`$name`).
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: Arc<str>,
    root: Root,
    tokens: Arc<[Token]>,
}

/// What a path starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// `$`
    Input,
    /// `$$`
    Context,
    /// `$name`
    Variable(Arc<str>),
}

/// One step of a path.
#[derive(Debug)]
enum Token {
    /// `.a`, `['a']`, `['a','b']`
    Properties(Vec<Arc<str>>),
    /// `.*`, `[*]`
    Wildcard,
    /// `..`
    Scan,
    /// `[0]`, `[0,2]`
    Indexes(Vec<i64>),
    /// `[1:]`
    SliceFrom(i64),
    /// `[:2]`
    SliceTo(i64),
    /// `[1:2]`
    SliceBetween(i64, i64),
    /// `[(@.length-1)]`
    FromEnd(i64),
    /// `[?(…)]`
    Filter(Filter),
    /// `.length()`, at the end only
    Function(Function),
}

/// A function at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Length,
    Min,
    Max,
    Average,
    StandardDeviation,
    Keys,
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PathSyntaxError(pub(crate) String);

/// Why a path has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid path '{path}' : {reason}")]
pub struct PathError {
    /// The path as written.
    pub path: Arc<str>,
    /// In Jayway's words.
    pub reason: String,
    /// Whether there is simply nothing at the path, rather than something that the path does not fit.
    pub missing: bool,
    /// Whether what it names is larger than any payload may be.
    pub too_large: bool,
}

impl From<PathError> for StatesError {
    fn from(error: PathError) -> Self {
        if error.too_large {
            return Self::too_large();
        }
        Self::runtime(error.to_string())
    }
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// If the text is none.
    pub fn parse(text: &str) -> Result<Self, PathSyntaxError> {
        let (root, rest) = compile::root(text)?;
        Ok(Self {
            text: text.into(),
            root,
            tokens: compile::tokens(rest)?.into(),
        })
    }

    /// Reads a path as Jayway would, which begins with `$`, `@` or nothing.
    ///
    /// # Errors
    /// If the text is none.
    #[doc(hidden)]
    pub fn parse_jayway(text: &str) -> Result<Self, PathSyntaxError> {
        let rest = match text.strip_prefix(['$', '@']) {
            Some(rest) => rest.to_owned(),
            None if text.is_empty() => {
                return Err(PathSyntaxError("path can not be empty".to_owned()));
            }
            None => format!(".{text}"),
        };
        Ok(Self {
            text: text.into(),
            root: Root::Input,
            tokens: compile::tokens(&rest)?.into(),
        })
    }

    /// `$`
    pub fn root() -> Self {
        Self {
            text: "$".into(),
            root: Root::Input,
            tokens: Arc::new([]),
        }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What it starts from.
    pub fn starts_from(&self) -> &Root {
        &self.root
    }

    /// Whether it names exactly one value rather than a list of any number.
    pub fn is_definite(&self) -> bool {
        self.tokens.iter().all(Token::is_definite)
            || matches!(self.tokens.last(), Some(Token::Function(_)))
    }

    /// `$['a'][0]`, unless it has a filter.
    #[cfg(test)]
    fn normal_form(&self) -> Option<String> {
        let filters = self
            .tokens
            .iter()
            .any(|token| matches!(token, Token::Filter(_)));
        (!filters).then(|| evaluate::render(&self.tokens))
    }

    /// The same path, if it names one place: names and indexes only, in the context object only where that is allowed.
    ///
    /// # Errors
    /// If it is not so.
    pub(crate) fn into_reference(self, context: bool) -> Result<Self, PathSyntaxError> {
        let simple = self.tokens.iter().all(|token| match token {
            Token::Properties(names) => names.len() == 1,
            Token::Indexes(indexes) => matches!(indexes.as_slice(), [index] if *index >= 0),
            _ => false,
        });
        if !simple {
            return Err(PathSyntaxError(
                "the path may name more than one value".to_owned(),
            ));
        }
        if self.root == Root::Context && !context {
            return Err(PathSyntaxError(
                "the context object is not allowed here".to_owned(),
            ));
        }
        Ok(self)
    }

    /// The value of a definite path, the array of values of an indefinite one.
    ///
    /// # Errors
    /// If a definite path names nothing, an indefinite one does not fit what it meets.
    pub fn evaluate(&self, data: &Data<'_>) -> Result<Json, PathError> {
        let context;
        let variable;
        let root = match &self.root {
            Root::Input => data.input,
            Root::Context => {
                context = (data.context)();
                &context
            }
            Root::Variable(name) => {
                variable = (data.variables)(name).ok_or_else(|| PathError {
                    path: Arc::clone(&self.text),
                    reason: format!("No results for path: ${name}"),
                    missing: true,
                    too_large: false,
                })?;
                variable.value()
            }
        };
        let left = usize::try_from(data.allowance.path_steps.get()).unwrap_or(usize::MAX);
        let (value, left) = evaluate::evaluate(self, root, left);
        data.allowance.path_steps.set(left as u64);
        match value {
            // Recorded for `$.item.items[1:5].itemValue` in `{}`: where anything may match, nothing may.
            Err(error) if error.missing && !self.is_definite() => Ok(Json::array([])),
            Ok(value) if value.text_bytes_min() > data.allowance.bytes_max() => Err(PathError {
                path: Arc::clone(&self.text),
                reason: "the values are too large".to_owned(),
                missing: false,
                too_large: true,
            }),
            result => result,
        }
    }

    /// The same as Jayway by itself would give it, whatever the path starts from.
    ///
    /// # Errors
    /// As Jayway's.
    #[doc(hidden)]
    pub fn evaluate_jayway(&self, root: &Json) -> Result<Json, PathError> {
        evaluate::evaluate(self, root, usize::MAX).0
    }
}

impl PartialEq for JsonPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Token {
    fn is_definite(&self) -> bool {
        match self {
            Self::Properties(_) | Self::FromEnd(_) | Self::Function(_) => true,
            Self::Indexes(indexes) => indexes.len() == 1,
            Self::Wildcard
            | Self::Scan
            | Self::SliceFrom(_)
            | Self::SliceTo(_)
            | Self::SliceBetween(..)
            | Self::Filter(_) => false,
        }
    }
}
