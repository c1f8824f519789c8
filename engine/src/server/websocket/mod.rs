//! GraphQL over WebSocket, on the same paths as over HTTP, in two sub-protocols ([`protocol`]): `graphql-ws`
//! (subscriptions-transport-ws), the default, and `graphql-transport-ws` (the npm package graphql-ws), chosen by exactly
//! that name.
//!
//! A socket has one reading task ([`connection`]), one writing task ([`outbox`]), and a task for each operation in
//! flight ([`operation`]). Everything a client can make grow is bounded: the size of a message, the operations in
//! flight, and what waits to be written. A client that reads slowly holds back its own operations only; in which order they
//! run, [`turns`] says.

mod connection;
mod operation;
mod outbox;
mod protocol;
mod response;
mod turns;

pub(super) use connection::{v1, v1alpha1};
