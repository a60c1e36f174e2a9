//! What Linux counts of a process: processor time, memory, what it wrote.

use anyhow::{Context, Result};
use std::collections::HashMap;

/// A process and what it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Seconds of user and system time so far, of this process alone.
    pub(crate) fn cpu(self) -> Result<f64> {
        let (own, _, _) = times(self.0).context("the server's process has gone")?;
        Ok(own)
    }

    /// The same with all its children, those that have gone included.
    pub(crate) fn cpu_of_all(self) -> Result<f64> {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for entry in std::fs::read_dir("/proc")?.flatten() {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            if let Some((_, _, parent)) = times(pid) {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut sum = 0.0;
        let mut rest = vec![self.0];
        while let Some(pid) = rest.pop() {
            if let Some((own, reaped, _)) = times(pid) {
                sum += own + reaped;
            }
            rest.extend(children.remove(&pid).unwrap_or_default());
        }
        Ok(sum)
    }

    /// Resident memory now, in bytes.
    pub(crate) fn resident(self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0))
            .context("the server's process has gone")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: Option<u64> = line
            .and_then(|line| line.split_whitespace().next())
            .and_then(|number| number.parse().ok());
        Ok(kilobytes.context("no VmRSS in /proc")? * 1024)
    }
}

/// Own seconds, that of children that have gone, and the parent.
fn times(pid: u32) -> Option<(f64, f64, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command may hold anything, up to its last parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let second = rustix::param::clock_ticks_per_second();
    let time = |ticks: u64| ticks as f64 / second as f64;
    Some((
        time(ticks(11)? + ticks(12)?),
        time(ticks(13)? + ticks(14)?),
        ticks(1)? as u32,
    ))
}
