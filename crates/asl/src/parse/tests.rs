use std::fmt::Write as _;

use crate::machine::{
    Comparison, Condition, Field, Flow, Kind, MapMode, ScopeId, Transition, Wait,
};
use crate::{MachineType, Severity, StateMachine, create_error_message, parse, parse_as};

fn machine(text: &str) -> StateMachine {
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed
        .machine
        .unwrap_or_else(|| panic!("a machine without errors is there"))
}

/// What there is to say about a definition, a line each.
fn said(text: &str) -> String {
    let mut lines = String::new();
    for diagnostic in parse(text).diagnostics {
        let _ = writeln!(
            lines,
            "{:?} {} {} — {}",
            diagnostic.severity, diagnostic.code, diagnostic.location, diagnostic.message
        );
    }
    lines
}

/// What there is to say about one state of a machine that is otherwise right.
fn said_of(state: &str) -> String {
    said(&format!(r#"{{"StartAt":"S","States":{{"S":{state},"T":{{"Type":"Succeed"}},"U":{{"Type":"Pass","Next":"T"}}}}}}"#))
        .lines()
        .filter(|line| !line.contains("is not reachable"))
        .fold(String::new(), |lines, line| lines + line + "\n")
}

/// Compares with `snapshots/`; `INSTA_UPDATE=always` writes them anew.
fn settle(name: &str, text: String) {
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(name, text) });
}

#[test]
fn texts_that_are_no_definitions() {
    settle(
        "texts_that_are_no_definitions",
        [
            "",
            " ",
            "[]",
            "{",
            "{}",
            r#"{"StartAt":1,"States":{}}"#,
            r#"{"StartAt":"A","States":{"A":1},"Extra":1}"#,
        ]
        .map(|text| format!("{text}\n{}", said(text)))
        .join("\n"),
    );
}

#[test]
fn fields_of_states() {
    settle(
        "fields_of_states",
        [
            "{}",
            r#"{"Type":"Loop","End":true}"#,
            r#"{"Type":"Pass"}"#,
            r#"{"Type":"Pass","Next":"T","End":true}"#,
            r#"{"Type":"Pass","End":false}"#,
            r#"{"Type":"Pass","End":"yes"}"#,
            r#"{"Type":"Pass","End":true,"Catch":[],"TimeoutSeconds":1,"Foo":1}"#,
            r#"{"Type":"Pass","End":true,"Output":1}"#,
            r#"{"Type":"Pass","End":true,"InputPath":"a","OutputPath":1,"ResultPath":"$.a[*]"}"#,
            r#"{"Type":"Pass","End":true,"Parameters":{"a":{"b.$":"x","c.$":1,"d.$":"States.Nope()"}}}"#,
            r#"{"Type":"Pass","End":true,"Parameters":{"a":"$.b"},"Result":{"a.$":"$.b"}}"#,
            r#"{"Type":"Pass","End":true,"Assign":1}"#,
            r#"{"Type":"Task","End":true}"#,
            r#"{"Type":"Task","End":true,"Resource":"f"}"#,
            r#"{"Type":"Task","End":true,"Resource":"arn:aws:states:::dynamodb:query"}"#,
            r#"{"Type":"Task","End":true,"Resource":"arn:aws:states:::dynamodb:getItem.sync"}"#,
            r#"{"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage","TimeoutSeconds":0,"HeartbeatSeconds":1.5}"#,
            r#"{"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage","TimeoutSeconds":1,"TimeoutSecondsPath":"$.t","HeartbeatSecondsPath":"$..t"}"#,
            r#"{"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage","Credentials":{}}"#,
            r#"{"Type":"Wait","End":true}"#,
            r#"{"Type":"Wait","End":true,"Seconds":1,"Timestamp":"x"}"#,
            r#"{"Type":"Wait","End":true,"Seconds":-1}"#,
            r#"{"Type":"Wait","End":true,"Timestamp":"2016-03-14"}"#,
            r#"{"Type":"Succeed","End":true}"#,
            r#"{"Type":"Fail","Error":1,"CausePath":"x","Cause":"y"}"#,
            r#"{"Type":"Fail","Error":"E","Cause":"$.cause"}"#,
            r#"{"Type":"Pass","QueryLanguage":"jq","End":true}"#,
            r#"{"Type":"Pass","QueryLanguage":"JSONata","Output":{"a":"{% 1 %}","b":"{% 2"},"Parameters":{},"End":true}"#,
        ]
        .map(|state| format!("{state}\n{}", said_of(state)))
        .join("\n")
    );
}

