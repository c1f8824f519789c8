//! Password rotation while orders are processed: no order fails.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use local_process::logs::{LogFormat, LogLevel};
use local_stack::engine::{self, Engine};
use local_stack::setup::{self, Metadata};
use testkit::eventually;
use tests::{
    calls::payment,
    deployed::{Deployed, WEBHOOK_SECRET},
    invariants,
    orders::{NewOrder, place},
};

/// Number of orders placed before, between and after the rotations.
const ORDERS: u32 = 20;

#[tokio::test]
async fn password_rotation_under_load_fails_no_order() {
    let deployed = Deployed::start().await;
    let (functions, logs) = deployed.start_functions(deployed.function_environment()).await;
    let engine = engine::Options {
        program: local_process::dirs::bin_dir()
            .expect("the binaries")
            .join("engine"),
        dir: deployed.dir().to_path_buf(),
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port: local_process::ports::free().expect("a free port"),
        database_url: deployed.direct_url(),
        functions_url: functions.url(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        allowed_origins: Vec::new(),
        log_format: LogFormat::Text,
        log_level: LogLevel::Info,
        env: Vec::new(),
    };
    let engine = Engine::start(engine, &logs, deployed.watchdog())
        .await
        .expect("the engine starts");
    let metadata = Metadata::new(&engine.url(), None).expect("its metadata");
    setup::track(&deployed.database, &metadata)
        .await
        .expect("tracking");
    let triggers = std::fs::read_to_string(local_process::dirs::root().join("event-triggers.json"))
        .expect("the triggers");
    setup::load_triggers(&metadata, &triggers)
        .await
        .expect("the triggers");

    let (done, placed) = (AtomicBool::new(false), AtomicU32::new(0));
    let read_again = [AtomicBool::new(false), AtomicBool::new(false)];
    let customers = async {
        let mut client = local_services::postgres::connect(&deployed.direct_url())
            .await
            .expect("Postgres");
        let mut orders = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let id = format!("o-{}", orders.len());
            place(
                &mut client,
                &NewOrder {
                    id: &id,
                    ..NewOrder::default()
                },
            )
            .await;
            pay(&functions.url(), &id).await;
            orders.push(id);
            placed.fetch_add(1, Ordering::Relaxed);
        }
        orders
    };
    let operators = async {
        for round in 1..=2 {
            more_orders(&placed).await;
            deployed.rotate_passwords().await;
            // Until the pool reads the new password, calls fail with a retryable error.
            deployed.cut_pool_from_postgres().await;
            eventually("the pool is refused", async || {
                let refused = deployed
                    .pool_log()
                    .matches("password authentication failed")
                    .count();
                (refused >= round).then_some(())
            })
            .await;
            deployed.refresh_pool().await;
            more_orders(&placed).await;
            // The functions still have the old password, which they use only for new connections.
            deployed.restart_pool().await;
            eventually("the password is read again", async || {
                let all = read_again.iter().all(|seen| seen.load(Ordering::Relaxed));
                all.then_some(())
            })
            .await;
            more_orders(&placed).await;
        }
        done.store(true, Ordering::Relaxed);
    };
    // From the start, because only the last lines of a log are kept: those of a function that must try again follow quickly.
    let readers = async {
        while !done.load(Ordering::Relaxed) {
            for (function, seen) in ["payment", "validate-order"].iter().zip(&read_again) {
                let log = logs.tail(function).join("\n");
                seen.fetch_or(
                    log.contains("secret has changed; using the new value"),
                    Ordering::Relaxed,
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (orders, (), ()) = tokio::join!(customers, operators, readers);

    for order in &orders {
        eventually(&format!("{order} is assigned"), async || {
            let sql = "SELECT FROM orders WHERE order_id = $1 AND driver_assigned";
            deployed.database.query_opt(sql, &[order]).await.expect("asking")
        })
        .await;
    }
    let failed = "SELECT count(*) FROM hdb_catalog.event_log WHERE error";
    let failed: i64 = deployed
        .database
        .query_one(failed, &[])
        .await
        .expect("asking")
        .get(0);
    assert_eq!(failed, 0, "failed events");
    assert_eq!(invariants::broken(&deployed.database).await, [""; 0]);
    engine.stop().await;
    functions.stop().await;
    deployed.stop().await;
}

/// Pays as the app does: retries transient errors.
async fn pay(url: &str, order_id: &str) {
    let http = local_process::http_client().expect("an HTTP client");
    let body = payment(order_id, 500, "1234 1234 1234 1234");
    eventually(&format!("{order_id} is paid"), async || {
        let response = http
            .post(format!("{url}/payment"))
            .json(&body)
            .send()
            .await
            .ok()?;
        let status = response.status().as_u16();
        let retry_after = response.headers().contains_key("retry-after");
        let answer = response.text().await.unwrap_or_default();
        match status {
            200 => Some(()),
            // The order is not validated yet.
            409 => None,
            503 if retry_after => None,
            _ => panic!("unexpected payment status {status}: {answer}"),
        }
    })
    .await;
}

async fn more_orders(placed: &AtomicU32) {
    let before = placed.load(Ordering::Relaxed);
    eventually("more orders", async || {
        (placed.load(Ordering::Relaxed) >= before + ORDERS).then_some(())
    })
    .await;
}
