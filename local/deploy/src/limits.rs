//! Limits that templates cannot express, because their rules do not compare numbers.

use super::admin;
use super::template::Values;

/// Connections of RDS itself, of the container that creates the roles, and those that Postgres reserves for superusers.
const RESERVED: u64 = 10;
/// Share of the connections that RDS Proxy opens at most, as in infra/database.yaml.
const PROXY_PERCENT: u64 = 50;

/// Combinations of numbers that cannot work.
pub(super) fn contradictions(values: &Values) -> Vec<String> {
    let mut found = Vec::new();
    let (tasks, most) = (number(values, "HasuraTasks"), number(values, "HasuraMaxTasks"));
    // One is the default and means: no autoscaling.
    if most != 1 && most < tasks {
        found.push(format!(
            "parameter HasuraMaxTasks: \"{most}\" is less than HasuraTasks ({tasks}); set both"
        ));
    }
    let (storage, most) = (
        number(values, "DatabaseStorage"),
        number(values, "DatabaseMaxStorage"),
    );
    if values.is_empty("ExistingDatabaseHost") && most * 10 < storage * 11 {
        found.push(format!(
            "parameter DatabaseMaxStorage: \"{most}\" is not a tenth more than DatabaseStorage ({storage}), as RDS requires; set both"
        ));
    }
    let ranges = values.get(admin::RANGES).unwrap_or_default().split(',').count();
    if ranges > admin::MAX_RANGES {
        found.push(format!(
            "parameter {}: {ranges} ranges; a rule of the load balancer accepts {}",
            admin::RANGES,
            admin::MAX_RANGES
        ));
    }
    let Connections {
        permanent, accepted, ..
    } = connections(values);
    if let Some(accepted) = accepted.filter(|accepted| permanent > *accepted) {
        found.push(format!(
            "parameters PoolSize, HasuraConnections: {permanent} connections to Postgres, but {} accepts about {accepted}; lower them, or \
             choose a larger DatabaseInstanceClass",
            values.get("DatabaseInstanceClass").unwrap_or_default()
        ));
    }
    found
}

/// Connections to Postgres.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Connections {
    /// While an update replaces a pgBouncer and the Hasura tasks.
    pub(super) opened: u64,
    /// Between updates.
    permanent: u64,
    /// That the database accepts, about; `None` for an existing database or an unknown class.
    pub(super) accepted: Option<u64>,
}

/// Connections that an installation with these parameters opens.
pub(super) fn connections(values: &Values) -> Connections {
    let (pools, added_pools) = if values.own_pool() {
        (number(values, "PoolInstances"), 1)
    } else {
        (0, 0)
    };
    let tasks = if values.get("EnableHasura") == Some("true") {
        number(values, "HasuraTasks").max(number(values, "HasuraMaxTasks"))
    } else {
        0
    };
    let class = values.get("DatabaseInstanceClass").unwrap_or_default();
    let accepted = memory(class)
        .filter(|_| values.is_empty("ExistingDatabaseHost"))
        // max_connections of RDS: the memory, less the system's share, divided by 9.5 MB.
        .map(|gib| (gib * 112 - 34).min(5000));
    let proxied = match values.get("Pooler") {
        Some("rdsproxy") if values.is_empty("ExistingConnectionString") => {
            accepted.unwrap_or_default() * PROXY_PERCENT / 100
        }
        _ => 0,
    };
    let (size, each) = (number(values, "PoolSize"), number(values, "HasuraConnections"));
    Connections {
        opened: (pools + added_pools) * size + 2 * tasks * each + proxied + RESERVED,
        permanent: pools * size + tasks * each + proxied,
        accepted,
    }
}

/// Processors of a database class that are available in the long term: burstable classes have a part of theirs.
pub(super) fn processors(class: &str) -> Option<f64> {
    let (family, size) = class.strip_prefix("db.")?.split_once('.')?;
    if family.starts_with('t') {
        return Some(match size {
            "micro" => 2.0 * 0.1,
            "small" | "medium" => 2.0 * 0.2,
            "large" => 2.0 * 0.3,
            "xlarge" => 4.0 * 0.4,
            "2xlarge" => 8.0 * 0.4,
            _ => return None,
        });
    }
    Some(match size {
        "large" => 2.0,
        "xlarge" => 4.0,
        size => size.strip_suffix("xlarge")?.parse::<f64>().ok()? * 4.0,
    })
}

