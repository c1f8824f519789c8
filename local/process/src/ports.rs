//! The ports of a stack: the well-known ones, shifted together, or free ones.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Result, bail};

/// Free ports are looked for here: below the range from which Linux takes the ports of outgoing connections, so that
/// nobody slips in between our look and the child's bind.
const FREE_RANGE: std::ops::Range<u16> = 25_000..32_000;

/// One port that nobody uses, and that this process will not hand out again.
///
/// # Errors
/// When there is none.
pub fn free() -> Result<u16> {
    static RESERVED: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    let mut reserved = RESERVED.lock().unwrap_or_else(PoisonError::into_inner);
    let span = FREE_RANGE.end - FREE_RANGE.start;
    // A random start keeps processes that look at the same time apart.
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
