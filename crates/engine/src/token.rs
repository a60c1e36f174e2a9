use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::AttemptId;

const TAIL_BYTES: usize = 8 + 16;

/// The task token of an attempt: Base64 of the execution's [`crate::Seed::token_prefix`], the attempt and its nonce.
///
/// The prefix says where the execution lives, the attempt which try is meant, and the nonce, which nobody guesses, that
/// the bearer was told.
pub fn task_token(prefix: &[u8], attempt: AttemptId, nonce: u128) -> String {
    let mut bytes = Vec::with_capacity(prefix.len() + TAIL_BYTES);
    bytes.extend_from_slice(prefix);
    bytes.extend_from_slice(&attempt.0.to_be_bytes());
    bytes.extend_from_slice(&nonce.to_be_bytes());
    STANDARD.encode(bytes)
}

/// The parts of a [`task_token`]; none if the text is none.
pub fn parse_task_token(token: &str) -> Option<(Vec<u8>, AttemptId, u128)> {
    let mut prefix = STANDARD.decode(token).ok()?;
    let tail = prefix.split_off(prefix.len().checked_sub(TAIL_BYTES)?);
    let (attempt, nonce) = tail.split_at_checked(8)?;
    Some((
        prefix,
        AttemptId(u64::from_be_bytes(attempt.try_into().ok()?)),
        u128::from_be_bytes(nonce.try_into().ok()?),
    ))
}
