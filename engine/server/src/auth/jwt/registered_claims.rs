//! Registered claims: `exp`, `iat`, `nbf`, `iss` and `aud`.

use super::token::invalid;
use engine_error::{Error, Result};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// Expected values of the configuration.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// The token must have one of them; empty if it is not checked.
    pub(super) audience: Vec<String>,
    pub(super) issuer: Option<String>,
    /// Tolerated difference of clocks in seconds.
    pub(super) skew: f64,
}

impl Expected {
    /// Returns the remaining validity of a token, `None` if it has no end.
    pub(super) fn check(&self, claims: &Value, now: SystemTime) -> Result<Option<Duration>> {
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64();
        let expires = date(claims, "exp")?.map(|expires| expires + self.skew - now);
        if expires.is_some_and(|remaining| remaining <= 0.0) {
            return Err(invalid("JWTExpired"));
        }
        if date(claims, "iat")?.is_some_and(|issued| issued > now + self.skew) {
            return Err(invalid("JWTIssuedAtFuture"));
        }
        if date(claims, "nbf")?.is_some_and(|start| start > now + self.skew) {
            return Err(invalid("JWTNotYetValid"));
        }
        if let Some(issuer) = &self.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(not_in_issuer());
        }
        let audience = audience(claims)?;
        if !self.audience.is_empty()
            && !audience
                .iter()
                .any(|&one| self.audience.iter().any(|own| own == one))
        {
            return Err(invalid("JWTNotInAudience"));
        }
        Ok(expires.map(|remaining| Duration::try_from_secs_f64(remaining).unwrap_or(Duration::MAX)))
    }
}

pub(super) fn not_in_issuer() -> Error {
    invalid("JWTNotInIssuer")
}

/// Returns a date in seconds since 1970.
fn date(claims: &Value, name: &str) -> Result<Option<f64>> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64().filter(|seconds| seconds.is_finite()) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(malformed(name)),
        },
    }
}

fn audience(claims: &Value) -> Result<Vec<&str>> {
    match claims.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::String(audience)) => Ok(vec![audience]),
        Some(Value::Array(list)) => {
            let list = list
                .iter()
                .map(|one| one.as_str().ok_or_else(|| malformed("aud")));
            list.collect()
        }
        Some(_) => Err(malformed("aud")),
    }
}

fn malformed(name: &str) -> Error {
    invalid(&format!("JWTClaimsSetDecodeError \"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_000_000_000;

    fn check(expected: &Expected, claims: Value) -> Result<Option<u64>, String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let remaining = expected.check(&claims, now);
        let message = |error: Error| error.message.replace("Could not verify JWT: ", "");
        remaining
            .map(|time| time.map(|time| time.as_secs()))
            .map_err(message)
    }

    #[test]
    fn times_are_compared_with_skew() {
        let strict = Expected::default();
        let tolerant = Expected {
            skew: 60.0,
            ..Expected::default()
        };
        for (claims, expected, with_skew) in [
            (json!({}), Ok(None), Ok(None)),
            (json!({"exp": NOW + 10}), Ok(Some(10)), Ok(Some(70))),
            (json!({"exp": NOW}), Err("JWTExpired"), Ok(Some(60))),
            (json!({"exp": NOW - 30}), Err("JWTExpired"), Ok(Some(30))),
            (json!({"exp": NOW - 60}), Err("JWTExpired"), Err("JWTExpired")),
            (json!({"exp": 0}), Err("JWTExpired"), Err("JWTExpired")),
            (json!({"exp": -1e300}), Err("JWTExpired"), Err("JWTExpired")),
            (json!({"nbf": NOW + 30}), Err("JWTNotYetValid"), Ok(None)),
            (
                json!({"nbf": NOW + 90}),
                Err("JWTNotYetValid"),
                Err("JWTNotYetValid"),
            ),
            (json!({"iat": NOW + 30}), Err("JWTIssuedAtFuture"), Ok(None)),
            (json!({"iat": NOW, "nbf": NOW}), Ok(None), Ok(None)),
        ] {
            assert_eq!(
                check(&strict, claims.clone()),
                expected.map_err(ToOwned::to_owned),
                "{claims}"
            );
            assert_eq!(
                check(&tolerant, claims.clone()),
                with_skew.map_err(ToOwned::to_owned),
                "{claims}"
            );
        }
        assert!(check(&strict, json!({"exp": 1e300})).unwrap().is_some());
        for claims in [
            json!({"exp": "soon"}),
            json!({"exp": null}),
            json!({"nbf": []}),
            json!({"aud": 1}),
        ] {
            let error = check(&strict, claims.clone()).unwrap_err();
            assert!(error.starts_with("JWTClaimsSetDecodeError"), "{claims}: {error}");
        }
    }

    #[test]
    fn audience_and_issuer_are_required_if_configured() {
        let expected = Expected {
            audience: vec!["a".to_owned(), "b".to_owned()],
            issuer: Some("i".to_owned()),
            skew: 0.0,
        };
        for (claims, error) in [
            (json!({"aud": "a", "iss": "i"}), None),
            (json!({"aud": ["x", "b"], "iss": "i"}), None),
            (json!({"aud": ["x"], "iss": "i"}), Some("JWTNotInAudience")),
            (json!({"aud": [], "iss": "i"}), Some("JWTNotInAudience")),
            (json!({"iss": "i"}), Some("JWTNotInAudience")),
            (json!({"aud": "A", "iss": "i"}), Some("JWTNotInAudience")),
            (json!({"aud": "a"}), Some("JWTNotInIssuer")),
            (json!({"aud": "a", "iss": "i/"}), Some("JWTNotInIssuer")),
            (json!({"aud": "a", "iss": ["i"]}), Some("JWTNotInIssuer")),
        ] {
            let result = check(&expected, claims.clone());
            assert_eq!(result.err().as_deref(), error, "{claims}");
        }
        assert_eq!(
            check(&Expected::default(), json!({"aud": "x", "iss": "y"})),
            Ok(None)
        );
    }
}
