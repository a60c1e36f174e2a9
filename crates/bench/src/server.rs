//! The server under test: one that is started for a scenario, or one that is there.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tempfile::TempDir;

use crate::Options;
use crate::http::{Connection, STATES};
use crate::process::Process;

/// Where it answers, and the process that is measured.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    pub(crate) process: Process,
    child: Option<Child>,
    program: PathBuf,
    folder: Option<TempDir>,
}

impl Server {
    /// The given server, or a new one on an empty folder.
    pub(crate) async fn start(options: &Options) -> Result<Self> {
        if let Some((endpoint, pid)) = &options.target {
            return Ok(Self {
                endpoint: endpoint.clone(),
                process: Process(*pid),
                child: None,
                program: options.program.clone(),
                folder: None,
            });
        }
        let folder = tempfile::Builder::new()
            .prefix("canter-bench-")
            .tempdir_in(std::env::current_dir()?)
            .context("can't make a data folder here")?;
        Self::on(options.program.clone(), folder).await
    }

    /// `canter up` on a folder.
    pub(crate) async fn on(program: PathBuf, folder: TempDir) -> Result<Self> {
        let (child, endpoint) = up(&program, folder.path())?;
        let server = Self {
            endpoint,
            process: Process(child.id()),
            child: Some(child),
            program,
            folder: Some(folder),
        };
        server.answer().await?;
        Ok(server)
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        let mut connection = Connection::open(&self.endpoint).await?;
        connection.names = self.child.is_none();
        Ok(connection)
    }

    /// Resolved with its first answer.
    async fn answer(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        connection
            .json(STATES, "ListStateMachines", &json!({}))
            .await?;
        Ok(())
    }

    /// Ends it without warning and starts it again on what it left; how long until it answered.
    pub(crate) async fn crash_and_restart(&mut self) -> Result<Duration> {
        let child = self.child.as_mut().context("this server is not ours")?;
        child.kill()?;
        child.wait()?;
        let folder = self.folder.as_ref().context("this server is not ours")?;
        let began = Instant::now();
        let (child, endpoint) = up(&self.program, folder.path())?;
        self.process = Process(child.id());
        self.child = Some(child);
        self.endpoint = endpoint;
        self.answer().await?;
        Ok(began.elapsed())
    }

    /// Its data folder, of a server that was started here.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing of it is needed any more; its folder goes next.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts the server; its address is what it prints.
fn up(program: &Path, data: &Path) -> Result<(Child, String)> {
    let mut child = Command::new(program)
        .args(["up", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("can't start `{}`", program.display()))?;
    let mut line = String::new();
    let output = child
        .stdout
        .take()
        .context("its output was not asked for")?;
    BufReader::new(output).read_line(&mut line)?;
    let endpoint = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .map(|word| word.trim_end_matches(',').to_owned());
    ensure!(endpoint.is_some(), "the server said: {line}");
    Ok((child, endpoint.unwrap_or_default()))
}
