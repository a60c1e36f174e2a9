//! How topics and subscriptions are called.

use std::fmt;
use std::sync::Arc;

use aws::{ApiError, Arn};

use crate::error;

/// A topic's name in its account and region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TopicName {
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) name: Arc<str>,
}

/// A subscription: its topic, and an id there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SubscriptionName {
    pub(crate) topic: TopicName,
    pub(crate) id: Arc<str>,
}

const FIFO_SUFFIX: &str = ".fifo";

/// Whether a topic's or queue's name, or its ARN, says that it keeps messages in order.
pub(crate) fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO_SUFFIX)
}

const NAME_BYTES_MAX: usize = 256;

impl TopicName {
    pub(crate) fn new(account: &str, region: &str, name: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            name: name.into(),
        }
    }

    /// The topic of an ARN.
    ///
    /// # Errors
    /// `InvalidParameter`, when it is no topic's.
    pub(crate) fn of_arn(text: &str) -> Result<Self, ApiError> {
        let parts = text.split(':').count();
        if parts < 6 {
            return Err(error::invalid(format!(
                "TopicArn Reason: An ARN must have at least 6 elements, not {parts}"
            )));
        }
        let arn: Arn = text.parse().map_err(|_| error::invalid("TopicArn"))?;
        if arn.service != "sns" || arn.resource.contains([':', '/']) {
            return Err(error::invalid("TopicArn"));
        }
        Ok(Self::new(&arn.account, &arn.region, &arn.resource))
    }

    /// The topic that a row's key begins with.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(4, '/');
        Some(Self::new(parts.next()?, parts.next()?, parts.next()?))
    }

    pub(crate) fn arn(&self) -> String {
        Arn::new("sns", &self.region, &self.account, &*self.name).to_string()
    }

    pub(crate) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    /// Checks the name of a topic that is to be.
    pub(crate) fn check(&self, fifo: bool) -> Result<(), ApiError> {
        let stem = match (fifo, self.name.strip_suffix(FIFO_SUFFIX)) {
            (true, Some(stem)) => stem,
            (true, None) => "",
            (false, _) => &self.name,
        };
        let is_good = !stem.is_empty()
            && self.name.len() <= NAME_BYTES_MAX
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if is_good {
            return Ok(());
        }
        Err(error::invalid(if fifo {
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
        } else {
            "Topic Name"
        }))
    }
}

/// The key of its row, and what the keys of all that belongs to it begin with.
impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.region, self.name)
    }
}

impl SubscriptionName {
    /// The subscription of an ARN; none if it is no subscription's.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let (topic, id) = arn.resource.split_once(':')?;
        let is_one = arn.service == "sns" && !id.is_empty() && !id.contains([':', '/']);
        is_one.then(|| Self {
            topic: TopicName::new(&arn.account, &arn.region, topic),
            id: id.into(),
        })
    }

    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.topic.arn(), self.id)
    }
}

/// The key of its row.
impl fmt::Display for SubscriptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_name_topics_and_subscriptions() {
        let arn = "arn:aws:sns:us-east-1:000000000000:t";
        let topic = TopicName::of_arn(arn).expect("it is a topic's");
        assert_eq!(topic.to_string(), "000000000000/us-east-1/t");
        assert_eq!(topic.arn(), arn);
        let subscription = SubscriptionName::of_arn(&format!("{arn}:id")).expect("it is one's");
        assert_eq!(subscription.topic, topic);
        assert_eq!(subscription.arn(), format!("{arn}:id"));
        assert_eq!(SubscriptionName::of_arn(arn), None);
        for (text, refusal) in [
            (
                "t",
                "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
            ),
            (
                "arn:aws:sqs:us-east-1:000000000000:t",
                "InvalidParameter: Invalid parameter: TopicArn",
            ),
            (
                "arn:aws:sns:us-east-1:000000000000:t:id",
                "InvalidParameter: Invalid parameter: TopicArn",
            ),
        ] {
            assert_eq!(
                TopicName::of_arn(text).expect_err(text).to_string(),
                refusal
            );
        }
    }

    #[test]
    fn names_are_plain_and_fifo_topics_say_so() {
        let check = |name: &str, fifo| TopicName::new("a", "r", name).check(fifo).is_ok();
        assert!(check("A-b_9", false));
        assert!(check("t.fifo", true));
        assert!(check(&"a".repeat(256), false));
        for (name, fifo) in [
            ("", false),
            ("a b", false),
            ("t.fifo", false),
            ("t", true),
            (".fifo", true),
        ] {
            assert!(!check(name, fifo), "{name}");
        }
        assert!(!check(&"a".repeat(257), false));
    }
}
