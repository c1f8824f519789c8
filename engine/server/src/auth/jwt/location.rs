//! Location of the token in a request.

use crate::auth::repeated::only;
use engine_error::{Code, Error, Result};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// Location of the token in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenLocation {
    /// `Authorization: Bearer TOKEN`.
    Authorization,
    /// Cookie of this name.
    Cookie(String),
    /// Header that contains only the token.
    Header(HeaderName),
}

impl TokenLocation {
    /// Parses `header` of the configuration.
    pub(super) fn parse(header: Option<&Value>) -> Result<Self, String> {
        let Some(header) = header else {
            return Ok(Self::Authorization);
        };
        let kind = header.get("type").and_then(Value::as_str);
        let kind = kind.ok_or("\"header\" must be an object with a \"type\"")?;
        let name = || {
            let name = header
                .get("name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty());
            name.ok_or_else(|| format!("\"header\" of the type {kind} requires a \"name\""))
        };
        match kind.to_lowercase().as_str() {
            "authorization" => Ok(Self::Authorization),
            "cookie" => Ok(Self::Cookie(name()?.to_owned())),
            "customheader" => {
                let name = name()?;
                let name = HeaderName::try_from(name)
                    .map_err(|_| format!("\"{name}\" is not a valid header name"))?;
                Ok(Self::Header(name))
            }
            _ => Err("\"type\" of \"header\" must be Authorization, Cookie or CustomHeader".to_owned()),
        }
    }

    /// Returns the token of a request, or an error if the header is malformed.
    pub(super) fn find<'a>(&self, headers: &'a HeaderMap) -> Result<Option<&'a str>> {
        match self {
            Self::Authorization => {
                let Some(value) = text(headers, &AUTHORIZATION)? else {
                    return Ok(None);
                };
                match value.split_once(' ') {
                    Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => Ok(Some(token.trim())),
                    _ => Err(malformed(&AUTHORIZATION)),
                }
            }
            Self::Header(name) => Ok(text(headers, name)?.map(str::trim)),
            Self::Cookie(name) => {
                let cookies = headers.get_all(COOKIE).iter();
                let mut cookies = cookies
                    .filter_map(|value| value.to_str().ok())
                    .flat_map(|value| value.split(';'))
                    .filter_map(|cookie| cookie.trim().split_once('='));
                let cookie = cookies.find(|(found, _)| found == name);
                Ok(cookie.map(|(_, token)| token.trim_matches('"')))
            }
        }
    }
}

/// Returns the text of a header, or an error if there are several.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let value = only(headers, name.as_str()).map_err(|_| malformed(name))?;
    let text = value.map(HeaderValue::to_str).transpose();
    text.map_err(|_| malformed(name))
}

fn malformed(name: &HeaderName) -> Error {
    // Hasura's wording
    let name = if *name == AUTHORIZATION {
        "Authorization"
    } else {
        name.as_str()
    };
    Error::new(Code::InvalidHeaders, format!("Malformed {name} header"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn find(config: &Value, headers: &[(&'static str, &'static str)]) -> Result<Option<String>> {
        let mut map = HeaderMap::new();
        for &(name, value) in headers {
            map.append(name, HeaderValue::from_static(value));
        }
        let location = TokenLocation::parse(Some(config)).unwrap();
        Ok(location.find(&map)?.map(ToOwned::to_owned))
    }

    #[test]
    fn tokens_are_found() {
        let authorization = json!({"type": "authorization"});
        let cookie = json!({"type": "cookie", "name": "jwt"});
        let custom = json!({"type": "CUSTOMHEADER", "name": "X-Token"});
        for (config, headers, token) in [
            (&authorization, &[("authorization", "Bearer t")][..], Some("t")),
            (&authorization, &[("authorization", "bearer  t")], Some("t")),
            (&authorization, &[("x-token", "t")], None),
            (&cookie, &[("cookie", "a=b; jwt=t; c=d")], Some("t")),
            (
                &cookie,
                &[("cookie", "a=b"), ("cookie", "jwt=\"t=\"")],
                Some("t="),
            ),
            (&cookie, &[("cookie", "JWT=t; xjwt=u")], None),
            (&cookie, &[("authorization", "Bearer t")], None),
            (&custom, &[("x-token", "t")], Some("t")),
        ] {
            assert_eq!(
                find(config, headers).unwrap().as_deref(),
                token,
                "{config} {headers:?}"
            );
        }
        assert_eq!(TokenLocation::parse(None), Ok(TokenLocation::Authorization));
    }

    #[test]
    fn malformed_headers_are_not_missing() {
        let authorization = json!({"type": "Authorization"});
        for headers in [
            &[("authorization", "t")][..],
            &[("authorization", "Basic dTpw")],
            &[("authorization", "")],
            &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
        ] {
            let error = find(&authorization, headers).unwrap_err();
            assert_eq!(
                (error.code, error.message.as_str()),
                (Code::InvalidHeaders, "Malformed Authorization header")
            );
        }
    }

    #[test]
    fn invalid_locations_are_rejected() {
        for config in [
            json!("Authorization"),
            json!({}),
            json!({"type": "Query"}),
            json!({"type": "Cookie"}),
            json!({"type": "CustomHeader", "name": "a b"}),
        ] {
            assert!(TokenLocation::parse(Some(&config)).is_err(), "{config}");
        }
    }
}
