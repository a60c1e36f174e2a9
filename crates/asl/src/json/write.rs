use std::fmt::Write as _;

use serde_json::Number;

use super::Json;

enum Open<'a> {
    Array(std::slice::Iter<'a, Json>),
    Object(indexmap::map::Iter<'a, std::sync::Arc<str>, Json>),
}

impl Json {
    /// Its compact text.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Its compact text, if that takes no more bytes than so many; nothing much longer is made on the way.
    pub fn to_text_within(&self, bytes_max: usize) -> Option<String> {
        if self.text_bytes_min() > bytes_max {
            return None;
        }
        let mut text = String::new();
        let whole = self.write_within(&mut text, bytes_max);
        (whole && text.len() <= bytes_max).then_some(text)
    }

    /// Appends its compact text.
    pub fn write(&self, text: &mut String) {
        self.write_within(text, usize::MAX);
    }

    /// Appends its compact text, and ends early where the whole is longer than that; whether it did not.
    fn write_within(&self, text: &mut String, bytes_max: usize) -> bool {
        let mut open = Vec::new();
        let mut value = self;
        'value: loop {
            if text.len() > bytes_max {
                return false;
            }
            match value {
                Self::Null => text.push_str("null"),
                Self::Bool(true) => text.push_str("true"),
                Self::Bool(false) => text.push_str("false"),
                Self::Number(number) => write_number(number, text),
                Self::String(string) => write_string(string, text),
                Self::Array(array) => {
                    text.push('[');
                    let mut items = array.iter();
                    if let Some(first) = items.next() {
                        open.push(Open::Array(items));
                        value = first;
                        continue 'value;
                    }
                    text.push(']');
                }
                Self::Object(object) => {
                    text.push('{');
                    let mut members = object.iter();
                    if let Some((key, first)) = members.next() {
                        open.push(Open::Object(members));
                        write_string(key, text);
                        text.push(':');
                        value = first;
                        continue 'value;
                    }
                    text.push('}');
                }
            }
            loop {
                match open.last_mut() {
                    None => return true,
                    Some(Open::Array(items)) => {
                        if let Some(next) = items.next() {
                            text.push(',');
                            value = next;
                            continue 'value;
                        }
                        text.push(']');
                    }
                    Some(Open::Object(members)) => {
                        if let Some((key, next)) = members.next() {
                            text.push(',');
                            write_string(key, text);
                            text.push(':');
                            value = next;
                            continue 'value;
                        }
                        text.push('}');
                    }
                }
                open.pop();
            }
        }
    }
}

// DIVERGENCE: integers beyond 64 bits have become doubles, where Java keeps them.
/// Appends a number as Java writes it: integers as they are, doubles with a point always, and with an exponent below
/// a thousandth and from ten million on (`1.0E7`).
fn write_number(number: &Number, text: &mut String) {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(double) => write_double(double, text),
        None => {
            let _ = write!(text, "{number}");
        }
    }
}

fn write_double(double: f64, text: &mut String) {
    let size = double.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        let _ = write!(text, "{double:?}");
        return;
    }
    let scientific = format!("{double:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    let _ = write!(text, "{digits}{point}E{exponent}");
}

/// Appends a quoted string with the escapes that JSON demands and no other.
fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = tail.chars();
        match chars.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            Some('\u{8}') => text.push_str("\\b"),
            Some('\u{c}') => text.push_str("\\f"),
            Some(other) => {
                let _ = write!(text, "\\u{:04X}", u32::from(other));
            }
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text.push('"');
}
