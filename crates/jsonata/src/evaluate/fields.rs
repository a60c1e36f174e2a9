//! Fields: by name, all of them, and those of all levels.

use crate::error::Result;
use crate::value::{Array, Value};

use super::{Evaluator, Maybe};

impl Evaluator<'_, '_> {
    /// The member of that name, of an array's items all of them.
    pub(crate) fn field(&mut self, item: Option<&Value>, name: &str) -> Result<Maybe> {
        match item {
            Some(Value::Object(object)) => Ok(object.get(name).cloned()),
            Some(Value::Array(array)) => {
                let mut found = Vec::new();
                for item in array.iter() {
                    self.spend(1)?;
                    match self.field(Some(item), name)? {
                        None => {}
                        Some(Value::Array(array)) => {
                            self.spend(array.len() / 8)?;
                            found.extend_from_slice(&array);
                        }
                        Some(value) => found.push(value),
                    }
                }
                self.sequence(found).map(|array| Some(Value::Array(array)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn wildcard(&mut self, input: Option<&Value>) -> Result<Maybe> {
        let input = match input {
            Some(Value::Array(array)) if array.marks.outer_wrapper => array.first(),
            other => other,
        };
        let values: Vec<Value> = match input {
            Some(Value::Object(object)) => object.values().cloned().collect(),
            Some(Value::Array(array)) => array.to_vec(),
            _ => return Ok(Some(Value::Array(self.sequence(Vec::new())?))),
        };
        self.spend(values.len() / 4)?;
        let mut found = Vec::with_capacity(values.len());
        let mut appended = false;
        for value in values {
            if let Value::Array(array) = value {
                appended = true;
                self.flatten(&array, &mut found)?;
            } else {
                found.push(value);
            }
        }
        let mut array = self.array(found)?;
        // An array that others were appended to is no sequence.
        array.marks.sequence = !appended;
        Ok(Some(Value::Array(array)))
    }

    fn flatten(&mut self, array: &Array, found: &mut Vec<Value>) -> Result<()> {
        self.spend(1 + array.len() / 4)?;
        for item in array.iter() {
            match item {
                Value::Array(inner) => self.flatten(inner, found)?,
                other => found.push(other.clone()),
            }
        }
        Ok(())
    }

    pub(super) fn descendants(&mut self, input: Option<&Value>) -> Result<Maybe> {
        let Some(input) = input else {
            return Ok(None);
        };
        let mut found = Vec::new();
        let mut rest = vec![input];
        while let Some(value) = rest.pop() {
            self.spend(1)?;
            match value {
                Value::Array(array) => rest.extend(array.iter().rev()),
                Value::Object(object) => {
                    found.push(value.clone());
                    rest.extend(object.values().rev());
                }
                other => found.push(other.clone()),
            }
        }
        // Sharing can make more of them than one value may hold.
        let array = self.sequence(found)?;
        match array.as_slice() {
            [single] => Ok(Some(single.clone())),
            _ => Ok(Some(Value::Array(array))),
        }
    }
}
