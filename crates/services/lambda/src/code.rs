//! Deployment packages: checked when they come, kept as zip files by their hash, unpacked when first run.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use aws::ApiError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::error;

/// What a function's code may be when unpacked, 250 MB.
pub(crate) const UNZIPPED_BYTES_MAX: u64 = 262_144_000;
/// What can be sent in a request; more comes by way of S3.
pub(crate) const ZIPPED_BYTES_MAX: usize = 50 * 1024 * 1024;
/// A package of more entries is no function.
const ENTRIES_MAX: usize = 200_000;

/// A package that has been looked into.
pub(crate) struct Package {
    pub(crate) zip: Bytes,
    /// Base64, as AWS shows it.
    pub(crate) sha256: String,
}

impl Package {
    /// Looks into a zip file.
    ///
    /// # Errors
    /// `InvalidParameterValueException` if it is none, is empty or unpacks to too much.
    pub(crate) fn check(zip: Bytes) -> Result<Self, ApiError> {
        let unreadable = || {
            error::invalid_parameter(
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
            )
        };
        if zip.is_empty() {
            return Err(error::invalid_parameter(
                "Uploaded file must be a non-empty zip",
            ));
        }
        let mut archive = ZipArchive::new(Cursor::new(&zip)).map_err(|_| unreadable())?;
        if archive.is_empty() {
            return Err(error::invalid_parameter(
                "Uploaded file must be a non-empty zip",
            ));
        }
        if archive.len() > ENTRIES_MAX {
            return Err(unreadable());
        }
        let mut unzipped: u64 = 0;
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|_| unreadable())?;
            unzipped = unzipped.saturating_add(entry.size());
        }
        if unzipped >= UNZIPPED_BYTES_MAX {
            return Err(error::invalid_parameter(format!(
                "Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes"
            )));
        }
        let sha256 = BASE64.encode(Sha256::digest(&zip));
        Ok(Self { zip, sha256 })
    }
}

/// The hash as a file name.
pub(crate) fn file_name(sha256: &str) -> String {
    // Written by `Package::check`; anything else names a file that is not there.
    hex::encode(BASE64.decode(sha256).unwrap_or_default())
}

/// Where packages lie: `code/<sha256>.zip`, unpacked under `task/<sha256>/`, compiled under `cache/<sha256>/`.
pub(crate) struct CodeStore {
    zips: PathBuf,
    tasks: PathBuf,
    caches: PathBuf,
    unpacking: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    uses: Mutex<Uses>,
}

#[derive(Default)]
struct Uses {
    /// How many leases there are on a package.
    leases: HashMap<String, usize>,
    /// What goes with its last lease: no function names it any more.
    leaving: HashSet<String>,
}

/// Keeps packages where they are as long as processes or events in hand may need them, whoever deletes them meanwhile.
pub(crate) struct Lease {
    store: Arc<CodeStore>,
    packages: Vec<String>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut uses = self.store.uses();
        for sha256 in &self.packages {
            let Some(leases) = uses.leases.get_mut(sha256) else {
                continue;
            };
            *leases -= 1;
            if *leases == 0 {
                uses.leases.remove(sha256);
                if uses.leaving.remove(sha256) {
                    self.store.take_away(sha256);
                }
            }
        }
    }
}

