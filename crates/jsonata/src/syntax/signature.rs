//! What arguments a function takes: `<s-n?:s>`.

use crate::error::{Fault, Result};
use crate::json;
use crate::value::{Array, Value};

/// A function's parameters.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Default)]
struct Parameter {
    /// The symbols of the types it takes.
    types: String,
    kind: char,
    /// What the items of an array must be.
    subtype: Option<String>,
    /// The context item stands in for it.
    context: bool,
    optional: bool,
    repeated: bool,
}

/// `m` is an argument that is undefined.
const MISSING: char = 'm';
const ANY: &str = "asnblfom";

impl Signature {
    /// The text with its angle brackets. The error's index is where in the text it is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let symbols: Vec<char> = text.chars().collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut at = 1;
        while let Some(&symbol) = symbols.get(at) {
            match symbol {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => {
                    parameters.push(Parameter::new(symbol, format!("{symbol}{MISSING}")));
                }
                'a' | 'x' => parameters.push(Parameter::new(symbol, ANY)),
                'f' => parameters.push(Parameter::new(symbol, "f")),
                'j' => parameters.push(Parameter::new(symbol, "asnblom")),
                '(' => {
                    let end = closing(&symbols, at, '(', ')');
                    let choice: String = symbols
                        .get(at + 1..end)
                        .unwrap_or_default()
                        .iter()
                        .collect();
                    if choice.contains('<') {
                        return Err(Fault::new("S0402").value(json::quoted(&choice)).index(at));
                    }
                    parameters.push(Parameter::new('(', format!("{choice}{MISSING}")));
                    at = end;
                }
                '-' | '?' | '+' => {
                    if let Some(last) = parameters.last_mut() {
                        last.context |= symbol == '-';
                        last.optional |= symbol != '+';
                        last.repeated |= symbol == '+';
                    }
                }
                '<' => {
                    let Some(last) = parameters
                        .last_mut()
                        .filter(|last| matches!(last.kind, 'a' | 'f'))
                    else {
                        return Err(Fault::new("S0401").index(at));
                    };
                    let end = closing(&symbols, at, '<', '>');
                    last.subtype = Some(
                        symbols
                            .get(at + 1..end)
                            .unwrap_or_default()
                            .iter()
                            .collect(),
                    );
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
        Ok(Self { parameters })
    }

    /// The arguments as the function wants them: missing ones filled from the context, single values made arrays.
    /// `steps` is told how many items were looked at.
    pub(crate) fn validate(
        &self,
        arguments: Vec<Option<Value>>,
        context: Option<&Value>,
        steps: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Vec<Option<Value>>> {
        let supplied: Vec<char> = arguments
            .iter()
            .map(|argument| symbol_of(argument.as_ref()))
            .collect();
        let repeats = self.parameters.iter().any(|parameter| parameter.repeated);
        let longest = if repeats { supplied.len() } else { 1 };
        steps((self.parameters.len() * supplied.len()).saturating_mul(longest) / 8)?;
        let Some(taken) = self.match_counts(&supplied) else {
            return Err(self.mismatch(&supplied));
        };
        let mut validated = Vec::with_capacity(self.parameters.len());
        let mut next = 0;
        for (parameter, count) in self.parameters.iter().zip(taken) {
            if count == 0 && parameter.context {
                if !parameter.types.contains(symbol_of(context)) {
                    return Err(Fault::new("T0411").index(next + 1));
                }
                validated.push(context.cloned());
                continue;
            }
            // One that is left out takes a place, too.
            for _ in 0..count.max(1) {
                let argument = arguments.get(next).cloned().flatten();
                validated.push(if count > 0 && parameter.kind == 'a' {
                    parameter.array(argument, count, next + 1, steps)?
                } else {
                    argument
                });
                next += 1;
            }
        }
        Ok(validated)
    }

    /// How many arguments each parameter takes, as many as it can, first come first served; none if they do not fit.
    fn match_counts(&self, supplied: &[char]) -> Option<Vec<usize>> {
        let (parameters, arguments) = (self.parameters.len(), supplied.len());
        // Whether the parameters from there on take the arguments from there on exactly.
        let mut fits = vec![vec![false; arguments + 1]; parameters + 1];
        let mut choice = vec![vec![0; arguments + 1]; parameters];
        if let Some(end) = fits.last_mut().and_then(|row| row.last_mut()) {
            *end = true;
        }
        for (index, parameter) in self.parameters.iter().enumerate().rev() {
            for from in 0..=arguments {
                let longest = parameter.longest(supplied.get(from..).unwrap_or_default());
                let count = (parameter.least()..=longest).rev().find(|count| {
                    fits.get(index + 1)
                        .and_then(|row| row.get(from + count))
                        .copied()
                        .unwrap_or(false)
                });
                if let (Some(count), Some(fit), Some(chosen)) = (
                    count,
                    fits.get_mut(index).and_then(|row| row.get_mut(from)),
                    choice.get_mut(index).and_then(|row| row.get_mut(from)),
                ) {
                    *fit = true;
                    *chosen = count;
                }
            }
        }
        if !fits
            .first()
            .and_then(|row| row.first())
            .copied()
            .unwrap_or(false)
        {
            return None;
        }
        let mut from = 0;
        let mut counts = Vec::with_capacity(parameters);
        for row in &choice {
            let count = row.get(from).copied().unwrap_or_default();
            counts.push(count);
            from += count;
        }
        Some(counts)
    }

    /// Which argument is to blame: the one after those that the longest run of parameters takes.
    fn mismatch(&self, supplied: &[char]) -> Box<Fault> {
        // How many arguments the parameters so far may have taken.
        let mut taken = vec![false; supplied.len() + 1];
        let mut good = 0;
        if let Some(none) = taken.first_mut() {
            *none = true;
        }
        for parameter in &self.parameters {
            let mut next = vec![false; supplied.len() + 1];
            for (from, _) in taken.iter().enumerate().filter(|(_, reached)| **reached) {
                let longest = parameter.longest(supplied.get(from..).unwrap_or_default());
                for count in parameter.least()..=longest {
                    if let Some(reached) = next.get_mut(from + count) {
                        *reached = true;
                    }
                }
            }
            let Some(furthest) = next.iter().rposition(|reached| *reached) else {
                break;
            };
            good = furthest;
            taken = next;
        }
        Fault::new("T0410").index(good + 1)
    }
}

impl Parameter {
    fn new(kind: char, types: impl Into<String>) -> Self {
        Self {
            kind,
            types: types.into(),
            ..Self::default()
        }
    }

    fn least(&self) -> usize {
        usize::from(!self.optional)
    }

    /// How many of these it could take.
    fn longest(&self, supplied: &[char]) -> usize {
        let fitting = supplied
            .iter()
            .take_while(|symbol| self.types.contains(**symbol))
            .count();
        if self.repeated {
            fitting
        } else {
            fitting.min(1)
        }
    }

    /// The argument as an array of the right items.
    fn array(
        &self,
        argument: Option<Value>,
        count: usize,
        number: usize,
        steps: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Option<Value>> {
        let Some(argument) = argument else {
            return Ok(None);
        };
        if let Some(subtype) = &self.subtype {
            let wanted = subtype.chars().next();
            let fits = match &argument {
                Value::Array(array) => {
                    steps(array.len() / 8)?;
                    array
                        .iter()
                        .all(|item| Some(symbol_of(Some(item))) == wanted)
                }
                // A value that is no array must be the only one, and of the whole type.
                single => count == 1 && *subtype == symbol_of(Some(single)).to_string(),
            };
            if !fits {
                let mut fault = Fault::new("T0412").index(number);
                fault.value = plural(subtype).map(json::quoted);
                return Err(fault);
            }
        }
        Ok(Some(match argument {
            Value::Array(array) => Value::Array(array),
            single => Value::Array(Array::new(vec![single])),
        }))
    }
}

fn plural(subtype: &str) -> Option<&'static str> {
    Some(match subtype {
        "a" => "arrays",
        "b" => "booleans",
        "f" => "functions",
        "n" => "numbers",
        "o" => "objects",
        "s" => "strings",
        _ => return None,
    })
}

fn symbol_of(value: Option<&Value>) -> char {
    match value {
        None => MISSING,
        Some(Value::Null) => 'l',
        Some(Value::Bool(_)) => 'b',
        Some(Value::Number(_)) => 'n',
        Some(Value::String(_)) => 's',
        Some(Value::Array(_)) => 'a',
        Some(Value::Object(_)) => 'o',
        Some(Value::Function(_)) => 'f',
    }
}

/// Where the bracket closes that opens there, or the end.
fn closing(symbols: &[char], start: usize, open: char, close: char) -> usize {
    let mut depth = 1;
    for (index, symbol) in symbols.iter().enumerate().skip(start + 1) {
        if *symbol == close {
            depth -= 1;
            if depth == 0 {
                return index;
            }
        } else if *symbol == open {
            depth += 1;
        }
    }
    symbols.len()
}
