//! Cost of an installation per month, computed from its parameters and the prices in `infra/prices.json`. docs/costs.md is checked
//! against it.

#[cfg(test)]
mod documentation;
mod fixed;
mod orders;
mod prices;
#[cfg(test)]
mod sizes;

use anyhow::Result;

use super::template::Values;
pub(super) use prices::Prices;
#[cfg(test)]
pub(super) use sizes::{Size, sizes};

/// Hours of a month, as AWS computes with.
const HOURS: f64 = 730.0;

/// One line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) usd: f64,
}

impl Line {
    fn new(what: impl Into<String>, usd: f64) -> Self {
        Self {
            what: what.into(),
            usd,
        }
    }
}

/// The cost per month before the first order, and that per million orders.
#[derive(Debug)]
pub(super) struct Cost {
    pub(super) fixed: Vec<Line>,
    pub(super) per_million: Vec<Line>,
    /// Parts for which the table has no price.
    pub(super) unknown: Vec<String>,
}

impl Cost {
    pub(super) fn of(values: &Values, prices: &Prices) -> Result<Self> {
        let mut unknown = Vec::new();
        Ok(Self {
            fixed: fixed::lines(values, prices, &mut unknown)?,
            per_million: orders::lines(values, prices)?,
            unknown,
        })
    }

    pub(super) fn monthly(&self) -> f64 {
        sum(&self.fixed)
    }

    pub(super) fn per_million(&self) -> f64 {
        sum(&self.per_million)
    }
}

/// The comparison of two sets of parameters, for a dry run: the difference of each line that differs.
pub(super) fn comparison(before: Option<&Values>, after: &Values) -> Result<String> {
    let prices = Prices::read()?;
    let cost = Cost::of(after, &prices)?;
    let mut said = format!(
        "Cost: {:.2} USD per month before the first order, and {:.2} per million orders (list prices of {}, {})",
        cost.monthly(),
        cost.per_million(),
        prices.region(),
        prices.date()
    );
    let mut lines = Vec::new();
    if let Some(before) = before {
        let old = Cost::of(before, &prices)?;
        said.push_str("; now ");
        said.push_str(&cents(old.monthly()));
        said.push_str(" and ");
        said.push_str(&cents(old.per_million()));
        lines.extend(missing('+', &cost.fixed, &old.fixed));
        lines.extend(missing('-', &old.fixed, &cost.fixed));
    }
    for what in &cost.unknown {
        lines.push(format!("  without {what}: infra/prices.json has no price for it"));
    }
    lines.insert(0, said);
    Ok(lines.join("\n"))
}

/// The lines that others do not contain, with a sign.
fn missing(sign: char, lines: &[Line], others: &[Line]) -> Vec<String> {
    let is_in = |line: &Line| {
        let equal = |other: &Line| other.what == line.what && cents(other.usd) == cents(line.usd);
        others.iter().any(equal)
    };
    let missing = lines.iter().filter(|line| !is_in(line));
    missing
        .map(|line| format!("  {sign} {:>9.2}  {}", line.usd, line.what))
        .collect()
}

fn cents(usd: f64) -> String {
    format!("{usd:.2}")
}

fn sum(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.usd).sum()
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn with(set: &[(&str, &str)]) -> Values {
        Values::new(&Template::main().unwrap(), set.iter().copied())
    }

    #[test]
    fn difference_names_what_changes() {
        let said = comparison(
            Some(&with(&[])),
            &with(&[("EnableNat", "false"), ("DatabaseMultiAz", "true")]),
        )
        .unwrap();
        assert!(said.contains("now "), "{said}");
        assert!(said.contains("-     32.85  NAT gateway"), "{said}");
        assert!(said.contains("VPC endpoint"), "{said}");
        assert!(said.contains("with a standby"), "{said}");
        assert!(!said.contains("Hasura:"), "{said}");
        let same = comparison(Some(&with(&[])), &with(&[])).unwrap();
        assert_eq!(same.lines().count(), 1, "{same}");
    }

    #[test]
    fn types_without_a_price_are_named() {
        let said = comparison(None, &with(&[("PoolInstanceType", "x2gd.large")])).unwrap();
        assert!(said.contains("without 2 × x2gd.large"), "{said}");
    }
}
