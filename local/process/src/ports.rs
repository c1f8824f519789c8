//! Free TCP ports on loopback.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Result, bail};

/// Below the range from which Linux takes the ports of outgoing connections: otherwise one of those could take a port
/// between this check and the child's bind.
const FREE_RANGE: std::ops::Range<u16> = 25_000..32_000;

/// A free port. This process does not return it again.
pub fn free() -> Result<u16> {
    static RESERVED: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    let mut reserved = RESERVED.lock().unwrap_or_else(PoisonError::into_inner);
    let span = FREE_RANGE.end - FREE_RANGE.start;
    // The random start separates processes that search at the same time.
    let start = uuid::Uuid::new_v4().as_u128() % u128::from(span);
    let start = u16::try_from(start).unwrap_or(0);
    for step in 0..span {
        let port = FREE_RANGE.start + (start + step) % span;
        if !reserved.contains(&port) && is_free(port) {
            reserved.insert(port);
            return Ok(port);
        }
    }
    bail!("no free port between {} and {}", FREE_RANGE.start, FREE_RANGE.end)
}

pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
