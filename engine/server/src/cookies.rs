//! `Set-Cookie` headers that authentication adds to a response.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};
use std::sync::{Arc, Mutex, PoisonError};

/// Cookies of one response, as an extension of its request.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseCookies(Arc<Mutex<Vec<HeaderValue>>>);

impl ResponseCookies {
    pub(crate) fn set(&self, cookies: Vec<HeaderValue>) {
        if !cookies.is_empty() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cookies;
        }
    }
}

/// Adds the cookies to the response.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let cookies = ResponseCookies::default();
    request.extensions_mut().insert(cookies.clone());
    let mut response = next.run(request).await;
    for cookie in cookies.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
