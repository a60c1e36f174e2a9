//! A built server on a free port, for a step that talks to it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Failure;

/// Runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Server {
    /// Starts `canter up` on a fresh data folder inside `folder`; its log goes to `server.log` there.
    pub(crate) fn start(binary: &Path, folder: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| format!("{}: {error}", binary.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let data = folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data).map_err(failed)?;
        }
        let log = File::create(folder.join("server.log")).map_err(failed)?;
        let mut child = Command::new(binary)
            .args(["up", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let said = child.stdout.take().expect("standard output is piped");
        let url = BufReader::new(said)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| url_in(&line));
        let server = Self {
            child,
            url: url.unwrap_or_default(),
        };
        if server.url.is_empty() {
            return Err(format!(
                "{} said no address; its log is {}",
                binary.display(),
                folder.join("server.log").display()
            ));
        }
        Ok(server)
    }
}

impl Server {}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn url_in(line: &str) -> Option<String> {
    let start = line.find("http://")?;
    let url = line[start..].split_whitespace().next()?;
    Some(url.trim_end_matches(['/', '.', ',']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::url_in;

    #[test]
    fn the_address_is_found_in_the_line_that_says_it() {
        assert_eq!(
            url_in("canter 0.1.0 answers at http://127.0.0.1:4566/").as_deref(),
            Some("http://127.0.0.1:4566")
        );
        assert_eq!(url_in("starting"), None);
    }
}
