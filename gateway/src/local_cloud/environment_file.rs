//! Environments as files of the data folder: of the functions behind a remote engine, which `cargo lambda watch --env-file` reads, and of
//! tools such as the AWS CLI. They hold secrets, so only their owner can read them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file of functions behind a remote engine.
pub const FUNCTIONS: &str = "functions.env";
/// The file of tools: this run's access key, and the addresses of DynamoDB and Lambda. It is there as long as the ports are open.
pub const TOOLS: &str = "aws.env";

/// Removes a file of the data folder, if it is there.
///
/// # Errors
/// If the file cannot be removed.
pub fn remove(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file into the data folder.
///
/// # Errors
/// If the file cannot be written.
pub fn write(folder: &Path, name: &str, environment: &BTreeMap<String, String>) -> io::Result<()> {
    // A file that is already there keeps its mode, which may be anybody's: a new one takes its place.
    remove(folder, name)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(name))?;
    for (name, value) in environment {
        // Line breaks, as PEM keys have them, are written as the two characters that the verifier knows.
        let value = value.replace('\n', "\\n");
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:+=@$".contains(&byte));
        let quote = match (is_plain, value.contains('"')) {
            (true, _) => "",
            (false, true) => "'",
            (false, false) => "\"",
        };
        writeln!(file, "{name}={quote}{value}{quote}")?;
    }
    Ok(())
}
