//! `cargo xtask fuzz`: runs the fuzz targets for a limited time, four per processor at a time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::build::{bin_dir, cargo, profile, root, status};

/// Fuzz targets, see fuzz/README.md. Initial inputs are in fuzz/seeds, tokens to combine in fuzz/dictionaries, under the name of the target.
const TARGETS: [Target; 7] = [
    Target::new("graphql_plan", Some("engine/plan/tests/plans/cases")),
    Target::new("metadata_commands", None),
    Target::new("http_session", None),
    Target::new("websocket", None),
    Target::new("jwt", None),
    Target::new("webhook_event", None),
    Target::new("request_body", None),
];

#[derive(Clone, Copy)]
struct Target {
    name: &'static str,
    /// Directory with further initial inputs.
    seeds: Option<&'static str>,
}

/// Default duration per target, in seconds.
const SECONDS: u32 = 60;

/// Number of targets that run on a processor at a time: a minute of each has to fit into the time of CI.
const PER_PROCESSOR: usize = 4;

/// Number of lines of a failed target's output that are printed.
const LAST_LINES: usize = 60;

/// Runs the targets; a crash is an error that names the reproducing input.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let Options { seconds, targets } = options(args)?;
    let binaries = build()?;
    let queue = Mutex::new(targets.into_iter());
    let workers = PER_PROCESSOR * thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let Some(target) = queue.lock().ok().and_then(|mut queue| queue.next()) else {
                return failed;
            };
            let command = target.command(&binaries.join(target.name), seconds);
            match command.and_then(|mut command| run_target(&mut command)) {
                Ok(output) => failed.extend(report(target.name, seconds, &output)),
                Err(message) => failed.push(message),
            }
        }
    };
    // No two targets share a directory of inputs, so that they do not affect each other.
    let failed = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| vec!["a worker panicked".to_owned()])
        });
        results.flatten().collect::<Vec<String>>()
    });
    if failed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(failed.join("\nxtask: "))
    }
}

struct Options {
    seconds: u32,
    targets: Vec<Target>,
}

fn options(args: &[OsString]) -> Result<Options, String> {
    let mut options = Options {
        seconds: SECONDS,
        targets: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let arg = arg.to_str().unwrap_or_default();
        if arg == "--seconds" {
            let seconds = args.next().and_then(|seconds| seconds.to_str()?.parse().ok());
            options.seconds = seconds
                .filter(|seconds| *seconds > 0)
                .ok_or("`--seconds` requires a positive number")?;
        } else if let Some(target) = TARGETS.iter().find(|target| target.name == arg) {
            options.targets.push(*target);
        } else {
            let names = TARGETS.map(|target| target.name).join(", ");
            return Err(format!(
                "usage: cargo xtask fuzz [--seconds N] [TARGET…]; the targets are {names}"
            ));
        }
    }
    if options.targets.is_empty() {
        options.targets = TARGETS.to_vec();
    }
    Ok(options)
}

/// Builds all targets; returns the directory of the binaries. They share the compiled dependencies with the other commands: same
/// directory, same profile, and `instrument.sh` changes only this repository's crates and the GraphQL parser.
fn build() -> Result<PathBuf, String> {
    let profile = profile()?;
    // The settings that keep instrumented crates apart from the others (fuzz/Cargo.toml) exist for these.
    if !["fast", "ci"].contains(&&*profile) {
        return Err(format!(
            "cannot fuzz with the profile \"{profile}\"; use `cargo xtask fuzz`"
        ));
    }
    let binaries = bin_dir()?;
    let output = binaries
        .parent()
        .ok_or("cannot determine cargo's output directory")?;
    let fuzz = root().join("fuzz");
    let built = status(
        cargo()
            .current_dir(&fuzz)
            .env("RUSTC_WRAPPER", fuzz.join("instrument.sh"))
            .args([
                "build",
                "--locked",
                "--bins",
                "--profile",
                &profile,
                "--target-dir",
            ])
            .arg(output),
    )?;
    if built.success() {
        Ok(binaries)
    } else {
        Err("the build of the fuzz targets failed; see cargo's output above".to_owned())
    }
}