impl CodeStore {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let store = Self {
            zips: folder.join("code"),
            tasks: folder.join("task"),
            caches: folder.join("cache"),
            unpacking: Mutex::default(),
            uses: Mutex::default(),
        };
        if !store.zips.is_dir() {
            fs::create_dir_all(&store.zips)?;
            // Rows will name what lies in there: the folder must not go with a power cut.
            for above in folder.ancestors().take(2) {
                File::open(above)?.sync_all()?;
            }
        }
        store.distrust_after_boot(&folder.join("unpacked-in-boot"), boot().as_deref())?;
        Ok(store)
    }

    /// Unpacked files are not synced to the disk, which would take longer than unpacking them again: after a power cut
    /// they may be torn. So those of another boot of the machine are dropped, and all where its boots can't be told
    /// apart.
    fn distrust_after_boot(&self, mark: &Path, boot: Option<&[u8]>) -> io::Result<()> {
        if boot.is_none() || fs::read(mark).ok().as_deref() != boot {
            for folder in [&self.tasks, &self.caches] {
                match fs::remove_dir_all(folder) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            fs::write(mark, boot.unwrap_or_default())?;
        }
        fs::create_dir_all(&self.tasks)?;
        fs::create_dir_all(&self.caches)
    }

    /// Writes a package down, durably: the row that names it is committed only after.
    pub(crate) fn put(&self, package: &Package) -> io::Result<()> {
        // From here on nothing takes it away, until somebody asks for that anew.
        self.uses().leaving.remove(&package.sha256);
        let path = self.zip_path(&package.sha256);
        if path.exists() {
            // Whoever put it there may have failed at this last step.
            return File::open(&self.zips)?.sync_all();
        }
        let partial = self
            .zips
            .join(format!("{}.partial", uuid::Uuid::new_v4().simple()));
        let mut file = File::create(&partial)?;
        file.write_all(&package.zip)?;
        file.sync_all()?;
        fs::rename(&partial, &path)?;
        File::open(&self.zips)?.sync_all()
    }

    /// A package as it was uploaded, by `<hash in hex>.zip`.
    pub(crate) fn zip_named(&self, name: &str) -> Option<Vec<u8>> {
        let hash = name.strip_suffix(".zip")?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| fs::read(self.zips.join(name)).ok())?
    }

    /// The folder with the package's files; unpacked now if nobody has asked for it before.
    pub(crate) async fn unpacked(&self, sha256: &str) -> io::Result<PathBuf> {
        let folder = self.tasks.join(file_name(sha256));
        if folder.is_dir() {
            return Ok(folder);
        }
        let turn = {
            let mut unpacking = self
                .unpacking
                .lock()
                .expect("no holder of this lock panics");
            Arc::clone(unpacking.entry(sha256.into()).or_default())
        };
        let unpacked = {
            let _mine = turn.lock().await;
            let zip = self.zip_path(sha256);
            let target = folder.clone();
            tokio::task::spawn_blocking(move || {
                if target.is_dir() {
                    Ok(())
                } else {
                    unpack_whole(&zip, &target)
                }
            })
            .await
            .map_err(io::Error::other)
            .and_then(|result| result)
        };
        self.unpacking
            .lock()
            .expect("no holder of this lock panics")
            .remove(sha256);
        unpacked.map(|()| folder)
    }

    /// Where an interpreter may keep what it compiled of a package.
    pub(crate) fn cache(&self, sha256: &str) -> PathBuf {
        self.caches.join(file_name(sha256))
    }

    /// For as long as a function's events and processes may need its packages.
    pub(crate) fn lease(self: &Arc<Self>, packages: Vec<String>) -> Lease {
        let mut uses = self.uses();
        for sha256 in &packages {
            *uses.leases.entry(sha256.clone()).or_default() += 1;
        }
        drop(uses);
        Lease {
            store: Arc::clone(self),
            packages,
        }
    }

    /// Removes a package that no function names any more, as soon as no process and no event in hand needs it.
    pub(crate) fn remove(&self, sha256: &str) {
        let mut uses = self.uses();
        if uses.leases.contains_key(sha256) {
            uses.leaving.insert(sha256.into());
        } else {
            self.take_away(sha256);
        }
    }

    /// To be called under the lock of the uses. The renames are at once; what takes time is done by another thread,
    /// and what it does not get done by the next start's sweep.
    fn take_away(&self, sha256: &str) {
        let mut gone = Vec::new();
        for path in [
            self.zip_path(sha256),
            self.tasks.join(file_name(sha256)),
            self.cache(sha256),
        ] {
            let aside = path.with_extension(format!("{}.gone", uuid::Uuid::new_v4().simple()));
            if fs::rename(&path, &aside).is_ok() {
                gone.push(aside);
            }
        }
        let remove = move || {
            for path in gone {
                let _ = fs::remove_file(&path);
                let _ = fs::remove_dir_all(&path);
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(remove);
        } else {
            remove();
        }
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().expect("no holder of this lock panics")
    }

    /// Removes all packages but these, and what an interrupted server left half done.
    pub(crate) fn sweep(&self, named: &std::collections::BTreeSet<String>) {
        let keep: std::collections::BTreeSet<String> =
            named.iter().map(|sha256| file_name(sha256)).collect();
        for folder in [&self.zips, &self.tasks, &self.caches] {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if !keep.contains(name.trim_end_matches(".zip")) {
                    let path = entry.path();
                    let _ = fs::remove_file(&path);
                    let _ = fs::remove_dir_all(&path);
                }
            }
        }
    }

    fn zip_path(&self, sha256: &str) -> PathBuf {
        self.zips.join(format!("{}.zip", file_name(sha256)))
    }
}

