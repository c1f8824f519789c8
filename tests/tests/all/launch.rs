//! Deployment to an AWS emulator that executes the deployed binaries: `cargo xtask deploy` launches the templates; an order
//! is completed through the HTTP API, the functions, pgBouncer with TLS, and Postgres; the stack is updated, and an update
//! fails; `cargo lambda deploy` updates one function; `cargo xtask destroy` removes everything.
//!
//! This project's engine replaces Hasura: it uses the database role of Hasura's task and calls the address of the API. One
//! test, because the launch of the stack is expensive.

mod account;
mod checks;
mod cloud;
mod commands;
mod hasura;
mod pages;
mod policies;
mod roles;
mod rotation;
mod second_day;
mod task;
mod upgrade;

use local_stack::engine::Engine;
use serde_json::{Value, json};
use testkit::eventually;
use tests::{orders, tokens::TestIssuer};

use cloud::{Cloud, deployed_functions, webhook_functions};
use commands::{ARCHITECTURE, STAGE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_completes_on_launched_stack() {
    let cloud = Cloud::open().await;
    let dry = [
        "deploy",
        "--stage",
        STAGE,
        "--dry-run",
        "--skip-build",
        "--architecture",
        ARCHITECTURE,
    ];
    let told = cloud.xtask(&dry).await;
    assert!(
        told.success && told.stdout.contains("create the stack threefactor-ci"),
        "{told:?}"
    );
    assert!(cloud.stack().await.is_none(), "a dry run changes nothing");

    // Launched, but without the address of a Hasura.
    let launch = cloud.deploy(&["--skip-hasura"]).await;
    assert!(launch.success, "{launch:?}");
    assert!(launch.stderr.contains("CREATE_COMPLETE"), "{launch:?}");
    the_default_group_has_no_rules(&cloud, &launch.stderr).await;
    cloud
        .commands()
        .callers_use_the_newest_settings(deployed_functions())
        .await;
    let api = cloud.api().await;
    let unready = cloud.pay(&api, "o-1", Some("me")).await;
    assert_eq!(unready.0, 503, "the role cannot log in yet: {unready:?}");
    assert!(unready.2.is_some(), "the response has Retry-After: {unready:?}");

    cloud.create_roles_like_hasuras_task().await;
    let events = cloud.events_api().await;
    let engine = cloud.start_engine(&events).await;
    let configured = cloud.deploy_with(&engine, &[]).await;
    assert!(
        configured.success && configured.stderr.contains("is up to date"),
        "{configured:?}"
    );
    assert!(configured.stdout.contains(&engine.url()), "{configured:?}");
    pages_are_uploaded(&cloud, &engine).await;

    complete_order(&cloud, &engine, &api).await;
    the_pool_publishes_metrics(&cloud).await;
    duplicates_change_nothing(&cloud, &engine).await;
    only_the_engine_may_call(&cloud, &events).await;
    let former = rotation::renews_the_webhook_secret(&cloud, &events).await;
    each_route_has_its_limit(&cloud).await;
    only_the_customer_may_pay(&cloud, &api).await;

    update(&cloud, &engine).await;
    upgrade::orders_continue(&cloud, &engine, &api).await;
    cloud
        .commands()
        .callers_use_the_newest_settings(deployed_functions())
        .await;
    a_failed_update_says_why_and_goes_back(&cloud).await;
    cloud
        .commands()
        .callers_use_the_newest_settings(deployed_functions())
        .await;
    one_function_is_deployed_alone(&cloud, &api).await;
    order_completes_after_update(&cloud, &engine, &api).await;
    rotation::restarts_hasura(&cloud, &former).await;
    assert_eq!(demo_accounts(&cloud).await, 0, "without the demo setting");
    roles::work_in_a_browser(&cloud, &engine).await;

    login_function_replaces_the_provider(&cloud, &api).await;
    engine.stop().await;
    let engine = cloud.start_engine(&events).await;
    let configured = cloud.deploy_with(&engine, &LOGIN).await;
    assert!(configured.success, "{configured:?}");
    assert_eq!(demo_accounts(&cloud).await, 57);
    assert_eq!(
        cloud.parameter("NewSchema").await,
        "false",
        "the stage has the schema"
    );
    roles::work_with_the_login_function(&cloud, &engine, &api).await;
    checks::pass(&cloud, &engine).await;
    // Not later: the next checks are of a stage that does not exist.
    cloud.commands().the_pipeline_has_the_rights().await;
    checks::fail_with_a_remedy(&cloud).await;

    engine.stop().await;
    task::runs_the_engine_of_this_repository(&cloud).await;
    let gone = cloud.xtask(&["destroy", "--stage", STAGE]).await;
    assert!(
        !gone.success && gone.stderr.contains("--yes"),
        "destroy requires a confirmation: {gone:?}"
    );
    let gone = cloud.xtask(&["destroy", "--stage", STAGE, "--yes"]).await;
    assert!(gone.success, "{gone:?}");
    assert!(cloud.stack().await.is_none(), "the stack is deleted");
    let answer = cloud.pay(&api, "o-1", Some("me")).await;
    assert!(
        answer.0 == 404 || answer.0 == 403,
        "the API no longer exists: {answer:?}"
    );
    cloud.close().await;
}

/// Settings with which users log in by name.
const LOGIN: [&str; 4] = ["--set", "IdentityProvider=login", "--set", "DemoLogin=true"];

async fn demo_accounts(cloud: &Cloud) -> i64 {
    let accounts = "SELECT count(*) FROM identity.accounts";
    let row = cloud.database.query_one(accounts, &[]).await;
    row.expect("the accounts").get(0)
}

async fn pages_are_uploaded(cloud: &Cloud, engine: &Engine) {
    for bucket in ["OrderAppBucket", "AnalyticsAppBucket"] {
        let page = cloud.object(bucket, "index.html").await;
        assert!(page.contains("<script"), "{bucket}: {page}");
        let config: Value = serde_json::from_str(&cloud.object(bucket, "config.json").await).expect("JSON");
        assert_eq!(config["graphqlUrl"], format!("{}/v1/graphql", engine.url()));
        assert!(
            config["functionsUrl"]
                .as_str()
                .is_some_and(|url| url.contains("execute-api")),
            "{config}"
        );
        let oidc = json!({"issuer": cloud.issuer.url(), "clientId": "3factor"});
        assert_eq!((&config["oidc"], &config["loginUrl"]), (&oidc, &Value::Null));
    }
}

async fn complete_order(cloud: &Cloud, engine: &Engine, api: &str) {
    place(cloud, engine, "o-1").await;
    until(cloud, "o-1", "validated").await;
    let (status, answer, _) = cloud.pay(api, "o-1", Some("me")).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("paid")), "{answer}");
    until(cloud, "o-1", "assigned").await;
    let entries = orders::history(&cloud.database, "o-1").await;
    let outcomes: Vec<&str> = entries.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(
        outcomes,
        ["validated", "paid", "approved", "assigned"],
        "{entries:?}"
    );
}

