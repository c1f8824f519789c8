//! Environment variables of the functions that issue or verify tokens.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `JWT_ISSUER` | required | URL of the issuer, exactly as in the claim `iss` of the tokens; the login function issues them with it |
//! | `JWT_AUDIENCE` | `3factor` | audience of the tokens |
//! | `JWT_JWKS_URL` | `JWT_ISSUER` + `/.well-known/jwks.json` | payment: the public keys of the issuer |
//! | `PAYMENT_ACCESS` | `token` | payment: `token` verifies the caller's token; `authorizer` accepts the claims that the JWT authorizer of API Gateway has verified; `open` accepts payments without identity, for any order |
//! | `DEMO_LOGIN` | `false` | login: `true` logs users in by their names, without a password |
//! | `LOGIN_SIGNING_KEYS` | – | login: private RSA keys in PEM; the first one signs, and the others (the next one, the previous one) are only published |
//! | `LOGIN_SIGNING_KEYS_ARN` | – | login: the secret that holds them |
//! | `TOKEN_LIFETIME` | 3600 | login: seconds for which a token is valid, 60 to 86400 |
//!
//! `PAYMENT_ACCESS=authorizer` is for functions that only API Gateway can invoke: it trusts the event.

use std::{sync::Arc, time::Duration};

use reqwest::Url;

use super::{COMPATIBILITY, ConfigError, flag, variable};
use crate::{
    http::PaymentAccess,
    secrets::RefreshableSecret,
    steps::login::TokenIssuer,
    token::{SigningKeys, Verifier, claims::Issuer, signing::jwks_url},
};

const DEFAULT_AUDIENCE: &str = "3factor";

const DEFAULT_LIFETIME: Duration = Duration::from_hours(1);

/// Values of the environment variables of the same names; `None` if a variable is not set.
#[derive(Default, Clone)]
#[expect(missing_docs, reason = "the table above says what each variable means")]
pub struct IdentityVariables {
    pub jwt_issuer: Option<String>,
    pub jwt_audience: Option<String>,
    pub jwt_jwks_url: Option<String>,
    pub payment_access: Option<String>,
    pub reference_app_compatibility: Option<String>,
    pub demo_login: Option<String>,
    pub login_signing_keys: Option<String>,
    pub login_signing_keys_arn: Option<String>,
    pub token_lifetime: Option<String>,
}

impl IdentityVariables {
    fn read() -> Result<Self, ConfigError> {
        Ok(Self {
            jwt_issuer: variable("JWT_ISSUER")?,
            jwt_audience: variable("JWT_AUDIENCE")?,
            jwt_jwks_url: variable("JWT_JWKS_URL")?,
            payment_access: variable("PAYMENT_ACCESS")?,
            reference_app_compatibility: variable(COMPATIBILITY)?,
            demo_login: variable("DEMO_LOGIN")?,
            login_signing_keys: variable("LOGIN_SIGNING_KEYS")?,
            login_signing_keys_arn: variable("LOGIN_SIGNING_KEYS_ARN")?,
            token_lifetime: variable("TOKEN_LIFETIME")?,
        })
    }

    fn issuer(&self) -> Result<Issuer, ConfigError> {
        let text = self.jwt_issuer.as_deref().ok_or(ConfigError::MissingIssuer)?;
        url("JWT_ISSUER", text)?;
        let audience = self.jwt_audience.as_deref().unwrap_or(DEFAULT_AUDIENCE);
        if audience.is_empty() {
            return Err(ConfigError::Empty("JWT_AUDIENCE"));
        }
        Ok(Issuer {
            // Compared as text with the claim `iss`, so it stays as it is written.
            url: text.to_owned(),
            audience: audience.to_owned(),
        })
    }
}

/// Configuration of the login function.
#[derive(Debug, Clone)]
pub struct LoginConfig {
    pub issuer: TokenIssuer,
    /// Whether users log in by their names.
    pub demo: bool,
}

