//! The data folder: one gateway at a time has it, and its owner alone can look into it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
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
        make_private(&path).map_err(|error| unusable(&path, &error))?;
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

/// How the names of a gateway's own files begin.
const OWN: [&str; 6] = ["lock", "jwt-secret", "dynamodb.sqlite", "dead_letters.jsonl", "functions.env", "aws.env"];

/// Makes the folder for its owner alone. One that is already there is narrowed if it has nothing but a gateway's files: the mode of
/// any other, such as a home folder, is its owner's affair.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let is_new = !path.exists();
    if is_new {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        return match DirBuilder::new().mode(0o700).create(path) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        };
    }
    // It also says so if this is no folder.
    let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    let are_own = names.iter().all(|name| OWN.iter().any(|own| name.to_string_lossy().starts_with(own)));
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 && are_own {
        fs::set_permissions(path, Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}

pub(super) fn unusable(folder: &Path, error: &std::io::Error) -> DatabaseError {
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

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_its_owner_can_look_into_the_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let new = temporary.path().join("below/data");
        drop(Folder::open(&Data::Folder(new.clone())).unwrap());
        assert_eq!(mode(&new), 0o700);
        // One that an earlier version left open.
        fs::set_permissions(&new, Permissions::from_mode(0o755)).unwrap();
        drop(Folder::open(&Data::Folder(new.clone())).unwrap());
        assert_eq!(mode(&new), 0o700);
        assert_eq!(mode(Folder::open(&Data::Memory).unwrap().path()), 0o700);
    }

    #[test]
    fn a_folder_with_other_things_in_it_keeps_its_mode() {
        let temporary = tempfile::tempdir().unwrap();
        fs::set_permissions(temporary.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(temporary.path().join("thesis.txt"), "not ours").unwrap();
        for _start in 0..2 {
            drop(Folder::open(&Data::Folder(temporary.path().to_owned())).unwrap());
            assert_eq!(mode(temporary.path()), 0o755);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_sentence() {
        let temporary = tempfile::NamedTempFile::new().unwrap();
        let error = Folder::open(&Data::Folder(temporary.path().join("below-a-file"))).err().unwrap();
        assert!(matches!(error, DatabaseError::Folder { .. }), "{error}");
    }
}
