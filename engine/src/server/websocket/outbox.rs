//! What waits to be written to one socket: bounded, and written by one task.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Messages that may wait. Past it, operations wait with their next result (a live query then skips to its newest).
const CAPACITY: usize = 64;

/// A client that takes nothing for this long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// The sending end, shared by all of a socket's operations.
#[derive(Debug, Clone)]
pub(super) struct Outbox(mpsc::Sender<Message>);

/// The socket is gone.
#[derive(Debug)]
pub(super) struct Gone;

impl Outbox {
    /// Starts the writing task, which cancels `gone` when the socket takes no more, and ends when all senders have.
    pub(super) fn start(sink: SplitSink<WebSocket, Message>, gone: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        tokio::spawn(async move {
            write(sink, receiver).await;
            gone.cancel();
        });
        Self(sender)
    }

    /// Waits for room, then hands the message over.
    pub(super) async fn send(&self, text: String) -> Result<(), Gone> {
        self.0.send(Message::Text(text.into())).await.map_err(|_| Gone)
    }

    /// Hands the message over if there is room: for signs of life, which a busy socket does not need.
    pub(super) fn offer(&self, text: String) {
        let _ = self.0.try_send(Message::Text(text.into()));
    }

    /// Closes the socket after what is waiting.
    pub(super) async fn close(&self, code: u16, reason: &str) {
        // A close frame holds 125 bytes, two of them the code (RFC 6455, 5.5).
        let end = (0..=reason.len().min(123))
            .rev()
            .find(|&end| reason.is_char_boundary(end))
            .unwrap_or(0);
        let frame = CloseFrame {
            code,
            reason: reason[..end].into(),
        };
        let _ = self.0.send(Message::Close(Some(frame))).await;
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut waiting: mpsc::Receiver<Message>) {
    while let Some(message) = waiting.recv().await {
        let last = matches!(message, Message::Close(_));
        // Flush once for all that is there: a run of a live query answers many subscriptions of one socket at a time.
        let written = timeout(WRITE_TIMEOUT, async {
            sink.feed(message).await?;
            if waiting.is_empty() {
                sink.flush().await
            } else {
                Ok(())
            }
        });
        if !matches!(written.await, Ok(Ok(()))) || last {
            break;
        }
    }
    // Whatever the outcome, the socket is over.
    let _ = timeout(WRITE_TIMEOUT, sink.close()).await;
}
