//! Command-line options for the concurrency of the functions.

use clap::Args;
use clap::builder::FalseyValueParser;

use lambda_host::Limits;

/// Upper bound of the option `--concurrency`; pgBouncer accepts as many connections of each function.
pub(crate) const MAX_CONCURRENCY: u16 = 200;

/// Environment variable with the meaning of the option `--one-call-per-process`.
pub const ONE_CALL_PER_PROCESS: &str = "THREEFACTOR_ONE_CALL_PER_PROCESS";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct ConcurrencyArgs {
    /// Maximum number of concurrent calls of a function. One process handles them all, as on Lambda Managed Instances
    /// (`AWS_LAMBDA_MAX_CONCURRENCY`)
    #[arg(long, value_name = "N", default_value_t = Self::DEFAULT, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_CONCURRENCY)))]
    concurrency: u16,
    /// Start a process for each concurrent call of a function, as plain Lambda does
    #[arg(long, env = ONE_CALL_PER_PROCESS, value_parser = FalseyValueParser::new())]
    one_call_per_process: bool,
}

impl ConcurrencyArgs {
    const DEFAULT: u16 = 8;

    /// The default number of calls, in the processes that the environment demands; for commands without these options.
    pub fn from_env() -> Self {
        Self {
            concurrency: Self::DEFAULT,
            one_call_per_process: is_set(std::env::var(ONE_CALL_PER_PROCESS).ok().as_deref()),
        }
    }

    #[must_use]
    pub fn with_concurrency(self, concurrency: u16) -> Self {
        Self { concurrency, ..self }
    }

    pub fn limits(self) -> Limits {
        Limits::default().with_concurrency(self.concurrency.into(), self.one_call_per_process)
    }
}

/// The values that [`FalseyValueParser`] takes for false.
fn is_set(value: Option<&str>) -> bool {
    let falsey = ["", "n", "no", "f", "false", "off", "0"];
    value.is_some_and(|value| !falsey.contains(&value.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        concurrency: ConcurrencyArgs,
    }

    fn processes_and_calls(args: &[&str]) -> (usize, usize) {
        let command = Command::try_parse_from(["test"].iter().chain(args)).unwrap();
        let limits = command.concurrency.limits();
        (limits.processes, limits.calls_per_process)
    }

    #[test]
    fn calls_share_a_process_unless_each_gets_its_own() {
        assert_eq!(processes_and_calls(&["--concurrency", "5"]), (1, 5));
        let plain = processes_and_calls(&["--concurrency", "5", "--one-call-per-process"]);
        assert_eq!(plain, (5, 1));
        for number in ["0", "201", "many"] {
            Command::try_parse_from(["test", "--concurrency", number]).unwrap_err();
        }
    }

    #[test]
    fn default_concurrency_is_that_of_the_host() {
        assert_eq!(
            usize::from(ConcurrencyArgs::DEFAULT),
            Limits::default().concurrency()
        );
    }

    #[test]
    fn variable_has_the_meaning_of_the_option() {
        for (value, expected) in [
            (None, false),
            (Some(""), false),
            (Some("0"), false),
            (Some("False"), false),
            (Some("1"), true),
            (Some("true"), true),
        ] {
            assert_eq!(is_set(value), expected, "{value:?}");
        }
    }
}
