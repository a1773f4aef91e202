//! The environment of functions behind a remote engine, as a file that `cargo lambda watch --env-file` reads. It holds the secret,
//! so only its owner can read it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file's name in the data folder.
pub const NAME: &str = "functions.env";

/// Writes the file into the data folder.
///
/// # Errors
/// If the file cannot be written.
pub fn write(folder: &Path, environment: &BTreeMap<String, String>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(folder.join(NAME))?;
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
