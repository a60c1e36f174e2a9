//! One process of one function: started, given one event at a time, watched, and ended with all that it started.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::environment::{self, Place};
use super::limits::{MEASURE_INTERVAL, MemoryWatch, exit_text};
use super::logs::ProcessLog;
use super::pool::Permit;
use super::runtime_api::{Offer, Phase, Reply, RuntimeApi};
use super::{Event, Groups, Invoked, RESPONSE_BYTES_MAX, Shared, Work};
use crate::model::Function;

/// What a dead process may still have on the wire is read for this long.
const LAST_WORDS: Duration = Duration::from_millis(500);

pub(super) struct Sandbox {
    work: Arc<Work>,
    child: Option<Child>,
    pid: u32,
    api: Arc<RuntimeApi>,
    log: Arc<ProcessLog>,
    memory: MemoryWatch,
    scratch: PathBuf,
    /// The Runtime API's listener and the log's reader.
    tasks: Option<JoinSet<()>>,
    started: Instant,
    /// How long the process took to ask for its first event; told once.
    init_duration: Option<Duration>,
    fresh: bool,
    init_timeout: Duration,
    permit: Option<Permit>,
    groups: Groups,
    runtime: Handle,
}

/// What became of an event that was given to a process.
pub(super) enum Outcome {
    Done {
        invoked: Invoked,
        /// The process can take another event.
        reusable: bool,
    },
    /// The process had died before it fetched the event.
    NotTaken,
}

/// How the wait for a process ended.
enum End {
    Replied(Reply),
    Exited(Option<ExitStatus>),
    TimedOut,
    OutOfMemory,
}

impl Sandbox {
    /// Starts a process.
    ///
    /// # Errors
    /// The invocation's failed outcome, where the function has nothing that can be started.
    pub(super) async fn start(
        shared: &Arc<Shared>,
        work: &Arc<Work>,
        permit: Permit,
        request_id: &str,
    ) -> Result<Self, Invoked> {
        match Self::try_start(shared, work, permit).await {
            Ok(sandbox) => Ok(sandbox),
            Err(reason) => {
                let function = &work.function;
                tracing::warn!(
                    function = function.name,
                    reason,
                    "a function can't be started"
                );
                Err(Invoked {
                    payload: platform_error("Runtime.InvalidEntrypoint", request_id, &reason),
                    failed: true,
                    log_tail: format!(
                        "RequestId: {request_id} Error: {reason}\nRuntime.InvalidEntrypoint\n"
                    )
                    .into_bytes(),
                })
            }
        }
    }

    async fn try_start(
        shared: &Arc<Shared>,
        work: &Arc<Work>,
        permit: Permit,
    ) -> Result<Self, String> {
        let function = &work.function;
        let text = |error: io::Error| error.to_string();
        let task = shared
            .code
            .unpacked(&function.code_sha256)
            .await
            .map_err(|error| format!("the function's code can't be unpacked: {error}"))?;
        let mut layers = Vec::new();
        for layer in function.layers.iter().rev() {
            let unpacked = shared.code.unpacked(&layer.code_sha256).await;
            layers.push(
                unpacked
                    .map_err(|error| format!("layer {} can't be unpacked: {error}", layer.arn))?,
            );
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let scratch = shared.settings.folder.join("scratch").join(&id);
        std::fs::create_dir_all(&scratch).map_err(text)?;
        let scratch_guard = ScratchGuard(scratch);
        let entry = entry_point(shared, function, &task, &layers).await?;

        let (api, address, mut tasks) = RuntimeApi::listen().await.map_err(text)?;
        let today = Timestamp::now().strftime("%Y/%m/%d");
        let log_stream = format!("{today}/[{}]{id}", function.version);
        let function_log = shared.logs.function(
            &function.account,
            &function.region,
            &function.name,
            &function.log_group(),
        );
        let (pipe, output) = log_pipe().map_err(text)?;
        let log = ProcessLog::new(function_log, &log_stream, pipe).map_err(text)?;
        let log = Arc::new(log);
        let pumped = Arc::clone(&log);
        tasks.spawn(async move { pumped.pump().await });

        let mut command = Command::new(&entry.program);
        command
            .args(&entry.arguments)
            .current_dir(&task)
            .env_clear()
            .envs(environment::variables(&Place {
                function,
                task: &task,
                runtime: &shared.interpreters.bootstraps.folder,
                scratch: &scratch_guard.0,
                layers: &layers,
                interpreter: entry.interpreter_folder.as_deref(),
                runtime_api: address.to_string(),
                endpoint_url: &shared.settings.endpoint_url,
                log_stream: &log_stream,
            }))
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(text)?)
            .stderr(output);
        log.write(&format!("INIT_START Runtime Version: {}\n", entry.version));
        let started = Instant::now();
        let child = shared
            .spawner
            .spawn(command)
            .await
            .map_err(|error| format!("fork/exec {}: {}", entry.shown, exec_error(&error)))?;
        let pid = child
            .id()
            .ok_or("the process ended before it could be watched")?;
        shared
            .groups
            .lock()
            .expect("no holder of this lock panics")
            .insert(pid);
        Ok(Self {
            work: Arc::clone(work),
            child: Some(child),
            pid,
            api,
            log,
            memory: MemoryWatch::new(pid),
            scratch: scratch_guard.keep(),
            tasks: Some(tasks),
            started,
            init_duration: None,
            fresh: true,
            init_timeout: shared.settings.init_timeout,
            permit: Some(permit),
            groups: Arc::clone(&shared.groups),
            runtime: Handle::current(),
        })
    }

