//! Processor time of a stack's processes, by group, from `/proc`. Systems without `/proc` have no figures.

use std::collections::HashMap;
use std::fs;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use local_services::functions::FUNCTION_ROLE_PREFIX;
use local_services::login::ENGINE_ROLE;
use local_stack::Stack;

/// Time between samples. A backend that ends keeps its last sample, so its processor time after that is not counted.
const INTERVAL: Duration = Duration::from_secs(1);

/// Processes with the same purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Group {
    FunctionBackends,
    EngineBackends,
    /// WAL writer, checkpointer, autovacuum and the like, and the connections of the benchmark.
    OtherPostgres,
    Engine,
    Functions,
    /// This process: gateway and Runtime API, and the customers of the benchmark.
    Host,
    PgBouncer,
}

impl Group {
    pub(crate) const ALL: [Self; 7] = [
        Self::FunctionBackends,
        Self::EngineBackends,
        Self::OtherPostgres,
        Self::Engine,
        Self::Functions,
        Self::Host,
        Self::PgBouncer,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FunctionBackends => "the functions' Postgres backends",
            Self::EngineBackends => "the engine's Postgres backends",
            Self::OtherPostgres => "other Postgres processes",
            Self::Engine => "engine",
            Self::Functions => "functions",
            Self::Host => "gateway, Runtime API and clients",
            Self::PgBouncer => "pgBouncer",
        }
    }

    pub(crate) fn is_postgres(self) -> bool {
        matches!(
            self,
            Self::FunctionBackends | Self::EngineBackends | Self::OtherPostgres
        )
    }
}

/// Processor time per group, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct CpuTimes(HashMap<Group, f64>);

impl CpuTimes {
    /// Sum of the groups that satisfy the condition. NaN without measurements.
    pub(crate) fn sum(&self, mut condition: impl FnMut(Group) -> bool) -> f64 {
        if self.0.is_empty() {
            return f64::NAN;
        }
        let selected = self.0.iter().filter(|(group, _)| condition(**group));
        selected.map(|(_, ms)| ms).sum()
    }

    pub(crate) fn of(&self, group: Group) -> f64 {
        self.sum(|other| other == group)
    }
}

/// Measures from its creation to its last sample.
#[derive(Debug)]
pub(crate) struct CpuMeter {
    /// Processes other than those of Postgres.
    groups: HashMap<i32, Group>,
    postmaster: Option<i32>,
    /// By process id and start time, because ids are reused.
    processes: HashMap<(i32, u64), Process>,
}

#[derive(Debug)]
struct Process {
    group: Group,
    first_ticks: u64,
    last_ticks: u64,
}

impl CpuMeter {
    pub(crate) fn start(stack: &Stack) -> Self {
        let mut groups = HashMap::new();
        groups.insert(rustix::process::getpid().as_raw_nonzero().get(), Group::Host);
        groups.insert(
            stack.engine().running().pid().as_raw_nonzero().get(),
            Group::Engine,
        );
        for pid in stack.functions().all_pids() {
            groups.insert(pid.as_raw_nonzero().get(), Group::Functions);
        }
        if let Some(pgbouncer) = stack.pgbouncer() {
            let pid = pgbouncer.running().pid().as_raw_nonzero().get();
            groups.insert(pid, Group::PgBouncer);
        }
        let postmaster = stack
            .postgres()
            .map(|postgres| postgres.running().pid().as_raw_nonzero().get());
        let meter = Self {
            groups,
            postmaster,
            processes: HashMap::new(),
        };
        meter.restarted()
    }

    /// Returns a meter of the same processes that measures from now on.
    pub(crate) fn restarted(&self) -> Self {
        let mut meter = Self {
            groups: self.groups.clone(),
            postmaster: self.postmaster,
            processes: HashMap::new(),
        };
        meter.sample();
        for process in meter.processes.values_mut() {
            process.first_ticks = process.last_ticks;
        }
        meter
    }

