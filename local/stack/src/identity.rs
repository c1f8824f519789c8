//! Identity on one machine: the login function issues the tokens, with a key that belongs to the stack's directory.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::json;
use shared::token::SigningKeys;
use shared::token::signing::JWKS_PATH;

/// Audience of the tokens.
pub const AUDIENCE: &str = "3factor";

const KEY_FILE: &str = "signing-key.pem";

/// Value of `HASURA_GRAPHQL_JWT_SECRET` with which the engine accepts the tokens of the login function behind this gateway.
pub fn jwt_secret(functions_url: &str) -> String {
    json!({
        "jwk_url": format!("{functions_url}{JWKS_PATH}"),
        "issuer": functions_url,
        "audience": AUDIENCE,
    })
    .to_string()
}

/// Reads the signing key of a stack, or creates it: private, so that tokens stay valid after a restart and no other user of
/// the machine can issue any.
pub(crate) fn signing_key(dir: &Path) -> Result<String> {
    let path = dir.join(KEY_FILE);
    let created = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    match created {
        Ok(mut file) => {
            let key = SigningKeys::generate()
                .map_err(|error| anyhow!(error))
                .context("cannot generate a signing key")?;
            file.write_all(key.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => existing_key(&path),
        Err(error) => Err(error).with_context(|| format!("cannot create {}", path.display())),
    }
}

/// The directory may belong to the user of Postgres, who must not be able to replace the key.
fn existing_key(path: &Path) -> Result<String> {
    let meta = fs::symlink_metadata(path)
        .with_context(|| format!("cannot read the metadata of {}", path.display()))?;
    ensure!(
        meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o077 == 0,
        "{} is not a private file of the current user; remove it to generate another key",
        path.display()
    );
    let key = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    SigningKeys::parse(&key).map_err(|error| {
        anyhow!(
            "{} holds no signing key ({error}); remove it to generate another one",
            path.display()
        )
    })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn signing_key_is_private_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let key = signing_key(dir.path()).unwrap();
        let path = dir.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(signing_key(dir.path()).unwrap(), key);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = signing_key(dir.path()).unwrap_err().to_string();
        assert!(error.contains("not a private file"), "{error}");
        fs::rename(&path, dir.path().join("elsewhere")).unwrap();
        fs::set_permissions(dir.path().join("elsewhere"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink(dir.path().join("elsewhere"), &path).unwrap();
        let error = signing_key(dir.path()).unwrap_err().to_string();
        assert!(error.contains("not a private file"), "{error}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = signing_key(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("remove it") && !error.contains("hunter2"),
            "{error}"
        );
    }
}
