//! Text to a [`StateMachine`], and everything there is to say about the text.

mod graph;
mod node;
mod retry;
mod rules;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::machine::{QueryLanguage, Scope, ScopeId, State, StateName};
use crate::{Diagnostic, Json, JsonPath, Object, Root, Severity, StateMachine};

use node::Node;

/// AWS's limit of a definition, in bytes of UTF-8.
pub const DEFINITION_BYTES_MAX: usize = 1_048_576;

/// How deep workflows may stand in workflows, and conditions in conditions.
const NESTING_MAX: usize = 100;

/// ASL: a state's name is at most 80 characters long.
const NAME_CHARACTERS_MAX: usize = 80;

/// What came of a definition's text.
#[derive(Debug)]
pub struct Parsed {
    /// The machine; none if and only if a diagnostic is an error.
    pub machine: Option<StateMachine>,
    /// Everything there is to say about the definition, errors first.
    pub diagnostics: Vec<Diagnostic>,
}

/// The type of a state machine, which decides what its tasks may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MachineType {
    /// `STANDARD`
    #[default]
    Standard,
    /// `EXPRESS`
    Express,
}

/// Reads the definition of a Standard state machine.
pub fn parse(text: &str) -> Parsed {
    parse_as(text, MachineType::Standard)
}

/// Reads the definition of a state machine of that type.
pub fn parse_as(text: &str, machine_type: MachineType) -> Parsed {
    let mut parser = Parser::new(machine_type);
    let machine = parser.definition(text);
    parser.finish(machine)
}

/// The name of a state that is read by itself, as AWS calls it.
pub const LONE_STATE: &str = "StateName";

