//! The whole stack on one machine: Postgres, pgBouncer, the four functions behind a gateway, the engine, the
//! browser apps.
//!
//! [`stack`] puts it together from one module per part; [`cli`] is what people call, through `cargo xtask`; [`demo`]
//! walks orders through it and checks that none was lost or doubled; [`bench`] measures it. Tests start stacks in their own process with
//! [`stack::Stack::start`], as many as they like at the same time.
//!
//! Read [`stack`] first, then [`functions`], which is Lambda and API Gateway on one page each.

pub mod addresses;
pub mod app_role;
pub mod apps;
pub mod bench;
pub mod cli;
pub mod demo;
pub mod deploy;
pub mod dev;
pub mod dirs;
pub mod engine;
pub mod functions;
pub mod lambda;
pub mod leftovers;
pub mod logs;
pub mod node;
pub mod pgbouncer;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod programs;
pub mod python;
pub mod services;
pub mod setup;
pub mod signals;
pub mod stack;
pub mod users;
pub mod watchdog;
pub mod with_services;

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
