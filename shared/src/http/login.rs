//! `/login`, and the documents with the public keys.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde_json::Value;

use super::{
    body::{BodyError, text_at},
    error::HttpError,
    functions::{Answer, Caller, CallerKind, Function, RequestContext},
};
use crate::{
    config::LoginConfig,
    database::Database,
    identity::UserName,
    steps::{
        StepError,
        login::{self, LoginResponse},
    },
    token::signing::{DISCOVERY_PATH, JWKS_PATH, discovery},
};

/// `POST /login`, from a browser, and `GET /.well-known/…`, from verifiers of tokens.
#[derive(Debug, Clone)]
pub struct Login {
    config: LoginConfig,
}

impl Login {
    pub fn new(config: LoginConfig) -> Self {
        Self { config }
    }
}

impl Answer for LoginResponse {
    fn outcome(&self) -> &'static str {
        "logged-in"
    }
}

impl Function for Login {
    const NAME: &'static str = "login";
    const CALLER: CallerKind = CallerKind::Browser;
    type Input = UserName;
    type Output = LoginResponse;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        let path = ["username"];
        UserName::parse(text_at(body, &path)?).map_err(|rule| BodyError::invalid_value(&path, rule))
    }

    fn context(_: &UserName) -> RequestContext<'_> {
        RequestContext {
            order_id: None,
            path: "$.username",
            delivery: None,
        }
    }

    async fn authenticate(&self, _: &ApiGatewayV2httpRequest) -> Result<Caller, HttpError> {
        if self.config.demo {
            Ok(Caller::Unidentified)
        } else {
            Err(HttpError::of_step(StepError::DemoLoginDisabled, "$"))
        }
    }

    async fn document(&self, path: &str) -> Result<Option<Value>, HttpError> {
        let issuer = &self.config.issuer;
        if path.ends_with(DISCOVERY_PATH) {
            Ok(Some(discovery(&issuer.issuer)))
        } else if path.ends_with(JWKS_PATH) {
            let keys = issuer.keys().await;
            let keys = keys.map_err(|error| HttpError::secret_unavailable(&error))?;
            Ok(Some(keys.jwks()))
        } else {
            Ok(None)
        }
    }

    async fn run(
        &self,
        database: &Database,
        _: &Caller,
        name: &UserName,
    ) -> Result<LoginResponse, StepError> {
        login::run(database, &self.config.issuer, name).await
    }
}
