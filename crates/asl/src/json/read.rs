use std::sync::Arc;

use serde_json::Number;

use super::{Array, DEPTH_MAX, Json, Members, Object};

/// A text that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line} column {column}")]
pub struct JsonError {
    /// What is wrong.
    pub problem: &'static str,
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
}

enum Open {
    Array(Vec<Json>),
    Object(Members, Arc<str>),
}

impl Json {
    /// Reads one value, nested at most [`DEPTH_MAX`] deep; of equal keys the last wins.
    ///
    /// # Errors
    /// If the text is not exactly one JSON value, or nests deeper.
    pub fn from_text(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { text, at: 0 };
        reader.document().map_err(|problem| {
            let before = text.get(..reader.at).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            JsonError {
                problem,
                line: 1 + before.bytes().filter(|byte| *byte == b'\n').count(),
                column: 1 + before.len() - line_start,
            }
        })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    /// The open arrays and objects stand on a stack of ours, so that depth costs no call.
    fn document(&mut self) -> Read<Json> {
        let mut open: Vec<Open> = Vec::new();
        'value: loop {
            self.skip_space();
            let mut value = match self.peek() {
                Some(b'[') => {
                    self.at += 1;
                    self.skip_space();
                    if !self.take(b']') {
                        Self::push(&mut open, Open::Array(Vec::new()))?;
                        continue 'value;
                    }
                    Self::room(&open)?;
                    Json::Array(Array::default())
                }
                Some(b'{') => {
                    self.at += 1;
                    self.skip_space();
                    if !self.take(b'}') {
                        let key = self.key()?;
                        Self::push(&mut open, Open::Object(Members::new(), key))?;
                        continue 'value;
                    }
                    Self::room(&open)?;
                    Json::Object(Object::default())
                }
                Some(b'"') => Json::String(self.string()?.into()),
                Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
                Some(b't') => self.word("true", Json::Bool(true))?,
                Some(b'f') => self.word("false", Json::Bool(false))?,
                Some(b'n') => self.word("null", Json::Null)?,
                Some(_) => return Err("expected value"),
                None => return Err("unexpected end of input"),
            };
            loop {
                self.skip_space();
                match open.pop() {
                    None if self.at == self.text.len() => return Ok(value),
                    None => return Err("trailing characters"),
                    Some(Open::Array(mut items)) => {
                        items.push(value);
                        if self.take(b',') {
                            open.push(Open::Array(items));
                            continue 'value;
                        }
                        self.require(b']', "expected `,` or `]`")?;
                        value = Json::Array(Array::new(items));
                    }
                    Some(Open::Object(mut members, key)) => {
                        members.insert(key, value);
                        if self.take(b',') {
                            self.skip_space();
                            let key = self.key()?;
                            open.push(Open::Object(members, key));
                            continue 'value;
                        }
                        self.require(b'}', "expected `,` or `}`")?;
                        value = Json::Object(Object::new(members));
                    }
                }
            }
        }
    }

    fn room(open: &[Open]) -> Read<()> {
        if open.len() < DEPTH_MAX {
            Ok(())
        } else {
            Err("nested too deeply")
        }
    }

    fn push(open: &mut Vec<Open>, new: Open) -> Read<()> {
        Self::room(open)?;
        open.push(new);
        Ok(())
    }

    fn key(&mut self) -> Read<Arc<str>> {
        if self.peek() != Some(b'"') {
            return Err("expected a key");
        }
        let key = self.string()?;
        self.skip_space();
        self.require(b':', "expected `:`")?;
        Ok(key.into())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, byte: u8, problem: &'static str) -> Read<()> {
        if self.take(byte) {
            Ok(())
        } else if self.peek().is_none() {
            Err("unexpected end of input")
        } else {
            Err(problem)
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Read<Json> {
        if !self.rest().starts_with(word) {
            return Err("expected value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn number(&mut self) -> Read<Number> {
        let length = self
            .rest()
            .bytes()
            .take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
            .count();
        let text = self.rest().get(..length).unwrap_or("");
        let number = match text {
            // Java has one integer zero; serde_json would make it a double.
            "-0" => Number::from(0),
            _ => serde_json::from_str(text).map_err(|_| "invalid number")?,
        };
        self.at += length;
        Ok(number)
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let plain = self
                .rest()
                .bytes()
                .take_while(|byte| *byte != b'"' && *byte != b'\\' && *byte >= 0x20)
                .count();
            value.push_str(self.rest().get(..plain).unwrap_or(""));
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => {
                    self.at += 1;
                    value.push(self.escape()?);
                }
                Some(_) => return Err("control character in a string"),
                None => return Err("unexpected end of input"),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let byte = self.peek().ok_or("unexpected end of input")?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex4()?;
                let low = (0xD800..0xDC00).contains(&unit) && self.rest().starts_with("\\u");
                let code = if low {
                    self.at += 2;
                    let second = self.hex4()?;
                    if !(0xDC00..0xE000).contains(&second) {
                        return Err("lone surrogate");
                    }
                    0x1_0000 + ((unit - 0xD800) << 10) + (second - 0xDC00)
                } else {
                    unit
                };
                char::from_u32(code).ok_or("lone surrogate")?
            }
            _ => return Err("invalid escape"),
        })
    }

    fn hex4(&mut self) -> Read<u32> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or("invalid escape")?;
        self.at += 4;
        Ok(unit)
    }
}
