//! The second pass: gathers paths, makes tail calls, and finds the step that each `%` refers to.

use std::sync::Arc;

use crate::error::{Fault, Result};
use crate::json;

use super::Tree;
use super::raw::{self, Raw};
use super::tree::{
    Call, Condition, Kind, Lambda, Node, Operator, Pairs, Path, Stage, Term, Transform,
};

pub(super) fn lower(raw: Raw) -> Result<Tree> {
    let mut pass = Pass { slots: Vec::new() };
    let root = pass.node(raw)?;
    if matches!(root.kind, Kind::Parent(_)) || !root.seeking.is_empty() {
        return Err(parent_unknown(&root));
    }
    Ok(Tree {
        root,
        labels: pass.slots.into_iter().map(|slot| slot.label).collect(),
    })
}

struct Pass {
    slots: Vec<Slot>,
}

/// A `%`.
struct Slot {
    label: Arc<str>,
    /// How many steps up it still has to go.
    level: i64,
}

impl Pass {
    fn node(&mut self, raw: Raw) -> Result<Node> {
        let Raw {
            kind,
            position,
            keep_array,
            ..
        } = raw;
        let mut node = self.kind(kind, position, keep_array)?;
        node.keep_array |= keep_array;
        Ok(node)
    }

    fn kind(&mut self, kind: raw::Kind, position: usize, keep_array: bool) -> Result<Node> {
        let leaf = |kind| Ok(Node::new(kind, position));
        match kind {
            raw::Kind::Null => leaf(Kind::Null),
            raw::Kind::Bool(value) => leaf(Kind::Bool(value)),
            raw::Kind::Number(number) => leaf(Kind::Number(number)),
            raw::Kind::String(text) => leaf(Kind::String(text)),
            raw::Kind::Variable(name) => leaf(Kind::Variable(name)),
            raw::Kind::Regex(regex) => leaf(Kind::Regex(regex)),
            raw::Kind::Wildcard => leaf(Kind::Wildcard),
            raw::Kind::Descendants => leaf(Kind::Descendants),
            raw::Kind::Name(name) => Ok(name_path(name, position, keep_array)),
            raw::Kind::Word(word) => Ok(name_path(word.into(), position, keep_array)),
            raw::Kind::Parent => {
                self.slots.push(Slot {
                    label: format!("!{}", self.slots.len()).into(),
                    level: 1,
                });
                leaf(Kind::Parent(self.slots.len() - 1))
            }
            raw::Kind::Placeholder => Err(Fault::new("S0201").at(position).token("?")),
            raw::Kind::End => Err(Fault::new("S0207").at(position).token("(end)")),
            raw::Kind::Binary(operator, sides) => {
                let (left, right) = *sides;
                self.binary(operator, left, right, position, keep_array)
            }
            raw::Kind::Negate(operand) => self.negate(*operand, position),
            raw::Kind::Array(items) => {
                let items = self.nodes(items)?;
                let seeking = seeking_of(&items);
                let mut node = Node::new(Kind::Array(items), position);
                node.seeking = seeking;
                Ok(node)
            }
            raw::Kind::Object(pairs) => {
                let pairs = self.pairs(pairs)?;
                let mut seeking = Vec::new();
                for (name, value) in &pairs {
                    push_ancestry(&mut seeking, name);
                    push_ancestry(&mut seeking, value);
                }
                let mut node =
                    Node::new(Kind::Object(Box::new(Pairs { pairs, position })), position);
                node.seeking = seeking;
                Ok(node)
            }
            raw::Kind::Group(left, pairs) => {
                let mut node = self.node(*left)?;
                if node.group.is_some() {
                    return Err(Fault::new("S0210").at(position));
                }
                let pairs = self.pairs(pairs)?;
                node.group = Some(Box::new(Pairs { pairs, position }));
                Ok(node)
            }
            raw::Kind::Sort(left, terms) => self.sort(*left, terms, position),
            raw::Kind::Block(expressions) => {
                let expressions = self.nodes(expressions)?;
                let mut node = Node::new(Kind::Null, position);
                node.seeking = seeking_of(&expressions);
                node.cons_array = expressions.iter().any(begins_cons);
                node.kind = Kind::Block(expressions);
                Ok(node)
            }
            raw::Kind::Condition(parts) => self.condition(*parts, position),
            raw::Kind::Call {
                procedure,
                arguments,
                partial,
            } => self.call(*procedure, arguments, partial, position),
            raw::Kind::Lambda {
                parameters,
                signature,
                body,
            } => {
                let body = tail_call(self.node(*body)?);
                leaf(Kind::Lambda(Arc::new(Lambda {
                    parameters,
                    signature,
                    body,
                })))
            }
            raw::Kind::Transform(parts) => {
                let (pattern, update, delete) = *parts;
                let transform = Transform {
                    pattern: self.node(pattern)?,
                    update: self.node(update)?,
                    delete: delete.map(|raw| self.node(raw)).transpose()?,
                    position,
                };
                leaf(Kind::Transform(Arc::new(transform)))
            }
        }
    }

