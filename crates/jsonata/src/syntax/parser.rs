//! Expressions: tokens to a raw tree, by operator precedence.

use std::sync::Arc;

use crate::error::{Fault, Result};

use super::lexer::{Kind as Lexeme, Lexer, Token};
use super::raw::{Kind, Raw, Term};
use super::signature::Signature;

/// Levels of an expression's tree: every pass over it recurses once a level. An evaluation is stopped at a hundred
/// ([`Bounds::depth`](crate::Bounds::depth)), but not every branch is evaluated.
const DEPTH_MAX: usize = 200;

/// How strongly `[`, `(`, `@` and `#` bind.
const TIGHTEST: u32 = 80;

pub(super) fn parse(text: &str) -> Result<Raw> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        node: Token {
            kind: Lexeme::End,
            position: 0,
        },
        depth: 0,
    };
    parser.advance(false)?;
    let raw = parser.expression(0)?;
    if !matches!(parser.node.kind, Lexeme::End) {
        return Err(parser.unexpected("S0201"));
    }
    Ok(raw)
}

struct Parser {
    lexer: Lexer,
    /// The token that is looked at.
    node: Token,
    depth: usize,
}

impl Parser {
    fn advance(&mut self, after_operand: bool) -> Result<()> {
        self.node = self.lexer.next(after_operand)?;
        if self.node.kind.is("!") || self.node.kind.is("~") {
            return Err(self.unexpected("S0204"));
        }
        Ok(())
    }

    fn expect(&mut self, symbol: &str, after_operand: bool) -> Result<()> {
        if !self.node.kind.is(symbol) {
            let code = match self.node.kind {
                Lexeme::End => "S0203",
                _ => "S0202",
            };
            return Err(self.unexpected(code).value(crate::json::quoted(symbol)));
        }
        self.advance(after_operand)
    }

    /// Passes that symbol, if it is there.
    fn eat(&mut self, symbol: &str) -> Result<bool> {
        let there = self.node.kind.is(symbol);
        if there {
            self.advance(false)?;
        }
        Ok(there)
    }

    fn unexpected(&self, code: &'static str) -> Box<Fault> {
        let mut fault = Fault::new(code).at(self.node.position);
        fault.token = Some(self.node.kind.shown());
        fault
    }

