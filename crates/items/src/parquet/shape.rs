//! What a row looks like as JSON, and which column gives what of it.

use std::ops::Range;
use std::sync::Arc;

use super::footer::{Element, Meaning};
use super::{Read, damaged};

/// How deep the schema may nest: the way into a row is by calls.
const DEPTH_MAX: usize = 100;

/// A node of a row. Levels are Dremel's: how many of the optional and repeated nodes on the way to a value are there, and
/// at which of the repeated ones it repeats.
#[derive(Debug)]
pub(super) enum Shape {
    /// The value of that column.
    Value(usize),
    /// An object.
    Struct(Vec<(Arc<str>, Shape)>),
    /// Null below that definition level.
    Optional {
        definition: u16,
        columns: Range<usize>,
        inner: Box<Shape>,
    },
    /// An array, or an object of a map's keys and values.
    Repeated {
        definition: u16,
        repetition: u16,
        columns: Range<usize>,
        element: Box<Shape>,
        map: bool,
    },
}

/// A leaf of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    pub(super) definition_max: u16,
    pub(super) repetition_max: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    /// Arrays of so many bytes, at least one.
    Fixed(usize),
}

impl Physical {
    /// How many bytes each value has, where that is fixed.
    pub(super) fn width(self) -> Option<usize> {
        match self {
            Self::Boolean | Self::Bytes => None,
            Self::Int32 | Self::Float => Some(4),
            Self::Int64 | Self::Double => Some(8),
            Self::Int96 => Some(12),
            Self::Fixed(bytes) => Some(bytes),
        }
    }
}

/// The shape of a row, and the columns in their order.
pub(super) fn shape(schema: &[Element]) -> Read<(Shape, Vec<Leaf>)> {
    let mut builder = Builder {
        rest: schema.iter(),
        leaves: Vec::new(),
    };
    let root = builder.next()?;
    let shape = builder.structure(root, Levels::default())?;
    if builder.rest.next().is_some() || builder.leaves.is_empty() {
        return Err(damaged("its schema is not a tree"));
    }
    Ok((shape, builder.leaves))
}

struct Builder<'a> {
    rest: std::slice::Iter<'a, Element>,
    leaves: Vec<Leaf>,
}

#[derive(Clone, Copy, Default)]
struct Levels {
    definition: u16,
    repetition: u16,
    depth: usize,
}

impl Levels {
    fn optional(self) -> Self {
        Self {
            definition: self.definition + 1,
            ..self
        }
    }

    fn repeated(self) -> Self {
        Self {
            repetition: self.repetition + 1,
            ..self.optional()
        }
    }
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Read<&'a Element> {
        self.rest
            .next()
            .ok_or_else(|| damaged("its schema is not a tree"))
    }

    /// The element that comes after the next.
    fn ahead(&self) -> Option<&'a Element> {
        self.rest.clone().next()
    }

    fn structure(&mut self, group: &Element, levels: Levels) -> Read<Shape> {
        let mut fields = Vec::new();
        for _ in 0..group.children {
            let field = self.next()?;
            fields.push((field.name.as_str().into(), self.field(field, levels)?));
        }
        Ok(Shape::Struct(fields))
    }

    fn field(&mut self, element: &Element, levels: Levels) -> Read<Shape> {
        let first = self.leaves.len();
        Ok(match element.repetition {
            0 => self.content(element, levels)?,
            1 => {
                let levels = levels.optional();
                let inner = Box::new(self.content(element, levels)?);
                Shape::Optional {
                    definition: levels.definition,
                    columns: first..self.leaves.len(),
                    inner,
                }
            }
            2 => {
                let levels = levels.repeated();
                let content = self.content(element, levels)?;
                self.repeated(first, levels, content, false)
            }
            _ => return Err(damaged("its schema has an unknown repetition")),
        })
    }

    fn repeated(&self, first: usize, levels: Levels, element: Shape, map: bool) -> Shape {
        Shape::Repeated {
            definition: levels.definition,
            repetition: levels.repetition,
            columns: first..self.leaves.len(),
            element: Box::new(element),
            map,
        }
    }

    fn content(&mut self, element: &Element, levels: Levels) -> Read<Shape> {
        if levels.depth == DEPTH_MAX {
            return Err(damaged("its schema nests too deeply"));
        }
        let levels = Levels {
            depth: levels.depth + 1,
            ..levels
        };
        if element.children == 0 {
            return self.leaf(element, levels);
        }
        let repeated =
            element.children == 1 && self.ahead().is_some_and(|child| child.repetition == 2);
        match element.meaning {
            Meaning::List if repeated => self.list(element, levels),
            Meaning::Map if repeated => self.map(levels),
            _ => self.structure(element, levels),
        }
    }

    /// The rules of the format's "LogicalTypes", "Lists", for files of older writers included.
    fn list(&mut self, list: &Element, levels: Levels) -> Read<Shape> {
        let first = self.leaves.len();
        let repeated = self.next()?;
        let levels = levels.repeated();
        let is_element = repeated.children != 1
            || repeated.name == "array"
            || repeated.name.strip_suffix("_tuple") == Some(&list.name)
            || self.ahead().is_some_and(|child| child.repetition == 2);
        let element = if is_element {
            self.content(repeated, levels)?
        } else {
            let element = self.next()?;
            self.field(element, levels)?
        };
        Ok(self.repeated(first, levels, element, false))
    }

    /// A map's entries are key and value; a file without values has sets.
    fn map(&mut self, levels: Levels) -> Read<Shape> {
        let first = self.leaves.len();
        let entry = self.next()?;
        let levels = levels.repeated();
        let content = self.content(entry, levels)?;
        let map = matches!(&content, Shape::Struct(fields) if fields.len() == 2);
        Ok(self.repeated(first, levels, content, map))
    }

    fn leaf(&mut self, element: &Element, levels: Levels) -> Read<Shape> {
        let fixed = usize::try_from(element.length)
            .ok()
            .filter(|bytes| *bytes > 0);
        let physical = match (element.physical, fixed) {
            (Some(0), _) => Physical::Boolean,
            (Some(1), _) => Physical::Int32,
            (Some(2), _) => Physical::Int64,
            (Some(3), _) => Physical::Int96,
            (Some(4), _) => Physical::Float,
            (Some(5), _) => Physical::Double,
            (Some(6), _) => Physical::Bytes,
            (Some(7), Some(bytes)) => Physical::Fixed(bytes),
            _ => return Err(damaged("its schema has an unknown type")),
        };
        self.leaves.push(Leaf {
            physical,
            meaning: element.meaning,
            definition_max: levels.definition,
            repetition_max: levels.repetition,
        });
        Ok(Shape::Value(self.leaves.len() - 1))
    }
}

#[cfg(test)]
mod tests;
