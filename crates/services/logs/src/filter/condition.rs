//! What conditions on JSON and on columns share: comparisons joined by `&&` and `||`.

use fancy_regex::{Regex, RegexBuilder};

/// A condition over operands of one kind.
#[derive(Debug)]
pub(crate) enum Condition<O> {
    Any(Vec<Self>),
    All(Vec<Self>),
    Test(O, Test),
}

#[derive(Debug)]
pub(crate) enum Test {
    Compare(Operator, Wanted),
    IsNull,
    Is(bool),
    Exists(bool),
    /// A column that is only named.
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
pub(crate) enum Wanted {
    /// A text in quotation marks; `*` stands for any characters.
    Text(String),
    /// A word without them that reads as a number, and as it was written.
    Number(f64, String),
    Regex(Regex),
}

/// A value in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'m> {
    Text(&'m str),
    Number(f64),
    /// A word of a column: a number if it reads as one.
    Word(&'m str),
    Bool(bool),
}

impl Test {
    /// Whether a value that is there passes a comparison.
    pub(crate) fn passes(&self, found: Found<'_>) -> bool {
        let Self::Compare(operator, wanted) = self else {
            return false;
        };
        match operator {
            Operator::Equal => equals(wanted, found),
            Operator::NotEqual => !equals(wanted, found),
            Operator::Less => ordered(wanted, found, |a, b| a < b),
            Operator::LessOrEqual => ordered(wanted, found, |a, b| a <= b),
            Operator::Greater => ordered(wanted, found, |a, b| a > b),
            Operator::GreaterOrEqual => ordered(wanted, found, |a, b| a >= b),
        }
    }
}

#[expect(clippy::float_cmp, reason = "two spellings of one number read alike")]
fn equals(wanted: &Wanted, found: Found<'_>) -> bool {
    match (wanted, found) {
        (Wanted::Text(wanted), Found::Text(text) | Found::Word(text)) => glob(wanted, text),
        (Wanted::Text(wanted), Found::Bool(value)) => *wanted == value.to_string(),
        (Wanted::Number(wanted, _), Found::Number(number)) => *wanted == number,
        (Wanted::Number(_, written), Found::Text(text)) => written == text,
        (Wanted::Number(wanted, written), Found::Word(text)) => {
            written == text || text.parse() == Ok(*wanted)
        }
        (Wanted::Regex(regex), Found::Text(text) | Found::Word(text)) => {
            regex.is_match(text).unwrap_or(false)
        }
        (Wanted::Text(_) | Wanted::Regex(_), Found::Number(_))
        | (Wanted::Number(..) | Wanted::Regex(_), Found::Bool(_)) => false,
    }
}

fn ordered(wanted: &Wanted, found: Found<'_>, holds: impl Fn(f64, f64) -> bool) -> bool {
    let number = match found {
        Found::Number(number) => Some(number),
        Found::Word(text) => text.parse().ok(),
        Found::Text(_) | Found::Bool(_) => None,
    };
    matches!((wanted, number), (Wanted::Number(wanted, _), Some(number)) if holds(number, *wanted))
}

/// Whether the whole text matches a pattern in which `*` stands for any characters.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(tail)
}

/// Parentheses within parentheses; deeper ones say nothing that a person would write.
const DEPTH_MAX: usize = 32;

impl<O> Condition<O> {
    /// Reads comparisons joined by `&&`, which binds closer, and `||`.
    pub(super) fn parse(
        cursor: &mut Cursor<'_>,
        operand: &impl Fn(&mut Cursor<'_>) -> Result<O, String>,
        depth: usize,
    ) -> Result<Self, String> {
        if depth > DEPTH_MAX {
            return Err("Invalid filter pattern: too many parentheses".into());
        }
        let mut any = Vec::new();
        loop {
            let mut all = vec![Self::one(cursor, operand, depth)?];
            while cursor.eat("&&") {
                all.push(Self::one(cursor, operand, depth)?);
            }
            any.push(single(all, Self::All));
            if !cursor.eat("||") {
                return Ok(single(any, Self::Any));
            }
        }
    }

    fn one(
        cursor: &mut Cursor<'_>,
        operand: &impl Fn(&mut Cursor<'_>) -> Result<O, String>,
        depth: usize,
    ) -> Result<Self, String> {
        if !cursor.eat("(") {
            let operand = operand(cursor)?;
            return Ok(Self::Test(operand, test(cursor)?));
        }
        let inner = Self::parse(cursor, operand, depth + 1)?;
        if cursor.eat(")") {
            Ok(inner)
        } else {
            Err(cursor.unexpected())
        }
    }

    pub(crate) fn holds(&self, passes: &impl Fn(&O, &Test) -> bool) -> bool {
        match self {
            Self::Any(conditions) => conditions.iter().any(|inner| inner.holds(passes)),
            Self::All(conditions) => conditions.iter().all(|inner| inner.holds(passes)),
            Self::Test(operand, test) => passes(operand, test),
        }
    }

    /// Each operand, from left to right.
    pub(crate) fn operands<'c>(&'c self, take: &mut impl FnMut(&'c O)) {
        match self {
            Self::Any(conditions) | Self::All(conditions) => {
                for condition in conditions {
                    condition.operands(take);
                }
            }
            Self::Test(operand, _) => take(operand),
        }
    }
}

fn single<O>(
    mut conditions: Vec<Condition<O>>,
    several: impl Fn(Vec<Condition<O>>) -> Condition<O>,
) -> Condition<O> {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            several(conditions)
        }
        None => several(conditions),
    }
}

fn test(cursor: &mut Cursor<'_>) -> Result<Test, String> {
    for (words, test) in [
        ("IS NULL", Test::IsNull),
        ("IS TRUE", Test::Is(true)),
        ("IS FALSE", Test::Is(false)),
        ("NOT EXISTS", Test::Exists(false)),
        ("EXISTS", Test::Exists(true)),
    ] {
        if cursor.eat_words(words) {
            return Ok(test);
        }
    }
    let operators = [
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    let found = operators.iter().find(|(sign, _)| cursor.eat(sign));
    match found {
        Some((_, operator)) => {
            let wanted = wanted(cursor)?;
            let by_order = !matches!(operator, Operator::Equal | Operator::NotEqual);
            if by_order && !matches!(wanted, Wanted::Number(..)) {
                return Err("Invalid filter pattern: only numbers can be compared by size".into());
            }
            Ok(Test::Compare(*operator, wanted))
        }
        None => Ok(Test::Always),
    }
}

fn wanted(cursor: &mut Cursor<'_>) -> Result<Wanted, String> {
    cursor.skip_space();
    match cursor.peek() {
        Some('"') => cursor.quoted().map(Wanted::Text),
        Some('%') => regex(cursor).map(Wanted::Regex),
        _ => {
            let word = cursor.take_while(|c| !c.is_whitespace() && !"(){}[],&|\"".contains(c));
            if word.is_empty() {
                return Err(cursor.unexpected());
            }
            Ok(match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Wanted::Number(number, word.to_owned()),
                _ => Wanted::Text(word.to_owned()),
            })
        }
    }
}

/// What a regular expression may compile to: patterns are short, and so are theirs.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// `%…%`
pub(super) fn regex(cursor: &mut Cursor<'_>) -> Result<Regex, String> {
    cursor.bump();
    let mut text = cursor.take_while(|c| c != '%').to_owned();
    // An escaped percent sign is one of the expression.
    while text.ends_with('\\') && cursor.bump().is_some() {
        text.pop();
        text.push('%');
        text.push_str(cursor.take_while(|c| c != '%'));
    }
    if cursor.bump().is_none() {
        return Err("Invalid filter pattern: a regular expression has no end".into());
    }
    let symbols = ":_#=@/;,-^$?[]{}|\\*+.% ";
    if let Some(other) = text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !symbols.contains(*c))
    {
        return Err(format!("Invalid character '{other}' in regex '{text}'"));
    }
    RegexBuilder::new(&text)
        .delegate_size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|_| format!("Invalid regex '{text}'"))
}