    fn nodes(&mut self, raws: Vec<Raw>) -> Result<Vec<Node>> {
        let mut nodes = Vec::with_capacity(raws.len());
        for raw in raws {
            nodes.push(self.node(raw)?);
        }
        Ok(nodes)
    }

    fn pairs(&mut self, pairs: Vec<(Raw, Raw)>) -> Result<Vec<(Node, Node)>> {
        let mut nodes = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            nodes.push((self.node(name)?, self.node(value)?));
        }
        Ok(nodes)
    }

    fn binary(
        &mut self,
        operator: &'static str,
        left: Raw,
        right: Raw,
        position: usize,
        keep_array: bool,
    ) -> Result<Node> {
        match operator {
            "." => self.dot(left, right, position),
            "[" => self.predicate(left, right, position),
            "@" => self.focus(left, right, position, keep_array),
            "#" => self.index(left, right, position),
            ":=" => {
                let raw::Kind::Variable(name) = left.kind else {
                    return Err(Fault::new("S0212").at(left.position));
                };
                let value = self.node(right)?;
                let mut seeking = Vec::new();
                push_ancestry(&mut seeking, &value);
                let mut node = Node::new(Kind::Bind(name, Box::new(value)), position);
                node.seeking = seeking;
                Ok(node)
            }
            "~>" => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                let keep_array = left.keep_array || right.keep_array;
                let mut node = Node::new(Kind::Apply(Box::new((left, right))), position);
                node.keep_array = keep_array;
                Ok(node)
            }
            _ => {
                let Some(operator) = operator_of(operator) else {
                    return Err(Fault::new("S0201").at(position).token(operator));
                };
                let (left, right) = (self.node(left)?, self.node(right)?);
                let mut seeking = Vec::new();
                push_ancestry(&mut seeking, &left);
                push_ancestry(&mut seeking, &right);
                let mut node = Node::new(Kind::Binary(operator, Box::new((left, right))), position);
                node.seeking = seeking;
                Ok(node)
            }
        }
    }

    fn negate(&mut self, operand: Raw, position: usize) -> Result<Node> {
        let mut operand = self.node(operand)?;
        if let Kind::Number(number) = &mut operand.kind {
            *number = -*number;
            return Ok(operand);
        }
        let mut seeking = Vec::new();
        push_ancestry(&mut seeking, &operand);
        let mut node = Node::new(Kind::Negate(Box::new(operand)), position);
        node.seeking = seeking;
        Ok(node)
    }

    fn dot(&mut self, left: Raw, right: Raw, position: usize) -> Result<Node> {
        let left = self.node(left)?;
        let parent = match left.kind {
            Kind::Parent(slot) => Some(slot),
            _ => None,
        };
        let mut node = as_path(left, position);
        if let Some(slot) = parent {
            node.seeking = vec![slot];
        }
        let rest = self.node(right)?;
        let Kind::Path(path) = &mut node.kind else {
            return Ok(node);
        };
        match rest {
            Node {
                kind: Kind::Path(more),
                ..
            } => path.steps.extend(more.steps),
            mut step => {
                step.stages
                    .extend(step.predicates.drain(..).map(Stage::Filter));
                path.steps.push(step);
            }
        }
        for step in &mut path.steps {
            match &step.kind {
                Kind::Number(_) | Kind::Bool(_) | Kind::Null => {
                    return Err(Fault::new("S0213")
                        .at(step.position)
                        .value(literal(&step.kind)));
                }
                Kind::String(text) => step.kind = Kind::Name(Arc::clone(text)),
                _ => {}
            }
        }
        path.keep_singleton |= path.steps.iter().any(|step| step.keep_array);
        if let Some(first) = path.steps.first_mut() {
            first.cons_array |= matches!(first.kind, Kind::Array(_));
        }
        if let Some(last) = path.steps.last_mut() {
            last.cons_array |= matches!(last.kind, Kind::Array(_));
        }
        self.resolve_ancestry(&mut node)?;
        Ok(node)
    }

    fn predicate(&mut self, left: Raw, right: Raw, position: usize) -> Result<Node> {
        let mut node = self.node(left)?;
        let predicate = self.node(right)?;
        let is_path = matches!(node.kind, Kind::Path(_));
        with_last_step(&mut node, |step| {
            if step.group.is_some() {
                return Err(Fault::new("S0209").at(position));
            }
            for &slot in &predicate.seeking {
                match self.level(slot) {
                    1 => self.seek_parent(step, slot)?,
                    level => self.set_level(slot, level - 1),
                }
            }
            if !predicate.seeking.is_empty() {
                push_ancestry(&mut step.seeking, &predicate);
            }
            if is_path {
                step.stages.push(Stage::Filter(predicate));
            } else {
                step.predicates.push(predicate);
            }
            Ok(())
        })?;
        Ok(node)
    }

    fn sort(&mut self, left: Raw, terms: Vec<raw::Term>, position: usize) -> Result<Node> {
        let left = self.node(left)?;
        let mut node = as_path(left, position);
        let mut seeking = Vec::new();
        let mut lowered = Vec::with_capacity(terms.len());
        for term in terms {
            let expression = self.node(term.expression)?;
            push_ancestry(&mut seeking, &expression);
            lowered.push(Term {
                expression,
                descending: term.descending,
            });
        }
        let mut step = Node::new(Kind::Sort(lowered), position);
        step.seeking = seeking;
        if let Kind::Path(path) = &mut node.kind {
            path.steps.push(step);
        }
        self.resolve_ancestry(&mut node)?;
        Ok(node)
    }

    fn focus(&mut self, left: Raw, right: Raw, position: usize, keep_array: bool) -> Result<Node> {
        let mut node = self.node(left)?;
        with_last_step(&mut node, |step| {
            if !step.stages.is_empty() || !step.predicates.is_empty() {
                return Err(Fault::new("S0215").at(position));
            }
            if matches!(step.kind, Kind::Sort(_)) {
                return Err(Fault::new("S0216").at(position));
            }
            step.keep_array |= keep_array;
            step.focus = variable(right);
            step.tuple = true;
            Ok(())
        })?;
        Ok(node)
    }

    fn index(&mut self, left: Raw, right: Raw, position: usize) -> Result<Node> {
        let left = self.node(left)?;
        let was_path = matches!(left.kind, Kind::Path(_));
        let mut node = as_path(left, position);
        with_last_step(&mut node, |step| {
            if !was_path {
                step.stages
                    .extend(step.predicates.drain(..).map(Stage::Filter));
            }
            let name = variable(right);
            if step.stages.is_empty() {
                step.index = name;
            } else {
                step.stages.extend(name.map(Stage::Index));
            }
            step.tuple = true;
        });
        Ok(node)
    }

    fn condition(&mut self, parts: (Raw, Raw, Option<Raw>), position: usize) -> Result<Node> {
        let (condition, then, otherwise) = parts;
        let condition = self.node(condition)?;
        let then = self.node(then)?;
        let otherwise = otherwise.map(|raw| self.node(raw)).transpose()?;
        let mut seeking = Vec::new();
        push_ancestry(&mut seeking, &condition);
        push_ancestry(&mut seeking, &then);
        if let Some(otherwise) = &otherwise {
            push_ancestry(&mut seeking, otherwise);
        }
        let condition = Condition {
            condition,
            then,
            otherwise,
        };
        let mut node = Node::new(Kind::Condition(Box::new(condition)), position);
        node.seeking = seeking;
        Ok(node)
    }

    fn call(
        &mut self,
        procedure: Raw,
        arguments: Vec<Raw>,
        partial: bool,
        position: usize,
    ) -> Result<Node> {
        let mut seeking = Vec::new();
        let mut lowered = Vec::with_capacity(arguments.len());
        for argument in arguments {
            lowered.push(match argument.kind {
                raw::Kind::Placeholder => None,
                _ => {
                    let node = self.node(argument)?;
                    push_ancestry(&mut seeking, &node);
                    Some(node)
                }
            });
        }
        let call = Arc::new(Call {
            procedure: self.node(procedure)?,
            arguments: lowered,
            position,
        });
        let kind = if partial {
            Kind::Partial(call)
        } else {
            Kind::Call(call)
        };
        let mut node = Node::new(kind, position);
        node.seeking = seeking;
        Ok(node)
    }

    fn level(&self, slot: usize) -> i64 {
        self.slots.get(slot).map_or(0, |slot| slot.level)
    }

    fn set_level(&mut self, slot: usize, level: i64) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.level = level;
        }
    }

    /// Goes one step up: to that node, or through it.
    fn seek_parent(&mut self, node: &mut Node, slot: usize) -> Result<()> {
        match &mut node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                let level = self.level(slot) - 1;
                self.set_level(slot, level);
                if level == 0 {
                    if let Some(existing) = node.ancestor {
                        self.share_label(slot, existing);
                    }
                    node.ancestor = Some(slot);
                    node.tuple = true;
                }
            }
            Kind::Parent(_) => self.set_level(slot, self.level(slot) + 1),
            Kind::Block(expressions) => {
                if let Some(last) = expressions.last_mut() {
                    node.tuple = true;
                    self.seek_parent(last, slot)?;
                }
            }
            Kind::Path(path) => {
                node.tuple = true;
                let mut steps = path.steps.iter_mut().rev();
                if let Some(last) = steps.next() {
                    self.seek_parent(last, slot)?;
                }
                for step in steps {
                    if self.level(slot) <= 0 {
                        break;
                    }
                    self.seek_parent(step, slot)?;
                }
            }
            _ => return Err(parent_unknown(node)),
        }
        Ok(())
    }

    /// Two `%` that refer to the same step are one.
    fn share_label(&mut self, slot: usize, existing: usize) {
        let label = self.slots.get(existing).map(|slot| Arc::clone(&slot.label));
        if let (Some(label), Some(slot)) = (label, self.slots.get_mut(slot)) {
            slot.label = label;
        }
    }

    /// Finds the steps that the `%` in the last step refer to; what lies before the path is left to who holds it.
    fn resolve_ancestry(&mut self, node: &mut Node) -> Result<()> {
        let Kind::Path(path) = &mut node.kind else {
            return Ok(());
        };
        let Some((last, before)) = path.steps.split_last_mut() else {
            return Ok(());
        };
        let mut slots = last.seeking.clone();
        if let Kind::Parent(slot) = last.kind {
            slots.push(slot);
        }
        for slot in slots {
            let mut index = before.len();
            while self.level(slot) > 0 {
                if index == 0 {
                    node.seeking.push(slot);
                    break;
                }
                index -= 1;
                // Of steps in a row that bind a focus the first counts.
                while index > 0 && is_focus(before.get(index)) && is_focus(before.get(index - 1)) {
                    index -= 1;
                }
                if let Some(step) = before.get_mut(index) {
                    self.seek_parent(step, slot)?;
                }
            }
        }
        Ok(())
    }
}

