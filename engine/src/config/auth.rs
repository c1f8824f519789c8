//! Authentication settings: consistency of the variables, and their conversion into [`Authentication`].

use super::{AuthHookMode, Config};
use connection::Secret;
use engine_model::session::{ADMIN, Session};
use engine_server::auth::jwt::{Jwt, JwtConfig};
use engine_server::auth::webhook::{Mode, Webhook};
use engine_server::auth::{Authenticated, Authentication, Method, UnauthorizedRole};
use engine_server::options::AuthSummary;

/// Consistent authentication settings.
#[derive(Debug)]
pub struct AuthConfig {
    admin_secrets: Vec<Secret>,
    unauthorized: Option<UnauthorizedRole>,
    method: Option<MethodConfig>,
}

#[derive(Debug)]
enum MethodConfig {
    Jwt(Vec<JwtConfig>),
    Webhook { url: Secret, mode: Mode },
}

impl Config {
    /// Whether an admin secret is configured. Without one, every request has the role admin.
    pub fn has_admin_secret(&self) -> bool {
        self.admin_secret.is_some() || self.access_key.is_some() || self.admin_secrets.is_some()
    }

    /// Returns an error, which names the variables, if the settings contradict each other or would not protect anything.
    pub fn auth(&self) -> Result<AuthConfig, String> {
        Ok(AuthConfig {
            admin_secrets: self.all_admin_secrets()?,
            unauthorized: self.unauthorized()?,
            method: self.method()?,
        })
    }

    fn all_admin_secrets(&self) -> Result<Vec<Secret>, String> {
        let mut secrets: Vec<Secret> = self
            .admin_secret
            .iter()
            .chain(&self.access_key)
            .cloned()
            .collect();
        if let Some(list) = &self.admin_secrets {
            // The parser's message would contain the secrets.
            let list: Vec<String> = serde_json::from_str(list.expose()).unwrap_or_default();
            let list = list.into_iter().map(|secret| Secret::new(secret).ok());
            let list = list.collect::<Option<Vec<_>>>().filter(|list| !list.is_empty());
            secrets.extend(list.ok_or(
                "HASURA_GRAPHQL_ADMIN_SECRETS (--admin-secrets) is not a JSON list of non-empty strings; \
                 expected for example [\"first\", \"second\"]",
            )?);
        }
        Ok(secrets)
    }

    fn unauthorized(&self) -> Result<Option<UnauthorizedRole>, String> {
        const NAME: &str = "HASURA_GRAPHQL_UNAUTHORIZED_ROLE (--unauthorized-role)";
        let Some(role) = &self.unauthorized_role else {
            return Ok(None);
        };
        self.require_admin_secret(NAME)?;
        if self.auth_hook.is_some() {
            return Err(format!(
                "{NAME} cannot be combined with HASURA_GRAPHQL_AUTH_HOOK (--auth-hook), which decides about every request; \
                 unset one of them"
            ));
        }
        if role == ADMIN {
            return Err(format!(
                "{NAME} is \"admin\": every request without credentials would be an administrator; choose another role"
            ));
        }
        if role.trim().is_empty() {
            return Err(format!(
                "{NAME} is empty; unset it to reject requests without credentials"
            ));
        }
        Authenticated::new(Session::of_role(role)).map_err(|error| format!("{NAME}: {}", error.message))?;
        Ok(Some(UnauthorizedRole {
            role: role.clone(),
            trusts_headers: self.unauthorized_role_trusts_headers,
        }))
    }

    fn method(&self) -> Result<Option<MethodConfig>, String> {
        const HOOK: &str = "HASURA_GRAPHQL_AUTH_HOOK (--auth-hook)";
        let (name, method) = match (&self.jwt_secret, &self.jwt_secrets, &self.auth_hook) {
            (None, None, None) => return Ok(None),
            (Some(secret), None, None) => {
                let name = "HASURA_GRAPHQL_JWT_SECRET (--jwt-secret)";
                let config = JwtConfig::parse(secret.expose()).map_err(|reason| invalid(name, &reason))?;
                (name, MethodConfig::Jwt(vec![config]))
            }
            (None, Some(secrets), None) => {
                let name = "HASURA_GRAPHQL_JWT_SECRETS (--jwt-secrets)";
                let configs =
                    JwtConfig::parse_list(secrets.expose()).map_err(|reason| invalid(name, &reason))?;
                (name, MethodConfig::Jwt(configs))
            }
            (Some(_), Some(_), None) => {
                return Err("HASURA_GRAPHQL_JWT_SECRET (--jwt-secret) and HASURA_GRAPHQL_JWT_SECRETS (--jwt-secrets) \
                            are both set; add the former to the list of the latter"
                    .to_owned());
            }
            (None, None, Some(url)) => {
                Webhook::parse_url(url.expose()).map_err(|reason| invalid(HOOK, &reason))?;
                let mode = match self.auth_hook_mode {
                    AuthHookMode::Get => Mode::Get,
                    AuthHookMode::Post => Mode::Post {
                        sends_request: self.auth_hook_send_request_body,
                    },
                };
                (
                    HOOK,
                    MethodConfig::Webhook {
                        url: url.clone(),
                        mode,
                    },
                )
            }
            (_, _, Some(_)) => {
                return Err(format!(
                    "{HOOK} and HASURA_GRAPHQL_JWT_SECRET (--jwt-secret) are both set; unset one of them"
                ));
            }
        };
        self.require_admin_secret(name)?;
        Ok(Some(method))
    }

