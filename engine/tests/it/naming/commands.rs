//! Commands that set the customization, the option, and export and import.

use super::{Named, graphql};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

#[tokio::test]
async fn customization_is_set_exported_and_imported() {
    let customization = json!({
        "root_fields": {"namespace": "shop"},
        "type_names": {"suffix": "T"},
        "naming_convention": "graphql-default",
    });
    let named = Named::new(customization.clone()).await;
    let exported = named.engine.command("export_metadata", json!({})).await;
    assert_eq!(exported["sources"][0]["customization"], customization);
    named.customize(json!({})).await;
    let without = named.engine.command("export_metadata", json!({})).await;
    assert_eq!(without["sources"][0].get("customization"), None);
    named.data("{ user_orders { order_id } }", json!({})).await;
    named.engine.command("replace_metadata", exported).await;
    let data = named
        .data(
            "{ shop { userOrdersByPk(orderId: 1) { __typename } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data,
        json!({"shop": {"userOrdersByPk": {"__typename": "UserOrdersT"}}})
    );
    // Other changes keep it.
    named
        .engine
        .sql("ALTER TABLE user_orders ADD COLUMN new_column int")
        .await;
    let update =
        json!({"name": "default", "configuration": {"connection_info": {"isolation_level": "serializable"}}});
    named.engine.command("pg_update_source", update).await;
    let data = named
        .data("{ shop { userOrdersByPk(orderId: 1) { newColumn } } }", json!({}))
        .await;
    assert_eq!(data, json!({"shop": {"userOrdersByPk": {"newColumn": null}}}));
    let exported = named.engine.command("export_metadata", json!({})).await;
    let source = &exported["sources"][0];
    assert_eq!(source["customization"], customization);
    assert_eq!(
        source["configuration"]["connection_info"]["isolation_level"],
        "serializable"
    );
}

#[tokio::test]
async fn add_source_changes_the_served_source_only() {
    let named = Named::new(json!({})).await;
    let configuration =
        json!({"connection_info": {"database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"}}});
    let add = |name: &str, replace: bool| {
        json!({
            "name": name, "configuration": configuration, "customization": graphql(), "replace_configuration": replace,
        })
    };
    let refused = named.engine.refused("pg_add_source", add("default", false)).await;
    assert_eq!(
        (refused.0, &*refused.1, &*refused.2),
        (400, "already-exists", "$.args.name")
    );
    named.engine.command("pg_add_source", add("default", true)).await;
    named.data("{ userOrders { orderId } }", json!({})).await;
    let refused = named.engine.refused("pg_add_source", add("second", true)).await;
    assert_eq!(refused.1, "not-supported");
    let (_, code, path, message) = named
        .engine
        .refused("pg_update_source", json!({"name": "second", "customization": {}}))
        .await;
    assert_eq!(
        (&*code, &*path, &*message),
        (
            "not-exists",
            "$.args.name",
            "source with name \"second\" does not exist"
        )
    );
}

#[tokio::test]
async fn invalid_customizations_are_refused_or_inconsistent() {
    let named = Named::new(json!({})).await;
    for (customization, message) in [
        (
            json!({"naming_convention": "camelCase"}),
            "naming_convention can either be \"graphql-default\" or \"hasura-default\"",
        ),
        (
            json!({"root_fields": {"namespace": "a b"}}),
            "root_fields.namespace: \"a b\" is not a valid GraphQL name",
        ),
    ] {
        let args = json!({"name": "default", "customization": customization});
        let refused = named.engine.refused("pg_update_source", args).await;
        let expected = (
            400,
            "parse-failed".to_owned(),
            "$.args.customization".to_owned(),
            message.to_owned(),
        );
        assert_eq!(refused, expected);
        let mut metadata = named.engine.command("export_metadata", json!({})).await;
        metadata["sources"][0]["customization"] = customization;
        let (_, code, path, refused) = named.engine.refused("replace_metadata", metadata.clone()).await;
        assert_eq!((&*code, &*refused), ("parse-failed", message));
        assert!(path.ends_with("sources[0].customization"), "{path}");
        // The rest of the metadata is served.
        let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
        named.engine.command("replace_metadata", args).await;
        let inconsistent = named.engine.command("get_inconsistent_metadata", json!({})).await;
        let object = &inconsistent["inconsistent_objects"][0];
        assert_eq!(object["type"], "source");
        assert!(object["reason"].as_str().unwrap().contains(message), "{object}");
        named.data("{ user_orders { order_id } }", json!({})).await;
    }
}

#[tokio::test]
async fn default_convention_is_an_option_that_a_source_overrides() {
    let options = ["--default-naming-convention", "graphql-default"];
    let named = Named::with(json!({}), &options).await;
    named.data("{ userOrders { orderId } }", json!({})).await;
    let config = named
        .engine
        .http
        .get(format!("{}/v1alpha1/config", named.engine.url));
    let config: Value = config.send().await.unwrap().json().await.unwrap();
    assert_eq!(config["default_naming_convention"], "graphql-default");
    named
        .customize(json!({"naming_convention": "hasura-default"}))
        .await;
    named.data("{ user_orders { order_id } }", json!({})).await;
}

#[tokio::test]
async fn engines_on_one_database_have_the_same_names() {
    let database = TestDatabase::create("naming").await;
    let first = TestEngine::start(&database, &[]).await;
    first
        .sql("CREATE TABLE user_orders (order_id int PRIMARY KEY)")
        .await;
    first.command("track_table", json!("user_orders")).await;
    let args = json!({"name": "default", "customization": graphql()});
    first.command("pg_update_source", args).await;
    first.stop().await;
    let second = TestEngine::start(&database, &[]).await;
    let answer = second.graphql("{ userOrders { orderId } }", json!({})).await;
    assert_eq!(answer, json!({"data": {"userOrders": []}}));
}