/// Reads one state by itself, as the only one of a machine, under the name [`LONE_STATE`]. Where it leads is not asked.
pub fn parse_state(text: &str) -> Parsed {
    let mut parser = Parser::new(MachineType::Standard);
    parser.lone = true;
    let machine = parser.object(text).and_then(|state| {
        let states = Json::object([(LONE_STATE, Json::Object(state))]);
        let machine = [("StartAt", LONE_STATE.into()), ("States", states)];
        parser.machine(
            &machine
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    });
    parser.finish(machine)
}

/// Reads a definition that was accepted once: what is said of it today, and was not then, does not count.
///
/// None if it is no state machine at all.
pub fn parse_accepted(text: &str) -> Option<StateMachine> {
    // Express machines may do less; what reads the wider type reads theirs.
    Parser::new(MachineType::Standard).definition(text)
}

/// What the reading of one definition gathers.
pub(crate) struct Parser {
    machine_type: MachineType,
    /// The definition is of one state.
    lone: bool,
    /// The language of the whole definition.
    query_language: QueryLanguage,
    diagnostics: Vec<Diagnostic>,
    /// A place for each workflow in the order of their beginnings; filled when one has been read.
    scopes: Vec<Option<Scope>>,
    /// Where each state's name stood first.
    names: HashMap<StateName, String>,
    labels: HashMap<Arc<str>, String>,
    /// The state that is being read.
    state: StateName,
    variable_references: IndexMap<StateName, BTreeSet<Arc<str>>>,
    assigns: bool,
    activities: BTreeSet<Arc<str>>,
    depth: usize,
}

impl Parser {
    fn new(machine_type: MachineType) -> Self {
        Self {
            machine_type,
            lone: false,
            query_language: QueryLanguage::JsonPath,
            diagnostics: Vec::new(),
            scopes: Vec::new(),
            names: HashMap::new(),
            labels: HashMap::new(),
            state: StateName::default(),
            variable_references: IndexMap::new(),
            assigns: false,
            activities: BTreeSet::new(),
            depth: 0,
        }
    }

    fn finish(mut self, machine: Option<StateMachine>) -> Parsed {
        self.diagnostics
            .sort_by_key(|diagnostic| diagnostic.severity);
        let failed = self
            .diagnostics
            .first()
            .is_some_and(|diagnostic| diagnostic.severity == Severity::Error);
        Parsed {
            machine: machine.filter(|_| !failed),
            diagnostics: self.diagnostics,
        }
    }

    /// Notes that the state reads these paths.
    fn refer<'a>(&mut self, paths: impl IntoIterator<Item = &'a JsonPath>) {
        let names = paths
            .into_iter()
            .filter_map(|path| match path.starts_from() {
                Root::Variable(name) => Some(Arc::clone(name)),
                Root::Input | Root::Context => None,
            });
        self.refer_to(names);
    }

    /// Notes that the state reads these variables.
    fn refer_to(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        let mut names = names.into_iter().peekable();
        if names.peek().is_some() {
            let state = StateName::clone(&self.state);
            self.variable_references
                .entry(state)
                .or_default()
                .extend(names);
        }
    }

    /// A violation of the language's form.
    fn error(&mut self, location: &str, message: impl Into<String>) {
        self.report("SCHEMA_VALIDATION_FAILED", location, message);
    }

    fn report(&mut self, code: &'static str, location: &str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            location: location.to_owned(),
            help: None,
        });
    }

    fn warn(&mut self, code: &'static str, location: &str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic {
            severity: Severity::Warning,
            code,
            message: message.into(),
            location: location.to_owned(),
            help: None,
        });
    }

    fn definition(&mut self, text: &str) -> Option<StateMachine> {
        let object = self.object(text)?;
        self.machine(&object)
    }

    fn object(&mut self, text: &str) -> Option<Object> {
        if text.len() > DEFINITION_BYTES_MAX {
            self.error(
                "",
                format!("Definition must not be larger than {DEFINITION_BYTES_MAX} bytes"),
            );
            return None;
        }
        if text.trim().is_empty() {
            self.error("", "Definition must be a valid JSON object");
            return None;
        }
        let json = match Json::from_text(text) {
            Ok(json) => json,
            Err(error) => {
                self.report("INVALID_JSON_DESCRIPTION", "", error.to_string());
                return None;
            }
        };
        let Json::Object(object) = json else {
            self.error("", "Definition must be a valid JSON object");
            return None;
        };
        Some(object)
    }

    fn machine(&mut self, object: &Object) -> Option<StateMachine> {
        let language = match object.get("QueryLanguage").and_then(Json::as_str) {
            Some("JSONata") => QueryLanguage::Jsonata,
            _ => QueryLanguage::JsonPath,
        };
        self.query_language = language;
        let node = Node::new(object, String::new(), language);
        node.fields(self, &rules::MACHINE);
        node.choice(self, "QueryLanguage", &["JSONPath", "JSONata"]);
        node.string(self, "Version");
        let comment = node
            .string(self, "Comment")
            .map(|comment| comment.as_ref().to_owned());
        let timeout_seconds = node.integer(self, "TimeoutSeconds", 1, 99_999_999);
        self.workflow(&node);
        let scopes = std::mem::take(&mut self.scopes)
            .into_iter()
            .collect::<Option<Vec<_>>>()?;
        Some(StateMachine {
            comment,
            timeout_seconds,
            query_language: language,
            scopes,
            variable_references: std::mem::take(&mut self.variable_references),
            assigns: self.assigns,
            activities: std::mem::take(&mut self.activities),
        })
    }

    /// `StartAt` and `States`, of the machine or of what stands in a Parallel or Map.
    fn workflow(&mut self, node: &Node<'_>) -> Option<ScopeId> {
        if self.depth == NESTING_MAX {
            self.report(
                "TOO_DEEPLY_NESTED",
                node.location(),
                "States are too deeply nested",
            );
            return None;
        }
        self.depth += 1;
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(None);
        node.required(self, &["StartAt", "States"]);
        let start_at = node.string(self, "StartAt");
        let states = self.states(node);
        if !self.lone || self.depth > 1 {
            graph::check(self, node);
        }
        let scope = Some(Scope {
            start_at: start_at.unwrap_or_default(),
            states: states.unwrap_or_default(),
        });
        if let Some(place) = self.scopes.get_mut(id.0 as usize) {
            *place = scope;
        }
        self.depth -= 1;
        Some(id)
    }

    fn states(&mut self, node: &Node<'_>) -> Option<IndexMap<StateName, State>> {
        let states = node.object(self, "States")?;
        let at = node.at("States");
        if states.is_empty() {
            self.error(&at, "Value cannot be empty");
            return None;
        }
        let mut read = IndexMap::with_capacity(states.len());
        for (name, json) in states {
            let at = format!("{at}/{name}");
            self.state_name(name, &at);
            match json {
                Json::Object(object) => {
                    if let Some(state) = state::read(self, name, object, at) {
                        read.insert(Arc::clone(name), state);
                    }
                }
                _ => self.error(&at, "Expected value of type Object"),
            }
        }
        Some(read)
    }

    fn state_name(&mut self, name: &StateName, at: &str) {
        let length = name.chars().count();
        if length == 0 || length > NAME_CHARACTERS_MAX {
            let message =
                format!("State name must be between 1 and {NAME_CHARACTERS_MAX} characters long");
            self.report("INVALID_STATE_NAME", at, message);
        }
        match self.names.get(name) {
            None => {
                self.names.insert(Arc::clone(name), at.to_owned());
            }
            Some(first) => {
                let message =
                    format!("State name '{name}' is not unique, it is also used at {first}");
                self.report("DUPLICATE_STATE_NAME", at, message);
            }
        }
    }
}
