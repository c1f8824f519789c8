//! Addresses that may use Hasura's metadata, SQL and console: the operator's ranges, and that of the machine that deploys, because it
//! configures Hasura.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::aws::Aws;
use super::plan::Plan;
use super::stack::Stack;
use super::template::Values;

/// Parameter with the operator's ranges.
pub(super) const RANGES: &str = "AdminCidrs";
/// Parameter with the address of the machine that deploys.
pub(super) const ADDRESS: &str = "DeploymentCidr";
/// Values that a rule of a load balancer accepts.
pub(super) const MAX_RANGES: usize = 5;
/// Responds with the address of the caller.
const OWN_ADDRESS: &str = "https://checkip.amazonaws.com";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Whether the deployment configures Hasura through the public address of the stack.
pub(super) fn is_needed(plan: &Plan, values: &Values) -> bool {
    let configures =
        values.get("EnableHasura") == Some("true") && !plan.skip_hasura && plan.hasura_url.is_none();
    configures && plan.value(ADDRESS).is_none()
}

/// The value of [`ADDRESS`], if the stack has to be changed for this machine.
pub(super) async fn address(plan: &Plan, values: &Values) -> Result<Option<String>> {
    if !is_needed(plan, values) {
        return Ok(None);
    }
    let own = own_address().await.with_context(|| {
        format!("cannot find out the address of this machine, which configures Hasura; pass --set {ADDRESS}=ADDRESS/32")
    })?;
    added(
        values.get(RANGES).unwrap_or_default(),
        values.get(ADDRESS).unwrap_or_default(),
        own,
    )
}

/// Removes the address of the machine that deployed last, also after a failure. Waits for a change that is running.
pub(super) async fn remove_address(aws: &Aws, stage: &str) -> Result<()> {
    let stack = Stack::find(aws, stage).await?.settled(aws).await?;
    let address = stack.parameter(ADDRESS).unwrap_or_default().to_owned();
    if !stack.is_launched() || address.is_empty() {
        eprintln!("no address of a deployment may configure Hasura");
        return Ok(());
    }
    eprintln!("removing {ADDRESS}={address}");
    stack.set(aws, &[(ADDRESS, "")]).await?;
    Ok(())
}

async fn own_address() -> Result<Ipv4Addr> {
    let http = local_process::proxied_http_client()?;
    let answer = http.get(OWN_ADDRESS).timeout(TIMEOUT).send().await?;
    let text = answer.error_for_status()?.text().await?;
    text.trim()
        .parse()
        .with_context(|| format!("{OWN_ADDRESS} responded \"{}\"", text.trim()))
}

/// The address to set, unless the ranges contain it or it is set. It replaces that of an earlier deployment.
fn added(ranges: &str, address: &str, own: Ipv4Addr) -> Result<Option<String>> {
    let listed: Vec<&str> = ranges.split(',').filter(|range| !range.is_empty()).collect();
    if contains(address, own) || listed.iter().any(|range| contains(range, own)) {
        return Ok(None);
    }
    ensure!(
        listed.len() < MAX_RANGES,
        "this machine configures Hasura from {own}, which {RANGES}={ranges} does not contain, and a rule of the load balancer accepts \
         {MAX_RANGES} ranges; pass --set {RANGES}=… with fewer, or --skip-hasura"
    );
    Ok(Some(format!("{own}/32")))
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
    fn own_address_is_added_beside_the_ranges() {
        let own = Ipv4Addr::new(192, 0, 2, 7);
        for contained in [
            "192.0.2.7/32",
            "192.0.2.0/24",
            "10.0.0.0/8,192.0.0.0/16",
            "0.0.0.0/0",
        ] {
            assert_eq!(added(contained, "", own).unwrap(), None, "{contained}");
        }
        assert_eq!(added("", "192.0.2.7/32", own).unwrap(), None);
        for (ranges, earlier) in [
            ("", ""),
            ("", "198.51.100.1/32"),
            ("198.51.100.0/24,203.0.113.1/32", "198.51.100.1/32"),
        ] {
            let set = added(ranges, earlier, own).unwrap();
            assert_eq!(set.as_deref(), Some("192.0.2.7/32"), "{ranges} {earlier}");
        }
        let full = "10.0.0.0/8,10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16";
        let refused = added(full, "", own).unwrap_err().to_string();
        assert!(refused.contains("--set AdminCidrs=…"), "{refused}");
    }
}