impl LoginConfig {
    /// Reads the environment of the login function.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(&IdentityVariables::read()?)
    }

    /// Configuration from values of the variables. A secret is read on first use.
    pub fn from_variables(variables: &IdentityVariables) -> Result<Self, ConfigError> {
        let demo = flag("DEMO_LOGIN", variables.demo_login.as_deref())?;
        let lifetime = match variables.token_lifetime.as_deref() {
            None | Some("") => DEFAULT_LIFETIME,
            Some(seconds) => match seconds.parse() {
                Ok(seconds @ 60..=86_400) => Duration::from_secs(seconds),
                _ => {
                    return Err(ConfigError::Choice(
                        "TOKEN_LIFETIME",
                        "a whole number of seconds from 60 to 86400",
                    ));
                }
            },
        };
        let keys = match (&variables.login_signing_keys, &variables.login_signing_keys_arn) {
            (Some(keys), None) => {
                RefreshableSecret::fixed(SigningKeys::parse(keys).map_err(ConfigError::SigningKeys)?)
            }
            (None, Some(arn)) if !arn.trim().is_empty() => keys_in_secrets_manager(arn)?,
            _ => return Err(ConfigError::NoSigningKeys),
        };
        let issuer = TokenIssuer {
            issuer: variables.issuer()?,
            keys,
            lifetime,
        };
        Ok(Self { issuer, demo })
    }
}

impl PaymentAccess {
    /// Reads the environment of the payment function.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(&IdentityVariables::read()?)
    }

    /// Access from values of the variables. Does not fetch the keys.
    pub fn from_variables(variables: &IdentityVariables) -> Result<Self, ConfigError> {
        let compatible = flag(COMPATIBILITY, variables.reference_app_compatibility.as_deref())?;
        match variables.payment_access.as_deref() {
            Some("open") if compatible => Ok(Self::NodejsExampleApps),
            Some("open") => Ok(Self::Open),
            _ if compatible => Err(ConfigError::CompatibilityWithAccessControl(
                "set PAYMENT_ACCESS=open",
            )),
            None | Some("" | "token") => {
                let issuer = variables.issuer()?;
                let keys = match variables.jwt_jwks_url.as_deref() {
                    Some(text) => url("JWT_JWKS_URL", text)?,
                    None => url("JWT_ISSUER", &jwks_url(&issuer))?,
                };
                Ok(Self::Token(Arc::new(Verifier::new(issuer, keys))))
            }
            Some("authorizer") => Ok(Self::Authorizer),
            Some(_) => Err(ConfigError::Choice("PAYMENT_ACCESS", "token, authorizer or open")),
        }
    }
}

