use crate::Json;
use crate::machine::{
    Choice, Comparison, Condition, Operand, OperandType, QueryLanguage, Relation, Rule,
};
use crate::parse::NESTING_MAX;
use crate::parse_timestamp;

use super::{Node, Parser};

/// Fields of a rule that are no part of its condition.
const BESIDE: [&str; 4] = ["Next", "Assign", "Output", "Comment"];

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Choice {
    node.required(parser, &["Choices"]);
    let mut rules = Vec::new();
    for rule in node.nodes(parser, "Choices") {
        rule.required(parser, &["Next"]);
        let next = rule.string(parser, "Next");
        rule.string(parser, "Comment");
        let assign = rule.assign(parser, &[]);
        let output = match rule.language {
            QueryLanguage::Jsonata => rule.template(parser, "Output"),
            QueryLanguage::JsonPath => None,
        };
        let condition = match rule.language {
            QueryLanguage::JsonPath => condition(parser, &rule, true, 0),
            QueryLanguage::Jsonata => jsonata_condition(parser, &rule),
        };
        if let (Some(condition), Some(next)) = (condition, next) {
            rules.push(Rule {
                condition,
                next,
                assign,
                output,
            });
        }
    }
    Choice {
        rules,
        default: node.string(parser, "Default"),
    }
}

fn jsonata_condition(parser: &mut Parser, rule: &Node<'_>) -> Option<Condition> {
    rule.required(parser, &["Condition"]);
    for name in rule
        .names()
        .filter(|name| !BESIDE.contains(&&***name) && &***name != "Condition")
    {
        parser.error(rule.location(), format!("Field '{name}' is not supported"));
    }
    if rule.is_expression("Condition") {
        return rule
            .expression(parser, "Condition")
            .map(Condition::Expression);
    }
    rule.boolean(parser, "Condition").map(Condition::Literal)
}

/// A comparison, or And, Or, Not; `top` rules have a target.
fn condition(parser: &mut Parser, rule: &Node<'_>, top: bool, depth: usize) -> Option<Condition> {
    if depth == NESTING_MAX {
        parser.report(
            "TOO_DEEPLY_NESTED",
            rule.location(),
            "Conditions are too deeply nested",
        );
        return None;
    }
    let mut operators = Vec::new();
    for name in rule.names().map(|name| &**name) {
        match name {
            "Variable" | "Comment" => {}
            "Output" | "Condition" if top => parser.error(
                rule.location(),
                format!(
                    "The QueryLanguage is set to 'JSONPath', but field '{name}' is only supported for the 'JSONata' QueryLanguage"
                ),
            ),
            "Next" | "Assign" if top => {}
            "And" | "Or" | "Not" => operators.push(name),
            _ if comparator(name).is_some() => operators.push(name),
            _ => parser.error(rule.location(), format!("Field '{name}' is not supported")),
        }
    }
    let name = match operators.as_slice() {
        [name] => *name,
        [] => {
            parser.error(rule.location(), "A comparison operator is required");
            return None;
        }
        several => {
            let message = format!(
                "There should only be one of the following fields: [{}]",
                several.join(", ")
            );
            parser.error(rule.location(), message);
            return None;
        }
    };
    match name {
        "And" | "Or" => {
            let parts = rule.nodes(parser, name);
            let parts = parts
                .iter()
                .map(|part| condition(parser, part, false, depth + 1))
                .collect::<Vec<_>>();
            let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
            Some(if name == "And" {
                Condition::And(parts)
            } else {
                Condition::Or(parts)
            })
        }
        "Not" => {
            let part = rule.node(parser, name)?;
            Some(Condition::Not(Box::new(condition(
                parser,
                &part,
                false,
                depth + 1,
            )?)))
        }
        _ => {
            rule.required(parser, &["Variable"]);
            let variable = rule.reference_source(parser, "Variable", true);
            let comparison = comparison(parser, rule, name);
            Some(Condition::Compare {
                variable: variable?,
                comparison: comparison?,
            })
        }
    }
}

enum Comparator {
    Relation(OperandType, Relation, bool),
    StringMatches,
    Is(fn(bool) -> Comparison),
}

/// The 39 comparators of ASL.
fn comparator(name: &str) -> Option<Comparator> {
    let is: fn(bool) -> Comparison = match name {
        "StringMatches" => return Some(Comparator::StringMatches),
        "IsNull" => Comparison::IsNull,
        "IsPresent" => Comparison::IsPresent,
        "IsNumeric" => Comparison::IsNumeric,
        "IsString" => Comparison::IsString,
        "IsBoolean" => Comparison::IsBoolean,
        "IsTimestamp" => Comparison::IsTimestamp,
        _ => {
            let (relation_name, path) = match name.strip_suffix("Path") {
                Some(relation_name) => (relation_name, true),
                None => (name, false),
            };
            let (operand_type, relation_name) = [
                ("String", OperandType::String),
                ("Numeric", OperandType::Numeric),
                ("Boolean", OperandType::Boolean),
                ("Timestamp", OperandType::Timestamp),
            ]
            .into_iter()
            .find_map(|(prefix, kind)| {
                relation_name.strip_prefix(prefix).map(|rest| (kind, rest))
            })?;
            let relation = match relation_name {
                "Equals" => Relation::Equals,
                _ if operand_type == OperandType::Boolean => return None,
                "LessThan" => Relation::LessThan,
                "GreaterThan" => Relation::GreaterThan,
                "LessThanEquals" => Relation::LessThanEquals,
                "GreaterThanEquals" => Relation::GreaterThanEquals,
                _ => return None,
            };
            return Some(Comparator::Relation(operand_type, relation, path));
        }
    };
    Some(Comparator::Is(is))
}

fn comparison(parser: &mut Parser, rule: &Node<'_>, name: &str) -> Option<Comparison> {
    match comparator(name)? {
        Comparator::StringMatches => rule
            .string(parser, name)
            .map(|pattern| Comparison::StringMatches(pattern.as_ref().to_owned())),
        Comparator::Is(is) => rule.boolean(parser, name).map(is),
        Comparator::Relation(operand_type, relation, true) => {
            let operand = Operand::Path(rule.reference_source(parser, name, true)?);
            Some(Comparison::Relation {
                operand_type,
                relation,
                operand,
            })
        }
        Comparator::Relation(operand_type, relation, false) => {
            let literal = rule.get(name)?;
            let fits = match operand_type {
                OperandType::String => literal.as_str().is_some(),
                OperandType::Numeric => literal.as_number().is_some(),
                OperandType::Boolean => literal.as_bool().is_some(),
                OperandType::Timestamp => match literal {
                    Json::String(text) if parse_timestamp(text).is_none() => {
                        parser.error(&rule.at(name), "String does not match RFC3339 timestamp");
                        return None;
                    }
                    _ => literal.as_str().is_some(),
                },
            };
            if !fits {
                let expected = match operand_type {
                    OperandType::String | OperandType::Timestamp => "String",
                    OperandType::Numeric => "Number",
                    OperandType::Boolean => "Boolean",
                };
                parser.error(&rule.at(name), format!("Expected value of type {expected}"));
                return None;
            }
            Some(Comparison::Relation {
                operand_type,
                relation,
                operand: Operand::Literal(literal.clone()),
            })
        }
    }
}
