//! Files in a stack's directory that only the current user may read.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::fs::OFlags;
use rustix::io::Errno;
use tempfile::NamedTempFile;

/// Returns the content of the file, or creates it with the generated content, so that it stays the same after a restart.
/// The directory may belong to the user of Postgres, who must not be able to replace the file.
pub fn read_or_create(path: &Path, generate: impl FnOnce() -> Result<String>) -> Result<String> {
    // A link without a target is present, too, and is refused.
    match path.symlink_metadata() {
        Ok(_) => return read(path),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the metadata of {}", path.display()));
        }
    }
    let content = generate()?;
    if create(path, &content).with_context(|| format!("cannot create {}", path.display()))? {
        Ok(content)
    } else {
        read(path)
    }
}

/// Creates the file with its whole content at once, because a process that is killed must not leave an incomplete one. Returns
/// false if the file exists.
fn create(path: &Path, content: &str) -> Result<bool> {
    let dir = path.parent().context("the path has no directory")?;
    // Temporary files are private.
    let mut file = NamedTempFile::new_in(dir)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error.into()),
    }
}

/// Permissions of the group and of other users.
const OTHERS: u32 = 0o077;

/// Returns the content of a file that only the current user may read. The checked file is the one that is read: it is opened once, without following a link, and without waiting for the writer of a
/// named pipe.
pub fn read(path: &Path) -> Result<String> {
    let not_private = || {
        format!(
            "{} is not a private file of the current user; remove it to generate a new one",
            path.display()
        )
    };
    let mut file = match open_unfollowed(path) {
        Ok(file) => file,
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => bail!(not_private()),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
    };
    let meta = file
        .metadata()
        .with_context(|| format!("cannot read the metadata of {}", path.display()))?;
    ensure!(
        meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & OTHERS == 0,
        not_private()
    );
    let mut content = String::new();
    file.read_to_string(&mut content)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(content)
}

/// Returns the beginning of a file in a directory that another user may write to, for example that of Postgres' data. `None` if it
/// is not a file of this user: root neither follows a link of the other user, nor waits for the writer of a named pipe, nor reads a
/// file without an end.
pub fn read_foreign(path: &Path, owner: u32) -> Option<String> {
    const LIMIT: u64 = 4096;
    let file = open_unfollowed(path).ok()?;
    let meta = file.metadata().ok()?;
    // A hard link of the other user to a file of root has root as its owner.
    if !meta.is_file() || meta.uid() != owner {
        return None;
    }
    let mut content = String::new();
    file.take(LIMIT).read_to_string(&mut content).ok()?;
    Some(content)
}

/// Opens a file to append to it, and creates it private if it does not exist. Does not follow a link.
pub fn append(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn open_unfollowed(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn file_is_private_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let create = || read_or_create(&path, || Ok("first".to_owned()));
        assert_eq!(create().unwrap(), "first");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            read_or_create(&path, || Ok("second".to_owned())).unwrap(),
            "first"
        );

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = create().unwrap_err().to_string();
        assert!(error.contains("not a private file"), "{error}");
        let elsewhere = dir.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let error = create().unwrap_err().to_string();
        assert!(error.contains("not a private file"), "{error}");
    }

    #[test]
    fn file_is_created_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let failed = read_or_create(&path, || bail!("no random numbers"));
        assert_eq!(failed.unwrap_err().to_string(), "no random numbers");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        // Of two processes that create it at the same time, the second one reads the file of the first one.
        let second = read_or_create(&path, || {
            assert!(create(&path, "first")?);
            Ok("second".to_owned())
        });
        assert_eq!(second.unwrap(), "first");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn foreign_file_is_read_without_following_links() {
        let dir = tempfile::tempdir().unwrap();
        let me = rustix::process::geteuid().as_raw();
        let path = dir.path().join("PG_VERSION");
        assert_eq!(read_foreign(&path, me), None);
        fs::write(&path, "17\n").unwrap();
        assert_eq!(read_foreign(&path, me).as_deref(), Some("17\n"));
        assert_eq!(read_foreign(&path, me + 1), None);
        fs::write(&path, "x".repeat(1 << 20)).unwrap();
        assert_eq!(read_foreign(&path, me).unwrap().len(), 4096);
        let secret = dir.path().join("secret");
        fs::rename(&path, &secret).unwrap();
        for target in [&*secret, Path::new("/dev/zero"), dir.path()] {
            symlink(target, &path).unwrap();
            assert_eq!(read_foreign(&path, me), None, "{}", target.display());
            fs::remove_file(&path).unwrap();
        }
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        assert_eq!(read_foreign(&path, me), None);
    }

    #[test]
    fn directory_and_named_pipe_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let read = || {
            read_or_create(&path, || Ok("new".to_owned()))
                .unwrap_err()
                .to_string()
        };
        fs::create_dir(&path).unwrap();
        assert!(read().contains("not a private file"));
        fs::remove_dir(&path).unwrap();
        // Opening it for reading would wait for a writer.
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            &path,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        )
        .unwrap();
        assert!(read().contains("not a private file"));
    }
}
