use fancy_regex::{Regex, RegexBuilder};

use super::expression::{Binary, Expression, Function};
use super::field::Value;
use super::stats::Aggregate;

/// A query's commands, in order.
#[derive(Debug)]
pub(crate) struct Query {
    pub(super) commands: Vec<Command>,
}

#[derive(Debug)]
pub(super) enum Command {
    Fields(Vec<Named<Expression>>),
    Display(Vec<Named<Expression>>),
    Filter(Expression),
    /// Keys, and whether each goes from the greatest to the least.
    Sort(Vec<(Expression, bool)>),
    Limit(usize),
    Stats {
        aggregates: Vec<Named<Aggregate>>,
        by: Vec<Named<Expression>>,
    },
}

/// Something with the name that results give it: its alias, or how it was written.
#[derive(Debug)]
pub(super) struct Named<T> {
    pub(super) name: String,
    pub(super) value: T,
}

/// Why a query is refused, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) message: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

type Parsed<T> = Result<T, Malformed>;

/// Parentheses within parentheses; deeper ones say nothing that a person would write.
const DEPTH_MAX: usize = 32;
/// Commands of one query, of which each may hold all rows once more.
const COMMANDS_MAX: usize = 32;
/// AWS's bound of `limit`.
const LIMIT_MAX: usize = 10_000;
/// What a regular expression may compile to.
const REGEX_BYTES_MAX: usize = 4 << 20;

