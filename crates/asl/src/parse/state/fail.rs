use crate::machine::{Fail, Field, QueryLanguage, Source};

use super::{Node, Parser};

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Fail {
    Fail {
        error: field(parser, node, "Error"),
        cause: field(parser, node, "Cause"),
    }
}

/// Its `…Path` may be an intrinsic call too.
fn field(parser: &mut Parser, node: &Node<'_>, name: &str) -> Option<Field<String>> {
    let path_name = format!("{name}Path");
    if node.is_expression(name) {
        return node.expression(parser, name).map(Field::Expression);
    }
    if node.language == QueryLanguage::JsonPath {
        if node.at_most_one(parser, &[name, &path_name]) {
            return None;
        }
        if node.has(&path_name) {
            let text = node.string(parser, &path_name)?;
            let source = Source::parse(&text);
            if source.is_none() {
                let message = format!(
                    "The value for the field '{path_name}' must be a valid JSONPath or a valid intrinsic function call"
                );
                parser.error(&node.at(&path_name), message);
            }
            match &source {
                Some(Source::Path(path)) => parser.refer([path]),
                Some(Source::Intrinsic(call)) => {
                    parser.refer(call.paths());
                    if call.is_overfull() {
                        parser.error(&node.at(&path_name), call.overfull_message());
                    }
                }
                None => {}
            }
            return source.map(Field::Path);
        }
    }
    let text = node.string(parser, name)?;
    if node.language == QueryLanguage::JsonPath && text.starts_with("$.") {
        let message = format!(
            "The value of '{name}' appears to be a path, but the field's name does not end with 'Path'"
        );
        parser.warn("NO_PATH", &node.at(name), message);
    }
    Some(Field::Literal(text.as_ref().to_owned()))
}
