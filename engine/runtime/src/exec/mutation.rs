//! Execution of a mutation: its root fields in order, in one transaction. Statements that do not depend on results are
//! pipelined: BEGIN, the session settings, the changes, COMMIT. If one of them fails, Postgres skips the following ones and
//! COMMIT becomes a rollback.

use deadpool_postgres::ClientWrapper;
use engine_error::{Code, Error, Path, Result};
use engine_model::session::Session;
use engine_plan::{DeferredStatement, InsertStep, RootField, Statement, Step};
use engine_postgres::error::{StatementContext, convert, is_stale, log};
use engine_postgres::limit::{CheckedOut, with_deadline};
use engine_postgres::pool::{self, Connections};
use engine_postgres::statement::{prepare, push_key, push_value, rows, text};
use engine_sql::array_literal::array;
use engine_sql::ast::DeferredValue;
use futures_util::future::{BoxFuture, FutureExt as _, join_all, join3};
use std::time::Duration;
use tokio_postgres::Row;

/// Sets the session variables and the trace context for the capture triggers.
const SETTINGS: &str =
    "SELECT set_config('hasura.user', ($1)::text, true), set_config('hasura.tracecontext', ($2)::text, true)";

/// Runs a mutation and returns the response's body. `trace` is the JSON text stored as trace context of the events; `limit`
/// is the time limit of the whole operation.
pub async fn mutation(
    pool: &Connections,
    limit: Option<Duration>,
    session: &Session,
    trace: &str,
    fields: &[RootField<Step>],
) -> Result<Vec<u8>> {
    let client = CheckedOut::get(pool).await?;
    let settings = Statement {
        sql: SETTINGS.to_owned(),
        params: vec![Some(session.to_json()), Some(trace.to_owned())],
    };
    let result = with_deadline(limit, &client, async {
        match run(&client, &settings, fields).await {
            Err(Failure { stale: true, .. }) => {
                client.statement_cache.clear();
                run(&client, &settings, fields).await
            }
            other => other,
        }
    })
    .await;
    client.release();
    result.map_err(|failure| {
        log(&failure.error);
        if failure.read_only {
            pool::close_idle(pool);
        }
        failure.error
    })
}

struct Failure {
    error: Error,
    stale: bool,
    read_only: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            stale: false,
            read_only: false,
        }
    }
}

/// Location of a root field's result.
enum Answer {
    Constant(String),
    Sent(usize),
    Many(Vec<Answer>),
}

/// Running transaction: statements to be sent next, and received results.
struct Run<'c> {
    client: &'c ClientWrapper,
    pending: Vec<(Statement, Path)>,
    begun: bool,
    answers: Vec<Vec<Row>>,
}

async fn run(
    client: &ClientWrapper,
    settings: &Statement,
    fields: &[RootField<Step>],
) -> Result<Vec<u8>, Failure> {
    let mut run = Run {
        client,
        pending: Vec::new(),
        begun: false,
        answers: Vec::new(),
    };
    match run.fields(settings, fields).await {
        Ok(answers) => {
            let mut body = Vec::with_capacity(256);
            body.extend_from_slice(b"{\"data\":{");
            for (i, (field, answer)) in fields.iter().zip(&answers).enumerate() {
                push_key(&mut body, &field.key, i == 0);
                run.push_answer(&mut body, answer)?;
            }
            body.extend_from_slice(b"}}");
            Ok(body)
        }
        Err(failure) => {
            if run.begun {
                // If this fails, the connection was lost and Postgres has aborted the transaction.
                drop(client.batch_execute("ROLLBACK").await);
            }
            Err(failure)
        }
    }
}

