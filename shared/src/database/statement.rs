//! Statements of the functions, and how a connection runs them: in one round trip, and planned once per server connection where
//! that is possible.
//!
//! Planning the statement of a step takes Postgres several times as long as running it (docs/performance.md). So a connection
//! prepares each statement on first use and refers to it by its name afterwards, if the probe ([`super::probe`]) has shown that
//! this is safe. Otherwise it sends the text at each call, unnamed and with the types of the parameters, and Postgres plans it at each
//! call, with the same results. See docs/decisions/0019-statements-are-prepared-through-the-pool.md.

use futures_util::join;
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Error, Row,
    error::{DbError, SqlState},
    types::{ToSql, Type},
};
use tracing::{debug, warn};

use super::{Params, probe};

/// A statement of this crate. It returns at most one row and may be run twice.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Statement that acquires an advisory lock, in the same transaction and with the same parameters. The statement after it gets its
    /// snapshot when the lock is granted, so it sees the changes of the previous holder; a lock that it acquired itself would be
    /// too late.
    pub lock: Option<&'static str>,
    /// One SQL statement, with parameters `$1`, `$2`, …
    pub sql: &'static str,
}

/// How a connection sends its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Not known yet: the first statement of the connection is preceded by a probe.
    Undecided,
    /// By the name of a prepared statement.
    Prepared,
    /// As text.
    Unnamed,
}

/// A pooled connection with the statements that it has prepared.
#[derive(Debug)]
pub(super) struct Connection {
    // Dropped before the statements, so that they are not closed one by one.
    client: Client,
    task: JoinHandle<()>,
    mode: Mode,
    prepared: Vec<(&'static str, tokio_postgres::Statement)>,
    /// Whether a call has begun and not ended: its future may have been dropped within a transaction.
    is_running: bool,
}

impl Connection {
    /// Wraps a new connection, whose messages `task` processes. With `may_prepare` it probes whether it can prepare statements.
    pub(super) fn new(client: Client, task: JoinHandle<()>, may_prepare: bool) -> Self {
        Self {
            client,
            task,
            mode: if may_prepare {
                Mode::Undecided
            } else {
                Mode::Unnamed
            },
            prepared: Vec::new(),
            is_running: false,
        }
    }

    /// Whether the connection can run another statement: it is open, and no call was dropped before its end.
    pub(super) fn is_reusable(&self) -> bool {
        !self.client.is_closed() && !self.is_running
    }

    /// Runs the statement.
    pub(super) async fn run(
        &mut self,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, Error> {
        self.is_running = true;
        let result = self.run_once(statement, params).await;
        self.is_running = false;
        result
    }

    async fn run_once(&mut self, statement: &Statement, params: &Params<'_>) -> Result<Option<Row>, Error> {
        if self.mode == Mode::Undecided {
            self.mode = if probe::can_prepare(&self.client).await? {
                Mode::Prepared
            } else {
                debug!("connection does not keep prepared statements; statements are planned at each call");
                Mode::Unnamed
            };
        }
        if self.mode == Mode::Prepared {
            match self.run_prepared(statement, params).await {
                Err(error) if error.as_db_error().is_some_and(is_unusable) => {
                    // Postgres has reported an error, so the statement has had no effect. It runs once more, as text.
                    warn!(%error, "prepared statement cannot be used; this connection sends statements as text from now on");
                    self.mode = Mode::Unnamed;
                    self.prepared.clear();
                }
                result => return result,
            }
        }
        self.run_unnamed(statement, params).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the probe has shown that this connection keeps prepared statements"
    )]
    async fn run_prepared(
        &mut self,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Option<Row>, Error> {
        let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|(value, _)| *value).collect();
        let sql = self.prepare(statement.sql, params).await?;
        let Some(lock) = statement.lock else {
            return self.client.query_opt(&sql, &values).await;
        };
        let lock = self.prepare(lock, params).await?;
        let client = &self.client;
        in_transaction(
            client,
            client.query_opt(&lock, &values),
            client.query_opt(&sql, &values),
        )
        .await
    }

    async fn run_unnamed(&self, statement: &Statement, params: &Params<'_>) -> Result<Option<Row>, Error> {
        let client = &self.client;
        let Some(lock) = statement.lock else {
            return client.query_typed_opt(statement.sql, params).await;
        };
        in_transaction(
            client,
            client.query_typed_opt(lock, params),
            client.query_typed_opt(statement.sql, params),
        )
        .await
    }

    /// Returns the prepared statement with this text; prepares it on first use.
    #[expect(
        clippy::disallowed_methods,
        reason = "the probe has shown that this connection keeps prepared statements"
    )]
    async fn prepare(
        &mut self,
        sql: &'static str,
        params: &Params<'_>,
    ) -> Result<tokio_postgres::Statement, Error> {
        if let Some((_, statement)) = self.prepared.iter().find(|(text, _)| *text == sql) {
            return Ok(statement.clone());
        }
        let types: Vec<Type> = params.iter().map(|(_, kind)| kind.clone()).collect();
        let statement = self.client.prepare_typed(sql, &types).await?;
        self.prepared.push((sql, statement.clone()));
        Ok(statement)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The task waits for the server; a connection that was discarded during a statement has to close at once.
        self.task.abort();
    }
}

/// Runs both statements in one transaction and one round trip: all messages are sent before the first response arrives. If one fails,
/// Postgres ignores those after it and COMMIT rolls back.
async fn in_transaction(
    client: &Client,
    lock: impl Future<Output = Result<Option<Row>, Error>>,
    statement: impl Future<Output = Result<Option<Row>, Error>>,
) -> Result<Option<Row>, Error> {
    // The driver sends a message when its future is first polled, and `join!` polls them in this order.
    let (begin, lock, row, commit) = join!(
        client.batch_execute("BEGIN"),
        lock,
        statement,
        client.batch_execute("COMMIT")
    );
    begin?;
    lock?;
    let row = row?;
    commit?;
    Ok(row)
}

/// Whether a prepared statement no longer exists, has a name that is taken, or has a result whose types have changed.
fn is_unusable(error: &DbError) -> bool {
    let code = error.code();
    *code == SqlState::INVALID_SQL_STATEMENT_NAME
        || *code == SqlState::DUPLICATE_PSTATEMENT
        // "cached plan must not change result type"; the message depends on lc_messages.
        || (*code == SqlState::FEATURE_NOT_SUPPORTED && error.routine() == Some("RevalidateCachedQuery"))
}
