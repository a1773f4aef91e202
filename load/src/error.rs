//! Why a run has no figures.

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The options do not fit together.
    #[error("{0}")]
    Arguments(String),
    /// The chat cannot be reached, or does not answer as it should.
    #[error("{0}")]
    Chat(String),
    /// No gateway of its own could be started.
    #[error("a gateway cannot be started: {0}")]
    Gateway(String),
    /// There is no token.
    #[error("there is no token for {user}: {cause}")]
    Token {
        /// For whom.
        user: String,
        /// Why.
        cause: String,
    },
    /// The operating system says no.
    #[error(transparent)]
    System(#[from] std::io::Error),
}
