//! Ends the processes of a killed stack, including Postgres.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use local_process::environment::{self, Kind};
use local_process::orphaned_processes;
use local_process::users::User;
use rustix::process::Pid;

use crate::postgres;
use crate::programs::PostgresPrograms;

/// Ends the processes that a killed stack left running in `dir`. The caller holds the directory's lock.
pub fn end(dir: &Path, programs: &PostgresPrograms, user: Option<User>) {
    orphaned_processes::end(dir);
    stop_postgres(dir, programs, user);
}

/// Postgres has its own PID file and its own shutdown procedure.
fn stop_postgres(dir: &Path, programs: &PostgresPrograms, user: Option<User>) {
    let data = dir.join("data");
    let note = postgres::pid_file(dir, user).unwrap_or_default();
    let Some(pid) = note
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
        .and_then(Pid::from_raw)
    else {
        return;
    };
    // `pg_ctl stop` signals the process that currently has the id; after a reboot that may be an unrelated one.
    if !orphaned_processes::runs(pid, &data.display().to_string()) {
        return;
    }
    let mut command = Command::new(programs.bin.join("pg_ctl"));
    environment::restrict(&mut command, Kind::Plain)
        .args(["stop", "-s", "-m", "fast", "-D"])
        .arg(&data)
        .current_dir(dir);
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    let _ = command.output();
}
