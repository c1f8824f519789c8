//! Database roles of the engine and the functions: in a database that the stack manages always, in an existing one as far as the role
//! of its connection string may create them.

use anyhow::{Context as _, Result};
use tokio_postgres::Client;

use super::{Database, Options};
use local_services::engine_role;
use local_services::login::{ENGINE_ROLE, FunctionLogins, Login};

/// Maximum length of the part of a role's name that distinguishes databases of one server, in bytes. Postgres truncates names at 63.
const MAX_SUFFIX: usize = 40;

/// Restricted roles. Without one, the role of the connection string is used.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) engine: Option<Login>,
    pub(super) functions: Option<FunctionLogins>,
}

/// Rights of the role of a connection string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rights {
    superuser: bool,
    creates_roles: bool,
}

impl Roles {
    /// Creates the engine's role, and names those of the functions, which are created when the tables exist.
    pub(super) async fn create(options: &Options, database: &Client, url: &str) -> Result<Self> {
        let Database::Existing {
            pool_url, restrict, ..
        } = &options.database
        else {
            return Self::restricted(database, Login::for_engine(), FunctionLogins::generate()).await;
        };
        let (rights, user, suffix) = identify(database).await?;
        // A connection pool that is managed elsewhere does not know new roles.
        let replaceable = *restrict && pool_url.is_none() && reqwest::Url::parse(url).is_ok();
        if replaceable && rights.superuser {
            let engine = Login {
                user: format!("{ENGINE_ROLE}{suffix}"),
                ..Login::for_engine()
            };
            options.logs.log_line(&format!(
                "the engine uses the role \"{}\", which now owns the objects of \"{user}\" in this database",
                engine.user
            ));
            return Self::restricted(database, engine, FunctionLogins::generate().suffixed(&suffix)).await;
        }
        if replaceable && rights.creates_roles {
            return Ok(Self {
                engine: None,
                functions: Some(FunctionLogins::generate().suffixed(&suffix)),
            });
        }
        options.logs.log_line(&warning(rights, &user));
        Ok(Self::default())
    }

    async fn restricted(database: &Client, engine: Login, functions: FunctionLogins) -> Result<Self> {
        engine_role::apply(database, &engine)
            .await
            .context("cannot create the engine's role (local/services/src/engine_role.sql)")?;
        Ok(Self {
            engine: Some(engine),
            functions: Some(functions),
        })
    }

    /// Roles that pgBouncer has to accept.
    pub(super) fn logins(&self) -> Vec<Login> {
        let functions = self.functions.as_ref().map(FunctionLogins::all);
        let functions = functions.unwrap_or_default().iter();
        self.engine.iter().chain(functions).cloned().collect()
    }
}

fn warning(rights: Rights, user: &str) -> String {
    let consequence = if rights.superuser {
        "SQL that reaches the engine can read files and run programs on the database's machine"
    } else {
        "each function has all rights of that role"
    };
    format!(
        "warning: the engine and the functions use the role \"{user}\" of the connection string: {consequence}; to restrict them, use \
         a postgres:// URL of a role that may create roles, without --use-url-role"
    )
}

/// Rights and name of the role, and the suffix of roles for this database.
async fn identify(database: &Client) -> Result<(Rights, String, String)> {
    let sql = "SELECT rolsuper, rolcreaterole, rolname::text, current_database()::text FROM pg_roles WHERE rolname = current_user";
    let row = database
        .query_one(sql, &[])
        .await
        .context("cannot read the rights of the database role")?;
    let rights = Rights {
        superuser: row.try_get(0)?,
        creates_roles: row.try_get(1)?,
    };
    Ok((rights, row.try_get(2)?, suffix(row.try_get(3)?)))
}

/// Roles belong to the whole server, so those of each existing database have their own names.
fn suffix(database: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = database.chars().take(MAX_SUFFIX).map(plain).collect();
    format!("_{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_is_a_plain_part_of_a_name() {
        assert_eq!(suffix("shop"), "_shop");
        assert_eq!(suffix("My \"shop\"-ä"), "_my__shop___");
        assert_eq!(suffix(&"x".repeat(63)).len(), MAX_SUFFIX + 1);
    }

    #[test]
    fn warning_names_the_consequence_and_the_remedy() {
        let of = |superuser| {
            warning(
                Rights {
                    superuser,
                    creates_roles: false,
                },
                "me",
            )
        };
        assert!(of(true).contains("run programs") && !of(false).contains("run programs"));
        assert!(of(false).contains("\"me\"") && of(false).contains("--use-url-role"));
    }
}
