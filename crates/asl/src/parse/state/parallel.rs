use crate::machine::Parallel;
use crate::parse::retry::{catchers, retriers};
use crate::parse::rules;

use super::{Node, Parser};

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Parallel {
    node.required(parser, &["Branches"]);
    let mut branches = Vec::new();
    for branch in node.nodes(parser, "Branches") {
        branch.fields(parser, &rules::BRANCH);
        branches.extend(parser.workflow(&branch));
    }
    Parallel {
        branches,
        retry: retriers(parser, node),
        catch: catchers(parser, node),
    }
}
