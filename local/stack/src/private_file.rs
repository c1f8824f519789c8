//! Files in a stack's directory that only the current user may read.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::fs::OFlags;
use rustix::io::Errno;

/// Returns the content of the file, or creates it with the generated content, so that it stays the same after a restart.
/// The directory may belong to the user of Postgres, who must not be able to replace the file.
pub(crate) fn read_or_create(path: &Path, generate: impl FnOnce() -> Result<String>) -> Result<String> {
    let created = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Ok(mut file) => {
            let content = generate()?;
            file.write_all(content.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(content)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error).with_context(|| format!("cannot create {}", path.display())),
    }
}

/// Permissions of the group and of other users.
const OTHERS: u32 = 0o077;

/// The checked file is the one that is read: it is opened once, without following a link, and without waiting for the writer of a
/// named pipe.
fn read(path: &Path) -> Result<String> {
    let not_private = || {
        format!(
            "{} is not a private file of the current user; remove it to generate a new one",
            path.display()
        )
    };
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let mut file = match opened {
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
