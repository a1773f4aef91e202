//! Why the database cannot be used.

/// Why the database does not open. Each is a sentence for the person who started the gateway.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The data folder cannot be used.
    #[error("the data folder {folder} cannot be used: {cause}")]
    Folder {
        /// The folder.
        folder: String,
        /// Why.
        cause: String,
    },
    /// Another process has it.
    #[error("the data folder {0} is in use by another gateway")]
    InUse(String),
    /// The engine itself failed.
    #[error("the database failed: {0}")]
    Engine(String),
}

/// A failure of the engine itself.
pub(super) fn of_engine(error: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::Engine(error.to_string())
}
