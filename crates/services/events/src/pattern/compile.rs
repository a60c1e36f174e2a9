//! From tokens to matchers, with Event Ruler's checks in its order and its words.

use serde_json::Value;

use super::read::{Reader, Token};
use super::{Affix, Cidr, Excluded, Fields, Matcher, Node, Number, Range, Wildcard, address};

type Compiled<T> = Result<T, String>;

pub(super) fn compile(text: &str) -> Compiled<Fields> {
    let mut reader = Reader::new(text);
    if reader.next()? != Token::StartObject {
        return Err(reader.wrong("Filter is not an object"));
    }
    let fields = fields(&mut reader, false)?;
    if reader.next()? != Token::End {
        return Err(reader.wrong("Unexpected content after the pattern"));
    }
    Ok(fields)
}

/// Names that can't be fields among alternatives: they may become matchers there.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The members of an object whose begin has been read.
fn fields(reader: &mut Reader<'_>, alternative: bool) -> Compiled<Fields> {
    let mut fields = Fields::default();
    loop {
        let name = match reader.next()? {
            Token::Name(name) => name,
            _ if fields.all.is_empty() && fields.any.is_empty() => {
                return Err(reader.wrong("Empty objects are not allowed"));
            }
            _ => return Ok(fields),
        };
        if name == "$or" {
            fields.any.push(alternatives(reader)?);
            continue;
        }
        if alternative && RESERVED.contains(&name.as_str()) {
            return Err(reader.wrong(&format!(
                "{name} is Ruler reserved fieldName which cannot be used inside $or."
            )));
        }
        let node = match reader.next()? {
            Token::StartObject => Node::Object(self::fields(reader, alternative)?),
            Token::StartArray => Node::Leaf(matchers(reader)?),
            _ => {
                return Err(reader.wrong(&format!("\"{name}\" must be an object or an array")));
            }
        };
        // Of a leaf that is there twice the second counts.
        // DIVERGENCE: what stands both beside `$or` and in it must match in both places; on AWS the later one counts.
        if matches!(node, Node::Leaf(_)) {
            fields
                .all
                .retain(|(other, node)| *other != name || matches!(node, Node::Object(_)));
        }
        fields.all.push((name, node));
    }
}

fn alternatives(reader: &mut Reader<'_>) -> Compiled<Vec<Fields>> {
    if reader.next()? != Token::StartArray {
        return Err(reader.wrong("It must be an Array followed with $or."));
    }
    let mut alternatives = Vec::new();
    loop {
        match reader.next()? {
            Token::StartObject => alternatives.push(fields(reader, true)?),
            Token::EndArray if alternatives.len() < 2 => {
                return Err(reader.wrong("There must have at least 2 Objects in $or relationship."));
            }
            Token::EndArray => return Ok(alternatives),
            _ => {
                return Err(
                    reader.wrong("Only JSON object is allowed in array of $or relationship.")
                );
            }
        }
    }
}

/// The possible values of a leaf, up to the end of their list.
fn matchers(reader: &mut Reader<'_>) -> Compiled<Vec<Matcher>> {
    let mut matchers = Vec::new();
    loop {
        matchers.push(match reader.next()? {
            Token::StartObject => expression(reader)?,
            Token::Text(text) => match address(&text) {
                Some(address) => Matcher::Address(address),
                None => Matcher::Text(text),
            },
            Token::Number(written) => Matcher::Number(Number {
                value: written.parse().unwrap_or(f64::NAN),
                written,
            }),
            Token::Null => Matcher::Literal(Value::Null),
            Token::True => Matcher::Literal(true.into()),
            Token::False => Matcher::Literal(false.into()),
            Token::EndArray if matchers.is_empty() => {
                return Err(reader.wrong("Empty arrays are not allowed"));
            }
            Token::EndArray => return Ok(matchers),
            Token::StartArray | Token::EndObject | Token::Name(_) | Token::End => {
                return Err(
                    reader.wrong("Match value must be String, number, true, false, or null")
                );
            }
        });
    }
}

