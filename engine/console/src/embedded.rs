//! The files of apps/console/dist as part of the program. Every build of the tests compiles this module, with the files of `fixture/`
//! instead, so that it needs neither the feature nor a build of the console.

use bytes::Bytes;
use rust_embed::Embed;
use std::borrow::Cow;

#[derive(Embed)]
#[cfg_attr(not(test), folder = "../../apps/console/dist")]
#[cfg_attr(test, folder = "fixture")]
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