    fn require_admin_secret(&self, name: &str) -> Result<(), String> {
        if self.has_admin_secret() {
            return Ok(());
        }
        Err(format!(
            "{name} requires HASURA_GRAPHQL_ADMIN_SECRET (--admin-secret): without a secret every request has the role admin; \
             set an admin secret"
        ))
    }
}

fn invalid(name: &str, reason: &str) -> String {
    format!("invalid {name}: {reason}")
}

impl AuthConfig {
    /// Public part of the settings.
    pub fn summary(&self) -> AuthSummary {
        AuthSummary {
            admin_secret_set: !self.admin_secrets.is_empty(),
            auth_hook_set: matches!(self.method, Some(MethodConfig::Webhook { .. })),
            jwt: match &self.method {
                Some(MethodConfig::Jwt(configs)) => configs.iter().map(JwtConfig::summary).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// Fetches key sets. Returns an error if one is not available.
    pub async fn load(self) -> Result<Authentication, String> {
        let method = match self.method {
            None => None,
            Some(MethodConfig::Jwt(configs)) => {
                let jwt = Jwt::load(configs).await;
                Some(Method::Jwt(
                    jwt.map_err(|reason| invalid("HASURA_GRAPHQL_JWT_SECRET", &reason))?,
                ))
            }
            Some(MethodConfig::Webhook { url, mode }) => {
                Some(Method::Webhook(Box::new(Webhook::new(url.expose(), mode)?)))
            }
        };
        Ok(Authentication {
            admin_secrets: self.admin_secrets,
            unauthorized: self.unauthorized,
            method,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = r#"{"type": "HS256", "key": "0123456789abcdef0123456789abcdef"}"#;

    fn parse(options: &[&str]) -> Result<Config, String> {
        let arguments = ["engine", "--database-url", "postgres://h/d"]
            .iter()
            .chain(options);
        Config::from_arguments(arguments.map(|&argument| argument.to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn settings_that_do_not_protect_are_refused() {
        let jwts = format!("[{JWT}]");
        for (options, named) in [
            (
                &["--jwt-secret", JWT][..],
                ["HASURA_GRAPHQL_JWT_SECRET", "HASURA_GRAPHQL_ADMIN_SECRET"],
            ),
            (
                &["--jwt-secrets", &jwts],
                ["HASURA_GRAPHQL_JWT_SECRETS", "HASURA_GRAPHQL_ADMIN_SECRET"],
            ),
            (
                &["--auth-hook", "http://h"],
                ["HASURA_GRAPHQL_AUTH_HOOK", "HASURA_GRAPHQL_ADMIN_SECRET"],
            ),
            (
                &["--unauthorized-role", "a"],
                ["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "HASURA_GRAPHQL_ADMIN_SECRET"],
            ),
            (
                &["--unauthorized-role", "admin", "--admin-secret", "s"],
                ["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "another role"],
            ),
            (
                &["--unauthorized-role", " ", "--admin-secret", "s"],
                ["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "empty"],
            ),
            (
                &["--unauthorized-role", "a\nb", "--admin-secret", "s"],
                ["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "control characters"],
            ),
            (
                &[
                    "--unauthorized-role",
                    "a",
                    "--admin-secret",
                    "s",
                    "--auth-hook",
                    "http://h",
                ],
                ["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "HASURA_GRAPHQL_AUTH_HOOK"],
            ),
            (
                &[
                    "--jwt-secret",
                    JWT,
                    "--admin-secret",
                    "s",
                    "--auth-hook",
                    "http://h",
                ],
                ["HASURA_GRAPHQL_JWT_SECRET", "HASURA_GRAPHQL_AUTH_HOOK"],
            ),
            (
                &["--jwt-secret", JWT, "--admin-secret", "s", "--jwt-secrets", &jwts],
                ["HASURA_GRAPHQL_JWT_SECRET", "HASURA_GRAPHQL_JWT_SECRETS"],
            ),
            (
                &["--jwt-secret", "{}", "--admin-secret", "s"],
                ["HASURA_GRAPHQL_JWT_SECRET", "jwk_url"],
            ),
            (
                &["--auth-hook", "h", "--admin-secret", "s"],
                ["HASURA_GRAPHQL_AUTH_HOOK", "http"],
            ),
            (
                &["--admin-secrets", "s3cret"],
                ["HASURA_GRAPHQL_ADMIN_SECRETS", "JSON list"],
            ),
            (
                &["--admin-secrets", "[]"],
                ["HASURA_GRAPHQL_ADMIN_SECRETS", "JSON list"],
            ),
            (
                &["--admin-secrets", "[\"\"]"],
                ["HASURA_GRAPHQL_ADMIN_SECRETS", "JSON list"],
            ),
        ] {
            let error = parse(options).unwrap_err();
            for name in named {
                assert!(error.contains(name), "{options:?}: {error}");
            }
            assert!(
                !error.contains("0123456789") && !error.contains("s3cret"),
                "{error}"
            );
        }
    }

    #[test]
    fn all_admin_secrets_are_accepted() {
        let config = parse(&[
            "--admin-secret",
            "a",
            "--access-key",
            "b",
            "--admin-secrets",
            "[\"c\", \"d\"]",
        ])
        .unwrap();
        assert_eq!(config.auth().unwrap().admin_secrets.len(), 4);
        let config = parse(&["--jwt-secret", JWT, "--admin-secrets", "[\"c\"]"]).unwrap();
        let summary = config.auth().unwrap().summary();
        assert!(summary.admin_secret_set && !summary.auth_hook_set);
        assert_eq!(
            summary.jwt,
            [
                serde_json::json!({"claims_namespace": "https://hasura.io/jwt/claims", "claims_format": "json"})
            ]
        );
        assert!(!format!("{config:?}").contains("0123456789"));
    }
}