/// Parses an `http` or `https` URL without a query.
fn url(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    let valid = Url::parse(text).ok().filter(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.has_host()
            && url.username().is_empty()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    valid.ok_or(ConfigError::Choice(
        name,
        "an http or https URL without a query, for example https://login.example.com",
    ))
}

#[cfg(feature = "aws")]
#[expect(clippy::unnecessary_wraps, reason = "fails without the feature")]
fn keys_in_secrets_manager(id: &str) -> Result<RefreshableSecret<SigningKeys>, ConfigError> {
    let manager = crate::secrets::manager::SecretsManager::default();
    // A login never finds that its key is stale; the keys are read again by age.
    Ok(manager.refreshable(
        "LOGIN_SIGNING_KEYS_ARN",
        id,
        Duration::from_secs(1),
        SigningKeys::parse,
    ))
}

#[cfg(not(feature = "aws"))]
fn keys_in_secrets_manager(_: &str) -> Result<RefreshableSecret<SigningKeys>, ConfigError> {
    Err(ConfigError::WithoutAws("LOGIN_SIGNING_KEYS_ARN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(change: impl FnOnce(&mut IdentityVariables)) -> Result<PaymentAccess, ConfigError> {
        let mut variables = IdentityVariables::default();
        change(&mut variables);
        PaymentAccess::from_variables(&variables)
    }

    #[test]
    fn payments_require_an_identity_unless_opened_explicitly() {
        let error = access(|_| ()).unwrap_err().to_string();
        assert!(
            error.contains("JWT_ISSUER") && error.contains("PAYMENT_ACCESS=open"),
            "{error}"
        );
        let with_issuer = access(|v| v.jwt_issuer = Some("https://login.example.com".to_owned()));
        assert!(matches!(with_issuer.unwrap(), PaymentAccess::Token(_)));
        let open = access(|v| v.payment_access = Some("open".to_owned()));
        assert!(matches!(open.unwrap(), PaymentAccess::Open));
        let behind = access(|v| v.payment_access = Some("authorizer".to_owned()));
        assert!(matches!(behind.unwrap(), PaymentAccess::Authorizer));
        for other in ["Open", "none", "true"] {
            let error = access(|v| v.payment_access = Some(other.to_owned())).unwrap_err();
            assert!(error.to_string().starts_with("PAYMENT_ACCESS must be"), "{error}");
        }
    }

    #[test]
    fn compatibility_excludes_the_verification_of_tokens() {
        let with = |payment_access: Option<&str>| {
            access(|v| {
                v.jwt_issuer = Some("https://login.example.com".to_owned());
                v.payment_access = payment_access.map(str::to_owned);
                v.reference_app_compatibility = Some("true".to_owned());
            })
        };
        assert!(matches!(
            with(Some("open")).unwrap(),
            PaymentAccess::NodejsExampleApps
        ));
        for verified in [None, Some("token"), Some("authorizer")] {
            let error = with(verified).unwrap_err().to_string();
            assert!(error.contains("PAYMENT_ACCESS=open"), "{error}");
        }
    }

    #[test]
    fn issuer_may_end_with_a_slash() {
        for (url, keys) in [
            ("https://x", "https://x/.well-known/jwks.json"),
            ("https://x/", "https://x/.well-known/jwks.json"),
            ("https://x/realm/", "https://x/realm/.well-known/jwks.json"),
        ] {
            let variables = IdentityVariables {
                jwt_issuer: Some(url.to_owned()),
                ..IdentityVariables::default()
            };
            let issuer = variables.issuer().unwrap();
            assert_eq!(issuer.url, url, "compared with the claim as it is written");
            assert_eq!(jwks_url(&issuer), keys);
            assert!(matches!(
                PaymentAccess::from_variables(&variables).unwrap(),
                PaymentAccess::Token(_)
            ));
        }
    }

    #[test]
    fn urls_are_validated() {
        for bad in [
            "",
            "login.example.com",
            "ftp://x",
            "https://u@x",
            "https://x?a",
            "https:",
        ] {
            let error = access(|v| v.jwt_issuer = Some(bad.to_owned())).unwrap_err();
            assert!(
                error.to_string().starts_with("JWT_ISSUER must be"),
                "{bad}: {error}"
            );
        }
    }

    #[test]
    fn demo_login_is_off_by_default() {
        let mut variables = IdentityVariables {
            jwt_issuer: Some("http://127.0.0.1:8081".to_owned()),
            ..IdentityVariables::default()
        };
        let error = LoginConfig::from_variables(&variables).unwrap_err();
        assert!(error.to_string().contains("LOGIN_SIGNING_KEYS"), "{error}");
        variables.login_signing_keys = Some(SigningKeys::generate().unwrap());
        assert!(!LoginConfig::from_variables(&variables).unwrap().demo);
        variables.demo_login = Some("true".to_owned());
        assert!(LoginConfig::from_variables(&variables).unwrap().demo);
        for (name, demo, lifetime) in [
            ("DEMO_LOGIN", "yes", "60"),
            ("TOKEN_LIFETIME", "true", "59"),
            ("TOKEN_LIFETIME", "true", "86401"),
            ("TOKEN_LIFETIME", "true", "1h"),
        ] {
            variables.demo_login = Some(demo.to_owned());
            variables.token_lifetime = Some(lifetime.to_owned());
            let error = LoginConfig::from_variables(&variables).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}
