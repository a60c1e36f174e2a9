use aws::Arn;
use sha2::{Digest as _, Sha256};

/// Into how many shards executions fall, for ever: the number is part of the disk format and of task tokens.
pub const SHARDS: u16 = 4096;

/// Where an execution's rows are: its shard and a digest of its state machine's ARN and its name, so that the name
/// rule of StartExecution is one look-up and account and region are part of every key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ExecutionKey([u8; Self::BYTES]);

impl ExecutionKey {
    /// Two of the shard, sixteen of the digest.
    pub(crate) const BYTES: usize = 18;

    /// The key of the execution of that name, or of name and id for EXPRESS.
    pub(crate) fn new(state_machine_arn: &str, name: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(state_machine_arn)
            .chain_update([0])
            .chain_update(name)
            .finalize();
        let mut key = [0; Self::BYTES];
        key[2..].copy_from_slice(&digest[2..Self::BYTES]);
        let shard = u16::from_be_bytes([digest[0], digest[1]]) % SHARDS;
        key[..2].copy_from_slice(&shard.to_be_bytes());
        Self(key)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn shard(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    /// The key with something behind it.
    pub(crate) fn with(&self, tail: &[u8]) -> Vec<u8> {
        [&self.0[..], tail].concat()
    }
}

/// What an execution's ARN says. The machine of a Map Run's child carries the label: `Name/Label`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionName {
    /// The unqualified ARN of its state machine.
    pub state_machine_arn: String,
    /// Its name; for EXPRESS the name and the id behind it.
    pub name: String,
    /// Whether it is `express:…`.
    pub express: bool,
}

impl ExecutionName {
    /// The parts of `arn:…:execution:Machine:name` or `arn:…:express:Machine:name:id`; none if the text is neither.
    pub fn parse(arn: &str) -> Option<Self> {
        let arn: Arn = arn.parse().ok()?;
        let (kind, rest) = arn.resource.split_once(':')?;
        let (machine, name) = rest.split_once(':')?;
        let express = match kind {
            "execution" if !name.contains(':') => false,
            "express" if name.contains(':') => true,
            _ => return None,
        };
        if arn.service != "states" || machine.is_empty() || name.is_empty() {
            return None;
        }
        Some(Self {
            state_machine_arn: Arn {
                resource: format!("stateMachine:{machine}"),
                ..arn.clone()
            }
            .to_string(),
            name: name.to_owned(),
            express,
        })
    }

    /// Whether it is a child of a Map Run: its machine carries the Map's label.
    pub fn is_child(&self) -> bool {
        self.state_machine_arn.contains('/')
    }

    pub(crate) fn key(&self) -> ExecutionKey {
        ExecutionKey::new(&self.state_machine_arn, &self.name)
    }
}

/// What a state machine's ARN says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateMachineName {
    /// The ARN without its qualifier.
    pub arn: String,
    /// In which account.
    pub account: String,
    /// In which region.
    pub region: String,
    /// The name.
    pub name: String,
    /// A version's number or an alias's name.
    pub qualifier: Option<String>,
}

impl StateMachineName {
    /// The parts of `arn:…:stateMachine:Name` and what may follow; none if the text is no such ARN.
    pub fn parse(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let rest = arn.resource.strip_prefix("stateMachine:")?;
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (rest, None),
        };
        if arn.service != "states" || name.is_empty() || qualifier.as_deref() == Some("") {
            return None;
        }
        Some(Self {
            arn: Arn {
                resource: format!("stateMachine:{name}"),
                ..arn.clone()
            }
            .to_string(),
            name: name.to_owned(),
            qualifier,
            account: arn.account,
            region: arn.region,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:M";

    #[test]
    fn an_execution_is_found_by_its_arn_alone() {
        let standard =
            ExecutionName::parse("arn:aws:states:us-east-1:000000000000:execution:M:run");
        let standard = standard.expect("it is an execution's ARN");
        assert_eq!(
            (standard.state_machine_arn.as_str(), standard.name.as_str()),
            (MACHINE, "run")
        );
        assert_eq!(standard.key(), ExecutionKey::new(MACHINE, "run"));
        let express =
            ExecutionName::parse("arn:aws:states:us-east-1:000000000000:express:M:run:id");
        assert!(express.is_some_and(|name| name.express && name.name == "run:id"));
        for text in [
            "x",
            MACHINE,
            "arn:aws:states:us-east-1:000000000000:execution:M:a:b",
        ] {
            assert_eq!(ExecutionName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn shards_stay_below_their_number_and_never_move() {
        let key = ExecutionKey::new(MACHINE, "run");
        assert!(key.shard() < SHARDS);
        // The disk format: a change of this number loses every execution on disk.
        assert_eq!(key.shard(), 1551);
    }
}
