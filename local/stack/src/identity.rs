//! Identity on one machine: the login function issues the tokens, with a key that belongs to the stack's directory.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::json;
use shared::token::SigningKeys;
use shared::token::signing::JWKS_PATH;
use uuid::Uuid;

use local_process::private_file;

/// Audience of the tokens.
pub const AUDIENCE: &str = "3factor";

const KEY_FILE: &str = "signing-key.pem";
const ADMIN_SECRET_FILE: &str = "admin-secret";

/// Value of `HASURA_GRAPHQL_JWT_SECRET` with which the engine accepts the tokens of the login function behind this gateway.
pub fn jwt_secret(functions_url: &str) -> String {
    json!({
        "jwk_url": format!("{functions_url}{JWKS_PATH}"),
        "issuer": functions_url,
        "audience": AUDIENCE,
    })
    .to_string()
}

/// Reads the signing key of a stack, or creates it: private, so that no other user of the machine can issue tokens. Tokens stay valid
/// after a restart if the directory persists, that is, unless the stack is ephemeral or has free ports.
pub(crate) fn signing_key(dir: &Path) -> Result<String> {
    let path = dir.join(KEY_FILE);
    let key = private_file::read_or_create(&path, || {
        SigningKeys::generate()
            .map_err(|error| anyhow!(error))
            .context("cannot generate a signing key")
    })?;
    SigningKeys::parse(&key).map_err(|error| {
        anyhow!(
            "{} holds no signing key ({error}); remove it to generate another one",
            path.display()
        )
    })?;
    Ok(key)
}

/// Returns the path of the admin secret of a stack, and the secret; the file is created if it does not exist.
pub(crate) fn admin_secret(dir: &Path) -> Result<(PathBuf, String)> {
    let path = dir.join(ADMIN_SECRET_FILE);
    let secret = private_file::read_or_create(&path, || Ok(Uuid::new_v4().simple().to_string()))?;
    check_admin_secret(&path, &secret)?;
    Ok((path, secret))
}

/// Reads the admin secret from the file of a running stack.
pub(crate) fn read_admin_secret(path: &Path) -> Result<String> {
    let secret = private_file::read(path)?;
    check_admin_secret(path, &secret)?;
    Ok(secret)
}

/// An incomplete secret, as another writer may have left it, could be guessed; and one with a line break cannot be sent in a header.
fn check_admin_secret(path: &Path, secret: &str) -> Result<()> {
    ensure!(
        secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{} holds no admin secret of 32 hexadecimal digits; remove it and start the stack again to generate another one",
        path.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn signing_key_is_kept_and_checked() {
        let dir = tempfile::tempdir().unwrap();
        let key = signing_key(dir.path()).unwrap();
        assert_eq!(signing_key(dir.path()).unwrap(), key);
        let path = dir.path().join(KEY_FILE);
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = signing_key(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("remove it") && !error.contains("hunter2"),
            "{error}"
        );
    }
    #[test]
    fn admin_secret_is_kept_and_checked() {
        let dir = tempfile::tempdir().unwrap();
        let (path, secret) = admin_secret(dir.path()).unwrap();
        assert_eq!(admin_secret(dir.path()).unwrap(), (path.clone(), secret.clone()));
        assert_eq!(read_admin_secret(&path).unwrap(), secret);
        for malformed in ["", "\n", &secret[1..], &format!("{secret}\n"), &"x".repeat(32)] {
            fs::write(&path, malformed).unwrap();
            for error in [
                admin_secret(dir.path()).unwrap_err(),
                read_admin_secret(&path).unwrap_err(),
            ] {
                let error = error.to_string();
                assert!(
                    error.starts_with(&path.display().to_string()) && error.contains("remove it"),
                    "{error}"
                );
            }
        }
        // Another user may have replaced it.
        fs::write(&path, &secret).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = read_admin_secret(&path).unwrap_err().to_string();
        assert!(error.contains("not a private file"), "{error}");
    }
}
