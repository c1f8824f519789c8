//! A group of clinics: metadata of version 1, with tables by name, manual relationships for composite keys and empty
//! lists.

use super::features::{Features, assert_features};
use super::{Fixture, Project, introspection};
use serde_json::{Value, json};

static CLINIC: Fixture = Fixture {
    schema: include_str!("clinic/schema.sql"),
    rows: include_str!("clinic/rows.sql"),
    metadata: include_str!("clinic/metadata.json"),
    operations: include_str!("clinic/operations.yaml"),
    hooks: "CLINIC_HOOKS",
    key: "CLINIC_HOOK_KEY",
};

#[tokio::test]
async fn clinic_with_metadata_of_version_1_is_imported() {
    let project = Project::import(&CLINIC).await;
    project.assert_imported().await;
    introspection::assert_served(&project, 61).await;
    // Functions are objects since version 2.
    let exported = project.command("export_metadata", json!({})).await;
    assert_eq!(
        exported["sources"][0]["functions"],
        json!([
            {"function": {"schema": "public", "name": "search_patient"}},
            {"function": {"schema": "billing", "name": "overdue_invoice"}},
        ])
    );
    let untracked = json!({"schema": "billing", "name": "overdue_invoice"});
    project.command("untrack_function", untracked).await;
}

#[tokio::test]
async fn operations_of_clinic() {
    Project::import(&CLINIC).await.assert_operations().await;
}

