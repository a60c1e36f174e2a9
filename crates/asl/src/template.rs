use crate::{Data, Expression, Intrinsic, Json, JsonPath, StatesError};
use std::sync::Arc;

/// A payload template: JSON in which some values are computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// Taken as it is.
    Literal(Json),
    /// An array with something to compute.
    Array(Vec<Template>),
    /// An object with something to compute.
    Object(Vec<(Arc<str>, Template)>),
    /// `"key.$": "$…"`
    Path(PathMember),
    /// `"key.$": "States.…(…)"`
    Intrinsic(Intrinsic),
    /// `"{% … %}"` (JSONata).
    Expression(Expression),
}

/// A path and the key it was written for, which AWS names where the path fails.
#[derive(Clone, Debug, PartialEq)]
pub struct PathMember {
    /// `value.$`
    pub key: Arc<str>,
    /// The path.
    pub path: JsonPath,
}

impl Template {
    /// Its value.
    ///
    /// # Errors
    /// `States.Runtime`, `States.ParameterPathFailure` where a path names nothing; `States.IntrinsicFailure`.
    pub fn evaluate(&self, data: &Data<'_>) -> Result<Json, StatesError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => items
                .iter()
                .map(|item| item.evaluate(data))
                .collect::<Result<_, _>>()
                .map(Json::Array),
            Self::Object(members) => members
                .iter()
                .map(|(key, value)| Ok((Arc::clone(key), value.evaluate(data)?)))
                .collect::<Result<_, _>>()
                .map(Json::Object),
            Self::Path(member) => Ok(member.path.evaluate(data)?),
            Self::Intrinsic(intrinsic) => intrinsic.evaluate(data),
            Self::Expression(expression) => expression.evaluate(data),
        }
    }
}
