//! Settings of the export, from the variables of the OpenTelemetry specification.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | unset | base URL of a collector, for example `http://localhost:4318`; `/v1/traces` is appended |
//! | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | unset | complete URL; takes precedence |
//! | `OTEL_EXPORTER_OTLP_HEADERS` | unset | headers of each export, `name=value,…`, percent-encoded |
//! | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/json` | the only one that is supported |
//! | `OTEL_EXPORTER_OTLP_TIMEOUT` | 10000 | milliseconds |
//! | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | name of the program | attributes of the process, `name=value,…` |
//! | `OTEL_SDK_DISABLED` | `false` | `true`: nothing is exported |

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const SERVICE_NAME: &str = "service.name";

/// Destination of spans, and the attributes of the process.
#[derive(Clone)]
pub struct Settings {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) resource: Vec<(String, String)>,
}

/// Without the headers, which may contain a secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// Invalid variable. Never shows the value, which may contain a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct SettingsError {
    pub variable: &'static str,
    problem: &'static str,
}

impl Settings {
    /// Reads the settings of a program from its environment; `None` if nothing is exported.
    pub fn of_environment(program: &str) -> Result<Option<Self>, SettingsError> {
        Self::of(program, |name| std::env::var(name).ok())
    }

    /// [`Self::of_environment`] with other variables.
    pub fn of(
        program: &str,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, SettingsError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        if set("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let base = "OTEL_EXPORTER_OTLP_ENDPOINT";
        let url = if let Some(endpoint) = set(traces) {
            url(traces, &endpoint)?
        } else if let Some(endpoint) = set(base) {
            url(base, &format!("{}/v1/traces", endpoint.trim_end_matches('/')))?
        } else {
            return Ok(None);
        };
        let protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
        if set(protocol).is_some_and(|value| value != "http/json") {
            return Err(invalid(
                protocol,
                "must be \"http/json\"; collectors accept it on port 4318",
            ));
        }
        let timeout = "OTEL_EXPORTER_OTLP_TIMEOUT";
        let milliseconds = match set(timeout) {
            None => 10_000,
            Some(text) => text
                .parse::<u64>()
                .ok()
                .filter(|milliseconds| (1..=60_000).contains(milliseconds))
                .ok_or_else(|| invalid(timeout, "must be a number of milliseconds from 1 to 60000"))?,
        };
        let attributes = "OTEL_RESOURCE_ATTRIBUTES";
        let mut resource = pairs(attributes, &set(attributes).unwrap_or_default())?;
        if let Some(name) = set("OTEL_SERVICE_NAME") {
            resource.retain(|(key, _)| key != SERVICE_NAME);
            resource.push((SERVICE_NAME.to_owned(), name));
        }
        if !resource.iter().any(|(key, _)| key == SERVICE_NAME) {
            resource.push((SERVICE_NAME.to_owned(), program.to_owned()));
        }
        Ok(Some(Self {
            url,
            headers: headers(&set("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default())?,
            timeout: Duration::from_millis(milliseconds),
            resource,
        }))
    }

    /// Whether the collector runs on this machine, so that no proxy reaches it.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// Address that spans are sent to, without credentials.
    pub fn address(&self) -> String {
        format!("{}{}", self.url.origin().ascii_serialization(), self.url.path())
    }
}

pub(crate) fn invalid(variable: &'static str, problem: &'static str) -> SettingsError {
    SettingsError { variable, problem }
}

fn url(variable: &'static str, text: &str) -> Result<Url, SettingsError> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            invalid(
                variable,
                "must be an http or https URL, for example http://localhost:4318",
            )
        })
}

fn headers(text: &str) -> Result<HeaderMap, SettingsError> {
    let variable = "OTEL_EXPORTER_OTLP_HEADERS";
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(variable, text)? {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::try_from(value);
        let (Ok(name), Ok(mut value)) = (name, value) else {
            return Err(invalid(variable, "contains a pair that is not a header"));
        };
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// Parses `name=value,name=value` with percent-encoded values.
fn pairs(variable: &'static str, text: &str) -> Result<Vec<(String, String)>, SettingsError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let pair = part.split_once('=').filter(|(name, _)| !name.trim().is_empty());
            let (name, value) =
                pair.ok_or_else(|| invalid(variable, "must be a list of pairs, name=value,name=value"))?;
            let value = percent_decode_str(value.trim()).decode_utf8();
            let value = value.map_err(|_| invalid(variable, "contains a value that is not UTF-8"))?;
            Ok((name.trim().to_owned(), value.into_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Settings>, SettingsError> {
        Settings::of("engine", |name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_exported_without_an_endpoint() {
        assert!(of(&[]).unwrap().is_none());
        assert!(of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]).unwrap().is_none());
        let disabled = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"),
            ("OTEL_SDK_DISABLED", "true"),
        ];
        assert!(of(&disabled).unwrap().is_none());
    }

    #[test]
    fn variables_are_those_of_the_specification() {
        let settings = of(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Basic%20abc, x-team = 7",
            ),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod"),
        ]);
        let settings = settings.unwrap().unwrap();
        assert_eq!(settings.url.as_str(), "http://c:4318/v1/traces");
        assert!(!settings.is_loopback());
        for local in [
            "http://127.0.0.1:4318",
            "http://[::1]:4318",
            "http://localhost:4318",
        ] {
            let settings = of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", local)]);
            assert!(settings.unwrap().unwrap().is_loopback(), "{local}");
        }
        assert_eq!(settings.headers["authorization"], "Basic abc");
        assert_eq!(settings.headers["x-team"], "7");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            settings.resource,
            [
                pair("deployment.environment.name", "prod"),
                pair("service.name", "engine")
            ]
        );
        let other = of(&[
            (
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "https://user:secret@c/spans?key=secret",
            ),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://unused"),
            ("OTEL_SERVICE_NAME", "shop"),
        ]);
        let other = other.unwrap().unwrap();
        assert_eq!(other.address(), "https://c/spans");
        assert_eq!(other.resource, [pair("service.name", "shop")]);
    }

    #[test]
    fn errors_name_the_variable_and_hide_the_value() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
        for variable in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "secret:4318"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://secret"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"),
            ("OTEL_RESOURCE_ATTRIBUTES", "=secret"),
        ] {
            let error = of(&[variable, endpoint]).unwrap_err();
            assert_eq!(error.variable, variable.0);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
