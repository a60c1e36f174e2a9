//! Expressions: text to tokens.

use std::sync::Arc;

use crate::error::{Fault, Result, Token as Shown};
use crate::regex::{Flags, Regex};

/// A token, and where it ends: that is what the reference implementation calls its position.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) position: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    End,
    Operator(&'static str),
    Name(Arc<str>),
    Variable(Arc<str>),
    String(Arc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Regex(Arc<Regex>),
}

impl Kind {
    /// What errors show of it.
    pub(super) fn shown(&self) -> Shown {
        match self {
            Self::End => Shown::Name("(end)".into()),
            Self::Operator(symbol) => Shown::Name((*symbol).into()),
            Self::Name(text) | Self::Variable(text) | Self::String(text) => {
                Shown::Name(Arc::clone(text))
            }
            Self::Number(number) => Shown::Json(crate::number::to_text(*number)),
            Self::Bool(value) => Shown::Json(value.to_string()),
            Self::Null => Shown::Json("null".to_owned()),
            Self::Regex(_) => Shown::Json("{}".to_owned()),
        }
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self, Self::Operator(operator) if *operator == symbol)
    }
}

/// Two characters that belong together, before those that do not.
const DOUBLE: [&str; 7] = ["..", ":=", "!=", ">=", "<=", "**", "~>"];
const SINGLE: [&str; 25] = [
    ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|",
    "=", "<", ">", "^", "&", "!",
];
/// No operator, but it ends a name.
const TILDE: &str = "~";

pub(super) struct Lexer {
    characters: Vec<char>,
    at: usize,
    /// UTF-16 code units before `at`.
    units: usize,
}

impl Lexer {
    pub(super) fn new(text: &str) -> Self {
        Self {
            characters: text.chars().collect(),
            at: 0,
            units: 0,
        }
    }

    /// The next token. Where an operator may stand, a slash is one; elsewhere it begins a regular expression.
    pub(super) fn next(&mut self, after_operand: bool) -> Result<Token> {
        self.skip()?;
        let Some(character) = self.peek(0) else {
            return Ok(self.token(Kind::End));
        };
        if character == '/' && !after_operand {
            self.advance();
            return self.regex();
        }
        if let Some(operator) = self.operator() {
            return Ok(self.token(Kind::Operator(operator)));
        }
        match character {
            '"' | '\'' => self.string(character),
            '0'..='9' => self.number(),
            '`' => self.quoted_name(),
            _ => Ok(self.name()),
        }
    }

    fn token(&self, kind: Kind) -> Token {
        Token {
            kind,
            position: self.units,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn advance(&mut self) -> Option<char> {
        let character = self.peek(0)?;
        self.at += 1;
        self.units += character.len_utf16();
        Some(character)
    }

    fn text(&self, from: usize) -> String {
        self.characters
            .get(from..self.at)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    /// White space and comments.
    fn skip(&mut self) -> Result<()> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(character), _) if is_blank(character) => {
                    self.advance();
                }
                (Some('/'), Some('*')) => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<()> {
        let start = self.units;
        self.advance();
        self.advance();
        loop {
            if self.peek(0) == Some('*') && self.peek(1) == Some('/') {
                self.advance();
                self.advance();
                return Ok(());
            }
            if self.advance().is_none() {
                return Err(Fault::new("S0106").at(start));
            }
        }
    }

    fn operator(&mut self) -> Option<&'static str> {
        let (first, second) = (self.peek(0)?, self.peek(1));
        let double = DOUBLE
            .into_iter()
            .find(|operator| second.is_some_and(|second| operator.chars().eq([first, second])));
        if double.is_some() {
            self.advance();
            self.advance();
            return double;
        }
        let single = single(first)?;
        self.advance();
        Some(single)
    }

    fn string(&mut self, quote: char) -> Result<Token> {
        self.advance();
        let mut string = String::new();
        while let Some(character) = self.advance() {
            match character {
                '\\' => string.push(self.escape()?),
                _ if character == quote => return Ok(self.token(Kind::String(string.into()))),
                _ => string.push(character),
            }
        }
        Err(Fault::new("S0101").at(self.units))
    }

    fn escape(&mut self) -> Result<char> {
        let position = self.units;
        Ok(match self.advance() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => self.unicode(position)?,
            other => {
                let shown = other.map(String::from).unwrap_or_default();
                return Err(Fault::new("S0103").at(position).token(shown));
            }
        })
    }