    pub(super) fn function_id(&self) -> &str {
        &self.work.id
    }

    /// Gives the process an event and waits for its answer, its end, its time limit or its memory limit.
    pub(super) async fn invoke(&mut self, event: &Event) -> Outcome {
        let fresh = std::mem::replace(&mut self.fresh, false);
        if fresh {
            self.wait_until_ready().await;
            if let Some(error) = self.api.init_failure() {
                return self.init_failed(event, error);
            }
        }
        let child = self.child.as_mut().expect("only the drop takes it");
        if !fresh && !matches!(child.try_wait(), Ok(None)) {
            // Its open poll would still take the event, and nobody would answer it.
            return Outcome::NotTaken;
        }
        let function = Arc::clone(&self.work);
        let function = &function.function;
        let limit = Duration::from_secs(function.timeout_seconds.into());
        let began = Instant::now();
        self.log.begin(&format!(
            "START RequestId: {} Version: {}\n",
            event.request_id, function.version
        ));
        let told = self.api.offer(Offer {
            request_id: Arc::clone(&event.request_id),
            deadline_milliseconds: Timestamp::now().as_millisecond() + limit.as_millis() as i64,
            invoked_arn: event.invoked_arn.clone(),
            trace_id: trace_id(),
            client_context: event.client_context.clone(),
            payload: event.payload.clone(),
        });
        let end = self.wait(told, began + limit).await;
        if matches!(end, End::Exited(_)) && !fresh && self.api.withdraw() {
            return Outcome::NotTaken;
        }
        self.conclude(event, end, began)
    }

    /// Waits for the first poll, for as long as AWS gives the init phase.
    async fn wait_until_ready(&mut self) {
        let mut phase = self.api.phase();
        let known = async {
            // What is borrowed of the channel must not live on; the sender does.
            let _ = phase
                .wait_for(|phase| *phase != Phase::Starting)
                .await
                .is_ok();
        };
        let child = self.child.as_mut().expect("only the drop takes it");
        tokio::select! {
            biased;
            () = known => self.init_duration = Some(self.started.elapsed()),
            _ = child.wait() => {
                // The report of why it can't start may still be on the wire.
                let _ = tokio::time::timeout(LAST_WORDS, self.api.settled()).await;
            }
            // DIVERGENCE: AWS ends a process that is not ready after 10 s and starts another one within the
            // function's time limit; here the same process goes on within that limit.
            () = tokio::time::sleep(self.init_timeout) => {}
        }
    }

