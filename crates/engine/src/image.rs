/// Why rows are no execution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Written by a newer release.
    #[error(
        "the execution was written in version {0} of its form, which this release does not know"
    )]
    Version(u8),
    /// Not what was written.
    #[error("the execution's rows are damaged: {0}")]
    Corrupt(&'static str),
}
