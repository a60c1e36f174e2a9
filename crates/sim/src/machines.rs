//! State machines drawn from a seed: valid, without loops, in both query languages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::START;
use crate::chance::Chance;

/// How large a machine may be, and what it may be made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Of one workflow, fallbacks not counted.
    pub(crate) states_max: u64,
    /// How deep Parallel and Map nest.
    pub(crate) depth_max: u64,
    /// Whether every schedule is to give the same end: then nothing races but what can't be told afterwards. Branches
    /// and iterations catch every error, and no task is lost with the worker that took it.
    pub(crate) confluent: bool,
}

/// What a machine is, beside its definition.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) states: BTreeMap<String, Known>,
    /// `TimeoutSeconds` of the whole.
    pub(crate) timeout_seconds: Option<u64>,
}

/// What is known of a state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// It stands in the outermost workflow.
    pub(crate) outer: bool,
    /// How long a Wait waits.
    pub(crate) wait: Option<Waits>,
    /// What its retriers wait at least, in seconds.
    pub(crate) interval_seconds: u64,
    /// A task that may never be answered, since a time-out ends it.
    pub(crate) timed: bool,
    /// In seconds.
    pub(crate) heartbeat: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Waits {
    Seconds(u64),
    /// As many seconds as `n` in its input says.
    Data,
    /// Until so many seconds after the simulation's start.
    Until(u64),
}

/// A definition, and what is known of it.
pub(crate) fn draw(chance: &mut Chance, size: Size) -> (Value, Facts) {
    let jsonata = chance.once_in(2);
    let mut writer = Writer {
        chance,
        size,
        jsonata,
        facts: Facts::default(),
        drawn: 0,
    };
    let mut definition = writer.workflow(0);
    if jsonata {
        definition.insert("QueryLanguage".into(), "JSONata".into());
    }
    if !size.confluent && writer.chance.once_in(6) {
        let seconds = writer.chance.between(10, 90);
        definition.insert("TimeoutSeconds".into(), seconds.into());
        writer.facts.timeout_seconds = Some(seconds);
    }
    (definition.into(), writer.facts)
}

/// What an execution is started with; every state hands these members on.
pub(crate) fn draw_input(chance: &mut Chance) -> Value {
    let items: Vec<u64> = (0..chance.below(5)).map(|_| chance.below(10)).collect();
    json!({ "n": chance.below(10), "items": items, "flag": chance.once_in(2) })
}

type Members = Map<String, Value>;

struct Writer<'a> {
    chance: &'a mut Chance,
    size: Size,
    jsonata: bool,
    facts: Facts,
    drawn: u64,
}

/// A workflow while it is written.
struct Workflow {
    depth: u64,
    states: Members,
    /// Where catchers lead that don't lead to the next state.
    fallback: Option<String>,
}

