//! JSON text, in and out.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::bounds::{Meter, VALUE_DEPTH_MAX};
use crate::error::Result;
use crate::evaluate::out_of_range;
use crate::number;
use crate::value::{Members, Value};

/// What an error shows of a value: enough to recognise it, AWS cuts causes at 32 KiB.
const SHOWN_BYTES_MAX: usize = 8 * 1024;

/// Rounding to 15 digits costs some evaluations of a node.
const DIGITS_STEPS: usize = 8;

/// Compact, or indented by two blanks a level.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    Compact,
    Indented,
}

/// `JSON.stringify` as `$string` uses it: numbers have 15 digits, functions are empty text.
///
/// # Errors
/// A number that is infinite, or a bound: a number of eight bytes takes up to 24 characters, and a deep value has
/// long lines.
pub(crate) fn to_string(value: &Value, layout: Layout, meter: &mut Meter) -> Result<String> {
    let mut writer = Writer {
        text: String::new(),
        layout,
        meter: Some(meter),
    };
    writer.value(value, 0)?;
    Ok(writer.text)
}

/// `JSON.stringify` as error texts use it.
pub(crate) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "undefined".to_owned();
    };
    let mut writer = Writer {
        text: String::new(),
        layout: Layout::Compact,
        meter: None,
    };
    // Without bounds, and with `null` for what is infinite, nothing can go wrong.
    let _ = writer.value(value, 0);
    writer.text
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_string(text, &mut quoted);
    quoted
}

