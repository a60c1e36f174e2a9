use std::path::PathBuf;
use std::sync::Arc;

/// Why the store refuses or could not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A write or an fsync failed earlier; what it left behind is unknown until the store is opened again.
    #[error("the store stopped after a failed write")]
    Poisoned,
    /// Another process has the data folder open.
    #[error(
        "the data folder `{}` is in use by another process; stop that one, or use another folder", .path.display()
    )]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// The data folder is not there and can't be made, or can't be written.
    #[error("the data folder `{}` can't be used", .path.display())]
    Folder {
        /// The data folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The data folder was written by a release that stores rows otherwise.
    #[error(
        "the data folder `{}` has format {found}, this release reads format {known}", .path.display()
    )]
    Format {
        /// The data folder.
        path: PathBuf,
        /// What stands in it.
        found: u64,
        /// What this release reads and writes.
        known: u64,
    },
    /// What was acknowledged can't be read in full.
    #[error(
        "the data folder `{}` is damaged: {what}; restore it from a backup, or see `A damaged folder` in \
         docs/reliability.md", .path.display()
    )]
    Damaged {
        /// The data folder.
        path: PathBuf,
        /// What is wrong, and where.
        what: String,
    },
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
    /// The disk or the database said no.
    #[error("the store can't be read or written")]
    Io(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn io(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Io(Arc::new(error))
    }
}