#[test]
fn rules_of_choices() {
    settle(
        "rules_of_choices",
        [
            r#"{"Type":"Choice"}"#,
            r#"{"Type":"Choice","Choices":[],"Next":"T"}"#,
            r#"{"Type":"Choice","Choices":[1,{}],"Default":"Nowhere"}"#,
            r#"{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"IsString":true,"Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"Variable":"$.a[*]","StringEquals":1,"Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"StringEqualsPath":"x","Variable":"$.a","Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"Variable":"$.a","TimestampEquals":"today","Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"Variable":"$.a","BooleanLessThan":true,"Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"And":[],"Next":"T"},{"Not":{"Variable":"$.a","IsNull":true,"Next":"T"},"Next":"T"}]}"#,
            r#"{"Type":"Choice","Choices":[{"Condition":"{% true %}","Next":"T"}]}"#,
        ]
        .map(|state| format!("{state}\n{}", said_of(state)))
        .join("\n")
    );
}

#[test]
fn retriers_and_catchers() {
    let task = |fields: &str| {
        format!(
            r#"{{"Type":"Task","End":true,"Resource":"arn:aws:states:::lambda:invoke",{fields}}}"#
        )
    };
    settle(
        "retriers_and_catchers",
        [
            r#""Retry":1,"Catch":[1]"#,
            r#""Retry":[{}],"Catch":[{}]"#,
            r#""Retry":[{"ErrorEquals":[]}],"Catch":[{"ErrorEquals":[1],"Next":"Nowhere"}]"#,
            r#""Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["a"]}]"#,
            r#""Catch":[{"ErrorEquals":["a","States.ALL"],"Next":"T"}]"#,
            r#""Retry":[{"ErrorEquals":["a"],"IntervalSeconds":0,"MaxAttempts":-1,"BackoffRate":0.5,"MaxDelaySeconds":1,"JitterStrategy":"SOME","Next":"T"}]"#,
            r#""Catch":[{"ErrorEquals":["a"],"Next":"T","ResultPath":"x","Output":1}]"#,
        ]
        .map(|fields| format!("{fields}\n{}", said_of(&task(fields))))
        .join("\n")
    );
}

#[test]
fn workflows_in_workflows() {
    let inner = r#""StartAt":"A","States":{"A":{"Type":"Pass","End":true}}"#;
    let twice = format!(
        r#"{{"Type":"Parallel","End":true,"Branches":[{{{inner}}},{{{inner},"QueryLanguage":"JSONPath"}}]}}"#
    );
    let label = r#"{"Type":"Map","End":true,"Label":"a b","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},INNER},"ItemReader":{"Resource":"arn:aws:states:::s3:putObject","ReaderConfig":{"InputType":"XML","MaxItems":-1}},"ItemBatcher":{},"ResultWriter":{"Resource":"x"}}"#;
    settle(
        "workflows_in_workflows",
        [
            r#"{"Type":"Parallel","End":true}"#.to_owned(),
            r#"{"Type":"Parallel","End":true,"Branches":[]}"#.to_owned(),
            twice,
            r#"{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X","States":{"A":{"Type":"Pass","Next":"T"}}}]}"#.to_owned(),
            r#"{"Type":"Map","End":true}"#.to_owned(),
            format!(r#"{{"Type":"Map","End":true,"Iterator":{{{inner}}},"ItemProcessor":{{{inner}}}}}"#),
            format!(r#"{{"Type":"Map","End":true,"ItemProcessor":{{{inner}}},"ItemSelector":{{}},"Parameters":{{}},"Label":"x","MaxConcurrency":-1,"ToleratedFailurePercentage":101,"ItemsPath":"$.a[*]"}}"#),
            label.replace("INNER", inner),
        ]
        .map(|state| format!("{state}\n{}", said_of(&state)))
        .join("\n")
    );
}

/// Each case as measured on AWS.
#[test]
fn graphs() {
    let cases = [
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#,
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"B":{"Type":"Pass","Next":"A"}}}"#,
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"C":{"Type":"Succeed"}}}"#,
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#,
        r#"{"StartAt":"X","States":{"A":{"Type":"Pass","End":true}}}"#,
        r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"X"}],"Default":"Y"},"T":{"Type":"Succeed"}}}"#,
    ];
    settle(
        "graphs",
        cases
            .map(|text| format!("{text}\n{}", said(text)))
            .join("\n"),
    );
}