    /// What binds more strongly than that.
    fn expression(&mut self, binding: u32) -> Result<Raw> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(too_deep(self.node.position));
        }
        let mut token = self.node.clone();
        self.advance(true)?;
        let mut left = self.prefix(token)?;
        while binding < binding_power(&self.node.kind) {
            token = self.node.clone();
            self.advance(false)?;
            left = self.infix(token, left)?;
            if left.depth > DEPTH_MAX {
                return Err(too_deep(left.position));
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What begins with that token.
    fn prefix(&mut self, token: Token) -> Result<Raw> {
        let position = token.position;
        let leaf = |kind| Ok(raw(kind, position, 0));
        match token.kind {
            Lexeme::End => leaf(Kind::End),
            Lexeme::Name(name) => leaf(Kind::Name(name)),
            Lexeme::Variable(name) => leaf(Kind::Variable(name)),
            Lexeme::String(text) => leaf(Kind::String(text)),
            Lexeme::Number(number) => leaf(Kind::Number(number)),
            Lexeme::Bool(value) => leaf(Kind::Bool(value)),
            Lexeme::Null => leaf(Kind::Null),
            Lexeme::Regex(regex) => leaf(Kind::Regex(regex)),
            Lexeme::Operator("*") => leaf(Kind::Wildcard),
            Lexeme::Operator("**") => leaf(Kind::Descendants),
            Lexeme::Operator("%") => leaf(Kind::Parent),
            Lexeme::Operator(word @ ("and" | "or" | "in")) => leaf(Kind::Word(word)),
            Lexeme::Operator("-") => {
                let operand = self.expression(70)?;
                let depth = operand.depth;
                Ok(raw(Kind::Negate(Box::new(operand)), position, depth))
            }
            Lexeme::Operator("(") => self.block(position),
            Lexeme::Operator("[") => self.array(position),
            Lexeme::Operator("{") => {
                let pairs = self.pairs()?;
                let depth = pairs_depth(&pairs);
                Ok(raw(Kind::Object(pairs), position, depth))
            }
            Lexeme::Operator("|") => self.transform(position),
            Lexeme::Operator(_) => {
                let mut fault = Fault::new("S0211").at(position);
                fault.token = Some(token.kind.shown());
                Err(fault)
            }
        }
    }

    /// What goes on with that operator behind `left`.
    fn infix(&mut self, token: Token, left: Raw) -> Result<Raw> {
        let position = token.position;
        let Lexeme::Operator(operator) = token.kind else {
            return Ok(left);
        };
        match operator {
            "(" => self.call(position, left),
            "[" => self.predicate(position, left),
            "^" => self.sort(position, left),
            "{" => {
                let pairs = self.pairs()?;
                let depth = left.depth.max(pairs_depth(&pairs));
                Ok(raw(Kind::Group(Box::new(left), pairs), position, depth))
            }
            "?" => self.condition(position, left),
            ":=" => {
                if !matches!(left.kind, Kind::Variable(_)) {
                    return Err(Fault::new("S0212").at(left.position));
                }
                let right = self.expression(9)?;
                Ok(binary(operator, position, left, right))
            }
            "@" | "#" => {
                let right = self.expression(TIGHTEST)?;
                if !matches!(right.kind, Kind::Variable(_)) {
                    return Err(Fault::new("S0214").at(right.position).token(operator));
                }
                Ok(binary(operator, position, left, right))
            }
            _ => {
                let right = self.expression(operator_power(operator))?;
                Ok(binary(operator, position, left, right))
            }
        }
    }

    fn block(&mut self, position: usize) -> Result<Raw> {
        let mut expressions = Vec::new();
        while !self.node.kind.is(")") {
            expressions.push(self.expression(0)?);
            if !self.eat(";")? {
                break;
            }
        }
        self.expect(")", true)?;
        let depth = depth_of(&expressions);
        Ok(raw(Kind::Block(expressions), position, depth))
    }

    fn array(&mut self, position: usize) -> Result<Raw> {
        let mut items = Vec::new();
        if !self.node.kind.is("]") {
            loop {
                let item = self.expression(0)?;
                let range = self.node.position;
                items.push(if self.eat("..")? {
                    let end = self.expression(0)?;
                    binary("..", range, item, end)
                } else {
                    item
                });
                if !self.eat(",")? {
                    break;
                }
            }
        }
        self.expect("]", true)?;
        let depth = depth_of(&items);
        Ok(raw(Kind::Array(items), position, depth))
    }

    /// `{`, already passed, to `}`.
    fn pairs(&mut self) -> Result<Vec<(Raw, Raw)>> {
        let mut pairs = Vec::new();
        if !self.node.kind.is("}") {
            loop {
                let name = self.expression(0)?;
                self.expect(":", false)?;
                let value = self.expression(0)?;
                pairs.push((name, value));
                if !self.eat(",")? {
                    break;
                }
            }
        }
        self.expect("}", true)?;
        Ok(pairs)
    }

    fn transform(&mut self, position: usize) -> Result<Raw> {
        let pattern = self.expression(0)?;
        self.expect("|", false)?;
        let update = self.expression(0)?;
        let delete = if self.eat(",")? {
            Some(self.expression(0)?)
        } else {
            None
        };
        self.expect("|", false)?;
        let depth = pattern
            .depth
            .max(update.depth)
            .max(delete.as_ref().map_or(0, |raw| raw.depth));
        Ok(raw(
            Kind::Transform(Box::new((pattern, update, delete))),
            position,
            depth,
        ))
    }

    fn condition(&mut self, position: usize, condition: Raw) -> Result<Raw> {
        let then = self.expression(0)?;
        let otherwise = if self.eat(":")? {
            Some(self.expression(0)?)
        } else {
            None
        };
        let depth = condition
            .depth
            .max(then.depth)
            .max(otherwise.as_ref().map_or(0, |raw| raw.depth));
        Ok(raw(
            Kind::Condition(Box::new((condition, then, otherwise))),
            position,
            depth,
        ))
    }

    fn predicate(&mut self, position: usize, mut left: Raw) -> Result<Raw> {
        if self.node.kind.is("]") {
            // An empty predicate: what the others stand behind stays an array.
            let mut step = &mut left;
            while matches!(step.kind, Kind::Binary("[", _)) {
                let Kind::Binary(_, sides) = &mut step.kind else {
                    break;
                };
                step = &mut sides.0;
            }
            step.keep_array = true;
            self.advance(false)?;
            return Ok(left);
        }
        let right = self.expression(0)?;
        self.expect("]", true)?;
        Ok(binary("[", position, left, right))
    }

    fn sort(&mut self, position: usize, left: Raw) -> Result<Raw> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = !self.eat("<")? && self.eat(">")?;
            terms.push(Term {
                expression: self.expression(0)?,
                descending,
            });
            if !self.eat(",")? {
                break;
            }
        }
        self.expect(")", false)?;
        let depth = terms
            .iter()
            .map(|term| term.expression.depth)
            .max()
            .unwrap_or(0)
            .max(left.depth);
        Ok(raw(Kind::Sort(Box::new(left), terms), position, depth))
    }

    fn call(&mut self, position: usize, procedure: Raw) -> Result<Raw> {
        let mut arguments = Vec::new();
        let mut partial = false;
        if !self.node.kind.is(")") {
            loop {
                let placeholder = self.node.position;
                if self.eat("?")? {
                    partial = true;
                    arguments.push(raw(Kind::Placeholder, placeholder, 0));
                } else {
                    arguments.push(self.expression(0)?);
                }
                if !self.eat(",")? {
                    break;
                }
            }
        }
        self.expect(")", true)?;
        if matches!(&procedure.kind, Kind::Name(name) if matches!(name.as_ref(), "function" | "λ"))
        {
            return self.lambda(position, arguments);
        }
        let depth = procedure.depth.max(depth_of(&arguments));
        let kind = Kind::Call {
            procedure: Box::new(procedure),
            arguments,
            partial,
        };
        Ok(raw(kind, position, depth))
    }

    fn lambda(&mut self, position: usize, arguments: Vec<Raw>) -> Result<Raw> {
        let mut parameters: Vec<Arc<str>> = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.into_iter().enumerate() {
            let Kind::Variable(name) = argument.kind else {
                let number = (index + 1).to_string();
                return Err(Fault::new("S0208").at(argument.position).value(number));
            };
            parameters.push(name);
        }
        let signature = if self.node.kind.is("<") {
            Some(self.signature()?)
        } else {
            None
        };
        self.expect("{", false)?;
        let body = self.expression(0)?;
        self.expect("}", false)?;
        let depth = body.depth;
        let kind = Kind::Lambda {
            parameters,
            signature,
            body: Box::new(body),
        };
        Ok(raw(kind, position, depth))
    }

    /// `<`, not yet passed, to the `>` that closes it.
    fn signature(&mut self) -> Result<Signature> {
        let position = self.node.position;
        let mut text = "<".to_owned();
        let mut depth = 1;
        while depth > 0 && !self.node.kind.is("{") && !matches!(self.node.kind, Lexeme::End) {
            self.advance(false)?;
            if self.node.kind.is(">") {
                depth -= 1;
            } else if self.node.kind.is("<") {
                depth += 1;
            }
            match self.node.kind.shown() {
                crate::error::Token::Name(shown) => text.push_str(&shown),
                crate::error::Token::Json(shown) => text.push_str(&shown),
            }
        }
        self.expect(">", false)?;
        Signature::parse(&text).map_err(|mut fault| {
            fault.position = Some(position + fault.index);
            fault
        })
    }
}

