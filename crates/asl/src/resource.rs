use std::sync::Arc;

use aws::model::{self, ServiceModel};

/// What a Task's `Resource` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    text: Arc<str>,
    target: Target,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A Lambda function's own ARN.
    Lambda {
        /// The function's ARN.
        arn: Arc<str>,
    },
    /// An activity's ARN.
    Activity {
        /// The activity's ARN.
        arn: Arc<str>,
    },
    /// `arn:<partition>:states:<region>:<account>:<service>:<action>[.pattern]`, or `aws-sdk:<service>:<action>`.
    Integration {
        /// `lambda`, `dynamodb`, … as written.
        service: Arc<str>,
        /// `invoke`, `putItem`, … as written, without the pattern.
        action: Arc<str>,
        /// How the task's end is told.
        pattern: Pattern,
        /// Whether it is one of `aws-sdk`.
        sdk: bool,
    },
}

impl Target {
    /// The API model of the service that an integration calls; none where there is no integration, or no model.
    pub fn model(&self) -> Option<&'static ServiceModel> {
        match self {
            Self::Integration {
                service, sdk: true, ..
            } => model::service(model::id_by_sdk_name(service)?),
            Self::Integration { service, .. } => model::service(service),
            Self::Lambda { .. } | Self::Activity { .. } => None,
        }
    }
}

/// When a task of an integration ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// With the response.
    RequestResponse,
    /// `.sync`: with the job that was started.
    Sync,
    /// `.sync:2`
    Sync2,
    /// `.waitForTaskToken`: with SendTaskSuccess or SendTaskFailure.
    WaitForTaskToken,
}

impl Resource {
    /// The meaning of an ARN; none if it is nothing that a Task can call.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_region, _account, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if arn != "arn" || rest.is_empty() {
            return None;
        }
        let target = match service {
            "lambda" if rest.starts_with("function:") => Target::Lambda { arn: text.into() },
            "states" if rest.starts_with("activity:") => Target::Activity { arn: text.into() },
            "states" => Target::integration(rest)?,
            _ => return None,
        };
        Some(Self {
            text: text.into(),
            target,
        })
    }

    /// The ARN as written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What it calls.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// When the task ends.
    pub fn pattern(&self) -> Pattern {
        match &self.target {
            Target::Integration { pattern, .. } => *pattern,
            Target::Lambda { .. } | Target::Activity { .. } => Pattern::RequestResponse,
        }
    }

    /// `resourceType` of history events: `lambda`, `aws-sdk:dynamodb`.
    pub fn resource_type(&self) -> String {
        match &self.target {
            Target::Lambda { .. } => "lambda".to_owned(),
            Target::Activity { .. } => "activity".to_owned(),
            Target::Integration {
                service, sdk: true, ..
            } => format!("aws-sdk:{service}"),
            Target::Integration {
                service,
                sdk: false,
                ..
            } => service.as_ref().to_owned(),
        }
    }

    /// `resource` of history events: `invoke`, `sendMessage.waitForTaskToken`; the whole ARN of a function or activity.
    pub fn resource(&self) -> String {
        match &self.target {
            Target::Lambda { arn } | Target::Activity { arn } => arn.as_ref().to_owned(),
            Target::Integration {
                action, pattern, ..
            } => format!("{action}{}", pattern.suffix()),
        }
    }
}

impl Target {
    fn integration(rest: &str) -> Option<Self> {
        let (sdk, rest) = match rest.strip_prefix("aws-sdk:") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (service, action) = rest.split_once(':')?;
        let (action, pattern) = match action.split_once('.') {
            None => (action, Pattern::RequestResponse),
            Some((action, "sync")) => (action, Pattern::Sync),
            Some((action, "sync:2")) => (action, Pattern::Sync2),
            Some((action, "waitForTaskToken")) => (action, Pattern::WaitForTaskToken),
            Some(_) => return None,
        };
        if service.is_empty() || action.is_empty() {
            return None;
        }
        Some(Self::Integration {
            service: service.into(),
            action: action.into(),
            pattern,
            sdk,
        })
    }
}

impl Pattern {
    /// What stands behind the action in the ARN.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::RequestResponse => "",
            Self::Sync => ".sync",
            Self::Sync2 => ".sync:2",
            Self::WaitForTaskToken => ".waitForTaskToken",
        }
    }
}
