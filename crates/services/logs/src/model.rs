//! What is kept of groups, streams and policies, and how the API shows it.

use std::collections::BTreeMap;

use aws::Caller;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An account's logs in a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Zone {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Zone {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            account: caller.account.to_string(),
            region: caller.region.to_string(),
        }
    }

    /// What all keys of it begin with.
    pub(crate) fn prefix(&self) -> String {
        format!("{}/{}/", self.account, self.region)
    }
}

/// Tells a group or stream from another that had its name before; random, so that no counter has to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Id(pub(crate) u64);

impl Id {
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::new_v4().as_u64_pair().1)
    }
}

/// Instants are milliseconds since 1970, as the API shows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) class: String,
    pub(crate) kms_key: Option<String>,
    pub(crate) retention_days: Option<i64>,
    pub(crate) protected: bool,
    pub(crate) tags: BTreeMap<String, String>,
}

const DAY_MILLISECONDS: i64 = 24 * 3600 * 1000;

impl Group {
    /// Events before this instant have expired.
    pub(crate) fn expiry(&self, now: i64) -> i64 {
        self.retention_days
            .map_or(0, |days| (now - days * DAY_MILLISECONDS).max(0))
    }

    /// The ARN without the `:*` that stands for its streams.
    pub(crate) fn arn(&self, zone: &Zone) -> String {
        let Zone { account, region } = zone;
        format!("arn:aws:logs:{region}:{account}:log-group:{}", self.name)
    }

    pub(crate) fn wire(&self, zone: &Zone, tally: Tally) -> Value {
        let arn = self.arn(zone);
        let mut shown = json!({
            "logGroupName": self.name,
            "creationTime": self.created,
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "storedBytes": tally.bytes,
            "logGroupClass": self.class,
            "logGroupArn": arn,
            "deletionProtectionEnabled": self.protected,
        });
        if let Some(days) = self.retention_days {
            shown["retentionInDays"] = days.into();
        }
        if let Some(key) = &self.kms_key {
            shown["kmsKeyId"] = key.as_str().into();
        }
        shown
    }
}

/// What changes of a group with every event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The number of the next event.
    pub(crate) next: u64,
    /// What its events take, each with the 26 bytes that AWS adds.
    pub(crate) bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
    pub(crate) ingested: Option<i64>,
}

impl Stream {
    pub(crate) fn wire(&self, group_arn: &str) -> Value {
        let mut shown = json!({
            "logStreamName": self.name,
            "creationTime": self.created,
            "arn": format!("{group_arn}:log-stream:{}", self.name),
            "uploadSequenceToken": sequence_token(self.id, self.ingested.unwrap_or(self.created)),
            // AWS has shown 0 here for every stream since 2019.
            "storedBytes": 0,
        });
        for (member, instant) in [
            ("firstEventTimestamp", self.first),
            ("lastEventTimestamp", self.last),
            ("lastIngestionTime", self.ingested),
        ] {
            if let Some(instant) = instant {
                shown[member] = instant.into();
            }
        }
        shown
    }
}

/// A number of 56 digits, which nobody has had to send back since 2023.
pub(crate) fn sequence_token(stream: Id, at: i64) -> String {
    format!("49{at:015}{:020}{:019}", stream.0, 0)
}

/// Who may write to groups: kept and shown, never evaluated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) document: String,
    pub(crate) updated: i64,
    pub(crate) revision: String,
}

impl Policy {
    pub(crate) fn wire(&self) -> Value {
        let mut shown = json!({
            "policyDocument": self.document,
            "lastUpdatedTime": self.updated,
        });
        if let Some(name) = &self.name {
            shown["policyName"] = name.as_str().into();
        }
        if let Some(resource) = &self.resource {
            shown["policyScope"] = "RESOURCE".into();
            shown["resourceArn"] = resource.as_str().into();
            shown["revisionId"] = self.revision.as_str().into();
        }
        shown
    }
}

/// Where an event stands among those of its group: by time, then in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(pub(crate) u128);

impl Position {
    pub(crate) const MAX: Self = Self(u128::MAX);

    pub(crate) fn new(time: i64, number: u64) -> Self {
        Self((u128::from(time.max(0).unsigned_abs()) << 64) | u128::from(number))
    }

    /// Before every event of that instant.
    pub(crate) fn at(time: i64) -> Self {
        Self::new(time, 0)
    }

    pub(crate) fn time(self) -> i64 {
        i64::try_from(self.0 >> 64).unwrap_or(i64::MAX)
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// 39 digits.
    pub(crate) fn digits(self) -> String {
        format!("{:039}", self.0)
    }

    pub(crate) fn from_digits(text: &str) -> Option<Self> {
        if text.len() != 39 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().map(Self)
    }
}
