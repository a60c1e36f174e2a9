//! What a target gets of an event: all of it, a part (`InputPath`), a constant (`Input`), or what a template makes of its
//! parts (`InputTransformer`).
//!
//! EventBridge user guide, "Amazon EventBridge input transformation".

use std::collections::BTreeMap;

use serde_json::Value;

/// What a rule adds to the event's own values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'r> {
    pub(crate) rule_arn: &'r str,
    pub(crate) rule_name: &'r str,
    /// `2026-11-22T17:00:00Z`
    pub(crate) ingestion_time: &'r str,
}

/// No target takes more; a template could name a large event many times.
const INPUT_BYTES_MAX: usize = 1024 * 1024;

/// What a target gets of an event; none if that is too large.
pub(crate) fn input_of(
    target: &Value,
    event: &Value,
    surroundings: Surroundings<'_>,
) -> Option<String> {
    let text = |name: &str| target.get(name).and_then(Value::as_str);
    if let Some(constant) = text("Input") {
        return Some(constant.to_owned());
    }
    if let Some(path) = text("InputPath") {
        let part = Path::parse(path).and_then(|path| path.find(event));
        return Some(part.unwrap_or(&Value::Null).to_string());
    }
    let transformer = target.get("InputTransformer");
    let template = transformer.and_then(|transformer| transformer.get("InputTemplate")?.as_str());
    match (transformer, template) {
        (Some(transformer), Some(template)) => {
            let variables = Variables {
                values: variables(transformer, event),
                event,
                surroundings,
            };
            filled(template, |name, quoted| variables.text(name, quoted))
        }
        _ => Some(event.to_string()),
    }
}

/// The values that a transformer's paths find.
fn variables<'e>(transformer: &Value, event: &'e Value) -> BTreeMap<String, &'e Value> {
    let paths = transformer.get("InputPathsMap").and_then(Value::as_object);
    paths
        .into_iter()
        .flatten()
        .filter_map(|(name, path)| {
            let value = Path::parse(path.as_str()?)?.find(event)?;
            Some((name.clone(), value))
        })
        .collect()
}

struct Variables<'e> {
    values: BTreeMap<String, &'e Value>,
    event: &'e Value,
    surroundings: Surroundings<'e>,
}

impl Variables<'_> {
    /// What stands for a variable: JSON, or within quotation marks the text alone. A path that finds nothing leaves
    /// nothing behind.
    fn text(&self, name: &str, quoted: bool) -> String {
        let Surroundings {
            rule_arn,
            rule_name,
            ingestion_time,
        } = self.surroundings;
        let value = match name {
            "aws.events.rule-arn" => Value::from(rule_arn),
            "aws.events.rule-name" => Value::from(rule_name),
            "aws.events.event.ingestion-time" => Value::from(ingestion_time),
            "aws.events.event.json" => self.event.clone(),
            "aws.events.event" => {
                let mut event = self.event.clone();
                if let Some(members) = event.as_object_mut() {
                    members.shift_remove("detail");
                }
                event
            }
            name => match self.values.get(name) {
                Some(value) => (*value).clone(),
                None => Value::from(""),
            },
        };
        match (quoted, value) {
            (false, value) => value.to_string(),
            (true, Value::String(text)) => escaped(&text),
            (true, other) => escaped(&other.to_string()),
        }
    }
}

/// As it stands within quotation marks.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The template with its `<names>` replaced; none if that becomes too large.
fn filled(template: &str, text: impl Fn(&str, bool) -> String) -> Option<String> {
    let mut out = String::with_capacity(template.len());
    let mut quoted = false;
    let mut escaped = false;
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some((name, after)) = placeholder(rest)
        {
            out.push_str(&text(name, quoted));
            if out.len() > INPUT_BYTES_MAX {
                return None;
            }
            rest = after;
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Some(out)
}

/// The name that a text begins with, in its brackets, and what follows.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('<')?.split_once('>')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, after))
}

