use std::collections::BTreeMap;
use std::ops::Bound;

/// The pairs of a form or a query string, bounded in number.
#[derive(Debug, Default)]
pub struct Form {
    pairs: BTreeMap<String, Vec<String>>,
}

/// The form can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It has more than 10,000 pairs.
    #[error("too many parameters")]
    TooMany,
    /// A name or value is not UTF-8 when unescaped.
    #[error("a parameter is not UTF-8")]
    NotText,
}

/// Ten times the longest request that AWS's own quotas allow in the query protocol.
const PAIRS_MAX: usize = 10_000;

impl Form {
    /// Reads `a=b&c=d`, percent-encoded, with `+` for a space.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn parse(text: &[u8]) -> Result<Self, FormError> {
        let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let parts = text
            .split(|byte| *byte == b'&')
            .filter(|part| !part.is_empty());
        for (count, part) in parts.enumerate() {
            if count >= PAIRS_MAX {
                return Err(FormError::TooMany);
            }
            let at = part.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((part, &[][..]), |at| (&part[..at], &part[at + 1..]));
            pairs
                .entry(unescape(name)?)
                .or_default()
                .push(unescape(value)?);
        }
        Ok(Self { pairs })
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.get(name)?.first().map(String::as_str)
    }

    /// All values of a name, in the order they were sent.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .get(name)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Adds the other's pairs.
    pub(super) fn extend(&mut self, other: Self) {
        for (name, values) in other.pairs {
            self.pairs.entry(name).or_default().extend(values);
        }
    }

    /// Whether there is `prefix` itself or anything under `prefix.`
    pub(super) fn has(&self, prefix: &str) -> bool {
        self.pairs.contains_key(prefix) || self.under(prefix).next().is_some()
    }

    /// The segments that follow `prefix.`, each one once for every pair under it.
    pub(super) fn under<'f>(&'f self, prefix: &str) -> impl Iterator<Item = &'f str> {
        let prefix = format!("{prefix}.");
        let len = prefix.len();
        self.pairs
            .range::<str, _>((Bound::Included(&*prefix), Bound::Unbounded))
            .map(|(name, _)| name.as_str())
            .take_while(move |name| name.starts_with(&prefix))
            .filter_map(move |name| name[len..].split('.').next())
    }
}

fn unescape(text: &[u8]) -> Result<String, FormError> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8(decoded).map_err(|_| FormError::NotText)
}
