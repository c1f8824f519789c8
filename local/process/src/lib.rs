//! Child processes and what they need from the operating system: log lines, signals, ports, directories, users, and
//! the watchdog that ends them when this process is killed.

pub mod children;
pub mod dirs;
pub mod environment;
pub mod exit;
pub mod logs;
pub mod orphaned_processes;
pub mod ports;
pub mod private_file;
pub mod process;
pub mod signals;
pub mod users;
pub mod watchdog;

/// HTTP client for servers on this machine: keep-alive, and no proxy even if the environment names one.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    // A provider may already be installed; it is equivalent.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?)
}

/// HTTP client for remote servers: uses the proxies named by the environment.
pub fn proxied_http_client() -> anyhow::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().tcp_nodelay(true).build()?)
}