/// Prefixes and suffixes of root fields and types.
#[tokio::test]
async fn features_of_clinic_work_together() {
    let age = "CREATE FUNCTION patient_age(patient patient) RETURNS int LANGUAGE sql STABLE
        AS 'SELECT date_part(''year'', age(date ''2026-01-01'', patient.born_on))::int'";
    let field = json!({"table": "patient", "name": "age", "definition": {"function": "patient_age"}});
    let adults = json!({"table": "patient", "role": "research", "permission": {
        "columns": ["born_on"], "computed_fields": ["age"], "filter": {"age": {"_gte": 18}}}});
    let features = Features {
        tables: 61,
        commands: vec![
            ("set_table_is_enum", json!({"table": "appointment_status", "is_enum": true})),
            ("run_sql", json!({"sql": age})),
            ("add_computed_field", field),
            ("create_select_permission", adults),
        ],
        customization: json!({
            "root_fields": {"prefix": "clinic_", "suffix": "_v2"},
            "type_names": {"prefix": "Clinic_", "suffix": "_type"},
        }),
        operations: vec![
            (
                "query ($status: Clinic_appointment_status_enum_type = cancelled) {
                    clinic_appointment_v2(where: {status: {_eq: $status}}) { id status __typename patient { age } }
                    clinic_patient_v2(order_by: {age: desc}, where: {age: {_lt: 50}}) { given_name age }
                    clinic_patient_aggregate_v2 { aggregate { max { age } } }
                    clinic_search_patient_v2(args: {term: \"novak\"}) { given_name } }",
                json!({
                    "clinic_appointment_v2": [
                        {"id": 4, "status": "cancelled", "__typename": "Clinic_appointment_type", "patient": {"age": 11}}],
                    "clinic_patient_v2": [{"given_name": "Ida", "age": 45}, {"given_name": "Paul", "age": 11}],
                    "clinic_patient_aggregate_v2": {"aggregate": {"max": {"age": 70}}},
                    "clinic_search_patient_v2": [{"given_name": "Sofia"}],
                }),
            ),
            (
                "mutation { clinic_update_appointment_by_pk_v2(pk_columns: {id: 2}, _set: {status: arrived}) { status } }",
                json!({"clinic_update_appointment_by_pk_v2": {"status": "arrived"}}),
            ),
        ],
        query: "query Adults { clinic_patient_v2(order_by: {born_on: asc}) { age } }",
        path: "patients/adult",
        uri: "patients/adult",
        response: json!({"clinic_patient_v2": [{"age": 70}, {"age": 45}]}),
        session: &[("x-hasura-role", "research")],
    };
    assert_features(&CLINIC, features).await;
}

#[tokio::test]
async fn data_commands_of_clinic() {
    let project = Project::import(&CLINIC).await;
    let rows = project
        .command(
            "select",
            json!({
                "table": "appointment",
                "columns": ["id", {"name": "patient", "columns": ["given_name", {"name": "addresses", "columns": ["city"], "limit": 1}]},
                            {"name": "participants", "columns": ["role"]}],
                "where": {"$or": [{"patient": {"allergies": {"_contains": ["latex"]}}}, {"status": "cancelled"}],
                          "clinician": {"staff": {"family_name": {"$in": ["Lang"]}}}},
                "order_by": ["-starts_at", "+id"], "limit": 2,
            }),
        )
        .await;
    let sofia = json!({"given_name": "Sofia", "addresses": []});
    let ida = json!({"given_name": "Ida", "addresses": [{"city": "Wien"}]});
    assert_eq!(
        rows,
        json!([
            {"id": 2, "patient": ida, "participants": []},
            {"id": 3, "patient": sofia, "participants": [{"role": "assistant"}]},
        ])
    );
    let count = json!({"table": {"schema": "billing", "name": "invoice_line"}, "where": {"invoice": {"status": "sent"}}});
    assert_eq!(project.command("count", count).await, json!({"count": 2}));
    let update = json!({
        "table": "room", "where": {"site_id": 1, "number": "A-101"}, "$inc": {"capacity": 1},
        "$set": {"equipment": ["scale"]}, "returning": ["capacity", "equipment"],
    });
    assert_eq!(
        project.command("update", update).await,
        json!({"affected_rows": 1, "returning": [{"capacity": 4, "equipment": ["scale"]}]})
    );
}

#[tokio::test]
async fn changes_of_appointment_are_delivered() {
    let project = Project::import(&CLINIC).await;
    let row = |status: &str, reminders: i32| {
        json!({
            "id": 5, "patient_id": "00000000-0000-4000-8000-000000000003", "clinician_id": 2, "kind_code": "control",
            "status": status, "series_id": null, "referral_id": null, "site_id": 2, "room_number": "A-101",
            "starts_at": "2026-05-04T07:00:00+00:00", "ends_at": "2026-05-04T07:15:00+00:00", "notes": {"first": [1, null]},
            "reminders_sent": reminders,
        })
    };
    let mutations = [
        "insert_appointment_one(object: {patient_id: \"00000000-0000-4000-8000-000000000003\", clinician_id: 2,
           kind_code: \"control\", site_id: 2, room_number: \"A-101\", starts_at: \"2026-05-04T09:00:00+02:00\",
           ends_at: \"2026-05-04T09:15:00+02:00\", notes: {first: [1, null]}}) { id }",
        // Not one of the columns to which the trigger listens.
        "update_appointment_by_pk(pk_columns: {id: 5}, _inc: {reminders_sent: 1}) { id }",
        "update_appointment_by_pk(pk_columns: {id: 5}, _set: {status: \"arrived\"}) { id }",
        "delete_appointment_by_pk(id: 5) { id }",
    ];
    let expected = [
        ("INSERT", json!({"old": null, "new": row("booked", 0)})),
        (
            "UPDATE",
            json!({"old": row("booked", 1), "new": row("arrived", 1)}),
        ),
        ("DELETE", json!({"old": row("arrived", 1), "new": null})),
    ];
    let mut delivered = 0;
    for (index, mutation) in mutations.iter().enumerate() {
        let answer = project
            .graphql(&format!("mutation {{ answer: {mutation} }}"), json!({}))
            .await;
        assert_eq!(answer, json!({"data": {"answer": {"id": 5}}}));
        if index == 1 {
            continue;
        }
        let (op, data) = &expected[delivered];
        delivered += 1;
        let deliveries = project.deliveries(delivered, "x-clinic-key").await;
        assert_eq!(
            deliveries[delivered - 1],
            ((*op).to_owned(), data.clone(), "secret key".to_owned())
        );
    }
    let requests = project.webhook.received();
    let last = &requests[2].body;
    assert_eq!(last["trigger"], json!({"name": "appointment_changed"}));
    assert_eq!(last["table"], json!({"schema": "public", "name": "appointment"}));
    assert_eq!(
        last["delivery_info"],
        json!({"current_retry": 0, "max_retries": 3})
    );
    assert_eq!(
        last["event"]["session_variables"],
        json!({"x-hasura-role": "admin"})
    );
    assert_eq!(requests[0].headers["x-source"], "clinic");

    // A trigger of another table, whose webhook is a template.
    let insert =
        "mutation ($result: lab_result_insert_input!) { insert_lab_result_one(object: $result) { test } }";
    let result = json!({"order_id": 1, "test": "Na", "value": "139.50", "flag": "N", "document": {"b": 1, "a": [2]},
                        "reported_at": "2026-03-03T00:00:00Z"});
    project.graphql(insert, json!({"result": result})).await;
    let requests = project.webhook.wait_for(4).await;
    assert_eq!(requests[3].path, "/lab");
    let new: Value = serde_json::from_str(
        r#"{"order_id": 1, "test": "Na", "value": 139.50, "flag": "N", "document": {"b": 1, "a": [2]},
            "reported_at": "2026-03-03T00:00:00+00:00"}"#,
    )
    .unwrap();
    assert_eq!(
        requests[3].body["event"]["data"],
        json!({"old": null, "new": new})
    );
    let manual = json!({"name": "invoice_status", "payload": {"invoice": [1, {"again": true}]}});
    project.command("invoke_event_trigger", manual).await;
    let deliveries = project.deliveries(5, "x-none").await;
    assert_eq!(
        (&*deliveries[4].0, &deliveries[4].1),
        ("MANUAL", &json!({"invoice": [1, {"again": true}]}))
    );
}