    /// Samples periodically until the sender is dropped, and then for the last time. Blocks: reading takes milliseconds, which would
    /// delay the customers of the benchmark.
    pub(crate) fn run_until(mut self, done: &Receiver<()>) -> CpuTimes {
        while done.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            self.sample();
        }
        self.sample();
        self.times()
    }

    fn sample(&mut self) {
        // Without /proc nothing is sampled; a process that ends during the sample is skipped.
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let Some(stat) = fs::read_to_string(format!("/proc/{pid}/stat"))
                .ok()
                .and_then(|line| parse(&line))
            else {
                continue;
            };
            let postgres = self.postmaster == Some(pid) || self.postmaster == Some(stat.parent);
            let group = match self.groups.get(&pid) {
                Some(group) => *group,
                // Its title names the role as soon as the client is authenticated.
                None if postgres => {
                    let title = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                    group_of_title(&String::from_utf8_lossy(&title))
                }
                None => continue,
            };
            // The time of a process that started after the first sample counts from its start.
            let process = self.processes.entry((pid, stat.started)).or_insert(Process {
                group,
                first_ticks: 0,
                last_ticks: 0,
            });
            process.group = group;
            process.last_ticks = stat.ticks;
        }
    }

    fn times(&self) -> CpuTimes {
        let mut times = HashMap::new();
        let ms_per_tick = 1_000.0 / ticks_per_second();
        for process in self.processes.values() {
            let ticks = process.last_ticks - process.first_ticks;
            *times.entry(process.group).or_insert(0.0) += super::figures::count(ticks) * ms_per_tick;
        }
        CpuTimes(times)
    }
}

/// Processor time of the calling thread so far, in milliseconds; NaN where it is not available.
pub(crate) fn of_this_thread() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").ok();
    let ticks = stat.and_then(|line| parse(&line)).map(|stat| stat.ticks);
    ticks.map_or(f64::NAN, |ticks| {
        super::figures::count(ticks) * 1_000.0 / ticks_per_second()
    })
}

fn ticks_per_second() -> f64 {
    super::figures::count(rustix::param::clock_ticks_per_second())
}

/// Group of a Postgres process by its title, for example `postgres: fn_payment postgres 127.0.0.1(40000) idle`.
fn group_of_title(title: &str) -> Group {
    let role = title
        .strip_prefix("postgres: ")
        .and_then(|rest| rest.split(' ').next());
    match role {
        Some(role) if role.starts_with(FUNCTION_ROLE_PREFIX) => Group::FunctionBackends,
        Some(ENGINE_ROLE) => Group::EngineBackends,
        _ => Group::OtherPostgres,
    }
}

/// Fields of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: i32,
    /// Start of the process after the start of the system, in clock ticks.
    started: u64,
    /// Processor time of all its threads in user and kernel mode.
    ticks: u64,
}

fn parse(line: &str) -> Option<Stat> {
    // The second field, a name in parentheses, may contain spaces and parentheses. The next one is number 3.
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3);
    let number = |index: usize| field(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: field(4)?.parse().ok()?,
        started: number(22)?,
        ticks: number(14)? + number(15)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_of_a_process_is_parsed() {
        let line = "4711 (a (b) c) S 17 4711 4711 0 -1 4194560 900 0 3 0 250 50 7 8 20 0 1 0 123456 \
                    226000000 4000 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
        let expected = Stat {
            parent: 17,
            started: 123_456,
            ticks: 300,
        };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("4711 (a) S 17"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn backends_are_grouped_by_role() {
        for (title, group) in [
            (
                "postgres: fn_payment postgres 127.0.0.1(40000) idle\0\0",
                Group::FunctionBackends,
            ),
            (
                "postgres: hasura postgres 127.0.0.1(40001) SELECT",
                Group::EngineBackends,
            ),
            (
                "postgres: postgres postgres 127.0.0.1(40002) idle",
                Group::OtherPostgres,
            ),
            ("postgres: walwriter ", Group::OtherPostgres),
            ("/usr/lib/postgresql/15/bin/postgres\0-c\0", Group::OtherPostgres),
        ] {
            assert_eq!(group_of_title(title), group, "{title}");
        }
    }

    #[test]
    fn groups_without_measurements_have_no_time() {
        assert!(CpuTimes::default().sum(|_| true).is_nan());
        let times = CpuTimes(HashMap::from([(Group::Engine, 2.0), (Group::OtherPostgres, 3.0)]));
        assert!((times.sum(Group::is_postgres) - 3.0).abs() < f64::EPSILON);
        assert!(times.of(Group::PgBouncer).abs() < f64::EPSILON);
    }
}
