//! States: what all have, then what each type has.

mod choice;
mod fail;
mod integration;
mod map;
mod parallel;
mod pass;
mod task;
mod wait;

use crate::Object;
use crate::machine::{
    Flow, JsonataFlow, Kind, PathFlow, QueryLanguage, State, StateName, Transition,
};

use super::Parser;
use super::node::Node;
use super::rules;

const TYPES: [&str; 8] = [
    "Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map",
];

/// Reads a state; none where it is too wrong to be one.
pub(super) fn read(
    parser: &mut Parser,
    name: &StateName,
    object: &Object,
    at: String,
) -> Option<State> {
    let outer = std::mem::replace(&mut parser.state, StateName::clone(name));
    let state = state(parser, name, object, at);
    parser.state = outer;
    state
}

fn state(parser: &mut Parser, name: &StateName, object: &Object, at: String) -> Option<State> {
    let language = language(parser, object, &at);
    let node = Node::new(object, at, language);
    let comment = node
        .string(parser, "Comment")
        .map(|comment| comment.as_ref().to_owned());
    if !node.required(parser, &["Type"]) {
        return None;
    }
    let state_type = node.choice(parser, "Type", &TYPES)?;
    let fields = match &*state_type {
        "Task" => rules::TASK,
        "Wait" => rules::WAIT,
        "Pass" => rules::PASS,
        "Succeed" => rules::SUCCEED,
        "Fail" => rules::FAIL,
        "Choice" => rules::CHOICE,
        "Parallel" => rules::PARALLEL,
        _ => rules::MAP,
    };
    node.fields(parser, fields);
    let ends_itself = matches!(&*state_type, "Succeed" | "Fail" | "Choice");
    let transition = if ends_itself {
        Some(Transition::End)
    } else {
        transition(parser, &node)
    };
    // The legacy Map's `Parameters` make the items' inputs, not the state's.
    let has_parameters = &*state_type != "Map";
    // What has no work of its own has no result.
    let members: &[&str] = match &*state_type {
        "Task" | "Parallel" | "Map" => &["result"],
        _ => &[],
    };
    let flow = flow(parser, &node, has_parameters, members);
    let assign = node.assign(parser, members);
    parser.assigns |= node.has("Assign");
    let kind = match &*state_type {
        "Task" => task::read(parser, &node).map(|task| Kind::Task(Box::new(task))),
        "Wait" => wait::read(parser, &node).map(Kind::Wait),
        "Pass" => Some(Kind::Pass(pass::read(parser, &node))),
        "Succeed" => Some(Kind::Succeed),
        "Fail" => Some(Kind::Fail(fail::read(parser, &node))),
        "Choice" => Some(Kind::Choice(choice::read(parser, &node))),
        "Parallel" => Some(Kind::Parallel(parallel::read(parser, &node))),
        _ => map::read(parser, &node).map(|map| Kind::Map(Box::new(map))),
    };
    Some(State {
        name: StateName::clone(name),
        comment,
        query_language: language,
        transition: transition?,
        flow,
        assign,
        kind: kind?,
    })
}

/// A state of a JSONPath machine may be JSONata, not the other way round.
fn language(parser: &mut Parser, object: &Object, at: &str) -> QueryLanguage {
    let node = Node::new(object, at.to_owned(), parser.query_language);
    match node
        .choice(parser, "QueryLanguage", &["JSONPath", "JSONata"])
        .as_deref()
    {
        Some("JSONata") => QueryLanguage::Jsonata,
        Some(_) if parser.query_language == QueryLanguage::Jsonata => {
            parser.error(
                at,
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            );
            QueryLanguage::Jsonata
        }
        Some(_) => QueryLanguage::JsonPath,
        None => parser.query_language,
    }
}

fn transition(parser: &mut Parser, node: &Node<'_>) -> Option<Transition> {
    if !node.exactly_one(parser, &["Next", "End"]) {
        return None;
    }
    if node.has("Next") {
        return node.string(parser, "Next").map(Transition::Next);
    }
    match node.boolean(parser, "End") {
        Some(true) => Some(Transition::End),
        Some(false) => {
            parser.error(node.location(), "These fields are required: [Next]");
            None
        }
        None => None,
    }
}

fn flow(parser: &mut Parser, node: &Node<'_>, has_parameters: bool, members: &[&str]) -> Flow {
    match node.language {
        QueryLanguage::JsonPath => Flow::JsonPath(PathFlow {
            input_path: node.path_or_root(parser, "InputPath"),
            parameters: if has_parameters {
                node.template(parser, "Parameters")
            } else {
                None
            },
            result_selector: node.object_template(parser, "ResultSelector"),
            result_path: node.reference_or_root(parser, "ResultPath"),
            output_path: node.path_or_root(parser, "OutputPath"),
        }),
        QueryLanguage::Jsonata => Flow::Jsonata(JsonataFlow {
            arguments: node.template(parser, "Arguments"),
            output: node.template_with(parser, "Output", members),
        }),
    }
}
