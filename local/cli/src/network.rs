//! Option `--host` of `dev`: the stack at an address that other devices reach.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Result, ensure};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct NetworkArgs {
    /// Address of this machine at which apps, engine and functions listen, for example 192.168.1.20, so that a phone on the same network
    /// can use them. Each device there can then log in as any account
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Permit --open at an address that other devices reach, which gives all rights to each of them
    #[arg(long, requires = "open")]
    allow_open_on_network: bool,
}

impl NetworkArgs {
    pub(crate) fn host(&self) -> IpAddr {
        self.host
    }

    /// Returns an error if a stack without identities would be reachable from other devices.
    pub(crate) fn check(&self, open: bool) -> Result<()> {
        ensure!(
            !open || !self.is_reachable() || self.allow_open_on_network,
            "--open gives all rights to each device that reaches {}; leave out --open, or add --allow-open-on-network",
            self.host
        );
        Ok(())
    }

    /// Description of what other devices can do; `None` on loopback.
    pub(crate) fn warning(&self, open: bool) -> Option<String> {
        let rights = if open {
            "has all rights on the stack, SQL included"
        } else {
            "can log in as any account, the manager's too, because this login has no passwords"
        };
        self.is_reachable().then(|| {
            format!(
                "warning: apps, engine and functions listen on {}. Each device that reaches this address {rights}. Connections are not \
                 encrypted. Use this in a network that you trust; Postgres and pgBouncer stay on 127.0.0.1",
                self.host
            )
        })
    }

    fn is_reachable(&self) -> bool {
        !self.host.to_canonical().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        network: NetworkArgs,
        #[arg(long)]
        open: bool,
    }

    fn check(args: &[&str]) -> Result<Option<String>> {
        let Command { network, open } = Command::try_parse_from(["test"].iter().chain(args))?;
        network.check(open)?;
        Ok(network.warning(open))
    }

    #[test]
    fn network_is_named_and_open_mode_needs_an_explicit_permission() {
        for local in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(check(&["--host", local, "--open"]).unwrap(), None, "{local}");
        }
        assert_eq!(check(&["--open"]).unwrap(), None);
        let host = ["--host", "192.0.2.1"];
        let warning = check(&host).unwrap().unwrap();
        assert!(
            warning.contains("192.0.2.1") && warning.contains("log in as any account"),
            "{warning}"
        );
        let open = [&host[..], &["--open"]].concat();
        let refused = check(&open).unwrap_err().to_string();
        assert!(refused.contains("--allow-open-on-network"), "{refused}");
        let allowed = [&open[..], &["--allow-open-on-network"]].concat();
        assert!(check(&allowed).unwrap().unwrap().contains("all rights"));
        // Without --open it would have no meaning.
        check(&["--host", "192.0.2.1", "--allow-open-on-network"]).unwrap_err();
        check(&["--host", "my-laptop.local"]).unwrap_err();
    }
}
