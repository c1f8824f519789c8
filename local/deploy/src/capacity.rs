//! Orders per second that each part of an installation can process, and which part is the first at its limit. Calculated from
//! assumptions that are named here; not measured on AWS.

use super::limits::{self, number};
use super::template::Values;

/// Seconds of a call of a function.
const CALL: f64 = 0.010;
/// Calls of functions per order, and those of Hasura among them.
const CALLS: f64 = 4.0;
const EVENTS: f64 = 3.0;
/// Seconds in which a delivery of Hasura is in flight.
const DELIVERY: f64 = 0.022;
/// Events per second that a vCPU of Hasura captures and delivers.
const EVENTS_PER_VCPU: f64 = 400.0;
/// Seconds of a statement through the pool, statements per order, and those of a payment.
const STATEMENT: f64 = 0.003;
const STATEMENTS: f64 = 5.0;
const PAYMENT_STATEMENTS: f64 = 2.0;
/// Transactions per second that a vCPU of the database executes, and transactions per order.
const TRANSACTIONS_PER_VCPU: f64 = 1000.0;
const TRANSACTIONS: f64 = 10.0;
/// Writes to the disk per order.
const WRITES: f64 = 10.0;
/// Roles that share the connections of a pgBouncer.
const ROLES: u64 = 8;

/// A part and the orders per second at which it is saturated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) orders: f64,
    pub(super) remedy: &'static str,
}

impl Part {
    fn new(name: impl Into<String>, orders: f64, remedy: &'static str) -> Self {
        Self {
            name: name.into(),
            orders,
            remedy,
        }
    }
}

/// The parts of an installation, the first one to be saturated first. `instances` is the account's limit for functions.
pub(super) fn parts(values: &Values, instances: u32) -> Vec<Part> {
    let mut parts = vec![functions(values, instances)];
    let (payments, events) = match values.get("ApiSize") {
        Some("large") => (1500.0, 3000.0),
        Some("medium") => (250.0, 1000.0),
        _ => (50.0, 1000.0),
    };
    parts.push(Part::new(
        format!("API of payment, {payments} requests/s"),
        payments,
        "ApiSize",
    ));
    parts.push(Part::new(
        format!("routes of the events, {events} requests/s each"),
        events,
        "ApiSize",
    ));
    if values.get("EnableHasura") == Some("true") {
        let tasks = real(number(values, "HasuraTasks").max(number(values, "HasuraMaxTasks")));
        let in_flight = tasks * real(number(values, "HasuraConcurrentDeliveries"));
        parts.push(Part::new(
            format!("Hasura, {in_flight} deliveries in flight"),
            in_flight / (EVENTS * DELIVERY),
            "HasuraConcurrentDeliveries",
        ));
        let cpu = limits::engine_cpu(values);
        parts.push(Part::new(
            format!("Hasura, {} vCPU", tasks * cpu),
            tasks * cpu * EVENTS_PER_VCPU / EVENTS,
            "HasuraSize, HasuraMaxTasks",
        ));
    }
    if values.own_pool() {
        let (instances, size) = (number(values, "PoolInstances"), number(values, "PoolSize"));
        let all = real(instances * size) / (STATEMENTS * STATEMENT);
        let share = real(instances * size.div_ceil(ROLES)) / (PAYMENT_STATEMENTS * STATEMENT);
        parts.push(Part::new(
            format!("the pool, {} connections", instances * size),
            all.min(share),
            "PoolSize, PoolInstances",
        ));
    }
    if values.is_empty("ExistingDatabaseHost") {
        parts.extend(database(values));
    }
    parts.sort_by(|a, b| a.orders.total_cmp(&b.orders));
    parts
}

fn functions(values: &Values, instances: u32) -> Part {
    let reserved = number(values, "ReservedConcurrency");
    if reserved > 0 {
        return Part::new(
            format!("functions, {reserved} instances each"),
            real(reserved) / CALL,
            "ReservedConcurrency",
        );
    }
    Part::new(
        format!("functions, {instances} instances of the account"),
        f64::from(instances) / (CALLS * CALL),
        "Service Quotas, Lambda, concurrent executions",
    )
}

fn database(values: &Values) -> Vec<Part> {
    let mut parts = Vec::new();
    let class = values.get("DatabaseInstanceClass").unwrap_or_default();
    if let Some(cpu) = limits::processors(class) {
        parts.push(Part::new(
            format!("Postgres, {class}, {cpu} vCPU in the long term"),
            cpu * TRANSACTIONS_PER_VCPU / TRANSACTIONS,
            "DatabaseInstanceClass",
        ));
    }
    // Of gp3, for Postgres on RDS.
    let operations = if number(values, "DatabaseStorage") >= 400 {
        12_000.0
    } else {
        3000.0
    };
    parts.push(Part::new(
        format!("disk of Postgres, {operations} operations/s"),
        operations / WRITES,
        "DatabaseStorage of 400 GiB or more",
    ));
    parts
}

fn real(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The first parts to be saturated, for a dry run.
pub(super) fn report(values: &Values, instances: u32) -> String {
    let mut lines = vec!["Saturated first, by calculation and not by measurement:".to_owned()];
    for Part { name, orders, remedy } in parts(values, instances).into_iter().take(3) {
        lines.push(format!("  about {orders:>5.0} orders/s  {name} ({remedy})"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::cost::sizes;
    use super::super::template::Template;
    use super::*;

    fn with(set: &[(&str, &str)]) -> Values {
        Values::new(&Template::main().unwrap(), set.iter().copied())
    }

    #[test]
    fn each_size_of_the_price_table_has_its_capacity() {
        for size in sizes().unwrap() {
            let set = size
                .parameters
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            let values = Values::new(&Template::main().unwrap(), set);
            let first = &parts(&values, 1000)[0];
            assert!(first.orders >= size.orders_per_second, "{}: {first:?}", size.name);
        }
    }

    #[test]
    fn ten_instances_of_a_new_account_are_a_limit() {
        let found = parts(
            &with(&[("DatabaseInstanceClass", "db.m7g.8xlarge"), ("ApiSize", "large")]),
            10,
        );
        let functions = found.iter().find(|part| part.name.contains("account")).unwrap();
        assert!((functions.orders - 250.0).abs() < 1.0, "{functions:?}");
    }

    #[test]
    fn limits_are_those_of_the_templates() {
        let text = super::super::read("infra/functions.yaml").unwrap();
        for (payments, events) in [(50, 1000), (250, 1000), (1500, 3000)] {
            assert!(
                text.contains(&format!("ThrottlingRateLimit: {payments},")),
                "{payments}"
            );
            assert!(
                text.contains(&format!("ThrottlingRateLimit: {events},")),
                "{events}"
            );
        }
    }

    #[test]
    fn report_names_the_part_and_the_remedy() {
        let said = report(&with(&[]), 1000);
        assert!(
            said.contains("db.t4g.micro") && said.contains("DatabaseInstanceClass"),
            "{said}"
        );
    }
}
