//! Names by both conventions.

use super::*;
use crate::catalog::TableName;
use serde_json::json;

fn names(customization: &Value, base: Identifier) -> TableNames {
    let naming = Naming::read(Some(customization)).expect("a valid customization");
    TableNames::new(&Arc::new(naming), base)
}

fn graphql() -> Value {
    json!({"naming_convention": "graphql-default"})
}

#[test]
fn names_are_in_camel_and_pascal_case() {
    let names = names(
        &graphql(),
        Identifier::of(&TableName::new("my_schema", "my_table")),
    );
    assert_eq!(names.plain(), "my_schema_my_table");
    assert_eq!(names.object(), "MySchemaMyTable");
    assert_eq!(names.ty("bool_exp"), "MySchemaMyTableBoolExp");
    assert_eq!(names.root_field(None, &["aggregate"]), "mySchemaMyTableAggregate");
    assert_eq!(
        names.root_field(Some("insert"), &["one"]),
        "insertMySchemaMyTableOne"
    );
    assert_eq!(
        names.root_field(Some("delete"), &["by", "pk"]),
        "deleteMySchemaMyTableByPk"
    );
    assert_eq!(
        names.aggregate_condition("bool_and"),
        "mySchemaMyTableAggregateBoolExpBool_and"
    );
}

#[test]
fn custom_names_are_changed_after_a_prefix_only() {
    let names = names(&graphql(), Identifier::custom("table_one"));
    assert_eq!(names.object(), "table_one");
    assert_eq!(names.root_field(None, &["by", "pk"]), "table_oneByPk");
    assert_eq!(names.root_field(Some("insert"), &["one"]), "insertTable_oneOne");
}

#[test]
fn prefixes_and_suffixes_follow_the_convention() {
    let mut customization = json!({
        "root_fields": {"namespace": "shop", "prefix": "my_", "suffix": "_x"},
        "type_names": {"prefix": "My", "suffix": "_t"},
        "naming_convention": "hasura-default",
    });
    let orders = || Identifier::of(&TableName::new("public", "user_orders"));
    let plain = names(&customization, orders());
    assert_eq!(plain.root_field(None, &["by", "pk"]), "my_user_orders_by_pk_x");
    assert_eq!(plain.object(), "Myuser_orders_t");
    assert_eq!(plain.ty("set_input"), "Myuser_orders_set_input_t");
    assert_eq!(plain.naming.namespace_type("shop", "query"), "Myshop_query_t");
    customization["naming_convention"] = json!("graphql-default");
    let camel = names(&customization, orders());
    assert_eq!(camel.root_field(None, &["by", "pk"]), "my_UserOrdersByPk_x");
    assert_eq!(camel.ty("set_input"), "MyUserOrdersSetInput_t");
    assert_eq!(camel.naming.cursor_ordering(), "MyCursorOrdering_t");
}

#[test]
fn columns_begin_with_a_lowercase_letter() {
    let field = |name| NamingConvention::Graphql.field(name);
    assert_eq!(field("user_id"), "userId");
    assert_eq!(field("UserName"), "userName");
    assert_eq!(field("_private_note"), "_privateNote");
    assert_eq!(field("a__b"), "aB");
    assert_eq!(NamingConvention::Hasura.field("user_id"), "user_id");
    assert_eq!(NamingConvention::Graphql.ty("jsonb_cast_exp"), "JsonbCastExp");
}

#[test]
fn words_are_the_same_in_both_directions() {
    for word in ["order_by", "_is_null", "stddev_pop", "where", "_delete_at_path"] {
        let camel = NamingConvention::Graphql.word(word);
        assert!(!camel[1..].contains('_'), "{camel}");
        assert_eq!(NamingConvention::Graphql.snake(camel), word);
        assert_eq!(NamingConvention::Hasura.word(word), word);
    }
}

#[test]
fn invalid_customizations_are_refused() {
    let refused = |customization: Value| Naming::read(Some(&customization)).unwrap_err();
    assert_eq!(
        refused(json!({"naming_convention": "camel"})),
        "naming_convention can either be \"graphql-default\" or \"hasura-default\""
    );
    assert_eq!(
        refused(json!({"root_fields": {"prefix": "1a"}})),
        "root_fields.prefix: \"1a\" is not a valid GraphQL name"
    );
    assert_eq!(
        refused(json!({"type_names": {"suffix": ""}})),
        "type_names.suffix: \"\" is not a valid GraphQL name"
    );
    assert!(refused(json!({"root_fields": []})).contains("invalid type"));
    assert_eq!(Naming::read(Some(&json!({}))).unwrap(), Naming::default());
}