/// What tells this boot of the machine from all others.
fn boot() -> Option<Vec<u8>> {
    fs::read("/proc/sys/kernel/random/boot_id")
        .ok()
        .filter(|id| !id.is_empty())
}

/// Unpacks beside the target and renames, so that what is there is there whole.
fn unpack_whole(zip: &Path, target: &Path) -> io::Result<()> {
    let partial = target.with_extension(format!("{}.partial", uuid::Uuid::new_v4().simple()));
    let result = unpack(zip, &partial).and_then(|()| fs::rename(&partial, target));
    if result.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    result
}

fn unpack(zip: &Path, folder: &Path) -> io::Result<()> {
    let file = io::BufReader::new(File::open(zip)?);
    let mut archive = ZipArchive::new(file).map_err(io::Error::other)?;
    let mut left = UNZIPPED_BYTES_MAX;
    fs::create_dir_all(folder)?;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(io::Error::other)?;
        // INVARIANT: nothing is written outside the folder. A name that climbs out of it is left out, links are made
        // last so that no file is written through one, and a link may not leave the folder either.
        let Some(name) = entry.enclosed_name().filter(|name| is_plain(name)) else {
            continue;
        };
        let path = folder.join(&name);
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if entry.is_symlink() {
            let mut aim = String::new();
            entry.by_ref().take(4096).read_to_string(&mut aim)?;
            links.push((name, path, PathBuf::from(aim)));
            continue;
        }
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let mut file = File::create(&path)?;
        // The directory of the archive may lie about sizes.
        let written = io::copy(&mut entry.by_ref().take(left + 1), &mut file)?;
        left = left.checked_sub(written).ok_or_else(|| {
            io::Error::other("the package unpacks to more than its directory says")
        })?;
        let mode = if executable { 0o555 } else { 0o444 };
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    for (name, path, aim) in links {
        if stays_inside(&name, &aim) && !path.exists() {
            symlink(&aim, &path)?;
        }
    }
    Ok(())
}

fn is_plain(name: &Path) -> bool {
    name.components()
        .all(|part| matches!(part, Component::Normal(_)))
        && name.components().next().is_some()
}

fn stays_inside(link: &Path, aim: &Path) -> bool {
    let mut above = link.components().count() - 1;
    let mut went_down = false;
    aim.components().all(|part| match part {
        Component::Normal(_) => {
            went_down = true;
            true
        }
        // Up after down could go up from wherever another link leads.
        Component::ParentDir if went_down || above == 0 => false,
        Component::ParentDir => {
            above -= 1;
            true
        }
        Component::CurDir => true,
        Component::RootDir | Component::Prefix(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::CodeStore;

    #[test]
    fn unpacked_files_are_trusted_within_one_boot_only() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let store = CodeStore::open(folder.path()).expect("it can be written");
        let mark = folder.path().join("mark");
        let unpacked = store.tasks.join("package");
        let survives = |boot: Option<&str>| {
            std::fs::create_dir_all(&unpacked).expect("it can be written");
            let boot = boot.map(str::as_bytes);
            let started = store.distrust_after_boot(&mark, boot);
            started.expect("it can be written");
            unpacked.is_dir()
        };
        assert!(!survives(Some("one")), "nothing is known of it");
        assert!(survives(Some("one")));
        assert!(!survives(Some("two")));
        assert!(!survives(None));
        assert!(!survives(None), "boots can't be told apart");
        assert!(!survives(Some("two")));
    }
}
