//! Definitions that AWS was given, what it said of them, and what it computed.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use asl::machine::{Condition, Flow, Kind};
use asl::{Data, Entropy, Json, MachineType, StateMachine, create_error_message, parse_as};
use regex_lite::Regex;

/// Cases whose definitions we judge otherwise, with reasons.
const DIFFERENCES: &str = include_str!("definition_differences.txt");

fn cases(folder: &Path) -> Vec<(PathBuf, Json)> {
    let mut cases = Vec::new();
    let mut folders = vec![folder.join("cases")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("the case is readable");
                cases.push((path, Json::from_text(&text).expect("a case is JSON")));
            }
        }
    }
    cases.sort_by(|left, right| left.0.cmp(&right.0));
    cases
}

/// What an earlier response would have filled in.
fn fill_in(text: &str) -> String {
    let reference = Regex::new(r"\$\{[0-9]+:([^}]*)\}").expect("a valid expression");
    reference
        .replace_all(text, |found: &regex_lite::Captures<'_>| match &found[1] {
            name if name.contains("activityArn") => {
                "arn:aws:states:us-east-1:000000000000:activity:name"
            }
            name if name.contains("Function") => {
                "arn:aws:lambda:us-east-1:000000000000:function:name"
            }
            _ => "name",
        })
        .into_owned()
}

/// Every text in a value.
fn texts(value: &Json) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Json::String(text) => texts.push(&**text),
            Json::Array(items) => rest.extend(items),
            Json::Object(members) => rest.extend(members.values()),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
    texts
}

/// A recorded message, with its placeholders, as an expression that matches the whole.
fn matcher(recorded: &str) -> Regex {
    let escaped = recorded
        .split('⟦')
        .map(|piece| match piece.split_once('⟧') {
            Some((_, after)) => format!(".+{}", regex_lite::escape(after)),
            None => regex_lite::escape(piece),
        });
    Regex::new(&format!("(?s)^{}$", escaped.collect::<String>())).expect("a valid expression")
}

#[test]
fn definitions_are_judged_as_aws_judged_them() {
    let Some(folder) = super::folder() else {
        return;
    };
    let known: Vec<&str> = DIFFERENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once(": ").map(|(name, _)| name))
        .collect();
    let mut surprises = Vec::new();
    let mut judged = 0;
    for (path, case) in cases(&folder) {
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a case has a name");
        let recorded: Vec<&str> = texts(case.get("expected").expect("a case has expectations"))
            .into_iter()
            .filter_map(|text| {
                text.find("Invalid State Machine Definition: '")
                    .map(|at| &text[at..])
            })
            .collect();
        let steps = case
            .get("steps")
            .and_then(Json::as_array)
            .expect("a case has steps");
        // Where the recorder put a message of its own in AWS's place, the refusal alone counts.
        let refused = texts(case.get("expected").expect("a case has expectations"))
            .iter()
            .any(|text| text.starts_with("Error=ValueError"));
        let mut differs = None;
        for step in steps {
            let (Some(operation), Some(parameters)) =
                (step.get("op").and_then(Json::as_str), step.get("params"))
            else {
                continue;
            };
            if !matches!(operation, "CreateStateMachine" | "UpdateStateMachine") {
                continue;
            }
            let Some(definition) = parameters.get("definition").and_then(Json::as_str) else {
                continue;
            };
            let machine_type = match parameters.get("type").and_then(Json::as_str) {
                Some("EXPRESS") => MachineType::Express,
                _ => MachineType::Standard,
            };
            judged += 1;
            let parsed = parse_as(&fill_in(definition), machine_type);
            let message = parsed
                .machine
                .is_none()
                .then(|| create_error_message(&parsed.diagnostics));
            let same = match &message {
                None => recorded.is_empty() && !refused,
                Some(_) if refused => true,
                Some(message) => recorded
                    .iter()
                    .any(|recorded| matcher(recorded).is_match(message)),
            };
            if !same {
                differs = Some(format!(
                    "{name}: {definition}\n  ours: {message:?}\n  AWS's: {recorded:?}"
                ));
            }
        }
        match (differs, known.contains(&name)) {
            (None, false) | (Some(_), true) => {}
            (Some(differs), false) => surprises.push(differs),
            (None, true) => surprises.push(format!("{name} is listed, but agrees")),
        }
    }
    assert!(
        surprises.is_empty(),
        "of {judged} definitions:\n{}",
        surprises.join("\n")
    );
    assert!(judged > 500, "only {judged} definitions");
}

