//! What functions log: kept in memory, appended to a file, told to whoever listens. All of it bounded.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::unix::pipe::Receiver;

/// A longer line is cut into several entries, as CloudWatch Logs would refuse it whole.
const LINE_BYTES_MAX: usize = 256 * 1024;
/// What one function's log keeps in memory.
const MEMORY_BYTES_MAX: usize = 1024 * 1024;
/// One function's log file; a full one becomes `.log.1`, and the one before it goes.
const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// What waits for the next write to the file; past it the write comes at once.
const UNWRITTEN_BYTES_MAX: usize = 64 * 1024;
const WRITE_INTERVAL: Duration = Duration::from_millis(250);
/// `LogResult` of an invocation: the last 4 KB.
const TAIL_BYTES: usize = 4096;
/// At most this much is read in one go, so that a flood of log does not hold up a worker.
const READ_BYTES_MAX: usize = 256 * 1024;

/// One line that a function or the host wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it was read, in milliseconds since 1970.
    pub timestamp_milliseconds: i64,
    /// `2026/11/22/[$LATEST]…`, one for each process.
    pub stream: Arc<str>,
    /// Without its line break.
    pub message: String,
}

/// Lines of one log stream, in order.
#[derive(Clone, Debug)]
pub struct LogBatch<'a> {
    /// The function's account.
    pub account: &'a str,
    /// The function's region.
    pub region: &'a str,
    /// `/aws/lambda/<name>`, or what the function's logging configuration says.
    pub group: &'a str,
    /// The lines.
    pub events: &'a [LogEvent],
}

/// Who else wants to know what functions log, such as a logs service.
pub trait LogSink: Send + Sync {
    /// Takes some lines. It is called while functions run and must not block.
    fn take(&self, batch: LogBatch<'_>);
}

type FunctionKey = (String, String, String);

pub(super) struct Logs {
    folder: PathBuf,
    sink: Option<Arc<dyn LogSink>>,
    functions: Mutex<BTreeMap<FunctionKey, Arc<FunctionLog>>>,
}

/// One function's log, of all its processes.
pub(super) struct FunctionLog {
    account: String,
    region: String,
    group: String,
    file: PathBuf,
    sink: Option<Arc<dyn LogSink>>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<LogEvent>,
    bytes: usize,
    unwritten: Vec<u8>,
    write_planned: bool,
}

impl Logs {
    pub(super) fn new(folder: PathBuf, sink: Option<Arc<dyn LogSink>>) -> Self {
        Self {
            folder,
            sink,
            functions: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn function(
        &self,
        account: &str,
        region: &str,
        name: &str,
        group: &str,
    ) -> Arc<FunctionLog> {
        let key = (account.to_owned(), region.to_owned(), name.to_owned());
        let mut functions = self.lock();
        let log = functions.entry(key).or_insert_with(|| {
            Arc::new(FunctionLog {
                account: account.into(),
                region: region.into(),
                group: group.into(),
                file: self
                    .folder
                    .join(account)
                    .join(region)
                    .join(format!("{name}.log")),
                sink: self.sink.clone(),
                kept: Mutex::new(Kept::default()),
            })
        });
        Arc::clone(log)
    }

    pub(super) fn events(&self, account: &str, region: &str, name: &str) -> Vec<LogEvent> {
        let key = (account.to_owned(), region.to_owned(), name.to_owned());
        let log = self.lock().get(&key).cloned();
        log.map_or_else(Vec::new, |log| log.lock().events.iter().cloned().collect())
    }

    pub(super) fn flush(&self) {
        let all: Vec<_> = self.lock().values().cloned().collect();
        for log in all {
            log.write();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<FunctionKey, Arc<FunctionLog>>> {
        self.functions
            .lock()
            .expect("no holder of this lock panics")
    }
}

impl FunctionLog {
    fn append(self: &Arc<Self>, events: Vec<LogEvent>) {
        if events.is_empty() {
            return;
        }
        if let Some(sink) = &self.sink {
            sink.take(LogBatch {
                account: &self.account,
                region: &self.region,
                group: &self.group,
                events: &events,
            });
        }
        let mut kept = self.lock();
        for event in events {
            let at = Timestamp::from_millisecond(event.timestamp_milliseconds).unwrap_or_default();
            // Writing to a vector does not fail.
            let _ = writeln!(
                kept.unwritten,
                "{at:.3} {} {}",
                short_stream(&event.stream),
                event.message
            );
            kept.bytes += event.message.len() + 64;
            kept.events.push_back(event);
        }
        while kept.bytes > MEMORY_BYTES_MAX
            && let Some(oldest) = kept.events.pop_front()
        {
            kept.bytes -= oldest.message.len() + 64;
        }
        let full = kept.unwritten.len() > UNWRITTEN_BYTES_MAX;
        let plan = !full && !kept.write_planned;
        kept.write_planned |= plan;
        drop(kept);
        if full {
            self.write();
        } else if plan {
            let log = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(WRITE_INTERVAL).await;
                log.write();
            });
        }
    }

    /// Appends what has not been written. A log that can't be written is no reason to fail a function.
    fn write(&self) {
        let mut kept = self.lock();
        kept.write_planned = false;
        let unwritten = std::mem::take(&mut kept.unwritten);
        // The lock is held over the write, so that lines keep their order; the page cache takes it in microseconds.
        if !unwritten.is_empty()
            && let Err(error) = self.append_to_file(&unwritten)
        {
            tracing::warn!(file = %self.file.display(), %error, "a function's log can't be written");
        }
    }

    fn append_to_file(&self, lines: &[u8]) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let open = || {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.file)
        };
        let mut file = open()?;
        if file.metadata()?.len() + lines.len() as u64 > FILE_BYTES_MAX {
            fs::rename(&self.file, self.file.with_extension("log.1"))?;
            file = open()?;
        }
        file.write_all(lines)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}

/// The last digits of the stream's name, enough to tell processes apart in one file.
fn short_stream(stream: &str) -> &str {
    stream
        .len()
        .checked_sub(8)
        .map_or(stream, |at| &stream[at..])
}

/// One process's log: what comes out of its pipe, and the host's own lines about it.
pub(super) struct ProcessLog {
    function: Arc<FunctionLog>,
    stream: Arc<str>,
    /// Both of the process's outputs, in the order in which they were written.
    pipe: Receiver,
    /// The same pipe for reads that must not wait for the reactor to have seen what is there.
    direct: File,
    state: Mutex<PipeState>,
}

#[derive(Default)]
struct PipeState {
    partial: Vec<u8>,
    tail: VecDeque<u8>,
    ended: bool,
}

impl ProcessLog {
    pub(super) fn new(
        function: Arc<FunctionLog>,
        stream: &str,
        pipe: Receiver,
    ) -> io::Result<Self> {
        Ok(Self {
            function,
            stream: stream.into(),
            direct: pipe.as_fd().try_clone_to_owned()?.into(),
            pipe,
            state: Mutex::new(PipeState::default()),
        })
    }

