//! Postgres and pgBouncer refuse to run as root; in that case they run as the user `postgres`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// A user that a program can be started as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    /// Primary group.
    pub gid: u32,
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// User for programs that refuse to run as root: `postgres` if this process is root, otherwise `None` (the current
/// user).
pub fn unprivileged() -> Result<Option<User>> {
    if !is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    match find(&passwd, "postgres") {
        Some(user) => Ok(Some(user)),
        None => bail!(
            "Postgres refuses to run as root and there is no user `postgres`; run \
             `adduser --system --group postgres`, or start as another user"
        ),
    }
}

/// Changes the owner of a path; does nothing for `None`.
pub fn change_owner(path: &Path, user: Option<User>) -> Result<()> {
    match user {
        Some(User { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid)).with_context(|| {
            format!(
                "cannot change the owner of {} to the user postgres",
                path.display()
            )
        }),
        None => Ok(()),
    }
}

/// Gives the group of a user access to a path; does nothing for `None`.
pub(crate) fn change_group(path: &Path, user: Option<User>) -> Result<()> {
    match user {
        Some(User { gid, .. }) => std::os::unix::fs::chown(path, None, Some(gid))
            .with_context(|| format!("cannot change the group of {}", path.display())),
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
    fn user_is_found_by_full_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\npostgres2:x:7:8::/:\npostgres:x:104:109:,,,:/var:/bin/bash\n";
        assert_eq!(find(passwd, "postgres"), Some(User { uid: 104, gid: 109 }));
        assert_eq!(find(passwd, "post"), None);
    }
}