/// Validation's answers have their own form.
#[test]
fn diagnostics_are_those_of_aws() {
    let Some(folder) = super::folder() else {
        return;
    };
    let mut judged = 0;
    for (path, case) in cases(&folder) {
        let steps = case
            .get("steps")
            .and_then(Json::as_array)
            .expect("a case has steps");
        for step in steps {
            if step.get("op").and_then(Json::as_str) != Some("ValidateStateMachineDefinition") {
                continue;
            }
            let parameters = step.get("params").expect("a step has parameters");
            let definition = parameters
                .get("definition")
                .and_then(Json::as_str)
                .expect("it has a definition");
            let Some(key) = step
                .get("expect")
                .and_then(|expect| expect.at(0))
                .and_then(|one| one.get("key"))
            else {
                continue;
            };
            let expected = case
                .get("expected")
                .and_then(|all| all.get(key.as_str()?))
                .expect("the key is there");
            let Some(wanted) = expected.get("diagnostics") else {
                continue;
            };
            let machine_type = match parameters.get("type").and_then(Json::as_str) {
                Some("EXPRESS") => MachineType::Express,
                _ => MachineType::Standard,
            };
            let ours = Json::array(
                parse_as(definition, machine_type)
                    .diagnostics
                    .into_iter()
                    .map(|diagnostic| {
                        let mut members = vec![
                            ("severity", Json::from("ERROR")),
                            ("code", Json::from(diagnostic.code)),
                            ("message", Json::from(diagnostic.message)),
                        ];
                        if !diagnostic.location.is_empty() {
                            members.push(("location", Json::from(diagnostic.location)));
                        }
                        Json::object(members)
                    }),
            );
            assert_eq!(&ours, wanted, "{}", path.display());
            judged += 1;
        }
    }
    assert!(judged >= 6, "only {judged} definitions");
}

/// The one state of a machine that only computes.
fn parameters(machine: &StateMachine) -> Option<&asl::Template> {
    let scope = machine.scopes.first()?;
    let state = scope
        .states
        .get(&scope.start_at)
        .filter(|_| scope.states.len() == 1)?;
    match (&state.flow, &state.kind) {
        (Flow::JsonPath(flow), Kind::Pass(_)) => flow.parameters.as_ref(),
        _ => None,
    }
}

#[test]
fn functions_give_what_aws_gave() {
    let Some(folder) = super::folder() else {
        return;
    };
    let mut computed = 0;
    for (path, case) in cases(&folder.join("")) {
        if !path
            .parent()
            .is_some_and(|parent| parent.ends_with("intrinsic_functions"))
        {
            continue;
        }
        let steps = case
            .get("steps")
            .and_then(Json::as_array)
            .expect("a case has steps");
        let text = |operation: &str, member: &str| -> Vec<&str> {
            let of_operation = steps
                .iter()
                .filter(|step| step.get("op").and_then(Json::as_str) == Some(operation));
            of_operation
                .filter_map(|step| step.get("params")?.get(member)?.as_str())
                .collect()
        };
        let definitions = text("CreateStateMachine", "definition");
        let machine = definitions
            .first()
            .and_then(|definition| parse_as(definition, MachineType::Standard).machine);
        let Some(machine) = machine else { continue };
        let Some(template) = parameters(&machine) else {
            continue;
        };
        let expected = case
            .get("expected")
            .and_then(Json::as_object)
            .expect("a case has expectations");
        let outputs = expected
            .values()
            .filter_map(|answer| answer.get("events")?.as_array())
            .flat_map(|events| {
                events
                    .iter()
                    .filter_map(|event| event.get("executionSucceededEventDetails")?.get("output"))
            });
        for (input, output) in text("StartExecution", "input").into_iter().zip(outputs) {
            if output.to_text().contains('⟦') {
                continue;
            }
            let input = Json::from_text(input).expect("an input is JSON");
            let context =
                || Json::object([("Execution", Json::object([("Input", input.clone())]))]);
            let entropy = RefCell::new(Entropy::new([0; 16]));
            let data = Data {
                input: &input,
                context: &context,
                variables: &|_| None,
                entropy: &entropy,
                allowance: &asl::Allowance::default(),
                jsonata: asl::JsonataData::default(),
            };
            let ours = template
                .evaluate(&data, asl::Place::Field("Parameters"))
                .expect("AWS computed it");
            let wrapped = ours.get("merged").unwrap_or(&ours);
            assert_eq!(
                wrapped.to_sorted().to_text(),
                output.to_sorted().to_text(),
                "{}: {input}",
                path.display()
            );
            computed += 1;
        }
    }
    assert!(computed > 50, "only {computed} inputs");
}

