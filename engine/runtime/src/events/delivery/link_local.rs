//! Link-local addresses, at which cloud providers serve the credentials of the machine. A webhook at such an address would
//! store them in the invocation log.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use url::Host;

const REFUSED: &str =
    "the webhook has a link-local address; permit it with HASURA_GRAPHQL_EVENTS_LINK_LOCAL_WEBHOOKS=true";

/// Address of AWS' instance metadata for IPv6.
const AWS_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Resolver that leaves out link-local addresses. It checks the address that is connected to: a check before the call would
/// ask the DNS server a second time, which could answer differently.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let usable: Vec<SocketAddr> = found
                .iter()
                .filter(|address| !is_link_local(address.ip()))
                .copied()
                .collect();
            if usable.is_empty() && !found.is_empty() {
                return Err(REFUSED.into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Returns the reason to refuse a URL whose host is an address; those are not resolved.
pub(super) fn refusal(url: &reqwest::Url) -> Option<&'static str> {
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return None,
    };
    is_link_local(address).then_some(REFUSED)
}

fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local() || address == AWS_METADATA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_are_refused_in_every_notation() {
        for (url, refused) in [
            ("http://169.254.169.254/latest/meta-data", true),
            ("http://2852039166/", true),
            ("http://0xa9fea9fe/", true),
            ("http://0251.0376.0251.0376/", true),
            ("http://169.254.43518/", true),
            ("http://[::ffff:169.254.169.254]/", true),
            ("http://[fe80::1]/", true),
            ("http://[fd00:ec2::254]/", true),
            ("http://127.0.0.1:8081/", false),
            ("http://10.0.0.1/", false),
            ("http://[::1]/", false),
            ("http://169.254.169.254.example.com/", false),
        ] {
            let url = reqwest::Url::parse(url).expect("a URL");
            assert_eq!(refusal(&url).is_some(), refused, "{url}");
        }
    }
}
