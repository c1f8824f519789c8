//! `HASURA_GRAPHQL_JWT_SECRET` and the elements of `HASURA_GRAPHQL_JWT_SECRETS`. Unknown keys are ignored, as in Hasura.

use super::claims::{ClaimsSource, Format, Location, parse_map};
use super::json_path::JsonPath;
use super::key::VerificationKey;
use super::location::TokenLocation;
use super::registered_claims::Expected;
use reqwest::Url;
use serde_json::{Map, Value};

const DEFAULT_NAMESPACE: &str = "https://hasura.io/jwt/claims";

/// Parsed configuration of one issuer.
#[derive(Debug)]
pub struct JwtConfig {
    pub(super) keys: KeySource,
    pub(super) claims: ClaimsSource,
    pub(super) expected: Expected,
    pub(super) location: TokenLocation,
}

/// Origin of the keys.
#[derive(Debug)]
pub(super) enum KeySource {
    Fixed(VerificationKey),
    /// Address of a key set.
    Url(Url),
}

impl JwtConfig {
    /// Parses one configuration. Errors do not contain the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::from_json(&json(text)?)
    }

    /// Parses a list of configurations.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let list = json(text)?;
        let list = list.as_array().filter(|list| !list.is_empty());
        let list = list.ok_or("expected a JSON list with at least one object")?;
        let one =
            |(index, config)| Self::from_json(config).map_err(|reason| format!("element {index}: {reason}"));
        list.iter().enumerate().map(one).collect()
    }

    /// Public part of the configuration, for `/v1alpha1/config`.
    pub fn summary(&self) -> Value {
        let (namespace, format) = match &self.claims {
            ClaimsSource::Namespace { location, format } => {
                let namespace = match location {
                    Location::Key(key) => key,
                    Location::Path(path) => path.as_str(),
                };
                (Some(namespace), Some(format.name()))
            }
            ClaimsSource::Map(_) => (None, None),
        };
        serde_json::json!({"claims_namespace": namespace, "claims_format": format})
    }

    fn from_json(config: &Value) -> Result<Self, String> {
        let config = config.as_object().ok_or("expected a JSON object")?;
        Ok(Self {
            keys: keys(config)?,
            claims: claims(config)?,
            expected: Expected {
                audience: audience(config)?,
                issuer: text(config, "issuer")?.map(ToOwned::to_owned),
                skew: skew(config)?,
            },
            location: TokenLocation::parse(present(config, "header"))?,
        })
    }
}

/// Parses JSON. The parser's message contains the position of the error, but no part of the text.
fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))
}

fn present<'a>(config: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    config.get(key).filter(|value| !value.is_null())
}

fn text<'a>(config: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match present(config, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("\"{key}\" must be a string")),
    }
}

// Hasura's wording
fn keys(config: &Map<String, Value>) -> Result<KeySource, String> {
    match (text(config, "key")?, text(config, "jwk_url")?) {
        (None, None) => Err("key and jwk_url both cannot be empty".to_owned()),
        (Some(_), Some(_)) => Err("key, jwk_url both cannot be present".to_owned()),
        (Some(key), None) => {
            let kind = text(config, "type")?.ok_or("\"type\" is required with \"key\"")?;
            Ok(KeySource::Fixed(VerificationKey::configured(kind, key)?))
        }
        (None, Some(url)) => {
            let url = Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            Ok(KeySource::Url(
                url.ok_or("\"jwk_url\" must be an http or https address")?,
            ))
        }
    }
}

fn claims(config: &Map<String, Value>) -> Result<ClaimsSource, String> {
    if let Some(map) = present(config, "claims_map") {
        return parse_map(map.as_object().ok_or("\"claims_map\" must be an object")?);
    }
    let location = match (
        text(config, "claims_namespace")?,
        text(config, "claims_namespace_path")?,
    ) {
        // Hasura's wording
        (Some(_), Some(_)) => {
            return Err("claims_namespace and claims_namespace_path both cannot be set".to_owned());
        }
        (Some(key), None) => Location::Key(key.to_owned()),
        (None, Some(path)) => Location::Path(
            JsonPath::parse(path).map_err(|reason| format!("invalid \"claims_namespace_path\": {reason}"))?,
        ),
        (None, None) => Location::Key(DEFAULT_NAMESPACE.to_owned()),
    };
    let format = match text(config, "claims_format")? {
        None | Some("json") => Format::Json,
        Some("stringified_json") => Format::StringifiedJson,
        Some(_) => return Err("\"claims_format\" must be json or stringified_json".to_owned()),
    };
    Ok(ClaimsSource::Namespace { location, format })
}