    async fn wait(&mut self, mut told: oneshot::Receiver<Reply>, deadline: Instant) -> End {
        let limit_bytes = u64::from(self.work.function.memory_megabytes) * 1024 * 1024;
        let child = self.child.as_mut().expect("only the drop takes it");
        let out_of_time = tokio::time::sleep_until(deadline.into());
        tokio::pin!(out_of_time);
        let mut measure = tokio::time::interval_at(
            tokio::time::Instant::now() + MEASURE_INTERVAL,
            MEASURE_INTERVAL,
        );
        measure.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                reply = &mut told => {
                    // The sender is dropped only together with an answer.
                    return reply.map_or(End::Exited(None), End::Replied);
                }
                status = child.wait() => {
                    // It may have answered just before.
                    let _ = tokio::time::timeout(LAST_WORDS, self.api.settled()).await;
                    return match told.try_recv() {
                        Ok(reply) => End::Replied(reply),
                        Err(_) => End::Exited(status.ok()),
                    };
                }
                () = &mut out_of_time => return End::TimedOut,
                _ = measure.tick() => {
                    if self.memory.measure() > limit_bytes {
                        kill_group(self.pid);
                        let _ = child.wait().await;
                        return End::OutOfMemory;
                    }
                }
            }
        }
    }

    fn conclude(&mut self, event: &Event, end: End, began: Instant) -> Outcome {
        let id = &event.request_id;
        let mut log = String::new();
        let mut status = String::new();
        let (payload, failed, reusable) = match end {
            End::Replied(Reply::Success(payload)) => (payload, false, true),
            End::Replied(Reply::Failure(payload)) => (payload, true, true),
            End::Replied(Reply::InitFailure(payload)) => (payload, true, false),
            End::Replied(Reply::TooLarge) => {
                let message = format!(
                    "Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes)."
                );
                let error = json!({ "errorMessage": message, "errorType": "Function.ResponseSizeTooLarge" });
                (error.to_string().into(), true, true)
            }
            End::Exited(exit) => {
                let text = exit_text(exit);
                log = format!("RequestId: {id} Error: {text}\nRuntime.ExitError\n");
                status = "\tStatus: error\tError Type: Runtime.ExitError".into();
                (platform_error("Runtime.ExitError", id, &text), true, false)
            }
            End::OutOfMemory => {
                let text = "Runtime exited with error: signal: killed";
                log = format!("RequestId: {id} Error: {text}\nRuntime.ExitError\n");
                status = "\tStatus: error\tError Type: Runtime.ExitError".into();
                (platform_error("Runtime.ExitError", id, text), true, false)
            }
            End::TimedOut => {
                kill_group(self.pid);
                let seconds = self.work.function.timeout_seconds;
                let text = format!("Task timed out after {seconds}.00 seconds");
                log = format!("{:.3} {id} {text}\n\n", Timestamp::now());
                status = "\tStatus: timeout".into();
                (platform_error("Sandbox.Timedout", id, &text), true, false)
            }
        };
        log += &self.report(id, began.elapsed(), &status);
        let log_tail = self.log.end(&log);
        let invoked = Invoked {
            payload,
            failed,
            log_tail,
        };
        Outcome::Done { invoked, reusable }
    }

    fn init_failed(&mut self, event: &Event, payload: Bytes) -> Outcome {
        let id = &event.request_id;
        let version = self.work.function.version.clone();
        let report = self.report(
            id,
            Duration::ZERO,
            "\tStatus: error\tError Type: Runtime.Unknown",
        );
        // What the process logged while it started belongs to the failure.
        self.log
            .write(&format!("START RequestId: {id} Version: {version}\n"));
        let log_tail = self.log.end(&report);
        let invoked = Invoked {
            payload,
            failed: true,
            log_tail,
        };
        Outcome::Done {
            invoked,
            reusable: false,
        }
    }

    fn report(&mut self, id: &str, duration: Duration, status: &str) -> String {
        let init = self.init_duration.take();
        let milliseconds = duration.as_secs_f64() * 1000.0;
        let init_milliseconds = init.map_or(0.0, |init| init.as_secs_f64() * 1000.0);
        let billed = (milliseconds + init_milliseconds).ceil() as u64;
        let limit = self.work.function.memory_megabytes;
        let used = self.memory.peak_megabytes().min(u64::from(limit));
        let init = init.map_or_else(String::new, |_| {
            format!("\tInit Duration: {init_milliseconds:.2} ms")
        });
        format!(
            "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {billed} ms\tMemory Size: {limit} MB\tMax Memory Used: {used} MB{init}{status}\t\n"
        )
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        kill_group(self.pid);
        self.groups
            .lock()
            .expect("no holder of this lock panics")
            .remove(&self.pid);
        let child = self.child.take();
        let tasks = self.tasks.take();
        let permit = self.permit.take();
        let scratch = std::mem::take(&mut self.scratch);
        self.runtime.spawn(async move {
            if let Some(mut child) = child {
                let _ = child.wait().await;
            }
            drop(tasks);
            // A process that is slow to die may still write there; the next start of the server sweeps.
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(scratch)).await;
            drop(permit);
        });
    }
}

