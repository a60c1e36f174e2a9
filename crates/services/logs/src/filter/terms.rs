use fancy_regex::Regex;

use super::condition::{Cursor, regex};

/// Words and phrases that a message must, must not, or may hold.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message).unwrap_or(false),
        }
    }
}

impl Terms {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Self::default();
        let mut cursor = Cursor::new(text);
        while let Some(first) = cursor.peek() {
            let list = match first {
                '-' => &mut terms.none,
                '?' => &mut terms.any,
                _ => &mut terms.all,
            };
            if matches!(first, '-' | '?') {
                cursor.bump();
            }
            list.push(term(&mut cursor)?);
            cursor.skip_space();
        }
        Ok(terms)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let is_in = |term: &Term| term.is_in(message);
        let wanted = if self.all.is_empty() && self.none.is_empty() {
            self.any.iter().any(is_in)
        } else {
            // The guide: beside other terms those with a question mark are ignored.
            self.all.iter().all(is_in)
        };
        wanted && !self.none.iter().any(is_in)
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, String> {
    match cursor.peek() {
        Some('"') => cursor.quoted().map(Term::Text),
        Some('%') => regex(cursor).map(Term::Regex),
        _ => {
            let word = cursor.take_while(|c| !c.is_whitespace());
            let plain = |c: char| c.is_alphanumeric() || c == '_';
            if word.is_empty() || !word.chars().all(plain) {
                return Err(format!("Invalid character(s) in term '{word}'"));
            }
            Ok(Term::Text(word.to_owned()))
        }
    }
}
