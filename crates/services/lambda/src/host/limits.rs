//! How much memory a process and its children hold, from `/proc`.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::ExitStatus;

/// How often a working process is measured. One that outgrows its limit and shrinks again between two looks goes free.
pub(super) const MEASURE_INTERVAL: std::time::Duration = std::time::Duration::from_millis(100);

/// Whole-group measurements come every so many looks: they read all of `/proc`.
const GROUP_EVERY: u32 = 10;

/// Looks at one process group's resident memory.
pub(super) struct MemoryWatch {
    leader: u32,
    /// The leader's `statm`: an invocation costs a read, and no search for the file.
    statm: Option<File>,
    looks: u32,
    peak_bytes: u64,
}

impl MemoryWatch {
    pub(super) fn new(leader: u32) -> Self {
        Self {
            leader,
            statm: File::open(format!("/proc/{leader}/statm")).ok(),
            looks: 0,
            peak_bytes: 0,
        }
    }

    /// The leader and its children now, in bytes; every tenth look the whole process group. 0 where it is unknown.
    pub(super) fn measure(&mut self) -> u64 {
        self.looks += 1;
        let bytes = if self.looks.is_multiple_of(GROUP_EVERY) {
            group_bytes(self.leader)
        } else {
            family_bytes(self.leader, 0)
        };
        self.peak_bytes = self.peak_bytes.max(bytes);
        bytes
    }

    /// A cheap last look at the leader alone, and the most that was ever seen, in whole megabytes.
    pub(super) fn peak_megabytes(&mut self) -> u64 {
        let now = self.statm.as_ref().map_or(0, leader_bytes);
        self.peak_bytes = self.peak_bytes.max(now);
        self.peak_bytes.div_ceil(1024 * 1024)
    }
}

/// 0 once the process has ended.
fn leader_bytes(statm: &File) -> u64 {
    /// Seven numbers of at most 20 digits.
    const STATM_BYTES: usize = 160;
    let mut text = [0; STATM_BYTES];
    let read = statm.read_at(&mut text, 0).unwrap_or(0);
    std::str::from_utf8(&text[..read]).map_or(0, |text| counted(text, false))
}

fn resident_bytes(pid: u32, private_only: bool) -> u64 {
    fs::read_to_string(format!("/proc/{pid}/statm")).map_or(0, |text| counted(&text, private_only))
}

/// The bytes that a `statm` tells, which counts in pages.
fn counted(statm: &str, private_only: bool) -> u64 {
    let mut pages = statm
        .split_ascii_whitespace()
        .skip(1)
        .map(|field| field.parse::<u64>().unwrap_or(0));
    let resident = pages.next().unwrap_or(0);
    let shared = pages.next().unwrap_or(0);
    let counted = if private_only {
        resident.saturating_sub(shared)
    } else {
        resident
    };
    counted * rustix::param::page_size() as u64
}

fn family_bytes(pid: u32, depth: u32) -> u64 {
    // Children share the interpreter's pages with their parent; those count once.
    let own = resident_bytes(pid, depth > 0);
    let Ok(children) = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) else {
        return own;
    };
    let children = children
        .split_ascii_whitespace()
        .filter_map(|child| child.parse().ok());
    if depth >= 8 {
        return own;
    }
    own + children
        .map(|child| family_bytes(child, depth + 1))
        .sum::<u64>()
}

fn group_bytes(leader: u32) -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| group_of(*pid) == Some(leader))
        .map(|pid| resident_bytes(pid, pid != leader))
        .sum()
}

fn group_of(pid: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name, in brackets, may hold anything; the group is the third field after it.
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// What AWS says of a process that ended by itself, `Runtime exited …`.
pub(super) fn exit_text(status: Option<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;

    let Some(status) = status else {
        return "Runtime exited without providing a reason".into();
    };
    match (status.code(), status.signal()) {
        (Some(0), _) | (None, None) => "Runtime exited without providing a reason".into(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => {
            let name = match signal {
                1 => "hangup",
                2 => "interrupt",
                3 => "quit",
                4 => "illegal instruction",
                5 => "trace/breakpoint trap",
                6 => "aborted",
                7 => "bus error",
                8 => "floating point exception",
                9 => "killed",
                10 => "user defined signal 1",
                11 => "segmentation fault",
                12 => "user defined signal 2",
                13 => "broken pipe",
                14 => "alarm clock",
                15 => "terminated",
                other => return format!("Runtime exited with error: signal: signal {other}"),
            };
            format!("Runtime exited with error: signal: {name}")
        }
    }
}
