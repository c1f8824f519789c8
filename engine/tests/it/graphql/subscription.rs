//! The multiplexed statement of a poller: parameters of many subscribers, one result for each.

use super::TestStack;
use engine_model::session::Session;
use engine_runtime::graphql::{Lookup, Outcome, Request, execute};
use serde_json::{Value, json};

#[tokio::test]
async fn one_statement_serves_many_subscribers() {
    let stack = TestStack::new().await;
    let query = "subscription ($author: Int!, $titles: [String!], $after: timestamptz) {
        article(where: {author_id: {_eq: $author}, title: {_in: $titles}, created: {_gt: $after}}, order_by: {id: asc}, limit: 1) { title author { name } } }";
    let mut plans = Vec::new();
    for variables in [
        json!({"author": 1, "titles": ["One", "Two"], "after": "2000-01-01"}),
        json!({"author": 2, "titles": ["Four", "a,\"b\\"], "after": "2000-01-01T00:00:00Z"}),
        json!({"author": 3, "titles": [], "after": "2000-01-01"}),
    ] {
        let request = Request {
            query: query.to_owned(),
            operation_name: None,
            trace: None,
            variables: variables.as_object().cloned(),
        };
        match execute(
            &stack.engine.engine.graphql,
            Lookup::current(&stack.engine.engine.graphql),
            &Session::admin(),
            None,
            &request,
            (),
        )
        .await
        .unwrap()
        {
            Outcome::Subscription(plan, _) => plans.push(plan),
            Outcome::Done(body) => panic!("the subscription was executed: {body:?}"),
        }
    }
    assert_eq!(
        plans[0].multiplexed_sql, plans[1].multiplexed_sql,
        "statements that differ only in values have the same text"
    );
    let subscribers: Vec<Value> = plans[..2]
        .iter()
        .zip(10..)
        .map(|(plan, id)| json!([id, plan.params]))
        .collect();
    let client = stack.database.connect().await;
    let rows = client
        .query(&*plans[0].multiplexed_sql, &[&json!(subscribers)])
        .await
        .unwrap();
    let mut answers: Vec<(i32, Value)> = rows
        .iter()
        .map(|row| {
            (
                row.get("id"),
                serde_json::from_str(row.get::<_, &str>("data")).unwrap(),
            )
        })
        .collect();
    answers.sort_by_key(|(id, _)| *id);
    let answer = |title: &str, name: &str| json!({"article": [{"title": title, "author": {"name": name}}]});
    assert_eq!(answers, [(10, answer("One", "Ann")), (11, answer("Four", "Bob"))]);
}

#[tokio::test]
async fn subscription_supports_by_pk_aggregate_and_several_fields() {
    let stack = TestStack::new().await;
    let query = "subscription @_multiple_top_level_fields { none: author_by_pk(id: 99) { id } one: author_by_pk(id: 1) { name } author_aggregate { aggregate { count } } __typename }";
    let request = Request {
        query: query.to_owned(),
        operation_name: None,
        trace: None,
        variables: None,
    };
    let Outcome::Subscription(plan, _) = execute(
        &stack.engine.engine.graphql,
        Lookup::current(&stack.engine.engine.graphql),
        &Session::admin(),
        None,
        &request,
        (),
    )
    .await
    .unwrap() else {
        panic!("the outcome must be a subscription plan");
    };
    let client = stack.database.connect().await;
    let rows = client
        .query(&*plan.multiplexed_sql, &[&json!([[1, plan.params]])])
        .await
        .unwrap();
    let data: Value = serde_json::from_str(rows[0].get::<_, &str>("data")).unwrap();
    assert_eq!(
        data,
        json!({"none": null, "one": {"name": "Ann"}, "author_aggregate": {"aggregate": {"count": 3}}, "__typename": "subscription_root"})
    );
}
