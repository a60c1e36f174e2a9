//! Receipt handles: which message, of which queue, received when.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::index::Seq;
use crate::name::QueueName;

/// What a receipt handle says. Clients take it for an opaque text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    queue: u64,
    pub(crate) seq: Seq,
    pub(crate) number: u64,
}

/// Handles begin as AWS's do: `AQEB`.
const HEAD: [u8; 3] = [1, 1, 1];

impl Receipt {
    pub(crate) fn new(queue: &QueueName, seq: Seq, number: u64) -> Self {
        Self {
            queue: digest(queue),
            seq,
            number,
        }
    }

    /// Reads a handle that this queue gave out; none if it is another's, or no handle.
    pub(crate) fn read(handle: &str, queue: &QueueName) -> Option<Self> {
        let bytes = STANDARD.decode(handle).ok()?;
        let rest = bytes.strip_prefix(&HEAD)?;
        let numbers: [u8; 24] = rest.try_into().ok()?;
        let number = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&numbers[at..at + 8]);
            u64::from_be_bytes(bytes)
        };
        let receipt = Self {
            queue: number(0),
            seq: Seq(number(8)),
            number: number(16),
        };
        (receipt.queue == digest(queue)).then_some(receipt)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = HEAD.to_vec();
        for number in [self.queue, self.seq.0, self.number] {
            bytes.extend(number.to_be_bytes());
        }
        f.write_str(&STANDARD.encode(bytes))
    }
}

/// FNV-1a: it only has to tell queues apart.
fn digest(queue: &QueueName) -> u64 {
    queue
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_by_its_own_queue_only() {
        let queue = QueueName::new("000000000000", "us-east-1", "q");
        let receipt = Receipt::new(&queue, Seq(7), u64::MAX);
        let handle = receipt.to_string();
        assert!(handle.starts_with("AQEB"), "{handle}");
        assert_eq!(Receipt::read(&handle, &queue), Some(receipt));
        let other = QueueName::new("000000000000", "us-east-1", "other");
        assert_eq!(Receipt::read(&handle, &other), None);
        for handle in ["", "garbage", "AQEB", "AQEBAAAA"] {
            assert_eq!(Receipt::read(handle, &queue), None, "{handle}");
        }
    }
}