struct Writer<'m> {
    text: String,
    layout: Layout,
    /// None for an error's text, which ends early instead.
    meter: Option<&'m mut Meter>,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, level: usize) -> Result<()> {
        let before = self.text.len();
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Number(number) => self.number(*number)?,
            Value::String(text) => write_string(text, &mut self.text),
            Value::Function(_) if self.meter.is_some() => self.text.push_str("\"\""),
            Value::Function(_) => self.text.push_str("undefined"),
            Value::Array(array) => return self.array(array, level),
            Value::Object(object) => return self.object(object, level),
        }
        self.count(before)
    }

    fn array(&mut self, array: &[Value], level: usize) -> Result<()> {
        self.text.push('[');
        for (index, item) in array.iter().enumerate() {
            if self.is_full() {
                break;
            }
            self.separate(index, level + 1)?;
            self.value(item, level + 1)?;
        }
        self.close(array.is_empty(), level, ']')
    }

    fn object(&mut self, object: &Members, level: usize) -> Result<()> {
        self.text.push('{');
        for (index, (key, item)) in object.iter().enumerate() {
            if self.is_full() {
                break;
            }
            self.separate(index, level + 1)?;
            write_string(key, &mut self.text);
            self.text.push(':');
            if matches!(self.layout, Layout::Indented) {
                self.text.push(' ');
            }
            self.value(item, level + 1)?;
        }
        self.close(object.is_empty(), level, '}')
    }

    fn is_full(&self) -> bool {
        self.meter.is_none() && self.text.len() > SHOWN_BYTES_MAX
    }

    /// Counts what was written since.
    fn count(&mut self, before: usize) -> Result<()> {
        let Some(meter) = &mut self.meter else {
            return Ok(());
        };
        meter.check_memory(self.text.len())?;
        meter.spend_bytes(self.text.len() - before)
    }

    fn number(&mut self, number: f64) -> Result<()> {
        let Some(meter) = &mut self.meter else {
            let shown = number.is_finite().then(|| number::to_text(number));
            self.text.push_str(shown.as_deref().unwrap_or("null"));
            return Ok(());
        };
        if number.is_infinite() {
            return Err(out_of_range());
        }
        if number.is_nan() {
            self.text.push_str("null");
            return Ok(());
        }
        if !number::is_small_integer(number) {
            meter.spend(DIGITS_STEPS)?;
        }
        self.text.push_str(&number::to_text_15(number));
        Ok(())
    }

    fn separate(&mut self, index: usize, level: usize) -> Result<()> {
        if index > 0 {
            self.text.push(',');
        }
        self.line(level)
    }

    fn close(&mut self, was_empty: bool, level: usize, bracket: char) -> Result<()> {
        if !was_empty {
            self.line(level)?;
        }
        self.text.push(bracket);
        Ok(())
    }

    fn line(&mut self, level: usize) -> Result<()> {
        if matches!(self.layout, Layout::Compact) {
            return Ok(());
        }
        let before = self.text.len();
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", level));
        self.count(before)
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    while let Some(end) =
        rest.find(|character: char| character < ' ' || character == '"' || character == '\\')
    {
        let (plain, escaped) = rest.split_at(end);
        text.push_str(plain);
        let mut characters = escaped.chars();
        match characters.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            Some('\u{8}') => text.push_str("\\b"),
            Some('\u{c}') => text.push_str("\\f"),
            Some(other) => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

/// The value that a JSON text stands for; of equal names the last stays. The error is where it ends to be JSON, in
/// bytes.
pub(crate) fn parse(text: &str) -> std::result::Result<Value, usize> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.spaces();
    if reader.at < text.len() {
        return Err(reader.at);
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Whether the next character is that one; then it is passed.
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8) -> std::result::Result<(), usize> {
        if self.eat(byte) { Ok(()) } else { Err(self.at) }
    }

    fn value(&mut self, depth: usize) -> std::result::Result<Value, usize> {
        if depth > VALUE_DEPTH_MAX {
            return Err(self.at);
        }
        self.spaces();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> std::result::Result<Value, usize> {
        let there = self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word));
        if !there {
            return Err(self.at);
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> std::result::Result<Value, usize> {
        self.expect(b'[')?;
        let mut items = Vec::new();
        self.spaces();
        if self.eat(b']') {
            return Ok(Value::array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.spaces();
            if self.eat(b']') {
                return Ok(Value::array(items));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> std::result::Result<Value, usize> {
        self.expect(b'{')?;
        let mut members = Members::new();
        self.spaces();
        if self.eat(b'}') {
            return Ok(Value::object(members));
        }
        loop {
            self.spaces();
            let key = self.string()?;
            self.spaces();
            self.expect(b':')?;
            members.insert(key, self.value(depth + 1)?);
            self.spaces();
            if self.eat(b'}') {
                return Ok(Value::object(members));
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> std::result::Result<Arc<str>, usize> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let plain = self.text.get(start..self.at).ok_or(start)?;
                    self.at += 1;
                    return Ok(plain.into());
                }
                Some(b'\\') => break,
                Some(0x20..) => self.at += 1,
                _ => return Err(self.at),
            }
        }
        let mut string = self.text.get(start..self.at).ok_or(start)?.to_owned();
        loop {
            let rest = self.text.get(self.at..).ok_or(self.at)?;
            let Some(character) = rest.chars().next() else {
                return Err(self.at);
            };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(string.into()),
                '\\' => string.push(self.escape()?),
                ' '.. => string.push(character),
                _ => return Err(self.at - 1),
            }
        }
    }

    fn escape(&mut self) -> std::result::Result<char, usize> {
        let kind = self.peek().ok_or(self.at)?;
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(self.at - 1),
        })
    }

    /// One half of a pair alone becomes the replacement character.
    fn unicode(&mut self) -> std::result::Result<char, usize> {
        let unit = self.unit()?;
        if (0xD800..0xDC00).contains(&unit) && self.text.get(self.at..self.at + 2) == Some("\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.unit()?;
            if (0xDC00..0xE000).contains(&second) {
                let point = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> std::result::Result<u32, usize> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(self.at)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.at);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.at)
    }

    fn number(&mut self) -> std::result::Result<Value, usize> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let digits = self.text.get(start..self.at).ok_or(start)?;
        digits.parse().map(Value::Number).map_err(|_| start)
    }

    fn digits(&mut self) -> std::result::Result<(), usize> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(start) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::Bounds;

    fn written(text: &str, layout: Layout) -> String {
        let mut meter = Meter::new(Bounds::default());
        to_string(&parse(text).expect("it is JSON"), layout, &mut meter).expect("it is small")
    }

    #[test]
    fn texts_come_back() {
        for text in [
            "null",
            "[true,false,1.5,-2e+30]",
            r#"{"a":{"b":[]},"c":"x\n\"é😀\\"}"#,
            r#""\u0001""#,
        ] {
            assert_eq!(written(text, Layout::Compact), text);
        }
        assert_eq!(
            written(r#" "\ud83d\ude00\u0041\ud83d" "#, Layout::Compact),
            "\"😀A\u{fffd}\""
        );
    }

    #[test]
    fn indentation_is_javascripts() {
        assert_eq!(
            written(r#"{"a":[1,{}],"b":[]}"#, Layout::Indented),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
        );
    }

    #[test]
    fn what_is_not_json_is_refused_where_it_ends() {
        for (text, at) in [
            ("", 0),
            ("[1,]", 3),
            ("{\"a\" 1}", 5),
            ("01", 1),
            ("1.", 2),
            ("nul", 0),
            ("\"a", 2),
            ("\"\u{1}\"", 1),
            ("[] x", 3),
            ("\"\\x\"", 2),
        ] {
            assert_eq!(parse(text).err(), Some(at), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn errors_show_the_beginning_of_what_is_large() {
        let large = Value::array(vec![Value::Number(1.0); 100_000]);
        assert!(shown(Some(&large)).len() < SHOWN_BYTES_MAX + 64);
    }
}
