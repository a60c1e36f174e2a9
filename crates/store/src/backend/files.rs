//! Looks at a database's files before the database does, and says whether all that was acknowledged is in them.
//!
//! Its **journals** hold the newest commits. The database takes the first entry that it can't read for the torn end of
//! a crash, cuts the journal off there and goes on, whatever stands behind it; and its checksums cover a batch's rows,
//! not the number by which batches are ordered. So each journal is read here first:
//!
//! - Batches must be whole, and their numbers must grow. Each of ours carries its lsn, which must grow by one, and the
//!   database's number at its begin, which is not above its own.
//! - Behind the last whole batch of the newest journal there may be what a crash left of one that was never
//!   acknowledged. It is more than that if later commits are known, by the [`super::mark`], or if a whole batch
//!   follows: one begins when the one before is durable. What is torn is cut off here, since the database refuses what
//!   a power cut leaves when the last bytes were written before those in the middle.
//!
//! Its **tables** hold the rest, in blocks that have checksums, which are compared when they are read. Which tables
//! there are says a file whose checksum the database keeps and does not compare; tables that it does not name are
//! deleted. It is compared here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::fjall::LSN_KEY;

// The database's format 3: `start` (items, number), items, `end` (checksum of the items, magic).
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const MAGIC: [u8; 4] = [b'F', b'J', b'L', 3];
const START_BYTES: u64 = 13;
/// Without key and value.
const ITEM_BYTES: usize = 21;
const END_BYTES: u64 = 13;

/// The database counts on by itself when it flushes and merges, a few times between two commits.
const SEQNO_GAP_MAX: u64 = 1 << 32;

/// What is wrong with a file, and from which byte on.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(crate) path: PathBuf,
    pub(crate) offset: u64,
    pub(crate) what: String,
}

/// A whole batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Batch {
    seqno: u64,
    /// None of the database's own, and of those before the first commit.
    lsn: Option<u64>,
    /// What the database's number was at least.
    seqno_min: u64,
    bytes: u64,
}

/// Reads all journals of a database; `acknowledged` is an lsn that is known to be durable. Cuts a torn end off.
///
/// The newest lsn in them is answered; none if they are empty.
pub(crate) fn check_journals(
    database: &Path,
    acknowledged: u64,
) -> io::Result<Result<Option<u64>, Damage>> {
    let mut last: Option<Batch> = None;
    let journals = journals(database)?;
    for (position, path) in journals.iter().enumerate() {
        let damage = |offset, what| Damage {
            path: path.clone(),
            offset,
            what,
        };
        let mut journal = BufReader::with_capacity(1 << 16, File::open(path)?);
        let mut end = 0;
        while let Some(batch) = read(&mut journal)? {
            if let Err(what) = follows(last, &batch) {
                return Ok(Err(damage(end, what)));
            }
            end += batch.bytes;
            last = Some(Batch {
                lsn: batch.lsn.or(last.and_then(|last| last.lsn)),
                ..batch
            });
        }
        journal.seek(SeekFrom::Start(end))?;
        if is_blank(&mut journal)? {
            continue;
        }
        let is_sealed = position + 1 < journals.len();
        let lsn = last.and_then(|last| last.lsn);
        let is_lost = lsn.is_some_and(|lsn| lsn < acknowledged);
        if is_sealed || is_lost || is_followed(path, end, lsn)? {
            return Ok(Err(damage(end, "a durable batch can't be read".to_owned())));
        }
        let torn = OpenOptions::new().write(true).open(path)?;
        torn.set_len(end)?;
        torn.sync_all()?;
    }
    Ok(Ok(last.and_then(|last| last.lsn)))
}

/// Compares the lists of tables with their checksums; a database that was never `complete` may lack some.
pub(crate) fn check_tables(database: &Path, complete: bool) -> io::Result<Result<(), Damage>> {
    let keyspaces = match fs::read_dir(database.join("keyspaces")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(())),
        keyspaces => keyspaces?,
    };
    for keyspace in keyspaces {
        let keyspace = keyspace?.path();
        let current = keyspace.join("current");
        if !complete && !current.try_exists()? {
            continue;
        }
        let path = match list(&current)? {
            Ok(()) => continue,
            Err(path) => path,
        };
        return Ok(Err(Damage {
            path,
            offset: 0,
            what: "the list of tables is not what was written".to_owned(),
        }));
    }
    Ok(Ok(()))
}

/// Whether the list that the file names is whole; if not, which file is not.
fn list(current: &Path) -> io::Result<Result<(), PathBuf>> {
    let Some(named) = content(current)?.and_then(|bytes| <[u8; 25]>::try_from(bytes).ok()) else {
        return Ok(Err(current.to_path_buf()));
    };
    let (number, checksum) = named.split_at(8);
    let number = u64::from_le_bytes(number.try_into().expect("it was split there"));
    let path = current.with_file_name(format!("v{number}"));
    let found = content(&path)?.map(|bytes| xxh3_128(&bytes).to_le_bytes());
    if found.is_some_and(|found| found == checksum[..16]) {
        Ok(Ok(()))
    } else {
        Ok(Err(path))
    }
}

