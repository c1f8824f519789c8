//! The documentation: the commands of docs/guide.md, docs/extend.md and README.md run on a real stack in their order and print the shown
//! output; every link resolves.
//!
//! In a block ```` ```sh ````, lines that start with `#` are the output of the lines before them; `…` stands for any
//! text, and white space is ignored. Commands that a test cannot run are in blocks of other kinds.

mod extend;
mod links;
mod markdown;
mod shell;
mod subscription;

use std::fs;

use local_process::dirs;
use local_stack::Options;
use serde_json::json;
use testkit::eventually;
use tests::stack::TestStack;

use self::{markdown::Block, shell::Shell, subscription::Subscription};

/// Permitted kinds of blocks: run by the test; pasted into a browser; typed by the reader; output.
const KINDS: [&str; 4] = ["sh", "js", "console", "text"];

fn read(name: &str) -> String {
    fs::read_to_string(dirs::root().join(name)).expect(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guide_builds_app_from_empty_database() {
    let options = Options {
        bare: true,
        // The engine finds changes past it by polling; a shorter interval saves the test the pause of a reader.
        engine_env: vec![(
            "HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL".to_owned(),
            "50".to_owned(),
        )],
        ..Options::for_tests().expect("the binaries")
    };
    let stack = TestStack::open_with(options).await;
    let subscription = run_guide(&stack, |_| true).await;
    // One block runs the last two steps, so the browser may miss the first of them.
    subscription
        .saw("first", &["placed", "validated", "paid", "assigned"])
        .await;
    subscription.saw("second", &["assigned"]).await;
    stack.until("first", "assigned").await;
    order_page_query_returns_the_order(&stack).await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guide_works_on_prepared_stack() {
    let stack = TestStack::open().await;
    // Tables are already tracked, and events arrive before the manual calls of the guide.
    let differs = |block: &Block| {
        let existing = block.text.contains("@permissions.json");
        existing || block.section.starts_with("Step 2") || block.section.starts_with("Step 3")
    };
    let subscription = run_guide(&stack, |block| !differs(block)).await;
    subscription.saw("first", &["assigned"]).await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guide_and_readme_work_on_secured_stack() {
    let stack = TestStack::secured().await;
    let mut shell = Shell::on(stack.services.addresses());
    let mut ran = 0;
    for block in markdown::blocks(&read("docs/guide.md")) {
        if block.section == SECURED_SECTION && block.kind == "sh" {
            shell.run(&block, true).await;
            ran += 1;
        }
    }
    assert!(ran >= 6, "the guide has {ran} blocks in \"{SECURED_SECTION}\"");
    readme_order_lifecycle(&stack).await;
    stack.close().await;
}

/// Section of the guide that needs a stack with identities.
const SECURED_SECTION: &str = "The secured stack";

/// Section of README.md with the commands of one order, and the order's id in them.
const README_SECTION: &str = "Life cycle of an order";
const README_ORDER: &str = "walk-1";

/// Runs the commands of [`README_SECTION`].
async fn readme_order_lifecycle(stack: &TestStack) {
    let mut shell = Shell::on(stack.services.addresses());
    let mut ran = 0;
    for block in markdown::blocks(&read("README.md")) {
        if block.section == README_SECTION {
            shell.run(&block, true).await;
            ran += 1;
        }
    }
    assert!(ran >= 4, "README.md has {ran} blocks in \"{README_SECTION}\"");
    stack.until(README_ORDER, "assigned").await;
}

/// Runs the query of the order page, which uses every relationship of the apps.
async fn order_page_query_returns_the_order(stack: &TestStack) {
    let page = read("apps/order-app/src/features/order/order.graphql");
    let (query, variables) = (page.replacen("subscription", "query", 1), json!({"id": "first"}));
    let (_, answer) = stack.graphql("/v1/graphql", &query, variables).await;
    assert_eq!(answer["data"]["orders_by_pk"]["status"], "assigned", "{answer}");
    let driver = &answer["data"]["orders_by_pk"]["assignment"][0]["driver"]["name"];
    assert!(driver.is_string(), "{answer}");
}

/// Runs every block of the guide; compares the output of the blocks that `exact` selects.
async fn run_guide(stack: &TestStack, exact: impl Fn(&Block) -> bool) -> Subscription {
    let guide = read("docs/guide.md");
    let mut shell = Shell::on(stack.services.addresses());
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
            "sh" if block.section == SECURED_SECTION => ran += 1,
            "sh" => {
                shell.run(&block, exact(&block)).await;
                ran += 1;
                if let Some(subscription) = &subscription {
                    caught_up(stack, subscription).await;
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

/// Waits until the subscription shows the status of the first order, if that is still among the newest.
async fn caught_up(stack: &TestStack, subscription: &Subscription) {
    let sql = "SELECT (SELECT status FROM orders WHERE order_id = 'first'), count(*) FROM orders";
    eventually("the browser shows the first order's status", async || {
        let row = stack.database.query_one(sql, &[]).await.expect("the orders");
        let (status, orders): (Option<String>, i64) = (row.get(0), row.get(1));
        (orders > 3 || subscription.shows("first") == status).then_some(())
    })
    .await;
}

/// Waits for a condition that events bring about.
async fn until(what: &str, mut look: impl FnMut() -> bool) {
    eventually(what, async || look().then_some(())).await;
}