impl Run<'_> {
    async fn fields(
        &mut self,
        settings: &Statement,
        fields: &[RootField<Step>],
    ) -> Result<Vec<Answer>, Failure> {
        self.send(settings.clone(), &Path::default());
        let mut answers = Vec::with_capacity(fields.len());
        for field in fields {
            let path = Path(field.path.clone());
            answers.push(match &field.value {
                Step::Many(steps) => {
                    let mut many = Vec::with_capacity(steps.len());
                    for step in steps {
                        many.push(self.step(step, &path).await?);
                    }
                    Answer::Many(many)
                }
                step => self.step(step, &path).await?,
            });
        }
        self.flush(true).await?;
        Ok(answers)
    }

    async fn step(&mut self, step: &Step, path: &Path) -> Result<Answer, Failure> {
        Ok(match step {
            Step::Constant(json) => Answer::Constant(json.clone()),
            Step::Single(statement) => Answer::Sent(self.send(statement.clone(), path)),
            Step::TwoPhase { change, output } => {
                let sent = self.send(change.clone(), path);
                self.flush(false).await?;
                let row = self.answers[sent].first();
                let text = |i| {
                    row.map_or(Ok(None), |row| text(row, i))
                        .map_err(|e| failure(&e, Some(change), path))
                };
                let (affected, rows) = (text(0)?, text(1)?);
                Answer::Sent(self.deferred(output, affected.as_deref(), rows.as_deref(), path))
            }
            Step::Nested { steps, output } => {
                let mut inserted = Inserted::default();
                for step in steps {
                    let result = self.insert(step, &[], path).await?;
                    inserted.affected += result.affected;
                    inserted.rows.extend(result.rows);
                }
                let rows = array(inserted.rows.iter().map(Some));
                Answer::Sent(self.deferred(output, Some(&inserted.affected.to_string()), Some(&rows), path))
            }
            Step::Many(_) => {
                return Err(Error::new(Code::Unexpected, "internal error: nested mutation lists").into());
            }
        })
    }

    fn deferred(
        &mut self,
        output: &DeferredStatement,
        affected: Option<&str>,
        rows: Option<&str>,
        path: &Path,
    ) -> usize {
        let mut statement = output.statement.clone();
        for (slot, place) in &output.slots {
            statement.params[*place] = match slot {
                DeferredValue::Affected => affected.map(str::to_owned),
                DeferredValue::Rows => rows.map(str::to_owned),
                DeferredValue::Parent(_) | DeferredValue::Before(..) | DeferredValue::Cursor => None,
            };
        }
        self.send(statement, path)
    }

    /// Inserts a row, the related rows before it and those after it. `parent` contains the outputs of the parent row.
    fn insert<'f>(
        &'f mut self,
        step: &'f InsertStep,
        parent: &'f [Option<String>],
        around: &'f Path,
    ) -> BoxFuture<'f, Result<Inserted, Failure>> {
        async move {
            let mut path = around.clone();
            path.0.extend(step.path.iter().cloned());
            let mut before = Vec::with_capacity(step.before.len());
            let mut affected = 0;
            for related in &step.before {
                let inserted = self.insert(related, &[], &path).await?;
                if inserted.rows.is_empty() {
                    let name = related.path.first().map_or(String::new(), ToString::to_string);
                    path.0.extend(related.path.first().cloned());
                    return Err(
                        zero_rows(&format!("object relation \"{name}\""), &related.table, &path).into(),
                    );
                }
                affected += inserted.affected;
                before.push(inserted.outputs);
            }
            let mut statement = step.statement.clone();
            for (slot, place) in &step.slots {
                statement.params[*place] = match slot {
                    DeferredValue::Parent(output) => parent.get(*output).cloned().flatten(),
                    DeferredValue::Before(row, output) => before
                        .get(*row)
                        .and_then(|row| row.get(*output))
                        .cloned()
                        .flatten(),
                    DeferredValue::Rows | DeferredValue::Affected | DeferredValue::Cursor => None,
                };
            }
            let sent = self.send(statement, &path);
            self.flush(false).await?;
            let mut inserted = Inserted {
                affected,
                ..Inserted::default()
            };
            for row in &self.answers[sent] {
                let text = |i| text(row, i).map_err(|e| failure(&e, Some(&step.statement), &path));
                inserted.rows.extend(text(0)?);
                if inserted.outputs.is_empty() {
                    inserted.outputs = (1..=step.outputs).map(text).collect::<Result<_, _>>()?;
                }
            }
            inserted.affected += inserted.rows.len();
            if inserted.rows.is_empty() && !step.after.is_empty() {
                return Err(zero_rows("array relations", &step.table, &path).into());
            }
            for related in &step.after {
                inserted.affected += self.insert(related, &inserted.outputs, &path).await?.affected;
            }
            Ok(inserted)
        }
        .boxed()
    }

    /// Adds a statement to the next batch and returns the index of its result.
    fn send(&mut self, statement: Statement, path: &Path) -> usize {
        self.pending.push((statement, path.clone()));
        self.answers.len() + self.pending.len() - 1
    }

    /// Sends the pending statements pipelined and waits for all results.
    async fn flush(&mut self, commit: bool) -> Result<(), Failure> {
        let pending = std::mem::take(&mut self.pending);
        let mut prepared = Vec::with_capacity(pending.len());
        for (statement, path) in &pending {
            let result = prepare(self.client, &statement.sql).await;
            prepared.push(result.map_err(|e| failure(&e, Some(statement), path))?);
        }
        let is_first = !std::mem::replace(&mut self.begun, true);
        let client = self.client;
        let control = |sql: &'static str, wanted: bool| async move {
            if wanted {
                client.batch_execute(sql).await
            } else {
                Ok(())
            }
        };
        let statements = prepared
            .iter()
            .zip(&pending)
            .map(|(prepared, (statement, _))| rows(client, prepared, statement));
        // Each future sends its request when first polled, and `join3` polls them in this order.
        let (begun, results, committed) = join3(
            control("BEGIN", is_first),
            join_all(statements),
            control("COMMIT", commit),
        )
        .await;
        begun.map_err(|e| failure(&e, None, &Path::default()))?;
        for (result, (statement, path)) in results.into_iter().zip(&pending) {
            self.answers
                .push(result.map_err(|e| failure(&e, Some(statement), path))?);
        }
        committed.map_err(|e| failure(&e, None, &Path::default()))
    }

    fn push_answer(&self, body: &mut Vec<u8>, answer: &Answer) -> Result<(), Failure> {
        match answer {
            Answer::Constant(json) => body.extend_from_slice(json.as_bytes()),
            Answer::Sent(place) => {
                push_value(body, &self.answers[*place]).map_err(|e| failure(&e, None, &Path::default()))?;
            }
            Answer::Many(many) => {
                body.push(b'[');
                for (i, answer) in many.iter().enumerate() {
                    if i > 0 {
                        body.push(b',');
                    }
                    self.push_answer(body, answer)?;
                }
                body.push(b']');
            }
        }
        Ok(())
    }
}

/// Result of an insert: number of affected rows including related ones, its own rows as text, and output columns of its first
/// row.
#[derive(Default)]
struct Inserted {
    affected: usize,
    rows: Vec<String>,
    outputs: Vec<Option<String>>,
}

// Hasura's wording
fn zero_rows(what: &str, table: &str, path: &Path) -> Error {
    let message =
        format!("cannot proceed to insert {what} since insert to table \"{table}\" affects zero rows");
    Error {
        path: path.clone(),
        ..Error::new(Code::NotSupported, message)
    }
}

fn failure(error: &tokio_postgres::Error, statement: Option<&Statement>, path: &Path) -> Failure {
    let mut converted = convert(
        error,
        &StatementContext {
            statement,
            prepared: true,
        },
    );
    converted.path = path.clone();
    Failure {
        error: converted,
        stale: is_stale(error),
        read_only: pool::is_read_only(error),
    }
}
