//! The files of apps/console/dist as part of the program.

use bytes::Bytes;
use rust_embed::Embed;
use std::borrow::Cow;

#[derive(Embed)]
#[folder = "../../apps/console/dist"]
#[exclude = "*.br"]
#[exclude = "*.map"]
struct Dist;

/// Returns the content of a file.
pub(crate) fn read(path: &str) -> Option<Bytes> {
    Some(match Dist::get(path)?.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}
