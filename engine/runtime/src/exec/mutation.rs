//! Execution of a mutation: its root fields in order, in one transaction. Statements that do not depend on results are
//! pipelined: BEGIN, the session settings, the changes, COMMIT. If one of them fails, Postgres skips the following ones and
//! COMMIT becomes a rollback. The response of one statement is bounded by the statement; if there are several, COMMIT waits for
//! their responses, so that those that are too long together change nothing.

use super::Response;
use deadpool_postgres::ClientWrapper;
use engine_error::{Code, Error, ExecutionError, Path, Result, Segment};
use engine_model::session::Session;
use engine_plan::{InsertStep, Step, Values};
use engine_postgres::error::{StatementContext, convert, is_stale, log};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::limit::{ByteBudget, CheckedOut, OperationLimits, with_deadline};
use engine_postgres::pool::{self, Connections};
use engine_postgres::statement::{prepare, rows, text};
use engine_sql::literal::array;
use engine_sql::{BoundStatement, DeferredValue, Statement};
use futures_util::future::{BoxFuture, FutureExt as _, join_all, join3};
use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;
use tokio_postgres::Row;

/// Sets the session variables, the trace context and the payload of NOTIFY for the capture triggers.
const SETTINGS: &str = "SELECT set_config('hasura.user', ($1)::text, true), set_config('hasura.tracecontext', ($2)::text, true), \
                        set_config('hasura.origin', ($3)::text, true)";

/// Context that capture triggers record with the events of a mutation.
#[derive(Debug, Clone, Copy)]
pub struct CaptureContext<'c> {
    pub session: &'c Session,
    /// JSON text.
    pub trace: &'c str,
    /// See [`crate::wake::Waker::origin`].
    pub origin: &'c str,
}

