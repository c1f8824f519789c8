//! Takes `sslmode` and `sslrootcert` out of a connection string.

use crate::Error;

/// A connection string without the two settings that the driver refuses, and these.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) rest: String,
    pub(crate) sslmode: Option<String>,
    pub(crate) sslrootcert: Option<String>,
}

impl Split {
    /// Whether it took the setting.
    fn take(&mut self, key: &str, value: impl FnOnce() -> Result<String, Error>) -> Result<bool, Error> {
        let (slot, name) = match key {
            "sslmode" => (&mut self.sslmode, "sslmode"),
            "sslrootcert" => (&mut self.sslrootcert, "sslrootcert"),
            _ => return Ok(false),
        };
        // libpq takes the last; which one somebody meant who wrote two is not for us to guess.
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

/// Takes the two settings out, reading exactly as the driver reads, so that both see the same settings.
pub(crate) fn split(text: &str) -> Result<Split, Error> {
    let url = ["postgres://", "postgresql://"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if url { split_url(text) } else { split_pairs(text) }
}

fn split_url(text: &str) -> Result<Split, Error> {
    // The driver looks for the first @ before anything else, so a password may hold a question mark.
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

/// Percent-encoding undone.
fn decode(text: &str) -> Result<String, Error> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded
        .map(String::from)
        .map_err(|error| Error::Unreadable(error.to_string()))
}

/// `key = value` with spaces around, the value perhaps in quotes; a backslash takes the next character as it is.
fn split_pairs(text: &str) -> Result<Split, Error> {
    let mut split = Split::default();
    let mut left = text.trim_start();
    while !left.is_empty() {
        let key_end = left
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(left.len());
        let (key, after) = left.split_at(key_end);
        let Some(raw) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            // Not a pair: the driver says what is wrong.
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

/// The value that begins here, and where it ends; `None` for one whose quote is never closed.
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
