//! The documentation does what it says: the commands of docs/guide.md and of README.md's walk are given to a real
//! stack in their order, and print what is shown; every link leads somewhere.
//!
//! In a block ```` ```sh ````, a line that begins with `#` is what the lines before it print; `…` in it stands for
//! anything, and white space does not count. What cannot be run here is in blocks of other kinds.

mod links;
mod markdown;
mod shell;
mod subscription;

use std::fs;

use local_process::dirs;
use local_stack::Options;
use serde_json::json;
use tests::shop::{Shop, eventually};

use self::{markdown::Block, shell::Shell, subscription::Subscription};

/// The kinds of blocks that there may be: run here; pasted into a browser; for a person to type; to look at.
const KINDS: [&str; 4] = ["sh", "js", "console", "text"];

fn read(name: &str) -> String {
    fs::read_to_string(dirs::root().join(name)).expect(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guide_builds_the_app_from_an_empty_database() {
    let options = Options {
        bare: true,
        // What happens past the engine is found by asking again: a reader pauses for that second, a test need not.
        engine_env: vec![(
            "HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL".to_owned(),
            "50".to_owned(),
        )],
        ..Options::for_tests().expect("the binaries")
    };
    let shop = Shop::open_with(options).await;
    let subscription = walk(&shop, |_| true).await;
    // The last two steps come in one block, so that the browser may not see the one before the last.
    subscription
        .saw("first", &["placed", "validated", "paid", "assigned"])
        .await;
    subscription.saw("second", &["assigned"]).await;
    shop.until("first", "assigned").await;
    the_order_app_is_answered(&shop).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guide_and_the_readme_work_on_a_stack_that_is_set_up() {
    let shop = Shop::open().await;
    // Here tables are tracked already, and events are quicker than whoever plays them by hand.
    let differs = |block: &Block| block.section.starts_with("Step 2") || block.section.starts_with("Step 3");
    let subscription = walk(&shop, |block| !differs(block)).await;
    subscription.saw("first", &["assigned"]).await;
    the_readmes_walk(&shop).await;
    shop.close().await;
}

/// README.md, "One order's walk".
async fn the_readmes_walk(shop: &Shop) {
    let mut shell = Shell::on(shop.stack.addresses());
    let mut ran = 0;
    for block in markdown::blocks(&read("README.md")) {
        if block.section == "One order's walk" {
            shell.run(&block, true).await;
            ran += 1;
        }
    }
    assert!(ran >= 4, "the walk has been moved");
    shop.until("walk-1", "assigned").await;
}

/// What the order app asks for the page of one order, which follows every relationship that the apps use.
async fn the_order_app_is_answered(shop: &Shop) {
    let page = read("apps/order-app/src/features/order/order.graphql");
    let (query, variables) = (page.replacen("subscription", "query", 1), json!({"id": "first"}));
    let (_, answer) = shop.graphql("/v1/graphql", &query, variables).await;
    assert_eq!(answer["data"]["orders_by_pk"]["status"], "assigned", "{answer}");
    let driver = &answer["data"]["orders_by_pk"]["assignment"][0]["driver"]["name"];
    assert!(driver.is_string(), "{answer}");
}

/// Gives every block of the guide to the stack; compares what is printed where `exact` says so.
async fn walk(shop: &Shop, exact: impl Fn(&Block) -> bool) -> Subscription {
    let guide = read("docs/guide.md");
    let mut shell = Shell::on(shop.stack.addresses());
    let mut subscription = None;
    let mut ran = 0;
    for block in markdown::blocks(&guide) {
        assert!(
            KINDS.contains(&&*block.kind),
            "line {}: ```{}",
            block.line,
            block.kind
        );
        match &*block.kind {
            "sh" => {
                shell.run(&block, exact(&block)).await;
                ran += 1;
                if let Some(subscription) = &subscription {
                    caught_up(shop, subscription).await;
                }
            }
            "js" => {
                let pasted = shell.here(&block.text);
                let first = Subscription::open(&pasted).await;
                assert!(subscription.replace(first).is_none(), "one subscription");
            }
            _ => {}
        }
    }
    assert_eq!(ran, guide.lines().filter(|line| *line == "```sh").count());
    assert!(ran > 20, "{ran}");
    subscription.expect("the guide subscribes")
}

/// Waits until the reader's browser shows how far the first order is, where it is still among the newest.
async fn caught_up(shop: &Shop, subscription: &Subscription) {
    let sql = "SELECT (SELECT status FROM orders WHERE order_id = 'first'), count(*) FROM orders";
    eventually("the browser shows the first order's status", async || {
        let row = shop.database.query_one(sql, &[]).await.expect("the orders");
        let (status, orders): (Option<String>, i64) = (row.get(0), row.get(1));
        (orders > 3 || subscription.shows("first") == status).then_some(())
    })
    .await;
}

/// Waits for what the background brings.
async fn until(what: &str, mut look: impl FnMut() -> bool) {
    eventually(what, async || look().then_some(())).await;
}
