//! The tables of docs/costs.md, computed.

use std::fmt::Write as _;

use super::super::template::{Template, Values};
use super::{Cost, HOURS, Line, Prices, Size, sizes, sum};

/// Set to write the tables into the document, instead of comparing them.
const WRITE: &str = "WRITE_COSTS";
/// Seconds of a month.
const SECONDS: f64 = HOURS * 3600.0;
/// Load balancer capacity units per order and second, for 10 kB per order; those of the pool.
const LCU: f64 = 0.036;
const NLCU: f64 = 0.005;

fn table(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        writeln!(text, "| {} | {:.2} |", line.what, line.usd).unwrap();
    }
    writeln!(text, "| **sum** | **{:.2}** |", sum(lines)).unwrap();
    text
}

struct Total {
    size: Size,
    fixed: f64,
    orders: f64,
    million: f64,
}

impl Total {
    fn of(size: Size, prices: &Prices) -> Self {
        let set = size
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let values = Values::new(&Template::main().unwrap(), set);
        let cost = Cost::of(&values, prices).unwrap();
        assert_eq!(cost.unknown, Vec::<String>::new(), "{}", size.name);
        let million = size.orders_per_second * SECONDS / 1e6;
        let units = LCU * prices.hourly("LCU").unwrap() + NLCU * prices.hourly("NLCU").unwrap();
        let requests = million * 5.0;
        let discount = (requests - 300.0).max(0.0)
            * (prices.unit("million API requests").unwrap()
                - prices.unit("million API requests above 300 million").unwrap());
        Self {
            fixed: cost.monthly() + units * HOURS * size.orders_per_second,
            orders: million * cost.per_million() - discount,
            million,
            size,
        }
    }
}

/// A number with a space between thousands, as in `26 280`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn totals(prices: &Prices) -> String {
    let all: Vec<Total> = sizes()
        .unwrap()
        .into_iter()
        .map(|size| Total::of(size, prices))
        .collect();
    let mut text = String::new();
    let mut row = |name: &str, cell: &dyn Fn(&Total) -> String| {
        let cells: Vec<String> = all.iter().map(cell).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
    };
    row("", &|total| total.size.name.clone());
    row("---", &|_| "---".to_owned());
    row("orders per month", &|total| {
        format!("{} M", grouped(total.million))
    });
    row("fixed cost, with the load balancers' traffic", &|total| {
        grouped(total.fixed)
    });
    row("orders × cost per million, less the API's discount", &|total| {
        grouped(total.orders)
    });
    row("**USD per month**", &|total| {
        format!("**{}**", grouped(total.fixed + total.orders))
    });
    row("**USD per million orders**", &|total| {
        format!("**{}**", grouped((total.fixed + total.orders) / total.million))
    });
    row("parameters", &|total| {
        let set: Vec<String> = total
            .size
            .parameters
            .iter()
            .map(|(name, value)| format!("`{name}={value}`"))
            .collect();
        if set.is_empty() {
            "defaults".to_owned()
        } else {
            set.join(" ")
        }
    });
    text
}

/// The document with the computed text between the comments of a block.
fn replaced(document: &str, block: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- computed: {block} -->\n"), "<!-- end -->");
    let (before, rest) = document
        .split_once(&begin)
        .unwrap_or_else(|| panic!("docs/costs.md has no {begin}"));
    let (_, after) = rest.split_once(end).expect("the end of the block");
    format!("{before}{begin}{text}{end}{after}")
}

#[test]
fn document_contains_the_computed_tables() {
    let path = local_process::dirs::root().join("docs/costs.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let prices = Prices::read().unwrap();
    let values = Values::new(&Template::main().unwrap(), []);
    let cost = Cost::of(&values, &prices).unwrap();
    let fixed = format!("| | USD |\n|---|---|\n{}", table(&cost.fixed));
    let orders = format!(
        "| | arithmetic | USD |\n|---|---|---|\n{}",
        table(&cost.per_million).replace("| **sum** |", "| **sum** | |")
    );
    let mut computed = replaced(&document, "fixed cost", &fixed);
    computed = replaced(&computed, "cost per million orders", &orders);
    computed = replaced(&computed, "total", &totals(&prices));
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &computed).unwrap();
    }
    assert!(
        document == computed || std::env::var_os(WRITE).is_some(),
        "docs/costs.md differs from the prices and parameters; run this test with {WRITE}=1:\n{computed}"
    );
    assert!(document.contains(prices.date()), "the date of the prices");
}
