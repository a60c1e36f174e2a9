//! Operators.

use std::cmp::Ordering;

use crate::bounds::too_large;
use crate::error::{Fault, Result};
use crate::json::{self, Layout};
use crate::syntax::tree::{Node, Operator};
use crate::value::Value;

use super::{Evaluator, Maybe, is_numeric, out_of_range};

/// The reference implementation's limit for `..`; memory ends before.
const RANGE_MAX: f64 = 1e7;

impl Evaluator<'_, '_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &Node,
        right: &Node,
        position: usize,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let left = self.eval(left, input, frame)?;
        let blame = |fault: Box<Fault>| fault.at(position).token(operator.symbol());
        if matches!(operator, Operator::And | Operator::Or) {
            return self
                .logical(operator, left, right, input, frame)
                .map_err(blame);
        }
        let right = self.eval(right, input, frame)?;
        self.operate(operator, left.as_ref(), right.as_ref())
            .map_err(blame)
    }

    fn logical(
        &mut self,
        operator: Operator,
        left: Maybe,
        right: &Node,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let left = self.boolean(left.as_ref())?;
        if left == (operator == Operator::Or) {
            return Ok(Some(Value::Bool(left)));
        }
        let right = self.eval(right, input, frame)?;
        self.boolean(right.as_ref())
            .map(|right| Some(Value::Bool(right)))
    }

    fn operate(
        &mut self,
        operator: Operator,
        left: Option<&Value>,
        right: Option<&Value>,
    ) -> Result<Maybe> {
        match operator {
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => arithmetic(operator, left, right),
            Operator::Equal => self.equal(left, right, true),
            Operator::NotEqual => self.equal(left, right, false),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => self.compare(operator, left, right),
            Operator::Concatenate => self.concatenate(left, right),
            Operator::Range => self.range(left, right),
            Operator::In => self.includes(left, right),
            // These two do not evaluate their right side first.
            Operator::And | Operator::Or => Ok(None),
        }
    }

    fn equal(
        &mut self,
        left: Option<&Value>,
        right: Option<&Value>,
        wanted: bool,
    ) -> Result<Maybe> {
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(Some(Value::Bool(false)));
        };
        self.spend_comparison(left, right)?;
        Ok(Some(Value::Bool((left == right) == wanted)))
    }

    /// Equality looks at most at what the smaller one holds.
    pub(crate) fn spend_comparison(&mut self, left: &Value, right: &Value) -> Result<()> {
        self.meter().spend_bytes(left.bytes().min(right.bytes()))
    }

    fn compare(
        &mut self,
        operator: Operator,
        left: Option<&Value>,
        right: Option<&Value>,
    ) -> Result<Maybe> {
        let comparable = |value: Option<&Value>| {
            matches!(value, None | Some(Value::Number(_) | Value::String(_)))
        };
        if !comparable(left) || !comparable(right) {
            return Err(Fault::new("T2010"));
        }
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(None);
        };
        let ordering = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
            (Value::String(left), Value::String(right)) => {
                self.meter().spend_bytes(left.len().min(right.len()))?;
                Some(text_order(left, right))
            }
            _ => {
                let mut fault = Fault::new("T2009").value(json::shown(Some(left)));
                fault.second = Some(json::shown(Some(right)));
                return Err(fault);
            }
        };
        Ok(Some(Value::Bool(ordering.is_some_and(
            |ordering| match operator {
                Operator::Less => ordering.is_lt(),
                Operator::LessOrEqual => ordering.is_le(),
                Operator::Greater => ordering.is_gt(),
                _ => ordering.is_ge(),
            },
        ))))
    }

    fn concatenate(&mut self, left: Option<&Value>, right: Option<&Value>) -> Result<Maybe> {
        let mut side = |value: Option<&Value>| match value {
            Some(value) => self.text(value, Layout::Compact).map(Some),
            None => Ok(None),
        };
        let (left, right) = (side(left)?, side(right)?);
        let text = match (left, right) {
            (Some(left), Some(right)) => {
                self.meter().check_memory(left.len() + right.len())?;
                return self.string(format!("{left}{right}")).map(Some);
            }
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => "".into(),
        };
        self.string(text).map(Some)
    }

    fn includes(&mut self, left: Option<&Value>, right: Option<&Value>) -> Result<Maybe> {
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(Some(Value::Bool(false)));
        };
        let items = match right {
            Value::Array(array) => array,
            single => std::slice::from_ref(single),
        };
        self.spend(items.len() / 8)?;
        if let Value::String(text) = left {
            self.meter()
                .spend_bytes(text.len().saturating_mul(items.len()))?;
        }
        Ok(Some(Value::Bool(
            items.iter().any(|item| item.is_identical(left)),
        )))
    }

    fn range(&mut self, left: Option<&Value>, right: Option<&Value>) -> Result<Maybe> {
        let first = whole(left, "T2003")?;
        let last = whole(right, "T2004")?;
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        if first > last {
            return Ok(None);
        }
        let size = last - first + 1.0;
        if size > RANGE_MAX {
            return Err(Fault::new("D2014").value(crate::number::to_text(size)));
        }
        self.numbers(first, 1.0, size as usize).map(|mut array| {
            array.marks.sequence = true;
            Some(Value::Array(array))
        })
    }

    /// So many numbers, each a step from the one before.
    pub(crate) fn numbers(
        &mut self,
        first: f64,
        step: f64,
        count: usize,
    ) -> Result<crate::value::Array> {
        // Before anything is allocated.
        if count.saturating_mul(8) > self.meter().bounds().memory_bytes {
            return Err(too_large());
        }
        self.spend(count / 8)?;
        let items = (0..count)
            .map(|index| Value::Number(first + step * index as f64))
            .collect();
        self.array(items)
    }

    pub(super) fn negate(
        &mut self,
        operand: &Node,
        position: usize,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        match self.eval(operand, input, frame)? {
            None => Ok(None),
            Some(Value::Number(number)) if is_numeric(number)? => Ok(Some(Value::Number(-number))),
            Some(other) => Err(Fault::new("D1002")
                .at(position)
                .token("-")
                .value(json::shown(Some(&other)))),
        }
    }
}

