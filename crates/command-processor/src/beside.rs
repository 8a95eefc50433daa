//! Our files beside the log: reading them whatever stands in their place, and keeping aside what is not ours to write
//! over.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use crate::Error;

/// What stands in the place of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InPlace {
    /// Nothing.
    Nothing,
    /// A folder, a pipe, a device, or a link to nowhere.
    NoFile,
    /// A file that begins so.
    File(Vec<u8>),
}

/// Reads so many bytes of a file, if it has them. What is no file is not opened: a pipe would be waited for, and a
/// device has no end.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<InPlace> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            let mut bytes = Vec::new();
            File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
            Ok(InPlace::File(bytes))
        }
        Ok(_) => Ok(InPlace::NoFile),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error),
        // A link to nowhere, or to itself.
        Err(error) => match fs::symlink_metadata(path) {
            Ok(_) => Ok(InPlace::NoFile),
            Err(_) if error.kind() == ErrorKind::NotFound => Ok(InPlace::Nothing),
            Err(_) => Err(error),
        },
    }
}

/// Keeps a file of another log under another name: whoever mixed the folders may have no other copy of what it tells.
pub(crate) fn set_aside_foreign(dir: &Path, file: &str) -> io::Result<()> {
    let kept_as = free_name(dir, format!("{file}.of-another-log"));
    tracing::warn!(file, kept_as, "a file of another log is kept aside");
    fs::rename(dir.join(file), dir.join(kept_as))?;
    File::open(dir)?.sync_all()
}

/// Keeps what is no file, in the place of one of ours: whatever is in it is somebody's.
pub(crate) fn set_aside_no_file(dir: &Path, file: &str) -> io::Result<()> {
    let kept_as = free_name(dir, format!("{file}.set-aside"));
    tracing::warn!(
        file,
        kept_as,
        "what is no file is in the place of one, and kept aside"
    );
    fs::rename(dir.join(file), dir.join(kept_as))
}

/// Makes a file that is to take the place of another one by its name, where an earlier attempt may have left one.
pub(crate) fn create_anew(dir: &Path, file: &str) -> io::Result<File> {
    match fs::symlink_metadata(dir.join(file)) {
        Ok(found) if found.is_file() => {}
        Ok(_) => set_aside_no_file(dir, file)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    File::create(dir.join(file))
}

/// A name that nothing has, so that what was kept before is not written over.
pub(crate) fn free_name(dir: &Path, name: String) -> String {
    let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
    let free = names.find(|name| fs::symlink_metadata(dir.join(name)).is_err());
    free.unwrap_or(name)
}

/// What was tried on a file and failed.
pub(crate) fn failed(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File {
        action,
        path: PathBuf::from(path),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    /// What may stand in the place of a file, and never begins or never ends when it is read.
    const NO_FILES: [fn(&Path); 5] = [
        |path| fs::create_dir(path).unwrap(),
        |path| mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).unwrap(),
        |path| symlink("/dev/zero", path).unwrap(),
        |path| symlink("/nowhere/at/all", path).unwrap(),
        |path| symlink(path, path).unwrap(),
    ];

    #[test]
    fn what_is_no_file_is_not_opened_and_is_kept_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ours");
        assert_eq!(read(&path, 8).unwrap(), InPlace::Nothing);
        for put in NO_FILES {
            put(&path);
            assert_eq!(read(&path, 8).unwrap(), InPlace::NoFile);
            drop(create_anew(dir.path(), "ours").unwrap());
            assert_eq!(read(&path, 8).unwrap(), InPlace::File(Vec::new()));
            fs::remove_file(&path).unwrap();
        }
        let kept = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(kept, NO_FILES.len());
    }

    #[test]
    fn a_file_is_read_as_far_as_it_can_mean_anything() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ours");
        let file = File::create(&path).unwrap();
        file.set_len(1 << 40).unwrap();
        assert_eq!(read(&path, 3).unwrap(), InPlace::File(vec![0; 3]));
    }
}
