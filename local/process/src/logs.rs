//! What the children print: one line each on stderr, prefixed by who said it. Standard output stays free for results.

use std::collections::{HashMap, VecDeque};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::MultiProgress;

/// How many lines of each child are kept for the message that says why it failed.
const TAIL: usize = 30;

/// Where lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To stderr, prefixed.
    Stderr,
    /// Nowhere; only the last lines are kept, for the message that says why a child failed.
    Kept,
}

/// How the functions and the engine write their log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, as Lambda and Hasura write them.
    Json,
}

/// How much the functions and the engine write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// Only what went wrong.
    Error,
    /// Also what may be wrong.
    Warn,
    /// Also what happened.
    #[default]
    Info,
    /// Also how.
    Debug,
}

impl LogLevel {
    /// The level's name in lower case, as `HASURA_GRAPHQL_LOG_LEVEL` and `RUST_LOG` want it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// A shared handle; clones write to the same place.
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

impl Logs {
    /// A new handle.
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

    /// Writes around these progress bars from now on, so that lines and bars do not mix; `None` ends it.
    pub fn draw_around(&self, bars: Option<MultiProgress>) {
        *self.inner.bars.lock().unwrap_or_else(PoisonError::into_inner) = bars;
    }

    /// Whether children may colour what they write.
    pub(crate) fn is_coloured(&self) -> bool {
        self.inner.colour && self.inner.destination == Destination::Stderr
    }

    /// One line that a child wrote.
    pub fn child(&self, name: &str, line: &str) {
        {
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
        if self.inner.destination == Destination::Stderr {
            let (start, end) = self.colour(name);
            self.write(&format!("{start}{name:>19} |{end} {line}"));
        }
    }

    /// One line of our own.
    pub fn log_line(&self, line: &str) {
        if self.inner.destination == Destination::Stderr {
            self.write(line);
        }
    }

    /// The last lines that a child wrote, oldest first.
    pub fn tail(&self, name: &str) -> Vec<String> {
        let tails = self.inner.tails.lock().unwrap_or_else(PoisonError::into_inner);
        tails
            .get(name)
            .map(|tail| tail.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The last line with something in it, for a message of one line.
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
        // Nobody is left to tell when stderr is closed.
        let _ = match bars {
            Some(bars) => bars.println(line),
            None => writeln!(std::io::stderr().lock(), "{line}"),
        };
    }

    /// A colour that stays with the name.
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
    fn keeps_the_last_lines_of_each_child_apart() {
        let logs = Logs::new(Destination::Kept);
        for n in 0..TAIL + 5 {
            logs.child("engine", &n.to_string());
        }
        logs.child("payment", "boom");
        logs.child("payment", "  ");
        assert_eq!(logs.tail("engine").len(), TAIL);
        assert_eq!(logs.last_output("engine").as_deref(), Some("34"));
        assert_eq!(logs.last_output("payment").as_deref(), Some("boom"));
        assert_eq!(logs.last_output("nobody"), None);
    }
}
