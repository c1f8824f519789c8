//! Access to `/payment`: the identity of its caller, who has to be a customer.

use std::sync::Arc;

use lambda_http::{
    aws_lambda_events::apigw::ApiGatewayV2httpRequest,
    http::{HeaderValue, header},
};

use super::{error::HttpError, functions::Caller};
use crate::token::{Verifier, claims::customer_of_verified, now};

/// How the caller of `/payment` is identified.
#[derive(Debug, Clone)]
pub enum PaymentAccess {
    /// By a token in `Authorization: Bearer …`, which the function verifies.
    Token(Arc<Verifier>),
    /// By a token that the JWT authorizer of API Gateway has verified. Both are part of the event, so only API Gateway may be able to
    /// invoke the function.
    Authorizer,
    /// Not at all: any caller pays any order.
    Open,
    /// As [`PaymentAccess::Open`], and the amount that the apps of the Node.js example send for every order pays its total.
    NodejsExampleApps,
}

impl PaymentAccess {
    /// Identifies the caller.
    pub(super) async fn caller(&self, request: &ApiGatewayV2httpRequest) -> Result<Caller, HttpError> {
        match self {
            Self::Token(verifier) => {
                let token = bearer_token(request).ok_or_else(HttpError::missing_token)?;
                let user = verifier.verify(token, now()).await;
                Ok(Caller::User(user.map_err(HttpError::of_token)?))
            }
            Self::Authorizer => {
                let authorizer = request.request_context.authorizer.as_ref();
                let claims = authorizer.and_then(|authorizer| authorizer.jwt.as_ref());
                let subject = claims.and_then(|jwt| jwt.claims.get("sub"));
                let token = bearer_token(request);
                let (Some(subject), Some(token)) = (subject, token) else {
                    return Err(HttpError::missing_token());
                };
                let user = customer_of_verified(token, subject);
                Ok(Caller::User(
                    user.map_err(|error| HttpError::of_token(error.into()))?,
                ))
            }
            Self::Open | Self::NodejsExampleApps => Ok(Caller::Unidentified),
        }
    }
}

fn bearer_token(request: &ApiGatewayV2httpRequest) -> Option<&str> {
    let value = request
        .headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::to_str)?
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
