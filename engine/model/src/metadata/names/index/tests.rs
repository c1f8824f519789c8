//! Tests of the names that a table claims and releases.

use super::*;
use crate::metadata::naming::Identifier;

/// Every type that a table generates is claimed for it.
#[test]
fn the_type_system_has_no_other_names() {
    let golden = include_str!("../../../../../plan/tests/plans/golden/type_system.snap");
    let tables = ["author", "article", "author_view"];
    let naming = Arc::default();
    let mut index = NameIndex::new(&naming, std::iter::empty());
    for table in tables {
        let name = TableName::new("public", table);
        let names = TableNames::new(&naming, Identifier::of(&name));
        index
            .check_types(&names, &name)
            .expect("these tables have distinct type names");
        index.claim_types(&names, &Arc::new(name));
    }
    let mut count = 0;
    for line in golden.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let ["type" | "input" | "enum", name, "{"] = words[..] else {
            continue;
        };
        let of_scalar = name.ends_with("_comparison_exp") || name.ends_with("_cast_exp");
        assert!(
            of_scalar || index.types.contains_key(name),
            "{name} is not claimed"
        );
        count += 1;
    }
    assert!(count > 100, "only {count} types are in the golden file");
}

#[test]
fn released_names_are_free() {
    let naming = Arc::default();
    let names = |name: &str| TableNames::new(&naming, Identifier::custom(name));
    let check =
        |index: &NameIndex, name: &str| index.check_types(&names(name), &TableName::new("public", name));
    let mut index = NameIndex::new(&naming, ["citext", "citext"].into_iter());
    let claim = |index: &mut NameIndex, name: &str| {
        check(index, name).unwrap();
        index.claim_types(&names(name), &Arc::new(TableName::new("public", name)));
    };
    claim(&mut index, "a");
    assert!(index.add_scalars(["b", "citext"].into_iter()));
    assert_eq!(
        check(&index, "b").unwrap_err(),
        "the GraphQL type \"b\" of table \"b\" is also one of the Postgres type \"b\"; give the table a custom name"
    );
    assert_eq!(
        check(&index, "a_aggregate").unwrap_err(),
        "the GraphQL type \"a_aggregate\" of table \"a_aggregate\" is also one of table \"a\"; give the table a custom name"
    );
    assert!(
        check(&index, "order_by")
            .unwrap_err()
            .contains("part of every schema")
    );
    index.release_types(&names("a"));
    assert!(check(&index, "a_aggregate").is_ok());
    index.remove_scalars(["b", "citext", "citext"].into_iter());
    assert!(check(&index, "b").is_ok());
    assert!(check(&index, "citext_cast_exp").is_err());
    index.remove_scalars(["citext"].into_iter());
    assert!(check(&index, "citext_cast_exp").is_ok());
}
