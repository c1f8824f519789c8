//! Limits of what a client may send: bytes, their memory together with those of other clients, and time. The library's limit of a
//! message is fixed at the handshake, when the client is not known yet.

use crate::body_budget::{BodyBudget, Held, SMALL_REQUEST, Share};
use engine_error::Error;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// Size of the reads whose bytes are discarded.
const DISCARDED: usize = 16 * 1024;

/// Number of bytes that are discarded without a pause, and the pause after them: a client that only sends must not occupy a processor.
const DISCARDED_AT_ONCE: usize = 256 * 1024;
const DISCARD_PAUSE: Duration = Duration::from_millis(5);

/// Limits of the present message of a client.
#[derive(Debug)]
pub(super) struct ReadLimit {
    state: Mutex<State>,
    budget: BodyBudget,
    /// Maximum time between the [`SMALL_REQUEST`]th and the last byte of a message.
    timeout: Duration,
    exceeded: CancellationToken,
}

#[derive(Debug)]
struct State {
    /// Number of bytes.
    left: usize,
    /// Number of bytes since the last message.
    received: usize,
    /// End of the time of the present message.
    deadline: Option<Instant>,
    /// Budget of the messages; `None` before the authentication.
    share: Option<Share>,
    held: Held,
    exceeded: Option<Exceeded>,
}

/// Limit that a client exceeds.
#[derive(Debug, Clone)]
pub(super) enum Exceeded {
    Length,
    /// Memory of all requests.
    Capacity(Error),
    Time(Duration),
}

impl ReadLimit {
    pub(super) fn new(bytes: usize, budget: BodyBudget, timeout: Duration) -> Self {
        Self {
            state: Mutex::new(State {
                left: bytes,
                received: 0,
                deadline: None,
                share: None,
                held: Held::default(),
                exceeded: None,
            }),
            budget,
            timeout,
            exceeded: CancellationToken::new(),
        }
    }

    /// Replaces the number of bytes after a message.
    pub(super) fn set(&self, bytes: usize, share: Option<Share>) {
        let mut state = self.lock();
        state.left = bytes;
        state.received = 0;
        state.deadline = None;
        state.share = share;
        state.held = Held::default();
    }

    /// Allows the bytes of a control frame, which are not part of a message.
    pub(super) fn add(&self, bytes: usize) {
        let mut state = self.lock();
        state.left = state.left.saturating_add(bytes);
        state.received = state.received.saturating_sub(bytes);
    }

    /// Returns the reservation for the bytes of the message that was received last.
    pub(super) fn take_held(&self) -> Held {
        std::mem::take(&mut self.lock().held)
    }

    /// Waits until the client has sent as much as it may send, and that does not end a message.
    pub(super) async fn exceeded(&self) -> Exceeded {
        self.exceeded.cancelled().await;
        self.lock().exceeded.clone().unwrap_or(Exceeded::Length)
    }

    /// Records the first limit that is exceeded; no further bytes are read.
    fn exceed(&self, exceeded: Exceeded) {
        let mut state = self.lock();
        state.left = 0;
        state.held = Held::default();
        state.exceeded.get_or_insert(exceeded);
        drop(state);
        self.exceeded.cancel();
    }

