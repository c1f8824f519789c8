//! Process id that the server reported at login.
//!
//! The driver uses it for cancel requests only. So a cancel request is written to memory instead of to a server, and read there.

use std::{
    future::{Ready, ready},
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Client,
    tls::{ChannelBinding, TlsConnect, TlsStream},
};

/// Length of the request, its code, the process id and the secret key.
const CANCEL_REQUEST_BYTES: usize = 16;
const CANCEL_REQUEST_CODE: [u8; 4] = 80_877_102_u32.to_be_bytes();

/// Returns the process id; `None` if the driver writes another request than expected.
pub(super) async fn reported(client: &Client) -> Option<i32> {
    let mut memory = Memory::default();
    client
        .cancel_token()
        .cancel_query_raw(&mut memory, Plain)
        .await
        .ok()?;
    of_cancel_request(&memory.written)
}

/// Process id of the request at the end of the bytes; a request for TLS may precede it.
fn of_cancel_request(bytes: &[u8]) -> Option<i32> {
    let start = bytes.len().checked_sub(CANCEL_REQUEST_BYTES)?;
    let request = bytes.get(start..)?;
    let field = |index: usize| -> Option<[u8; 4]> { request.get(4 * index..4 * index + 4)?.try_into().ok() };
    (field(1)? == CANCEL_REQUEST_CODE).then_some(i32::from_be_bytes(field(2)?))
}

/// Stream that keeps what is written, and whose reader receives consent to TLS.
#[derive(Debug, Default)]
struct Memory {
    written: Vec<u8>,
}

impl AsyncWrite for Memory {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Memory {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for &mut Memory {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// TLS without encryption: nothing leaves the process.
struct Plain;

impl<'memory> TlsConnect<&'memory mut Memory> for Plain {
    type Stream = &'memory mut Memory;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Stream>>;

    fn connect(self, stream: &'memory mut Memory) -> Self::Future {
        ready(Ok(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_id_is_read_from_a_cancel_request() {
        let request = [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 1, 244, 9, 9, 9, 9];
        assert_eq!(of_cancel_request(&request), Some(500));
        let after_request_for_tls = [[0, 0, 0, 8, 4, 210, 22, 47].as_slice(), &request].concat();
        assert_eq!(of_cancel_request(&after_request_for_tls), Some(500));
        assert_eq!(of_cancel_request(&request[1..]), None);
        assert_eq!(of_cancel_request(&[0; 16]), None);
    }
}
