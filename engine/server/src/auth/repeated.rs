//! Headers that identify a client count only if they are sent once: a proxy in front could check another value than the engine uses.

use engine_error::{Code, Error, Result};
use http::{HeaderMap, HeaderValue};

/// Returns the value of a header, or an error if it is sent several times.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    match values.count() {
        0 => Ok(value),
        more => Err(Error::new(
            Code::InvalidHeaders,
            format!("the header {name} is sent {} times; send it once", more + 1),
        )),
    }
}
