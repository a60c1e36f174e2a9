use std::collections::BTreeMap;

use super::condition::{Condition, Cursor, Found, Test};

/// `[name, name=value, …]`: conditions on the words of a message by their place.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Before the ellipsis, or all.
    head: Vec<Column>,
    /// After the ellipsis, if there is one.
    tail: Option<Vec<Column>>,
}

#[derive(Debug)]
struct Column {
    name: String,
    condition: Condition<String>,
}

impl Columns {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(text);
        cursor.bump();
        let mut columns = Self {
            head: Vec::new(),
            tail: None,
        };
        loop {
            if cursor.eat("...") {
                if columns.tail.replace(Vec::new()).is_some() {
                    return Err("Invalid filter pattern: only one ellipsis is allowed".into());
                }
            } else {
                let column = Column::parse(&mut cursor)?;
                columns
                    .tail
                    .as_mut()
                    .unwrap_or(&mut columns.head)
                    .push(column);
            }
            if cursor.eat("]") && cursor.is_at_end() {
                return Ok(columns);
            }
            if !cursor.eat(",") {
                return Err(cursor.unexpected());
            }
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let words = words(message);
        self.places(words.len())
            .is_some_and(|mut places| places.all(|(column, at)| column.matches(words[at])))
    }

    /// Each column with the place of its word, if so many words can be meant.
    fn places(&self, words: usize) -> Option<impl Iterator<Item = (&Column, usize)>> {
        let tail = self.tail.as_deref();
        let fits = match tail {
            Some(tail) => words >= self.head.len() + tail.len(),
            None => words == self.head.len(),
        };
        let tail = tail.unwrap_or_default();
        let head = self.head.iter().enumerate();
        let last = tail.iter().enumerate();
        fits.then(|| {
            head.map(|(at, column)| (column, at))
                .chain(last.map(move |(at, column)| (column, words - tail.len() + at)))
        })
    }

    pub(super) fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let words = words(message);
        let mut names: Vec<String> = (1..=words.len()).map(|at| format!("${at}")).collect();
        for (column, at) in self.places(words.len()).into_iter().flatten() {
            names[at] = format!("${}", column.name);
        }
        names
            .into_iter()
            .zip(words.into_iter().map(str::to_owned))
            .collect()
    }
}

impl Column {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let condition = Condition::parse(cursor, &name, 0)?;
        let mut names = Vec::new();
        condition.operands(&mut |name: &String| names.push(name.clone()));
        let first = names.first().cloned().unwrap_or_default();
        if let Some(other) = names.iter().find(|name| **name != first) {
            return Err(format!(
                "Invalid filter pattern: one column can't be both '{first}' and '{other}'"
            ));
        }
        Ok(Self {
            name: first,
            condition,
        })
    }

    fn matches(&self, word: &str) -> bool {
        self.condition.holds(&|_, test| match test {
            Test::Always => true,
            test => test.passes(Found::Word(word)),
        })
    }
}

fn name(cursor: &mut Cursor<'_>) -> Result<String, String> {
    cursor.skip_space();
    let name = cursor.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if name.is_empty() {
        return Err(cursor.unexpected());
    }
    Ok(name.to_owned())
}

/// The words of a message; what stands in brackets or quotation marks is one word, without them.
fn words(message: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = message.trim_start();
    while !rest.is_empty() {
        let closing = match rest.as_bytes().first() {
            Some(b'[') => Some(']'),
            Some(b'"') => Some('"'),
            _ => None,
        };
        let inner = closing.and_then(|closing| rest[1..].split_once(closing));
        let (word, after) = match inner {
            Some(found) => found,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word);
        rest = after.trim_start();
    }
    words
}
