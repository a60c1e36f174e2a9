//! Mock configurations in the form of Step Functions Local: what tasks of an execution answer instead of their services.
//!
//! After the developer guide's page "Configuration file for mocked service integrations in Step Functions Local".

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{Json, Object, Payload};
use serde::{Deserialize, Serialize};

/// How large a configuration's text may be: sixteen results of a task's full size, and their frame.
pub const MOCKS_BYTES_MAX: usize = 4 << 20;

/// The test cases of state machines, by the machines' names.
#[derive(Clone, Debug, Default)]
pub struct MockConfiguration {
    text: Arc<str>,
    machines: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<TestCase>>>,
}

/// Why a text is no configuration, with the place: `MockedResponses.R.0`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MockError(String);

/// What the tasks of one execution answer, by their states' names. A state that is not there calls its service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TestCase {
    pub(crate) states: BTreeMap<Arc<str>, MockedResponse>,
}

/// A response of `MockedResponses`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MockedResponse {
    name: Arc<str>,
    /// By the numbers of the state's invocations, from 0.
    tries: Vec<MockedTries>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct MockedTries {
    first: u64,
    last: u64,
    outcome: MockedOutcome,
}

/// What a task comes to instead of being run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum MockedOutcome {
    Return(Payload),
    Throw {
        error: Option<String>,
        cause: Option<String>,
    },
}

impl MockedResponse {
    /// What the invocation of that number comes to. The service is never called, not even where nothing is said of it.
    pub(crate) fn outcome(&self, number: u64, state: &str) -> MockedOutcome {
        let said = self
            .tries
            .iter()
            .find(|tries| (tries.first..=tries.last).contains(&number));
        said.map_or_else(
            || MockedOutcome::Throw {
                error: Some("States.Runtime".into()),
                cause: Some(format!(
                    "The mocked response '{}' says nothing of the invocation {number} of the state '{state}'.",
                    self.name
                )),
            },
            |tries| tries.outcome.clone(),
        )
    }
}

impl MockConfiguration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// If it is no JSON of that form, is too large, or a test case names a response that is not there.
    pub fn parse(text: &str) -> Result<Self, MockError> {
        if text.len() > MOCKS_BYTES_MAX {
            return Err(MockError(format!(
                "a mock configuration may have {MOCKS_BYTES_MAX} bytes, not {}",
                text.len()
            )));
        }
        let json = Json::from_text(text)
            .map_err(|error| MockError(format!("a mock configuration is JSON: {error}")))?;
        let parts = object("the mock configuration", Some(&json))?;
        known(
            "the mock configuration",
            parts,
            &["StateMachines", "MockedResponses"],
        )?;
        let responses = responses(parts)?;
        let mut machines = BTreeMap::new();
        for (name, machine) in object("StateMachines", parts.get("StateMachines"))? {
            let at = format!("StateMachines.{name}");
            let machine = object(&at, Some(machine))?;
            known(&at, machine, &["TestCases"])?;
            let at = format!("{at}.TestCases");
            let mut cases = BTreeMap::new();
            for (case, states) in object(&at, machine.get("TestCases"))? {
                let at = format!("{at}.{case}");
                let states = test_case(&at, object(&at, Some(states))?, &responses)?;
                cases.insert(Arc::clone(case), Arc::new(states));
            }
            machines.insert(Arc::clone(name), cases);
        }
        Ok(Self {
            text: text.into(),
            machines,
        })
    }

    /// As it was given; empty if there is none.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn case(&self, machine: &str, case: &str) -> Option<&Arc<TestCase>> {
        self.machines.get(machine)?.get(case)
    }
}

type Responses = BTreeMap<Arc<str>, MockedResponse>;

fn test_case(at: &str, states: &Object, responses: &Responses) -> Result<TestCase, MockError> {
    let mut case = TestCase::default();
    for (state, response) in states {
        let name = response
            .as_str()
            .ok_or_else(|| MockError(format!("`{at}.{state}` names a mocked response")))?;
        let response = responses.get(name).ok_or_else(|| {
            MockError(format!(
                "`{at}.{state}`: there is no mocked response `{name}`"
            ))
        })?;
        case.states.insert(Arc::clone(state), response.clone());
    }
    Ok(case)
}

fn responses(parts: &Object) -> Result<Responses, MockError> {
    let mut responses = Responses::new();
    for (name, tries) in object("MockedResponses", parts.get("MockedResponses"))? {
        let at = format!("MockedResponses.{name}");
        let mut response = MockedResponse {
            name: Arc::clone(name),
            tries: Vec::new(),
        };
        for (range, outcome) in object(&at, Some(tries))? {
            let at = format!("{at}.{range}");
            let (first, last) = self::range(range).ok_or_else(|| {
                MockError(format!(
                    "`{at}`: a range of invocations is like `0` or `1-3`"
                ))
            })?;
            let overlaps = |other: &MockedTries| first <= other.last && other.first <= last;
            if response.tries.iter().any(overlaps) {
                return Err(MockError(format!("`{at}`: an invocation has two outcomes")));
            }
            response.tries.push(MockedTries {
                first,
                last,
                outcome: self::outcome(&at, object(&at, Some(outcome))?)?,
            });
        }
        responses.insert(Arc::clone(name), response);
    }
    Ok(responses)
}

