//! Ids of traces and spans.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Id of a trace: 16 bytes, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// Id of a span: 8 bytes, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

impl TraceId {
    /// Returns a new id. It begins with the time in seconds, as X-Ray requires of ids that it shows.
    pub fn random() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = u128::from(now.as_secs() & u64::from(u32::MAX)) << 96;
        Self(seconds | (Uuid::new_v4().as_u128() & (u128::MAX >> 32)))
    }

    /// The lower half, which is random also in ids that begin with a time.
    pub fn low_bits(self) -> u64 {
        u64::try_from(self.0 & u128::from(u64::MAX)).unwrap_or_default()
    }

    /// Parses 32 lowercase hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let value = (text.len() == 32).then(|| u128::from_str_radix(lowercase_hex(text)?, 16).ok());
        value.flatten().filter(|value| *value != 0).map(Self)
    }

    /// Parses 16 or 32 hexadecimal digits, as in B3.
    pub fn parse_b3(text: &str) -> Option<Self> {
        match text.len() {
            16 => SpanId::parse(text).map(|SpanId(value)| Self(value.into())),
            32 => Self::parse(&text.to_ascii_lowercase()),
            _ => None,
        }
    }
}

impl SpanId {
    pub fn random() -> Self {
        // Not zero: two of the lower 64 bits of a UUID are fixed.
        Self(Uuid::new_v4().as_u64_pair().1)
    }

    /// Parses 16 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = (text.len() == 16).then(|| text.to_ascii_lowercase())?;
        let value = u64::from_str_radix(lowercase_hex(&text)?, 16).ok();
        value.filter(|value| *value != 0).map(Self)
    }
}

/// Returns the text if it consists of lowercase hexadecimal digits; `from_str_radix` accepts a sign, too.
pub(crate) fn lowercase_hex(text: &str) -> Option<&str> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.bytes().all(is_digit).then_some(text)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_trace_id_begins_with_the_time() {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let text = TraceId::random().to_string();
        let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let seconds = u64::from_str_radix(&text[..8], 16).unwrap();
        assert!((before..=after).contains(&seconds), "{text}");
        assert_ne!(TraceId::random(), TraceId::random());
    }
}
