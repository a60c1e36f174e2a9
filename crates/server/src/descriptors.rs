//! How many files and connections the system lets the process have open at once.
//!
//! Whoever opens the last one takes it from all others: the database that can't open a file for its next table stops for
//! good. So as many as the system allows are asked for, and connections get what is left of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More are never needed; functions inherit the limit, and some programs go through all numbers below it.
const WANTED: u64 = 65_536;

/// For the tables and journals of the database, the items of `DynamoDB`, functions' processes and their pipes.
const RESERVED: u64 = 512;

/// A request may have a file open beside its connection, or a connection to elsewhere.
const OF_A_REQUEST: u64 = 2;

/// However few files there may be.
const CONNECTIONS_MIN: usize = 16;

/// Raises the limit as far as it goes; how many connections, `wanted` at most, may be open at once under it.
pub(crate) fn connections_max(wanted: usize) -> usize {
    let limit = raised();
    let connections = affordable(limit).min(wanted);
    if connections < wanted {
        tracing::warn!(
            "the system lets the server open {limit} files at once, so that it serves {connections} connections at once \
             (`ulimit -Hn` tells the limit; {} files would do for {wanted})",
            RESERVED + OF_A_REQUEST * wanted as u64
        );
    }
    connections
}

fn affordable(limit: u64) -> usize {
    let left = limit.saturating_sub(RESERVED) / OF_A_REQUEST;
    usize::try_from(left)
        .unwrap_or(usize::MAX)
        .max(CONNECTIONS_MIN)
}

/// The limit after it was raised; some systems allow less than they say.
fn raised() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current.unwrap_or(u64::MAX);
    let allowed = maximum.unwrap_or(u64::MAX).min(WANTED);
    let wanted = Rlimit {
        current: Some(allowed),
        maximum,
    };
    if allowed > current && setrlimit(Resource::Nofile, wanted).is_ok() {
        return allowed;
    }
    current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_what_must_not_run_out_of_them() {
        for (limit, connections) in [(64, 16), (544, 16), (1024, 256), (8704, 4096)] {
            assert_eq!(affordable(limit), connections, "of {limit} files");
        }
    }

    #[test]
    fn the_limit_is_raised_as_far_as_the_system_allows() {
        assert!((CONNECTIONS_MIN..=100).contains(&connections_max(100)));
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let [current, maximum] = [current, maximum].map(|limit| limit.unwrap_or(u64::MAX));
        assert!(current >= maximum.min(WANTED), "{current} of {maximum}");
    }
}
