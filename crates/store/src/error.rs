use std::sync::Arc;

/// Why the store refuses or could not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A write or an fsync failed earlier; what it left behind is unknown until the store is opened again.
    #[error("the store stopped after a failed write")]
    Poisoned,
    /// Another owner has taken the partition.
    #[error("the data folder now belongs to another process")]
    Fenced,
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
