//! How far commits were acknowledged, noted beside the database.
//!
//! The note is written when a commit is durable and before it is acknowledged, and is not synced itself: it never says
//! too much. It outlives the process, so that after a crash of ours it names the last commit; after a power cut it
//! names one of the last seconds.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

/// The lsn and its checksum.
const BYTES: usize = 16;

pub(crate) struct Mark {
    file: File,
    path: PathBuf,
}

impl Mark {
    /// Opens or makes the note in the data folder, and reads it: none where it was never written, or what is wrong with it.
    pub(crate) fn open(folder: &Path) -> io::Result<(Self, Result<Option<u64>, &'static str>)> {
        let path = folder.join("acknowledged");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let mut noted = [0; BYTES];
        let lsn = match file.read_exact(&mut noted) {
            Ok(()) => read(noted),
            // Sixteen bytes are written at once, or, after a power cut, not at all.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => return Err(error),
        };
        Ok((Self { file, path }, lsn))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes a durable commit. A note that can't be written leaves the one before, which says less and nothing wrong.
    pub(crate) fn note(&self, lsn: u64) {
        let lsn = lsn.to_be_bytes();
        let mut noted = [0; BYTES];
        noted[..8].copy_from_slice(&lsn);
        noted[8..].copy_from_slice(&xxh3_64(&lsn).to_be_bytes());
        let _ = self.file.write_all_at(&noted, 0);
    }
}

fn read(noted: [u8; BYTES]) -> Result<Option<u64>, &'static str> {
    if noted == [0; BYTES] {
        return Ok(None);
    }
    let number = u128::from_be_bytes(noted);
    let lsn = u64::try_from(number >> 64).expect("half of the bits are left");
    let checksum = number & u128::from(u64::MAX);
    if u128::from(xxh3_64(&lsn.to_be_bytes())) == checksum {
        Ok(Some(lsn))
    } else {
        Err("does not agree with its checksum")
    }
}
