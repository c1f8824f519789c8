//! Parsing and planning of large requests, which take up to 150 ms without an await point: they must not delay the other requests of
//! a worker thread.

use crate::graphql::Request;
use engine_error::{Code, Error, RequestError};
use engine_postgres::work::{Admission, Work};
use serde_json::Value;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;
use tokio::time::timeout;
use tracing::Span;

/// Length of a document in bytes up to which a request is small; such documents are also cached. Planning takes up to 10 ms.
const SMALL_DOCUMENT: usize = 16 * 1024;

/// Number of values in the variables up to which a request is small.
const SMALL_VARIABLES: usize = 5_000;

/// Duration from which on the work of a small request counts. The fixed cost of a request contains shorter ones.
const COUNTED: Duration = Duration::from_micros(200);

/// Maximum wait of a large request for its turn.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Added to the nice value of a thread with a large request.
#[cfg(target_os = "linux")]
const LOWER_PRIORITY: i32 = 10;

/// Seconds until a client that was refused should retry.
const RETRY_AFTER: u32 = 1;

/// Turns of large requests. They leave at least half of the processors to other requests; of the process, as the processors.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).max(1))
});

/// Runs `plan`, which parses or plans the request, as work of its client. Large requests run one after another, and while one runs,
/// another thread takes over the tasks of its worker. Returns a transient error if there is no turn in time.
pub(crate) async fn run<T: Send>(
    work: &Work,
    worker: impl FnOnce() -> Option<u64>,
    request: &Request,
    plan: impl FnOnce() -> Result<T, RequestError> + Send,
) -> Result<T, RequestError> {
    if is_small(request) {
        let began = Instant::now();
        let planned = plan();
        let took = began.elapsed();
        if took >= COUNTED
            && let Some(client) = worker()
        {
            work.count(client, took);
        }
        return planned;
    }
    let admission = match worker() {
        Some(client) => Some(work.admit(client).await?),
        None => None,
    };
    let Ok(Ok(_turn)) = timeout(MAX_WAIT, TURNS.acquire()).await else {
        let message = "too many large requests are waiting; retry later";
        let error = Error {
            retry_after: Some(RETRY_AFTER),
            ..Error::new(Code::Unexpected, message).with_status(503)
        };
        return Err(error.into());
    };
    let _of_client = admission.map(Admission::start);
    block(plan)
}

/// Runs work that takes some milliseconds, while another thread takes over the tasks of its worker. The work has a lower priority
/// than the other requests, so that it uses the processors that they leave.
pub fn block<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(|| at_low_priority(work)),
        // A runtime with one thread has no other worker.
        _ => work(),
    }
}

/// Runs work in a thread of its own: a process without privileges can lower the priority of a thread, but not raise it again.
fn at_low_priority<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let span = Span::current();
    let run = || {
        // On Linux it is that of the thread; on other systems that of the process, which stays as it is.
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::nice(LOWER_PRIORITY) {
            tracing::debug!(%error, "cannot lower the priority of a thread");
        }
        span.in_scope(work)
    };
    let done = thread::scope(|scope| scope.spawn(run).join());
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

fn is_small(request: &Request) -> bool {
    let mut left = SMALL_VARIABLES;
    request.query.len() <= SMALL_DOCUMENT
        && request
            .variables
            .iter()
            .flat_map(|variables| variables.values())
            .all(|value| is_within(value, &mut left))
}

/// Whether the values are at most as many as are left. The nesting of a request is bounded, so this may recurse.
fn is_within(value: &Value, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter().all(|item| is_within(item, left)),
        Value::Object(members) => members.values().all(|member| is_within(member, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(query: &str, variables: &Value) -> Request {
        Request::from_json(json!({"query": query, "variables": variables})).unwrap()
    }

    #[test]
    fn requests_with_long_documents_and_many_values_are_large() {
        let values = |count: usize| json!({"a": vec![json!({"b": 1}); count]});
        assert!(is_small(&request("{ a }", &values(2000))));
        assert!(!is_small(&request("{ a }", &values(3000))));
        assert!(!is_small(&request(&" ".repeat(SMALL_DOCUMENT + 1), &Value::Null)));
    }

    #[tokio::test]
    async fn small_requests_are_work_of_their_client() {
        const CLIENT: u64 = 1;
        const OTHER: u64 = 2;
        let work = Work::limited(1);
        let request = request("{ a }", &Value::Null);
        let plan = || {
            std::thread::sleep(Duration::from_millis(10));
            Ok(())
        };
        // Each takes 10 ms, of which the client has half a second.
        for _ in 0..100 {
            work.request(OTHER, Duration::ZERO).await;
            if work.is_busy(CLIENT) {
                return;
            }
            run(&work, || Some(CLIENT), &request, plan).await.unwrap();
        }
        panic!("the client is not busy");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn worker_runs_other_tasks_during_a_large_request() {
        let request = request(&" ".repeat(SMALL_DOCUMENT + 1), &Value::Null);
        let large = tokio::spawn(async move {
            let (sender, receiver) = std::sync::mpsc::channel();
            tokio::spawn(async move { sender.send(()) });
            // Ends only if the other task runs.
            run(
                &Work::limited(0),
                || None,
                &request,
                move || {
                    receiver
                        .recv()
                        .map_err(|_| Error::new(Code::Unexpected, "closed").into())
                },
            )
            .await
        });
        large.await.unwrap().unwrap();
    }
}