fn arithmetic(operator: Operator, left: Option<&Value>, right: Option<&Value>) -> Result<Maybe> {
    let number = |value: Option<&Value>, code| match value {
        None => Ok(None),
        Some(Value::Number(number)) if is_numeric(*number)? => Ok(Some(*number)),
        Some(_) => Err(Fault::new(code)),
    };
    let (left, right) = (number(left, "T2001")?, number(right, "T2002")?);
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(None);
    };
    Ok(Some(Value::Number(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        _ => left % right,
    })))
}

fn whole(value: Option<&Value>, code: &'static str) -> Result<Option<f64>> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) if number.is_finite() && number.fract() == 0.0 => {
            Ok(Some(*number))
        }
        Some(_) => Err(Fault::new(code)),
    }
}

/// JavaScript's order of texts: by UTF-16 code units, in which what is beyond the basic plane begins with a
/// surrogate, D800 to DFFF.
pub(crate) fn text_order(left: &str, right: &str) -> Ordering {
    let unit = |character: char| {
        let point = u32::from(character);
        if point > 0xFFFF {
            0xD800 + ((point - 0x1_0000) >> 10)
        } else {
            point
        }
    };
    let differing = left
        .chars()
        .zip(right.chars())
        .find(|(left, right)| left != right);
    match differing {
        Some((left, right)) => unit(left).cmp(&unit(right)).then_with(|| left.cmp(&right)),
        None => left.len().cmp(&right.len()),
    }
}

/// All of these are numbers, none of them infinite.
pub(super) fn all_numbers(values: &[Value]) -> Result<bool> {
    let mut all = true;
    for value in values {
        all &= match value {
            Value::Number(number) if number.is_infinite() => return Err(out_of_range()),
            Value::Number(number) => !number.is_nan(),
            _ => false,
        };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_javascripts_order() {
        assert_eq!(text_order("a", "b"), Ordering::Less);
        assert_eq!(text_order("ab", "a"), Ordering::Greater);
        assert_eq!(text_order("a", "a"), Ordering::Equal);
        assert_eq!(text_order("😀", "～"), Ordering::Less);
        assert_eq!(text_order("😀", "😁"), Ordering::Less);
    }
}
