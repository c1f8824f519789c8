//! Free TCP ports.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Result, bail};

/// Below the range from which Linux takes the ports of outgoing connections: otherwise one of those could take a port
/// between this check and the child's bind.
const FREE_RANGE: std::ops::Range<u16> = 25_000..32_000;

/// A free port. Until this process exits, neither this nor another process receives it from this function.
pub fn free() -> Result<u16> {
    static RESERVED: LazyLock<Mutex<HashMap<u16, Reservation>>> = LazyLock::new(Mutex::default);
    let mut reserved = RESERVED.lock().unwrap_or_else(PoisonError::into_inner);
    let span = FREE_RANGE.end - FREE_RANGE.start;
    // The random start separates processes that search at the same time.
    let start = uuid::Uuid::new_v4().as_u128() % u128::from(span);
    let start = u16::try_from(start).unwrap_or(0);
    for step in 0..span {
        let port = FREE_RANGE.start + (start + step) % span;
        if !reserved.contains_key(&port)
            && let Some(reservation) = reserve(port)
            && is_free(port)
        {
            reserved.insert(port, reservation);
            return Ok(port);
        }
    }
    bail!("no free port between {} and {}", FREE_RANGE.start, FREE_RANGE.end)
}

/// Whether the port is free on loopback.
pub fn is_free(port: u16) -> bool {
    is_free_at(Ipv4Addr::LOCALHOST.into(), port)
}

/// Whether the port is free at an address of this machine.
pub fn is_free_at(host: IpAddr, port: u16) -> bool {
    TcpListener::bind((host, port)).is_ok()
}

/// Excludes other processes. A socket with an abstract name leaves no file and is closed with the process.
#[cfg(target_os = "linux")]
type Reservation = std::os::unix::net::UnixListener;

#[cfg(target_os = "linux")]
fn reserve(port: u16) -> Option<Reservation> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixListener};
    let name = SocketAddr::from_abstract_name(format!("3factor-port-{port}")).ok()?;
    UnixListener::bind_addr(&name).ok()
}

/// Other systems have no abstract names: there the random start alone separates processes.
#[cfg(not(target_os = "linux"))]
type Reservation = ();

#[cfg(not(target_os = "linux"))]
fn reserve(_: u16) -> Option<Reservation> {
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_and_are_below_those_of_outgoing_connections() {
        let ports: Vec<u16> = (0..20).map(|_| free().unwrap()).collect();
        let distinct: std::collections::HashSet<_> = ports.iter().collect();
        assert_eq!(distinct.len(), ports.len());
        assert!(ports.iter().all(|port| FREE_RANGE.contains(port)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn reserved_port_is_not_reserved_by_another_caller() {
        let port = free().unwrap();
        assert!(reserve(port).is_none());
    }
}
