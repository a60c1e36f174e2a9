//! Text in URLs and in forms.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What stands nowhere in a URL. What is escaped already stays so.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A URL with what it may not hold escaped.
pub(super) fn legal(url: &str) -> String {
    utf8_percent_encode(url, ILLEGAL).to_string()
}

/// `name=value`
pub(super) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", escaped(name), escaped(value))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// How the items of an array are named in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArrayFormat {
    /// `a[0]=x&a[1]=y`
    Indices,
    /// `a=x&a=y`
    Repeat,
    /// `a=x,y`
    Commas,
    /// `a[]=x&a[]=y`
    Brackets,
    /// The array's JSON.
    None,
}

impl ArrayFormat {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "INDICES" => Self::Indices,
            "REPEAT" => Self::Repeat,
            "COMMAS" => Self::Commas,
            "BRACKETS" => Self::Brackets,
            "NONE" => Self::None,
            _ => return None,
        })
    }
}

/// The form of an object; members of members are `a[b]=c`.
pub(super) fn encode(object: &serde_json::Map<String, Value>, format: ArrayFormat) -> String {
    let mut form = String::new();
    for (name, value) in object {
        add(&mut form, &escaped(name), value, format);
    }
    form
}

fn add(form: &mut String, name: &str, value: &Value, format: ArrayFormat) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                add(form, &format!("{name}[{}]", escaped(member)), value, format);
            }
        }
        Value::Array(items) => match format {
            ArrayFormat::Indices => {
                for (at, item) in items.iter().enumerate() {
                    add(form, &format!("{name}[{at}]"), item, format);
                }
            }
            ArrayFormat::Repeat => {
                for item in items {
                    add(form, name, item, format);
                }
            }
            ArrayFormat::Brackets => {
                for item in items {
                    add(form, &format!("{name}[]"), item, format);
                }
            }
            ArrayFormat::Commas => {
                let items: Vec<String> = items.iter().map(|item| escaped(&text(item))).collect();
                put(form, name, &items.join(","));
            }
            ArrayFormat::None => put(form, name, &escaped(&value.to_string())),
        },
        value => put(form, name, &escaped(&text(value))),
    }
}

fn put(form: &mut String, name: &str, value: &str) {
    let separator = if form.is_empty() { "" } else { "&" };
    let _ = write!(form, "{separator}{name}={value}");
}

/// A value as text: texts without quotation marks, nothing for null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(value: Value, format: &str) -> String {
        let format = ArrayFormat::parse(format).expect("a format");
        encode(value.as_object().expect("an object"), format)
    }

    // The guide's own examples.
    #[test]
    fn arrays_are_named_in_five_ways() {
        let array = || json!({"array": ["a", "b", "c"]});
        assert_eq!(form(array(), "INDICES"), "array[0]=a&array[1]=b&array[2]=c");
        assert_eq!(form(array(), "REPEAT"), "array=a&array=b&array=c");
        assert_eq!(form(array(), "COMMAS"), "array=a,b,c");
        assert_eq!(form(array(), "BRACKETS"), "array[]=a&array[]=b&array[]=c");
        assert_eq!(
            form(array(), "NONE"),
            "array=%5B%22a%22%2C%22b%22%2C%22c%22%5D"
        );
    }

    #[test]
    fn members_of_members_have_their_path_and_text_is_escaped() {
        let nested = json!({"a b": {"c": [{"d": 1}, true], "e": null}, "f": "x&y=ü"});
        assert_eq!(
            form(nested, "INDICES"),
            "a%20b[c][0][d]=1&a%20b[c][1]=true&a%20b[e]=&f=x%26y%3D%C3%BC"
        );
    }

    #[test]
    fn urls_keep_what_is_escaped() {
        assert_eq!(
            legal("https://h/a b/%20/ü?q={x}"),
            "https://h/a%20b/%20/%C3%BC?q=%7Bx%7D"
        );
    }
}
