//! Bounded queue of outgoing messages of one connection, written by one task.

use super::handshake::WebSocket;
use super::outgoing::{Outgoing, ResultMessage};
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;

/// Maximum number of queued messages. If the queue is full, operations wait (a live query then skips to its newest result).
const CAPACITY: usize = 64;

/// Maximum number of queued bytes. A single larger message is queued alone.
const MAX_BYTES: u32 = 4 * 1024 * 1024;

/// Write timeout after which a client counts as disconnected.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Sender shared by all operations of a connection.
#[derive(Debug, Clone)]
pub(super) struct SendQueue {
    sender: mpsc::Sender<QueuedMessage>,
    capacity: Arc<Semaphore>,
    writer: AbortHandle,
}

/// Queued message with the capacity that it occupies until it is written.
#[derive(Debug)]
struct QueuedMessage(Outgoing, OwnedSemaphorePermit);

/// The connection is closed.
#[derive(Debug)]
pub(super) struct Disconnected;

impl SendQueue {
    /// Starts the writing task. It cancels `gone` when the connection cannot be written to, and ends when all senders are
    /// dropped.
    pub(super) fn start(sink: SplitSink<WebSocket, Message>, gone: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let writer = tokio::spawn(async move {
            write(sink, receiver).await;
            gone.cancel();
        });
        Self {
            sender,
            capacity: Arc::new(Semaphore::new(MAX_BYTES as usize)),
            writer: writer.abort_handle(),
        }
    }

    /// Waits for capacity, then queues the message.
    pub(super) async fn send(&self, text: String) -> Result<(), Disconnected> {
        let bytes = size(text.len());
        self.put(bytes, Outgoing::Message(Message::Text(text.into())))
            .await
    }

    /// Waits for capacity, then queues the result. Neither the operation that waits nor the queue holds a copy of it.
    pub(super) async fn send_result(&self, result: ResultMessage) -> Result<(), Disconnected> {
        self.put(size(result.len()), Outgoing::Result(result)).await
    }

    /// Queues the message if there is capacity: for keep-alives, which a busy connection does not need.
    pub(super) fn offer(&self, text: String) {
        if let Ok(capacity) = Arc::clone(&self.capacity).try_acquire_many_owned(size(text.len())) {
            let message = Outgoing::Message(Message::Text(text.into()));
            let _ = self.sender.try_send(QueuedMessage(message, capacity));
        }
    }

    /// Closes the connection after the queued messages.
    pub(super) async fn close(&self, code: u16, reason: &str) {
        // A close frame holds 125 bytes, two of them the code (RFC 6455, 5.5).
        let end = (0..=reason.len().min(123))
            .rev()
            .find(|&end| reason.is_char_boundary(end))
            .unwrap_or(0);
        let frame = CloseFrame {
            code: code.into(),
            reason: reason[..end].into(),
        };
        let message = Outgoing::Message(Message::Close(Some(frame)));
        let _ = self.put(1, message).await;
    }

    /// Closes the connection without the queued messages.
    pub(super) fn abort(&self) {
        self.writer.abort();
    }

    async fn put(&self, bytes: u32, message: Outgoing) -> Result<(), Disconnected> {
        // The writing task frees capacity, and it may have ended.
        let capacity = tokio::select! {
            capacity = Arc::clone(&self.capacity).acquire_many_owned(bytes) => capacity.map_err(|_| Disconnected)?,
            () = self.sender.closed() => return Err(Disconnected),
        };
        let place = self.sender.reserve().await.map_err(|_| Disconnected)?;
        place.send(QueuedMessage(message, capacity));
        Ok(())
    }
}

fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX).min(MAX_BYTES)
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut queued: mpsc::Receiver<QueuedMessage>) {
    while let Some(QueuedMessage(message, _capacity)) = queued.recv().await {
        let last = matches!(message, Outgoing::Message(Message::Close(_)));
        // Flush once for all queued messages: a poll of a live query updates many subscriptions of one connection together.
        let written = timeout(WRITE_TIMEOUT, async {
            for frame in message.into_frames() {
                sink.feed(frame).await?;
            }
            if queued.is_empty() {
                sink.flush().await
            } else {
                Ok(())
            }
        });
        if !matches!(written.await, Ok(Ok(()))) || last {
            break;
        }
    }
    // The connection is closed in any case.
    let _ = timeout(WRITE_TIMEOUT, sink.close()).await;
}