const ONE_KEY: &str = "Only one key allowed in match expression";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// `{"prefix": …}`, whose begin has been read.
fn expression(reader: &mut Reader<'_>) -> Compiled<Matcher> {
    let Token::Name(name) = reader.next()? else {
        return Err(reader.wrong("Match expression name not found"));
    };
    let (matcher, more) = match name.as_str() {
        "exactly" => (
            Matcher::Text(text(reader, "exact match pattern must be a string")?),
            ONE_KEY,
        ),
        "prefix" => (Matcher::Prefix(affix(reader, "prefix")?), ONE_KEY),
        "suffix" => (Matcher::Suffix(affix(reader, "suffix")?), ONE_KEY),
        "numeric" => (Matcher::Numeric(numeric(reader)?), TOO_MANY),
        "anything-but" => (Matcher::AnythingBut(anything_but(reader)?), TOO_MANY),
        "exists" => (exists(reader)?, ONE_KEY),
        // The text is the library's.
        "cidr" => (
            Matcher::Cidr(cidr(&text(
                reader,
                "prefix match pattern must be a string",
            )?)?),
            ONE_KEY,
        ),
        "equals-ignore-case" => (Matcher::IgnoreCase(ignore_case(reader)?), ONE_KEY),
        "wildcard" => {
            let text = text(reader, "wildcard match pattern must be a string")?;
            (Matcher::Wildcard(wildcard(reader, &text)?), ONE_KEY)
        }
        other => return Err(reader.wrong(&format!("Unrecognized match type {other}"))),
    };
    close(reader, more)?;
    Ok(matcher)
}

fn close(reader: &mut Reader<'_>, more: &str) -> Compiled<()> {
    match reader.next()? {
        Token::EndObject => Ok(()),
        _ => Err(reader.wrong(more)),
    }
}

fn text(reader: &mut Reader<'_>, otherwise: &str) -> Compiled<String> {
    match reader.next()? {
        Token::Text(text) => Ok(text),
        _ => Err(reader.wrong(otherwise)),
    }
}

fn ignore_case(reader: &mut Reader<'_>) -> Compiled<String> {
    let text = text(reader, "equals-ignore-case match pattern must be a string")?;
    Ok(text.to_lowercase())
}

/// A text, or `{"equals-ignore-case": …}`.
fn affix(reader: &mut Reader<'_>, kind: &str) -> Compiled<Affix> {
    match reader.next()? {
        Token::Text(text) => Ok(Affix {
            text,
            ignore_case: false,
        }),
        Token::StartObject => {
            let Token::Name(name) = reader.next()? else {
                let kind = if kind == "prefix" { "Prefix" } else { "Suffix" };
                return Err(reader.wrong(&format!("{kind} expression name not found")));
            };
            if name != "equals-ignore-case" {
                return Err(reader.wrong(&format!("Unsupported {kind} pattern: {name}")));
            }
            let text = ignore_case(reader)?;
            close(reader, ONE_KEY)?;
            Ok(Affix {
                text,
                ignore_case: true,
            })
        }
        _ => Err(reader.wrong(&format!("{kind} match pattern must be a string"))),
    }
}

fn exists(reader: &mut Reader<'_>) -> Compiled<Matcher> {
    match reader.next()? {
        Token::True => Ok(Matcher::Exists),
        Token::False => Ok(Matcher::Absent),
        _ => Err(reader.wrong("exists match pattern must be either true or false.")),
    }
}

/// What numbers in a range may be.
const NUMBER_MAX: f64 = 5e9;

/// The number of a token, within the library's bounds.
fn number(reader: &Reader<'_>, token: &Token, otherwise: &str) -> Compiled<f64> {
    let Token::Number(written) = token else {
        return Err(reader.wrong(otherwise));
    };
    match written.parse::<f64>() {
        Ok(number) if number.abs() <= NUMBER_MAX => Ok(number),
        _ => Err(reader.wrong("Value must be between -5.0E9 and 5.0E9, inclusive")),
    }
}

