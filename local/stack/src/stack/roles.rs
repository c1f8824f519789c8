//! Database roles of the engine and the functions: in a database that the stack manages always, in an existing one as far as the role
//! of its connection string may create them.

use anyhow::{Context as _, Result, ensure};
use tokio_postgres::Client;

use super::{Database, Options};
use local_services::engine_role;
use local_services::login::{ENGINE_ROLE, FunctionLogins, Login};

/// Maximum length of the readable part of a suffix, in bytes. Postgres truncates names at 63 bytes.
const MAX_READABLE: usize = 40;

/// Key of the advisory lock of the stack that has set the passwords of a database's roles. The locks of steps and of the engine have
/// other keys.
const CLAIM: i64 = 0x3fac_7035;

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
            return Self::restricted(database, Login::for_engine(), FunctionLogins::generate()?).await;
        };
        let (rights, user, name) = identify(database).await?;
        let suffix = suffix(&name);
        // A connection pool that is managed elsewhere does not know new roles.
        let replaceable = *restrict && pool_url.is_none() && reqwest::Url::parse(url).is_ok();
        if replaceable && (rights.superuser || rights.creates_roles) {
            claim(database, &name).await?;
        }
        if replaceable && rights.superuser {
            let engine = Login {
                user: format!("{ENGINE_ROLE}{suffix}"),
                ..Login::for_engine()
            };
            options.logs.log_line(&format!(
                "the engine uses the role \"{}\", which now owns the objects of \"{user}\" in this database",
                engine.user
            ));
            let engine_role = engine.user.clone();
            let roles =
                Self::restricted(database, engine, FunctionLogins::generate()?.suffixed(&suffix)).await?;
            hand_over(database, &name, &engine_role).await?;
            return Ok(roles);
        }
        if replaceable && rights.creates_roles {
            return Ok(Self {
                engine: None,
                functions: Some(FunctionLogins::generate()?.suffixed(&suffix)),
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

/// Claims the roles of this database until the connection ends. Each start sets new passwords, so that those of a second stack would
/// disconnect the first one.
async fn claim(database: &Client, name: &str) -> Result<()> {
    // Postgres 14 and later can end idle connections, and with it the claim.
    let sql = "SELECT pg_try_advisory_lock($1), (SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout')";
    let row = database
        .query_one(sql, &[&CLAIM])
        .await
        .context("cannot claim the roles of the database")?;
    let claimed: bool = row.try_get(0)?;
    ensure!(
        claimed,
        "another stack uses the database \"{name}\" and its roles, whose passwords this stack would replace; stop that stack, use \
         another database, or start this one with --use-url-role"
    );
    Ok(())
}

/// Releases the claim at once. If the connection is broken, it has already been released.
pub(super) async fn release(database: &Client) {
    let _ = database.execute("SELECT pg_advisory_unlock_all()", &[]).await;
}

/// Hands the objects in this database over from the engine's role of earlier versions, whose suffix had no hash and could belong to
/// several databases.
async fn hand_over(database: &Client, name: &str, engine: &str) -> Result<()> {
    let former = format!("{ENGINE_ROLE}_{}", readable(name));
    let sql = "SELECT FROM pg_roles WHERE rolname = $1 AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)";
    if database.query_opt(sql, &[&former]).await?.is_some() {
        database
            .batch_execute(&format!("REASSIGN OWNED BY \"{former}\" TO \"{engine}\""))
            .await
            .with_context(|| format!("cannot take over the objects of the role \"{former}\""))?;
    }
    Ok(())
}

/// Rights and name of the role, and the name of the database.
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
    Ok((rights, row.try_get(2)?, row.try_get(3)?))
}

/// Roles belong to the whole server, so those of each existing database have their own names: with a readable part, and a hash that
/// distinguishes `shop-1` from `shop_1`.
fn suffix(database: &str) -> String {
    format!("_{}_{:08x}", readable(database), fingerprint(database))
}

fn readable(database: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    database.chars().take(MAX_READABLE).map(plain).collect()
}

/// FNV-1a, stable across builds, because the roles are found again by their names.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_is_a_plain_part_of_a_name() {
        assert_eq!(suffix("foobar"), "_foobar_bf9cf968");
        assert!(suffix("My \"shop\"-ä").starts_with("_my__shop____"));
        let longest = FunctionLogins::generate()
            .unwrap()
            .suffixed(&suffix(&"x".repeat(63)));
        assert!(longest.all().iter().all(|login| login.user.len() <= 63));
    }

    #[test]
    fn suffixes_of_similar_names_differ() {
        let long = "x".repeat(62);
        for (one, other) in [
            ("shop-1", "shop_1"),
            ("Shop", "shop"),
            (&*format!("{long}1"), &*format!("{long}2")),
        ] {
            assert_ne!(suffix(one), suffix(other), "{one} and {other}");
        }
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
