//! Accept loop and graceful shutdown.

use super::ConnectionLimits;
use super::connection;
use super::refusal::Refusals;
use super::registry::Registry;
use axum::Router;
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Wait after a lack of file descriptors or memory, which the next call would find again.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Number of connections that are closed after such an error.
const EVICTED_AFTER_ERROR: usize = 16;

/// Accepts connections until `stop` is cancelled, then closes the listener and the idle connections, and waits for the requests in
/// progress. Open `WebSocket`s run in their own tasks.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let limits = Arc::new(limits);
    let registry = Registry::new(&limits);
    let refusals = Refusals::new();
    let connections = TaskTracker::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_exhausted(&error) => {
                tracing::error!(%error, "cannot accept connections; retrying");
                for _ in 0..EVICTED_AFTER_ERROR {
                    registry.evict();
                }
                stop.run_until_cancelled(tokio::time::sleep(RETRY_INTERVAL)).await;
                continue;
            }
            // Concerns one connection: its client has closed it, or the network or a firewall prevents it.
            Err(error) => {
                tracing::debug!(%error, "cannot accept a connection");
                continue;
            }
        };
        let slot = match registry.open(peer.ip()) {
            Ok(slot) => slot,
            Err(reason) => {
                tracing::debug!(%peer, ?reason, "connection refused");
                refusals.refuse(stream, reason);
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let (router, limits, stop) = (router.clone(), Arc::clone(&limits), stop.clone());
        connections.spawn(async move { connection::run(stream, peer, slot, router, &limits, stop).await });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Whether the process or the system has no file descriptors or memory left, which closed connections release.
fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lack_of_resources_closes_other_connections() {
        assert!(is_exhausted(&Errno::MFILE.into()));
        assert!(!is_exhausted(&Errno::CONNABORTED.into()));
        assert!(!is_exhausted(&Errno::PERM.into()));
        assert!(!is_exhausted(&io::ErrorKind::ConnectionReset.into()));
    }
}
