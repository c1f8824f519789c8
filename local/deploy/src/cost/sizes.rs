//! The installations with which docs/costs.md computes.

use anyhow::Result;
use serde_json::Value;

use super::super::read;

/// An installation of docs/costs.md.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) orders_per_second: f64,
    pub(crate) parameters: Vec<(String, String)>,
}

/// The installations in `infra/sizes.json`.
pub(crate) fn sizes() -> Result<Vec<Size>> {
    let listed: Value = serde_json::from_str(&read("infra/sizes.json")?)?;
    let sizes = listed.as_array().into_iter().flatten().map(|size| Size {
        name: size["name"].as_str().unwrap_or_default().to_owned(),
        orders_per_second: size["orders_per_second"].as_f64().unwrap_or_default(),
        parameters: size["parameters"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
    });
    Ok(sizes.collect())
}