/// The names in a template, each once.
pub(crate) fn placeholders(template: &str) -> Vec<String> {
    let mut names: Vec<String> = template
        .match_indices('<')
        .filter_map(|(at, _)| placeholder(&template[at..]))
        .map(|(name, _)| name.to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Where a template stops being JSON, or a sequence of JSON texts, once its names are replaced: line, column, and the text
/// that was judged.
pub(crate) fn fault_of(template: &str) -> Option<(usize, usize, String)> {
    let stand_in = |_: &str, quoted: bool| if quoted { "" } else { "null" }.to_owned();
    let probe = filled(template, stand_in)?;
    let mut values = serde_json::Deserializer::from_str(&probe).into_iter::<Value>();
    let fault = values.find_map(Result::err);
    fault.map(|fault| (fault.line(), fault.column(), probe))
}

/// `$.detail.items[0]`: the part of JSONPath that EventBridge has.
pub(crate) struct Path(Vec<Step>);

enum Step {
    Name(String),
    Index(usize),
    /// `*`
    First,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let (inner, after) = after.split_once(']')?;
                steps.push(match inner.trim_matches(['\'', '"']) {
                    "*" => Step::First,
                    name if name.len() < inner.len() => Step::Name(name.to_owned()),
                    index => Step::Index(index.parse().ok()?),
                });
                rest = after;
            } else {
                let after = rest.strip_prefix('.')?;
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                steps.push(match name {
                    "" => return None,
                    "*" => Step::First,
                    name => Step::Name(name.to_owned()),
                });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    pub(crate) fn find<'e>(&self, event: &'e Value) -> Option<&'e Value> {
        self.0.iter().try_fold(event, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
            Step::First => match value {
                Value::Array(items) => items.first(),
                Value::Object(members) => members.values().next(),
                _ => None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "version": "0", "id": "7bf73129", "detail-type": "EC2 Instance State-change Notification",
            "source": "aws.ec2", "resources": ["arn:r"],
            "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "n": 5, "o": {"k": ["v"]}, "q": "a \"b\""},
        })
    }

    fn input(target: Value) -> String {
        let surroundings = Surroundings {
            rule_arn: "arn:rule",
            rule_name: "rule",
            ingestion_time: "2026-11-22T17:00:00Z",
        };
        input_of(&target, &event(), surroundings).expect("it is small")
    }

    fn transformed(template: &str) -> String {
        input(json!({"InputTransformer": {
            "InputPathsMap": {
                "instance": "$.detail.instance-id", "state": "$.detail.state", "n": "$.detail.n",
                "o": "$.detail.o", "q": "$.detail.q", "r": "$.resources[0]", "none": "$.detail.nothing",
            },
            "InputTemplate": template,
        }}))
    }

    #[test]
    fn without_settings_the_whole_event_goes() {
        assert_eq!(input(json!({})), event().to_string());
    }

    #[test]
    fn a_constant_goes_as_it_was_written() {
        assert_eq!(input(json!({"Input": "{ \"a\":1 }"})), "{ \"a\":1 }");
    }

    #[test]
    fn a_path_takes_a_part() {
        assert_eq!(input(json!({"InputPath": "$.detail.o"})), r#"{"k":["v"]}"#);
        assert_eq!(input(json!({"InputPath": "$.detail.o.k[0]"})), r#""v""#);
        assert_eq!(
            input(json!({"InputPath": "$['detail-type']"})),
            r#""EC2 Instance State-change Notification""#
        );
        assert_eq!(input(json!({"InputPath": "$"})), event().to_string());
        assert_eq!(input(json!({"InputPath": "$.resources[*]"})), r#""arn:r""#);
        assert_eq!(input(json!({"InputPath": "$.nothing"})), "null");
    }

    #[test]
    fn the_guide_s_templates_give_what_it_says() {
        assert_eq!(
            transformed(r#""instance <instance> is in <state>""#),
            r#""instance i-0123456789 is in RUNNING""#
        );
        assert_eq!(
            transformed(r#""instance \"<instance>\" is in <state>""#),
            r#""instance \"i-0123456789\" is in RUNNING""#
        );
        assert_eq!(
            transformed(r#"{"instance" : <instance>, "state": <state>}"#),
            r#"{"instance" : "i-0123456789", "state": "RUNNING"}"#
        );
        assert_eq!(
            transformed(
                r#"{"instance": <instance>, "state": "<state>", "status": "instance \"<instance>\" is in <state>"}"#
            ),
            r#"{"instance": "i-0123456789", "state": "RUNNING", "status": "instance \"i-0123456789\" is in RUNNING"}"#
        );
        assert_eq!(
            transformed(
                r#"{"instance": <instance>, "state": [9, <state>, true], "Transformed": "Yes"}"#
            ),
            r#"{"instance": "i-0123456789", "state": [9, "RUNNING", true], "Transformed": "Yes"}"#
        );
    }

    #[test]
    fn values_that_are_no_texts_stay_json() {
        assert_eq!(
            transformed(r#"{"n": <n>, "o": <o>, "in text": "<n> <o> <q>"}"#),
            r#"{"n": 5, "o": {"k":["v"]}, "in text": "5 {\"k\":[\"v\"]} a \"b\""}"#
        );
        assert_eq!(
            transformed(r#"{"none": <none>, "text": "<none>"}"#),
            r#"{"none": "", "text": ""}"#
        );
    }

    #[test]
    fn reserved_names_stand_for_the_rule_and_the_event() {
        assert_eq!(
            transformed(
                r#"["<aws.events.rule-name>", <aws.events.rule-arn>, <aws.events.event.ingestion-time>]"#
            ),
            r#"["rule", "arn:rule", "2026-11-22T17:00:00Z"]"#
        );
        assert_eq!(transformed("<aws.events.event.json>"), event().to_string());
        let without: Value =
            serde_json::from_str(&transformed("<aws.events.event>")).expect("JSON");
        assert_eq!(
            (without.get("detail"), &without["source"]),
            (None, &json!("aws.ec2"))
        );
    }

    #[test]
    fn what_would_become_too_large_is_not_made() {
        let event = json!({"detail": {"a": "x".repeat(100_000)}});
        let surroundings = Surroundings {
            rule_arn: "",
            rule_name: "",
            ingestion_time: "",
        };
        let target = |times: usize| {
            let template = format!("[{}0]", "<aws.events.event.json>,".repeat(times));
            json!({"InputTransformer": {"InputTemplate": template}})
        };
        assert!(input_of(&target(10), &event, surroundings).is_some());
        assert!(input_of(&target(11), &event, surroundings).is_none());
    }

    #[test]
    fn what_only_looks_like_a_name_stays() {
        assert_eq!(
            transformed(r#""a < b, <a b>, <>, <n""#),
            r#""a < b, <a b>, <>, <n""#
        );
    }

    #[test]
    fn a_template_must_be_json_once_it_is_filled() {
        assert_eq!(fault_of(r#""<a> and <b>""#), None);
        assert_eq!(fault_of("\"line <a>\"\n\"line <b>\""), None);
        assert_eq!(fault_of(r#"{"a": <a>}"#), None);
        assert_eq!(fault_of("<a>"), None);
        let (line, _, probe) = fault_of("<a> is in <b>").expect("it is no JSON");
        assert_eq!((line, probe.as_str()), (1, "null is in null"));
        assert!(fault_of(r#"{"a": "<a>""#).is_some());
        assert_eq!(placeholders("<b> <a> <b>"), ["a", "b"]);
    }
}
