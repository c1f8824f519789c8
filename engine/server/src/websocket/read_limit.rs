//! Limit of the bytes that a client may send. The library's limit of a message is fixed at the handshake, when the client is not
//! known yet.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

/// Size of the reads whose bytes are discarded.
const DISCARDED: usize = 1024;

/// Number of bytes that the client of a connection may still send.
#[derive(Debug)]
pub(super) struct ReadLimit {
    left: AtomicUsize,
    exceeded: CancellationToken,
}

impl ReadLimit {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            left: AtomicUsize::new(bytes),
            exceeded: CancellationToken::new(),
        }
    }

    /// Replaces the number of bytes.
    pub(super) fn set(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// Increases the number of bytes.
    pub(super) fn add(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Waits until the client has sent as many bytes as it may send, and they do not end a message.
    pub(super) async fn exceeded(&self) {
        self.exceeded.cancelled().await;
    }
}

/// Stream that returns no bytes beyond the limit. It discards them, so that the client can send its message to the end and read
/// the reason for which the connection is closed.
#[derive(Debug)]
pub(super) struct LimitedStream<S> {
    stream: S,
    limit: Arc<ReadLimit>,
}

impl<S> LimitedStream<S> {
    pub(super) fn new(stream: S, limit: Arc<ReadLimit>) -> Self {
        Self { stream, limit }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LimitedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, limit } = self.get_mut();
        let mut stream = Pin::new(stream);
        let left = limit.left.load(Ordering::Relaxed);
        if left > 0 {
            let length = buffer.remaining().min(left);
            let mut limited = ReadBuf::new(buffer.initialize_unfilled_to(length));
            ready!(stream.poll_read(context, &mut limited))?;
            let read = limited.filled().len();
            buffer.advance(read);
            limit.set(left - read);
            return Poll::Ready(Ok(()));
        }
        limit.exceeded.cancel();
        loop {
            let mut bytes = [0; DISCARDED];
            let mut discarded = ReadBuf::new(&mut bytes);
            ready!(stream.as_mut().poll_read(context, &mut discarded))?;
            if discarded.filled().is_empty() {
                return Poll::Ready(Ok(()));
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
        let limit = Arc::new(ReadLimit::new(3));
        let mut server = LimitedStream::new(server, Arc::clone(&limit));
        client.write_all(b"abc").await.unwrap();
        let mut read = [0; 3];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"abc");
        limit.set(2);
        client.write_all(b"defghi").await.unwrap();
        server.read_exact(&mut read[..2]).await.unwrap();
        assert_eq!(&read[..2], b"de");
        drop(client);
        assert_eq!(server.read(&mut read).await.unwrap(), 0);
        limit.exceeded().await;
    }
}