/// Of a real pgBouncer, by the script of the instances.
async fn the_pool_publishes_metrics(cloud: &Cloud) {
    cloud.deployed.tick_pool();
    let listed = cloud
        .aws(&["cloudwatch", "list-metrics", "--namespace", "threefactor"])
        .await;
    let listed = listed.expect("a list");
    let mut names: Vec<&str> = listed["Metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|metric| metric["MetricName"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["PoolFailures", "PoolLongestWait", "PoolWaitingClients"]);
}

/// Delivers every event of the order again, as after a lost response.
async fn duplicates_change_nothing(cloud: &Cloud, engine: &Engine) {
    eventually("the event log contains all three responses", async || {
        let delivered = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND locked IS NULL";
        let row = cloud.database.query_one(delivered, &[]).await.ok()?;
        (row.get::<_, i64>(0) == 3).then_some(())
    })
    .await;
    let before = orders::everything(&cloud.database).await;
    let events = cloud
        .database
        .query("SELECT id FROM hdb_catalog.event_log ORDER BY created_at", &[])
        .await
        .expect("the event log");
    assert_eq!(events.len(), 3, "insert, payment_valid, approved");
    for event in events {
        let event: String = event.get(0);
        let again = json!({"type": "redeliver_event", "args": {"event_id": event}});
        assert_eq!(cloud.metadata(engine, &again).await["message"], "success");
        let delivered =
            "SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE event_id = $1 AND status = 200";
        eventually("the second delivery", async || {
            let row = cloud.database.query_one(delivered, &[&event]).await.ok()?;
            (row.get::<_, i64>(0) == 2).then_some(())
        })
        .await;
    }
    assert_eq!(orders::everything(&cloud.database).await, before);
}

/// The API refuses other callers itself: the responses are not those of the functions, and their logs do not grow.
async fn only_the_engine_may_call(cloud: &Cloud, events: &str) {
    let secret = cloud.secret("WebhookSecretArn").await;
    let body = json!({"order_id": "o-1"});
    for function in webhook_functions() {
        let url = format!("{events}/{function}");
        let before = cloud.log_lines(function).await;
        let doubled = format!("{secret},{secret}");
        for (sent, expected) in [
            (None, (401, "Unauthorized")),
            (Some(""), (401, "Unauthorized")),
            (Some("wrong"), (403, "Forbidden")),
            (Some(&secret[1..]), (403, "Forbidden")),
            (Some(doubled.as_str()), (403, "Forbidden")),
        ] {
            let (status, answer, _) = cloud.post(&url, &body, sent).await;
            let message = answer["message"].as_str().unwrap_or_default();
            assert_eq!((status, message), expected, "{function}: {answer}");
        }
        assert_eq!(cloud.log_lines(function).await, before, "{function} was invoked");
        let (status, answer, _) = cloud.post(&url, &body, Some(&secret)).await;
        assert_eq!(status, 200, "{function}: {answer}");
        assert!(
            cloud.log_lines(function).await > before,
            "{function} was not invoked"
        );

        let public = cloud.api().await;
        let (status, ..) = cloud
            .post(&format!("{public}/{function}"), &body, Some(&secret))
            .await;
        assert_eq!(status, 404, "{function} on the API of payment");
    }
    for path in ["drop-tables", "payment"] {
        let unknown = cloud
            .post(&format!("{events}/{path}"), &json!({}), Some(&secret))
            .await;
        assert_eq!(unknown.0, 404, "{unknown:?}");
    }
}

/// AWS creates it with rules for all traffic.
async fn the_default_group_has_no_rules(cloud: &Cloud, log: &str) {
    let group = cloud.output("DefaultSecurityGroupId").await;
    assert!(log.contains(&group), "deploy removed its rules: {log}");
    let described = ["ec2", "describe-security-groups", "--group-ids", &group];
    let described = cloud.aws(&described).await.expect("the group");
    for rules in ["IpPermissions", "IpPermissionsEgress"] {
        let rules = described["SecurityGroups"][0][rules].as_array();
        assert!(rules.is_some_and(Vec::is_empty), "{described}");
    }
}

/// As declared: the emulator does not throttle.
async fn each_route_has_its_limit(cloud: &Cloud) {
    let limits = |routes: &[&str], rate, burst| -> Vec<(String, u64, u64)> {
        routes
            .iter()
            .map(|route| ((*route).to_owned(), rate, burst))
            .collect()
    };
    let payment = cloud.route_limits("FunctionsUrl").await;
    assert_eq!(payment, limits(&["OPTIONS /payment", "POST /payment"], 50, 100));
    let events = cloud.route_limits("EventsUrl").await;
    let steps = webhook_functions();
    let mut routes: Vec<String> = steps.map(|step| format!("POST /{step}")).collect();
    routes.sort();
    let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
    assert_eq!(events, limits(&routes, 1000, 1000));
}

/// The authorizer of the API refuses calls without a valid token; the function refuses foreign orders.
async fn only_the_customer_may_pay(cloud: &Cloud, api: &str) {
    let without_token = cloud.pay(api, "o-1", None).await;
    assert_eq!(without_token.0, 401, "{without_token:?}");
    let forged = TestIssuer::start().await.token("me");
    let forged = cloud.pay_with(api, "o-1", &forged).await;
    assert_eq!(forged.0, 401, "{forged:?}");
    let foreign = cloud.pay(api, "o-1", Some("mallory")).await;
    assert_eq!(
        (foreign.0, &foreign.1["error"]["code"]),
        (404, &json!("order_not_found"))
    );
}

/// The identity provider is a parameter: the login function takes its place, with a key that the deployment creates.
async fn login_function_replaces_the_provider(cloud: &Cloud, api: &str) {
    let login = [&["--skip-hasura"][..], &LOGIN].concat();
    let rotate = |step: &'static str| [&login[..], &["--rotate-signing-key", step]].concat();
    let updated = cloud.deploy(&login).await;
    assert!(
        updated.success && updated.stderr.contains("creating a signing key"),
        "{updated:?}"
    );
    for (parameters, says) in [
        (
            ["IdentityProvider=login", "DemoLogin=true", "Stage=prod"],
            "It requires a stage named dev, demo, test or ci",
        ),
        (
            [
                "IdentityProvider=login",
                "UnauthorizedRole=admin",
                "DemoLogin=false",
            ],
            "must not have the role admin",
        ),
    ] {
        let set: Vec<&str> = parameters.iter().flat_map(|value| ["--set", value]).collect();
        let refused = cloud.deploy(&[&["--skip-hasura"][..], &set].concat()).await;
        assert!(!refused.success && refused.stderr.contains(says), "{refused:?}");
    }
    for (message, keys) in [
        ("publishing the next signing key", 2),
        ("is published already", 2),
    ] {
        let published = cloud.deploy(&rotate("publish")).await;
        assert!(
            published.success && published.stderr.contains(message),
            "{published:?}"
        );
        assert_eq!(cloud.signing_keys().await.1.len(), keys);
    }
    // The check of the new version has invoked the function, which reads the keys then, and again after minutes. Another version reads
    // them at once.
    let updated = cloud
        .deploy(&[&login[..], &["--set", "LogLevel=DEBUG"]].concat())
        .await;
    assert!(updated.success, "{updated:?}");
    cloud
        .commands()
        .callers_use_the_newest_settings(account::functions())
        .await;
    let url = cloud.api_of("LoginUrl").await;
    let (status, answer, _) = cloud
        .post(&format!("{url}/login"), &json!({"username": "alice"}), None)
        .await;
    assert_eq!((status, &answer["role"]), (200, &json!("customer")), "{answer}");
    let document = cloud.get(&format!("{url}/.well-known/jwks.json")).await;
    let (arn, keys) = cloud.signing_keys().await;
    assert_eq!(cloud::key_ids(&document), keys, "both keys are published");
    let token = answer["token"].as_str().expect("a token");
    assert_eq!(cloud::signed_with(token), keys[0], "the current key signs");

    let early = cloud.deploy(&rotate("sign")).await;
    assert!(
        !early.success && early.stderr.contains("verifiers may not know it yet"),
        "{early:?}"
    );
    assert_eq!(cloud.signing_keys().await.1, keys);
    cloud.predate_next_key(&arn).await;
    for message in ["signing with the published key", "no next signing key"] {
        let signed = cloud.deploy(&rotate("sign")).await;
        assert!(signed.success && signed.stderr.contains(message), "{signed:?}");
        let expected = [keys[1].clone(), keys[0].clone()];
        assert_eq!(cloud.signing_keys().await.1, expected);
    }
    let of_the_provider = cloud.pay(api, "o-1", Some("me")).await;
    assert_eq!(
        of_the_provider.0, 401,
        "tokens of the other provider: {of_the_provider:?}"
    );
}

/// Changes a parameter, which a later update without it keeps.
async fn update(cloud: &Cloud, engine: &Engine) {
    let updated = cloud
        .deploy_with(engine, &["--set", "AlarmEmail=oncall@example.com"])
        .await;
    assert!(
        updated.success && updated.stderr.contains("UPDATE_COMPLETE"),
        "{updated:?}"
    );
    let again = cloud.deploy_with(engine, &[]).await;
    assert!(
        again.success && again.stderr.contains("is up to date"),
        "{again:?}"
    );
    assert_eq!(cloud.parameter("AlarmEmail").await, "oncall@example.com");
    for (wrong, says) in [
        ("AlarmEmail=oncall", "An address such as oncall@example.com"),
        ("ReservedConcurrency=many", "A whole number"),
        ("NoSuchThing=1", "infra/main.yaml has no parameter NoSuchThing"),
    ] {
        let refused = cloud.deploy(&["--skip-hasura", "--set", wrong]).await;
        assert!(
            !refused.success && refused.stderr.contains(says),
            "{wrong}: {refused:?}"
        );
    }
}

async fn a_failed_update_says_why_and_goes_back(cloud: &Cloud) {
    let nowhere =
        "PoolCertificateSecretArn=arn:aws:secretsmanager:eu-central-1:000000000000:secret:nowhere-abcdef";
    let failed = cloud.deploy(&["--skip-hasura", "--set", nowhere]).await;
    assert!(!failed.success, "{failed:?}");
    assert!(
        failed.stderr.contains("Failed resources:") && failed.stderr.contains("Functions"),
        "{failed:?}"
    );
    let stack = cloud.stack().await.expect("the stack");
    assert_eq!(stack["StackStatus"], "UPDATE_ROLLBACK_COMPLETE");
}

/// `cargo lambda deploy` changes only the code and the alias.
async fn one_function_is_deployed_alone(cloud: &Cloud, api: &str) {
    for function in deployed_functions() {
        let plan = cloud
            .cargo_lambda_deploy(function, &["--dry", "-o", "json"])
            .await;
        assert!(plan.success, "{plan:?}");
        // The progress output comes first in the same stream.
        let json = plan.stdout.find('{').map_or("", |at| &plan.stdout[at..]);
        let plan: Value = serde_json::from_str(json).expect("a plan in JSON");
        assert_eq!(plan["name"], function, "{plan}");
        // From Cargo.toml of the crate, which has the values of the template.
        assert_eq!(
            (&plan["config"]["memory"], &plan["config"]["timeout"]),
            (&json!(256), &json!(10)),
            "{plan}"
        );
    }
    let before = cloud.function("payment").await;
    let deployed = cloud.cargo_lambda_deploy("payment", &["-o", "json"]).await;
    assert!(deployed.success, "{deployed:?}");
    let after = cloud.function("payment").await;
    assert_ne!(before.version, after.version, "the alias has the new version");
    assert_eq!(before.settings, after.settings, "the settings are unchanged");
    let (status, answer, _) = cloud.pay(api, "o-1", Some("me")).await;
    assert_eq!(
        status, 200,
        "the new version returns the earlier payment: {answer}"
    );
}

async fn order_completes_after_update(cloud: &Cloud, engine: &Engine, api: &str) {
    place(cloud, engine, "o-2").await;
    until(cloud, "o-2", "validated").await;
    let (status, answer, _) = cloud.pay(api, "o-2", Some("me")).await;
    assert_eq!(status, 200, "{answer}");
    until(cloud, "o-2", "assigned").await;
}

async fn place(cloud: &Cloud, engine: &Engine, order: &str) {
    let query = "mutation ($id: String!) {
      insert_orders(objects: {order_id: $id, user_id: \"me\", address: \"1 Main St\", restaurant_id: 1}) { affected_rows }
      insert_items(objects: {order_id: $id, item: \"pizza\"}) { affected_rows } }";
    let answer = cloud.graphql(engine, query, json!({"id": order})).await;
    assert_eq!(answer["data"]["insert_items"]["affected_rows"], 1, "{answer}");
}

async fn until(cloud: &Cloud, order: &str, status: &str) {
    eventually(&format!("{order} is {status}"), async || {
        let sql = "SELECT status FROM orders WHERE order_id = $1";
        let row = cloud.database.query_opt(sql, &[&order]).await.ok()??;
        (row.get::<_, &str>(0) == status).then_some(())
    })
    .await;
}
