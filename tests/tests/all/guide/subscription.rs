//! The subscription that the guide's reader pastes into a browser console: the same messages to the same address.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use testkit::Socket;
use testkit::socket::SocketEvent;
use tokio::task::JoinHandle;

/// A socket that records messages until it is dropped.
pub(super) struct Subscription {
    seen: Arc<Mutex<Vec<Value>>>,
    listening: JoinHandle<()>,
}

impl Subscription {
    /// Acts like the script: opens the socket, sends the first message, and the second after the acknowledgement.
    pub(super) async fn open(script: &str) -> Self {
        let socket: Vec<&str> = between(script, "new WebSocket(", ")");
        let [socket] = socket[..] else {
            panic!("one socket: {script}")
        };
        let address: Vec<&str> = between(socket, "\"", "\"");
        let messages: Vec<&str> = between(script, "ws.send('", "')");
        let ([url, protocol], [init, subscribe]) = (&address[..], &messages[..]) else {
            panic!("an address, a protocol and two messages: {script}")
        };
        let mut socket = Socket::open(url, "", protocol).await;
        socket.send_text(init).await;
        let subscribe = (*subscribe).to_owned();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&seen);
        let listening = tokio::spawn(async move {
            while let SocketEvent::Message(message) = socket.receive_forever().await {
                if message["type"] == "connection_ack" {
                    socket.send_text(&subscribe).await;
                }
                notes.lock().unwrap_or_else(PoisonError::into_inner).push(message);
            }
        });
        let this = Self { seen, listening };
        // The reader continues after the first result.
        super::until("the subscription's first result", || !this.results().is_empty()).await;
        this
    }

    /// Waits until the results show the order in these statuses, in this sequence.
    pub(super) async fn saw(&self, order: &str, states: &[&str]) {
        super::until(&format!("{order} seen as {states:?}"), || {
            let mut wanted = states.iter().peekable();
            for orders in self.results() {
                wanted.next_if(|wanted| status(&orders, order) == Some(**wanted));
            }
            wanted.peek().is_none()
        })
        .await;
    }

    /// Status of the order in the newest result.
    pub(super) fn shows(&self, order: &str) -> Option<String> {
        status(self.results().last()?, order).map(str::to_owned)
    }

    /// Results received until now, each a list of orders.
    fn results(&self) -> Vec<Value> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let results = seen.iter().filter(|message| message["type"] == "next");
        results
            .map(|message| message["payload"]["data"]["orders"].clone())
            .collect()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn status<'a>(orders: &'a Value, order: &str) -> Option<&'a str> {
    let mut rows = orders.as_array()?.iter();
    rows.find(|row| row["order_id"] == order)?["status"].as_str()
}

/// Returns every text between `start` and `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(start) {
        let Some((inner, after)) = after.split_once(end) else {
            break;
        };
        found.push(inner);
        rest = after;
    }
    found
}
