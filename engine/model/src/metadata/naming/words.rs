//! Fields, arguments, operators and enum values of every schema that consist of several words.

use super::NamingConvention;

/// Names by `hasura-default` and by `graphql-default`.
const WORDS: [(&str, &str); 30] = [
    ("order_by", "orderBy"),
    ("distinct_on", "distinctOn"),
    ("on_conflict", "onConflict"),
    ("update_columns", "updateColumns"),
    ("affected_rows", "affectedRows"),
    ("pk_columns", "pkColumns"),
    ("batch_size", "batchSize"),
    ("initial_value", "initialValue"),
    ("stddev_pop", "stddevPop"),
    ("stddev_samp", "stddevSamp"),
    ("var_pop", "varPop"),
    ("var_samp", "varSamp"),
    ("_is_null", "_isNull"),
    ("_contained_in", "_containedIn"),
    ("_has_key", "_hasKey"),
    ("_has_keys_any", "_hasKeysAny"),
    ("_has_keys_all", "_hasKeysAll"),
    ("_ancestor_any", "_ancestorAny"),
    ("_descendant_any", "_descendantAny"),
    ("_matches_any", "_matchesAny"),
    ("_matches_fulltext", "_matchesFulltext"),
    ("_delete_at_path", "_deleteAtPath"),
    ("_delete_elem", "_deleteElem"),
    ("_delete_key", "_deleteKey"),
    ("asc", "ASC"),
    ("asc_nulls_first", "ASC_NULLS_FIRST"),
    ("asc_nulls_last", "ASC_NULLS_LAST"),
    ("desc", "DESC"),
    ("desc_nulls_first", "DESC_NULLS_FIRST"),
    ("desc_nulls_last", "DESC_NULLS_LAST"),
];

impl NamingConvention {
    /// Returns a name of every schema by the convention.
    pub fn word(self, name: &'static str) -> &'static str {
        if self == Self::Hasura {
            return name;
        }
        let known = WORDS.iter().find(|(snake, _)| *snake == name);
        known.map_or(name, |(_, camel)| *camel)
    }

    /// Returns the name by `hasura-default` of a name that the schema contains.
    pub fn snake(self, name: &str) -> &str {
        if self == Self::Hasura {
            return name;
        }
        let known = WORDS.iter().find(|(_, camel)| *camel == name);
        known.map_or(name, |(snake, _)| *snake)
    }
}