fn audience(config: &Map<String, Value>) -> Result<Vec<String>, String> {
    let wrong = || "\"audience\" must be a string or a list of strings".to_owned();
    match present(config, "audience") {
        None => Ok(Vec::new()),
        Some(Value::String(audience)) => Ok(vec![audience.clone()]),
        Some(Value::Array(list)) if !list.is_empty() => {
            let list = list
                .iter()
                .map(|one| one.as_str().map(ToOwned::to_owned).ok_or_else(wrong));
            list.collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn skew(config: &Map<String, Value>) -> Result<f64, String> {
    match present(config, "allowed_skew") {
        None => Ok(0.0),
        Some(seconds) => {
            let seconds = seconds
                .as_f64()
                .filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
            seconds.ok_or_else(|| "\"allowed_skew\" must be a number of seconds, at least 0".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn invalid_configurations_are_named_without_the_key() {
        for (config, reason) in [
            (json!({}), "key and jwk_url both cannot be empty"),
            (
                json!({"type": "HS256", "key": SECRET, "jwk_url": "http://x"}),
                "key, jwk_url both cannot be present",
            ),
            (json!({"key": SECRET}), "\"type\" is required"),
            (
                json!({"type": "HS257", "key": SECRET}),
                "Key type: HS257 is not supported",
            ),
            (
                json!({"type": "none", "key": SECRET}),
                "Key type: none is not supported",
            ),
            (json!({"type": "HS384", "key": SECRET}), "at least 48 bytes"),
            (json!({"type": "HS256", "key": &SECRET[1..]}), "at least 32 bytes"),
            (json!({"type": "RS256", "key": SECRET}), "not a PEM public key"),
            (
                json!({"type": "HS256", "key": [SECRET]}),
                "\"key\" must be a string",
            ),
            (json!({"jwk_url": "ftp://x/y"}), "http or https"),
            (json!({"jwk_url": "keys.json"}), "http or https"),
            (
                json!({"type": "HS256", "key": SECRET, "claims_namespace": "a", "claims_namespace_path": "$.a"}),
                "both cannot be set",
            ),
            (
                json!({"type": "HS256", "key": SECRET, "claims_namespace_path": "$a"}),
                "claims_namespace_path",
            ),
            (
                json!({"type": "HS256", "key": SECRET, "claims_format": "xml"}),
                "claims_format",
            ),
            (
                json!({"type": "HS256", "key": SECRET, "audience": []}),
                "audience",
            ),
            (
                json!({"type": "HS256", "key": SECRET, "audience": [1]}),
                "audience",
            ),
            (json!({"type": "HS256", "key": SECRET, "issuer": 1}), "issuer"),
            (
                json!({"type": "HS256", "key": SECRET, "allowed_skew": -1}),
                "allowed_skew",
            ),
            (
                json!({"type": "HS256", "key": SECRET, "header": {"type": "Cookie"}}),
                "name",
            ),
            (json!([]), "JSON object"),
        ] {
            let error = JwtConfig::parse(&config.to_string()).unwrap_err();
            assert!(error.contains(reason), "{config}: {error}");
            assert!(!error.contains(&SECRET[1..]), "{error}");
        }
        let error = JwtConfig::parse(&format!("{{\"key\": \"{SECRET}")).unwrap_err();
        assert!(
            error.contains("not valid JSON") && !error.contains(SECRET),
            "{error}"
        );
        let debug = JwtConfig::parse(&json!({"type": "HS256", "key": SECRET}).to_string()).unwrap();
        assert!(!format!("{debug:?}").contains(SECRET));
    }

    #[test]
    fn lists_name_the_invalid_element() {
        let good = json!({"type": "HS256", "key": SECRET, "unknown": 1});
        assert_eq!(
            JwtConfig::parse_list(&json!([good, good]).to_string())
                .unwrap()
                .len(),
            2
        );
        let error = JwtConfig::parse_list(&json!([good, {}]).to_string()).unwrap_err();
        assert!(error.starts_with("element 1: "), "{error}");
        assert!(JwtConfig::parse_list("[]").is_err());
        assert!(JwtConfig::parse_list(&good.to_string()).is_err());
    }
}
