//! Files in a stack's directory that only the current user may read.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

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

fn read(path: &Path) -> Result<String> {
    let meta = fs::symlink_metadata(path)
        .with_context(|| format!("cannot read the metadata of {}", path.display()))?;
    ensure!(
        meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & OTHERS == 0,
        "{} is not a private file of the current user; remove it to generate a new one",
        path.display()
    );
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
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
}
