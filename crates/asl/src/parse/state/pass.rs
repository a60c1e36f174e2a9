use crate::machine::Pass;
use crate::{Json, Payload};

use super::{Node, Parser};

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Pass {
    let result = node.get("Result").cloned();
    if result.as_ref().is_some_and(has_path_key) {
        let message = "The result of a Pass state is static: paths in it are not evaluated";
        parser.warn("PASS_RESULT_IS_STATIC", &node.at("Result"), message);
    }
    Pass {
        result: result.map(Payload::new),
    }
}

fn has_path_key(value: &Json) -> bool {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Json::Array(items) => rest.extend(items),
            Json::Object(members) => {
                if members.keys().any(|key| key.ends_with(".$")) {
                    return true;
                }
                rest.extend(members.values());
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    false
}
