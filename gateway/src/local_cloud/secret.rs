//! The secret of development tokens, kept in the data folder if the environment has none: only its owner can read it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cloud::database::make_private;

/// The secret cannot be read or made.
#[derive(Debug, thiserror::Error)]
#[error("the secret {file} cannot be used: {cause}")]
pub struct SecretError {
    file: String,
    cause: io::Error,
}

/// The folder's secret; makes a random one of 32 bytes if there is none.
///
/// # Errors
/// [`SecretError`].
pub fn secret_of(folder: &Path) -> Result<String, SecretError> {
    let file = folder.join("jwt-secret");
    read_or_make(folder, &file).map_err(|cause| SecretError { file: file.display().to_string(), cause })
}

fn read_or_make(folder: &Path, file: &Path) -> io::Result<String> {
    make_private(folder)?;
    if !file.exists() {
        // The file is complete before it has its name, and the first link wins: two processes get the same secret.
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let draft = folder.join(format!("jwt-secret.{:016x}", rand::random::<u64>()));
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?.write_all(secret.as_bytes())?;
        let linked = fs::hard_link(&draft, file);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let secret = fs::read_to_string(file)?.trim().to_owned();
    if secret.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| secret_of(&data).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 43));
        assert_eq!(fs::metadata(data.join("jwt-secret")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn an_empty_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("jwt-secret"), " \n").unwrap();
        assert!(secret_of(folder.path()).unwrap_err().to_string().contains("empty"));
    }
}
