//! Counters of the gateway and the process in Prometheus' text format.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

/// What a request was and how it ended. Names come from the models, so their number is bounded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub(crate) service: &'static str,
    pub(crate) operation: Cow<'static, str>,
    /// `OK` or an error's code.
    pub(crate) code: Cow<'static, str>,
}

#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Label, Sample>>,
}

#[derive(Default)]
struct Sample {
    count: u64,
    seconds: f64,
}

/// Error codes come from services; more than this many series would be a leak.
const SERIES_MAX: usize = 5_000;

impl Metrics {
    pub(crate) fn record(&self, label: Label, took: Duration) {
        let mut requests = self.requests.lock().expect("no one panics with it");
        if requests.len() >= SERIES_MAX && !requests.contains_key(&label) {
            return;
        }
        let sample = requests.entry(label).or_default();
        sample.count += 1;
        sample.seconds += took.as_secs_f64();
    }

    pub(crate) fn write(&self, out: &mut String) {
        out.push_str("# HELP canter_requests_total Requests answered.\n# TYPE canter_requests_total counter\n");
        let requests = self.requests.lock().expect("no one panics with it");
        for (label, sample) in &*requests {
            let _ = writeln!(
                out,
                "canter_requests_total{} {}",
                labels(label),
                sample.count
            );
        }
        out.push_str("# HELP canter_request_seconds Time until the answer began.\n# TYPE canter_request_seconds summary\n");
        for (label, sample) in &*requests {
            let labels = labels(label);
            let _ = writeln!(out, "canter_request_seconds_sum{labels} {}", sample.seconds);
            let _ = writeln!(out, "canter_request_seconds_count{labels} {}", sample.count);
        }
        drop(requests);
        process(out);
    }
}

fn labels(label: &Label) -> String {
    // Codes are words; a quote in one could only come from a service's mistake.
    let code = label.code.replace(['"', '\\', '\n'], "");
    format!(
        "{{service=\"{}\",operation=\"{}\",code=\"{code}\"}}",
        label.service, label.operation
    )
}

/// What Linux tells of this process; nothing elsewhere.
fn process(out: &mut String) {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return;
    };
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().next()?.parse::<u64>().ok()
    };
    if let Some(kilobytes) = field("VmRSS:") {
        let _ = writeln!(
            out,
            "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {}",
            kilobytes * 1024
        );
    }
    if let Some(threads) = field("Threads:") {
        let _ = writeln!(
            out,
            "# TYPE process_threads gauge\nprocess_threads {threads}"
        );
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        let _ = writeln!(
            out,
            "# TYPE process_open_fds gauge\nprocess_open_fds {}",
            open.count()
        );
    }
    if let Some(seconds) = cpu_seconds() {
        let _ = writeln!(
            out,
            "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {seconds}"
        );
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux counts a hundredth of a second a tick, on every platform that Rust knows.
    Some(ticks as f64 / 100.0)
}
