//! A folder whose files were damaged is read as it was acknowledged, or refused; it never loses something silently.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use store::{Batch, Keyspace, Store, StoreError, Table};
use tempfile::TempDir;

const ROWS: Table = Table::new(Keyspace::Services, "rows");
const STATE: Table = Table::new(Keyspace::State, "rows");
const COMMITS: u32 = 24;

/// A closed folder with a row in two tables for each commit; `value_bytes` decides whether the database has flushed
/// some of them out of its journal.
fn folder(value_bytes: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    for half in [0..COMMITS / 2, COMMITS / 2..COMMITS] {
        let store = Store::open(folder.path()).expect("the folder is ours alone");
        for number in half {
            let mut batch = Batch::default();
            batch.put(ROWS, &number.to_be_bytes(), value(number, value_bytes));
            batch.put(STATE, b"newest", number.to_be_bytes().to_vec());
            store.commit_blocking(batch).expect("it commits");
        }
    }
    folder
}

/// Different for each row, and of bytes that a compression leaves alone.
fn value(number: u32, bytes: usize) -> Vec<u8> {
    let mut state = u64::from(number) + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

/// Opens the folder and compares all rows; the refusal if it has one, when it is opened or when it is read.
fn read(folder: &Path, value_bytes: usize) -> Result<(), StoreError> {
    let store = Store::open(folder)?;
    for number in 0..COMMITS {
        let found = store.get(ROWS, &number.to_be_bytes())?;
        assert_eq!(
            found.as_deref(),
            Some(&value(number, value_bytes)[..]),
            "row {number} is lost or changed"
        );
    }
    let newest = store.get(STATE, b"newest")?;
    assert_eq!(
        newest.as_deref(),
        Some(&(COMMITS - 1).to_be_bytes()[..]),
        "an old state came back"
    );
    Ok(())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn flip(path: &Path, offset: u64, bit: u32) {
    let mut file = fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .expect("it is there");
    let mut byte = [0];
    file.seek(SeekFrom::Start(offset))
        .and_then(|_| file.read_exact(&mut byte))
        .and_then(|()| file.seek(SeekFrom::Start(offset)))
        .and_then(|_| file.write_all(&[byte[0] ^ (1 << bit)]))
        .expect("it can be written");
}

/// A copy of the folder, for what is to be done to it.
fn copied(folder: &TempDir) -> TempDir {
    let copied = tempfile::tempdir().expect("the system has room for a folder");
    copy(folder.path(), copied.path());
    copied
}

/// The files of a folder, as paths inside it.
fn files_of(folder: &TempDir) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(folder.path(), &mut found);
    let inside = |path: PathBuf| {
        path.strip_prefix(folder.path())
            .expect("it lies inside")
            .to_path_buf()
    };
    found.into_iter().map(inside).collect()
}

/// Flips one bit in each of many copies, all over the files: each is read in full or refused, and some are refused.
fn flip_everywhere(value_bytes: usize, flips_of_a_file: u64) {
    let whole = folder(value_bytes);
    let mut refused = 0;
    for inside in files_of(&whole) {
        let bytes = fs::metadata(whole.path().join(&inside))
            .expect("it is there")
            .len();
        let step = (bytes / flips_of_a_file).max(1);
        for offset in (0..bytes).step_by(usize::try_from(step).expect("files are small")) {
            let damaged = copied(&whole);
            let bit = u32::try_from(offset % 8).expect("it is below 8");
            flip(&damaged.path().join(&inside), offset, bit);
            match read(damaged.path(), value_bytes) {
                Ok(()) => {}
                Err(StoreError::Damaged { .. } | StoreError::Io(_)) => refused += 1,
                Err(other) => panic!("{} at {offset}: {other:?}", inside.display()),
            }
        }
    }
    assert!(refused > 0);
    read(whole.path(), value_bytes).expect("what is whole is read");
}

#[test]
fn a_flipped_bit_in_a_journal_loses_nothing_silently() {
    flip_everywhere(40, 40);
}

#[test]
fn a_flipped_bit_in_a_table_loses_nothing_silently() {
    flip_everywhere(400_000, 4);
}

#[test]
fn a_file_that_is_missing_or_cut_loses_nothing_silently() {
    for value_bytes in [40, 400_000] {
        let whole = folder(value_bytes);
        for inside in files_of(&whole) {
            for is_cut in [false, true] {
                let damaged = copied(&whole);
                let path = damaged.path().join(&inside);
                if is_cut {
                    let file = fs::File::options().write(true).open(&path);
                    file.and_then(|file| file.set_len(file.metadata()?.len() / 2))
                        .expect("it was copied");
                } else {
                    fs::remove_file(&path).expect("it was copied");
                }
                match read(damaged.path(), value_bytes) {
                    Ok(()) | Err(StoreError::Damaged { .. } | StoreError::Io(_)) => {}
                    Err(other) => panic!("{}: {other:?}", inside.display()),
                }
            }
        }
    }
}

const JOURNAL: &str = "store/0.jnl";

#[test]
fn a_journal_that_was_cut_is_refused_and_left_as_it_is() {
    let whole = folder(40);
    let bytes = fs::metadata(whole.path().join(JOURNAL))
        .expect("it is there")
        .len();
    for left in (0..bytes).step_by(301) {
        let damaged = copied(&whole);
        let journal = damaged.path().join(JOURNAL);
        let file = fs::File::options().write(true).open(&journal);
        file.and_then(|file| file.set_len(left))
            .expect("it can be cut");
        let refusal = read(damaged.path(), 40).expect_err("commits are missing");
        assert!(matches!(refusal, StoreError::Damaged { .. }), "{refusal:?}");
    }
}

#[test]
fn a_refusal_changes_nothing_and_says_where_the_damage_is() {
    let damaged = folder(40);
    let journal = damaged.path().join(JOURNAL);
    flip(&journal, 1040, 3);
    let before = fs::read(&journal).expect("it is there");
    for _ in 0..2 {
        let refusal = read(damaged.path(), 40).expect_err("a batch is damaged");
        let text = refusal.to_string();
        assert!(
            text.contains("a durable batch can't be read (`")
                && text.contains("store/0.jnl` at byte "),
            "{text}"
        );
        assert_eq!(fs::read(&journal).expect("it is there"), before);
    }
}

/// The note of the last commit that was acknowledged guards the newest commits: where it was changed nothing does.
#[test]
fn a_changed_note_is_refused_whatever_else_was_changed() {
    let whole = folder(40);
    let bytes = fs::metadata(whole.path().join(JOURNAL))
        .expect("it is there")
        .len();
    for offset in 0..16 {
        for left in [bytes, bytes / 3] {
            let damaged = copied(&whole);
            flip(&damaged.path().join("acknowledged"), offset, 2);
            let journal = fs::File::options()
                .write(true)
                .open(damaged.path().join(JOURNAL));
            journal
                .and_then(|journal| journal.set_len(left))
                .expect("it can be cut");
            let refusal = read(damaged.path(), 40).expect_err("the note is damaged");
            assert!(matches!(refusal, StoreError::Damaged { .. }), "{refusal:?}");
            let text = refusal.to_string();
            assert!(
                text.contains("acknowledged` does not agree with its checksum"),
                "{text}"
            );
        }
    }
}

/// A power cut may leave the end of the last batch on the disk and not its middle.
#[test]
fn a_hole_in_the_last_batch_is_a_crash_s_unless_the_batch_was_acknowledged() {
    let open = tempfile::tempdir().expect("the system has room for a folder");
    let store = Store::open(open.path()).expect("the folder is ours alone");
    let commit = |number: u8| {
        let mut batch = Batch::default();
        batch.put(ROWS, &[number], vec![number; 100]);
        store.commit_blocking(batch).expect("it commits");
    };
    commit(1);
    let noted_before = fs::read(open.path().join("acknowledged")).expect("it is there");
    commit(2);
    let crashed = copied(&open);
    let journal = crashed.path().join(JOURNAL);
    let mut bytes = fs::read(&journal).expect("it was copied");
    let row = bytes.windows(100).position(|window| window == [2; 100]);
    let row = row.expect("the last row is in it");
    bytes[row..row + 50].fill(0);
    fs::write(&journal, bytes).expect("it can be written");

    let refusal = Store::open(crashed.path())
        .err()
        .expect("it was acknowledged");
    assert!(matches!(refusal, StoreError::Damaged { .. }), "{refusal:?}");

    fs::write(crashed.path().join("acknowledged"), noted_before).expect("it can be written");
    let again = Store::open(crashed.path()).expect("a torn end is dropped");
    assert!(again.get(ROWS, &[1]).expect("it reads").is_some());
    assert_eq!(again.get(ROWS, &[2]).expect("it reads"), None);
}
