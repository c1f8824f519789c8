//! Bounded copies of texts for the invocation log. Each try adds a row to the log, so a row must be small.

/// Returns the text, or its beginning and a mark with its size if it is longer than `limit` bytes. `size`: size of the whole
/// text in bytes, of which `text` may be the beginning; `None` if it is unknown.
pub(in crate::events) fn excerpt(text: &str, size: Option<u64>, limit: usize) -> String {
    let length = text.len() as u64;
    if text.len() <= limit && size == Some(length) {
        return text.to_owned();
    }
    let kept = &text[..text.floor_char_boundary(limit)];
    match size {
        Some(size) => format!("{kept}... truncated, {size} bytes"),
        None => format!("{kept}... truncated, more than {length} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn long_texts_end_with_a_mark() {
        assert_eq!(excerpt("äöü", Some(6), 6), "äöü");
        assert_eq!(excerpt("äöü", Some(6), 5), "äö... truncated, 6 bytes");
        assert_eq!(excerpt("äöü", Some(100), 6), "äöü... truncated, 100 bytes");
        assert_eq!(excerpt("äöü", None, 4), "äö... truncated, more than 6 bytes");
    }
}
