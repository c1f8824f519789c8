use super::*;
use http::HeaderValue;
use serde_json::json;

fn namespace(format: Format) -> ClaimsSource {
    ClaimsSource::Namespace {
        location: Location::Key("ns".to_owned()),
        format,
    }
}

fn session(source: &ClaimsSource, token: &Value, role: Option<&'static str>) -> Result<Session> {
    let mut headers = HeaderMap::new();
    headers.insert("x-hasura-user-id", HeaderValue::from_static("spoofed"));
    headers.insert(
        "x-hasura-use-backend-only-permissions",
        HeaderValue::from_static("true"),
    );
    if let Some(role) = role {
        headers.insert(ROLE, HeaderValue::from_static(role));
    }
    source.session(token, &headers)
}

fn claims() -> Value {
    json!({
        "X-Hasura-Allowed-Roles": ["user", "editor"], "x-hasura-default-role": "user", "X-Hasura-User-Id": "1",
        "x-hasura-admin-secret": "not a variable", "other": 1,
    })
}

#[test]
fn session_has_claims_and_requested_role_only() {
    for (format, token) in [
        (Format::Json, json!({"ns": claims()})),
        (Format::StringifiedJson, json!({"ns": claims().to_string()})),
    ] {
        let source = namespace(format);
        for (requested, role) in [(None, "user"), (Some("editor"), "editor")] {
            let session = session(&source, &token, requested).unwrap();
            let expected = BTreeMap::from([("x-hasura-user-id".to_owned(), "1".to_owned())]);
            assert_eq!(session, Session::new(role.to_owned(), expected));
        }
        let error = session(&source, &token, Some("admin")).unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (Code::AccessDenied, "Your requested role is not in allowed roles")
        );
    }
}

#[test]
fn missing_and_malformed_claims_are_reported() {
    let with = |key: &str, value: Value| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("X-Hasura-Allowed-Roles");
        claims["x-hasura-allowed-roles"] = json!(["user"]);
        if value == json!("remove") {
            claims.as_object_mut().unwrap().remove(key);
        } else {
            claims[key] = value;
        }
        json!({"ns": claims})
    };
    for (token, code, message) in [
        (json!({}), Code::JwtInvalidClaims, "claims key: 'ns' not found"),
        (
            json!({"ns": "{}"}),
            Code::JwtInvalidClaims,
            "expecting a json object when claims_format is json",
        ),
        (
            with(ALLOWED_ROLES, json!("remove")),
            Code::JwtMissingRoleClaims,
            "JWT claim does not contain x-hasura-allowed-roles",
        ),
        (
            with(DEFAULT_ROLE, json!("remove")),
            Code::JwtMissingRoleClaims,
            "JWT claim does not contain x-hasura-default-role",
        ),
        (
            with(ALLOWED_ROLES, json!("user")),
            Code::JwtInvalidClaims,
            "invalid x-hasura-allowed-roles; should be a list of roles: parsing [] failed, expected Array, but \
             encountered String",
        ),
        (
            with(ALLOWED_ROLES, json!(["user", 1])),
            Code::JwtInvalidClaims,
            "invalid x-hasura-allowed-roles; should be a list of roles: parsing RoleName failed, expected String, but \
             encountered Number",
        ),
        (
            with(DEFAULT_ROLE, json!(["user"])),
            Code::JwtInvalidClaims,
            "invalid x-hasura-default-role; should be a single role name: parsing RoleName failed, expected String, but \
             encountered Array",
        ),
        (
            with(DEFAULT_ROLE, json!("")),
            Code::JwtInvalidClaims,
            "invalid x-hasura-default-role; should be a single role name: empty string not allowed",
        ),
        (
            with(DEFAULT_ROLE, json!("admin")),
            Code::AccessDenied,
            "Your requested role is not in allowed roles",
        ),
        (
            with("X-Hasura-User-Id", json!(1)),
            Code::JwtInvalidClaims,
            "x-hasura-* claims: parsing Text failed, expected String, but encountered Number",
        ),
        (
            with("x-hasura-user-id", json!("2")),
            Code::JwtInvalidClaims,
            "the claim x-hasura-user-id occurs several times",
        ),
    ] {
        let error = session(&namespace(Format::Json), &token, None).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message), "{token}");
        assert_eq!(error.status, 400);
    }
    for (token, message) in [
        (
            json!({"ns": claims()}),
            "expecting a string when claims_format is stringified_json",
        ),
        (json!({"ns": "{"}), "the claims are not valid JSON"),
        (
            json!({"ns": "[]"}),
            "expecting a json object when claims_format is json",
        ),
    ] {
        let error = session(&namespace(Format::StringifiedJson), &token, None).unwrap_err();
        assert_eq!(error.code, Code::JwtInvalidClaims);
        assert!(error.message.starts_with(message), "{error}");
    }
}