/// Runs the steps of a mutation, each with the path of its errors, and returns the response of each.
pub async fn mutation<'p>(
    pool: &Connections,
    isolation: IsolationLevel,
    limits: OperationLimits<'_>,
    capture: CaptureContext<'_>,
    steps: &[(&'p Step, &[Segment])],
    values: &'p Values,
) -> Result<Vec<Response<'p>>, ExecutionError> {
    let client = CheckedOut::get(pool, limits.client).await?;
    let settings = [
        capture.session.to_json(),
        capture.trace.to_owned(),
        capture.origin.to_owned(),
    ];
    let budget = ByteBudget::new(limits.response);
    let result = {
        let work = pin!(async {
            match run(&client, isolation, &settings, steps, values, &budget).await {
                Err(Failure { stale: true, .. }) => {
                    client.statement_cache.clear();
                    budget.reset();
                    run(&client, isolation, &settings, steps, values, &budget).await
                }
                other => other,
            }
        });
        with_deadline(limits.time, &client, work).await
    };
    client.release();
    result.map_err(|failure| {
        log(&failure.error);
        if failure.read_only {
            pool::close_idle(pool);
        }
        failure.error.into()
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
enum Answer<'p> {
    Constant(&'p str),
    Sent(usize),
    Many(Vec<Answer<'p>>),
}

/// Running transaction: statements to be sent next, and received results.
struct Run<'c, 'p> {
    client: &'c ClientWrapper,
    isolation: IsolationLevel,
    values: &'p Values,
    budget: &'c ByteBudget,
    pending: Vec<(BoundStatement<'p>, Arc<Path>)>,
    begun: bool,
    answers: Vec<Vec<Row>>,
}

async fn run<'p>(
    client: &ClientWrapper,
    isolation: IsolationLevel,
    settings: &[String; 3],
    steps: &[(&'p Step, &[Segment])],
    values: &'p Values,
    budget: &ByteBudget,
) -> Result<Vec<Response<'p>>, Failure> {
    let mut run = Run {
        client,
        isolation,
        values,
        budget,
        pending: Vec::new(),
        begun: false,
        answers: Vec::new(),
    };
    match run.steps(settings, steps).await {
        Ok(answers) => Ok(answers.into_iter().map(|answer| run.response(answer)).collect()),
        Err(failure) => {
            if run.begun {
                // If this fails, the connection was lost and Postgres has aborted the transaction.
                drop(client.batch_execute("ROLLBACK").await);
            }
            Err(failure)
        }
    }
}

impl<'p> Run<'_, 'p> {
    async fn steps(
        &mut self,
        settings: &[String; 3],
        steps: &[(&'p Step, &[Segment])],
    ) -> Result<Vec<Answer<'p>>, Failure> {
        let settings = BoundStatement {
            sql: Cow::Borrowed(SETTINGS),
            params: settings
                .iter()
                .map(|value| Some(Cow::Owned(value.clone())))
                .collect(),
        };
        self.send(settings, &Arc::default());
        let mut answers = Vec::with_capacity(steps.len());
        for (step, path) in steps {
            let path = Arc::new(Path(path.to_vec()));
            answers.push(match step {
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

    async fn step(&mut self, step: &'p Step, path: &Arc<Path>) -> Result<Answer<'p>, Failure> {
        Ok(match step {
            Step::Constant(json) => Answer::Constant(json),
            Step::Single(statement) => Answer::Sent(self.send(self.values.bind(statement), path)),
            Step::Checked(statement) => {
                let sent = self.send(self.values.bind(statement), path);
                self.flush(false).await?;
                self.check(sent, 1, path)?;
                Answer::Sent(sent)
            }
            Step::TwoPhase {
                change,
                checked,
                output,
            } => {
                let sent = self.send(self.values.bind(change), path);
                self.flush(false).await?;
                if *checked {
                    self.check(sent, 2, path)?;
                }
                let row = self.answers[sent].first();
                let text = |i| {
                    row.map_or(Ok(None), |row| text(row, i))
                        .map_err(|e| failure(&e, None, path))
                };
                let (affected, rows) = (text(0)?, text(1)?);
                Answer::Sent(self.output(output, affected.as_deref(), rows.as_deref(), path))
            }
            Step::Nested { steps, output } => {
                let mut inserted = Inserted::default();
                for step in steps {
                    let result = self.insert(step, &[], path).await?;
                    inserted.affected += result.affected;
                    inserted.rows.extend(result.rows);
                }
                let rows = array(inserted.rows.iter().map(Some));
                Answer::Sent(self.output(output, Some(&inserted.affected.to_string()), Some(&rows), path))
            }
            Step::Many(_) => {
                return Err(Error::new(Code::Unexpected, "internal error: nested mutation lists").into());
            }
        })
    }

    /// Fails if a row of a result has not passed the check of the role's permission, which is in the given column.
    fn check(&self, sent: usize, column: usize, path: &Path) -> Result<(), Failure> {
        for row in &self.answers[sent] {
            let passed = text(row, column).map_err(|e| failure(&e, None, path))?;
            if !matches!(passed.as_deref(), Some("t" | "true")) {
                // Hasura's wording
                let message = "check constraint of an insert/update permission has failed";
                let error = Error {
                    path: path.clone(),
                    ..Error::new(Code::PermissionError, message)
                };
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn output(
        &mut self,
        output: &'p Statement,
        affected: Option<&str>,
        rows: Option<&str>,
        path: &Arc<Path>,
    ) -> usize {
        let statement = self.values.bind_with(output, |value| match value {
            DeferredValue::Affected => affected.map(|text| Cow::Owned(text.to_owned())),
            DeferredValue::Rows => rows.map(|text| Cow::Owned(text.to_owned())),
            DeferredValue::Parent(_) | DeferredValue::Before(..) | DeferredValue::Cursor => None,
        });
        self.send(statement, path)
    }

    /// Inserts a row, the related rows before it and those after it. `parent` contains the outputs of the parent row.
    fn insert<'f>(
        &'f mut self,
        step: &'p InsertStep,
        parent: &'f [Option<String>],
        around: &'f Path,
    ) -> BoxFuture<'f, Result<Inserted, Failure>>
    where
        'p: 'f,
    {
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
            let path = Arc::new(path);
            let output = |row: Option<&Vec<Option<String>>>, output: usize| {
                row.and_then(|row| row.get(output))
                    .cloned()
                    .flatten()
                    .map(Cow::Owned)
            };
            let statement = self.values.bind_with(&step.statement, |value| match value {
                DeferredValue::Parent(index) => parent.get(index).cloned().flatten().map(Cow::Owned),
                DeferredValue::Before(row, index) => output(before.get(row), index),
                DeferredValue::Rows | DeferredValue::Affected | DeferredValue::Cursor => None,
            });
            let sent = self.send(statement, &path);
            self.flush(false).await?;
            if step.checked {
                self.check(sent, 1 + step.outputs, &path)?;
            }
            let mut inserted = Inserted {
                affected,
                ..Inserted::default()
            };
            for row in &self.answers[sent] {
                let text = |i| text(row, i).map_err(|e| failure(&e, None, &path));
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
    fn send(&mut self, statement: BoundStatement<'p>, path: &Arc<Path>) -> usize {
        self.pending.push((statement, Arc::clone(path)));
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
        let (client, budget) = (self.client, self.budget);
        // The settings and one other statement.
        let pipelines_commit = commit && self.answers.len() + pending.len() <= 2;
        let control = |sql: &'static str, wanted: bool| async move {
            if wanted {
                client.batch_execute(sql).await
            } else {
                Ok(())
            }
        };
        // The row of the settings is part of no response. A statement that is pipelined with COMMIT refuses a long response
        // itself: after COMMIT it is too late for that.
        let uncounted = budget.unlimited();
        let statements =
            prepared
                .iter()
                .zip(&pending)
                .enumerate()
                .map(|(index, (prepared, (statement, _)))| {
                    let is_counted = !(pipelines_commit || is_first && index == 0);
                    let budget = if is_counted { budget } else { &uncounted };
                    rows(client, prepared, statement, budget)
                });
        // Each future sends its request when first polled, and `join3` polls them in this order.
        let (begun, results, committed) = join3(
            control(self.isolation.begin(), is_first),
            join_all(statements),
            control("COMMIT", pipelines_commit),
        )
        .await;
        begun.map_err(|e| failure(&e, None, &Path::default()))?;
        for (result, (statement, path)) in results.into_iter().zip(&pending) {
            self.answers
                .push(result.map_err(|e| failure(&e, Some(statement), path))?);
        }
        committed.map_err(|e| failure(&e, None, &Path::default()))?;
        if pipelines_commit {
            return Ok(());
        }
        budget.check()?;
        control("COMMIT", commit)
            .await
            .map_err(|e| failure(&e, None, &Path::default()))
    }

    fn response(&mut self, answer: Answer<'p>) -> Response<'p> {
        match answer {
            Answer::Constant(json) => Response::Constant(json),
            Answer::Sent(index) => Response::of(std::mem::take(&mut self.answers[index])),
            Answer::Many(many) => {
                Response::Many(many.into_iter().map(|answer| self.response(answer)).collect())
            }
        }
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

fn failure(error: &tokio_postgres::Error, statement: Option<&BoundStatement<'_>>, path: &Path) -> Failure {
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
