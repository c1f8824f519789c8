//! A GraphQL and event engine for Postgres that implements Hasura v2's protocols. This package contains the program: its
//! [`config`], the composition of the crates below it ([`engine`]), and its start and shutdown ([`run`]).

pub mod config;
pub mod engine;
pub mod logging;
pub mod run;

pub use run::{Server, StartError, serve};
