//! Link-local addresses and others at which cloud providers serve the credentials of the machine. A webhook at such an address would
//! store them in the invocation log.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Host;

const REFUSED: &str = "the webhook has a link-local address or one of a metadata service; permit it with HASURA_GRAPHQL_EVENTS_LINK_LOCAL_WEBHOOKS=true";

/// Addresses of the metadata services of Alibaba Cloud and Oracle Cloud. Those of other providers are link-local.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// Address of the metadata service of Google Cloud for IPv6.
const GOOGLE_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254);

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
    match address {
        IpAddr::V4(address) => is_link_local_v4(address),
        IpAddr::V6(address) => {
            // The network of AWS' local services, such as the instance metadata.
            let is_aws = matches!(address.segments(), [0xfd00, 0xec2, ..]);
            address.is_unicast_link_local()
                || is_aws
                || address == GOOGLE_METADATA
                || embedded(address).is_some_and(is_link_local_v4)
        }
    }
}

fn is_link_local_v4(address: Ipv4Addr) -> bool {
    address.is_link_local() || METADATA_V4.contains(&address)
}

/// Returns the IPv4 address to which packets for an IPv6 address are sent: mapped, compatible, NAT64 (RFC 6052,
/// RFC 8215) and 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let ([0x64, 0xff9b, 0, 0, 0, 0, high, low]
    | [0x64, 0xff9b, 1, _, _, _, high, low]
    | [0x2002, high, low, ..]) = address.segments()
    else {
        return address.to_ipv4();
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
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
            ("http://[fd00:ec2::23]/", true),
            ("http://[fd20:ce::254]/", true),
            ("http://[::169.254.169.254]/", true),
            ("http://[64:ff9b::169.254.169.254]/", true),
            ("http://[64:ff9b::a9fe:a9fe]/", true),
            ("http://[64:ff9b:1::a9fe:a9fe]/", true),
            ("http://[2002:a9fe:a9fe::1]/", true),
            ("http://100.100.100.200/", true),
            ("http://[::ffff:100.100.100.200]/", true),
            ("http://192.0.0.192/", true),
            ("http://[64:ff9b::192.0.0.192]/", true),
            ("http://100.100.100.201/", false),
            ("http://[fd00:ec3::254]/", false),
            ("http://[fd20:ce::255]/", false),
            ("http://[64:ff9b::10.0.0.1]/", false),
            ("http://[2002:a00:1::a9fe:a9fe]/", false),
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
