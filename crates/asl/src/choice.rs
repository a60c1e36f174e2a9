//! The conditions of choice rules.

use std::cmp::Ordering;

use crate::machine::{Comparison, Condition, Operand, OperandType, Relation};
use crate::{Data, Json, JsonPath, Place, StatesError, parse_timestamp};

impl Condition {
    /// Whether it holds; `place` is that of a JSONata condition. Values of another type than the comparator's compare as unequal, not as errors.
    ///
    /// # Errors
    /// `States.Runtime` if a `Variable` (but for `IsPresent`) or a `…Path` names nothing;
    /// `States.QueryEvaluationError`.
    pub fn evaluate(&self, data: &Data<'_>, place: Place) -> Result<bool, StatesError> {
        Ok(match self {
            Self::And(conditions) => {
                for condition in conditions {
                    if !condition.evaluate(data, place)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Or(conditions) => {
                for condition in conditions {
                    if condition.evaluate(data, place)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not(condition) => !condition.evaluate(data, place)?,
            Self::Compare {
                variable,
                comparison: Comparison::IsPresent(wanted),
            } => {
                let found = variable.evaluate(data);
                let present = found.map_or_else(|error| error.too_large, |_| true);
                data.allowance.check_steps()?;
                present == *wanted
            }
            Self::Compare {
                variable,
                comparison,
            } => {
                let value = read(variable, data)?;
                data.allowance.spend_bytes(value.text_bytes_min())?;
                comparison.holds(&value, data)?
            }
            Self::Expression(expression) => {
                let value = expression.evaluate(data, place)?;
                value.as_bool().ok_or_else(|| {
                    StatesError::unexpected_type(place, expression.text(), "boolean", &value)
                })?
            }
            Self::Literal(value) => *value,
        })
    }
}

impl Comparison {
    fn holds(&self, value: &Json, data: &Data<'_>) -> Result<bool, StatesError> {
        Ok(match self {
            Self::Relation {
                operand_type,
                relation,
                operand,
            } => {
                let other = match operand {
                    Operand::Literal(other) => other.clone(),
                    Operand::Path(path) => read(path, data)?,
                };
                order(*operand_type, value, &other).is_some_and(|ordering| relation.holds(ordering))
            }
            Self::StringMatches(pattern) => {
                value.as_str().is_some_and(|text| matches(pattern, text))
            }
            Self::IsNull(wanted) => value.is_null() == *wanted,
            Self::IsPresent(wanted) => *wanted,
            Self::IsNumeric(wanted) => value.as_number().is_some() == *wanted,
            Self::IsString(wanted) => value.as_str().is_some() == *wanted,
            Self::IsBoolean(wanted) => value.as_bool().is_some() == *wanted,
            Self::IsTimestamp(wanted) => {
                value.as_str().and_then(parse_timestamp).is_some() == *wanted
            }
        })
    }
}

impl Relation {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::GreaterThan => ordering.is_gt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

fn read(path: &JsonPath, data: &Data<'_>) -> Result<Json, StatesError> {
    path.evaluate(data).or_else(|_| {
        data.allowance.check_steps()?;
        Err(StatesError::runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        )))
    })
}

/// None where one of them is not of that type.
fn order(operand_type: OperandType, left: &Json, right: &Json) -> Option<Ordering> {
    match operand_type {
        // Java compares UTF-16 units, not code points.
        OperandType::String => Some(
            left.as_str()?
                .encode_utf16()
                .cmp(right.as_str()?.encode_utf16()),
        ),
        OperandType::Numeric => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
        },
        OperandType::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        OperandType::Timestamp => {
            Some(parse_timestamp(left.as_str()?)?.cmp(&parse_timestamp(right.as_str()?)?))
        }
    }
}

/// `*` matches any text, a backslash takes the next character as it is. What stands between the stars is searched for
/// once, from left to right.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, pieces.last_mut()) {
            ('*', _) => pieces.push(String::new()),
            ('\\', Some(piece)) => piece.push(chars.next().unwrap_or('\\')),
            (_, Some(piece)) => piece.push(c),
            (_, None) => {}
        }
    }
    let Some((first, rest)) = pieces.split_first() else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return text == first;
    };
    let Some(mut text) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match text.split_once(piece.as_str()) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("log-*.txt", "log-1.txt", true),
            ("log-*.txt", "log-1.txt.gz", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "abab", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"\\*", r"\x", true),
            ("é*", "été", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(50), &"a".repeat(49)));
    }

    #[test]
    fn a_missing_variable_is_an_error_unless_it_is_asked_for() {
        let evaluate = |rule: &str| {
            let text = format!(
                r#"{{"StartAt":"C","States":{{"C":{{"Type":"Choice","Choices":[{rule}],"Default":"S"}},"S":{{"Type":"Succeed"}}}}}}"#
            );
            let machine = crate::parse(&text)
                .machine
                .unwrap_or_else(|| panic!("{text}"));
            let crate::machine::Kind::Choice(choice) = &machine.scopes[0].states["C"].kind else {
                panic!("a choice")
            };
            let input = Json::from_text(r#"{"a":null,"n":1,"s":"x"}"#).unwrap_or_default();
            let entropy = std::cell::RefCell::new(crate::Entropy::new([0; 16]));
            let data = Data {
                input: &input,
                context: &|| Json::Null,
                variables: &|_| None,
                entropy: &entropy,
                allowance: &crate::Allowance::default(),
                jsonata: crate::JsonataData::default(),
            };
            choice.rules[0]
                .condition
                .evaluate(&data, Place::Field("Choices"))
                .map_err(|error| error.to_string())
        };
        let missing = |path: &str| {
            Err(format!(
                "States.Runtime: Invalid path '{path}': The choice state's condition path references an invalid value."
            ))
        };
        assert_eq!(
            evaluate(r#"{"Variable":"$.x","IsPresent":false,"Next":"S"}"#),
            Ok(true)
        );
        assert_eq!(
            evaluate(r#"{"Variable":"$.a","IsPresent":true,"Next":"S"}"#),
            Ok(true)
        );
        assert_eq!(
            evaluate(r#"{"Variable":"$.a","IsNull":true,"Next":"S"}"#),
            Ok(true)
        );
        assert_eq!(
            evaluate(r#"{"Variable":"$.s","NumericEquals":1,"Next":"S"}"#),
            Ok(false)
        );
        assert_eq!(
            evaluate(r#"{"Variable":"$.x","IsNull":true,"Next":"S"}"#),
            missing("$.x")
        );
        assert_eq!(
            evaluate(r#"{"Variable":"$.s","StringEqualsPath":"$.y","Next":"S"}"#),
            missing("$.y")
        );
        assert_eq!(
            evaluate(
                r#"{"And":[{"Variable":"$.x","IsPresent":true},{"Variable":"$.x","IsNull":true}],"Next":"S"}"#
            ),
            Ok(false)
        );
        assert_eq!(
            evaluate(
                r#"{"Or":[{"Not":{"Variable":"$.n","NumericLessThan":1}},{"Variable":"$.x","IsNull":true}],"Next":"S"}"#
            ),
            Ok(true)
        );
    }

    #[test]
    fn other_types_are_unequal() {
        let order = |kind, left: &str, right: &str| {
            order(
                kind,
                &Json::from_text(left).unwrap_or_default(),
                &Json::from_text(right).unwrap_or_default(),
            )
        };
        assert_eq!(order(OperandType::String, "1", "\"1\""), None);
        assert_eq!(
            order(OperandType::Numeric, "1", "1.0"),
            Some(Ordering::Equal)
        );
        assert_eq!(
            order(OperandType::Numeric, "9007199254740993", "9007199254740992"),
            Some(Ordering::Greater)
        );
        assert_eq!(order(OperandType::Boolean, "true", "null"), None);
        assert_eq!(
            order(OperandType::Timestamp, "\"2016-03-14T01:59Z\"", "\"x\""),
            None
        );
        assert_eq!(
            order(
                OperandType::Timestamp,
                "\"2016-03-14T01:59:00Z\"",
                "\"2016-03-14T02:59:00+01:00\""
            ),
            Some(Ordering::Equal)
        );
    }
}
