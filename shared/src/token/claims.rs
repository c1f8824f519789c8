//! Claims of a token: the registered ones (RFC 7519) and those of Hasura.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::identity::{Account, Role, UserId};

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
    #[error("the token names no user, or one longer than 200 bytes")]
    User,
    #[error("the token is not one of a customer")]
    Role,
}

/// Claims of a token with a valid signature.
#[derive(Debug, Deserialize)]
pub(super) struct ReceivedClaims {
    iss: Option<String>,
    aud: Option<Audience>,
    /// Access tokens of Amazon Cognito have this claim instead of `aud`; API Gateway accepts either.
    client_id: Option<String>,
    sub: Option<String>,
    /// Seconds since 1970, possibly with a fraction.
    exp: Option<f64>,
    nbf: Option<f64>,
    /// An object, or its JSON text (`claims_format` of Hasura). The same claims as for GraphQL, so that an order is paid by the user
    /// who may read it.
    #[serde(rename = "https://hasura.io/jwt/claims")]
    hasura: Option<Value>,
    /// Roles in tokens of Amazon Cognito without claims of Hasura, such as its access tokens. ID tokens have these claims, as a JSON
    /// text, from the trigger in infra/identity.yaml.
    #[serde(rename = "cognito:groups")]
    groups: Option<Vec<String>>,
}

/// Start of issuers whose tokens may have no claims of Hasura.
const COGNITO: &str = "https://cognito-idp.";

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl ReceivedClaims {
    /// Checks the claims at a time; returns the customer.
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
        self.customer()
    }

    /// The user, if the role `customer` is among those that the token permits.
    fn customer(&self) -> Result<UserId, TokenError> {
        let customer = Role::Customer.as_str();
        let parsed = match &self.hasura {
            Some(Value::String(text)) => Some(serde_json::from_str(text).map_err(|_| TokenError::Malformed)?),
            _ => None,
        };
        let (permitted, user) = match parsed.as_ref().or(self.hasura.as_ref()) {
            Some(claims) => {
                let roles = variable(claims, "x-hasura-allowed-roles")?.and_then(Value::as_array);
                let permitted = roles.is_some_and(|roles| roles.iter().any(|role| role == customer));
                let user = variable(claims, "x-hasura-user-id")?;
                (permitted, user.and_then(Value::as_str))
            }
            // A user without a group is a customer.
            None if self
                .iss
                .as_deref()
                .is_some_and(|issuer| issuer.starts_with(COGNITO)) =>
            {
                let groups = self.groups.as_ref();
                let permitted = groups.is_none_or(|groups| groups.iter().any(|group| group == customer));
                (permitted, self.sub.as_deref())
            }
            None => (false, None),
        };
        if !permitted {
            return Err(TokenError::Role);
        }
        user.and_then(UserId::parse).ok_or(TokenError::User)
    }
}

/// Returns the value of a session variable. The case of its name has no meaning; names that differ only in it are refused, as by the
/// engine, which could otherwise use the other value.
fn variable<'a>(claims: &'a Value, name: &str) -> Result<Option<&'a Value>, TokenError> {
    let claims = claims.as_object().into_iter().flatten();
    let mut values = claims.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value);
    match values.next() {
        None => Ok(value),
        Some(_) => Err(TokenError::Malformed),
    }
}

/// Returns the customer of a token that API Gateway has verified. `subject` is the one that it found: the event contains nested
/// claims only as text without a defined format, so they are read from the token itself.
pub fn customer_of_verified(token: &str, subject: &str) -> Result<UserId, TokenError> {
    let payload = token.split('.').nth(1).ok_or(TokenError::Malformed)?;
    let payload = BASE64_URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| TokenError::Malformed)?;
    let claims: ReceivedClaims = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
    if claims.sub.as_deref() != Some(subject) {
        return Err(TokenError::Malformed);
    }
    claims.customer()
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
            ("sub", json!(7), TokenError::Malformed),
            (HASURA_NAMESPACE, json!(null), TokenError::Role),
            (HASURA_NAMESPACE, json!("{"), TokenError::Malformed),
            (HASURA_NAMESPACE, json!([]), TokenError::Role),
            (
                HASURA_NAMESPACE,
                hasura(json!(["manager"]), json!("boss")),
                TokenError::Role,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!([]), json!("alice")),
                TokenError::Role,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!("customer"), json!("alice")),
                TokenError::Role,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!(["customer"]), json!(null)),
                TokenError::User,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!(["customer"]), json!("")),
                TokenError::User,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!(["customer"]), json!(7)),
                TokenError::User,
            ),
            (
                HASURA_NAMESPACE,
                hasura(json!(["customer"]), json!("x".repeat(201))),
                TokenError::User,
            ),
            (
                HASURA_NAMESPACE,
                json!({"x-hasura-allowed-roles": ["customer"], "x-hasura-user-id": "alice", "X-Hasura-User-Id": "bob"}),
                TokenError::Malformed,
            ),
            (
                HASURA_NAMESPACE,
                json!({"x-hasura-allowed-roles": [], "X-Hasura-Allowed-Roles": ["customer"], "x-hasura-user-id": "bob"}),
                TokenError::Malformed,
            ),
        ] {
            assert_eq!(check(with(name, value.clone())), Err(error), "{name} = {value}");
        }
    }

    /// Claims of Hasura with a staff role by default.
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!(…) in place")]
    fn hasura(roles: Value, user: Value) -> Value {
        json!({"x-hasura-default-role": "driver", "x-hasura-allowed-roles": roles, "x-hasura-user-id": user})
    }

    /// The owner of an order is the user of Hasura's claims, whatever the subject is.
    #[test]
    fn user_is_the_one_of_graphql() {
        let claims = hasura(json!(["driver", "customer"]), json!("bob"));
        assert_eq!(
            check(with(HASURA_NAMESPACE, claims.clone())).as_deref(),
            Ok("bob")
        );
        let text = json!(claims.to_string());
        assert_eq!(check(with(HASURA_NAMESPACE, text)).as_deref(), Ok("bob"));
        let upper = json!({"X-Hasura-Allowed-Roles": ["customer"], "X-Hasura-User-Id": "bob"});
        assert_eq!(check(with(HASURA_NAMESPACE, upper)).as_deref(), Ok("bob"));
    }

    #[test]
    fn groups_of_cognito_are_roles() {
        let of_groups = |groups: Value| {
            let claims = json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/x", "sub": "alice", "cognito:groups": groups});
            let received: ReceivedClaims = serde_json::from_value(claims).unwrap();
            received.customer().map(|user| user.as_str().to_owned())
        };
        assert_eq!(of_groups(json!(null)).as_deref(), Ok("alice"));
        assert_eq!(of_groups(json!(["driver", "customer"])).as_deref(), Ok("alice"));
        assert_eq!(of_groups(json!(["manager"])), Err(TokenError::Role));
        assert_eq!(of_groups(json!([])), Err(TokenError::Role));
    }

    #[test]
    fn claims_of_another_subject_than_the_verified_one_are_refused() {
        let claims = with("jti", json!("x")).to_string();
        let token = format!("e30.{}.", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let user =
            |token: &str, subject| customer_of_verified(token, subject).map(|user| user.as_str().to_owned());
        assert_eq!(user(&token, "alice").as_deref(), Ok("alice"));
        assert_eq!(user(&token, "mallory"), Err(TokenError::Malformed));
        assert_eq!(user("e30", "alice"), Err(TokenError::Malformed));
        assert_eq!(user("e30.?.", "alice"), Err(TokenError::Malformed));
    }
}
