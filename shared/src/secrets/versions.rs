//! Versions of secrets, as Secrets Manager stores them: a value, and labels of which each belongs to one version of a secret.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use super::Secret;

/// Label of the version that components read.
pub const CURRENT: &str = "AWSCURRENT";
/// Label of the version that a rotation creates.
pub const PENDING: &str = "AWSPENDING";
/// Label of the version before the current one.
pub const PREVIOUS: &str = "AWSPREVIOUS";

/// Labels of the versions of a secret, by their ids.
pub type Labels = BTreeMap<String, Vec<String>>;

/// A version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version<'a> {
    /// The version with this id.
    Id(&'a str),
    /// The version with this label.
    Label(&'a str),
}

/// Store of secrets with their versions. An error is a reason, and shows nothing of a value.
pub trait Versions: Send + Sync {
    /// Returns the labels of a secret.
    fn labels<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Labels, String>>;

    /// Returns the value of a version; `None` if the version or its value does not exist.
    fn value<'a>(
        &'a self,
        id: &'a str,
        version: Version<'a>,
    ) -> BoxFuture<'a, Result<Option<Secret>, String>>;

    /// Stores the value of a version with the label [`PENDING`]. A version that has a value keeps it.
    fn put_pending<'a>(
        &'a self,
        id: &'a str,
        version: &'a str,
        value: &'a Secret,
    ) -> BoxFuture<'a, Result<(), String>>;

    /// Moves the label [`CURRENT`] between two versions. The store gives [`PREVIOUS`] to the version that loses it.
    fn make_current<'a>(
        &'a self,
        id: &'a str,
        from: &'a str,
        to: &'a str,
    ) -> BoxFuture<'a, Result<(), String>>;
}
