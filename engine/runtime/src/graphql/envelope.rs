//! Response body of an operation.

use crate::exec::Response;
use bytes::Bytes;
use engine_error::ExecutionError;
use engine_plan::RootField;

/// Returns the response body `{"data":{…}}`.
pub(super) fn envelope<T>(
    fields: &[RootField<T>],
    responses: &[Response<'_>],
) -> Result<Bytes, ExecutionError> {
    let pairs = || fields.iter().zip(responses);
    // Allocate the whole body at once: a growing buffer is copied each time.
    let size = pairs().map(|(field, response)| {
        let namespace = field.namespace.as_ref().map_or(0, |name| name.len() + 6);
        field.key.len() + response.size() + 4 + namespace
    });
    let mut body = Vec::with_capacity(16 + size.sum::<usize>());
    body.extend_from_slice(b"{\"data\":{");
    let mut open: Option<&str> = None;
    for (i, (field, response)) in pairs().enumerate() {
        let namespace = field.namespace.as_deref();
        if open.is_some() && open != namespace {
            body.push(b'}');
        }
        if i > 0 {
            body.push(b',');
        }
        if let Some(name) = namespace.filter(|_| open != namespace) {
            key(&mut body, name);
            body.push(b'{');
        }
        open = namespace;
        key(&mut body, &field.key);
        response.push(&mut body)?;
    }
    if open.is_some() {
        body.push(b'}');
    }
    body.extend_from_slice(b"}}");
    Ok(body.into())
}

/// Appends a response key. It is a GraphQL name, which needs no escaping.
fn key(body: &mut Vec<u8>, name: &str) {
    body.push(b'"');
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(b"\":");
}
