//! Processes, and what they need from the operating system: programs as child processes, their log lines, signals,
//! ports, directories, users, and the watchdog that ends them when this process is killed.

pub mod dirs;
pub mod logs;
pub mod orphaned_processes;
pub mod ports;
pub mod process;
pub mod signals;
pub mod users;
pub mod watchdog;

/// The HTTP client for everything on this machine: keep-alive, and no proxy, whatever the environment says.
///
/// # Errors
/// When the TLS library cannot be set up.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    // Somebody may have installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?)
}

/// The HTTP client for what is elsewhere: through the proxies that the environment names.
///
/// # Errors
/// When the TLS library cannot be set up.
pub fn proxied_http_client() -> anyhow::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().tcp_nodelay(true).build()?)
}