/// Reads a query.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn parse(text: &str) -> Parsed<Query> {
    let mut parser = Parser { text, at: 0 };
    let mut commands = Vec::new();
    // A query may begin with the sign that otherwise stands between commands.
    parser.eat("|");
    if parser.is_at_end() {
        return Err(parser.unexpected());
    }
    loop {
        commands.push(parser.command()?);
        if parser.is_at_end() {
            return Ok(Query { commands });
        }
        if !parser.eat("|") || commands.len() >= COMMANDS_MAX {
            return Err(parser.unexpected());
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Passes over space and comments.
    fn skip(&mut self) {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with('#') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.skip();
        self.rest().is_empty()
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes a word in any case, if it comes next as a whole.
    fn eat_word(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.word().eq_ignore_ascii_case(word);
        if !found {
            self.at = before;
        }
        found
    }

    /// Letters, digits, and what else a field's name has without quotation marks; may be empty.
    fn word(&mut self) -> &'t str {
        self.skip();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && !"_@.".contains(c))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn unexpected(&mut self) -> Malformed {
        self.skip();
        let found = self.rest().chars().next();
        let line = self.text[..self.at].matches('\n').count() + 1;
        let column = self.at - self.text[..self.at].rfind('\n').map_or(0, |at| at + 1) + 1;
        let what = found.map_or_else(|| "end of query".to_owned(), |c| c.to_string());
        self.malformed(format!(
            "unexpected symbol found {what} at line {line} and position {column}"
        ))
    }

    fn malformed(&self, message: String) -> Malformed {
        Malformed {
            message,
            start: self.at,
            end: self.text.len().max(self.at),
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.skip();
        let before = self.at;
        match self.word().to_ascii_lowercase().as_str() {
            "fields" => self.names(Self::expression).map(Command::Fields),
            "display" => self.names(Self::expression).map(Command::Display),
            "filter" => self.expression().map(Command::Filter),
            "sort" => self.sort().map(Command::Sort),
            "limit" => self.limit().map(Command::Limit),
            "stats" => self.stats(),
            // DIVERGENCE: Logs Insights has more commands: parse, dedup, pattern, diff, unmask and others are refused.
            _ => {
                self.at = before;
                Err(self.unexpected())
            }
        }
    }

    /// `a, b as c`
    fn names<T>(&mut self, read: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<Named<T>>> {
        let mut names = Vec::new();
        loop {
            self.skip();
            let start = self.at;
            let value = read(self)?;
            let written = self.text[start..self.at].trim().trim_matches('`');
            let name = if self.eat_word("as") {
                self.name()?
            } else {
                written.to_owned()
            };
            names.push(Named { name, value });
            // AWS takes a space between two fields for a comma.
            self.skip();
            let goes_on = self.rest().starts_with(['@', '`']);
            if !self.eat(",") && !goes_on {
                return Ok(names);
            }
        }
    }

    fn name(&mut self) -> Parsed<String> {
        if self.eat("`") {
            let (name, _) = self
                .rest()
                .split_once('`')
                .ok_or_else(|| self.malformed("unclosed `".into()))?;
            self.at += name.len() + 1;
            return Ok(name.to_owned());
        }
        match self.word() {
            "" => Err(self.unexpected()),
            word => Ok(word.to_owned()),
        }
    }

    fn sort(&mut self) -> Parsed<Vec<(Expression, bool)>> {
        let mut keys = Vec::new();
        loop {
            let key = self.expression()?;
            let descending = self.eat_word("desc") || {
                self.eat_word("asc");
                false
            };
            keys.push((key, descending));
            if !self.eat(",") {
                return Ok(keys);
            }
        }
    }

    fn limit(&mut self) -> Parsed<usize> {
        self.skip();
        let before = self.at;
        match self.word().parse() {
            Ok(limit @ 1..=LIMIT_MAX) => Ok(limit),
            _ => {
                self.at = before;
                Err(self.malformed(format!("limit must be between 1 and {LIMIT_MAX}")))
            }
        }
    }

    fn stats(&mut self) -> Parsed<Command> {
        let aggregates = self.names(Self::aggregate)?;
        let by = if self.eat_word("by") {
            self.names(Self::expression)?
        } else {
            Vec::new()
        };
        Ok(Command::Stats { aggregates, by })
    }

    fn aggregate(&mut self) -> Parsed<Aggregate> {
        self.skip();
        let before = self.at;
        let name = self.word().to_ascii_lowercase();
        self.expect("(")?;
        let argument = if self.eat("*") || self.rest().starts_with(')') {
            None
        } else {
            Some(self.expression()?)
        };
        self.expect(")")?;
        Aggregate::named(&name, argument).ok_or_else(|| {
            self.at = before;
            self.unexpected()
        })
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.either(0)
    }

    fn either(&mut self, depth: usize) -> Parsed<Expression> {
        if depth > DEPTH_MAX {
            return Err(self.malformed("the expression is nested too deeply".into()));
        }
        let mut left = self.both(depth)?;
        while self.eat_word("or") || self.eat("||") {
            left = joined(Binary::Or, left, self.both(depth)?);
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Parsed<Expression> {
        let mut left = self.negation(depth)?;
        while self.eat_word("and") || self.eat("&&") {
            left = joined(Binary::And, left, self.negation(depth)?);
        }
        Ok(left)
    }

    fn negation(&mut self, depth: usize) -> Parsed<Expression> {
        if depth > DEPTH_MAX {
            return Err(self.malformed("the expression is nested too deeply".into()));
        }
        if self.eat_word("not") || (!self.rest().starts_with("!=") && self.eat("!")) {
            return Ok(Expression::Not(Box::new(self.negation(depth + 1)?)));
        }
        self.comparison(depth)
    }

    fn comparison(&mut self, depth: usize) -> Parsed<Expression> {
        let left = self.sum(depth)?;
        if self.eat("=~") {
            return self.like(left);
        }
        let operators = [
            ("!=", Binary::NotEqual),
            ("<=", Binary::LessOrEqual),
            (">=", Binary::GreaterOrEqual),
            ("=", Binary::Equal),
            ("<", Binary::Less),
            (">", Binary::Greater),
        ];
        if let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            return Ok(joined(*operator, left, self.sum(depth)?));
        }
        let before = self.at;
        let negative = self.eat_word("not");
        let found = if self.eat_word("like") {
            self.like(left)?
        } else if self.eat_word("in") {
            self.list(left, depth)?
        } else {
            self.at = before;
            return Ok(left);
        };
        Ok(if negative {
            Expression::Not(Box::new(found))
        } else {
            found
        })
    }

    /// A text that is contained, or `/a regular expression/`.
    fn like(&mut self, left: Expression) -> Parsed<Expression> {
        self.skip();
        let left = Box::new(left);
        if self.rest().starts_with('/') {
            return Ok(Expression::Matches(left, self.regex()?));
        }
        if self.rest().starts_with(['"', '\'']) {
            return Ok(Expression::Contains(left, self.quoted()?));
        }
        Err(self.unexpected())
    }

    fn regex(&mut self) -> Parsed<Regex> {
        let start = self.at;
        let inner = &self.rest()[1..];
        let mut escaped = false;
        let end = inner.find(|c| {
            let ends = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            return Err(self.malformed("a regular expression has no end".into()));
        };
        self.at += end + 2;
        RegexBuilder::new(&inner[..end].replace("\\/", "/"))
            .delegate_size_limit(REGEX_BYTES_MAX)
            .backtrack_limit(100_000)
            .build()
            .map_err(|error| Malformed {
                message: format!("invalid regular expression: {error}"),
                start,
                end: self.at,
            })
    }

    fn list(&mut self, left: Expression, depth: usize) -> Parsed<Expression> {
        self.expect("[")?;
        let mut items = Vec::new();
        loop {
            items.push(self.sum(depth)?);
            if self.eat("]") {
                return Ok(Expression::In(Box::new(left), items));
            }
            self.expect(",")?;
        }
    }

    fn sum(&mut self, depth: usize) -> Parsed<Expression> {
        let mut left = self.product(depth)?;
        loop {
            let operator = if self.eat("+") {
                Binary::Add
            } else if self.eat("-") {
                Binary::Subtract
            } else {
                return Ok(left);
            };
            left = joined(operator, left, self.product(depth)?);
        }
    }

    fn product(&mut self, depth: usize) -> Parsed<Expression> {
        let mut left = self.operand(depth)?;
        loop {
            let operator = if self.eat("*") {
                Binary::Multiply
            } else if self.eat("/") {
                Binary::Divide
            } else if self.eat("%") {
                Binary::Remainder
            } else {
                return Ok(left);
            };
            left = joined(operator, left, self.operand(depth)?);
        }
    }

    fn operand(&mut self, depth: usize) -> Parsed<Expression> {
        if depth > DEPTH_MAX {
            return Err(self.malformed("the expression is nested too deeply".into()));
        }
        if self.eat("(") {
            let inner = self.either(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.eat("-") {
            return Ok(Expression::Negative(Box::new(self.operand(depth + 1)?)));
        }
        self.skip();
        match self.rest().chars().next() {
            Some('"' | '\'') => Ok(Expression::Constant(Value::Text(self.quoted()?))),
            Some('`') => self.name().map(Expression::Field),
            Some(first) if first.is_ascii_digit() => self.constant(),
            _ => {
                let before = self.at;
                let name = self.name()?;
                if self.rest().starts_with('(') {
                    self.call(&name, before, depth)
                } else {
                    Ok(Expression::Field(name))
                }
            }
        }
    }

    /// A number, or a period: `5m`.
    fn constant(&mut self) -> Parsed<Expression> {
        let before = self.at;
        let word = self.word();
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &word[digits.len()..] {
            "" | "ms" => Some(1.0),
            "s" | "sec" | "second" | "seconds" => Some(1000.0),
            "m" | "min" | "minute" | "minutes" => Some(60_000.0),
            "h" | "hr" | "hour" | "hours" => Some(3_600_000.0),
            "d" | "day" | "days" => Some(86_400_000.0),
            "w" | "week" | "weeks" => Some(604_800_000.0),
            _ => None,
        };
        match (digits.parse::<f64>(), unit) {
            (Ok(number), Some(unit)) => Ok(Expression::Constant(Value::Number(number * unit))),
            _ => {
                self.at = before;
                Err(self.unexpected())
            }
        }
    }

    fn call(&mut self, name: &str, start: usize, depth: usize) -> Parsed<Expression> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.eat(")") {
            arguments.push(self.either(depth + 1)?);
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        match Function::named(name) {
            Some((function, least, most)) if (least..=most).contains(&arguments.len()) => {
                Ok(Expression::Call(function, arguments))
            }
            Some(_) => {
                self.at = start;
                Err(self.malformed(format!("wrong number of arguments for {name}")))
            }
            None => {
                self.at = start;
                Err(self.malformed(format!("unknown function {name}")))
            }
        }
    }

    fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut chars = self.rest().char_indices();
        let mark = chars.next().map(|(_, mark)| mark);
        let mut text = String::new();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c if Some(c) == mark => {
                    self.at = start + at + c.len_utf8();
                    return Ok(text);
                }
                c => text.push(c),
            }
        }
        Err(self.malformed("a text has no end".into()))
    }
}

fn joined(operator: Binary, left: Expression, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}
