//! The data folder: one gateway at a time has it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::error::DatabaseError;

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In this folder, which stays.
    Folder(PathBuf),
    /// In a temporary folder, which goes with the gateway.
    Memory,
}

/// An open data folder.
pub struct Folder {
    path: PathBuf,
    _lock: File,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// Makes the folder if it is missing, and takes its lock.
    ///
    /// # Errors
    /// [`DatabaseError::Folder`] if it cannot be written, [`DatabaseError::InUse`] if another process has it.
    pub fn open(data: &Data) -> Result<Folder, DatabaseError> {
        let (path, temporary) = match data {
            Data::Folder(path) => (path.clone(), None),
            Data::Memory => {
                let temporary = tempfile::Builder::new().prefix("live-chat-").tempdir();
                let temporary = temporary.map_err(|error| unusable(&std::env::temp_dir(), &error))?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        fs::create_dir_all(&path).map_err(|error| unusable(&path, &error))?;
        let lock = OpenOptions::new().create(true).append(true).open(path.join("lock"));
        let lock = lock.map_err(|error| unusable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path, _lock: lock, _temporary: temporary }),
            Err(TryLockError::WouldBlock) => Err(DatabaseError::InUse(path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
        }
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> DatabaseError {
    DatabaseError::Folder { folder: folder.display().to_string(), cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_in_use_is_refused_with_its_name() {
        let temporary = tempfile::tempdir().unwrap();
        let data = Data::Folder(temporary.path().join("data"));
        let first = Folder::open(&data).unwrap();
        let error = Folder::open(&data).err().unwrap().to_string();
        assert!(error.contains("in use") && error.contains("data"), "{error}");
        drop(first);
        assert!(Folder::open(&data).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_sentence() {
        let temporary = tempfile::NamedTempFile::new().unwrap();
        let error = Folder::open(&Data::Folder(temporary.path().join("below-a-file"))).err().unwrap();
        assert!(matches!(error, DatabaseError::Folder { .. }), "{error}");
    }
}
