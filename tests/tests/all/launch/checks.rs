//! `cargo xtask doctor --stage` and `demo --stage`, as the pipeline runs them after a deployment.

use local_stack::engine::Engine;
use serde_json::Value;

use super::cloud::Cloud;
use super::commands::{Ran, STAGE, named};

/// Runs both against the stage, whose engine and APIs have other addresses here than its outputs.
pub(super) async fn pass(cloud: &Cloud, engine: &Engine) {
    let report = doctor(cloud, &engine.url()).await;
    assert!(report.0.success && report.1["problems"] == 0, "{report:?}");
    let checked = named(&report.1["findings"], "check", "published versions");
    assert_eq!(checked["found"], "8 functions serve what is configured");

    let (api, login) = addresses(cloud).await;
    let demo = [
        "demo",
        "--stage",
        STAGE,
        "--url",
        &engine.url(),
        "--functions-url",
        &api,
    ];
    let ran = cloud
        .xtask(&[&demo[..], &["--login-url", &login, "--orders", "3", "--json"]].concat())
        .await;
    assert!(ran.success, "{ran:?}");
    let report: Value =
        serde_json::from_str(ran.stdout.trim().lines().last().unwrap_or_default()).expect("JSON");
    assert_eq!(
        (&report["orders"], &report["lost"]),
        (&3.into(), &0.into()),
        "{report}"
    );
}

/// A setting that callers do not see, and an engine that does not answer.
pub(super) async fn fail_with_a_remedy(cloud: &Cloud) {
    let change = |timeout: &'static str| {
        let name = format!("threefactor-{STAGE}-payment");
        async move {
            let args = [
                "lambda",
                "update-function-configuration",
                "--function-name",
                &name,
                "--timeout",
                timeout,
            ];
            cloud.aws(&args).await.expect("the function");
        }
    };
    change("9").await;
    let (ran, report) = doctor(cloud, "http://127.0.0.1:9").await;
    change("10").await;
    assert!(!ran.success, "{ran:?}");
    let versions = named(&report["findings"], "check", "published versions");
    assert_eq!(versions["found"], "callers of payment use older settings or code");
    assert!(
        versions["remedy"]
            .as_str()
            .is_some_and(|text| text.contains("cargo xtask deploy")),
        "{versions}"
    );
    let engine = named(&report["findings"], "check", "engine");
    assert!(
        engine["found"]
            .as_str()
            .is_some_and(|text| text.starts_with("cannot be checked")),
        "{engine}"
    );
    let text = report.to_string();
    assert!(!text.contains(&cloud.secret("AdminSecretArn").await), "{text}");

    let unknown = cloud.xtask(&["doctor", "--stage", "nowhere"]).await;
    assert!(
        !unknown.success && unknown.stderr.contains("is not launched"),
        "{unknown:?}"
    );
}

async fn doctor(cloud: &Cloud, engine: &str) -> (Ran, Value) {
    let (api, login) = addresses(cloud).await;
    let args = [
        "doctor",
        "--stage",
        STAGE,
        "--url",
        engine,
        "--functions-url",
        &api,
        "--login-url",
        &login,
        "--json",
    ];
    let ran = cloud.xtask(&args).await;
    let report = serde_json::from_str(ran.stdout.trim()).unwrap_or_default();
    (ran, report)
}

async fn addresses(cloud: &Cloud) -> (String, String) {
    (
        cloud.api().await,
        format!("{}/login", cloud.api_of("LoginUrl").await),
    )
}
