//! The functions' way to the database as it is on AWS (`tests::deployed`): the pool with TLS and SCRAM, secrets, rotation.

mod rotation;
mod secrets;
mod tls;