/// Memory of a database class in GiB.
fn memory(class: &str) -> Option<u64> {
    let (family, size) = class.strip_prefix("db.")?.split_once('.')?;
    let of_large = match family.chars().next()? {
        't' | 'm' => 8,
        'r' => 16,
        _ => return None,
    };
    Some(match size {
        "micro" => 1,
        "small" => 2,
        "medium" => 4,
        "large" => of_large,
        "xlarge" => 2 * of_large,
        size => size.strip_suffix("xlarge")?.parse::<u64>().ok()? * 2 * of_large,
    })
}

/// Processors of a task of Hasura; the engine of this repository has half of them (infra/hasura.yaml).
pub(super) fn engine_cpu(values: &Values) -> f64 {
    let cpu = match values.get("HasuraSize") {
        Some("large") => 2.0,
        Some("medium") => 1.0,
        _ => 0.5,
    };
    match values.get("EventEngine") {
        Some("threefactor") => cpu / 2.0,
        _ => cpu,
    }
}

/// Value of a parameter as a number; 0 if it is empty.
pub(super) fn number(values: &Values, name: &str) -> u64 {
    values
        .get(name)
        .and_then(|value| value.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn with(set: &[(&str, &str)]) -> Values {
        Values::new(&Template::main().unwrap(), set.iter().copied())
    }

    #[test]
    fn fewer_tasks_at_most_than_always_are_refused() {
        let found = contradictions(&with(&[("HasuraTasks", "3"), ("HasuraMaxTasks", "2")]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("HasuraMaxTasks"), "{found:?}");
        for fits in [
            &[("HasuraTasks", "3")][..],
            &[("HasuraTasks", "3"), ("HasuraMaxTasks", "3")],
            &[],
        ] {
            assert_eq!(contradictions(&with(fits)), Vec::<String>::new());
        }
    }

    #[test]
    fn numbers_that_aws_refuses_are_found() {
        for (set, name) in [
            (
                &[("DatabaseStorage", "200"), ("DatabaseMaxStorage", "210")][..],
                "DatabaseMaxStorage",
            ),
            (&[("PoolSize", "40")], "PoolSize, HasuraConnections"),
            (
                &[(
                    "AdminCidrs",
                    "10.0.0.0/8,10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16",
                )],
                "AdminCidrs",
            ),
        ] {
            let found = contradictions(&with(set));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(name), "{found:?}");
        }
        assert_eq!(
            contradictions(&with(&[
                ("PoolSize", "40"),
                ("DatabaseInstanceClass", "db.t4g.medium")
            ]))
            .len(),
            0
        );
        for size in super::super::cost::sizes().unwrap() {
            let set: Vec<(&str, &str)> = size
                .parameters
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            assert_eq!(contradictions(&with(&set)), Vec::<String>::new(), "{}", size.name);
        }
    }

    #[test]
    fn connections_are_counted_during_an_update() {
        let numbers = [
            ("PoolInstances", "2"),
            ("PoolSize", "10"),
            ("HasuraTasks", "1"),
            ("HasuraMaxTasks", "4"),
            ("HasuraConnections", "15"),
        ];
        let found = connections(&with(&numbers));
        assert_eq!(
            found,
            Connections {
                opened: 160,
                permanent: 80,
                accepted: Some(78)
            }
        );
        let larger = [&numbers[..], &[("DatabaseInstanceClass", "db.r7g.2xlarge")]].concat();
        assert_eq!(connections(&with(&larger)).accepted, Some(5000));
        let proxy = [("Pooler", "rdsproxy")];
        assert_eq!(connections(&with(&proxy)).opened, 39 + 2 * 15 + RESERVED);
        let template = super::super::read("infra/database.yaml").unwrap();
        assert!(template.contains(&format!("MaxConnectionsPercent: {PROXY_PERCENT}\n")));
        let existing = [
            ("ExistingConnectionString", "postgres://h/db"),
            ("ExistingDatabaseHost", "db"),
            ("EnableHasura", "false"),
        ];
        assert_eq!(
            connections(&with(&existing)),
            Connections {
                opened: RESERVED,
                permanent: 0,
                accepted: None
            }
        );
    }
}