    /// Four hexadecimal digits, or fewer at the text's end. Two halves of a pair are one character; a half alone is
    /// none.
    fn unicode(&mut self, position: usize) -> Result<char> {
        let first = self.code_unit(position)?;
        if (0xD800..0xDC00).contains(&first)
            && self.peek(0) == Some('\\')
            && self.peek(1) == Some('u')
        {
            let back = (self.at, self.units);
            self.advance();
            self.advance();
            let second = self.code_unit(self.units - 1)?;
            if (0xDC00..0xE000).contains(&second) {
                let point = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (self.at, self.units) = back;
        }
        // DIVERGENCE: text is UTF-8 here, so half a surrogate pair becomes U+FFFD; JavaScript keeps it.
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn code_unit(&mut self, position: usize) -> Result<u32> {
        let mut unit = 0;
        let mut digits = 0;
        while digits < 4 && self.peek(0).is_some() {
            let Some(digit) = self.peek(0).and_then(|character| character.to_digit(16)) else {
                return Err(Fault::new("S0104").at(position));
            };
            unit = unit * 16 + digit;
            digits += 1;
            self.advance();
        }
        if digits == 0 {
            return Err(Fault::new("S0104").at(position));
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Token> {
        let (start, position) = (self.at, self.units);
        if self.peek(0) == Some('0') {
            self.advance();
        } else {
            self.digits();
        }
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|next| next.is_ascii_digit()) {
            self.advance();
            self.digits();
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let signed = matches!(self.peek(1), Some('+' | '-'));
            let first = self.peek(if signed { 2 } else { 1 });
            if first.is_some_and(|next| next.is_ascii_digit()) {
                self.advance();
                self.advance();
                self.digits();
            }
        }
        let text = self.text(start);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(self.token(Kind::Number(number))),
            _ => Err(Fault::new("S0102").at(position).token(text)),
        }
    }

    fn digits(&mut self) {
        while self.peek(0).is_some_and(|next| next.is_ascii_digit()) {
            self.advance();
        }
    }

    fn quoted_name(&mut self) -> Result<Token> {
        self.advance();
        let start = self.at;
        while let Some(character) = self.peek(0) {
            if character == '`' {
                let name = self.text(start);
                self.advance();
                return Ok(self.token(Kind::Name(name.into())));
            }
            self.advance();
        }
        Err(Fault::new("S0105").at(self.units))
    }

    fn name(&mut self) -> Token {
        let start = self.at;
        while let Some(character) = self.peek(0) {
            if is_blank(character) || single(character).is_some() {
                break;
            }
            self.advance();
        }
        let name = self.text(start);
        self.token(match name.as_str() {
            "or" => Kind::Operator("or"),
            "in" => Kind::Operator("in"),
            "and" => Kind::Operator("and"),
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            _ => match name.strip_prefix('$') {
                Some(variable) => Kind::Variable(variable.into()),
                None => Kind::Name(name.into()),
            },
        })
    }

    /// Up to the slash that is neither escaped nor within brackets.
    fn regex(&mut self) -> Result<Token> {
        let start = self.at;
        let mut depth = 0_i64;
        while let Some(character) = self.peek(0) {
            if character == '/' && depth == 0 && !self.is_escaped(start) {
                let pattern = self.text(start);
                if pattern.is_empty() {
                    return Err(Fault::new("S0301").at(self.units));
                }
                self.advance();
                let regex = Regex::new(&pattern, self.flags()).map_err(Fault::bare)?;
                return Ok(self.token(Kind::Regex(Arc::new(regex))));
            }
            let after_backslash = self.at > 0 && self.characters.get(self.at - 1) == Some(&'\\');
            match character {
                '(' | '[' | '{' if !after_backslash => depth += 1,
                ')' | ']' | '}' if !after_backslash => depth -= 1,
                _ => {}
            }
            self.advance();
        }
        Err(Fault::new("S0302").at(self.units))
    }

    /// Whether an odd number of backslashes stands before the present character.
    fn is_escaped(&self, start: usize) -> bool {
        let before = self.characters.get(start..self.at).unwrap_or_default();
        before
            .iter()
            .rev()
            .take_while(|character| **character == '\\')
            .count()
            % 2
            == 1
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        loop {
            match self.peek(0) {
                Some('i') => flags.ignore_case = true,
                Some('m') => flags.multiline = true,
                _ => return flags,
            }
            self.advance();
        }
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}

fn single(character: char) -> Option<&'static str> {
    SINGLE
        .into_iter()
        .chain([TILDE])
        .find(|operator| operator.chars().eq([character]))
}
