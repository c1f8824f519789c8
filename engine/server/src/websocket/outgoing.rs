//! Messages of the engine as WebSocket frames. A long result is sent in several frames, so that all subscribers of a result share one
//! buffer, and a connection copies only the part that it is about to write.

use axum::body::Bytes;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Length in bytes from which a result is shared. A shorter one is copied into a single frame.
const MIN_SHARED: usize = 8 * 1024;

/// Maximum length in bytes of a frame with a part of a shared result.
const MAX_FRAME: usize = 64 * 1024;

/// Message to be sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    Message(Message),
    Result(ResultMessage),
}

impl Outgoing {
    /// Converts the message into frames, which are sent without other messages in between.
    pub(super) fn into_frames(self) -> Vec<Message> {
        match self {
            Self::Message(message) => vec![message],
            Self::Result(result) => result.into_frames(),
        }
    }
}

/// Result of an operation in its envelope. All parts are UTF-8.
#[derive(Debug)]
pub(super) struct ResultMessage {
    pub(super) head: String,
    /// JSON as Postgres has built it.
    pub(super) body: Bytes,
    pub(super) tail: &'static str,
}

impl ResultMessage {
    /// Returns the length in bytes.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.body.len() + self.tail.len()
    }

    fn into_frames(self) -> Vec<Message> {
        let frame =
            |data: Bytes, kind, is_last| Message::Frame(Frame::message(data, OpCode::Data(kind), is_last));
        if self.body.len() < MIN_SHARED {
            let text = [self.head.as_bytes(), &self.body, self.tail.as_bytes()].concat();
            return vec![frame(text.into(), Data::Text, true)];
        }
        let mut frames = Vec::with_capacity(2 + self.body.len().div_ceil(MAX_FRAME));
        frames.push(frame(self.head.into(), Data::Text, false));
        let starts = (0..self.body.len()).step_by(MAX_FRAME);
        frames.extend(starts.map(|start| {
            let end = self.body.len().min(start + MAX_FRAME);
            frame(self.body.slice(start..end), Data::Continue, false)
        }));
        frames.push(frame(
            Bytes::from_static(self.tail.as_bytes()),
            Data::Continue,
            true,
        ));
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, body: &Bytes) -> ResultMessage {
        ResultMessage {
            head: format!("{{\"id\":\"{id}\",\"payload\":"),
            body: body.clone(),
            tail: "}",
        }
    }

    fn frames(message: ResultMessage) -> Vec<Frame> {
        let frames = Outgoing::Result(message).into_frames().into_iter();
        let frames = frames.map(|message| match message {
            Message::Frame(frame) => frame,
            other => panic!("not a frame: {other:?}"),
        });
        frames.collect()
    }

    fn joined(frames: &[Frame]) -> Vec<u8> {
        frames.iter().flat_map(|frame| frame.payload().to_vec()).collect()
    }

    #[test]
    fn short_result_is_one_frame() {
        let frames = frames(message("1", &Bytes::from_static(b"[1]")));
        assert_eq!(joined(&frames), br#"{"id":"1","payload":[1]}"#);
        assert_eq!(frames.len(), 1);
        assert!(frames[0].header().is_final);
        assert_eq!(frames[0].header().opcode, OpCode::Data(Data::Text));
    }

    #[test]
    fn subscribers_share_the_buffer_of_a_long_result() {
        let body = Bytes::from(vec![b'x'; 2 * MAX_FRAME + 1]);
        let (first, second) = (frames(message("1", &body)), frames(message("2", &body)));
        for (id, frames) in [("1", &first), ("2", &second)] {
            let text = [format!("{{\"id\":\"{id}\",\"payload\":").as_bytes(), &body, b"}"].concat();
            assert_eq!(joined(frames), text);
            let kinds: Vec<_> = frames
                .iter()
                .map(|frame| (frame.header().opcode, frame.header().is_final))
                .collect();
            let part = (OpCode::Data(Data::Continue), false);
            assert_eq!(
                kinds,
                [
                    (OpCode::Data(Data::Text), false),
                    part,
                    part,
                    part,
                    (OpCode::Data(Data::Continue), true)
                ]
            );
            let mut rest: &[u8] = &body;
            for frame in &frames[1..4] {
                assert_eq!(frame.payload().as_ptr(), rest.as_ptr(), "copied");
                rest = &rest[frame.payload().len()..];
            }
            assert!(rest.is_empty());
        }
    }
}