impl Target {
    const fn new(name: &'static str, seeds: Option<&'static str>) -> Self {
        Self { name, seeds }
    }

    /// Returns the command that runs the target. An input may take at most two seconds of a processor, eight when four
    /// targets share it: a slower one could be used to overload a server.
    fn command(&self, binary: &Path, seconds: u32) -> Result<Command, String> {
        let fuzz = root().join("fuzz");
        let directory = |kind: &str| {
            let path = fuzz.join(kind).join(self.name);
            std::fs::create_dir_all(&path)
                .map_err(|error| format!("cannot create {}: {error}", path.display()))?;
            Ok::<_, String>(path)
        };
        let corpus = directory("corpus")?;
        let artifacts = directory("artifacts")?;
        let mut command = Command::new(binary);
        command.current_dir(&fuzz).arg(corpus);
        command.args(
            [
                Some(fuzz.join("seeds").join(self.name)),
                self.seeds.map(|seeds| root().join(seeds)),
            ]
            .into_iter()
            .flatten()
            .filter(|seeds| seeds.is_dir()),
        );
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        let dictionary = fuzz.join("dictionaries").join(self.name).with_extension("dict");
        if dictionary.is_file() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        command.arg(format!("-max_total_time={seconds}")).args([
            "-timeout=8",
            "-rss_limit_mb=1024",
            "-max_len=8192",
            "-print_final_stats=1",
        ]);
        Ok(command)
    }
}

fn run_target(command: &mut Command) -> Result<Output, String> {
    let output = command.stdin(Stdio::null()).output();
    output.map_err(|error| format!("cannot run {}: {error}", command.get_program().to_string_lossy()))
}

/// Prints the result of a target; returns the message of an error. The output of several targets is not mixed.
fn report(name: &str, seconds: u32, output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        let executed = text
            .lines()
            .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        let executed = executed.map_or("?", str::trim);
        eprintln!("xtask: {name} ran {executed} inputs in {seconds} s without a crash");
        return None;
    }
    let end: Vec<&str> = text.lines().rev().take(LAST_LINES).collect();
    let end: Vec<&str> = end.into_iter().rev().collect();
    eprintln!("{}", end.join("\n"));
    Some(format!("{name} failed; the input is in fuzz/artifacts/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fs;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    fn args(args: &[&str]) -> Vec<OsString> {
        args.iter().map(OsString::from).collect()
    }

    #[test]
    fn all_targets_run_for_a_minute_by_default() {
        let default = options(&[]).unwrap();
        assert_eq!((default.seconds, default.targets.len()), (60, TARGETS.len()));
        let some = options(&args(&["jwt", "--seconds", "5"])).unwrap();
        assert_eq!((some.seconds, some.targets.len()), (5, 1));
        for wrong in [
            &["--seconds"][..],
            &["--seconds", "0"],
            &["--seconds", "x"],
            &["unknown"],
        ] {
            assert!(options(&args(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_target_of_the_package_runs() {
        let sources = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap();
        let sources: HashSet<String> = sources
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        let names = TARGETS.map(|target| target.name.to_owned());
        assert_eq!(sources, HashSet::from(names));
        let readme = fs::read_to_string(root().join("fuzz/README.md")).unwrap();
        for target in TARGETS {
            assert!(readme.contains(&format!("`{}`", target.name)), "{}", target.name);
            assert!(root().join("fuzz/seeds").join(target.name).is_dir() || target.seeds.is_some());
        }
    }

    #[test]
    fn failure_names_the_target() {
        let output = |code: i32| Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: Vec::new(),
            stderr: b"stat::number_of_executed_units: 12\n".to_vec(),
        };
        assert_eq!(report("jwt", 1, &output(0)), None);
        assert!(
            report("jwt", 1, &output(77))
                .unwrap()
                .contains("fuzz/artifacts/jwt")
        );
    }
}