fn parent_unknown(node: &Node) -> Box<Fault> {
    let fault = Fault::new("S0217");
    match node.kind {
        // These have no place in the reference implementation.
        Kind::Parent(_) | Kind::Path(_) => fault,
        _ => fault.at(node.position),
    }
}

fn is_focus(step: Option<&Node>) -> bool {
    step.is_some_and(|step| step.focus.is_some())
}

fn name_path(name: Arc<str>, position: usize, keep_array: bool) -> Node {
    let mut step = Node::new(Kind::Name(name), position);
    step.keep_array = keep_array;
    let path = Path {
        steps: vec![step],
        keep_singleton: keep_array,
    };
    Node::new(Kind::Path(path), position)
}

fn as_path(node: Node, position: usize) -> Node {
    if matches!(node.kind, Kind::Path(_)) {
        return node;
    }
    let path = Path {
        steps: vec![node],
        keep_singleton: false,
    };
    Node::new(Kind::Path(path), position)
}

/// Does something with the last step of a path, or with the node itself.
fn with_last_step<R>(node: &mut Node, act: impl FnOnce(&mut Node) -> R) -> R {
    if let Kind::Path(path) = &mut node.kind
        && let Some(last) = path.steps.last_mut()
    {
        return act(last);
    }
    act(node)
}

