//! A project with every feature that changes its API: tracked functions, computed fields, enum tables, a customized source, REST
//! endpoints and the allow list.

use super::{Fixture, Project, introspection};
use serde_json::{Value, json};

/// A project's use of the features.
pub(super) struct Features {
    /// Tables and views.
    pub tables: usize,
    /// Commands that add the features that the project's version of metadata did not have.
    pub commands: Vec<(&'static str, Value)>,
    /// Customization of the source.
    pub customization: Value,
    /// Operations of admin with the customized names, and their data.
    pub operations: Vec<(&'static str, Value)>,
    /// Query of a REST endpoint at `/api/rest/{path}`, sent with `uri`.
    pub query: &'static str,
    pub path: &'static str,
    pub uri: &'static str,
    pub response: Value,
    /// Headers of a session that is subject to the allow list.
    pub session: &'static [(&'static str, &'static str)],
}

/// Imports the project, adds the features, and asserts that they work together, that the export restores them, and that the project
/// has its former names afterwards.
pub(super) async fn assert_features(fixture: &'static Fixture, features: Features) {
    let project = Project::import_with(fixture, &["--enable-allowlist"]).await;
    for (kind, args) in features.commands {
        project.command(kind, args).await;
    }
    let plain = project.command("export_metadata", json!({})).await;
    let mut customized = plain.clone();
    customized["sources"][0]["customization"] = features.customization.clone();
    project.command("replace_metadata", customized.clone()).await;
    project.assert_consistent().await;
    let mut exported = project.command("export_metadata", json!({})).await;
    assert_eq!(exported, customized);
    project.command("clear_metadata", json!({})).await;
    project.command("replace_metadata", exported.take()).await;
    project.assert_consistent().await;
    let namespace = features.customization["root_fields"]["namespace"].as_str();
    introspection::assert_served_in(&project, namespace, features.tables).await;
    for (query, expected) in features.operations {
        let answer = project.graphql(query, Value::Null).await;
        assert_eq!(answer, json!({"data": expected}), "{query}");
    }

    let definition = json!({"queries": [{"name": "endpoint", "query": features.query}]});
    let collection = json!({"name": "customized", "definition": definition});
    project.command("create_query_collection", collection).await;
    let endpoint = json!({"name": "customized", "url": features.path, "methods": ["GET"],
        "definition": {"query": {"collection_name": "customized", "query_name": "endpoint"}}});
    project.command("create_rest_endpoint", endpoint).await;
    let url = format!("{}/api/rest/{}", project.engine.client.url, features.uri);
    let get = async || {
        let request = features
            .session
            .iter()
            .fold(testkit::http_client().get(&url), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap())
    };
    let refused = json!({"path": "$", "code": "validation-failed", "error": "query is not allowed"});
    assert_eq!(get().await, (400, refused));
    let listed = json!({"collection": "customized"});
    project.command("add_collection_to_allowlist", listed).await;
    assert_eq!(get().await, (200, features.response));

    project.command("replace_metadata", plain).await;
    project.assert_consistent().await;
    introspection::assert_served(&project, features.tables).await;
}
