//! Hasura's claims: allowed roles, default role and session variables.

use super::json_path::JsonPath;
use crate::auth::repeated::only;
use crate::auth::session::{is_variable, text};
use engine_error::{Code, Error, Result};
use engine_model::session::{ROLE, Session};
use http::HeaderMap;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) const ALLOWED_ROLES: &str = "x-hasura-allowed-roles";
pub(super) const DEFAULT_ROLE: &str = "x-hasura-default-role";

/// Location of the claims in a token.
#[derive(Debug)]
pub(super) enum ClaimsSource {
    /// Object with all claims.
    Namespace { location: Location, format: Format },
    /// `claims_map`: location of each claim.
    Map(Vec<(String, MappedClaim)>),
}

/// Location of the object with all claims.
#[derive(Debug)]
pub(super) enum Location {
    Key(String),
    Path(JsonPath),
}

/// Format of the object with all claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    StringifiedJson,
}

impl Format {
    /// The name in the configuration.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::StringifiedJson => "stringified_json",
        }
    }
}

/// Value of one claim of `claims_map`.
#[derive(Debug)]
pub(super) enum MappedClaim {
    Literal(Value),
    Path { path: JsonPath, default: Option<Value> },
}

impl ClaimsSource {
    /// Returns the session of a verified token. Of the headers, only the requested role is used.
    pub(super) fn session(&self, token: &Value, headers: &HeaderMap) -> Result<Session> {
        let mut claims = self.find(token)?;
        let allowed = claims.remove(ALLOWED_ROLES);
        let allowed = allowed_roles(allowed.as_ref())?;
        let default = default_role(claims.remove(DEFAULT_ROLE).as_ref())?;
        let requested = only(headers, ROLE)?.map(text);
        let role = requested.as_deref().unwrap_or(&default);
        if !allowed.contains(&role) {
            // Hasura's wording
            let message = "Your requested role is not in allowed roles";
            return Err(Error::new(Code::AccessDenied, message));
        }
        let mut variables = BTreeMap::new();
        for (name, value) in claims {
            let Value::String(value) = &*value else {
                return Err(invalid(format!(
                    "x-hasura-* claims: {}",
                    expected("Text", "String", &value)
                )));
            };
            variables.insert(name, value.clone());
        }
        Ok(Session::new(role.to_owned(), variables))
    }

    /// Returns the claims with lowercase names.
    fn find<'a>(&'a self, token: &'a Value) -> Result<BTreeMap<String, Cow<'a, Value>>> {
        match self {
            Self::Namespace { location, format } => {
                let object = match format {
                    Format::Json => Cow::Borrowed(location.find(token)?),
                    Format::StringifiedJson => Cow::Owned(stringified(location.find(token)?)?),
                };
                variables(object)
            }
            Self::Map(claims) => claims
                .iter()
                .filter_map(|(name, claim)| match claim {
                    MappedClaim::Literal(value) => Some(Ok((name.clone(), Cow::Borrowed(value)))),
                    MappedClaim::Path { path, default } => match path.find(token).or(default.as_ref()) {
                        Some(value) => Some(Ok((name.clone(), Cow::Borrowed(value)))),
                        // Reported as missing role claims.
                        None if matches!(name.as_str(), ALLOWED_ROLES | DEFAULT_ROLE) => None,
                        None => Some(Err(invalid(format!(
                            "JWT claim from claims_map, {name} not found"
                        )))),
                    },
                })
                .collect(),
        }
    }
}

impl Location {
    fn find<'a>(&self, token: &'a Value) -> Result<&'a Value> {
        // Hasura's wording
        match self {
            Self::Key(key) => token
                .get(key)
                .ok_or_else(|| invalid(format!("claims key: '{key}' not found"))),
            Self::Path(path) => path.find(token).ok_or_else(|| {
                invalid(format!(
                    "claims not found at claims_namespace_path: '{}'",
                    path.as_str()
                ))
            }),
        }
    }
}

// Hasura's wording
fn stringified(claims: &Value) -> Result<Value> {
    let text = claims
        .as_str()
        .ok_or_else(|| invalid("expecting a string when claims_format is stringified_json"))?;
    serde_json::from_str(text).map_err(|error| invalid(format!("the claims are not valid JSON: {error}")))
}

