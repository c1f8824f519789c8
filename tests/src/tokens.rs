//! An issuer of tokens, as the login function or an identity provider is one: serves its keys over HTTP, signs any claims, and signs
//! users in on a page.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse as _, routing::get};
use serde_json::Value;
use shared::{
    config::{IdentityVariables, LoginConfig},
    http::PaymentAccess,
    identity::{Account, UserName},
    token::{
        SigningKeys,
        claims::{self, Issuer},
        now,
        signing::JWKS_PATH,
    },
};
use tokio::net::TcpListener;

use crate::sign_in::SignIn;

/// Time for which the tokens of [`TestIssuer::token`] are valid, in seconds.
const LIFETIME: u64 = 600;

/// Configuration of a login function with new keys, in which users log in by name.
pub fn demo_login() -> LoginConfig {
    LoginConfig::from_variables(&IdentityVariables {
        jwt_issuer: Some("http://127.0.0.1:8081".to_owned()),
        demo_login: Some("true".to_owned()),
        login_signing_keys: Some(new_key()),
        ..IdentityVariables::default()
    })
    .expect("a good configuration")
}

/// A new private key in PEM.
pub fn new_key() -> String {
    SigningKeys::generate().expect("a key")
}

/// Account of a customer.
pub fn customer(name: &str) -> Account {
    Account::customer(&UserName::parse(name).expect("a good name"))
}

/// A running issuer.
pub struct TestIssuer {
    issuer: Issuer,
    keys: SigningKeys,
    published: Arc<Published>,
    sign_in: Arc<SignIn>,
}

struct Published {
    /// `None`: the issuer responds with 503.
    document: Mutex<Option<Value>>,
    fetches: AtomicUsize,
}

impl TestIssuer {
    /// Starts an issuer on a free port.
    pub async fn start() -> Self {
        let keys = SigningKeys::parse(&new_key()).expect("a good key");
        let published = Arc::new(Published {
            document: Mutex::new(Some(keys.jwks())),
            fetches: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let issuer = Issuer {
            url,
            audience: "3factor".to_owned(),
        };
        let sign_in = SignIn::new(issuer.clone(), keys.clone());
        let router = Router::new()
            .route(JWKS_PATH, get(jwks))
            .with_state(published.clone())
            .merge(sign_in.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            issuer,
            keys,
            published,
            sign_in,
        }
    }

    /// Permits an application to receive users at this address after sign-in and sign-out.
    pub fn register(&self, address: &str) {
        self.sign_in.register(address);
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.issuer.url
    }

    /// Access to payments with tokens of this issuer.
    pub fn access(&self) -> PaymentAccess {
        PaymentAccess::from_variables(&IdentityVariables {
            jwt_issuer: Some(self.issuer.url.clone()),
            ..IdentityVariables::default()
        })
        .expect("a good configuration")
    }

    /// Token of a customer.
    pub fn token(&self, name: &str) -> String {
        self.sign(&self.claims(&customer(name)))
    }

    /// Claims of an account that are valid now.
    pub fn claims(&self, account: &Account) -> Value {
        claims::of_account(&self.issuer, account, now(), now() + LIFETIME)
    }

    /// Signs claims with the current key.
    pub fn sign(&self, claims: &Value) -> String {
        self.keys.sign(claims).expect("the claims are signed")
    }

    /// Document with the public keys.
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    /// Replaces the key, and publishes only the new one. The sign-in page keeps the old one.
    pub fn rotate(&mut self) {
        self.keys = SigningKeys::parse(&new_key()).expect("a good key");
        self.publish(Some(self.keys.jwks()));
    }

    /// Publishes another document; `None` makes the issuer unavailable.
    pub fn publish(&self, document: Option<Value>) {
        *self.published.document.lock().expect("the mutex is not poisoned") = document;
    }

    /// Number of fetches of the keys.
    pub fn fetches(&self) -> usize {
        self.published.fetches.load(Ordering::SeqCst)
    }
}

async fn jwks(State(published): State<Arc<Published>>) -> axum::response::Response {
    published.fetches.fetch_add(1, Ordering::SeqCst);
    let document = published
        .document
        .lock()
        .expect("the mutex is not poisoned")
        .clone();
    match document {
        Some(document) => Json(document).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
