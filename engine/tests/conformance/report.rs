//! The printed report and the result of the run.

use super::case::{Class, Test};
use super::compare::Verdict;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Default)]
pub(crate) struct Report {
    whole: bool,
    class: String,
    permissions: bool,
    now: Count,
    open: Count,
    roles: Count,
    messages: Vec<(String, String)>,
    lines: Vec<String>,
    tests: usize,
    /// Tests that this machine cannot run. They count neither as passes nor as failures.
    excused: usize,
    /// Tests of Hasura that are Python code and have no case.
    code_tests: usize,
    /// Classes without roles that have cases.
    classes: usize,
    skipped_classes: Vec<String>,
}

impl Report {
    /// `whole`: all classes run, so that the number of passes can be compared.
    pub(crate) fn new(whole: bool) -> Self {
        Self {
            whole,
            ..Self::default()
        }
    }

    pub(crate) fn begin(&mut self, class: &Class) {
        self.class.clone_from(&class.name);
        self.permissions = class.permissions;
        self.tests = class.tests.len();
        self.now = Count::default();
        self.classes += usize::from(!self.permissions && self.tests > 0);
    }

    pub(crate) fn test(&mut self, test: &Test, result: Result<Verdict, String>) {
        match result {
            Ok(verdict) => {
                self.now.passed += 1;
                self.messages.extend(verdict.messages);
            }
            Err(reason) => {
                self.now.failed += 1;
                self.note(&format!("FAILED {} [{:?}]: {reason}", test.name, test.transport));
            }
        }
    }

    /// Notes tests without a case; they are not counted.
    pub(crate) fn without_data(&mut self, tests: &[String]) {
        self.code_tests += tests.len();
        if !tests.is_empty() {
            self.note(&format!("without cases: {}", tests.join(", ")));
        }
    }

    pub(crate) fn skip_class(&mut self, reason: &str) {
        self.now.skipped += self.tests;
        self.excused += self.tests;
        if !self.permissions && self.tests > 0 {
            self.skipped_classes.push(self.class.clone());
        }
        self.note(&format!("skipped: {reason}"));
    }

    pub(crate) fn fail_class(&mut self, class: &Class, reason: &str) {
        self.now.failed += class.tests.len();
        self.note(&format!("FAILED all: {reason}"));
    }

    pub(crate) fn note(&mut self, line: &str) {
        let cut: String = line.chars().take(1500).collect();
        self.lines.push(format!("    {cut}"));
    }

    pub(crate) fn end(&mut self) {
        let Count {
            passed,
            failed,
            skipped,
        } = std::mem::take(&mut self.now);
        let mark = if self.permissions { " (roles)" } else { "" };
        println!(
            "{}{mark}: {passed} passed, {failed} failed, {skipped} skipped",
            self.class
        );
        for line in self.lines.drain(..) {
            println!("{line}");
        }
        let total = if self.permissions {
            &mut self.roles
        } else {
            &mut self.open
        };
        total.passed += passed;
        total.failed += failed;
        total.skipped += skipped;
    }

    pub(crate) fn finish(self) -> ExitCode {
        let line = |name: &str, count: &Count| {
            println!(
                "{name}: {} passed, {} failed, {} skipped",
                count.passed, count.failed, count.skipped
            );
        };
        println!("\n{} messages differ from Hasura's", self.messages.len());
        for (expected, actual) in &self.messages {
            println!("    expected: {expected}\n         got: {actual}");
        }
        println!("{} tests exist only as code and have no case", self.code_tests);
        println!(
            "of {} classes without roles, {} were skipped: {}",
            self.classes,
            self.skipped_classes.len(),
            self.skipped_classes.join(", ")
        );
        line("classes without roles", &self.open);
        line("classes with roles", &self.roles);
        let passed = self.open.passed + self.roles.passed;
        let judged = if self.whole {
            judge(passed, self.excused)
        } else {
            Ok(())
        };
        if let Err(reason) = &judged {
            println!("{reason}");
        }
        let (failed, skipped) = (
            self.open.failed + self.roles.failed,
            self.open.skipped + self.roles.skipped,
        );
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if judged.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Returns an error if fewer cases passed than recorded.
fn judge(passed: usize, excused: usize) -> Result<(), String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-passes.txt");
    if std::env::var_os("CONFORMANCE_RECORD").is_some() {
        return std::fs::write(&file, format!("{passed}\n")).map_err(|e| format!("cannot record: {e}"));
    }
    let recorded: usize = std::fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    if passed + excused < recorded {
        return Err(format!(
            "{passed} cases passed and {excused} could not run on this machine, but tests/conformance-passes.txt records {recorded}"
        ));
    }
    if passed > recorded {
        println!(
            "{passed} cases passed and {recorded} are recorded; set CONFORMANCE_RECORD=1 to update the record"
        );
    }
    Ok(())
}
