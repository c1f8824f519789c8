//! The functions and their connections to the database as on AWS (`tests::deployed`): the pool with TLS and SCRAM,
//! secrets, rotation.

mod rotation;
mod secrets;
mod tls;
