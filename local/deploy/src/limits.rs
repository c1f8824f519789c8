//! Limits that templates cannot express, because their rules do not compare numbers.

use super::template::Values;

/// Connections of RDS itself, of the container that creates the roles, and those that Postgres reserves for superusers.
const RESERVED: u64 = 10;

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
    found
}

/// Connections to Postgres.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Connections {
    /// While an update replaces a pgBouncer and the Hasura tasks.
    pub(super) opened: u64,
    /// That the database accepts, about; `None` for an existing database or an unknown class.
    pub(super) accepted: Option<u64>,
}

/// Connections that an installation with these parameters opens.
pub(super) fn connections(values: &Values) -> Connections {
    let pools = if values.is_empty("ExistingConnectionString") {
        number(values, "PoolInstances") + 1
    } else {
        0
    };
    let tasks = if values.get("EnableHasura") == Some("true") {
        2 * number(values, "HasuraTasks").max(number(values, "HasuraMaxTasks"))
    } else {
        0
    };
    let class = values.get("DatabaseInstanceClass").unwrap_or_default();
    Connections {
        opened: pools * number(values, "PoolSize") + tasks * number(values, "HasuraConnections") + RESERVED,
        accepted: memory(class)
            .filter(|_| values.is_empty("ExistingDatabaseHost"))
            // max_connections of RDS: the memory, less the system's share, divided by 9.5 MB.
            .map(|gib| (gib * 112 - 34).min(5000)),
    }
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

fn number(values: &Values, name: &str) -> u64 {
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
                accepted: Some(78)
            }
        );
        let larger = [&numbers[..], &[("DatabaseInstanceClass", "db.r7g.2xlarge")]].concat();
        assert_eq!(connections(&with(&larger)).accepted, Some(5000));
        let existing = [
            ("ExistingConnectionString", "postgres://h/db"),
            ("ExistingDatabaseHost", "db"),
            ("EnableHasura", "false"),
        ];
        assert_eq!(
            connections(&with(&existing)),
            Connections {
                opened: RESERVED,
                accepted: None
            }
        );
    }
}
