//! Ports of a stack: the well-known ones with an offset, or free ones.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, Result, bail, ensure};
use local_process::ports::{free, is_free_at};

/// Ports that browsers block (Fetch standard, "port blocking") and that an offset can lead to.
const BROWSER_BLOCKED: [u16; 15] = [
    3_659, 4_045, 4_190, 5_060, 5_061, 6_000, 6_566, 6_665, 6_666, 6_667, 6_668, 6_669, 6_679, 6_697, 10_080,
];

/// Postgres' port without an offset, the highest one. Its usual one, 5432, often belongs to another server.
const POSTGRES: u16 = 15_432;

/// Port of OTLP over HTTP.
const TRACES: u16 = 4_318;

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

    /// Origins of the two apps at an address; on loopback also by name.
    pub(crate) fn app_origins(&self, host: IpAddr) -> Vec<String> {
        [self.order_app, self.analytics_app]
            .into_iter()
            .flat_map(|port| {
                let by_name = (host == Ipv4Addr::LOCALHOST).then(|| format!("http://localhost:{port}"));
                by_name.into_iter().chain([base_url(host, port)])
            })
            .collect()
    }

    /// Returns an error that names the port and a remedy if a port is in use or blocked by browsers, or if the address is not one
    /// of this machine. Called before any service starts.
    pub(crate) fn check(&self, host: IpAddr, with_postgres: bool, with_apps: bool) -> Result<()> {
        check_host(host)?;
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        // Last column: whether browsers connect to the port.
        let mut required = vec![
            (loopback, self.pgbouncer, "pgBouncer", false),
            (host, self.engine, "the engine", with_apps),
            (host, self.functions, "the functions", with_apps),
        ];
        if with_postgres {
            required.push((loopback, self.postgres, "Postgres", false));
        }
        if with_apps {
            required.push((host, self.order_app, "the order app", true));
            required.push((host, self.analytics_app, "the dashboard", true));
        }
        for (host, port, what, by_browsers) in required {
            if by_browsers && BROWSER_BLOCKED.contains(&port) {
                bail!(
                    "browsers block port {port} (for {what}); choose another --port-offset, or start without the apps \
                     with --no-apps"
                );
            }
            if !is_free_at(host, port) {
                bail!(
                    "port {port} (for {what}) is in use; stop the process that uses it, or shift every port with --port-offset N"
                );
            }
        }
        Ok(())
    }
}

/// Port of the collector of traces: the one that OTLP over HTTP usually has, plus `offset`.
pub fn traces_port(offset: u16) -> Result<u16> {
    let port = TRACES + offset.min(MAX_OFFSET);
    ensure!(
        !BROWSER_BLOCKED.contains(&port),
        "browsers block port {port} (for traces); choose another --port-offset"
    );
    Ok(port)
}

/// Base URL of a service at an address; an IPv6 address is in brackets.
pub(crate) fn base_url(host: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(host, port))
}

/// Returns an error if the apps cannot name this address to browsers, or if it is not one of this machine.
fn check_host(host: IpAddr) -> Result<()> {
    ensure!(
        !host.is_unspecified(),
        "{host} stands for every address, which browsers cannot connect to; pass one address of this machine, as `ip address` \
         lists them"
    );
    TcpListener::bind((host, 0))
        .map(drop)
        .with_context(|| format!("{host} is not an address of this machine; `ip address` lists them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

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
            let message = ports.check(LOOPBACK, false, true).unwrap_err().to_string();
            assert!(message.contains(what), "{message}");
        }
    }

    #[test]
    fn port_in_use_is_named_with_a_remedy() {
        let mut ports = Ports::free().unwrap();
        ports.check(LOOPBACK, true, true).unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        ports.engine = taken.local_addr().unwrap().port();
        let message = ports.check(LOOPBACK, true, true).unwrap_err().to_string();
        assert!(
            message.contains(&format!("port {} (for the engine)", ports.engine)),
            "{message}"
        );
        assert!(message.contains("--port-offset"), "{message}");
        ports.engine = free().unwrap();
        ports.postgres = taken.local_addr().unwrap().port();
        ports.check(LOOPBACK, false, true).unwrap();
        ports.check(LOOPBACK, true, true).unwrap_err();
    }

    #[test]
    fn address_of_another_machine_is_rejected() {
        let ports = Ports::free().unwrap();
        for (host, expected) in [
            ("0.0.0.0", "every address"),
            ("::", "every address"),
            ("192.0.2.1", "192.0.2.1 is not an address of this machine"),
        ] {
            let error = ports.check(host.parse().unwrap(), true, true).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }

    #[test]
    fn origins_of_the_apps_name_their_address() {
        let ports = Ports::with_offset(0);
        let local = [
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://localhost:3001",
            "http://127.0.0.1:3001",
        ];
        assert_eq!(ports.app_origins(LOOPBACK), local);
        let other = ["http://[2001:db8::1]:3000", "http://[2001:db8::1]:3001"];
        assert_eq!(ports.app_origins("2001:db8::1".parse().unwrap()), other);
    }
}