/// A place in a pattern's text.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// What was taken between this place and a later one.
    pub(super) fn until(&self, later: &Self) -> &'t str {
        &self.rest[..self.rest.len() - later.rest.len()]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let first = chars.next();
        self.rest = chars.as_str();
        first
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a sign, with space before it, if it comes next.
    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = self.rest.trim_start().strip_prefix(sign);
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    /// Takes words, with any space between them, if they come next.
    fn eat_words(&mut self, words: &str) -> bool {
        let mut ahead = self.clone();
        for word in words.split(' ') {
            ahead.skip_space();
            if ahead.take_while(|c| c.is_ascii_alphabetic()) != word {
                return false;
            }
        }
        *self = ahead;
        true
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let end = self
            .rest
            .find(|c: char| !wanted(c))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A text in quotation marks, in which a backslash takes the next character as it is.
    pub(super) fn quoted(&mut self) -> Result<String, String> {
        let mark = self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err("Invalid filter pattern: a quotation mark has no end".into()),
                closing if closing == mark => return Ok(text),
                Some('\\') => text.extend(self.bump()),
                Some(other) => text.push(other),
            }
        }
    }

    /// Nothing but space is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.trim().is_empty()
    }

    pub(super) fn unexpected(&self) -> String {
        match self.rest.trim_start().chars().next() {
            Some(found) => format!("Invalid filter pattern: unexpected '{found}'"),
            None => "Invalid filter pattern: it ends too early".into(),
        }
    }
}