fn raw(kind: Kind, position: usize, depth_below: usize) -> Raw {
    Raw {
        kind,
        position,
        keep_array: false,
        depth: depth_below + 1,
    }
}

fn binary(operator: &'static str, position: usize, left: Raw, right: Raw) -> Raw {
    let depth = left.depth.max(right.depth);
    raw(
        Kind::Binary(operator, Box::new((left, right))),
        position,
        depth,
    )
}

fn depth_of(raws: &[Raw]) -> usize {
    raws.iter().map(|raw| raw.depth).max().unwrap_or(0)
}

fn pairs_depth(pairs: &[(Raw, Raw)]) -> usize {
    pairs
        .iter()
        .map(|(name, value)| name.depth.max(value.depth))
        .max()
        .unwrap_or(0)
}

fn binding_power(kind: &Lexeme) -> u32 {
    match kind {
        Lexeme::Operator(operator) => operator_power(operator),
        _ => 0,
    }
}

fn operator_power(operator: &str) -> u32 {
    match operator {
        "(" | "[" | "@" | "#" => TIGHTEST,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "!=" | "<=" | ">=" | "^" | "~>" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

fn too_deep(position: usize) -> Box<Fault> {
    Fault::bare(format!(
        "Expression nests more than {DEPTH_MAX} levels deep"
    ))
    .at(position)
}
