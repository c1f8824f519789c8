//! Requests per second of one kind of query, with sixteen keep-alive clients for ten seconds: the engine; the
//! engine's SQL sent directly with tokio-postgres and prepared statements; and a minimal axum handler that only
//! forwards that SQL's JSON. Then the engine as a role, compared with admin. Measured in short turns, so that a slow phase of
//! the machine affects all of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_postgres::Statement;
use tokio_postgres::types::{FromSql, Json, ToSql, Type};
use tokio_util::task::AbortOnDropHandle;

use super::super::figures::{Goal, Table};
use super::super::load::{Load, closed};
use super::super::rig::{Rig, ensure_no_errors};
use super::client::{self, Client};
use super::{ORDERS, serve};
use local_process::logs::Logs;
use local_services::postgres;
use local_stack::setup::Metadata;

const CLIENTS: usize = 16;
/// Total duration of the turns of each load.
const DURATION: Duration = Duration::from_secs(10);
/// Turns per load.
const TURNS: u32 = 5;
/// Uncounted calls before the measurement.
const WARM_UP: u64 = 2_000;

const BY_PK: &str =
    "query ($id: String!) { orders_by_pk(order_id: $id) { order_id user_id address status created } }";
const LIST: &str = "query { orders(limit: 100, order_by: {order_id: asc}) \
                    { order_id user_id address status created items { id item quantity } } }";

/// Headers of a customer, to whom all orders of the benchmark belong.
const CUSTOMER: &str = "x-hasura-role: customer\r\nx-hasura-user-id: bench\r\n";

/// Measured query.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    ByPk,
    List,
}

impl Kind {
    fn request(self, number: u64) -> Value {
        match self {
            Self::ByPk => json!({"query": BY_PK, "variables": {"id": id(number)}}),
            Self::List => json!({"query": LIST}),
        }
    }

    /// Whether an answer has the expected rows: one order, or a hundred orders with at least one item each.
    fn is_whole(self, answer: &Value) -> bool {
        let with_items = |order: &Value| order["items"].as_array().is_some_and(|items| !items.is_empty());
        match self {
            Self::ByPk => answer["data"]["orders_by_pk"].is_object(),
            Self::List => answer["data"]["orders"]
                .as_array()
                .is_some_and(|orders| orders.len() == 100 && orders.iter().all(with_items)),
        }
    }
}

/// Ids in a cache-unfriendly, deterministic order.
fn id(number: u64) -> String {
    format!("bench-{}", number.wrapping_mul(7_919) % ORDERS)
}

pub(super) async fn once(table: &mut Table, rig: &Rig, logs: &Logs) -> Result<()> {
    let engine = serve(rig, &[], logs).await?;
    for (kind, name, goal, root) in [
        (Kind::ByPk, "by_pk", 0.48, "orders_by_pk"),
        (Kind::List, "100 rows with a nested relationship", 0.92, "orders"),
    ] {
        let sql = sent_sql(&engine.url(), kind).await?;
        let direct = Direct::open(rig, &sql).await?;
        let bare = Bare::serve(direct.clone(), kind, root).await?;
        // All three must return the same answer.
        let first = client::post("/v1/graphql", &kind.request(1).to_string());
        let ours = Client::connect(&engine.url()).await?.send(&first).await?.to_vec();
        let theirs = Client::connect(&bare.url).await?.send(&first).await?.to_vec();
        ensure!(
            ours == theirs && !ours.is_empty(),
            "{name}: different answers: {} and {}",
            String::from_utf8_lossy(&ours),
            String::from_utf8_lossy(&theirs)
        );
        ensure!(
            kind.is_whole(&serde_json::from_slice(&ours)?),
            "{name}: unexpected rows: {}",
            String::from_utf8_lossy(&ours)
        );

        let (to_bare, to_engine) = (
            Http::connect(&bare.url, kind, "").await?,
            Http::connect(&engine.url(), kind, "").await?,
        );
        straight(&direct, kind, None, WARM_UP).await;
        to_bare.load(None, WARM_UP).await;
        to_engine.load(None, WARM_UP).await;
        let (mut raw, mut forwarded, mut engines) = (Load::default(), Load::default(), Load::default());
        let turn = Some(DURATION / TURNS);
        for _ in 0..TURNS {
            raw.merge(straight(&direct, kind, turn, u64::MAX).await);
            forwarded.merge(to_bare.load(turn, u64::MAX).await);
            engines.merge(to_engine.load(turn, u64::MAX).await);
        }
        for (what, load) in [("raw SQL", &raw), ("axum", &forwarded), ("engine", &engines)] {
            ensure_no_errors(what, load.errors)?;
        }
        let rate = raw.rate();
        table.add(&format!("{name}: raw SQL"), "/s", rate);
        table.add(&format!("{name}: bare axum handler"), "/s", forwarded.rate());
        table.add(&format!("{name}: engine"), "/s", engines.rate());
        table.add(
            &format!("{name}: bare axum handler ÷ raw SQL"),
            "×",
            forwarded.rate() / rate,
        );
        table.add_with_goal(
            &format!("{name}: engine ÷ raw SQL"),
            "×",
            engines.rate() / rate,
            Goal::AtLeast(goal),
        );
    }
    as_role(table, &engine.url()).await?;
    engine.stop().await;
    Ok(())
}

