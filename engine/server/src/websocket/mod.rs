//! GraphQL over WebSocket, on the same paths as over HTTP, in two sub-protocols ([`protocol`]): `graphql-ws`
//! (subscriptions-transport-ws), the default, and `graphql-transport-ws` (the npm package graphql-ws), chosen by exactly
//! that name.
//!
//! A connection has one reading task ([`connection`]), one writing task ([`send_queue`]), and a task for each operation in
//! flight ([`operation`]). The bytes that a client may send ([`read_limit`]), the operations in flight ([`running_operations`]) and the
//! outgoing messages are bounded. A slow client delays only its own operations. [`operation_queue`] defines the order of operations.

mod connection;
mod handshake;
mod operation;
mod operation_queue;
mod outgoing;
mod protocol;
mod read_limit;
mod response;
mod running_operations;
mod send_queue;

pub(super) use connection::handle;
