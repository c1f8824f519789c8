//! Command-line options of a simulation, for `dev` and `demo --show`.

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};

use crate::{Options, Shares};

/// Orders per minute at pace 1.
const RATE: f64 = 6.0;
/// Simulated orders in progress.
const ACTIVE: u32 = 20;

/// A simulated role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum People {
    /// Order, pay, and sometimes cancel
    Customers,
    /// Approve or reject the orders of restaurants that do not approve automatically
    Kitchens,
    /// Accept or decline, drive, pick up and deliver
    Drivers,
}

impl People {
    const NAMES: [&str; 3] = ["customers", "kitchens", "drivers"];
}

#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Simulate people, or only these roles (comma-separated, after `=`), with the accounts of demo-accounts.sql and customers named
    /// `simulated-…`. Simulated kitchens and drivers serve the orders of all customers
    #[arg(
        long,
        value_name = "ROLES",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_values = People::NAMES
    )]
    simulate: Option<Vec<People>>,
    /// Simulated people act N times as fast, 0.1 to 100. At 1 an order takes about three minutes [default: 1]
    #[arg(long, value_name = "N", value_parser = number::<1, 1_000>)]
    simulate_pace: Option<f64>,
    /// Simulated orders per minute, at pace 1; 0.1 to 600 [default: 6]
    #[arg(long, value_name = "N", value_parser = number::<1, 6_000>)]
    simulate_rate: Option<f64>,
    /// Maximum number of simulated orders in progress [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    simulate_active: Option<u32>,
}

impl SimulateArgs {
    /// Configuration of the simulation; `None` if no role is simulated. `all` simulates all roles unless some are selected.
    pub fn options(&self, all: bool, seed: Option<u64>) -> Result<Option<Options>> {
        let people = match &self.simulate {
            Some(people) => {
                let mut people = people.clone();
                people.sort_unstable();
                people.dedup();
                people
            }
            None if all => People::value_variants().to_vec(),
            None => {
                let settings = [
                    ("--simulate-pace", self.simulate_pace.is_some()),
                    ("--simulate-rate", self.simulate_rate.is_some()),
                    ("--simulate-active", self.simulate_active.is_some()),
                    ("--seed", seed.is_some()),
                ];
                for (name, given) in settings {
                    ensure!(!given, "{name} has no effect without --simulate; add it");
                }
                return Ok(None);
            }
        };
        Ok(Some(Options {
            people,
            pace: self.simulate_pace.unwrap_or(1.0),
            rate: self.simulate_rate.unwrap_or(RATE),
            active: self.simulate_active.unwrap_or(ACTIVE),
            orders: None,
            seed: seed.unwrap_or_else(|| fastrand::u64(..)),
            shares: Shares::default(),
        }))
    }
}

/// Parses a number between two limits, which are in tenths.
fn number<const MIN: u32, const MAX: u32>(text: &str) -> Result<f64> {
    let [min, max] = [MIN, MAX].map(|tenths| f64::from(tenths) / 10.0);
    let number: f64 = text
        .parse()
        .with_context(|| format!("expected a number from {min} to {max}"))?;
    ensure!((min..=max).contains(&number), "must be between {min} and {max}");
    Ok(number)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        simulate: SimulateArgs,
    }

    fn options(args: &[&str], all: bool) -> Result<Option<Options>> {
        let args = ["test"].iter().chain(args);
        let command = Command::try_parse_from(args)?;
        command.simulate.options(all, None)
    }

    #[test]
    fn roles_are_all_or_those_selected() {
        use People::{Customers, Drivers, Kitchens};
        let people = |args: &[&str], all| options(args, all).unwrap().map(|options| options.people);
        assert_eq!(people(&[], false), None);
        assert_eq!(people(&[], true), Some(vec![Customers, Kitchens, Drivers]));
        assert_eq!(
            people(&["--simulate"], false),
            Some(vec![Customers, Kitchens, Drivers])
        );
        assert_eq!(
            people(&["--simulate=customers,drivers"], true),
            Some(vec![Customers, Drivers])
        );
        options(&["--simulate=cooks"], false).unwrap_err();
    }

    #[test]
    fn settings_require_a_simulation_and_have_limits() {
        for setting in ["--simulate-pace=2", "--simulate-rate=2", "--simulate-active=2"] {
            let error = options(&[setting], false).unwrap_err().to_string();
            assert!(error.contains("without --simulate"), "{error}");
            options(&["--simulate", setting], false).unwrap();
            options(&[setting], true).unwrap();
        }
        for invalid in [
            "--simulate-pace=0",
            "--simulate-pace=NaN",
            "--simulate-pace=101",
            "--simulate-rate=601",
            "--simulate-rate=many",
            "--simulate-active=0",
        ] {
            options(&["--simulate", invalid], false).unwrap_err();
        }
    }
}