    fn received(&self, bytes: usize) {
        let mut state = self.lock();
        let State {
            left,
            received,
            deadline,
            share,
            held,
            ..
        } = &mut *state;
        *left = left.saturating_sub(bytes);
        *received += bytes;
        let Some(share) = share.filter(|_| *received > SMALL_REQUEST) else {
            return;
        };
        if deadline.is_none() {
            *deadline = Instant::now().checked_add(self.timeout);
        }
        let reserved = self.budget.reserve(share, *received, held);
        drop(state);
        if let Err(error) = reserved {
            self.exceed(Exceeded::Capacity(error));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stream that returns no bytes beyond the limit. It discards them, so that the client can send its message to the end and read
/// the reason for which the connection is closed.
#[derive(Debug)]
pub(super) struct LimitedStream<S> {
    stream: S,
    limit: Arc<ReadLimit>,
    deadline: Option<Pin<Box<Sleep>>>,
    /// Number of bytes discarded since the last pause.
    discarded: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(stream: S, limit: Arc<ReadLimit>) -> Self {
        Self {
            stream,
            limit,
            deadline: None,
            discarded: 0,
            pause: None,
        }
    }

    /// Whether the time of the present message has ended.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.limit.lock().deadline else {
            return Poll::Pending;
        };
        let sleep = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
        sleep.as_mut().poll(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.poll_deadline(context).is_ready() {
            this.limit.exceed(Exceeded::Time(this.limit.timeout));
        }
        let left = this.limit.lock().left;
        let mut stream = Pin::new(&mut this.stream);
        if left > 0 {
            let length = buffer.remaining().min(left);
            let mut limited = ReadBuf::new(buffer.initialize_unfilled_to(length));
            ready!(stream.poll_read(context, &mut limited))?;
            let read = limited.filled().len();
            buffer.advance(read);
            this.limit.received(read);
            return Poll::Ready(Ok(()));
        }
        this.limit.exceed(Exceeded::Length);
        let mut bytes = [0; DISCARDED];
        loop {
            if let Some(pause) = &mut this.pause {
                ready!(pause.as_mut().poll(context));
                this.pause = None;
            }
            let mut discarded = ReadBuf::new(&mut bytes);
            ready!(stream.as_mut().poll_read(context, &mut discarded))?;
            if discarded.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.discarded += discarded.filled().len();
            if this.discarded >= DISCARDED_AT_ONCE {
                this.discarded = 0;
                this.pause = Some(Box::pin(sleep(DISCARD_PAUSE)));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LimitedStream<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn bytes_beyond_the_limit_are_discarded() {
        let (mut client, server) = duplex(64);
        let limit = Arc::new(ReadLimit::new(3, BodyBudget::new(0), Duration::MAX));
        let mut server = LimitedStream::new(server, Arc::clone(&limit));
        client.write_all(b"abc").await.unwrap();
        let mut read = [0; 3];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"abc");
        limit.set(2, None);
        client.write_all(b"defghi").await.unwrap();
        server.read_exact(&mut read[..2]).await.unwrap();
        assert_eq!(&read[..2], b"de");
        drop(client);
        assert_eq!(server.read(&mut read).await.unwrap(), 0);
        assert!(matches!(limit.exceeded().await, Exceeded::Length));
    }

    #[tokio::test]
    async fn long_messages_need_capacity() {
        let (mut client, server) = duplex(SMALL_REQUEST + 1);
        let limit = Arc::new(ReadLimit::new(1, BodyBudget::new(1000), Duration::MAX));
        limit.set(2 * SMALL_REQUEST, Some(Share::Role(1)));
        let mut server = LimitedStream::new(server, Arc::clone(&limit));
        let mut read = vec![0; SMALL_REQUEST];
        client.write_all(&read).await.unwrap();
        server.read_exact(&mut read).await.unwrap();
        let mut first = Held::default();
        limit
            .budget
            .reserve(Share::Role(1), 2 * SMALL_REQUEST, &mut first)
            .unwrap();
        client.write_all(b"a").await.unwrap();
        server.read_exact(&mut read[..1]).await.unwrap();
        assert!(matches!(limit.exceeded().await, Exceeded::Capacity(_)));
    }

    #[tokio::test]
    async fn long_messages_have_a_deadline() {
        let (mut client, server) = duplex(2 * SMALL_REQUEST);
        let limit = Arc::new(ReadLimit::new(1, BodyBudget::new(1_000_000), Duration::ZERO));
        limit.set(2 * SMALL_REQUEST, Some(Share::Role(1)));
        let mut server = LimitedStream::new(server, Arc::clone(&limit));
        let mut read = vec![0; SMALL_REQUEST + 1];
        client.write_all(&read).await.unwrap();
        server.read_exact(&mut read).await.unwrap();
        let exceeded = tokio::select! {
            _ = server.read(&mut read) => panic!("no byte is left"),
            exceeded = limit.exceeded() => exceeded,
        };
        assert!(matches!(exceeded, Exceeded::Time(_)));
    }
}
