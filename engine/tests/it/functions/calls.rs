//! Fields of functions and their arguments.

use super::{Library, error};
use serde_json::json;
use testkit::Socket;

#[tokio::test]
async fn result_of_a_function_is_selected_like_its_table() {
    let library = Library::tracked(&[]).await;
    let query = "{
        long_books(args: {at_least: 150}, where: {shelf: {room: {_eq: \"north\"}}}) { title shelf { room } }
        ordered: all_books(order_by: {id: desc}, limit: 1, offset: 1) { id }
        distinct: all_books(distinct_on: shelf_id, order_by: [{shelf_id: desc}, {id: asc}]) { id }
        long_books_aggregate(args: {at_least: 0, at_most: 250}) { aggregate { count sum { pages } } nodes { id } }
    }";
    assert_eq!(
        library.data(query).await,
        json!({
            "long_books": [{"title": "Beta", "shelf": {"room": "north"}}],
            "ordered": [{"id": 2}],
            "distinct": [{"id": 3}, {"id": 1}],
            "long_books_aggregate": {"aggregate": {"count": 2, "sum": {"pages": 300}}, "nodes": [{"id": 1}, {"id": 2}]},
        })
    );
}

#[tokio::test]
async fn function_of_one_row_returns_an_object_or_null() {
    let library = Library::tracked(&[]).await;
    let query = "{ a: book_of(args: {wanted: 2}) { title } b: book_of(args: {wanted: 9}) { title }
        c: book_of(args: {wanted: 2}, where: {pages: {_gt: 500}}) { title } }";
    assert_eq!(
        library.data(query).await,
        json!({"a": {"title": "Beta"}, "b": null, "c": null})
    );
}

#[tokio::test]
async fn arguments_are_variables_null_or_omitted() {
    let library = Library::tracked(&[]).await;
    let query = "query ($least: Int, $args: long_books_args!) {
        a: long_books(args: {at_least: $least}) { id } b: long_books(args: $args) { id }
    }";
    for (least, a) in [(json!(250), json!([{"id": 3}])), (json!(null), json!([]))] {
        let variables = json!({"least": least, "args": {"at_least": 100, "at_most": 150}});
        let answer = library.graphql_as(&[], query, variables).await;
        assert_eq!(answer, json!({"data": {"a": a, "b": [{"id": 1}]}}));
    }
    // With null, nothing is between the limits.
    let query = "{ long_books(args: {at_least: 0, at_most: null}) { id } }";
    assert_eq!(library.data(query).await, json!({"long_books": []}));
    assert_eq!(
        library.error("{ long_books(args: {at_most: 3}) { id } }").await,
        error(
            "not-supported",
            "$.selectionSet.long_books.args.args",
            "Non default arguments cannot be omitted"
        )
    );
    assert_eq!(
        library.error("{ long_books { id } }").await,
        error(
            "validation-failed",
            "$.selectionSet.long_books.args.args",
            "missing required field \"args\""
        )
    );
    assert_eq!(
        library
            .error("{ long_books(args: {at_least: 1, other: 2}) { id } }")
            .await,
        error(
            "validation-failed",
            "$.selectionSet.long_books.args.args.other",
            "field \"other\" not found in type: 'long_books_args'"
        )
    );
    assert_eq!(
        library.error("{ all_books(args: {}) { id } }").await.2,
        "\"all_books\" has no argument named \"args\""
    );
    let (code, _, message) = library
        .error("{ long_books(args: {at_least: \"x\"}) { id } }")
        .await;
    assert_eq!(code, "data-exception", "{message}");
}

#[tokio::test]
async fn unnamed_arguments_are_numbered() {
    let library = Library::tracked(&[]).await;
    let query = "{
        a: unnamed(args: {arg_1: \"x\"}) { title }
        b: unnamed(args: {arg_1: \"x\", bigger: 7}) { title }
        c: unnamed(args: {arg_1: \"x\", arg_2: 5, bigger: 7, arg_3: null}) { title }
    }";
    assert_eq!(
        library.data(query).await,
        json!({"a": [{"title": "x/1/2/3"}], "b": [{"title": "x/1/7/3"}], "c": [{"title": "x/5/7/null"}]})
    );
    assert_eq!(
        library
            .error("{ unnamed(args: {arg_1: \"x\", arg_3: 1}) { title } }")
            .await,
        error(
            "not-supported",
            "$.selectionSet.unnamed.args.args",
            "Only last set of positional arguments can be omitted"
        )
    );
}

#[tokio::test]
async fn session_argument_is_hidden_and_receives_the_session() {
    let library = Library::tracked(&[]).await;
    let session = [("x-hasura-role", "admin"), ("x-hasura-user-id", "3")];
    let query = "{ a: my_books { title } b: my_books(args: {suffix: \"!\"}) { title } }";
    assert_eq!(
        library.data_as(&session, query).await,
        json!({"a": [{"title": "admin:3"}], "b": [{"title": "admin:3!"}]})
    );
    // The plan of another session is the same one, with other values.
    let session = [("x-hasura-role", "admin"), ("x-hasura-user-id", "1")];
    assert_eq!(
        library.data_as(&session, query).await,
        json!({"a": [{"title": "admin:1"}], "b": [{"title": "admin:1!"}]})
    );
    let (_, _, message) = library
        .error("{ my_books(args: {session: \"{}\"}) { title } }")
        .await;
    assert_eq!(message, "field \"session\" not found in type: 'my_books_args'");
}

#[tokio::test]
async fn volatile_function_is_a_mutation() {
    let library = Library::tracked(&[]).await;
    let mutation = "mutation ($chosen: [Int!]) { extend(args: {amount: 1, chosen: $chosen}, order_by: {id: asc}, limit: 2) { id pages } }";
    let answer = library.graphql_as(&[], mutation, json!({"chosen": [2, 3]})).await;
    assert_eq!(
        answer,
        json!({"data": {"extend": [{"id": 2, "pages": 201}, {"id": 3, "pages": 301}]}})
    );
    let all = "{ book(order_by: {id: asc}) { pages } }";
    assert_eq!(
        library.data(all).await,
        json!({"book": [{"pages": 100}, {"pages": 201}, {"pages": 301}]})
    );
    assert_eq!(
        library.error("{ extend(args: {amount: 1}) { id } }").await,
        error(
            "validation-failed",
            "$.selectionSet.extend",
            "field \"extend\" not found in type: 'query_root'"
        )
    );
    // A later field that fails undoes it.
    let failing =
        "mutation { extend(args: {amount: 5}) { id } insert_book_one(object: {id: 1, title: \"x\"}) { id } }";
    assert_eq!(library.error(failing).await.0, "constraint-violation");
    assert_eq!(
        library.data(all).await,
        json!({"book": [{"pages": 100}, {"pages": 201}, {"pages": 301}]})
    );
}

#[tokio::test]
async fn volatile_function_can_be_exposed_as_a_query() {
    let library = Library::new(&[]).await;
    library.track("extend", json!({"exposed_as": "query"})).await;
    let query = "{ extend(args: {amount: 1, chosen: [1]}) { pages } }";
    assert_eq!(library.data(query).await, json!({"extend": [{"pages": 101}]}));
    assert_eq!(
        library
            .error("mutation { extend(args: {amount: 1}) { pages } }")
            .await
            .0,
        "validation-failed"
    );
}

#[tokio::test]
async fn change_of_any_table_wakes_a_subscription_to_a_function() {
    // The engine does not refetch in the time of the test.
    let interval = ["--live-queries-multiplexed-refetch-interval", "600000"];
    let library = Library::tracked(&interval).await;
    let mut socket = Socket::subscriptions_transport_ws(&library.engine.url, "/v1/graphql").await;
    let subscription = "subscription { long_books(args: {at_least: 250}) { id pages } }";
    socket.start("s", subscription, json!({})).await;
    let result = |pages: i32| json!({"data": {"long_books": [{"id": 3, "pages": pages}]}});
    assert_eq!(socket.expect("s", "data").await, result(300));
    library
        .data("mutation { update_book(where: {id: {_eq: 3}}, _set: {pages: 400}) { affected_rows } }")
        .await;
    assert_eq!(socket.expect("s", "data").await, result(400));
    library
        .data("mutation { extend(args: {amount: 1, chosen: [3]}) { id } }")
        .await;
    assert_eq!(socket.expect("s", "data").await, result(401));
}

#[tokio::test]
async fn subscribers_to_a_function_have_results_of_their_own_sessions() {
    let library = Library::tracked(&[]).await;
    let mut sockets = Vec::new();
    for id in ["1", "3"] {
        let mut socket = Socket::open(&library.engine.url, "/v1/graphql", "graphql-ws").await;
        let headers = json!({"x-hasura-role": "admin", "x-hasura-user-id": id});
        socket
            .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
            .await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
            .start("s", "subscription { my_books { title } }", json!({}))
            .await;
        let title = format!("admin:{id}");
        assert_eq!(
            socket.expect("s", "data").await,
            json!({"data": {"my_books": [{"title": title}]}})
        );
        sockets.push(socket);
    }
    assert_eq!(library.engine.engine.live.pollers(), 1);
}

#[tokio::test]
async fn functions_are_described() {
    let library = Library::tracked(&[]).await;
    let query = "{ __schema { queryType { fields { name description args { name type { kind name ofType { name } } } } } }
        args: __type(name: \"long_books_args\") { kind inputFields { name type { kind name } } }
        session: __type(name: \"my_books_args\") { inputFields { name } } }";
    let data = library.data(query).await;
    let fields = data["__schema"]["queryType"]["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    assert_eq!(
        field("long_books")["description"],
        "execute function \"long_books\" which returns \"book\""
    );
    let args = |name: &str| {
        let args = field(name)["args"].as_array().unwrap().iter();
        args.clone()
            .find(|argument| argument["name"] == "args")
            .map(|argument| argument["type"].clone())
    };
    assert_eq!(
        args("long_books"),
        Some(json!({"kind": "NON_NULL", "name": null, "ofType": {"name": "long_books_args"}}))
    );
    assert_eq!(
        args("my_books"),
        Some(json!({"kind": "INPUT_OBJECT", "name": "my_books_args", "ofType": null}))
    );
    assert_eq!(args("all_books"), None);
    assert_eq!(
        data["args"],
        json!({"kind": "INPUT_OBJECT", "inputFields": [
            {"name": "at_least", "type": {"kind": "SCALAR", "name": "Int"}},
            {"name": "at_most", "type": {"kind": "SCALAR", "name": "Int"}},
        ]})
    );
    assert_eq!(data["session"]["inputFields"], json!([{"name": "suffix"}]));
}