/// `[">", 0, "<=", 5]`
fn numeric(reader: &mut Reader<'_>) -> Compiled<Range> {
    if reader.next()? != Token::StartArray {
        return Err(reader.wrong("Value of numeric must be an array."));
    }
    let operator = match reader.next()? {
        Token::Text(operator) => operator,
        other => {
            let shown = shown(&other);
            return Err(reader.wrong(&format!("Invalid member in numeric match: {shown}")));
        }
    };
    if !["=", ">", ">=", "<", "<="].contains(&operator.as_str()) {
        reader.next()?;
        return Err(reader.wrong_text(&format!("Unrecognized numeric range operator: {operator}")));
    }
    let name = if operator == "=" { "equals" } else { &operator };
    let token = reader.next()?;
    let value = number(reader, &token, &format!("Value of {name} must be numeric"))?;
    let token = reader.next()?;
    let with = operator.ends_with('=');
    if !operator.starts_with('>') {
        if token != Token::EndArray {
            return Err(reader.wrong(TOO_MANY));
        }
        return Ok(Range {
            bottom: (operator == "=").then_some((value, true)),
            top: Some((value, with)),
        });
    }
    let top = match token {
        Token::EndArray => None,
        Token::Text(operator) => Some(top(reader, &operator)?),
        other => {
            let shown = shown(&other);
            return Err(reader.wrong(&format!("Bad value in numeric range: {shown}")));
        }
    };
    if top.is_some_and(|(top, _)| top <= value) {
        return Err(reader.wrong("Bottom must be less than top"));
    }
    Ok(Range {
        bottom: Some((value, with)),
        top,
    })
}

/// The second half of a range, up to the end of its list.
fn top(reader: &mut Reader<'_>, operator: &str) -> Compiled<(f64, bool)> {
    if !["<", "<="].contains(&operator) {
        return Err(reader.wrong_text(&format!("Bad numeric range operator: {operator}")));
    }
    let token = reader.next()?;
    let value = number(
        reader,
        &token,
        &format!("Value of {operator} must be numeric"),
    )?;
    if reader.next()? != Token::EndArray {
        return Err(reader.wrong("Too many terms in numeric range expression"));
    }
    Ok((value, operator == "<="))
}

fn shown(token: &Token) -> &str {
    match token {
        Token::StartObject => "{",
        Token::EndObject => "}",
        Token::StartArray => "[",
        Token::EndArray => "]",
        Token::Name(text) | Token::Text(text) | Token::Number(text) => text,
        Token::Null => "null",
        Token::True => "true",
        Token::False => "false",
        Token::End => "",
    }
}

fn cidr(text: &str) -> Compiled<Cidr> {
    let Some((address, bits)) = text.split_once('/').filter(|(_, bits)| !bits.contains('/')) else {
        return Err("Malformed CIDR, one '/' required".into());
    };
    let Ok(bits) = bits.parse::<i32>() else {
        return Err("Malformed CIDR, mask bits must be an integer".into());
    };
    let Ok(bits) = u32::try_from(bits) else {
        return Err("Malformed CIDR, mask bits must not be negative".into());
    };
    let Some(address) = super::address(address) else {
        return Err(format!("Nonstandard IP address: {address}"));
    };
    match address {
        std::net::IpAddr::V4(_) if bits > 31 => Err("IPv4 mask bits must be < 32".into()),
        std::net::IpAddr::V6(_) if bits > 127 => Err("IPv6 mask bits must be < 128".into()),
        address => Ok(Cidr { address, bits }),
    }
}

