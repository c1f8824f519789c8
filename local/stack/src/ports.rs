//! Ports of a stack: the well-known ones with an offset, or free ones.

use anyhow::{Result, bail};
use local_process::ports::{free, is_free};

/// Ports that browsers block (Fetch standard, "port blocking") and that an offset can lead to.
const BROWSER_BLOCKED: [u16; 15] = [
    3_659, 4_045, 4_190, 5_060, 5_061, 6_000, 6_566, 6_665, 6_666, 6_667, 6_668, 6_669, 6_679, 6_697, 10_080,
];

/// Postgres' port without an offset, the highest one. Its usual one, 5432, often belongs to another server.
const POSTGRES: u16 = 15_432;

/// First of the ports that Linux gives to outgoing connections (`net.ipv4.ip_local_port_range`). One of those could take
/// a port of the stack before the stack does.
const EPHEMERAL: u16 = 32_768;

/// Largest offset with which every port is below the ephemeral ones.
pub const MAX_OFFSET: u16 = EPHEMERAL - 1 - POSTGRES;

/// One port for each service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) postgres: u16,
    pub(crate) pgbouncer: u16,
    pub(crate) engine: u16,
    /// The gateway of the functions.
    pub(crate) functions: u16,
    /// The customer's app.
    pub(crate) order_app: u16,
    /// The dashboard.
    pub(crate) analytics_app: u16,
}

impl Ports {
    /// The well-known ports plus `offset`, which is limited to [`MAX_OFFSET`].
    pub(crate) fn with_offset(offset: u16) -> Self {
        let offset = offset.min(MAX_OFFSET);
        Self {
            postgres: POSTGRES + offset,
            pgbouncer: 6_432 + offset,
            engine: 8_080 + offset,
            functions: 8_081 + offset,
            order_app: 3_000 + offset,
            analytics_app: 3_001 + offset,
        }
    }

    /// Free ports, for several stacks on one machine.
    pub(crate) fn free() -> Result<Self> {
        Ok(Self {
            postgres: free()?,
            pgbouncer: free()?,
            engine: free()?,
            functions: free()?,
            order_app: free()?,
            analytics_app: free()?,
        })
    }

    /// Origins of the two apps, by name and by address.
    pub(crate) fn app_origins(&self) -> Vec<String> {
        [self.order_app, self.analytics_app]
            .into_iter()
            .flat_map(|port| ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}")))
            .collect()
    }

    /// Returns an error that names the port and a remedy if a port is in use or blocked by browsers. Called before
    /// any service starts.
    pub(crate) fn check(&self, with_postgres: bool, with_apps: bool) -> Result<()> {
        // Last column: whether browsers connect to the port.
        let mut required = vec![
            (self.pgbouncer, "pgBouncer", false),
            (self.engine, "the engine", with_apps),
            (self.functions, "the functions", with_apps),
        ];
        if with_postgres {
            required.push((self.postgres, "Postgres", false));
        }
        if with_apps {
            required.push((self.order_app, "the order app", true));
            required.push((self.analytics_app, "the dashboard", true));
        }
        for (port, what, by_browsers) in required {
            if by_browsers && BROWSER_BLOCKED.contains(&port) {
                bail!(
                    "browsers block port {port} (for {what}); choose another --port-offset, or start without the apps \
                     with --no-apps"
                );
            }
            if !is_free(port) {
                bail!(
                    "port {port} (for {what}) is in use; stop the process that uses it, or shift every port with --port-offset N"
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn offset_shifts_every_port() {
        let ports = Ports::with_offset(7);
        assert_eq!(
            ports,
            Ports {
                postgres: 15_439,
                pgbouncer: 6_439,
                engine: 8_087,
                functions: 8_088,
                order_app: 3_007,
                analytics_app: 3_008,
            }
        );
    }

    #[test]
    fn every_port_is_below_the_ephemeral_ones() {
        for offset in [0, MAX_OFFSET, u16::MAX] {
            let ports = Ports::with_offset(offset);
            for port in [
                ports.postgres,
                ports.pgbouncer,
                ports.engine,
                ports.functions,
                ports.order_app,
                ports.analytics_app,
            ] {
                assert!((1_024..EPHEMERAL).contains(&port), "{offset}: {port}");
            }
        }
        let free = Ports::free().unwrap();
        assert!(free.postgres < EPHEMERAL && free.engine < EPHEMERAL);
    }

    #[test]
    fn offset_to_a_blocked_port_is_rejected() {
        for (offset, what) in [
            (2_000, "10080 (for the engine)"),
            (3_000, "6000 (for the order app)"),
        ] {
            let ports = Ports::with_offset(offset);
            let message = ports.check(false, true).unwrap_err().to_string();
            assert!(message.contains(what), "{message}");
        }
    }

    #[test]
    fn port_in_use_is_named_with_a_remedy() {
        let mut ports = Ports::free().unwrap();
        ports.check(true, true).unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        ports.engine = taken.local_addr().unwrap().port();
        let message = ports.check(true, true).unwrap_err().to_string();
        assert!(
            message.contains(&format!("port {} (for the engine)", ports.engine)),
            "{message}"
        );
        assert!(message.contains("--port-offset"), "{message}");
        ports.engine = free().unwrap();
        ports.postgres = taken.local_addr().unwrap().port();
        ports.check(false, true).unwrap();
        ports.check(true, true).unwrap_err();
    }
}