/// None if the file is not there.
fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Removes the journal of a database that was being made when a crash came, and is made anew then: it holds nothing.
pub(crate) fn remove_blank(database: &Path) -> io::Result<()> {
    for path in journals(database)? {
        if is_blank(&mut File::open(&path)?)? {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The journals' files, oldest first.
fn journals(database: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(database)? {
        let path = entry?.path();
        let number = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        if let Some(number) = number
            && path.extension().is_some_and(|extension| extension == "jnl")
        {
            found.push((number, path));
        }
    }
    found.sort_by_key(|(number, _): &(u64, PathBuf)| *number);
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The batch that begins here; none if what is here is no whole one.
fn read(journal: &mut impl Read) -> io::Result<Option<Batch>> {
    match whole(journal) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        read => read,
    }
}

fn whole(journal: &mut impl Read) -> io::Result<Option<Batch>> {
    let [START] = bytes(journal)? else {
        return Ok(None);
    };
    let items = u32::from_le_bytes(bytes(journal)?);
    let mut batch = Batch {
        seqno: u64::from_le_bytes(bytes(journal)?),
        bytes: START_BYTES,
        ..Batch::default()
    };
    let mut checksum = Xxh3::new();
    let mut item = Vec::new();
    for _ in 0..items {
        item.clear();
        let header: [u8; ITEM_BYTES] = bytes(journal)?;
        let [ITEM, .., k0, k1, _, _, _, _, v0, v1, v2, v3] = header else {
            return Ok(None);
        };
        let key_bytes = usize::from(u16::from_le_bytes([k0, k1]));
        let value_bytes = u32::from_le_bytes([v0, v1, v2, v3]);
        item.extend_from_slice(&header);
        // What is not there is not made room for, whatever a damaged length says.
        let rest = key_bytes as u64 + u64::from(value_bytes);
        if journal.take(rest).read_to_end(&mut item)? as u64 != rest {
            return Ok(None);
        }
        checksum.update(&item);
        batch.bytes += item.len() as u64;
        let (key, value) = item[ITEM_BYTES..].split_at(key_bytes);
        // No table's row has this key: it would begin with the table's name and a NUL.
        if key == LSN_KEY {
            (batch.lsn, batch.seqno_min) = numbers(value);
        }
    }
    let [END] = bytes(journal)? else {
        return Ok(None);
    };
    let expected = u64::from_le_bytes(bytes(journal)?);
    let magic: [u8; 4] = bytes(journal)?;
    batch.bytes += END_BYTES;
    Ok((expected == checksum.digest() && magic == MAGIC).then_some(batch))
}

fn bytes<const N: usize>(journal: &mut impl Read) -> io::Result<[u8; N]> {
    let mut read = [0; N];
    journal.read_exact(&mut read)?;
    Ok(read)
}

/// The row of the lsn: the lsn, and the database's number before the commit.
pub(crate) fn numbers(value: &[u8]) -> (Option<u64>, u64) {
    let mut numbers = value
        .chunks(8)
        .map_while(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
    (numbers.next(), numbers.next().unwrap_or_default())
}

/// Whether one batch can come after another; if not, why.
fn follows(last: Option<Batch>, next: &Batch) -> Result<(), String> {
    let after = last.map_or(0, |last| last.seqno + 1);
    let begun = next.seqno_min == 0 || next.seqno_min >= after;
    if !begun || !(next.seqno_min.max(after)..next.seqno_min + SEQNO_GAP_MAX).contains(&next.seqno)
    {
        return Err(format!("a batch has the number {}", next.seqno));
    }
    match (last.and_then(|last| last.lsn), next.lsn) {
        (Some(last), Some(next)) if next != last + 1 => {
            Err(format!("commit {next} comes after commit {last}"))
        }
        _ => Ok(()),
    }
}

fn is_blank(file: &mut impl Read) -> io::Result<bool> {
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(true),
            // All of a block at once, which goes in wide steps: a journal is set aside with 64 MB of zeros.
            read if block[..read].iter().fold(0, |all, byte| all | byte) != 0 => return Ok(false),
            _ => {}
        }
    }
}

/// Whether a whole later batch stands somewhere behind `offset`.
fn is_followed(path: &Path, offset: u64, lsn: Option<u64>) -> io::Result<bool> {
    let mut rest = Vec::new();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.read_to_end(&mut rest)?;
    for (position, byte) in rest.iter().enumerate() {
        if *byte == START
            && let Some(batch) = read(&mut &rest[position..])?
            && batch.lsn > lsn
        {
            return Ok(true);
        }
    }
    Ok(false)
}
