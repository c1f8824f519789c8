//! The browser apps: their own tests and checks, and both apps in a real browser with a whole stack. The browser tests are
//! in `apps/browser-tests/`; they request actions on the stack, such as stopping the engine, line by line.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use local_process::dirs;
use local_stack::apps;
use local_stack::{Access, Options, Stack};
use local_tools::node::Node;
use local_tools::programs;
use local_traces::Collector;
use tests::stack::TestStack;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

fn folder() -> PathBuf {
    dirs::root().join("apps")
}

/// Runs a script of `apps/package.json`; panics with its output if it fails.
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
async fn app_logic_tests_pass() {
    npm_run(vec!["test".into()]).await;
}

#[tokio::test]
async fn apps_are_typed_linted_and_formatted() {
    npm_run(vec!["lint".into()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn app_schema_and_types_match_engine() {
    let stack = TestStack::open().await;
    let engine = stack.services.addresses().engine.clone();
    npm_run(vec!["schema".into(), "--".into(), engine, "--check".into()]).await;
    npm_run(vec!["codegen".into(), "--".into(), "--check".into()]).await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_apps_work_in_a_browser() {
    let options = Options {
        access: Access::Secured,
        ..Options::for_tests().expect("the binaries")
    };
    browse(options, |name| {
        ![OPEN_MODE, TRACES].contains(&name) && !name.starts_with(CONSOLE)
    })
    .await;
}

/// From an empty database, as in the guide.
#[tokio::test(flavor = "multi_thread")]
async fn console_walks_the_guide() {
    let options = Options {
        access: Access::Secured,
        bare: true,
        ..Options::for_tests().expect("the binaries")
    };
    browse(options, |name| name.starts_with(CONSOLE)).await;
}

/// Without identities, as with `cargo xtask dev --open --traces`.
#[tokio::test(flavor = "multi_thread")]
async fn both_apps_work_in_open_mode() {
    let collector = Collector::start(0).await.expect("a free port");
    let options = Options {
        access: Access::Open,
        ..Options::for_tests().expect("the binaries")
    };
    let options = options.traced(&collector.url(), collector.trace_url());
    browse(options, |name| [OPEN_MODE, CROSS_SITE, TRACES].contains(&name)).await;
}

const OPEN_MODE: &str = "open-mode.test.ts";
const CROSS_SITE: &str = "cross-site.test.ts";
/// Beginning of the files about the console; they run in the order of their names, that about the guide first.
const CONSOLE: &str = "console.";
const TRACES: &str = "traces.test.ts";

/// Runs the browser tests in the files that `selects` selects.
async fn browse(options: Options, selects: fn(&str) -> bool) {
    // A stack starts without apps that cannot be built; this test has to report the build error.
    tokio::task::spawn_blocking(|| apps::build::build(&dirs::root()))
        .await
        .expect("the build runs")
        .expect("the apps are built");
    let options = Options {
        apps: true,
        ..options
    };
    let chromium = tokio::task::spawn_blocking(programs::chromium)
        .await
        .expect("Chromium is found or installed")
        .expect("Chromium");
    let mut stack = TestStack::open_with(options).await;
    let dir = tempfile::tempdir().expect("a directory");
    let addresses = dir.path().join("addresses.json");
    stack
        .services
        .addresses()
        .write(&addresses)
        .expect("the addresses");

    let node = Node::find().expect("Node.js");
    let mut node = tokio::process::Command::from(node.command())
        .args(["--test", "--test-isolation=none", "--test-reporter=spec"])
        // A hanging test is reported by its name, before the test runner stops the whole process.
        .arg("--test-timeout=120000")
        .args(suites(selects))
        .current_dir(folder())
        .env("STACK", &addresses)
        .env("STACK_CONTROL", "1")
        .env("CHROMIUM", chromium)
        .envs(std::env::var_os("SCREENSHOTS").map(|dir| ("SCREENSHOTS", dir)))
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
        let answer = match grant(&mut stack.services, wish).await {
            Ok(()) => "ok\n".to_owned(),
            Err(error) => format!("{error:#}\n"),
        };
        stdin.write_all(answer.as_bytes()).await.expect("its input");
    }
    let status = node.wait().await.expect("its end");
    let report = report.await.expect("the reader").expect("its report");
    println!("{report}");
    assert!(status.success(), "browser tests failed; see the report above");
    stack.close().await;
}

/// Selected files of the browser tests in order.
fn suites(selects: fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder().join("browser-tests"))
        .expect("the browser's tests")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".test.ts") && selects(&name)
        })
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