/// Requests by key of a customer, whose row filter compares a column with a session variable, and of an admin.
async fn as_role(table: &mut Table, url: &str) -> Result<()> {
    let permission = json!({
        "columns": ["order_id", "user_id", "address", "status", "created"],
        "filter": {"user_id": "X-Hasura-User-Id"},
    });
    let args = json!({"table": "orders", "role": "customer", "permission": permission});
    Metadata::new(url, None)?
        .query(&json!({"type": "create_select_permission", "args": args}))
        .await?;
    let request = Kind::ByPk.request(1).to_string();
    let mut client = Client::connect(url).await?;
    let admins = client
        .send(&client::post("/v1/graphql", &request))
        .await?
        .to_vec();
    let customers = client
        .send(&client::post_with(CUSTOMER, "/v1/graphql", &request))
        .await?;
    ensure!(
        admins == customers && Kind::ByPk.is_whole(&serde_json::from_slice(customers)?),
        "by_pk: unexpected answer of the role: {}",
        String::from_utf8_lossy(customers)
    );
    let stranger = CUSTOMER.replace("bench", "stranger");
    let strangers = client
        .send(&client::post_with(&stranger, "/v1/graphql", &request))
        .await?;
    ensure!(
        strangers == br#"{"data":{"orders_by_pk":null}}"#,
        "by_pk: the row filter has no effect: {}",
        String::from_utf8_lossy(strangers)
    );

    let (to_admin, to_customer) = (
        Http::connect(url, Kind::ByPk, "").await?,
        Http::connect(url, Kind::ByPk, CUSTOMER).await?,
    );
    to_admin.load(None, WARM_UP).await;
    to_customer.load(None, WARM_UP).await;
    let (mut admin, mut customer) = (Load::default(), Load::default());
    let turn = Some(DURATION / TURNS);
    for _ in 0..TURNS {
        admin.merge(to_admin.load(turn, u64::MAX).await);
        customer.merge(to_customer.load(turn, u64::MAX).await);
    }
    ensure_no_errors("admin", admin.errors)?;
    ensure_no_errors("role", customer.errors)?;
    table.add("by_pk: as role", "/s", customer.rate());
    table.add_with_goal(
        "by_pk: as role ÷ as admin",
        "×",
        customer.rate() / admin.rate(),
        Goal::AtLeast(0.9),
    );
    Ok(())
}

/// The SQL that the engine reports in its explain response, which contains the value instead of the parameter.
async fn sent_sql(url: &str, kind: Kind) -> Result<String> {
    let mut client = Client::connect(url).await?;
    let request = json!({"query": kind.request(0)}).to_string();
    let answer = client
        .send(&client::post("/v1/graphql/explain", &request))
        .await?;
    let answer: Value = serde_json::from_slice(answer)?;
    let sql = answer[0]["sql"]
        .as_str()
        .context("explain response without SQL")?;
    let value = match kind {
        Kind::ByPk => format!("('{}')", id(0)),
        Kind::List => "('100')".to_owned(),
    };
    ensure!(
        sql.contains(&value),
        "explain response without the value {value}: {sql}"
    );
    Ok(sql.replace(&value, "($1)"))
}

