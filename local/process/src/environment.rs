//! Environment of child processes. The developer's environment holds credentials of other services, which no child needs: each child
//! starts with an empty environment, the variables of [`COMMON`], and those of its kind.

use std::ffi::OsString;
use std::process::Command;

/// Variables that every child inherits: programs, files, language and time of the user.
pub const COMMON: [&str; 13] = [
    "LD_LIBRARY_PATH",
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "TZ",
    "TERM",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "NO_COLOR",
];

/// Variables with which a program finds proxies and certificate authorities.
pub const NETWORK: [&str; 12] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
];

/// Settings of package managers.
const PACKAGES: [&str; 13] = [
    "NODE_OPTIONS",
    "PYENV_*",
    "VOLTA_HOME",
    "ASDF_*",
    "DEVELOPER_DIR",
    "npm_config_*",
    "NPM_CONFIG_*",
    "NODE_EXTRA_CA_CERTS",
    "PIP_*",
    "UV_*",
    "XDG_*",
    "HOMEBREW_*",
    "APT_CONFIG",
];

/// Settings of cargo and of the compilers that it calls, without the variables that cargo sets for a running program:
/// build scripts that depend on those would run again.
const CARGO: [&str; 30] = [
    "RUSTC",
    "CARGO_LAMBDA_*",
    "SDKROOT",
    "DEVELOPER_DIR",
    "MACOSX_DEPLOYMENT_TARGET",
    "LIBRARY_PATH",
    "CARGO_HOME",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_*",
    "CARGO_HTTP_*",
    "CARGO_INCREMENTAL",
    "CARGO_NET_*",
    "CARGO_PROFILE_*",
    "CARGO_REGISTRIES_*",
    "CARGO_TARGET_*",
    "CARGO_TERM_*",
    "CARGO_ZIGBUILD_*",
    "SCCACHE_*",
    "RUSTUP_*",
    "RUSTC_*",
    "RUSTFLAGS",
    "CC",
    "CC_*",
    "CXX",
    "CXX_*",
    "AR",
    "AR_*",
    "CFLAGS",
    "CFLAGS_*",
    "PKG_CONFIG_*",
];

/// Kinds of programs that the stack runs beside its services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program that reads files only.
    Plain,
    /// A package manager, or a build of packages.
    Packages,
    /// Cargo.
    Cargo,
}

impl Kind {
    /// Patterns of its variables beside the common ones.
    pub fn patterns(self) -> Vec<&'static str> {
        match self {
            Self::Plain => Vec::new(),
            Self::Packages => [&NETWORK[..], &PACKAGES].concat(),
            Self::Cargo => [&NETWORK[..], &CARGO].concat(),
        }
    }
}

/// Variables of this process that match [`COMMON`] or a pattern: a name, or with `*` at the end the beginning of names.
pub fn inherited(patterns: &[impl AsRef<str>]) -> Vec<(OsString, OsString)> {
    let patterns: Vec<&str> = COMMON
        .into_iter()
        .chain(patterns.iter().map(AsRef::as_ref))
        .collect();
    std::env::vars_os()
        .filter(|(name, _)| is_permitted(&patterns, &name.to_string_lossy()))
        .collect()
}

fn is_permitted(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    })
}

/// Replaces the environment that a command inherits. Variables are set after this call.
pub fn restrict(command: &mut Command, kind: Kind) -> &mut Command {
    command.env_clear().envs(inherited(&kind.patterns()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_variables_are_permitted() {
        let patterns = [&COMMON[..], &Kind::Packages.patterns()].concat();
        for (name, expected) in [
            ("PATH", true),
            ("LC_ALL", true),
            ("npm_config_registry", true),
            ("PATHS", false),
            ("AWS_SECRET_ACCESS_KEY", false),
            ("DATABASE_URL", false),
            ("PGPASSWORD", false),
            ("GITHUB_TOKEN", false),
            ("CARGO_REGISTRY_TOKEN", false),
        ] {
            assert_eq!(is_permitted(&patterns, name), expected, "{name}");
        }
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_REGISTRY_TOKEN"] {
            assert!(!is_permitted(&Kind::Cargo.patterns(), name), "{name}");
        }
    }

    #[test]
    fn restricted_command_does_not_inherit_other_variables() {
        // Cargo sets it for tests.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let output = restrict(&mut Command::new("env"), Kind::Plain)
            .env("GIVEN", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("GIVEN=1") && said.contains("PATH="), "{said}");
        assert!(!said.contains("CARGO_"), "{said}");
    }
}