fn push_ancestry(seeking: &mut Vec<usize>, value: &Node) {
    seeking.extend(&value.seeking);
    if let Kind::Parent(slot) = value.kind {
        seeking.push(slot);
    }
}

fn seeking_of(nodes: &[Node]) -> Vec<usize> {
    let mut seeking = Vec::new();
    for node in nodes {
        push_ancestry(&mut seeking, node);
    }
    seeking
}

fn begins_cons(node: &Node) -> bool {
    node.cons_array
        || matches!(&node.kind, Kind::Path(path) if path.steps.first().is_some_and(|step| step.cons_array))
}

/// Marks the calls that end a function. As in the reference implementation such a call has nothing of what stands
/// behind it but predicates, which it must not have.
fn tail_call(mut node: Node) -> Node {
    if !node.predicates.is_empty() || node.group.is_some() && !matches!(node.kind, Kind::Call(_)) {
        return node;
    }
    node.kind = match node.kind {
        Kind::Call(call) => Kind::TailCall(call),
        Kind::Condition(condition) => {
            let Condition {
                condition,
                then,
                otherwise,
            } = *condition;
            Kind::Condition(Box::new(Condition {
                condition,
                then: tail_call(then),
                otherwise: otherwise.map(tail_call),
            }))
        }
        Kind::Block(mut expressions) => {
            if let Some(last) = expressions.pop() {
                expressions.push(tail_call(last));
            }
            Kind::Block(expressions)
        }
        other => other,
    };
    node
}

fn variable(raw: Raw) -> Option<Arc<str>> {
    match raw.kind {
        raw::Kind::Variable(name) => Some(name),
        _ => None,
    }
}

fn literal(kind: &Kind) -> String {
    match kind {
        Kind::Number(number) => crate::number::to_text(*number),
        Kind::Bool(value) => value.to_string(),
        Kind::String(text) => json::quoted(text),
        _ => "null".to_owned(),
    }
}

fn operator_of(symbol: &str) -> Option<Operator> {
    Some(match symbol {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Remainder,
        "=" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "&" => Operator::Concatenate,
        "and" => Operator::And,
        "or" => Operator::Or,
        ".." => Operator::Range,
        "in" => Operator::In,
        _ => return None,
    })
}
