//! Runs the commands of the documentation with the addresses of the stack and compares their output.

use std::{
    env,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use local_process::dirs;
use local_stack::addresses::Addresses;
use local_tools::programs;
use tokio::process::Command;

use super::markdown::Block;

/// Time after which the shown output counts as never appearing.
const HANG: Duration = Duration::from_secs(30);

/// A shell that keeps exported variables between blocks, like the reader's.
pub(super) struct Shell {
    addresses: [(&'static str, String); 4],
    path: String,
    exported: String,
    /// Removed with the shell.
    _addresses_file: tempfile::NamedTempFile,
}

impl Shell {
    /// Creates a shell for this stack.
    pub(super) fn on(addresses: &Addresses) -> Self {
        let host = |url: &str| {
            let rest = url.rsplit(['/', '@']).find(|part| part.contains(':'));
            rest.expect("a host and a port").to_owned()
        };
        let file = tempfile::NamedTempFile::new().expect("a file");
        addresses.write(file.path()).expect("the addresses are written");
        // psql may exist only in the directory of Postgres (Homebrew).
        let psql = local_services::programs::postgres().expect("Postgres").bin;
        programs::curl().expect("curl");
        Self {
            addresses: [
                ("target/addresses.json", file.path().display().to_string()),
                (
                    "localhost:6432",
                    host(addresses.pgbouncer.as_deref().expect("pgBouncer")),
                ),
                ("localhost:8080", host(&addresses.engine)),
                ("localhost:8081", host(&addresses.functions)),
            ],
            path: format!("{}:{}", env::var("PATH").unwrap_or_default(), psql.display()),
            exported: String::new(),
            _addresses_file: file,
        }
    }

    /// Replaces the addresses in a text by those of this stack.
    pub(super) fn here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (usual, here) in &self.addresses {
            text = text.replace(usual, here);
        }
        assert!(
            !text.contains("localhost"),
            "an address of no service of the stack: {text}"
        );
        text
    }

    /// Runs the commands of a block; each must succeed and, if `exact`, print the shown output.
    pub(super) async fn run(&mut self, block: &Block, exact: bool) {
        for Step { script, shown } in steps(&block.text) {
            // A query may run before its result is complete; a reader would repeat it, too.
            let question = script.contains("\"query\": \"{")
                || script.contains("SELECT") && !script.contains("\"type\": ");
            let began = Instant::now();
            let mut at_first = None;
            loop {
                let Output {
                    status,
                    stdout,
                    stderr,
                } = self.bash(&script).await;
                let printed = String::from_utf8_lossy(&stdout);
                let as_shown = !exact || shown.is_empty() || matches(&shown, &printed);
                if status.success() && as_shown {
                    break;
                }
                let printed = at_first.get_or_insert_with(|| {
                    format!("({status})\n{printed}\n{}", String::from_utf8_lossy(&stderr))
                });
                assert!(
                    question && status.success() && began.elapsed() < HANG,
                    "line {}, {}\n{script}\n--- shown\n{shown}\n--- printed at first {printed}",
                    block.line,
                    block.section,
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let exports = script.lines().filter(|line| line.starts_with("export "));
            for line in exports {
                self.exported.push_str(line);
                self.exported.push('\n');
            }
        }
    }

    async fn bash(&self, script: &str) -> Output {
        let script = self.here(&format!("set -euo pipefail\n{}{script}", self.exported));
        Command::new("bash")
            .args(["-c", &script])
            .current_dir(dirs::root())
            .env("PATH", &self.path)
            // Without the user's .curlrc, .psqlrc and proxy.
            .env("HOME", "/nonexistent")
            .env("NO_PROXY", "*")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("bash")
    }
}

/// Commands and their common output.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) script: String,
    pub(super) shown: String,
}

/// Divides a block into its commands.
pub(super) fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix('#'), steps.last_mut()) {
            (Some(shown), Some(step)) => step.shown.extend([shown, "\n"]),
            (None, Some(step)) if step.shown.is_empty() => step.script.extend([line, "\n"]),
            _ => steps.push(Step {
                script: format!("{line}\n"),
                shown: String::new(),
            }),
        }
    }
    steps
}

/// Whether the output matches; `…` stands for any text, and white space is ignored.
pub(super) fn matches(shown: &str, printed: &str) -> bool {
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    let (shown, printed) = (dense(shown), dense(printed));
    let parts: Vec<&str> = shown.split('…').collect();
    let [first, between @ .., last] = &parts[..] else {
        return shown == printed;
    };
    let Some(mut rest) = printed
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    between.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn block_is_parsed_into_commands_and_output() {
    let step = |script: &str, shown: &str| Step {
        script: script.to_owned(),
        shown: shown.to_owned(),
    };
    assert_eq!(
        steps("a 'x\n  y'\n# 1\n# 2\nb\nc # not shown\n"),
        [step("a 'x\n  y'\n", " 1\n 2\n"), step("b\nc # not shown\n", "")]
    );
}

#[test]
fn printed_output_is_compared() {
    for (shown, printed, expected) in [
        ("{\"a\": 1}", "{\"a\":1}\n", true),
        ("a\nb", "a\nb\n", true),
        ("a", "ab", false),
        ("{\"id\": …, \"b\": 2}", "{\"id\":17,\"b\":2}", true),
        ("{\"id\": …, \"b\": 2}", "{\"id\":17,\"b\":3}", false),
        ("a…", "abc", true),
        ("…", "", true),
        ("ab…ab", "ababab", true),
        ("ab…ab", "aba", false),
        ("a…b…c", "a1b2b3c", true),
        ("a…b…c", "a1c", false),
        ("a", "", false),
    ] {
        assert_eq!(matches(shown, printed), expected, "{shown} {printed}");
    }
}
