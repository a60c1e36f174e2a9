use std::sync::Arc;

/// Whose an access key is, when this process gave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: Arc<str>,
    /// `arn:aws:iam::…:user/name`, `arn:aws:sts::…:assumed-role/role/session`
    pub arn: Arc<str>,
    /// The secret that signs for it.
    pub secret: Arc<str>,
    /// The session token that must come with it, of temporary credentials.
    pub token: Option<Arc<str>>,
}

/// What knows the access keys that this process gave out (IAM, STS).
pub trait Identities: Send + Sync {
    /// The identity of an access key that is valid now.
    fn identity(&self, access_key: &str) -> Option<Identity>;
}

/// An access key id of twenty characters that says whose it is, as AWS's do.
///
/// `prefix` is `AKIA` for a user's and `ASIA` for temporary ones; `random` is the caller's.
pub fn access_key_id(prefix: &str, account: &str, random: [u8; 5]) -> String {
    let account: u64 = account.parse().unwrap_or(0);
    let [low, rest @ ..] = random;
    // Bit 47 is set in all keys since 2019, the account follows in 40 bits, and the rest is free.
    let head = 1 << 47 | account << 7 | u64::from(low & 0x7f);
    let mut bytes = [0; 10];
    bytes[..6].copy_from_slice(&head.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&rest);
    format!("{prefix}{}", base32(&bytes))
}

/// The account that an access key id speaks of; none if it is not of that form.
pub fn account_of_access_key(id: &str) -> Option<String> {
    if id.len() != 20 || !(id.starts_with("AKIA") || id.starts_with("ASIA")) {
        return None;
    }
    let mut bits: u128 = 0;
    for byte in id.bytes().skip(4) {
        let value = BASE32.iter().position(|letter| *letter == byte)?;
        bits = bits << 5 | value as u128;
    }
    let head = (bits >> 32) as u64;
    (head >> 47 & 1 == 1).then(|| format!("{:012}", head >> 7 & 0xff_ffff_ffff))
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Unpadded base 32 of the bytes whose bits divide by five, and of the whole groups of others.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_tells_its_account() {
        for account in ["000000000000", "123456789012", "999999999999"] {
            let id = access_key_id("ASIA", account, [255, 1, 2, 3, 4]);
            assert_eq!(id.len(), 20);
            assert_eq!(account_of_access_key(&id).as_deref(), Some(account));
        }
        // Published by AWS's security community as a worked example.
        assert_eq!(
            account_of_access_key("ASIAQNZGKIQY56JQ7WML").as_deref(),
            Some("029608264753")
        );
        assert_eq!(account_of_access_key("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(account_of_access_key("test"), None);
    }
}
