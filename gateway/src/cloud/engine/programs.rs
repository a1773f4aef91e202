//! Builds the functions' bootstrap binaries with cargo, as `cargo lambda build` would for Lambda's machines.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::processes::Programs;

/// Why there are no programs.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo cannot be started.
    #[error("cannot start cargo to build the functions: {0}")]
    NoCargo(#[from] io::Error),
    /// The build failed; cargo has said why.
    #[error("the functions do not build")]
    Failed,
}

/// One line of cargo's `--message-format=json`.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds all functions, with the features that these packages want of what they share with them. Takes a while the first time.
///
/// # Errors
/// [`BuildError`].
pub fn build(beside: &[&str]) -> Result<Programs, BuildError> {
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--message-format", "json-render-diagnostics"]).current_dir(workspace);
    cargo.args(["functions"].iter().chain(beside).flat_map(|package| ["--package", package]));
    cargo.args(functions::table::NAMES.iter().flat_map(|name| ["--bin", name]));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(BuildError::Failed);
    }
    let messages = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    Ok(messages.filter_map(|message: Message| Some((message.target?.name, message.executable?))).collect())
}
