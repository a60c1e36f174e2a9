//! An object of the definition with its place, and readers of its fields that report what is wrong with them.

use std::sync::Arc;

use crate::machine::{Field, QueryLanguage, Source};
use crate::{Array, Expression, Json, JsonPath, Object, ReferencePath, Template};

use super::Parser;
use super::rules;

/// The specification's bound of a variable's name.
const VARIABLE_CHARACTERS_MAX: usize = 80;

#[derive(Clone)]
pub(super) struct Node<'a> {
    object: &'a Object,
    location: String,
    pub(super) language: QueryLanguage,
}

impl<'a> Node<'a> {
    pub(super) fn new(object: &'a Object, location: String, language: QueryLanguage) -> Self {
        Self {
            object,
            location,
            language,
        }
    }

    /// Where it stands; `/` for the definition itself.
    pub(super) fn location(&self) -> &str {
        if self.location.is_empty() {
            "/"
        } else {
            &self.location
        }
    }

    /// Where a field of it stands.
    pub(super) fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.location)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        self.object.get(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a Arc<str>> {
        self.object.keys()
    }

    /// Reports the fields that the table does not have, or not for this language.
    pub(super) fn fields(&self, parser: &mut Parser, known: &[rules::Field]) {
        for name in self.object.keys() {
            let found = known.iter().find(|(known, _)| *known == &**name);
            let message = match found {
                None => format!("Field '{name}' is not supported"),
                Some((_, Some(language))) if *language != self.language => format!(
                    "The QueryLanguage is set to '{}', but field '{name}' is only supported for the '{}' QueryLanguage",
                    self.language.name(),
                    language.name()
                ),
                Some(_) => continue,
            };
            parser.error(self.location(), message);
        }
    }

    /// Reports those that are absent; whether all are there.
    pub(super) fn required(&self, parser: &mut Parser, names: &[&str]) -> bool {
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !self.has(name))
            .collect();
        if !missing.is_empty() {
            parser.error(
                self.location(),
                format!("These fields are required: [{}]", missing.join(", ")),
            );
        }
        missing.is_empty()
    }

    /// Reports if more than one is there; whether that is so.
    pub(super) fn at_most_one(&self, parser: &mut Parser, names: &[&str]) -> bool {
        let several = names.iter().filter(|name| self.has(name)).count() > 1;
        if several {
            let message = format!(
                "There should only be one of the following fields: [{}]",
                names.join(", ")
            );
            parser.error(self.location(), message);
        }
        several
    }

    /// Reports unless exactly one is there; whether that is so.
    pub(super) fn exactly_one(&self, parser: &mut Parser, names: &[&str]) -> bool {
        if names.iter().any(|name| self.has(name)) {
            return !self.at_most_one(parser, names);
        }
        let message = format!(
            "There should be one of the following fields: [{}]",
            names.join(", ")
        );
        parser.error(self.location(), message);
        false
    }

    fn wrong_type<T>(&self, parser: &mut Parser, name: &str, expected: &str) -> Option<T> {
        parser.error(&self.at(name), format!("Expected value of type {expected}"));
        None
    }

    pub(super) fn string(&self, parser: &mut Parser, name: &str) -> Option<Arc<str>> {
        match self.get(name)? {
            Json::String(text) => Some(Arc::clone(text)),
            _ => self.wrong_type(parser, name, "String"),
        }
    }

    pub(super) fn boolean(&self, parser: &mut Parser, name: &str) -> Option<bool> {
        match self.get(name)? {
            Json::Bool(value) => Some(*value),
            _ => self.wrong_type(parser, name, "Boolean"),
        }
    }

    pub(super) fn object(&self, parser: &mut Parser, name: &str) -> Option<&'a Object> {
        match self.get(name)? {
            Json::Object(object) => Some(object),
            _ => self.wrong_type(parser, name, "Object"),
        }
    }

    pub(super) fn array(&self, parser: &mut Parser, name: &str) -> Option<&'a Array> {
        match self.get(name)? {
            Json::Array(array) => Some(array),
            _ => self.wrong_type(parser, name, "Array"),
        }
    }

    /// The objects of a list that must have some.
    pub(super) fn nodes(&self, parser: &mut Parser, name: &str) -> Vec<Node<'a>> {
        let Some(array) = self.array(parser, name) else {
            return Vec::new();
        };
        if array.is_empty() {
            parser.error(&self.at(name), "Value cannot be empty");
        }
        self.node_list(parser, name, array)
    }

    /// The objects of a list.
    pub(super) fn node_list(
        &self,
        parser: &mut Parser,
        name: &str,
        array: &'a Array,
    ) -> Vec<Node<'a>> {
        let mut nodes = Vec::with_capacity(array.len());
        for (index, item) in array.iter().enumerate() {
            let location = format!("{}/{name}[{index}]", self.location);
            match item {
                Json::Object(object) => nodes.push(Node::new(object, location, self.language)),
                _ => parser.error(&location, "Expected value of type Object"),
            }
        }
        nodes
    }

    /// A field that is an object.
    pub(super) fn node(&self, parser: &mut Parser, name: &str) -> Option<Node<'a>> {
        self.object(parser, name)
            .map(|object| Node::new(object, self.at(name), self.language))
    }

    /// One of these texts.
    pub(super) fn choice(
        &self,
        parser: &mut Parser,
        name: &str,
        values: &[&str],
    ) -> Option<Arc<str>> {
        let value = self.get(name)?;
        match value {
            Json::String(text) if values.contains(&&**text) => Some(Arc::clone(text)),
            _ => {
                let message = format!(
                    "The field '{name}' should have one of these values: [{}]",
                    values.join(", ")
                );
                parser.error(&self.at(name), message);
                None
            }
        }
    }

    pub(super) fn integer(
        &self,
        parser: &mut Parser,
        name: &str,
        min: u64,
        max: u64,
    ) -> Option<u64> {
        let value = self.get(name)?;
        match (value.as_i64(), value.as_u64()) {
            (_, Some(number)) if number > max => {
                parser.error(&self.at(name), format!("Maximum value is {max}"));
                None
            }
            (_, Some(number)) if number >= min => Some(number),
            (Some(_), _) => {
                parser.error(&self.at(name), format!("Minimum value is {min}"));
                None
            }
            _ => self.wrong_type(parser, name, "Integer"),
        }
    }

    /// From `min` to `max`.
    pub(super) fn number(
        &self,
        parser: &mut Parser,
        name: &str,
        min: f64,
        max: f64,
    ) -> Option<f64> {
        let Some(number) = self.get(name)?.as_f64() else {
            return self.wrong_type(parser, name, "Number");
        };
        if number < min {
            parser.error(&self.at(name), format!("Minimum value is {min:?}"));
            return None;
        }
        if number > max {
            parser.error(&self.at(name), format!("Maximum value is {max:?}"));
            return None;
        }
        Some(number)
    }

    /// A literal, its `…Path` variant (JSONPath) or an expression (JSONata).
    pub(super) fn field<T>(
        &self,
        parser: &mut Parser,
        name: &str,
        context: bool,
        literal: impl FnOnce(&Self, &mut Parser) -> Option<T>,
    ) -> Option<Field<T>> {
        let path_name = format!("{name}Path");
        if self.is_expression(name) {
            return self.expression(parser, name).map(Field::Expression);
        }
        if self.language == QueryLanguage::JsonPath {
            if self.at_most_one(parser, &[name, &path_name]) {
                return None;
            }
            if self.has(&path_name) {
                return self
                    .reference_source(parser, &path_name, context)
                    .map(|path| Field::Path(Source::Path(path)));
            }
        }
        literal(self, parser).map(Field::Literal)
    }

    /// The expression of a text in `{% %}`, if the field is one.
    pub(super) fn expression(&self, parser: &mut Parser, name: &str) -> Option<Expression> {
        let text = self.get(name)?.as_str()?;
        if !Expression::is_delimited(text) {
            return None;
        }
        match Expression::parse(text, &[]) {
            Ok(expression) => {
                parser.refer_to(expression.variables());
                Some(expression)
            }
            Err(problem) => {
                parser.report(problem.code, &self.at(name), problem.message);
                None
            }
        }
    }

    /// Whether the field is meant to be an expression.
    pub(super) fn is_expression(&self, name: &str) -> bool {
        let text = self.get(name).and_then(Json::as_str);
        self.language == QueryLanguage::Jsonata && text.is_some_and(Expression::is_delimited)
    }

    /// A path to read from, `$` by default; none for `null`.
    pub(super) fn path_or_root(&self, parser: &mut Parser, name: &str) -> Option<JsonPath> {
        match self.get(name) {
            None => Some(JsonPath::root()),
            Some(Json::Null) => None,
            Some(Json::String(text)) => {
                let path = JsonPath::parse(text).ok();
                if path.is_none() {
                    parser.error(&self.at(name), "Value must be a valid JSONPath.");
                }
                parser.refer(&path);
                path
            }
            Some(_) => self.wrong_type(parser, name, "String"),
        }
    }

    /// A place to write to, `$` by default; none for `null`.
    pub(super) fn reference_or_root(
        &self,
        parser: &mut Parser,
        name: &str,
    ) -> Option<ReferencePath> {
        match self.get(name) {
            None => Some(ReferencePath::root()),
            Some(Json::Null) => None,
            Some(Json::String(text)) => match ReferencePath::parse(text) {
                Ok(path) => Some(path),
                Err(problem) => {
                    parser.error(
                        &self.at(name),
                        format!("Value is not a Reference Path: {problem}"),
                    );
                    None
                }
            },
            Some(_) => self.wrong_type(parser, name, "String"),
        }
    }

    /// A path that names one place, in the input, a variable or perhaps the context object.
    pub(super) fn reference_source(
        &self,
        parser: &mut Parser,
        name: &str,
        context: bool,
    ) -> Option<JsonPath> {
        let text = self.string(parser, name)?;
        let path = JsonPath::parse(&text).and_then(|path| path.into_reference(context));
        match path {
            Ok(path) => {
                parser.refer([&path]);
                Some(path)
            }
            Err(problem) => {
                parser.error(
                    &self.at(name),
                    format!("Value is not a Reference Path: {problem}"),
                );
                None
            }
        }
    }

    /// A payload template, or what is computed in JSONata.
    pub(super) fn template(&self, parser: &mut Parser, name: &str) -> Option<Template> {
        self.template_with(parser, name, &[])
    }

    /// The same for a field that reads these members of `$states` besides `input` and `context`.
    pub(super) fn template_with(
        &self,
        parser: &mut Parser,
        name: &str,
        members: &[&str],
    ) -> Option<Template> {
        let value = self.get(name)?;
        let template = match self.language {
            QueryLanguage::JsonPath => Template::parse(value),
            QueryLanguage::Jsonata => Template::parse_jsonata(value, members),
        };
        match template {
            Ok(template) => {
                parser.refer_to(template.variables());
                for call in template.overfull() {
                    parser.error(&self.at(name), call.overfull_message());
                }
                if self.language == QueryLanguage::JsonPath {
                    warn_of_paths(parser, value, &self.at(name));
                }
                Some(template)
            }
            Err(problems) => {
                for problem in problems {
                    let at = self.at(name) + &problem.below;
                    parser.report(problem.code, &at, problem.message);
                }
                None
            }
        }
    }

    /// `Assign`, which reads these members of `$states` besides `input` and `context`.
    pub(super) fn assign(&self, parser: &mut Parser, members: &[&str]) -> Option<Template> {
        let given = self.get("Assign").and_then(Json::as_object);
        for key in given.into_iter().flat_map(|given| given.keys()) {
            let name = match self.language {
                QueryLanguage::JsonPath => key.strip_suffix(".$").unwrap_or(key),
                QueryLanguage::Jsonata => key,
            };
            if !is_variable_name(name) {
                let message = format!("'{name}' is not a variable's name");
                parser.error(&self.at("Assign"), message);
            }
        }
        self.object_template_with(parser, "Assign", members)
    }

    /// A template that must be an object.
    pub(super) fn object_template(&self, parser: &mut Parser, name: &str) -> Option<Template> {
        self.object_template_with(parser, name, &[])
    }

    /// The same for a field that reads these members of `$states` besides `input` and `context`.
    pub(super) fn object_template_with(
        &self,
        parser: &mut Parser,
        name: &str,
        members: &[&str],
    ) -> Option<Template> {
        match self.get(name)? {
            Json::Object(_) => self.template_with(parser, name, members),
            _ if self.is_expression(name) => self.template_with(parser, name, members),
            _ => self.wrong_type(parser, name, "Object"),
        }
    }
}

/// A Unicode identifier, and not the reserved one (specification, "State Machine Variables").
fn is_variable_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let fits = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    starts && fits && name.chars().count() <= VARIABLE_CHARACTERS_MAX && name != "states"
}

/// `"x": "$.y"` is taken literally; most likely `"x.$"` was meant.
fn warn_of_paths(parser: &mut Parser, value: &Json, at: &str) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Json::Array(items) => rest.extend(items.iter().rev()),
            Json::Object(members) => {
                for (key, member) in members {
                    let suspicious = member.as_str().is_some_and(|text| {
                        text.starts_with("$.")
                            || text.starts_with("$$.")
                            || text.starts_with("States.") && text.ends_with(')')
                    });
                    if suspicious && !key.ends_with(".$") {
                        let message = format!(
                            "The field '{key}' appears to be a JSONPath or an intrinsic function, but its name does not end with '.$'"
                        );
                        parser.warn("NO_DOLLAR", at, message);
                    }
                }
                rest.extend(members.values().rev());
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
}

impl QueryLanguage {
    /// As definitions name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }
}
