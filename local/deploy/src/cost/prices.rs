//! The price table.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::super::read;

/// Prices of one region at one date, in USD.
#[derive(Debug)]
pub(crate) struct Prices(Value);

impl Prices {
    pub(crate) fn read() -> Result<Self> {
        let table = serde_json::from_str(&read("infra/prices.json")?).context("infra/prices.json")?;
        Ok(Self(table))
    }

    pub(crate) fn date(&self) -> &str {
        self.0["date"].as_str().unwrap_or_default()
    }

    pub(crate) fn region(&self) -> &str {
        self.0["region"].as_str().unwrap_or_default()
    }

    pub(super) fn hourly(&self, what: &str) -> Result<f64> {
        self.price("hourly", what)
    }

    pub(super) fn monthly(&self, what: &str) -> Result<f64> {
        self.price("monthly", what)
    }

    pub(super) fn unit(&self, what: &str) -> Result<f64> {
        self.price("units", what)
    }

    /// Price per hour of a type of instances, if the table has it.
    pub(super) fn instance(&self, kind: &str) -> Option<f64> {
        self.0["instances"][kind].as_f64()
    }

    /// Price per hour of a database class, if the table has it.
    pub(super) fn database(&self, class: &str) -> Option<f64> {
        self.0["databases"][class].as_f64()
    }

    fn price(&self, list: &str, what: &str) -> Result<f64> {
        let price = self.0[list][what].as_f64();
        price.with_context(|| format!("infra/prices.json has no price for \"{what}\" in \"{list}\""))
    }
}
