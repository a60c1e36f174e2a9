//! Text to tokens.

use std::sync::Arc;

use super::filter::Filter;
use super::{Function, PathSyntaxError, Root, Token};

/// More steps than any hand writes; it bounds the recursion of the evaluation.
const TOKENS_MAX: usize = 256;

type Parsed<T> = Result<T, PathSyntaxError>;

fn fail<T>(problem: impl Into<String>) -> Parsed<T> {
    Err(PathSyntaxError(problem.into()))
}

/// What an ASL path starts from, and the rest of it.
pub(super) fn root(text: &str) -> Parsed<(Root, &str)> {
    let Some(rest) = text.strip_prefix('$') else {
        return fail("a path must begin with '$'");
    };
    if let Some(rest) = rest.strip_prefix('$') {
        return Ok((Root::Context, rest));
    }
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    Ok(match name.chars().next() {
        None => (Root::Input, rest),
        Some(first) if first.is_numeric() => {
            return fail(format!("'{name}' is not a variable's name"));
        }
        Some(_) => (Root::Variable(name.into()), rest),
    })
}

/// The steps behind the root.
pub(super) fn tokens(text: &str) -> Parsed<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if tokens.len() == TOKENS_MAX {
            return fail("the path has too many steps");
        }
        rest = match first {
            '.' => dot(rest, &mut tokens)?,
            '[' => {
                let (inside, after) = bracket(rest)?;
                tokens.push(component(inside)?);
                after
            }
            _ if matches!(tokens.last(), None | Some(Token::Scan)) => {
                return fail(format!("Invalid path ${text}"));
            }
            _ => name(rest, &mut tokens)?,
        };
    }
    match tokens.last() {
        Some(Token::Scan) => fail("A path can not end with a scan."),
        _ => Ok(tokens),
    }
}

/// `.name`, `.*`, `..`, `.[…]`
fn dot<'a>(text: &'a str, tokens: &mut Vec<Token>) -> Parsed<&'a str> {
    let rest = text.trim_start_matches('.');
    if text.len() - rest.len() > 1 {
        tokens.push(Token::Scan);
    }
    if rest.is_empty() {
        return match tokens.last() {
            Some(Token::Scan) => Ok(rest),
            _ => fail("Path must not end with a '.'"),
        };
    }
    if rest.starts_with('[') {
        Ok(rest)
    } else {
        name(rest, tokens)
    }
}

fn name<'a>(text: &'a str, tokens: &mut Vec<Token>) -> Parsed<&'a str> {
    let length = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    if name.contains(char::is_whitespace) {
        return fail("Space not allowed in path");
    }
    if name == "*" {
        tokens.push(Token::Wildcard);
    } else if let Some(function) = function(name) {
        if !rest.is_empty() {
            return fail(format!("Function {name} must be at the end of the path"));
        }
        tokens.push(Token::Function(function));
    } else if name.starts_with('\'') {
        // Jayway takes the quotes for those of a list of names, and finds none.
        tokens.push(Token::Properties(Vec::new()));
    } else {
        tokens.push(Token::Properties(vec![name.into()]));
    }
    Ok(rest)
}

fn function(name: &str) -> Option<Function> {
    Some(match name {
        "length()" | "size()" => Function::Length,
        "min()" => Function::Min,
        "max()" => Function::Max,
        "avg()" => Function::Average,
        "stddev()" => Function::StandardDeviation,
        "keys()" => Function::Keys,
        _ => return None,
    })
}

/// What stands between a bracket and its partner, and what comes after.
fn bracket(text: &str) -> Parsed<(&str, &str)> {
    let filter = text
        .strip_prefix('[')
        .is_some_and(|inside| inside.trim_start().starts_with('?'));
    let mut depth = 0_usize;
    let mut quote = None;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) => {
                let escaped = filter && previous == '\\';
                quote = quote.filter(|_| c != open || escaped);
            }
            (None, '\'') => quote = Some('\''),
            (None, '"' | '/') if filter && (c == '"' || previous == '~' || previous == ' ') => {
                quote = Some(c);
            }
            (None, '[') => depth += 1,
            (None, ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let (inside, after) = text.split_at(at);
                    return match (inside.strip_prefix('['), after.strip_prefix(']')) {
                        (Some(inside), Some(after)) => Ok((inside, after)),
                        _ => fail("unbalanced brackets"),
                    };
                }
            }
            _ => {}
        }
        previous = c;
    }
    fail(format!("Could not find the matching ']' of {text}"))
}

fn component(inside: &str) -> Parsed<Token> {
    let text = inside.trim();
    let unknown = || PathSyntaxError(format!("Could not analyze path component: [{inside}]"));
    if text == "*" {
        Ok(Token::Wildcard)
    } else if text.starts_with('\'') {
        names(text)
    } else if text.starts_with('?') {
        let expression = text
            .strip_prefix("?(")
            .and_then(|rest| rest.strip_suffix(')'))
            .ok_or_else(|| {
                PathSyntaxError("Filter must start with '[?(' and end with ')]'".to_owned())
            })?;
        Filter::parse(expression).map(Token::Filter)
    } else if let Some(offset) = text
        .strip_prefix("(@.length")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let offset: i64 = offset
            .trim()
            .strip_prefix('-')
            .and_then(|n| n.trim().parse().ok())
            .ok_or_else(unknown)?;
        Ok(Token::FromEnd(offset))
    } else if let Some((from, rest)) = text.split_once(':') {
        slice(from, rest)
    } else {
        // Jayway reads `[*,1]` as `[1]`.
        let indexes = text
            .strip_prefix("*,")
            .unwrap_or(text)
            .split(',')
            .map(index)
            .collect::<Option<Vec<_>>>();
        indexes.map(Token::Indexes).ok_or_else(unknown)
    }
}

fn index(text: &str) -> Option<i64> {
    text.trim().parse::<i32>().ok().map(i64::from)
}

/// Names in single quotes, in which nothing is escaped, with commas (or, for Jayway, dots) between.
fn names(text: &str) -> Parsed<Token> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut rest = text;
    loop {
        let quoted = rest
            .strip_prefix('\'')
            .and_then(|inside| inside.split_once('\''));
        let Some((name, after)) = quoted else {
            return fail(format!("Could not analyze path component: [{text}]"));
        };
        if names.len() == super::compile::TOKENS_MAX {
            return fail("too many names in brackets");
        }
        if name.contains(']') {
            // Jayway ends the brackets there.
            return fail(format!(
                "Multi properties can only be used as path leafs: $[{text}]"
            ));
        }
        names.push(name.into());
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(Token::Properties(names));
        }
        rest = after.strip_prefix([',', '.']).unwrap_or("").trim_start();
    }
}

/// Jayway has no steps: what stands behind the second colon, or behind a comma, does not count.
fn slice(from: &str, rest: &str) -> Parsed<Token> {
    let to = rest.split([':', ',']).next().unwrap_or("");
    let bound = |text: &str| {
        let text = text.trim();
        index(text).ok_or_else(|| PathSyntaxError(format!("For input string: \"{text}\"")))
    };
    Ok(match (from.trim().is_empty(), to.trim().is_empty()) {
        (true, _) => Token::SliceTo(bound(to)?),
        (false, true) => Token::SliceFrom(bound(from)?),
        (false, false) => Token::SliceBetween(bound(from)?, bound(to)?),
    })
}