/// Removes the folder of a process that was never started.
struct ScratchGuard(PathBuf);

impl ScratchGuard {
    fn keep(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for ScratchGuard {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// What is executed, and what the logs call it.
struct EntryPoint {
    program: PathBuf,
    arguments: Vec<PathBuf>,
    interpreter_folder: Option<PathBuf>,
    shown: String,
    version: String,
}

async fn entry_point(
    shared: &Arc<Shared>,
    function: &Function,
    task: &Path,
    layers: &[PathBuf],
) -> Result<EntryPoint, String> {
    let runtime = function.runtime.clone();
    if runtime.starts_with("provided") {
        let program = std::iter::once(task)
            .chain(layers.iter().map(PathBuf::as_path))
            .map(|folder| folder.join("bootstrap"))
            .find(|program| program.exists())
            .unwrap_or_else(|| task.join("bootstrap"));
        let meta = program.metadata().map_err(|_missing| {
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned()
        })?;
        if meta.permissions().mode() & 0o111 == 0 {
            return Err("fork/exec /var/task/bootstrap: permission denied".into());
        }
        if !is_program(&program) {
            return Err("fork/exec /var/task/bootstrap: exec format error".into());
        }
        return Ok(EntryPoint {
            program,
            arguments: Vec::new(),
            interpreter_folder: None,
            shown: "/var/task/bootstrap".into(),
            version: runtime,
        });
    }
    let looked = Arc::clone(shared);
    let asked = runtime.clone();
    let program = tokio::task::spawn_blocking(move || looked.interpreters.find(&asked))
        .await
        .map_err(|error| error.to_string())??;
    let bootstraps = &shared.interpreters.bootstraps;
    let arguments = if runtime.starts_with("python") {
        vec![
            bootstraps.python.clone(),
            shared.code.cache(&function.code_sha256),
        ]
    } else {
        vec![bootstraps.node.clone()]
    };
    Ok(EntryPoint {
        arguments,
        interpreter_folder: program.parent().map(Path::to_owned),
        shown: program.display().to_string(),
        version: format!("{runtime}, run by {}", program.display()),
        program: program.to_path_buf(),
    })
}

/// Left to itself the C library would give a file that is neither to a shell, which AWS does not.
fn is_program(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| io::Read::read(&mut file, &mut magic));
    !cfg!(target_os = "linux") || read.is_ok() && (magic == *b"\x7fELF" || magic.starts_with(b"#!"))
}

/// A pipe whose reading end does not block.
fn log_pipe() -> io::Result<(Receiver, io::PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    Ok((Receiver::from_owned_fd(reader.into())?, writer))
}

pub(super) fn kill_group(pid: u32) {
    if let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may be gone already.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn exec_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ if error.raw_os_error() == Some(8) => "exec format error".into(),
        _ => error.to_string(),
    }
}

fn platform_error(kind: &str, request_id: &str, text: &str) -> Bytes {
    let message = format!("RequestId: {request_id} Error: {text}");
    json!({ "errorType": kind, "errorMessage": message })
        .to_string()
        .into()
}

fn trace_id() -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let parent = uuid::Uuid::new_v4().simple().to_string();
    let seconds = Timestamp::now().as_second();
    let (root, parent) = (&id[..24], &parent[..16]);
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}
