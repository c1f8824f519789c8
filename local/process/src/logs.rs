//! Output of child processes: one line each on stderr, prefixed with the process's name. Standard output is reserved
//! for results.

use std::collections::{HashMap, VecDeque};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::MultiProgress;

/// Number of lines kept per child for error messages.
const TAIL: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Stderr, prefixed.
    Stderr,
    /// No output; only the last lines of each child are kept, for error messages.
    Kept,
}

/// Log format of the functions and the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Human-readable lines
    #[default]
    Text,
    /// One JSON object per line, as on Lambda and in Hasura
    Json,
}

/// Log level of the functions and the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Failures only
    Error,
    /// And warnings
    Warn,
    /// And normal events
    #[default]
    Info,
    /// And details
    Debug,
}

impl LogLevel {
    /// Lowercase name, as `HASURA_GRAPHQL_LOG_LEVEL` and `RUST_LOG` expect it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// Shared handle; clones write to the same destination.
#[derive(Debug, Clone)]
pub struct Logs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    destination: Destination,
    colour: bool,
    tails: Mutex<HashMap<String, VecDeque<String>>>,
    bars: Mutex<Option<MultiProgress>>,
}

/// Name of this process in [`Logs::tail`].
pub const OWN: &str = "local";

impl Logs {
    pub fn new(destination: Destination) -> Self {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let inner = Inner {
            destination,
            colour,
            tails: Mutex::default(),
            bars: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// From now on writes above these progress bars, so that lines and bars do not mix; `None` ends this.
    pub fn draw_around(&self, bars: Option<MultiProgress>) {
        *self.inner.bars.lock().unwrap_or_else(PoisonError::into_inner) = bars;
    }

    /// Whether children may use colours.
    pub(crate) fn is_coloured(&self) -> bool {
        self.inner.colour && self.inner.destination == Destination::Stderr
    }

    /// Records a line that a child wrote.
    pub fn child(&self, name: &str, line: &str) {
        self.keep(name, line);
        if self.inner.destination == Destination::Stderr {
            let (start, end) = self.colour(name);
            self.write(&format!("{start}{name:>19} |{end} {line}"));
        }
    }

    /// Writes a line of this process. It is kept as a line of [`OWN`].
    pub fn log_line(&self, line: &str) {
        self.keep(OWN, line);
        if self.inner.destination == Destination::Stderr {
            self.write(line);
        }
    }

    fn keep(&self, name: &str, line: &str) {
        let mut tails = self.inner.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if !tails.contains_key(name) {
            tails.insert(name.to_owned(), VecDeque::with_capacity(TAIL));
        }
        if let Some(tail) = tails.get_mut(name) {
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(line.to_owned());
        }
    }

    /// The last lines of a child, oldest first.
    pub fn tail(&self, name: &str) -> Vec<String> {
        let tails = self.inner.tails.lock().unwrap_or_else(PoisonError::into_inner);
        tails
            .get(name)
            .map(|tail| tail.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The last non-blank line of a child, for one-line messages.
    pub fn last_output(&self, name: &str) -> Option<String> {
        self.tail(name)
            .into_iter()
            .rev()
            .find(|line| !line.trim().is_empty())
    }

    fn write(&self, line: &str) {
        let bars = self
            .inner
            .bars
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        // A closed stderr is not an error: there is no other place to report to.
        let _ = match bars {
            Some(bars) => bars.println(line),
            None => writeln!(std::io::stderr().lock(), "{line}"),
        };
    }

    /// A colour derived from the name, so that it stays the same.
    fn colour(&self, name: &str) -> (String, &'static str) {
        if !self.inner.colour {
            return (String::new(), "");
        }
        let sum: u32 = name.bytes().map(u32::from).sum();
        (format!("\x1b[{}m", 31 + sum % 6), "\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines_are_kept_per_child() {
        let logs = Logs::new(Destination::Kept);
        for n in 0..TAIL + 5 {
            logs.child("engine", &n.to_string());
        }
        logs.child("payment", "boom");
        logs.child("payment", "  ");
        assert_eq!(logs.tail("engine").len(), TAIL);
        assert_eq!(logs.last_output("engine").as_deref(), Some("34"));
        assert_eq!(logs.last_output("payment").as_deref(), Some("boom"));
        assert_eq!(logs.last_output("unknown"), None);
    }
}
