//! The printed report and the result of the run.

use super::case::Test;
use super::compare::Verdict;
use super::manifest::{Class, Group};
use super::passes::{self, Passes};
use std::collections::BTreeMap;
use std::process::ExitCode;

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// Skipped because of this machine.
    excused: usize,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.excused += other.excused;
    }
}

pub(crate) struct Report {
    whole: bool,
    class: String,
    group: Group,
    now: Count,
    totals: BTreeMap<Group, Count>,
    messages: Vec<(String, String)>,
    lines: Vec<String>,
    tests: usize,
    /// Tests of Hasura that are Python code and have no case.
    code_tests: usize,
    skipped_classes: Vec<String>,
}

impl Report {
    /// `whole`: all classes run, so that the number of passes can be compared.
    pub(crate) fn new(whole: bool) -> Self {
        Self {
            whole,
            class: String::new(),
            group: Group::Core,
            now: Count::default(),
            totals: BTreeMap::new(),
            messages: Vec::new(),
            lines: Vec::new(),
            tests: 0,
            code_tests: 0,
            skipped_classes: Vec::new(),
        }
    }

    pub(crate) fn begin(&mut self, class: &Class) {
        self.class.clone_from(&class.name);
        self.group = class.group;
        self.tests = class.tests.len();
        self.now = Count::default();
        self.without_data(&class.code_tests);
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
    fn without_data(&mut self, tests: &[String]) {
        self.code_tests += tests.len();
        if !tests.is_empty() {
            self.note(&format!("without cases: {}", tests.join(", ")));
        }
    }

    /// Skips a class that this machine cannot run. Its tests count neither as passes nor as failures.
    pub(crate) fn excuse_class(&mut self, reason: &str) {
        self.now.excused += self.tests;
        self.skip_class(reason);
    }

    /// Skips a class that the runner does not support.
    pub(crate) fn skip_class(&mut self, reason: &str) {
        self.now.skipped += self.tests;
        if self.tests > 0 {
            self.skipped_classes.push(self.class.clone());
        }
        self.note(&format!("skipped: {reason}"));
    }

    pub(crate) fn fail_class(&mut self, reason: &str) {
        self.now.failed += self.tests;
        self.note(&format!("FAILED all: {reason}"));
    }

    pub(crate) fn note(&mut self, line: &str) {
        let cut: String = line.chars().take(1500).collect();
        self.lines.push(format!("    {cut}"));
    }

    pub(crate) fn end(&mut self) {
        let count = std::mem::take(&mut self.now);
        println!("{} ({}): {}", self.class, self.group.name(), line(&count));
        for line in self.lines.drain(..) {
            println!("{line}");
        }
        self.totals.entry(self.group).or_default().add(&count);
    }

    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{} messages differ from Hasura's", self.messages.len());
        for (expected, actual) in &self.messages {
            println!("    expected: {expected}\n         got: {actual}");
        }
        println!("{} tests exist only as code and have no case", self.code_tests);
        println!(
            "{} classes were skipped: {}",
            self.skipped_classes.len(),
            self.skipped_classes.join(", ")
        );
        let mut all = Count::default();
        for (group, count) in &self.totals {
            println!("{}: {}", group.name(), line(count));
            all.add(count);
        }
        let passes = |group: Group| {
            let count = self.totals.get(&group);
            let (passed, excused) = count.map_or((0, 0), |count| (count.passed, count.excused));
            (group, Passes { passed, excused })
        };
        let judged = if self.whole {
            passes::judge(&Group::ALL.into_iter().map(passes).collect())
        } else {
            Ok(())
        };
        if let Err(reason) = &judged {
            println!("{reason}");
        }
        println!("{}", line(&all));
        if judged.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn line(count: &Count) -> String {
    format!(
        "{} passed, {} failed, {} skipped",
        count.passed, count.failed, count.skipped
    )
}
