//! Directories of a stack: Postgres' data, pgBouncer's configuration, their logs.
//!
//! A persistent directory belongs to one checkout and one port offset; an ephemeral one is removed at the end. Both
//! are locked while in use, which distinguishes the remains of a killed stack from a running one.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::fs::OFlags;

use crate::users::{self, User};
use crate::watchdog::Watchdog;

/// Not under /tmp, which may be memory: an fsync that costs nothing would falsify every benchmark.
const TEMPORARY: &str = "/var/tmp";
const EPHEMERAL: &str = "3factor-ephemeral-";
const LOCK: &str = "lock";

/// The project's root: `THREEFACTOR_ROOT` (set by `cargo xtask`), or else its location at compile time.
pub fn root() -> PathBuf {
    std::env::var_os("THREEFACTOR_ROOT").map_or_else(
        || {
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .ancestors()
                .nth(2)
                .unwrap_or(Path::new("."))
                .to_path_buf()
        },
        PathBuf::from,
    )
}

/// Directory of the binaries: `THREEFACTOR_BIN_DIR` (set by `cargo xtask`), or else the directory of this executable;
/// for a test that is one level up.
pub fn bin_dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("THREEFACTOR_BIN_DIR") {
        return Ok(PathBuf::from(dir));
    }
    let me = std::env::current_exe().context("cannot determine the path of the executable")?;
    let dir = me
        .parent()
        .context("cannot determine the directory of the executable")?;
    let beside = if dir
        .file_name()
        .is_some_and(|name| name == "deps" || name == "examples")
    {
        dir.parent().unwrap_or(dir)
    } else {
        dir
    };
    Ok(beside.to_path_buf())
}

/// A locked directory of the current user. If Postgres runs as another user, that user may pass through it to its data, but not
/// write to it: otherwise it could replace a file that root opens by a link.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    ephemeral: Option<Watchdog>,
    _lock: File,
}

impl DataDir {
    /// Opens or creates this checkout's directory for a port offset. As root it is under /var/tmp, because the user
    /// postgres cannot read root's home.
    pub fn persistent(root: &Path, offset: u16, user: Option<User>) -> Result<Self> {
        let path = match user {
            None => root.join(".local").join(format!("stack-{offset}")),
            Some(_) => Path::new(TEMPORARY).join(format!("3factor-{:016x}-{offset}", fingerprint(root))),
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        match fs::create_dir(&path) {
            Ok(()) => prepare(&path, user)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                check_owner(&path)?;
                // An interrupted start may not have come as far.
                prepare(&path, user)?;
            }
            Err(error) => return Err(error).with_context(|| format!("cannot create {}", path.display())),
        }
        let lock = open_lock(&path)?;
        if !try_lock_for_a_second(&lock, &path)? {
            bail!(
                "data directory {} is in use by another stack: stop it, or use --ephemeral or another \
                 --port-offset",
                path.display()
            );
        }
        Ok(Self {
            path,
            ephemeral: None,
            _lock: lock,
        })
    }

    /// Creates a directory that is removed when the handle is dropped, or by the watchdog if this process is killed.
    pub fn ephemeral(user: Option<User>, watchdog: &Watchdog) -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(EPHEMERAL)
            .tempdir_in(TEMPORARY)
            .with_context(|| format!("cannot create a directory in {TEMPORARY}"))?
            .keep();
        watchdog.watch_dir(&path);
        prepare(&path, user)?;
        let lock = open_lock(&path)?;
        lock.try_lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self {
            path,
            ephemeral: Some(watchdog.clone()),
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if let Some(watchdog) = &self.ephemeral {
            let _ = fs::remove_dir_all(&self.path);
            watchdog.forget_dir(&self.path);
        }
    }
}

