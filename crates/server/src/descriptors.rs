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

/// A thousand may wait for tasks of one activity, and each holds a connection.
const CONNECTIONS_MAX: u64 = 4096;

/// However few files there may be.
const CONNECTIONS_MIN: u64 = 16;

/// Raises the limit as far as it goes; how many connections may be open at once under it.
pub(crate) fn connections_max() -> usize {
    let limit = raised();
    let connections = affordable(limit);
    if connections < CONNECTIONS_MAX {
        tracing::warn!(
            "the system lets the server open {limit} files at once, so that it serves {connections} connections at once \
             (`ulimit -Hn` tells the limit; {} files would do for {CONNECTIONS_MAX})",
            RESERVED + OF_A_REQUEST * CONNECTIONS_MAX
        );
    }
    usize::try_from(connections).expect("there are a few thousand")
}

fn affordable(limit: u64) -> u64 {
    (limit.saturating_sub(RESERVED) / OF_A_REQUEST).clamp(CONNECTIONS_MIN, CONNECTIONS_MAX)
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
        for (limit, connections) in [
            (64, 16),
            (544, 16),
            (1024, 256),
            (8703, 4095),
            (8704, 4096),
            (u64::MAX, 4096),
        ] {
            assert_eq!(affordable(limit), connections, "of {limit} files");
        }
    }

    #[test]
    fn the_limit_is_raised_as_far_as_the_system_allows() {
        connections_max();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let [current, maximum] = [current, maximum].map(|limit| limit.unwrap_or(u64::MAX));
        assert!(current >= maximum.min(WANTED), "{current} of {maximum}");
    }
}
