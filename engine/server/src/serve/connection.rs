//! One connection: its requests, its time limits and its end.

use super::ConnectionLimits;
use super::activity::Activity;
use super::registry::Slot;
use super::stream::MonitoredStream;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Size of the read buffer of a connection in bytes, in addition to the headers. A larger body is read in parts.
const BUFFER: usize = 32 * 1024;

/// Smallest buffer that hyper accepts.
const MIN_BUFFER: usize = 8 * 1024;

/// Handles the requests of a connection until it ends, a limit is exceeded, or `stop` is cancelled and no request is in progress.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    slot: Slot,
    router: Router,
    limits: &ConnectionLimits,
    stop: CancellationToken,
) {
    let slot = Arc::new(slot);
    let activity = Arc::new(Activity::new(limits));
    let service = TowerToHyperService::new(router);
    let service = service_fn({
        let (slot, activity) = (Arc::clone(&slot), Arc::clone(&activity));
        move |mut request: http::Request<Incoming>| {
            let progress = Progress::start(Arc::clone(&activity), &slot);
            request.extensions_mut().insert(Arc::clone(&slot));
            // Rate limits can depend on the address.
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = service.call(request.map(Body::new));
            async move { Ok::<_, Infallible>(progress.track(response.await)) }
        }
    });
    let stream = TokioIo::new(MonitoredStream::new(
        stream,
        Arc::clone(&activity),
        Arc::clone(&slot),
    ));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // `Activity` distinguishes the wait for the next request, which may be longer.
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes)
        .max_buf_size((limits.header_bytes.saturating_add(BUFFER)).max(MIN_BUFFER));
    let mut connection = pin!(builder.serve_connection(stream, service).with_upgrades());
    let mut evicted = pin!(slot.evicted());
    let mut stopping = pin!(stop.cancelled());
    let mut stops = false;
    let mut deadline = pin!(sleep_until(Instant::now()));
    poll_fn(|context| {
        if !stops && stopping.as_mut().poll(context).is_ready() {
            stops = true;
            connection.as_mut().graceful_shutdown();
        }
        // Errors are those of clients: they disconnect, or do not send HTTP.
        if connection.as_mut().poll(context).is_ready() || evicted.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let Some(at) = activity.deadline() else {
            return Poll::Pending;
        };
        if deadline.deadline() != at {
            deadline.as_mut().reset(at);
        }
        ready!(deadline.as_mut().poll(context));
        tracing::debug!("connection closed after a timeout");
        Poll::Ready(())
    })
    .await;
}

/// A request in progress, until the response is complete or dropped.
struct Progress {
    activity: Arc<Activity>,
}

impl Progress {
    fn start(activity: Arc<Activity>, slot: &Slot) -> Self {
        activity.request_started();
        slot.busy();
        Self { activity }
    }

    fn track(self, response: Result<Response, Infallible>) -> http::Response<TrackedBody> {
        let Ok(response) = response;
        response.map(|body| TrackedBody {
            body,
            _progress: self,
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.activity.request_ended();
    }
}

/// Body of a response. The server drops it after its last part.
struct TrackedBody {
    body: Body,
    _progress: Progress,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