#[test]
fn comparators_decide_as_aws_decided() {
    let Some(folder) = super::folder() else {
        return;
    };
    let mut decided = 0;
    for (path, case) in cases(&folder) {
        if !path
            .parent()
            .is_some_and(|parent| parent.ends_with("choice_operators"))
        {
            continue;
        }
        let expected = case
            .get("expected")
            .and_then(|expected| expected.get("cases"))
            .and_then(Json::as_array);
        let steps = case
            .get("steps")
            .and_then(Json::as_array)
            .expect("a case has steps");
        let mut machine = None;
        let mut index = 0;
        for step in steps {
            let parameter = |name: &str| {
                step.get("params")
                    .and_then(|parameters| parameters.get(name)?.as_str())
            };
            match step.get("op").and_then(Json::as_str) {
                Some("CreateStateMachine") => {
                    let definition = parameter("definition").expect("it has a definition");
                    machine = parse_as(definition, MachineType::Standard).machine;
                    assert!(machine.is_some(), "{}: {definition}", path.display());
                }
                Some("StartExecution") => {
                    let (Some(machine), Some(wanted)) =
                        (&machine, expected.and_then(|all| all.get(index)))
                    else {
                        continue;
                    };
                    index += 1;
                    let input = Json::from_text(parameter("input").unwrap_or("{}"))
                        .expect("an input is JSON");
                    let wanted = wanted
                        .get("output")
                        .and_then(|output| output.get("TestResult.$")?.as_str());
                    let ours = if holds(machine, &input) {
                        "ConditionTrue"
                    } else {
                        "ConditionFalse"
                    };
                    assert_eq!(wanted, Some(ours), "{}: {input}", path.display());
                    decided += 1;
                }
                _ => {}
            }
        }
    }
    assert!(decided > 250, "only {decided} decisions");
}

fn holds(machine: &StateMachine, input: &Json) -> bool {
    let choice = machine
        .scopes
        .iter()
        .flat_map(|scope| scope.states.values())
        .find_map(|state| match &state.kind {
            Kind::Choice(choice) => Some(choice),
            _ => None,
        });
    let entropy = RefCell::new(Entropy::new([0; 16]));
    let data = Data {
        input,
        context: &|| Json::Null,
        variables: &|_| None,
        entropy: &entropy,
        allowance: &asl::Allowance::default(),
        jsonata: asl::JsonataData::default(),
    };
    let rules = &choice.expect("the machine has a Choice").rules;
    let condition: &Condition = &rules.first().expect("it has a rule").condition;
    condition
        .evaluate(&data, asl::Place::Field("Choices"))
        .expect("AWS could decide")
}

#[test]
fn variables_are_seen_where_aws_sees_them() {
    let Some(folder) = super::folder() else {
        return;
    };
    let mut compared = 0;
    for (path, case) in cases(&folder) {
        let answers = case
            .get("expected")
            .and_then(Json::as_object)
            .expect("a case has expectations");
        let steps = case
            .get("steps")
            .and_then(Json::as_array)
            .expect("a case has steps");
        let definition = steps.iter().find_map(|step| {
            let creates = step.get("op").and_then(Json::as_str) == Some("CreateStateMachine");
            step.get("params")
                .filter(|_| creates)?
                .get("definition")?
                .as_str()
        });
        let wanted = answers
            .values()
            .find_map(|answer| answer.get("variableReferences"));
        let (Some(definition), Some(wanted)) = (definition, wanted) else {
            continue;
        };
        if definition.contains("{%") {
            continue;
        }
        let machine = parse_as(definition, MachineType::Standard)
            .machine
            .expect("AWS accepted it");
        let ours = Json::object(machine.variable_references.iter().map(|(state, names)| {
            (
                state.as_ref(),
                Json::array(names.iter().map(|name| Json::string(name.as_ref()))),
            )
        }));
        assert_eq!(&ours, wanted, "{}", path.display());
        compared += 1;
    }
    assert!(compared >= 7, "only {compared} machines");
}

/// The workshop's machine, its functions filled in.
#[test]
fn the_workshops_machine_is_understood() {
    let Some(folder) = super::folder() else {
        return;
    };
    let reference = folder.join("../reference/rider-photo.asl.json");
    let text = fs::read_to_string(reference).expect("the reference is readable");
    let placeholder = Regex::new("REPLACE_WITH_[A-Za-z]+").expect("a valid expression");
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:name";
    let parsed = parse_as(&placeholder.replace_all(&text, arn), MachineType::Standard);
    assert_eq!(parsed.diagnostics, []);
    assert!(parsed.machine.is_some());
}
