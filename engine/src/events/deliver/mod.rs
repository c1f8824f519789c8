//! One delivery: [`prepare`] → [`call`] → [`settle`], each a small function with a named result. None of them touches the
//! database; what becomes of the event is a [`Settlement`], which the caller writes down.

mod call;
mod prepare;
mod settle;

pub(super) use call::{Answer, call, client};
pub(super) use prepare::prepare;
pub(super) use settle::{Fate, Settlement, settle};

#[cfg(test)]
mod tests;
