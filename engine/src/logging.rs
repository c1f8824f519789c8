//! Logging to stdout: one JSON object per line, or human-readable text.

use crate::config::{Config, LogFormat};
use std::borrow::Cow;
use std::io::{self, Stdout, Write};
use tracing_subscriber::EnvFilter;

/// Starts logging. Notices of Postgres ("already exists, skipping") and WebSocket messages are suppressed unless the filter
/// names the modules `tokio_postgres` and `tungstenite`. Returns
/// an error if the filter is invalid. Has no effect if a tracing subscriber is already installed.
pub fn start(config: &Config) -> Result<(), String> {
    let filter = filter(&config.log_level)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stdout);
    let result = match config.log_format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            // The list and not only the innermost span: the request id is a field of the outermost one.
            .with_current_span(false)
            .with_span_list(true)
            .try_init(),
        LogFormat::Text => builder.with_writer(|| OneLine(io::stdout())).try_init(),
    };
    // A global tracing subscriber may already be installed (in tests); keep it.
    drop(result);
    Ok(())
}

/// Writes each event as one line. A value that is formatted for display, such as an error that quotes a client's text, could
/// contain line breaks, and what follows one would look like another event.
struct OneLine(Stdout);

impl Write for OneLine {
    /// The subscriber passes a whole event with its final line break.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(&one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn one_line(event: &[u8]) -> Cow<'_, [u8]> {
    let (text, end) = match event.split_last() {
        Some((b'\n', text)) => (text, &b"\n"[..]),
        _ => (event, &b""[..]),
    };
    if !text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Cow::Borrowed(event);
    }
    let mut line = Vec::with_capacity(event.len() + 16);
    for &byte in text {
        match byte {
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            other => line.push(other),
        }
    }
    line.extend(end);
    Cow::Owned(line)
}

fn filter(log_level: &str) -> Result<EnvFilter, String> {
    // tungstenite logs whole messages at the level trace, with tokens and secrets of `connection_init`.
    EnvFilter::try_new(format!("tokio_postgres=warn,tungstenite=warn,{log_level}"))
        .map_err(|e| format!("invalid HASURA_GRAPHQL_LOG_LEVEL (--log-level) \"{log_level}\": {e}"))
}

#[cfg(test)]
mod tests {
    use super::{filter, one_line};

    #[test]
    fn line_breaks_inside_an_event_are_escaped() {
        let line = |event: &str| String::from_utf8(one_line(event.as_bytes()).into_owned()).unwrap();
        assert_eq!(line("a b\n"), "a b\n");
        assert_eq!(line("a\r\n2026 ERROR b\n"), "a\\r\\n2026 ERROR b\n");
        assert_eq!(line("a\nb"), "a\\nb");
    }

    #[test]
    fn words_and_filters_are_read_and_nonsense_is_named() {
        for good in [
            "debug",
            "info",
            "warn",
            "error",
            "info,engine_runtime::events=debug",
        ] {
            assert!(filter(good).is_ok(), "{good}");
        }
        let error = filter("engine=loud").unwrap_err();
        assert!(error.contains("HASURA_GRAPHQL_LOG_LEVEL"), "{error}");
    }
}