fn variables(claims: Cow<'_, Value>) -> Result<BTreeMap<String, Cow<'_, Value>>> {
    fn of<'a>(
        object: impl Iterator<Item = (String, Cow<'a, Value>)>,
    ) -> Result<BTreeMap<String, Cow<'a, Value>>> {
        let mut variables = BTreeMap::new();
        let lowercase = object.map(|(name, value)| (name.to_lowercase(), value));
        for (name, value) in lowercase.filter(|(name, _)| is_variable(name)) {
            if variables.contains_key(&name) {
                // Another verifier of the token may use the other one.
                return Err(invalid(format!("the claim {name} occurs several times")));
            }
            variables.insert(name, value);
        }
        Ok(variables)
    }
    match claims {
        Cow::Borrowed(Value::Object(object)) => of(object
            .iter()
            .map(|(name, value)| (name.clone(), Cow::Borrowed(value)))),
        Cow::Owned(Value::Object(object)) => {
            of(object.into_iter().map(|(name, value)| (name, Cow::Owned(value))))
        }
        // Hasura's wording
        _ => Err(invalid("expecting a json object when claims_format is json")),
    }
}

// Hasura's wording
fn allowed_roles<'a>(claim: Option<&'a Cow<'_, Value>>) -> Result<Vec<&'a str>> {
    let invalid_list = |reason: String| {
        invalid(format!(
            "invalid {ALLOWED_ROLES}; should be a list of roles: {reason}"
        ))
    };
    match claim.map(|value| &**value) {
        None => Err(missing(ALLOWED_ROLES)),
        Some(Value::Array(roles)) => {
            let role = |role: &'a Value| role_name(role).map_err(invalid_list);
            roles.iter().map(role).collect()
        }
        Some(other) => Err(invalid_list(expected("[]", "Array", other))),
    }
}

// Hasura's wording
fn default_role(claim: Option<&Cow<'_, Value>>) -> Result<String> {
    match claim {
        None => Err(missing(DEFAULT_ROLE)),
        Some(value) => role_name(value).map(ToOwned::to_owned).map_err(|reason| {
            invalid(format!(
                "invalid {DEFAULT_ROLE}; should be a single role name: {reason}"
            ))
        }),
    }
}

fn role_name(value: &Value) -> Result<&str, String> {
    match value {
        Value::String(role) if role.is_empty() => Err("empty string not allowed".to_owned()),
        Value::String(role) => Ok(role),
        other => Err(expected("RoleName", "String", other)),
    }
}

fn expected(what: &str, kind: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
    };
    format!("parsing {what} failed, expected {kind}, but encountered {found}")
}

// Hasura's wording
fn missing(claim: &str) -> Error {
    Error::new(
        Code::JwtMissingRoleClaims,
        format!("JWT claim does not contain {claim}"),
    )
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::JwtInvalidClaims, message)
}

/// Parses `claims_map`. Errors name the claim.
pub(super) fn parse_map(map: &Map<String, Value>) -> Result<ClaimsSource, String> {
    let mut claims: Vec<(String, MappedClaim)> = Vec::new();
    for (name, value) in map {
        let name = name.to_lowercase();
        if !is_variable(&name) {
            return Err(format!(
                "\"claims_map\": \"{name}\" does not begin with x-hasura-"
            ));
        }
        if claims.iter().any(|(other, _)| *other == name) {
            return Err(format!("\"claims_map\": \"{name}\" occurs several times"));
        }
        let claim = match value {
            Value::Object(object) => {
                let path = object.get("path").and_then(Value::as_str);
                let path =
                    path.ok_or_else(|| format!("\"claims_map\": \"path\" of \"{name}\" is missing"))?;
                MappedClaim::Path {
                    path: JsonPath::parse(path)
                        .map_err(|reason| format!("\"claims_map\": invalid path of \"{name}\": {reason}"))?,
                    default: object.get("default").cloned(),
                }
            }
            literal => MappedClaim::Literal(literal.clone()),
        };
        if let MappedClaim::Literal(value)
        | MappedClaim::Path {
            default: Some(value), ..
        } = &claim
        {
            let valid = match value {
                Value::String(_) => name != ALLOWED_ROLES,
                Value::Array(roles) => name == ALLOWED_ROLES && roles.iter().all(Value::is_string),
                _ => false,
            };
            if !valid {
                let kind = if name == ALLOWED_ROLES {
                    "a list of strings"
                } else {
                    "a string"
                };
                return Err(format!("\"claims_map\": the value of \"{name}\" must be {kind}"));
            }
        }
        claims.push((name, claim));
    }
    for required in [ALLOWED_ROLES, DEFAULT_ROLE] {
        if !claims.iter().any(|(name, _)| name == required) {
            return Err(format!("\"claims_map\": \"{required}\" is missing"));
        }
    }
    Ok(ClaimsSource::Map(claims))
}

#[cfg(test)]
mod tests;