impl Writer<'_> {
    fn workflow(&mut self, depth: u64) -> Members {
        let count = if depth == 0 {
            self.chance.between(1, self.size.states_max)
        } else {
            self.chance.between(1, self.size.states_max.min(3))
        };
        let mut workflow = Workflow {
            depth,
            states: Members::new(),
            fallback: None,
        };
        let mut names: Vec<String> = (0..count).map(|_| self.name("S")).collect();
        if depth == 0 {
            // Variables are there before anything reads them.
            names.insert(0, self.name("I"));
        }
        let start = names[0].clone();
        for (place, name) in names.iter().enumerate() {
            let later = &names[place + 1..];
            let state = if depth == 0 && place == 0 {
                self.first(later)
            } else {
                self.state(&mut workflow, name, later)
            };
            self.known(name).outer = depth == 0;
            workflow.states.insert(name.clone(), state.into());
        }
        members(json!({ "StartAt": start, "States": workflow.states }))
    }

    fn name(&mut self, kind: &str) -> String {
        self.drawn += 1;
        format!("{kind}{}", self.drawn)
    }

    fn known(&mut self, name: &str) -> &mut Known {
        self.facts.states.entry(name.to_owned()).or_default()
    }

    fn first(&mut self, later: &[String]) -> Members {
        let mut state = members(json!({ "Type": "Pass", "Assign": self.assign("v", "$.n") }));
        go_on(&mut state, later);
        state
    }

    fn state(&mut self, workflow: &mut Workflow, name: &str, later: &[String]) -> Members {
        let nests = workflow.depth < self.size.depth_max;
        let last = later.is_empty();
        loop {
            let mut state = match self.chance.below(14) {
                0 | 1 => self.pass(workflow.depth),
                2 if !last => return self.choice(workflow, later),
                3 | 4 => self.wait(name),
                5..=9 => {
                    let mut task = self.task(name);
                    self.handled(workflow, name, &mut task, later);
                    task
                }
                10 | 11 if nests => {
                    let mut parallel = self.parallel(workflow.depth);
                    self.handled(workflow, name, &mut parallel, later);
                    parallel
                }
                12 if nests => {
                    let mut map = self.map(workflow.depth);
                    self.handled(workflow, name, &mut map, later);
                    map
                }
                13 if last => return self.ending(workflow.depth),
                _ => continue,
            };
            go_on(&mut state, later);
            return state;
        }
    }

    fn ending(&mut self, depth: u64) -> Members {
        let fails = self.chance.once_in(2) && (depth == 0 || !self.size.confluent);
        members(if fails {
            json!({ "Type": "Fail", "Error": "E3", "Cause": "it was to be" })
        } else {
            json!({ "Type": "Succeed" })
        })
    }

    fn pass(&mut self, depth: u64) -> Members {
        let mut state = members(json!({ "Type": "Pass" }));
        if self.chance.once_in(2) {
            // What an outer workflow has assigned, an inner one must not.
            let variable = if depth == 0 {
                "v".into()
            } else {
                self.name("w")
            };
            state.insert("Assign".into(), self.assign(&variable, "$.sum"));
        }
        let place = self.place();
        if self.jsonata {
            let output = merged(&place, "$states.input.n + 1");
            state.insert("Output".into(), output.into());
        } else {
            let sum = json!({ "sum.$": "States.MathAdd($.n, 1)" });
            state.insert("Parameters".into(), sum);
            state.insert("ResultPath".into(), format!("$.{place}").into());
        }
        state
    }

    fn choice(&mut self, workflow: &mut Workflow, later: &[String]) -> Members {
        let number = self.chance.below(10);
        let mut rules = if self.jsonata {
            [
                json!({ "Condition": "{% $states.input.flag %}" }),
                json!({ "Condition": format!("{{% $states.input.n > {number} %}}") }),
            ]
        } else {
            [
                json!({ "Variable": "$.flag", "BooleanEquals": true }),
                json!({ "Variable": "$.n", "NumericGreaterThan": number }),
            ]
        };
        for rule in &mut rules {
            let next = match self.chance.below(5) {
                0 => self.fallback(workflow),
                _ => self.chance.pick(later).clone(),
            };
            rule["Next"] = next.into();
        }
        // The next one is its default, so that every state can be reached.
        members(json!({ "Type": "Choice", "Choices": rules, "Default": later[0] }))
    }

    fn wait(&mut self, name: &str) -> Members {
        let seconds = self.chance.between(1, 40);
        let (waits, field) = match self.chance.below(4) {
            0 => (Waits::Data, None),
            1 => (Waits::Until(seconds), None),
            _ => (Waits::Seconds(seconds), Some(json!({ "Seconds": seconds }))),
        };
        self.known(name).wait = Some(waits);
        let mut state = members(json!({ "Type": "Wait" }));
        let field = field.unwrap_or_else(|| match waits {
            Waits::Until(seconds) => json!({ "Timestamp": instant(seconds) }),
            Waits::Data | Waits::Seconds(_) if self.jsonata => {
                json!({ "Seconds": "{% $states.input.n %}" })
            }
            Waits::Data | Waits::Seconds(_) => json!({ "SecondsPath": "$.n" }),
        });
        state.extend(members(field));
        state
    }

    fn task(&mut self, name: &str) -> Members {
        let ask = self.ask();
        let (with_token, without) = (self.with_token(ask.clone()), ask);
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:Child";
        let queue = "https://sqs.us-east-1.amazonaws.com/000000000000/q";
        let kinds = if self.size.confluent { 5 } else { 7 };
        let (resource, arguments) = match self.chance.below(kinds) {
            0 | 1 => (function.to_owned(), without),
            2 => (
                "arn:aws:states:::lambda:invoke".into(),
                json!({ "FunctionName": function, "Payload": without }),
            ),
            3 => (
                "arn:aws:states:::sqs:sendMessage.waitForTaskToken".into(),
                json!({ "QueueUrl": queue, "MessageBody": with_token }),
            ),
            4 => (
                "arn:aws:states:::states:startExecution.sync:2".into(),
                json!({ "StateMachineArn": machine, "Input": without }),
            ),
            _ => (
                "arn:aws:states:us-east-1:000000000000:activity:A".into(),
                without,
            ),
        };
        // The worker that took a task of an activity may die with it, and only a time-out tells.
        let timed = resource.contains(":activity:") || self.chance.once_in(2);
        let mut state = members(json!({ "Type": "Task", "Resource": resource }));
        let arguments_field = if self.jsonata {
            "Arguments"
        } else {
            "Parameters"
        };
        state.insert(arguments_field.into(), arguments);
        if timed {
            let seconds = self.chance.between(3, 30);
            state.insert("TimeoutSeconds".into(), seconds.into());
            if self.chance.once_in(2) {
                let heartbeat = self.chance.between(1, seconds - 1);
                state.insert("HeartbeatSeconds".into(), heartbeat.into());
                self.known(name).heartbeat = Some(heartbeat);
            }
        }
        self.known(name).timed = timed;
        let place = self.place();
        if self.jsonata {
            state.insert("Output".into(), merged(&place, "$states.result").into());
        } else {
            let place = if self.chance.once_in(4) {
                Value::Null
            } else {
                format!("$.{place}").into()
            };
            state.insert("ResultPath".into(), place);
        }
        state
    }

    /// What every service is asked: it decides the answer, so that the same question has the same answer.
    fn ask(&mut self) -> Value {
        let reads = [
            ("x", "$$.Execution.Name", "$states.context.Execution.Name"),
            (
                "r",
                "$$.State.RetryCount",
                "$states.context.State.RetryCount",
            ),
            ("n", "$.n", "$states.input.n"),
            ("v", "$v", "$v"),
        ];
        let asked = reads.map(|(name, path, expression)| {
            if self.jsonata {
                (
                    name.to_owned(),
                    Value::from(format!("{{% {expression} %}}")),
                )
            } else {
                (format!("{name}.$"), Value::from(path))
            }
        });
        json!({ "ask": Members::from_iter(asked) })
    }

    fn with_token(&mut self, mut ask: Value) -> Value {
        if self.jsonata {
            ask["token"] = "{% $states.context.Task.Token %}".into();
        } else {
            ask["token.$"] = "$$.Task.Token".into();
        }
        ask
    }

    fn parallel(&mut self, depth: u64) -> Members {
        let branches: Vec<Value> = (0..self.chance.between(1, 3))
            .map(|_| self.workflow(depth + 1).into())
            .collect();
        let mut state = members(json!({ "Type": "Parallel", "Branches": branches }));
        self.gathered(&mut state);
        state
    }

    fn map(&mut self, depth: u64) -> Members {
        let mut processor = self.workflow(depth + 1);
        processor.insert("ProcessorConfig".into(), json!({ "Mode": "INLINE" }));
        let mut state = members(json!({ "Type": "Map", "ItemProcessor": processor }));
        state.extend(members(if self.jsonata {
            json!({ "Items": "{% $states.input.items %}", "ItemSelector": {
                "n": "{% $states.context.Map.Item.Value %}", "items": [1, 2], "flag": "{% $states.input.flag %}" } })
        } else {
            json!({ "ItemsPath": "$.items", "ItemSelector": {
                "n.$": "$$.Map.Item.Value", "items": [1, 2], "flag.$": "$.flag" } })
        }));
        if self.chance.once_in(2) {
            let most = self.chance.between(0, 3);
            state.insert("MaxConcurrency".into(), most.into());
        }
        if self.chance.once_in(4) {
            let percentage = self.chance.between(0, 100);
            state.insert("ToleratedFailurePercentage".into(), percentage.into());
        }
        self.gathered(&mut state);
        state
    }

    /// Of what branches or iterations give, little is kept, so that nothing grows with the depth.
    fn gathered(&mut self, state: &mut Members) {
        let place = self.place();
        if self.jsonata {
            state.insert("Output".into(), merged(&place, "[$states.result.n]").into());
        } else {
            state.insert("ResultSelector".into(), json!({ "all.$": "$[*].n" }));
            state.insert("ResultPath".into(), format!("$.{place}").into());
        }
    }

    /// Retriers and catchers.
    fn handled(
        &mut self,
        workflow: &mut Workflow,
        name: &str,
        state: &mut Members,
        later: &[String],
    ) {
        let must_catch = self.size.confluent && workflow.depth > 0;
        if self.chance.once_in(2) {
            let error =
                *self
                    .chance
                    .pick(&["E1", "States.Timeout", "States.TaskFailed", "States.ALL"]);
            let interval = self.chance.between(1, 5);
            let jitter = self.chance.once_in(3);
            let mut retrier = json!({ "ErrorEquals": [error], "IntervalSeconds": interval,
                "MaxAttempts": self.chance.between(0, 2), "BackoffRate": 1.5 });
            if jitter {
                retrier["JitterStrategy"] = "FULL".into();
            }
            self.known(name).interval_seconds = if jitter { 0 } else { interval };
            state.insert("Retry".into(), json!([retrier]));
        }
        if must_catch || self.chance.once_in(2) {
            let error = if must_catch {
                "States.ALL"
            } else {
                *self.chance.pick(&["E1", "E2", "States.ALL"])
            };
            let next = match later.first() {
                Some(next) if self.chance.once_in(2) => next.clone(),
                _ => self.fallback(workflow),
            };
            let mut catcher = json!({ "ErrorEquals": [error], "Next": next });
            if self.jsonata {
                catcher["Output"] = merged("e", "$states.errorOutput.Error").into();
            } else {
                catcher["ResultPath"] = "$.e".into();
            }
            state.insert("Catch".into(), json!([catcher]));
        }
    }

    fn fallback(&mut self, workflow: &mut Workflow) -> String {
        if let Some(name) = &workflow.fallback {
            return name.clone();
        }
        let name = self.name("F");
        let fails = self.chance.once_in(2) && !(self.size.confluent && workflow.depth > 0);
        let state = if fails {
            json!({ "Type": "Fail", "Error": "E4" })
        } else {
            json!({ "Type": "Pass", "End": true })
        };
        self.known(&name).outer = workflow.depth == 0;
        workflow.states.insert(name.clone(), state);
        workflow.fallback = Some(name.clone());
        name
    }

    /// A member of the data, one of few.
    fn place(&mut self) -> String {
        format!("x{}", self.chance.below(3))
    }

    /// Sets a variable to a number: in JSONPath, of what the state gives.
    fn assign(&self, variable: &str, given: &str) -> Value {
        if self.jsonata {
            json!({ variable: "{% $states.input.n %}" })
        } else {
            json!({ format!("{variable}.$"): given })
        }
    }
}

fn merged(place: &str, expression: &str) -> String {
    format!("{{% $merge([$states.input, {{'{place}': {expression}}}]) %}}")
}

fn go_on(state: &mut Members, later: &[String]) {
    match later.first() {
        Some(next) => state.insert("Next".into(), next.as_str().into()),
        None => state.insert("End".into(), true.into()),
    };
}

fn members(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        _ => unreachable!("only objects are given"),
    }
}

/// So many seconds after the simulation's start, which is a full minute.
fn instant(seconds: u64) -> String {
    assert!(
        seconds < 60 && START.0 % 60_000 == 0,
        "it is the same minute"
    );
    format!("2026-01-01T00:00:{seconds:02}Z")
}
