//! Postgres and pgBouncer refuse to run as root; then they run as the user `postgres`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// A user that a program can be started as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user id.
    pub uid: u32,
    /// The user's primary group.
    pub gid: u32,
}

/// Whether this process is root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user for the programs that refuse to run as root: `postgres` when this process is root, otherwise nobody
/// else than ourselves (`None`).
///
/// # Errors
/// When this process is root and there is no such user.
pub fn unprivileged() -> Result<Option<User>> {
    if !is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    match find(&passwd, "postgres") {
        Some(user) => Ok(Some(user)),
        None => bail!(
            "Postgres refuses to run as root, and there is no user `postgres` to run it as: \
             `adduser --system --group postgres`, or run this as another user"
        ),
    }
}

/// Gives a path to a user; does nothing for `None`.
///
/// # Errors
/// When the owner cannot be changed.
pub fn change_owner(path: &Path, user: Option<User>) -> Result<()> {
    match user {
        Some(User { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid))
            .with_context(|| format!("cannot give {} to the user postgres", path.display())),
        None => Ok(()),
    }
}

fn find(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(User { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user_by_its_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\npostgres2:x:7:8::/:\npostgres:x:104:109:,,,:/var:/bin/bash\n";
        assert_eq!(find(passwd, "postgres"), Some(User { uid: 104, gid: 109 }));
        assert_eq!(find(passwd, "post"), None);
    }
}
