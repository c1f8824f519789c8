//! A learning platform: metadata of version 3 with a source that is not named `default`, composite foreign keys by
//! `columns`, column configurations and comments.

use super::features::{Features, assert_features};
use super::{Fixture, Project, introspection};
use serde_json::{Value, json};
use testkit::Socket;

static CAMPUS: Fixture = Fixture {
    schema: include_str!("campus/schema.sql"),
    rows: include_str!("campus/rows.sql"),
    metadata: include_str!("campus/metadata.json"),
    operations: include_str!("campus/operations.yaml"),
    hooks: "CAMPUS_HOOKS",
    key: "CAMPUS_KEY",
};

const SAM: &str = "30000000-0000-4000-8000-000000000002";

#[tokio::test]
async fn campus_with_metadata_of_version_3_is_imported() {
    let project = Project::import(&CAMPUS).await;
    project.assert_imported().await;
    introspection::assert_served(&project, 56).await;
}

#[tokio::test]
async fn operations_of_campus() {
    Project::import(&CAMPUS).await.assert_operations().await;
}

/// A namespace, names of types with a prefix, and `graphql-default`.
#[tokio::test]
async fn features_of_campus_work_together() {
    let features = Features {
        tables: 56,
        commands: vec![],
        customization: json!({
            "naming_convention": "graphql-default",
            "root_fields": {"namespace": "campus"},
            "type_names": {"prefix": "Campus"},
        }),
        operations: vec![
            (
                "query ($state: CampusCourseStateEnum = OPEN) {
                    campus { courses(where: {state: {_eq: $state}, urlName: {_eq: \"sql-basics\"}}) { id state searchText __typename
                        editions(orderBy: {term: ASC}) { enrollmentsAggregate { aggregate { count } } } }
                      searchCourses(args: {query: \"planning\"}) { id }
                      accountAggregate(where: {initials: {_in: [\"SO\", \"KL\"]}}) {
                        aggregate { max { initials displayName } } } } }",
                json!({"campus": {
                    "courses": [{"id": 1, "state": "open", "searchText": "sql basics queries and joins", "__typename": "CampusCourse",
                        "editions": [{"enrollmentsAggregate": {"aggregate": {"count": 2}}}]}],
                    "searchCourses": [{"id": 2}],
                    "accountAggregate": {"aggregate": {"max": {"initials": "SO", "displayName": "Sam Oduya"}}},
                }}),
            ),
            (
                "mutation { campus { closeCourse(args: {wanted: 2}) { state }
                    updateCourseByPk(pkColumns: {id: 1}, _set: {state: CLOSED}) { state } } }",
                json!({"campus": {"closeCourse": [{"state": "closed"}], "updateCourseByPk": {"state": "closed"}}}),
            ),
        ],
        query: "query Closed($limit: Int!) {
            campus { courses(where: {state: {_eq: CLOSED}}, orderBy: {id: ASC}, limit: $limit) { title } } }",
        path: "closed",
        uri: "closed?limit=1",
        response: json!({"campus": {"courses": [{"title": "SQL basics"}]}}),
        session: &[("x-hasura-role", "student"), ("x-hasura-user-id", SAM)],
    };
    assert_features(&CAMPUS, features).await;
}

#[tokio::test]
async fn comments_of_campus_are_descriptions() {
    let project = Project::import(&CAMPUS).await;
    let query = "{ course: __type(name: \"course\") { description fields { name description } }
        query: __type(name: \"query_root\") { fields { name description } } }";
    let data = project.graphql(query, json!({})).await["data"].take();
    let description = |list: &Value, name: &str| {
        let mut fields = list.as_array().unwrap().iter();
        fields.find(|field| field["name"] == name).unwrap()["description"].clone()
    };
    assert_eq!(
        data["course"]["description"],
        "A course, independent of when it is held"
    );
    for (list, name, expected) in [
        (&data["course"]["fields"], "urlName", "Part of the address"),
        (&data["course"]["fields"], "outline", "Topics by week"),
        (
            &data["query"]["fields"],
            "courses",
            "All courses that the caller may see",
        ),
        (
            &data["query"]["fields"],
            "course",
            "fetch data from the table: \"course\" using primary key columns",
        ),
    ] {
        assert_eq!(description(list, name), expected, "{name}");
    }
}

#[tokio::test]
async fn changes_of_enrollment_are_delivered() {
    let project = Project::import(&CAMPUS).await;
    let key = format!("course_id: 2, term: \"2026S\", account_id: \"{SAM}\"");
    let mutations = [
        format!("insert_enrollment_one(object: {{{key}, enrolled_at: \"2026-03-01T00:00:00Z\"}})"),
        format!(
            "update_enrollment_by_pk(pk_columns: {{{key}}}, _set: {{progress: \"12.5\", answers: {{a: [1]}}}})"
        ),
        format!("delete_enrollment_by_pk({key})"),
    ];
    let row = |changed: &str| -> Value {
        serde_json::from_str(&format!(
            "{{\"course_id\": 2, \"term\": \"2026S\", \"account_id\": \"{SAM}\", {changed}}}"
        ))
        .unwrap()
    };
    let whole = |changed: &str| {
        row(&format!(
            "\"enrolled_at\": \"2026-03-01T00:00:00+00:00\", {changed}"
        ))
    };
    let expected = [
        json!({"old": null, "new": whole("\"progress\": 0.00, \"answers\": {}")}),
        json!({"old": row("\"progress\": 0.00"), "new": row("\"progress\": 12.50")}),
        json!({"old": whole("\"progress\": 12.50, \"answers\": {\"a\": [1]}"), "new": null}),
    ];
    for (index, (mutation, data)) in mutations.iter().zip(expected).enumerate() {
        let answer = project
            .graphql(
                &format!("mutation {{ answer: {mutation} {{ term }} }}"),
                json!({}),
            )
            .await;
        assert_eq!(answer, json!({"data": {"answer": {"term": "2026S"}}}));
        let deliveries = project.deliveries(index + 1, "x-api-key").await;
        let op = ["INSERT", "UPDATE", "DELETE"][index];
        assert_eq!(deliveries[index], (op.to_owned(), data, "secret key".to_owned()));
        assert_eq!(project.webhook.received()[index].path, "/enrollments");
    }
}

/// A stream with a custom name over a table with a custom name.
#[tokio::test]
async fn new_lessons_are_streamed() {
    let project = Project::import(&CAMPUS).await;
    let mut socket = Socket::subscriptions_transport_ws(&project.engine.client.url, "/v1/graphql").await;
    let query =
        "subscription { lessonStream(batch_size: 2, cursor: {initial_value: {id: 2}, ordering: ASC}) {
        id title module { course { title } } } }";
    socket.start("lessons", query, json!({})).await;
    let lesson = |id: i32, title: &str, course: &str| json!({"id": id, "title": title, "module": {"course": {"title": course}}});
    let streamed = |lessons: Value| json!({"data": {"lessonStream": lessons}});
    assert_eq!(
        socket.expect("lessons", "data").await,
        streamed(json!([
            lesson(3, "Insert", "SQL basics"),
            lesson(4, "Statistics", "Query planning")
        ]))
    );
    let insert = "mutation { insert_lesson_one(object: {id: 90, module_id: 3, position: 2, title: \"Joins\"}) { id } }";
    project.graphql(insert, json!({})).await;
    assert_eq!(
        socket.expect("lessons", "data").await,
        streamed(json!([lesson(90, "Joins", "Query planning")]))
    );
}