/// Texts between asterisks; a backslash takes an asterisk or a backslash as it is.
fn wildcard(reader: &mut Reader<'_>, text: &str) -> Compiled<Wildcard> {
    let mut parts = vec![String::new()];
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        // The library counts the bytes from the quotation mark on.
        let at = at + 1;
        match c {
            '*' if chars.peek().is_some_and(|(_, next)| *next == '*') => {
                return Err(
                    reader.wrong_text(&format!("Consecutive wildcard characters at pos {at}"))
                );
            }
            '*' => parts.push(String::new()),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '*' | '\\')) {
                Some((_, taken)) => parts.last_mut().expect("one was pushed first").push(taken),
                None => {
                    return Err(reader.wrong_text(&format!("Invalid escape character at pos {at}")));
                }
            },
            c => parts.last_mut().expect("one was pushed first").push(c),
        }
    }
    Ok(Wildcard(parts))
}

fn anything_but(reader: &mut Reader<'_>) -> Compiled<Excluded> {
    let mut token = reader.next()?;
    let mut kind = None;
    if token == Token::StartObject {
        let Token::Name(name) = reader.next()? else {
            return Err(reader.wrong("Anything-But expression name not found"));
        };
        if !["equals-ignore-case", "prefix", "suffix", "wildcard"].contains(&name.as_str()) {
            return Err(reader.wrong(&format!("Unsupported anything-but pattern: {name}")));
        }
        kind = Some(name);
        token = reader.next()?;
    }
    if !matches!(token, Token::StartArray | Token::Text(_) | Token::Number(_)) {
        return Err(
            reader.wrong("Value of anything-but must be an array or single string/number value.")
        );
    }
    let excluded = match &kind {
        None => plain(reader, token)?,
        Some(kind) => special(reader, kind, token)?,
    };
    if kind.is_some() {
        close(reader, TOO_MANY)?;
    }
    Ok(excluded)
}

/// Texts or numbers that are excluded.
fn plain(reader: &mut Reader<'_>, first: Token) -> Compiled<Excluded> {
    const BOUNDS: &str = "Value must be between -5.0E9 and 5.0E9, inclusive";
    let list = first == Token::StartArray;
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    let mut token = if list { reader.next()? } else { first };
    loop {
        match token {
            Token::Text(text) => texts.push(text),
            Token::Number(_) => numbers.push(number(reader, &token, BOUNDS)?),
            Token::EndArray => break,
            _ => {
                return Err(
                    reader.wrong("Inside anything but list, start|null|boolean is not supported.")
                );
            }
        }
        if !list {
            break;
        }
        token = reader.next()?;
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (false, true) => Ok(Excluded::Texts(texts)),
        (true, false) => Ok(Excluded::Numbers(numbers)),
        _ => Err(reader.wrong(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        )),
    }
}

/// Begins, ends and so on that are excluded.
fn special(reader: &mut Reader<'_>, kind: &str, first: Token) -> Compiled<Excluded> {
    let list = first == Token::StartArray;
    let mut texts = Vec::new();
    let mut wildcards = Vec::new();
    let mut token = if list { reader.next()? } else { first };
    loop {
        match token {
            Token::Text(text) if text.is_empty() && matches!(kind, "prefix" | "suffix") => {
                return Err(reader.wrong_text("Null prefix/suffix not allowed"));
            }
            Token::Text(text) if kind == "wildcard" => wildcards.push(wildcard(reader, &text)?),
            Token::Text(text) => texts.push(text),
            Token::EndArray => break,
            _ => {
                return Err(reader.wrong(match kind {
                    "equals-ignore-case" => {
                        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                    }
                    "wildcard" => "wildcard match pattern must be a string",
                    _ => "prefix/suffix match pattern must be a string",
                }));
            }
        }
        if !list {
            break;
        }
        token = reader.next()?;
    }
    Ok(match kind {
        "equals-ignore-case" => {
            Excluded::IgnoreCase(texts.iter().map(|text| text.to_lowercase()).collect())
        }
        "prefix" => Excluded::Prefixes(texts),
        "suffix" => Excluded::Suffixes(texts),
        _ => Excluded::Wildcards(wildcards),
    })
}
