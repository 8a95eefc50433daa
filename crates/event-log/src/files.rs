//! Files and folders of a log: what is none, and bringing one to the device.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::Error;

/// Whether a name leads elsewhere.
pub(crate) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Refuses what is no file in the place of one: a pipe would be waited for, and a device has no end.
pub(crate) fn refuse_no_file(path: &Path) -> Result<(), Error> {
    let is_none = match fs::metadata(path) {
        Ok(found) => !found.is_file(),
        // A link to nowhere, or to itself. What may not be looked at, whoever opens it says.
        Err(source) => source.kind() != io::ErrorKind::PermissionDenied && is_link(path),
    };
    if is_none {
        return Err(Error::NoFile {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Makes the name of a new folder durable.
pub(crate) fn sync_parent(folder: &Path) -> Result<(), Error> {
    match folder.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync(Path::new(".")),
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}

/// Brings a file or a folder to the device.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| Error::SyncData {
            path: path.to_owned(),
            source,
        })
}
