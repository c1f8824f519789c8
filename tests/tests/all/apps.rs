//! The browser apps: their own tests and checks, and both of them in a real browser against a whole stack. The browser's
//! tests are in `apps/browser-tests/`; what only we can do to the stack, they ask for line by line.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use local_process::dirs;
use local_stack::apps;
use local_stack::{Options, Stack};
use local_tools::node::Node;
use local_tools::programs;
use tests::shop::Shop;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

fn folder() -> PathBuf {
    dirs::root().join("apps")
}

/// Runs one of the scripts of `apps/package.json`, and fails with what it said.
async fn npm_run(arguments: Vec<String>) {
    tokio::task::spawn_blocking(move || {
        let node = Node::find().expect("Node.js");
        node.install_packages(&folder()).expect("the packages of apps/");
        let output = node
            .npm()
            .args(["run", "--silent"])
            .args(&arguments)
            .current_dir(folder())
            .output()
            .expect("npm");
        assert!(
            output.status.success(),
            "npm run {}:\n{}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    })
    .await
    .expect("npm runs");
}

#[tokio::test]
async fn the_logic_of_the_apps() {
    npm_run(vec!["test".into()]).await;
}

#[tokio::test]
async fn the_apps_are_typed_linted_and_formatted() {
    npm_run(vec!["lint".into()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_and_the_types_of_the_apps_are_what_the_engine_serves() {
    let shop = Shop::open().await;
    let engine = shop.stack.addresses().engine.clone();
    npm_run(vec!["schema".into(), "--".into(), engine, "--check".into()]).await;
    npm_run(vec!["codegen".into(), "--".into(), "--check".into()]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_apps_in_a_browser() {
    // A stack does without apps that cannot be built; here their fault is the news.
    tokio::task::spawn_blocking(|| apps::build::build(&dirs::root()))
        .await
        .expect("the build runs")
        .expect("the apps are built");
    let options = Options {
        apps: true,
        ..Options::for_tests().expect("the binaries")
    };
    let chromium = tokio::task::spawn_blocking(programs::chromium)
        .await
        .expect("looking for Chromium")
        .expect("Chromium");
    let mut shop = Shop::open_with(options).await;
    let dir = tempfile::tempdir().expect("a directory");
    let addresses = dir.path().join("addresses.json");
    shop.stack.addresses().write(&addresses).expect("the addresses");

    let node = Node::find().expect("Node.js");
    let mut node = tokio::process::Command::from(node.command())
        .args(["--test", "--test-isolation=none", "--test-reporter=spec"])
        // A test that hangs names itself, long before the runner would end all of them.
        .arg("--test-timeout=120000")
        .args(suites())
        .current_dir(folder())
        .env("STACK", &addresses)
        .env("STACK_CONTROL", "1")
        .env("CHROMIUM", chromium)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node");
    let mut stdin = node.stdin.take().expect("its input");
    let mut stdout = node.stdout.take().expect("its output");
    let mut wishes = BufReader::new(node.stderr.take().expect("its errors")).lines();
    let report = tokio::spawn(async move {
        let mut report = String::new();
        stdout.read_to_string(&mut report).await.map(|_| report)
    });
    while let Some(line) = wishes.next_line().await.expect("its errors") {
        let Some(wish) = line.strip_prefix("@stack ") else {
            eprintln!("{line}");
            continue;
        };
        let answer = match grant(&mut shop.stack, wish).await {
            Ok(()) => "ok\n".to_owned(),
            Err(error) => format!("{error:#}\n"),
        };
        stdin.write_all(answer.as_bytes()).await.expect("its input");
    }
    let status = node.wait().await.expect("its end");
    let report = report.await.expect("the reader").expect("its report");
    println!("{report}");
    assert!(
        status.success(),
        "the report above says what failed in the browser"
    );
    shop.close().await;
}

/// The files of the browser's tests, in order.
fn suites() -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder().join("browser-tests"))
        .expect("the browser's tests")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".test.ts"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no browser tests");
    found
}

async fn grant(stack: &mut Stack, wish: &str) -> anyhow::Result<()> {
    match wish {
        "engine kill" => stack.engine().kill().await,
        "engine stop" => stack.engine().stop().await,
        "engine start" => stack.engine_mut().start_again().await?,
        "functions stop" => stack.functions().stop().await,
        "functions start" => stack.functions_mut().start_again().await?,
        _ => anyhow::bail!("there is no such wish: {wish}"),
    }
    Ok(())
}
