//! All tests of the workspace that need a running Postgres, in one binary, so that it is linked once.

mod bad_input;
mod property;
mod schema;
mod steps;
mod trouble;
