//! Access to the Runtime API.

use http::Method;

use crate::fixture::{Host, untimed_options};

/// Another process of the machine knows the port and the names of the functions, and can count processes.
#[tokio::test]
async fn runtime_api_refuses_requests_without_the_token_of_a_process() {
    let host = Host::start(untimed_options(1, 1)).await;
    let (_, api) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    let (process, token) = api.rsplit_once('/').unwrap();
    assert_eq!(token.len(), 32, "{token}");
    let (server, _) = process.split_once("/misbehave/").unwrap();
    let id = "00000000-0000-0000-0000-000000000000";
    let routes = [
        (Method::GET, "2018-06-01/runtime/invocation/next".to_owned()),
        (
            Method::POST,
            format!("2018-06-01/runtime/invocation/{id}/response"),
        ),
        (Method::POST, format!("2018-06-01/runtime/invocation/{id}/error")),
        (Method::POST, "2018-06-01/runtime/init/error".to_owned()),
        (Method::POST, "2020-01-01/extension/register".to_owned()),
        (Method::GET, "2020-01-01/extension/event/next".to_owned()),
    ];
    let other_token = id.replace('-', "");
    let said = || host.logs.tail("misbehave").len();
    let lines = said();
    for (method, route) in &routes {
        for address in [
            process.to_owned(),
            format!("{process}/{other_token}"),
            format!("{process}/x{token}"),
            format!("{server}/misbehave/999/{token}"),
            format!("{server}/other/1/{token}"),
            server.to_owned(),
        ] {
            let url = format!("{address}/{route}");
            let request = host.client.request(method.clone(), &url).body("{}");
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {url}");
        }
    }
    assert_eq!(said(), lines, "nothing is logged for the function");
    // No call was taken or answered.
    let (answer, ()) = tokio::join!(host.post("sleep 200"), async {
        host.busy(1).await;
        for (method, route) in &routes {
            let url = format!("{process}/{other_token}/{route}");
            let request = host.client.request(method.clone(), &url).body("{}");
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {url}");
        }
    });
    assert_eq!(answer.text().await.unwrap(), "slept");
    // With the token, the path and the call are checked.
    for (method, route, expected) in [
        (Method::POST, &routes[1].1, 400),
        (Method::POST, &routes[2].1, 400),
        (Method::POST, &routes[4].1, 404),
        (Method::GET, &routes[5].1, 404),
    ] {
        let url = format!("{api}/{route}");
        let request = host.client.request(method, &url).body("{}");
        assert_eq!(request.send().await.unwrap().status(), expected, "{url}");
    }
    // A token ends with its process.
    let before = host.functions.pids("misbehave");
    assert_eq!(host.functions.kill_one_of_each(), 1);
    let (_, next) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    assert!(next != api && host.functions.pids("misbehave") != before);
    let url = format!("{api}/{}", routes[0].1);
    assert_eq!(host.client.get(url).send().await.unwrap().status(), 403);
    host.functions.stop().await;
}