#[test]
fn names_sizes_and_depths_are_bounded() {
    let named = |name: &str| {
        format!(r#"{{"StartAt":"{name}","States":{{"{name}":{{"Type":"Succeed"}}}}}}"#)
    };
    assert_eq!(said(&named(&"x".repeat(80))), "");
    assert!(said(&named(&"x".repeat(81))).starts_with("Error INVALID_STATE_NAME"));

    let large = format!("{}{}", named("x"), " ".repeat(crate::DEFINITION_BYTES_MAX));
    assert!(said(&large).contains("must not be larger"));

    let deep = (0..150).fold(named("x"), |inner, level| {
        format!(r#"{{"StartAt":"S{level}","States":{{"S{level}":{{"Type":"Parallel","End":true,"Branches":[{inner}]}}}}}}"#)
    });
    assert!(said(&deep).contains("TOO_DEEPLY_NESTED"));

    let condition = (0..300).fold(
        r#"{"Variable":"$.a","IsNull":true}"#.to_owned(),
        |inner, _| format!(r#"{{"Not":{inner}}}"#),
    );
    let condition = condition.replacen("{\"Not\"", "{\"Next\":\"T\",\"Not\"", 1);
    assert!(
        said_of(&format!(r#"{{"Type":"Choice","Choices":[{condition}]}}"#))
            .contains("TOO_DEEPLY_NESTED")
    );

    let nested = format!("{}1{}", r#"{"a":"#.repeat(990), "}".repeat(990));
    assert_eq!(
        said_of(&format!(
            r#"{{"Type":"Pass","End":true,"Parameters":{nested}}}"#
        )),
        ""
    );
}

/// Nothing that a text can nest overflows a thread's stack, not even one of half the usual size.
#[test]
fn the_deepest_definitions_and_data_are_handled() {
    let work = || {
        let template = format!(
            r#"{}{{"x.$":"$..x"}}{}"#,
            r#"{"a":"#.repeat(980),
            "}".repeat(980)
        );
        let definition = format!(
            r#"{{"StartAt":"S","States":{{"S":{{"Type":"Pass","Parameters":{template},"End":true}}}}}}"#
        );
        let machine = machine(&definition);
        let Flow::JsonPath(flow) = &machine.scopes[0].states["S"].flow else {
            panic!("JSONPath")
        };
        let input = format!("{}1{}", r#"{"x":["#.repeat(499), "]}".repeat(499));
        let input = crate::Json::from_text(&input).unwrap_or_default();
        let entropy = std::cell::RefCell::new(crate::Entropy::new([0; 16]));
        let context = || crate::Json::Null;
        let data = crate::Data {
            input: &input,
            context: &context,
            variables: &|_| None,
            entropy: &entropy,
            allowance: &crate::Allowance::default(),
            jsonata: crate::JsonataData::default(),
        };
        let template = flow
            .parameters
            .as_ref()
            .unwrap_or_else(|| panic!("parameters"));
        // The result is too deep; making and dropping it is what counts.
        assert!(
            template
                .evaluate(&data, crate::Place::Field("Parameters"))
                .is_err()
        );
        assert_eq!(input.to_sorted(), input);
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work);
    thread
        .unwrap_or_else(|error| panic!("{error}"))
        .join()
        .unwrap_or_else(|_| panic!("the work failed"));
}

#[test]
fn parameters_are_those_of_the_api() {
    let said = |resource: &str, parameters: &str| {
        said_of(&format!(
            r#"{{"Type":"Task","End":true,"Resource":"arn:aws:states:::{resource}","Parameters":{parameters}}}"#
        ))
    };
    let ok = said(
        "sqs:sendMessage",
        r#"{"QueueUrl.$":"$.q","MessageBody":{}}"#,
    );
    for (resource, parameters) in [
        (
            "aws-sdk:s3:getObject",
            r#"{"Bucket":"b","Key.$":"$.k","SseCustomerKey":"k"}"#,
        ),
        ("aws-sdk:sfn:startExecution", r#"{"StateMachineArn":"a"}"#),
        ("aws-sdk:ec2:runInstances", r#"{"Anything":1}"#),
        ("ecs:runTask", r#"{"Anything":1}"#),
    ] {
        assert_eq!(said(resource, parameters), ok, "{resource}");
    }
    for (resource, parameters, expected) in [
        (
            "sqs:sendMessage",
            r#"{"MessageBody":"x","Queue":"q"}"#,
            "The field 'Queue' is not supported by Step Functions",
        ),
        (
            "aws-sdk:dynamodb:getItem",
            r#"{"TableName":"t"}"#,
            "The field 'Key' is required but was missing",
        ),
        (
            "aws-sdk:dynamodb:GetItem",
            "{}",
            "The resource provided arn:aws:states:::aws-sdk:dynamodb:GetItem is not recognized.",
        ),
        (
            "aws-sdk:dynamodb:eatItem",
            "{}",
            "The resource provided arn:aws:states:::aws-sdk:dynamodb:eatItem is not recognized.",
        ),
    ] {
        let found = said(resource, parameters);
        assert!(found.contains(expected), "{resource}: {found}");
    }
}

#[test]
fn express_machines_refuse_what_waits() {
    let text = r#"{"StartAt":"S","States":{"S":{"Type":"Task","End":true,"Resource":"RESOURCE"}}}"#;
    for (resource, allowed) in [
        ("arn:aws:states:::states:startExecution.sync:2", false),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", false),
        ("arn:aws:states:us-east-1:123456789012:activity:a", false),
        ("arn:aws:states:::sqs:sendMessage", true),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", true),
    ] {
        let parsed = parse_as(&text.replace("RESOURCE", resource), MachineType::Express);
        assert_eq!(parsed.machine.is_some(), allowed, "{resource}");
        assert!(
            parse(&text.replace("RESOURCE", resource)).machine.is_some(),
            "{resource}"
        );
        // Children of a Distributed Map have a type of their own.
        for (children, allowed) in [("EXPRESS", allowed), ("STANDARD", true)] {
            let map = format!(
                r#"{{"Type":"Map","End":true,"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"{children}"}},{}}}}}"#,
                text.replace("RESOURCE", resource)
                    .trim_start_matches('{')
                    .trim_end_matches('}')
                    .to_owned()
                    + "}}"
            );
            let text = format!(r#"{{"StartAt":"M","States":{{"M":{map}}}}}"#);
            let parsed = parse(&text);
            assert_eq!(
                parsed.machine.is_some(),
                allowed,
                "{text} {:?}",
                parsed.diagnostics
            );
        }
    }
}

#[test]
fn a_machine_becomes_types() {
    let machine = machine(
        r#"{
        "Comment": "all", "TimeoutSeconds": 60, "StartAt": "Work",
        "States": {
            "Work": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {"FunctionName": "f", "Payload": {"Token.$": "$$.Task.Token", "x": [1, {"y.$": "$.y"}]}}, "TimeoutSecondsPath": "$.t",
                "HeartbeatSeconds": 5, "InputPath": null, "ResultPath": null, "Credentials": {"RoleArn.$": "$.r"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}],
                "Catch": [{"ErrorEquals": ["X"], "Next": "Pause", "ResultPath": "$.error"}], "Next": "Pick"},
            "Pick": {"Type": "Choice", "Default": "Pause", "Choices": [
                {"Next": "Each", "And": [{"Variable": "$.n", "NumericGreaterThanEqualsPath": "$.m"},
                    {"Not": {"Variable": "$$.Execution.Name", "StringMatches": "a*"}}]}]},
            "Pause": {"Type": "Wait", "SecondsPath": "$.s", "Next": "Both"},
            "Both": {"Type": "Parallel", "Next": "Each", "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Succeed"}}},
                {"StartAt": "R", "States": {"R": {"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "Cause": "c"}}}]},
            "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true,
                "Assign": {"done.$": "$.n"},
                "Iterator": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Result": [1], "End": true}}}}
        }}"#,
    );
    assert_eq!(
        (machine.timeout_seconds, machine.scopes.len()),
        (Some(60), 4)
    );
    let root = &machine.scopes[0];
    assert_eq!(&*root.start_at, "Work");
    let Kind::Task(task) = &root.states["Work"].kind else {
        panic!("a task")
    };
    assert_eq!(
        (
            task.resource.resource_type().as_str(),
            task.resource.resource().as_str()
        ),
        ("lambda", "invoke.waitForTaskToken")
    );
    assert!(
        matches!(&task.timeout_seconds, Some(Field::Path(source)) if &**source.text() == "$.t")
    );
    assert!(matches!(task.heartbeat_seconds, Some(Field::Literal(5))));
    assert_eq!(
        (task.retry[0].max_attempts, task.retry[0].interval_seconds),
        (3, 1)
    );
    let Flow::JsonPath(flow) = &root.states["Work"].flow else {
        panic!("JSONPath")
    };
    assert!(flow.input_path.is_none() && flow.result_path.is_none());
    assert_eq!(
        flow.output_path.as_ref().map(|path| &**path.text()),
        Some("$")
    );
    let Kind::Choice(choice) = &root.states["Pick"].kind else {
        panic!("a choice")
    };
    let Condition::And(parts) = &choice.rules[0].condition else {
        panic!("a conjunction")
    };
    assert!(matches!(
        &parts[0],
        Condition::Compare {
            comparison: Comparison::Relation { .. },
            ..
        }
    ));
    assert!(matches!(
        &root.states["Pause"].kind,
        Kind::Wait(Wait::SecondsPath(_))
    ));
    let Kind::Parallel(parallel) = &root.states["Both"].kind else {
        panic!("a parallel")
    };
    assert_eq!(parallel.branches, [ScopeId(1), ScopeId(2)]);
    let Kind::Map(map) = &root.states["Each"].kind else {
        panic!("a map")
    };
    assert_eq!((map.processor, map.mode), (ScopeId(3), MapMode::Inline));
    assert_eq!(root.states["Each"].transition, Transition::End);
    assert!(root.states["Each"].assign.is_some());
    assert!(
        matches!(&machine.scopes[3].states["I"].kind, Kind::Pass(pass) if pass.result.is_some())
    );
}

#[test]
fn warnings_do_not_hinder() {
    let parsed = parse(
        r#"{"StartAt":"S","States":{"S":{"Type":"Pass","Parameters":{"a":"$.b"},"End":true}}}"#,
    );
    assert!(parsed.machine.is_some());
    assert_eq!(
        parsed
            .diagnostics
            .first()
            .map(|one| (one.severity, one.code)),
        Some((Severity::Warning, "NO_DOLLAR"))
    );
    assert_eq!(
        create_error_message(&parsed.diagnostics),
        "Invalid State Machine Definition: ''"
    );
}

#[test]
fn a_state_by_itself_leads_wherever_it_wants() {
    let parsed = crate::parse_state(r#"{"Type": "Pass", "Next": "Nowhere"}"#);
    let machine = parsed.machine.expect("it is a state");
    let (scope, state) = machine.find(crate::LONE_STATE).expect("it is there");
    assert_eq!(scope, crate::machine::ScopeId::ROOT);
    assert_eq!(
        state.transition,
        crate::machine::Transition::Next("Nowhere".into())
    );
}

#[test]
fn a_state_by_itself_is_refused_under_aws_s_name_for_it() {
    let parsed = crate::parse_state(r#"{"Type": "Parallel", "Branches": [], "End": true}"#);
    assert_eq!(
        crate::create_error_message(&parsed.diagnostics),
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value cannot be empty at \
         /States/StateName/Branches'"
    );
    // What stands inside it must be whole.
    let parsed = crate::parse_state(
        r#"{"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}]}"#,
    );
    let said = crate::create_error_message(&parsed.diagnostics);
    assert!(said.contains("Missing 'Next' target: B"), "{said}");
}
