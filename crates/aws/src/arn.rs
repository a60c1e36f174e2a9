use std::fmt;
use std::str::FromStr;

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// The resource keeps its colons and slashes: `stateMachine:Name`, `execution:Name:id`, `function:name:1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// `states`, `lambda`, `s3` …
    pub service: String,
    /// Empty for global resources (S3 buckets, IAM).
    pub region: String,
    /// Twelve digits, or empty (S3 buckets, service integrations).
    pub account: String,
    /// All that follows the fifth colon.
    pub resource: String,
}

/// The text is not an ARN: it lacks the `arn:` prefix or one of its six parts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN")]
pub struct ArnError(String);

impl Arn {
    /// An ARN in the partition `aws`.
    pub fn new(service: &str, region: &str, account: &str, resource: impl Into<String>) -> Self {
        Self {
            partition: "aws".into(),
            service: service.into(),
            region: region.into(),
            account: account.into(),
            resource: resource.into(),
        }
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(|| ArnError(text.into()));
        if next()? != "arn" {
            return Err(ArnError(text.into()));
        }
        let arn = Self {
            partition: next()?.into(),
            service: next()?.into(),
            region: next()?.into(),
            account: next()?.into(),
            resource: next()?.into(),
        };
        if arn.partition.is_empty() || arn.service.is_empty() || arn.resource.is_empty() {
            return Err(ArnError(text.into()));
        }
        Ok(arn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_the_round_trip_and_keeps_the_colons_of_its_resource() {
        let text = "arn:aws:states:us-east-1:000000000000:execution:Machine:id";
        let arn: Arn = text.parse().expect("the text is an ARN");
        assert_eq!(arn.resource, "execution:Machine:id");
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn what_lacks_a_part_is_no_arn() {
        for text in [
            "",
            "arn",
            "arn:aws:states:us-east-1:000000000000",
            "urn:aws:states:r:a:x",
            "arn:aws:states:r:a:",
        ] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