    /// Reads until the process and all it started have closed the pipe.
    pub(super) async fn pump(&self) {
        while self.pipe.readable().await.is_ok() {
            // What another reader took meanwhile makes the attempt fail, and the next wait a real one.
            self.read_by(|buffer| self.pipe.try_read(buffer));
            if self.lock().ended {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Takes what is in the pipe now.
    fn read(&self) {
        self.read_by(|buffer| (&self.direct).read(buffer));
    }

    fn read_by(&self, mut source: impl FnMut(&mut [u8]) -> io::Result<usize>) {
        let mut state = self.lock();
        let mut events = Vec::new();
        let mut taken = 0;
        let mut buffer = [0; 16 * 1024];
        while taken < READ_BYTES_MAX {
            match source(&mut buffer) {
                Ok(0) => {
                    state.ended = true;
                    if !state.partial.is_empty() {
                        let last = std::mem::take(&mut state.partial);
                        events.push(self.event(&last));
                    }
                    break;
                }
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    state.remember(bytes);
                    state.split(bytes, |line| events.push(self.event(line)));
                    taken += count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_would_block) => break,
            }
        }
        // The lock is held, so that two readers can't swap lines.
        self.function.append(events);
    }

    /// Takes what is in the pipe, forgets the tail so far and notes the beginning of an invocation.
    pub(super) fn begin(&self, lines: &str) {
        self.read();
        let mut state = self.lock();
        state.tail.clear();
        self.note(&mut state, lines);
    }

    /// Takes what is in the pipe, notes the end of an invocation and gives its last 4 KB.
    pub(super) fn end(&self, lines: &str) -> Vec<u8> {
        self.read();
        let mut state = self.lock();
        self.note(&mut state, lines);
        Vec::from(std::mem::take(&mut state.tail))
    }

    /// Writes lines of the host's own between the process's.
    pub(super) fn write(&self, lines: &str) {
        self.read();
        let mut state = self.lock();
        self.note(&mut state, lines);
    }

    fn note(&self, state: &mut PipeState, lines: &str) {
        let mut events = Vec::new();
        // What the process wrote without a line break ends where the host speaks.
        if !state.partial.is_empty() {
            let last = std::mem::take(&mut state.partial);
            events.push(self.event(&last));
            state.remember(b"\n");
        }
        state.remember(lines.as_bytes());
        events.extend(lines.lines().map(|line| self.event(line.as_bytes())));
        self.function.append(events);
    }

    fn event(&self, line: &[u8]) -> LogEvent {
        LogEvent {
            timestamp_milliseconds: Timestamp::now().as_millisecond(),
            stream: Arc::clone(&self.stream),
            message: String::from_utf8_lossy(line).into_owned(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, PipeState> {
        self.state.lock().expect("no holder of this lock panics")
    }
}

impl PipeState {
    fn remember(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(TAIL_BYTES);
        self.tail.extend(&bytes[bytes.len() - kept..]);
        let over = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..over);
    }

    fn split(&mut self, bytes: &[u8], mut line: impl FnMut(&[u8])) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let text = self.partial.strip_suffix(b"\n").unwrap_or(&self.partial);
                line(text.strip_suffix(b"\r").unwrap_or(text));
                self.partial.clear();
            } else if self.partial.len() >= LINE_BYTES_MAX {
                line(&self.partial);
                self.partial.clear();
            }
        }
    }
}
