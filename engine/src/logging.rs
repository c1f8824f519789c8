//! Logging to stdout: one JSON object per line, or human-readable text.

use crate::config::{Config, LogFormat};
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
        LogFormat::Text => builder.try_init(),
    };
    // A global tracing subscriber may already be installed (in tests); keep it.
    drop(result);
    Ok(())
}

fn filter(log_level: &str) -> Result<EnvFilter, String> {
    // tungstenite logs whole messages at the level trace, with tokens and secrets of `connection_init`.
    EnvFilter::try_new(format!("tokio_postgres=warn,tungstenite=warn,{log_level}"))
        .map_err(|e| format!("invalid HASURA_GRAPHQL_LOG_LEVEL (--log-level) \"{log_level}\": {e}"))
}

#[cfg(test)]
mod tests {
    use super::filter;

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
