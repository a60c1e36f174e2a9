//! A process that dies by `kill -9` in mid-commit has lost nothing it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use store::{Batch, Keyspace, Store, Table};

const ROWS: Table = Table::new(Keyspace::State, "rows");
/// So that the database flushes its memory, several times over, while it is killed.
const VALUE_BYTES: usize = 20_000;
const FOLDER: &str = "CANTER_STORE_KILL_TEST";

/// The child: this test, when the parent below runs it with a folder. It commits from many threads, so that groups
/// form, and writes each key to its output once it is acknowledged.
#[test]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let store = Store::open(folder).expect("the parent's folder is free");
    std::thread::scope(|scope| {
        for thread in 0..8_u32 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..u32::MAX {
                    let key = format!("{thread}-{number}");
                    let mut batch = Batch::default();
                    batch.put(ROWS, key.as_bytes(), vec![b'v'; VALUE_BYTES]);
                    batch.put(ROWS, format!("{key}/pair").as_bytes(), &b"v"[..]);
                    store.commit_blocking(batch).expect("it commits");
                    let line = format!("acknowledged {key}\n");
                    let mut out = std::io::stdout().lock();
                    out.write_all(line.as_bytes())
                        .and_then(|()| out.flush())
                        .expect("the parent reads");
                }
            });
        }
    });
}

#[test]
fn every_acknowledged_row_is_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let mut acknowledged = Vec::new();
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().expect("the test has a program"))
            .args(["--exact", "writer", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test's own program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"))
            .lines()
            .map_while(Result::ok);
        let mut seen = 0;
        let mut take = |line: String| {
            if let Some((_, key)) = line.split_once("acknowledged ") {
                acknowledged.push(key.to_owned());
                seen += 1;
            }
            seen
        };
        while take(lines.next().expect("the child writes until it is killed")) < 200 * round {}
        child.kill().expect("it is our child");
        // What it had told before it died counts too; a last line without its end does not, the key may be cut.
        let rest: Vec<String> = lines.collect();
        for line in rest.iter().take(rest.len().saturating_sub(1)) {
            take(line.clone());
        }
        child.wait().expect("it is our child");

        let store = Store::open(folder.path()).expect("a dead owner holds no lock");
        for key in &acknowledged {
            assert!(
                store.get(ROWS, key.as_bytes()).expect("it reads").is_some(),
                "`{key}` was lost"
            );
            let pair = store
                .get(ROWS, format!("{key}/pair").as_bytes())
                .expect("it reads");
            assert!(pair.is_some(), "half of `{key}` was lost");
        }
    }
}

/// A start on an empty folder makes a dozen files; whenever it is killed, the next one makes them.
#[test]
fn a_folder_whose_making_was_cut_short_is_made_by_the_next_start() {
    for moment in 0..25 {
        let folder = tempfile::tempdir().expect("the system has room for a folder");
        let mut child = Command::new(std::env::current_exe().expect("the test has a program"))
            .args(["--exact", "writer", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test's own program starts");
        // Different moments, not a wait for one: whatever the child has done by then is a case.
        std::thread::sleep(Duration::from_millis(2 * moment));
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
        let store = Store::open(folder.path())
            .unwrap_or_else(|error| panic!("killed after {} ms: {error}", 2 * moment));
        let mut batch = Batch::default();
        batch.put(ROWS, b"a", &b"v"[..]);
        store.commit_blocking(batch).expect("it commits");
    }
}
