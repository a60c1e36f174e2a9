//! `[?(…)]`

use std::cmp::Ordering;

use jsonata::{Regex, RegexFlags};

use super::evaluate::{Problem, Steps, value};
use super::{PathSyntaxError, Token, compile};
use crate::Json;

const DEPTH_MAX: usize = 32;

/// The predicate of a filter.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// `@.a`: there is a value, and it is not null.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
}

#[derive(Debug)]
pub(super) enum Operand {
    /// `@…`
    Current(Vec<Token>),
    /// `$…`
    Root(Vec<Token>),
    /// A value, and how it is written.
    Literal(Json, String),
    /// What is neither; Jayway compares it as text.
    Raw(String),
    /// `/…/i`, which must match the whole of a text.
    Regex(Regex),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    Contains,
    Size,
    Empty,
}

const SYMBOLS: [(&str, Operator); 7] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=~", Operator::Matches),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

const WORDS: [(&str, Operator); 8] = [
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("subsetof", Operator::SubsetOf),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
];

type Parsed<T> = Result<T, PathSyntaxError>;

fn fail<T>(problem: impl Into<String>) -> Parsed<T> {
    Err(PathSyntaxError(problem.into()))
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Filter {
    /// Reads what stands between `[?(` and `)]`.
    pub(super) fn parse(text: &str) -> Parsed<Self> {
        let mut reader = Reader {
            rest: text,
            depth: 0,
        };
        let filter = reader.any()?;
        reader.space();
        if reader.rest.is_empty() {
            Ok(filter)
        } else {
            fail(format!(
                "Could not understand the filter at {}",
                reader.rest
            ))
        }
    }

    /// Whether `item` passes; `steps` bounds what its paths visit and its operators compare.
    pub(super) fn accepts(
        &self,
        item: &Json,
        root: &Json,
        steps: &mut Steps,
    ) -> Result<bool, Problem> {
        Ok(match self {
            Self::All(filters) => {
                for filter in filters {
                    if !filter.accepts(item, root, steps)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Any(filters) => {
                for filter in filters {
                    if filter.accepts(item, root, steps)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not(filter) => !filter.accepts(item, root, steps)?,
            Self::Exists(operand) => operand
                .value(item, root, steps)?
                .is_some_and(|value| !value.is_null()),
            Self::Compare(left, operator, right) => {
                compare(left, *operator, right, item, root, steps)?
            }
        })
    }
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, text: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Parsed<Filter> {
        let first = self.all()?;
        let mut filters = vec![first];
        while self.take("||") {
            filters.push(self.all()?);
        }
        Ok(if filters.len() > 1 {
            Filter::Any(filters)
        } else {
            single(filters)?
        })
    }

    fn all(&mut self) -> Parsed<Filter> {
        let first = self.unary()?;
        let mut filters = vec![first];
        while self.take("&&") {
            filters.push(self.unary()?);
        }
        Ok(if filters.len() > 1 {
            Filter::All(filters)
        } else {
            single(filters)?
        })
    }

    fn unary(&mut self) -> Parsed<Filter> {
        if self.depth == DEPTH_MAX {
            return fail("the filter is nested too deeply");
        }
        self.depth += 1;
        let filter = if self.take("!") {
            Filter::Not(Box::new(self.unary()?))
        } else if self.take("(") {
            let inner = self.any()?;
            if !self.take(")") {
                return fail("Expected ')' in the filter");
            }
            self.space();
            if self.operator().is_some() {
                // Jayway compares the text of the group, which equals nothing.
                self.operand()?;
                Filter::Any(Vec::new())
            } else {
                inner
            }
        } else {
            self.criterion()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn criterion(&mut self) -> Parsed<Filter> {
        let left = self.operand()?;
        self.space();
        let Some(operator) = self.operator() else {
            return match left {
                Operand::Current(_) | Operand::Root(_) => Ok(Filter::Exists(left)),
                _ => fail("a filter must compare something"),
            };
        };
        let words = !SYMBOLS.iter().any(|(_, symbol)| *symbol == operator);
        if words && !matches!(left, Operand::Current(_) | Operand::Root(_)) {
            return fail("the left side of this operator must be a path");
        }
        let right = self.operand()?;
        if (operator == Operator::Matches) != matches!(right, Operand::Regex(_)) {
            return fail("`=~` and a regular expression belong together");
        }
        Ok(Filter::Compare(left, operator, right))
    }

    fn operator(&mut self) -> Option<Operator> {
        for (symbol, operator) in SYMBOLS {
            if self.take(symbol) {
                return Some(operator);
            }
        }
        let length = self
            .rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        let word = word.to_ascii_lowercase();
        let (_, operator) = WORDS.iter().find(|(known, _)| *known == word)?;
        self.rest = rest;
        Some(*operator)
    }

    fn operand(&mut self) -> Parsed<Operand> {
        self.space();
        let rest = self.rest;
        let first = rest.chars().next();
        let length = match first {
            Some(quote @ ('\'' | '"')) => quoted_length(rest, quote),
            Some('/') => {
                let body = quoted_length(rest, '/');
                let flags = rest.get(body..).unwrap_or("");
                body + flags
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .unwrap_or(flags.len())
            }
            Some('[' | '{') => json_length(rest),
            _ => plain_length(rest),
        };
        let (text, rest) = rest.split_at_checked(length).unwrap_or((rest, ""));
        self.rest = rest;
        match first {
            None => fail("the filter is empty"),
            _ if text.is_empty() => fail(format!("Could not understand the filter at {rest}")),
            Some('@') => path(text).map(Operand::Current),
            Some('$') => path(text).map(Operand::Root),
            Some('\'' | '"') => {
                let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
                Ok(Operand::Literal(
                    Json::string(unescape(inside)),
                    text.to_owned(),
                ))
            }
            Some('/') => regex(text).map(Operand::Regex),
            Some('[' | '{') => {
                let json =
                    Json::from_text(text).or_else(|_| Json::from_text(&text.replace('\'', "\"")));
                Ok(json.map_or_else(
                    |_| Operand::Raw(text.to_owned()),
                    |json| Operand::Literal(json, text.to_owned()),
                ))
            }
            Some(_) => Ok(match text {
                "true" | "false" | "null" => Json::from_text(text).map_or_else(
                    |_| Operand::Raw(text.to_owned()),
                    |json| Operand::Literal(json, text.to_owned()),
                ),
                _ => match number(text) {
                    Some(number) => Operand::Literal(number, text.to_owned()),
                    None => Operand::Raw(text.to_owned()),
                },
            }),
        }
    }
}

fn single(filters: Vec<Filter>) -> Parsed<Filter> {
    filters
        .into_iter()
        .next()
        .map_or_else(|| fail("the filter is empty"), Ok)
}

/// As Java's BigDecimal reads one: leading zeros are fine.
fn number(text: &str) -> Option<Json> {
    if !text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
    {
        return None;
    }
    match text.parse::<i64>() {
        Ok(integer) => Some(Json::from(integer)),
        Err(_) => serde_json::Number::from_f64(text.parse::<f64>().ok()?).map(Json::Number),
    }
}

fn path(text: &str) -> Parsed<Vec<Token>> {
    let rest = text.strip_prefix(['@', '$']).unwrap_or(text);
    let tokens = compile::tokens(rest)?;
    if tokens.iter().all(Token::is_definite) {
        Ok(tokens)
    } else {
        fail(format!("the predicate path: {text} is not definite"))
    }
}

/// `/pattern/flags`, or `/(?flags)pattern/`, which must match the whole of a text.
fn regex(text: &str) -> Parsed<Regex> {
    let closing = text.rfind('/').unwrap_or(0);
    let (Some(mut pattern), Some(flags)) = (text.get(1..closing), text.get(closing + 1..)) else {
        return fail(format!("{text} is not a regular expression"));
    };
    let mut flags = flags.to_owned();
    let inline = pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'));
    if let Some((letters, rest)) = inline
        && !letters.is_empty()
        && letters.bytes().all(|letter| letter.is_ascii_alphabetic())
    {
        flags.push_str(letters);
        pattern = rest;
    }
    let has = |flag| flags.contains(flag);
    let plain = if has('x') {
        without_comments(pattern)
    } else {
        pattern.to_owned()
    };
    let flags = RegexFlags {
        ignore_case: has('i'),
        multiline: has('m'),
        dot_all: has('s'),
    };
    Regex::whole(&plain, flags)
        .map_err(|error| PathSyntaxError(format!("{text} is not a regular expression: {error}")))
}

/// A pattern as the flag `x` reads it: blanks, and what follows a `#` on its line, are not part of it.
fn without_comments(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend([c].into_iter().chain(chars.next())),
            '#' => {
                chars.find(|c| *c == '\n');
            }
            c if c.is_whitespace() => {}
            c => plain.push(c),
        }
    }
    plain
}

/// What Java's `matches()` says, in as many steps as there are.
fn matches(regex: &Regex, text: &str, steps: &mut Steps) -> Result<bool, Problem> {
    let mut left = steps.left() as u64;
    let found = regex.is_match(text, &mut left);
    steps.spend(steps.left() - usize::try_from(left).unwrap_or(0))?;
    found.ok_or_else(|| Problem::Unfit("the regular expression takes too many steps".to_owned()))
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn json_length(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) => quote = quote.filter(|_| c != open),
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// To the next space, operator or closing parenthesis that is not inside brackets.
fn plain_length(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut quote = false;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or("");
        match c {
            '\'' if depth > 0 => quote = !quote,
            _ if quote => {}
            '(' | '[' => depth += 1,
            ')' | ']' if depth > 0 => depth -= 1,
            ')' => return at,
            _ if depth > 0 => {}
            c if c.is_whitespace() => return at,
            _ if at > 0 && (rest.starts_with("&&") || rest.starts_with("||")) => return at,
            _ if at > 0 && SYMBOLS.iter().any(|(symbol, _)| rest.starts_with(symbol)) => return at,
            _ => {}
        }
    }
    text.len()
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next @ ('\'' | '"' | '\\'))) => {
                plain.push(next);
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    plain
}

impl Operand {
    /// None where a path names nothing.
    fn value(&self, item: &Json, root: &Json, steps: &mut Steps) -> Result<Option<Json>, Problem> {
        let found = match self {
            Self::Current(tokens) => value(tokens, item, root, steps),
            Self::Root(tokens) => value(tokens, root, root, steps),
            Self::Literal(value, _) => Ok(value.clone()),
            Self::Raw(text) => Ok(Json::string(text.as_str())),
            Self::Regex(_) => return Ok(None),
        };
        match found {
            Ok(value) => Ok(Some(value)),
            Err(Problem::Missing(_)) => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

fn compare(
    left: &Operand,
    operator: Operator,
    right: &Operand,
    item: &Json,
    root: &Json,
    steps: &mut Steps,
) -> Result<bool, Problem> {
    let Some(left_value) = left.value(item, root, steps)? else {
        return Ok(false);
    };
    if let Operand::Regex(regex) = right {
        return match left_value.as_str() {
            Some(text) => matches(regex, text, steps),
            None => Ok(false),
        };
    }
    let Some(right_value) = right.value(item, root, steps)? else {
        return Ok(false);
    };
    let list = right_value
        .as_array()
        .map_or(&[][..], |array| array.as_slice());
    let some = left_value
        .as_array()
        .map_or(&[][..], |array| array.as_slice());
    // How many pairs of values there are to compare, and how often each side is gone through.
    let (pairs, of_left, of_right) = match operator {
        Operator::In | Operator::NotIn => (list.len(), list.len(), 1),
        Operator::SubsetOf | Operator::AnyOf | Operator::NoneOf => (
            some.len().saturating_mul(list.len()),
            list.len(),
            some.len(),
        ),
        Operator::Contains => (some.len(), 1, some.len().max(1)),
        Operator::Size
        | Operator::Empty
        | Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::Matches => (1, 1, 1),
    };
    steps.spend(pairs)?;
    // Two values are compared no further than the smaller goes; a part of a text may stand at its end.
    let left_bytes = left_value.text_bytes_min().saturating_mul(of_left);
    let right_bytes = right_value.text_bytes_min().saturating_mul(of_right);
    steps.spend_bytes(match operator {
        Operator::Contains | Operator::Size | Operator::Empty if some.is_empty() => {
            left_bytes.saturating_add(right_bytes)
        }
        _ => left_bytes.min(right_bytes),
    })?;
    let lists = left_value.as_array().is_some() && right_value.as_array().is_some();
    let is_in = |one: &Json| list.iter().any(|other| same(one, other));
    let ordering = |wanted: fn(Ordering) -> bool| {
        order(left, &left_value, right, &right_value).map(|found| found.is_some_and(wanted))
    };
    if let (Json::Number(_), Json::String(_), Operand::Literal(_, written)) =
        (&left_value, &right_value, right)
        && !matches!(left, Operand::Literal(..))
        && matches!(
            operator,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual
        )
    {
        return Err(not_a_number(written));
    }
    match operator {
        Operator::Equal => ordering(Ordering::is_eq),
        Operator::NotEqual => ordering(Ordering::is_ne),
        Operator::Less => ordering(Ordering::is_lt),
        Operator::LessOrEqual => ordering(Ordering::is_le),
        Operator::Greater => ordering(Ordering::is_gt),
        Operator::GreaterOrEqual => ordering(Ordering::is_ge),
        Operator::In => Ok(is_in(&left_value)),
        Operator::NotIn => Ok(right_value.as_array().is_some() && !is_in(&left_value)),
        Operator::SubsetOf => Ok(lists && some.iter().all(is_in)),
        Operator::AnyOf => Ok(lists && some.iter().any(is_in)),
        Operator::NoneOf => Ok(lists && !some.iter().any(is_in)),
        Operator::Contains => Ok(match (&left_value, &right_value) {
            (Json::String(text), Json::String(part)) => text.contains(&**part),
            (Json::Array(array), _) => array.iter().any(|one| same(one, &right_value)),
            _ => false,
        }),
        Operator::Size => {
            Ok(length(&left_value)
                .is_some_and(|length| right_value.as_u64() == Some(length as u64)))
        }
        Operator::Empty => Ok(
            length(&left_value).is_some_and(|length| right_value.as_bool() == Some(length == 0))
        ),
        Operator::Matches => Ok(false),
    }
}

fn length(value: &Json) -> Option<usize> {
    match value {
        Json::Array(array) => Some(array.len()),
        Json::Object(object) => Some(object.len()),
        Json::String(text) => Some(text.chars().count()),
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

fn same(left: &Json, right: &Json) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right) == Some(Ordering::Equal),
        _ => left == right,
    }
}

/// How two values are ordered; none where they cannot be compared, which no operator accepts, `!=` neither.
fn order(
    left: &Operand,
    left_value: &Json,
    right: &Operand,
    right_value: &Json,
) -> Result<Option<Ordering>, Problem> {
    Ok(match (left_value, right_value) {
        (Json::Null, Json::Null) => Some(Ordering::Equal),
        (Json::Null, _) => Some(Ordering::Less),
        (_, Json::Null) => Some(Ordering::Greater),
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => None,
        },
        (Json::String(a), Json::String(b)) => Some(a.as_ref().cmp(b.as_ref())),
        // Jayway compares a text with a number as it is written, and reads a text beside a number as a number.
        (Json::String(a), Json::Number(_)) => match right {
            Operand::Literal(_, written) => Some(a.as_ref().cmp(written.as_str())),
            _ => None,
        },
        (Json::Number(_), Json::String(b)) => match (left, right) {
            (Operand::Literal(_, written), _) => Some(written.as_str().cmp(b)),
            (_, Operand::Raw(raw)) => return Err(not_a_number(raw)),
            _ => None,
        },
        (Json::Number(_), Json::Bool(_) | Json::Array(_) | Json::Object(_)) => match right {
            Operand::Literal(_, written) => return Err(not_a_number(written)),
            _ => None,
        },
        (Json::Bool(a), Json::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    })
}

fn not_a_number(text: &str) -> Problem {
    Problem::Unfit(format!(
        "Character {} is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.",
        text.chars().next().unwrap_or(' ')
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(filter: &str, item: &str) -> bool {
        let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{error}"));
        let item = Json::from_text(item).unwrap_or_else(|error| panic!("{error}"));
        filter
            .accepts(&item, &Json::Null, &mut Steps::new(1000))
            .unwrap_or_else(|problem| panic!("{problem:?}"))
    }

    #[test]
    fn words_compare_with_lists() {
        assert!(accepts("@.a in ['x', 'y']", r#"{"a":"y"}"#));
        assert!(!accepts("@.a nin ['x', 'y']", r#"{"a":"y"}"#));
        assert!(accepts("@.a subsetof [1, 2]", r#"{"a":[2]}"#));
        assert!(accepts("@.a contains 2 && @.a size 1", r#"{"a":[2]}"#));
        assert!(accepts("@.a empty true", r#"{"a":[]}"#));
        assert!(!accepts("!(@.a == 1)", r#"{"a":1}"#));
    }

    #[test]
    fn regular_expressions_match_the_whole_text() {
        assert!(accepts("@.a =~ /ab.*/i", r#"{"a":"ABC"}"#));
        assert!(!accepts("@.a =~ /b/", r#"{"a":"abc"}"#));
    }

    #[test]
    fn comparisons_are_counted() {
        let filter = Filter::parse("@.a subsetof @.b").unwrap_or_else(|error| panic!("{error}"));
        let many = Json::array((0..1000_i64).map(Json::from));
        let item = Json::object([("a", many.clone()), ("b", many)]);
        assert!(
            filter
                .accepts(&item, &Json::Null, &mut Steps::new(2_000_000))
                .is_ok_and(|passes| passes)
        );
        assert!(
            filter
                .accepts(&item, &Json::Null, &mut Steps::new(999_999))
                .is_err()
        );
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(Filter::parse(&"(".repeat(10_000)).is_err());
    }
}
