//! Addresses that may use Hasura's metadata, SQL and console. The deployment is one of them, because it configures Hasura.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::plan::Plan;
use super::template::Values;

/// Parameter with the ranges.
pub(super) const RANGES: &str = "AdminCidrs";
/// Responds with the address of the caller.
const OWN_ADDRESS: &str = "https://checkip.amazonaws.com";
const TIMEOUT: Duration = Duration::from_secs(10);

/// The ranges with the address of this machine, if the stack has to be changed for it.
pub(super) async fn ranges(plan: &Plan, values: &Values) -> Result<Option<String>> {
    let configures =
        values.get("EnableHasura") == Some("true") && !plan.skip_hasura && plan.hasura_url.is_none();
    if !configures || plan.value(RANGES).is_some() {
        return Ok(None);
    }
    let own = own_address().await.with_context(|| {
        format!("cannot find out the address of this machine, which configures Hasura; pass --set {RANGES}=ADDRESS/32")
    })?;
    with(values.get(RANGES).unwrap_or_default(), own)
}

async fn own_address() -> Result<Ipv4Addr> {
    let http = local_process::proxied_http_client()?;
    let answer = http.get(OWN_ADDRESS).timeout(TIMEOUT).send().await?;
    let text = answer.error_for_status()?.text().await?;
    text.trim()
        .parse()
        .with_context(|| format!("{OWN_ADDRESS} responded \"{}\"", text.trim()))
}

/// The ranges with an address; `None` if they contain it. Replaces the address of an earlier deployment, but no range.
fn with(ranges: &str, own: Ipv4Addr) -> Result<Option<String>> {
    let listed: Vec<&str> = ranges.split(',').filter(|range| !range.is_empty()).collect();
    if listed.iter().any(|range| contains(range, own)) {
        return Ok(None);
    }
    match listed.as_slice() {
        [] => Ok(Some(format!("{own}/32"))),
        [one] if one.ends_with("/32") => Ok(Some(format!("{own}/32"))),
        _ => bail!(
            "this machine configures Hasura from {own}, which {RANGES}={ranges} does not contain; pass --set {RANGES}={ranges},{own}/32, or \
             --skip-hasura"
        ),
    }
}

fn contains(range: &str, address: Ipv4Addr) -> bool {
    let Some((network, length)) = range.split_once('/') else {
        return false;
    };
    let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
    network.to_bits() & mask == address.to_bits() & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_address_is_added_once() {
        let own = Ipv4Addr::new(192, 0, 2, 7);
        for contained in [
            "192.0.2.7/32",
            "192.0.2.0/24",
            "10.0.0.0/8,192.0.0.0/16",
            "0.0.0.0/0",
        ] {
            assert_eq!(with(contained, own).unwrap(), None, "{contained}");
        }
        for replaced in ["", "198.51.100.1/32"] {
            assert_eq!(with(replaced, own).unwrap().as_deref(), Some("192.0.2.7/32"));
        }
        let refused = with("198.51.100.0/24", own).unwrap_err().to_string();
        assert!(
            refused.contains("--set AdminCidrs=198.51.100.0/24,192.0.2.7/32"),
            "{refused}"
        );
    }
}
