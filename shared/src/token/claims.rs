//! Claims of a token: the registered ones (RFC 7519) and those of Hasura.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::identity::{Account, UserId};

/// Namespace of Hasura's claims, Hasura's default.
pub const HASURA_NAMESPACE: &str = "https://hasura.io/jwt/claims";

/// Accepted difference between the clocks of issuer and verifier, in seconds.
const CLOCK_SKEW: f64 = 10.0;

/// Issuer and audience of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// URL, below which the documents of the issuer are.
    pub url: String,
    pub audience: String,
}

/// Claims of a new token.
pub fn of_account(issuer: &Issuer, account: &Account, issued_at: u64, expires_at: u64) -> Value {
    let role = account.role.as_str();
    let mut hasura = Map::new();
    hasura.insert("x-hasura-default-role".to_owned(), json!(role));
    hasura.insert("x-hasura-allowed-roles".to_owned(), json!([role]));
    hasura.insert("x-hasura-user-id".to_owned(), json!(account.user_id));
    // Session variables are texts.
    for (name, id) in [
        ("x-hasura-restaurant-id", account.restaurant_id),
        ("x-hasura-driver-id", account.driver_id),
    ] {
        if let Some(id) = id {
            hasura.insert(name.to_owned(), json!(id.to_string()));
        }
    }
    json!({
        "iss": issuer.url,
        "aud": issuer.audience,
        "sub": account.user_id,
        "iat": issued_at,
        "exp": expires_at,
        HASURA_NAMESPACE: hasura,
    })
}

/// Reason for which a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is not a JSON Web Token signed with RS256")]
    Malformed,
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    #[error("the signature of the token is invalid")]
    Signature,
    #[error("the token has expired; log in again")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token was issued by another issuer")]
    Issuer,
    #[error("the token was issued for another audience")]
    Audience,
    #[error("the token has no subject, or one longer than 200 bytes")]
    Subject,
}

/// Claims of a token with a valid signature.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReceivedClaims {
    iss: Option<String>,
    aud: Option<Audience>,
    /// Access tokens of Amazon Cognito have this claim instead of `aud`; API Gateway accepts either.
    client_id: Option<String>,
    sub: Option<String>,
    /// Seconds since 1970, possibly with a fraction.
    exp: Option<f64>,
    nbf: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl ReceivedClaims {
    /// Checks the claims at a time; returns the user.
    pub(super) fn check(self, expected: &Issuer, now: u64) -> Result<UserId, TokenError> {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
        let now = now as f64;
        if self.iss.as_deref() != Some(&expected.url) {
            return Err(TokenError::Issuer);
        }
        let for_us = match &self.aud {
            Some(Audience::One(one)) => *one == expected.audience,
            Some(Audience::Several(several)) => several.contains(&expected.audience),
            None => self.client_id.as_ref() == Some(&expected.audience),
        };
        if !for_us {
            return Err(TokenError::Audience);
        }
        if self.exp.is_none_or(|expires_at| expires_at + CLOCK_SKEW <= now) {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|not_before| not_before - CLOCK_SKEW > now) {
            return Err(TokenError::NotYetValid);
        }
        self.sub
            .as_deref()
            .and_then(UserId::parse)
            .ok_or(TokenError::Subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Role, UserName};

    const NOW: u64 = 1_800_000_000;

    fn issuer() -> Issuer {
        Issuer {
            url: "http://127.0.0.1:8081".to_owned(),
            audience: "3factor".to_owned(),
        }
    }

    fn check(claims: Value) -> Result<String, TokenError> {
        let received: ReceivedClaims = serde_json::from_value(claims).map_err(|_| TokenError::Malformed)?;
        Ok(received.check(&issuer(), NOW)?.as_str().to_owned())
    }

    fn with(name: &str, value: Value) -> Value {
        let account = Account::customer(&UserName::parse("alice").unwrap());
        let mut claims = of_account(&issuer(), &account, NOW, NOW + 60);
        claims[name] = value;
        claims
    }

    #[test]
    fn issued_claims_contain_the_session_variables_of_the_role() {
        let driver = Account {
            user_id: UserId::parse("driver-7").unwrap(),
            role: Role::Driver,
            restaurant_id: None,
            driver_id: Some(7),
        };
        let claims = of_account(&issuer(), &driver, NOW, NOW + 60);
        assert_eq!(
            claims,
            json!({
                "iss": "http://127.0.0.1:8081", "aud": "3factor", "sub": "driver-7", "iat": NOW, "exp": NOW + 60,
                "https://hasura.io/jwt/claims": {
                    "x-hasura-default-role": "driver", "x-hasura-allowed-roles": ["driver"],
                    "x-hasura-user-id": "driver-7", "x-hasura-driver-id": "7"
                }
            })
        );
    }

    #[test]
    fn issued_claims_are_accepted() {
        assert_eq!(check(with("jti", json!("x"))).as_deref(), Ok("alice"));
        assert_eq!(
            check(with("aud", json!(["other", "3factor"]))).as_deref(),
            Ok("alice")
        );
        assert_eq!(check(with("exp", json!(1_800_000_000.5))).as_deref(), Ok("alice"));
        assert_eq!(
            check(with("exp", json!(NOW - 9))).as_deref(),
            Ok("alice"),
            "clock skew"
        );
        let mut access_token = with("client_id", json!("3factor"));
        access_token["aud"] = Value::Null;
        assert_eq!(check(access_token).as_deref(), Ok("alice"));
    }

    #[test]
    fn each_claim_is_checked() {
        for (name, value, error) in [
            ("iss", json!("http://127.0.0.1:8081/"), TokenError::Issuer),
            ("iss", json!(null), TokenError::Issuer),
            ("iss", json!(["http://127.0.0.1:8081"]), TokenError::Malformed),
            ("aud", json!("3Factor"), TokenError::Audience),
            ("aud", json!([]), TokenError::Audience),
            ("aud", json!(null), TokenError::Audience),
            ("exp", json!(NOW - 10), TokenError::Expired),
            ("exp", json!(null), TokenError::Expired),
            ("exp", json!("2027"), TokenError::Malformed),
            ("exp", json!(-1), TokenError::Expired),
            ("nbf", json!(NOW + 11), TokenError::NotYetValid),
            ("sub", json!(null), TokenError::Subject),
            ("sub", json!(""), TokenError::Subject),
            ("sub", json!("x".repeat(201)), TokenError::Subject),
            ("sub", json!(7), TokenError::Malformed),
        ] {
            assert_eq!(check(with(name, value.clone())), Err(error), "{name} = {value}");
        }
    }
}
