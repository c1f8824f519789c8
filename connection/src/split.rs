//! Extraction of `sslmode` and `sslrootcert` from a connection string.

use crate::Error;

/// Connection string without the two settings that the driver rejects, and the settings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) rest: String,
    pub(crate) sslmode: Option<String>,
    pub(crate) sslrootcert: Option<String>,
}

impl Split {
    /// Takes the setting if it is one of the two, and returns whether it is.
    fn take(&mut self, key: &str, value: impl FnOnce() -> Result<String, Error>) -> Result<bool, Error> {
        let (slot, name) = match key {
            "sslmode" => (&mut self.sslmode, "sslmode"),
            "sslrootcert" => (&mut self.sslrootcert, "sslrootcert"),
            _ => return Ok(false),
        };
        // libpq uses the last one. Two values are rejected, because the wrong guess could disable verification.
        if slot.is_some() {
            return Err(Error::Tls(format!("{name} is given twice")));
        }
        let value = value()?;
        if value.is_empty() {
            return Err(Error::Tls(format!("{name} is empty")));
        }
        *slot = Some(value);
        Ok(true)
    }
}

/// Extracts the two settings. Parses exactly as the driver does, so that both see the same settings.
pub(crate) fn split(text: &str) -> Result<Split, Error> {
    let url = ["postgres://", "postgresql://"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if url { split_url(text) } else { split_pairs(text) }
}

fn split_url(text: &str) -> Result<Split, Error> {
    // The driver searches for the first @ before anything else, so a password may contain a question mark.
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let host = text[after_scheme..]
        .find('@')
        .map_or(after_scheme, |at| after_scheme + at + 1);
    let mut split = Split::default();
    let Some(question) = text[host..].find('?').map(|at| host + at) else {
        text.clone_into(&mut split.rest);
        return Ok(split);
    };
    text[..question].clone_into(&mut split.rest);
    let mut separator = '?';
    for parameter in text[question + 1..].split('&') {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !split.take(&decode(key)?, || decode(value))? {
            split.rest.push(separator);
            split.rest.push_str(parameter);
            separator = '&';
        }
    }
    Ok(split)
}

/// Decodes percent-encoding.
fn decode(text: &str) -> Result<String, Error> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded
        .map(String::from)
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// Splits `key = value` pairs: white space around them is ignored, values may be quoted, and a backslash escapes a character.
fn split_pairs(text: &str) -> Result<Split, Error> {
    let mut split = Split::default();
    let mut left = text.trim_start();
    while !left.is_empty() {
        let key_end = left
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(left.len());
        let (key, after) = left.split_at(key_end);
        let Some(raw) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            // Not a pair: the driver reports the error.
            split.rest.push_str(left);
            break;
        };
        let Some((value, end)) = pair_value(raw) else {
            split.rest.push_str(left);
            break;
        };
        if !split.take(key, || Ok(value))? {
            let length = left.len() - raw.len() + end;
            split.rest.push_str(&left[..length]);
            split.rest.push(' ');
        }
        left = raw[end..].trim_start();
    }
    Ok(split)
}

/// Returns the value at the start of the text, and its end; `None` for an unterminated quote.
fn pair_value(raw: &str) -> Option<(String, usize)> {
    let quoted = raw.starts_with('\'');
    let mut value = String::new();
    let mut characters = raw.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            '\'' if quoted => return Some((value, at + 1)),
            c if !quoted && c.is_whitespace() => return Some((value, at)),
            c => value.push(c),
        }
    }
    (!quoted).then_some((value, raw.len()))
}
