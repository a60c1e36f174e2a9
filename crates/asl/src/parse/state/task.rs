use crate::Resource;
use crate::machine::Task;
use crate::parse::MachineType;
use crate::parse::retry::{catchers, retriers};
use crate::parse::rules::INTEGRATIONS;
use crate::{Pattern, Target};

use super::{Node, Parser};

/// ASL's bound of all seconds.
const SECONDS_MAX: u64 = 99_999_999;

pub(super) fn read(parser: &mut Parser, node: &Node<'_>) -> Option<Task> {
    node.required(parser, &["Resource"]);
    let resource = resource(parser, node);
    let seconds = |parser: &mut Parser, name: &str| {
        node.field(parser, name, true, |node, parser| {
            node.integer(parser, name, 1, SECONDS_MAX)
        })
    };
    let timeout_seconds = seconds(parser, "TimeoutSeconds");
    let heartbeat_seconds = seconds(parser, "HeartbeatSeconds");
    if let (Some(timeout), Some(heartbeat)) = (
        node.get("TimeoutSeconds").and_then(crate::Json::as_u64),
        node.get("HeartbeatSeconds").and_then(crate::Json::as_u64),
    ) && heartbeat >= timeout
    {
        parser.error(
            &node.at("HeartbeatSeconds"),
            "HeartbeatSeconds must be smaller than TimeoutSeconds",
        );
    }
    let task = Task {
        resource: resource?,
        timeout_seconds,
        heartbeat_seconds,
        credentials: credentials(parser, node),
        retry: retriers(parser, node),
        catch: catchers(parser, node),
    };
    Some(task)
}

fn credentials(parser: &mut Parser, node: &Node<'_>) -> Option<crate::Template> {
    let template = node.object_template(parser, "Credentials")?;
    let credentials = node.get("Credentials")?;
    if credentials.as_object().is_some()
        && credentials
            .get("RoleArn")
            .or(credentials.get("RoleArn.$"))
            .is_none()
    {
        parser.error(
            &node.at("Credentials"),
            "The field 'RoleArn' is required but was missing",
        );
    }
    Some(template)
}

fn resource(parser: &mut Parser, node: &Node<'_>) -> Option<Resource> {
    let text = node.string(parser, "Resource")?;
    let at = node.at("Resource");
    if !text.starts_with("arn:") || text.split(':').count() < 6 {
        parser.error(&at, "Value is not a valid resource ARN");
        return None;
    }
    let resource = Resource::parse(&text).filter(is_known);
    let Some(resource) = resource else {
        let message = format!(
            "The resource provided {text} is not recognized. The value is not a valid resource ARN, or the resource is \
             not available in this region."
        );
        parser.error(&at, message);
        return None;
    };
    if let Target::Activity { arn } = resource.target() {
        parser.activities.insert(arn.clone());
    }
    if parser.machine_type == MachineType::Express {
        refuse_in_express(parser, &resource, &at);
    }
    Some(resource)
}

fn is_known(resource: &Resource) -> bool {
    match resource.target() {
        Target::Lambda { .. } | Target::Activity { .. } => true,
        Target::Integration {
            pattern, sdk: true, ..
        } => {
            matches!(
                pattern,
                Pattern::RequestResponse | Pattern::WaitForTaskToken
            )
        }
        Target::Integration {
            service,
            action,
            pattern,
            sdk: false,
        } => INTEGRATIONS
            .iter()
            .filter(|(known, actions, _)| *known == &**service && actions.contains(&&**action))
            .any(|(_, _, patterns)| match pattern {
                Pattern::RequestResponse => true,
                Pattern::Sync => patterns.sync,
                Pattern::Sync2 => patterns.sync2,
                Pattern::WaitForTaskToken => patterns.token,
            }),
    }
}

/// The blank at the end is AWS's (recorded: test_validate_state_machine_definition_type_express_ILLEGAL_WFTT).
fn refuse_in_express(parser: &mut Parser, resource: &Resource, at: &str) {
    let message = match (resource.target(), resource.pattern()) {
        (Target::Activity { .. }, _) => {
            "Express state machine does not support Activity ARN".to_owned()
        }
        (_, Pattern::RequestResponse) => return,
        (_, pattern) => {
            format!(
                "Express state machine does not support '{}' service integration ",
                pattern.suffix()
            )
        }
    };
    parser.error(at, message);
}