/// Removes ephemeral directories without a lock holder: their stack and its watchdog were both killed, or the machine
/// went down. `end` is called first for each and stops the processes that still use it.
pub fn remove_abandoned(mut end: impl FnMut(&Path)) {
    let minute_ago = SystemTime::now() - Duration::from_mins(1);
    for entry in fs::read_dir(TEMPORARY).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(EPHEMERAL) && check_owner(&path).is_ok();
        // A directory created less than a minute ago may not have its lock yet.
        let settled = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .is_ok_and(|at| at < minute_ago);
        if !ours || !settled {
            continue;
        }
        let abandoned = match File::open(path.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => true,
        };
        if abandoned {
            end(&path);
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Acquires the lock; false if another process holds it for the whole second. A stack that was just killed needs a
/// moment to release it.
fn try_lock_for_a_second(lock: &File, path: &Path) -> Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}

fn prepare(path: &Path, user: Option<User>) -> Result<()> {
    let mode = if user.is_some() { 0o710 } else { 0o700 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot set the permissions of {}", path.display()))?;
    users::change_group(path, user)
}

/// Every user can write to /var/tmp, so the directory may have been created by another user under the same name.
fn check_owner(path: &Path) -> Result<()> {
    let meta = fs::symlink_metadata(path)
        .with_context(|| format!("cannot read the metadata of {}", path.display()))?;
    // Earlier versions gave the directory away to the user postgres, whose links root would follow.
    ensure!(
        meta.is_dir() && meta.uid() == rustix::process::geteuid().as_raw(),
        "{} exists and is owned by another user; remove it",
        path.display()
    );
    Ok(())
}

fn open_lock(path: &Path) -> Result<File> {
    let path = path.join(LOCK);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))
}

/// FNV-1a, stable across builds; std's hasher may change between Rust versions.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persistent_directory_is_locked_by_one_stack() {
        let root = tempfile::tempdir().unwrap();
        let first = DataDir::persistent(root.path(), 0, None).unwrap();
        let message = DataDir::persistent(root.path(), 0, None).unwrap_err().to_string();
        assert!(message.contains("in use by another stack"), "{message}");
        let other = DataDir::persistent(root.path(), 1, None).unwrap();
        assert_ne!(first.path(), other.path());
        let path = first.path().to_path_buf();
        drop(first);
        assert!(path.is_dir());
        DataDir::persistent(root.path(), 0, None).unwrap();
    }

    #[test]
    fn directory_of_another_user_is_refused_before_a_file_in_it_is_opened() {
        if !users::is_root() {
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let path = DataDir::persistent(root.path(), 0, None)
            .unwrap()
            .path()
            .to_path_buf();
        let target = root.path().join("target");
        fs::remove_file(path.join(LOCK)).unwrap();
        std::os::unix::fs::symlink(&target, path.join(LOCK)).unwrap();
        // A link in a directory of this user is refused as well.
        DataDir::persistent(root.path(), 0, None).unwrap_err();
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
        let message = DataDir::persistent(root.path(), 0, None).unwrap_err().to_string();
        assert!(message.contains("owned by another user"), "{message}");
        assert!(!target.exists());
    }

    #[test]
    fn other_user_may_pass_through_the_directory_only() {
        if !users::is_root() {
            return;
        }
        let watchdog = Watchdog::start(Path::new("/nowhere"));
        let user = User {
            uid: 65_534,
            gid: 65_534,
        };
        let dir = DataDir::ephemeral(Some(user), &watchdog).unwrap();
        let meta = fs::metadata(dir.path()).unwrap();
        assert_eq!(
            (meta.uid(), meta.gid(), meta.mode() & 0o777),
            (0, user.gid, 0o710)
        );
    }

    #[test]
    fn ephemeral_directory_is_removed_on_drop() {
        let watchdog = Watchdog::start(Path::new("/nowhere"));
        let dir = DataDir::ephemeral(None, &watchdog).unwrap();
        let path = dir.path().to_path_buf();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        drop(dir);
        assert!(!path.exists());
    }
}