async fn straight(direct: &Arc<Direct>, kind: Kind, limit: Option<Duration>, calls: u64) -> Load {
    let direct = direct.clone();
    closed(CLIENTS, calls, limit, move |client, number| {
        let direct = direct.clone();
        async move { direct.ask(client, kind, &id(number)).await.is_ok() }
    })
    .await
}

/// Keep-alive clients of one server.
struct Http(Arc<Open>);

#[derive(Debug)]
struct Open {
    clients: Vec<Mutex<Client>>,
    /// Serialized in advance: JSON is not what is measured.
    requests: Vec<Vec<u8>>,
}

impl Http {
    async fn connect(url: &str, kind: Kind, headers: &str) -> Result<Self> {
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(Mutex::new(Client::connect(url).await?));
        }
        let requests = (0..ORDERS)
            .map(|number| client::post_with(headers, "/v1/graphql", &kind.request(number).to_string()))
            .collect();
        Ok(Self(Arc::new(Open { clients, requests })))
    }

    async fn load(&self, limit: Option<Duration>, calls: u64) -> Load {
        let shared = self.0.clone();
        closed(CLIENTS, calls, limit, move |client, number| {
            let shared = shared.clone();
            async move {
                let Open { clients, requests } = &*shared;
                let request = &requests[usize::try_from(number % ORDERS).unwrap_or(0)];
                // Uncontended: each client has its own lock.
                let mut client = clients[client].lock().await;
                client
                    .send(request)
                    .await
                    .is_ok_and(|body| body.starts_with(b"{\"data\":{\"orders"))
            }
        })
        .await
    }
}

/// For each client a connection with the prepared statement.
struct Direct(Vec<(tokio_postgres::Client, Statement)>);

impl Direct {
    async fn open(rig: &Rig, sql: &str) -> Result<Arc<Self>> {
        let mut connections = Vec::new();
        for _ in 0..CLIENTS {
            let client = postgres::connect(&rig.services.database_url()).await?;
            let statement = client.prepare(sql).await?;
            connections.push((client, statement));
        }
        Ok(Arc::new(Self(connections)))
    }

    async fn ask(&self, client: usize, kind: Kind, id: &str) -> Result<String, tokio_postgres::Error> {
        let (client, statement) = &self.0[client % CLIENTS];
        let params: &[&(dyn ToSql + Sync)] = match kind {
            Kind::ByPk => &[&id],
            Kind::List => &[&100_i64],
        };
        let row = client.query_one(statement, params).await?;
        Ok(row.try_get::<_, Text>(0)?.0)
    }
}

/// A json value as raw text.
struct Text(String);

impl<'a> FromSql<'a> for Text {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &Type) -> bool {
        <Json<Value> as FromSql>::accepts(ty)
    }
}

/// A server that only forwards.
struct Bare {
    url: String,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Clone)]
struct Passing {
    direct: Arc<Direct>,
    next: Arc<std::sync::atomic::AtomicUsize>,
    kind: Kind,
    root: &'static str,
}

impl Bare {
    async fn serve(direct: Arc<Direct>, kind: Kind, root: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Passing {
            direct,
            next: Arc::default(),
            kind,
            root,
        };
        let router = Router::new().route("/v1/graphql", post(pass)).with_state(state);
        let serving = tokio::spawn(async move {
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                let _ = stream.set_nodelay(true);
            });
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url,
            _serving: AbortOnDropHandle::new(serving),
        })
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    variables: Variables,
}

#[derive(Default, serde::Deserialize)]
struct Variables {
    id: String,
}

async fn pass(
    State(passing): State<Passing>,
    axum::Json(asked): axum::Json<Asked>,
) -> Result<String, String> {
    let Passing {
        direct,
        next,
        kind,
        root,
    } = passing;
    let client = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let json = direct
        .ask(client, kind, &asked.variables.id)
        .await
        .map_err(|error| error.to_string())?;
    Ok(format!("{{\"data\":{{\"{root}\":{json}}}}}"))
}
