//! What Redress needs beside Rust, in the folder `.tools` of the workspace where the machine brings none.
//!
//! Versions and hashes are pinned in `requirements/`. A tool that is there is found without starting anything slow.

mod nats_server;
mod package_installer;
mod pinned;
mod strace;

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{failure::Failure, process, workspace};

/// A nats-server that serves: that of PATH where it is new enough, else the pinned one, installed if need be.
pub(crate) fn nats_server_path() -> Result<PathBuf, Failure> {
    if let Some(path) = nats_server::on_path() {
        return Ok(path);
    }
    Toolbox::open()?
        .ensure(&pinned::NATS_SERVER)
        .map_err(|failure| {
            Failure::new(format!(
                "{failure}\nOr put a nats-server of version {} or later on the PATH; \
             https://nats.io/download has it for every system.",
                nats_server::OLDEST
            ))
        })
}

/// A Python interpreter that can `import nats`, installed if need be.
pub(crate) fn python_path() -> Result<PathBuf, Failure> {
    Toolbox::open()?.ensure(&pinned::NATS_PY)
}

/// Whether strace can watch a program here; it is installed first where that is possible.
pub(crate) fn strace_works() -> bool {
    strace::works()
}

/// Whether a program can have a disk of its own mounted here, in a namespace that ends with it.
pub(crate) fn namespaces_work() -> bool {
    let mount = "mount -t tmpfs -o size=1m tmpfs /mnt";
    process::succeeds(Command::new("unshare").args(["-Urm", "sh", "-c", mount]))
}

/// The folder `.tools`, held by one process at a time.
struct Toolbox {
    folder: PathBuf,
    requirements: PathBuf,
    /// Released when it is dropped: two `cargo xtask` at once must not install into each other.
    _lock: File,
}

impl Toolbox {
    fn open() -> Result<Self, Failure> {
        let folder = workspace::root().join(".tools");
        let lock = lock(&folder).map_err(|error| {
            Failure::new(format!("{} cannot be used: {error}", folder.display()))
        })?;
        let requirements = workspace::root().join("crates/xtask/requirements");
        Ok(Self {
            folder,
            requirements,
            _lock: lock,
        })
    }

    /// The path of the tool in `.tools/bin`, after installing what it needs.
    fn ensure(&self, package: &pinned::Package) -> Result<PathBuf, Failure> {
        let tool = self.folder.join("bin").join(package.tool);
        let requirements = self.requirements.join(package.requirements);
        let stamp = self.folder.join("installed").join(package.requirements);
        if pinned::is_installed(&requirements, &stamp) && package.entry.works(&tool) {
            return Ok(tool);
        }
        eprintln!("installing {} into .tools", package.name);
        let installer = package_installer::find(&self.folder)?;
        installer.install(&self.folder, &requirements)?;
        self.put_in_bin(package, &installer)
            .and_then(|()| pinned::stamp(&requirements, &stamp))
            .map_err(|error| {
                Failure::new(format!("{} was not put in place: {error}", tool.display()))
            })?;
        Ok(tool)
    }

    fn put_in_bin(
        &self,
        package: &pinned::Package,
        installer: &package_installer::Installer,
    ) -> std::io::Result<()> {
        let tool = self.folder.join("bin").join(package.tool);
        fs::create_dir_all(self.folder.join("bin"))?;
        match fs::remove_file(&tool) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        match package.entry {
            pinned::Entry::Program => symlink(
                Path::new("..").join(installer.scripts()).join(package.tool),
                &tool,
            ),
            pinned::Entry::Interpreter(_) => write_script(&tool, &installer.interpreter_script()),
        }
    }
}

fn lock(folder: &Path) -> std::io::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn write_script(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