#[test]
fn namespace_path_may_be_the_root() {
    for (path, token) in [
        ("$", claims()),
        ("$.hasura_claims", json!({"hasura_claims": claims()})),
        ("$.hasura['claims%']", json!({"hasura": {"claims%": claims()}})),
    ] {
        let source = ClaimsSource::Namespace {
            location: Location::Path(JsonPath::parse(path).unwrap()),
            format: Format::Json,
        };
        assert_eq!(
            session(&source, &token, None).unwrap().variables["x-hasura-user-id"],
            "1"
        );
    }
    let source = ClaimsSource::Namespace {
        location: Location::Path(JsonPath::parse("$.x").unwrap()),
        format: Format::Json,
    };
    let error = session(&source, &json!({}), None).unwrap_err();
    assert_eq!(error.message, "claims not found at claims_namespace_path: '$.x'");
}

fn map(map: &Value) -> Result<ClaimsSource, String> {
    parse_map(map.as_object().unwrap())
}

#[test]
fn claims_map_collects_values_defaults_and_literals() {
    let source = map(&json!({
        "X-Hasura-User-Id": {"path": "$.user.id"},
        "x-hasura-org": {"path": "$.user.org", "default": "none"},
        "x-hasura-kind": "literal",
        "x-hasura-allowed-roles": {"path": "$.user.roles", "default": ["user"]},
        "x-hasura-default-role": {"path": "$.user.roles[0]", "default": "user"},
    }))
    .unwrap();
    let variables = |token: Value| session(&source, &token, None).map(|session| session.to_json());
    assert_eq!(
        variables(json!({"user": {"id": "1", "org": "o", "roles": ["editor"]}})).unwrap(),
        r#"{"x-hasura-kind":"literal","x-hasura-org":"o","x-hasura-role":"editor","x-hasura-user-id":"1"}"#
    );
    assert_eq!(
        variables(json!({"user": {"id": "1"}})).unwrap(),
        r#"{"x-hasura-kind":"literal","x-hasura-org":"none","x-hasura-role":"user","x-hasura-user-id":"1"}"#
    );
    let error = variables(json!({})).unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (
            Code::JwtInvalidClaims,
            "JWT claim from claims_map, x-hasura-user-id not found"
        )
    );
    let error = variables(json!({"user": {"id": "1", "roles": "user"}})).unwrap_err();
    assert!(error.message.contains("should be a list of roles"), "{error}");
    let required = map(&json!({
        "x-hasura-allowed-roles": {"path": "$.roles"}, "x-hasura-default-role": {"path": "$.role"},
    }))
    .unwrap();
    for (token, claim) in [
        (json!({"role": "a"}), ALLOWED_ROLES),
        (json!({"roles": ["a"]}), DEFAULT_ROLE),
    ] {
        let error = session(&required, &token, None).unwrap_err();
        assert_eq!(error.code, Code::JwtMissingRoleClaims);
        assert!(error.message.ends_with(claim), "{error}");
    }
}

#[test]
fn invalid_claims_maps_are_rejected() {
    let roles = json!({"x-hasura-allowed-roles": ["a"], "x-hasura-default-role": "a"});
    assert!(map(&roles).is_ok());
    for (key, value) in [
        ("user-id", json!("1")),
        ("x-hasura-user-id", json!(1)),
        ("x-hasura-user-id", json!({"default": "1"})),
        ("x-hasura-user-id", json!({"path": "$.a", "default": 1})),
        ("x-hasura-user-id", json!({"path": "$a"})),
        ("x-hasura-allowed-roles", json!("a")),
        ("x-hasura-default-role", json!(["a"])),
        ("x-hasura-admin-secret", json!("a")),
    ] {
        let mut bad = roles.clone();
        bad[key] = value.clone();
        assert!(map(&bad).is_err(), "{key} {value}");
    }
    assert!(
        map(&json!({"x-hasura-allowed-roles": ["a"]}))
            .unwrap_err()
            .contains(DEFAULT_ROLE)
    );
}
