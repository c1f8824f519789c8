//! Sign-in page of [`TestIssuer`](crate::tokens::TestIssuer), as of a provider of `OpenID Connect`: authorization code flow with
//! PKCE, refresh tokens, and sign-out. There are no passwords; the name of an account gives its role.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::{
    identity::{Account, Role, UserId},
    token::{
        SigningKeys,
        claims::{self, Issuer},
        now,
        signing::{DISCOVERY_PATH, JWKS_PATH},
    },
};
use uuid::Uuid;

/// Time for which its ID tokens are valid, in seconds.
const LIFETIME: u64 = 600;

/// Pages and endpoints of the provider.
#[derive(Debug)]
pub(crate) struct SignIn {
    issuer: Issuer,
    keys: SigningKeys,
    state: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    /// Addresses to which users may be sent.
    registered: HashSet<String>,
    codes: HashMap<String, Grant>,
    refresh_tokens: HashMap<String, String>,
}

#[derive(Debug)]
struct Grant {
    account: String,
    redirect_uri: String,
    challenge: String,
    nonce: String,
}

type Parameters = HashMap<String, String>;
type Shared = State<Arc<SignIn>>;

impl SignIn {
    pub(crate) fn new(issuer: Issuer, keys: SigningKeys) -> Arc<Self> {
        Arc::new(Self {
            issuer,
            keys,
            state: Mutex::default(),
        })
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route(DISCOVERY_PATH, get(discovery))
            .route("/sign-in", get(page).post(signed_in))
            .route("/token", post(token))
            .route("/sign-out", get(sign_out))
            .with_state(self.clone())
    }

    /// Permits an address as `redirect_uri`.
    pub(crate) fn register(&self, address: &str) {
        self.sessions().registered.insert(address.to_owned());
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grant(&self, form: &Parameters) -> Result<(String, Option<String>), &'static str> {
        let mut sessions = self.sessions();
        if value(form, "client_id") != self.issuer.audience {
            return Err("invalid_client");
        }
        match value(form, "grant_type") {
            "authorization_code" => {
                // A code is valid once.
                let grant = sessions
                    .codes
                    .remove(value(form, "code"))
                    .ok_or("invalid_grant")?;
                let verifier = Sha256::digest(value(form, "code_verifier"));
                let proven = URL_SAFE_NO_PAD.encode(verifier) == grant.challenge;
                if !proven || value(form, "redirect_uri") != grant.redirect_uri {
                    return Err("invalid_grant");
                }
                Ok((grant.account, Some(grant.nonce)))
            }
            "refresh_token" => {
                let token = sessions.refresh_tokens.remove(value(form, "refresh_token"));
                Ok((token.ok_or("invalid_grant")?, None))
            }
            _ => Err("unsupported_grant_type"),
        }
    }
}

async fn discovery(State(provider): Shared) -> Response {
    let url = &provider.issuer.url;
    let document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/sign-in"),
        "token_endpoint": format!("{url}/token"),
        "end_session_endpoint": format!("{url}/sign-out"),
        "jwks_uri": format!("{url}{JWKS_PATH}"),
        "scopes_supported": ["openid", "offline_access"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    });
    for_pages(Json(document))
}

/// Form in which the user enters the name of an account.
async fn page(State(provider): Shared, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let parameters = parsed(query.as_bytes());
    let registered = provider
        .sessions()
        .registered
        .contains(value(&parameters, "redirect_uri"));
    let expected = [
        ("client_id", provider.issuer.audience.as_str()),
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
    ];
    if !registered
        || expected
            .iter()
            .any(|(name, expected)| value(&parameters, name) != *expected)
    {
        return (StatusCode::BAD_REQUEST, "invalid request of the application").into_response();
    }
    Html(format!(
        "<!doctype html><html lang=en><title>Provider</title><h1>Provider</h1>\
         <form method=post action=\"/sign-in?{}\"><label>Account <input name=account autofocus></label> \
         <button>Sign in</button></form></html>",
        query.replace('"', "%22").replace('&', "&amp;")
    ))
    .into_response()
}

async fn signed_in(State(provider): Shared, RawQuery(query): RawQuery, body: String) -> Response {
    let parameters = parsed(query.unwrap_or_default().as_bytes());
    let redirect_uri = value(&parameters, "redirect_uri").to_owned();
    let mut sessions = provider.sessions();
    if !sessions.registered.contains(&redirect_uri) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = Uuid::new_v4().to_string();
    let response = format!("{redirect_uri}?code={code}&state={}", value(&parameters, "state"));
    sessions.codes.insert(
        code,
        Grant {
            account: value(&parsed(body.as_bytes()), "account").to_owned(),
            redirect_uri,
            challenge: value(&parameters, "code_challenge").to_owned(),
            nonce: value(&parameters, "nonce").to_owned(),
        },
    );
    Redirect::to(&response).into_response()
}

async fn token(State(provider): Shared, body: String) -> Response {
    let form = parsed(body.as_bytes());
    let (name, nonce) = match provider.grant(&form) {
        Ok(granted) => granted,
        Err(error) => {
            return for_pages((StatusCode::BAD_REQUEST, Json(json!({"error": error}))));
        }
    };
    let mut claims = claims::of_account(&provider.issuer, &account(&name), now(), now() + LIFETIME);
    if let Some(nonce) = nonce {
        claims["nonce"] = Value::String(nonce);
    }
    let refresh_token = Uuid::new_v4().to_string();
    provider
        .sessions()
        .refresh_tokens
        .insert(refresh_token.clone(), name);
    for_pages(Json(json!({
        "token_type": "Bearer",
        "access_token": Uuid::new_v4().to_string(),
        "id_token": provider.keys.sign(&claims).expect("the claims are signed"),
        "refresh_token": refresh_token,
        "expires_in": LIFETIME,
    })))
}

async fn sign_out(State(provider): Shared, RawQuery(query): RawQuery) -> Response {
    let parameters = parsed(query.unwrap_or_default().as_bytes());
    let address = value(&parameters, "post_logout_redirect_uri");
    if provider.sessions().registered.contains(address) {
        Redirect::to(address).into_response()
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

/// Account of a name: staff as in demo-accounts.sql, or a customer.
fn account(name: &str) -> Account {
    let number = |prefix: &str| name.strip_prefix(prefix)?.parse().ok();
    let (restaurant_id, driver_id) = (number("restaurant-"), number("driver-"));
    let role = match (name, restaurant_id, driver_id) {
        ("manager", ..) => Role::Manager,
        (_, Some(_), _) => Role::Restaurant,
        (_, _, Some(_)) => Role::Driver,
        _ => Role::Customer,
    };
    Account {
        user_id: UserId::parse(name).expect("the name of an account"),
        role,
        restaurant_id,
        driver_id,
    }
}

/// Adds the header that lets pages read the response.
fn for_pages(response: impl axum::response::IntoResponse) -> Response {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], response).into_response()
}

fn parsed(text: &[u8]) -> Parameters {
    form_urlencoded::parse(text).into_owned().collect()
}

fn value<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    parameters.get(name).map(String::as_str).unwrap_or_default()
}