/// `0`, `1-3`
fn range(text: &str) -> Option<(u64, u64)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = match text.split_once('-') {
        None => (number(text)?, number(text)?),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    (first <= last).then_some((first, last))
}

fn outcome(at: &str, outcome: &Object) -> Result<MockedOutcome, MockError> {
    known(at, outcome, &["Return", "Throw"])?;
    match (outcome.get("Return"), outcome.get("Throw")) {
        (Some(result), None) => Ok(MockedOutcome::Return(Payload::new(result.clone()))),
        (None, Some(error)) => {
            let at = format!("{at}.Throw");
            let error = object(&at, Some(error))?;
            known(&at, error, &["Error", "Cause"])?;
            let text = |member: &str| match error.get(member) {
                None => Ok(None),
                Some(Json::String(text)) => Ok(Some(text.to_string())),
                Some(_) => Err(MockError(format!("`{at}.{member}` is a text"))),
            };
            Ok(MockedOutcome::Throw {
                error: text("Error")?,
                cause: text("Cause")?,
            })
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(MockError(format!("`{at}` has either `Return` or `Throw`")))
        }
    }
}

/// An object; an absent one is empty.
fn object<'j>(at: &str, json: Option<&'j Json>) -> Result<&'j Object, MockError> {
    static EMPTY: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::default);
    match json {
        None => Ok(&EMPTY),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(MockError(format!("`{at}` is an object"))),
    }
}

fn known(at: &str, object: &Object, known: &[&str]) -> Result<(), MockError> {
    match object.keys().find(|name| !known.contains(&&***name)) {
        Some(other) => Err(MockError(format!(
            "`{at}` has the members {}, not `{other}`",
            known.join(" and ")
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let refused = MockConfiguration::parse(text).expect_err("it is no configuration");
        refused.to_string()
    }

    const RETRIED: &str = r#"{
        "StateMachines": {"M": {"TestCases": {"Retried": {"Ask": "Twice"}}}},
        "MockedResponses": {"Twice": {"0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}, "2": {"Return": {"a": 1}}}}
    }"#;

    #[test]
    fn each_invocation_has_the_outcome_of_its_range() {
        let mocks = MockConfiguration::parse(RETRIED).expect("it is one");
        let case = mocks.case("M", "Retried").expect("it is there");
        let thrown = MockedOutcome::Throw {
            error: Some("Busy".into()),
            cause: Some("later".into()),
        };
        let response = &case.states["Ask"];
        assert_eq!(response.outcome(0, "Ask"), thrown);
        assert_eq!(response.outcome(1, "Ask"), thrown);
        let MockedOutcome::Return(result) = response.outcome(2, "Ask") else {
            panic!("it returns");
        };
        assert_eq!(result.text().as_ref(), r#"{"a":1}"#);
        assert!(mocks.case("M", "Other").is_none() && mocks.case("N", "Retried").is_none());
    }

    #[test]
    fn an_invocation_of_which_nothing_is_said_fails_and_calls_nobody() {
        let mocks = MockConfiguration::parse(RETRIED).expect("it is one");
        let case = mocks.case("M", "Retried").expect("it is there");
        let MockedOutcome::Throw { error, cause } = case.states["Ask"].outcome(3, "Ask") else {
            panic!("it fails");
        };
        assert_eq!(error.as_deref(), Some("States.Runtime"));
        let cause = cause.expect("it says why");
        assert!(cause.contains("'Twice' says nothing of the invocation 3 of the state 'Ask'"));
    }

    #[test]
    fn what_is_no_configuration_is_refused_with_the_place() {
        for (text, says) in [
            ("{", "a mock configuration is JSON"),
            ("[]", "`the mock configuration` is an object"),
            (r#"{"MockedResponse": {}}"#, "not `MockedResponse`"),
            (
                r#"{"StateMachines": {"M": {"Cases": {}}}}"#,
                "`StateMachines.M` has the members TestCases",
            ),
            (
                r#"{"StateMachines": {"M": {"TestCases": {"C": {"S": "R"}}}}}"#,
                "`StateMachines.M.TestCases.C.S`: there is no mocked response `R`",
            ),
            (
                r#"{"MockedResponses": {"R": {"3-1": {"Return": 1}}}}"#,
                "`MockedResponses.R.3-1`: a range of invocations is like `0` or `1-3`",
            ),
            (
                r#"{"MockedResponses": {"R": {"0-1": {"Return": 1}, "1": {"Return": 2}}}}"#,
                "`MockedResponses.R.1`: an invocation has two outcomes",
            ),
            (
                r#"{"MockedResponses": {"R": {"0": {"Return": 1, "Throw": {}}}}}"#,
                "`MockedResponses.R.0` has either `Return` or `Throw`",
            ),
            (
                r#"{"MockedResponses": {"R": {"0": {"Throw": {"Error": 1}}}}}"#,
                "`MockedResponses.R.0.Throw.Error` is a text",
            ),
        ] {
            let refusal = refusal(text);
            assert!(refusal.contains(says), "{text}: {refusal}");
        }
        assert!(refusal(&" ".repeat(MOCKS_BYTES_MAX + 1)).contains("may have 4194304 bytes"));
    }
}
