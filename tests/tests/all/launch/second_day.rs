//! An installation after its first day: a failed launch, changes of settings, code and certificate, and its end.

use std::fs;

use serde_json::{Value, json};

use super::account::{Account, functions};
use super::commands::{ARCHITECTURE, Ran, STAGE};

/// Parameters without the resources that the emulator does not support.
const SUPPORTED: [&str; 8] = [
    "--set",
    "EnableNat=false",
    // The functions cannot run.
    "--set",
    "VersionCheck=off",
    "--set",
    "DatabaseManagedMasterPassword=false",
    "--set",
    "CloudFrontPrefixListId=pl-12345678",
];
const NEW: [&str; 3] = ["--skip-build", "--architecture", ARCHITECTURE];
const OTHER_REGION: [(&str, &str); 2] = [("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-1")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn installation_survives_failures_and_changes() {
    let account = Account::open().await;
    invalid_parameters_are_found_before_anything_is_created(&account).await;
    a_failed_launch_is_repeated_with_its_parameters(&account).await;
    the_bucket_keeps_what_stacks_refer_to(&account).await;
    a_change_of_parameters_keeps_the_code(&account).await;
    new_code_replaces_one_function(&account).await;
    a_version_that_does_not_run_reaches_no_caller(&account).await;
    a_dry_run_shows_changes_and_cost(&account).await;
    a_renewed_certificate_is_trusted_before_it_is_used(&account).await;
    a_new_pooler_reaches_callers(&account).await;
    the_address_of_a_deployment_is_removed(&account).await;
    account.commands().the_pipeline_has_the_rights().await;
    the_same_stage_exists_in_two_regions(&account).await;
    a_destroyed_stage_names_what_remains(&account).await;
    account.close().await;
}

fn succeeds(ran: &Ran) {
    assert!(ran.success, "{ran:?}");
}

async fn invalid_parameters_are_found_before_anything_is_created(account: &Account) {
    for more in [&["--dry-run"][..], &[]] {
        let invalid = ["--set", "PoolSize=abc", "--set", "EnableNat=maybe"];
        let refused = account.deploy(&[&NEW[..], more, &invalid].concat()).await;
        assert!(!refused.success, "{refused:?}");
        for says in ["PoolSize: \"abc\"", "EnableNat: \"maybe\""] {
            assert!(refused.stderr.contains(says), "{refused:?}");
        }
    }
    let excluded = ["--set", "ExistingDatabaseHost=db.example.com"];
    let refused = account.deploy(&[&NEW[..], &excluded].concat()).await;
    assert!(
        !refused.success && refused.stderr.contains("ExistingMasterSecretArn"),
        "{refused:?}"
    );
    assert!(account.commands().stack(&[]).await.is_none());
    let secrets = account
        .commands()
        .aws(&["secretsmanager", "list-secrets"], &[])
        .await;
    assert_eq!(secrets.expect("a list")["SecretList"], json!([]));
}

/// In a new account, in which ECS has no role yet.
async fn a_failed_launch_is_repeated_with_its_parameters(account: &Account) {
    let failing = [
        "--set",
        "PoolImage=/nowhere",
        "--set",
        "AlarmEmail=oncall@example.com",
    ];
    let failed = account.deploy(&[&NEW[..], &SUPPORTED, &failing].concat()).await;
    assert!(!failed.success && failed.stderr.contains("Pool"), "{failed:?}");
    let stack = account.commands().stack(&[]).await.expect("the stack");
    assert_eq!(
        stack["StackStatus"], "ROLLBACK_COMPLETE",
        "an unprotected database is deleted: {failed:?}"
    );
    assert!(account.database().await.is_none());

    let image = ["--set", "PoolImage=/aws/service/debian/release/13/latest/arm64"];
    let repeated = account.deploy(&[&NEW[..], &image].concat()).await;
    succeeds(&repeated);
    assert!(
        repeated.stderr.contains("its parameters are kept"),
        "{repeated:?}"
    );
    assert_eq!(account.parameter("AlarmEmail").await, "oncall@example.com");
    assert_eq!(account.parameter("EnableNat").await, "false");
    let database = account.database().await.expect("the database");
    assert_eq!(database["DeletionProtection"], true, "after the launch");
    assert_eq!(account.snapshots().await, 0, "of empty databases");
    account
        .commands()
        .callers_use_the_newest_settings(functions())
        .await;

    let groups = account
        .commands()
        .aws(&["ec2", "describe-security-groups"], &[])
        .await;
    let groups = groups.expect("the groups")["SecurityGroups"].clone();
    let ours = groups.as_array().into_iter().flatten().filter(|group| {
        group["Tags"]
            .as_array()
            .is_some_and(|tags| tags.contains(&json!({"Key": "threefactor:stage", "Value": STAGE})))
    });
    assert!(ours.count() >= 6, "resources have the tag of the stage: {groups}");
}

async fn the_bucket_keeps_what_stacks_refer_to(account: &Account) {
    let commands = account.commands();
    let read = ["ssm", "get-parameter", "--name", "/threefactor/artifact-bucket"];
    let bucket = commands.aws(&read, &[]).await.expect("the parameter");
    let bucket = bucket["Parameter"]["Value"].as_str().expect("a name").to_owned();
    let setting = async |command: &str| {
        let answer = commands.aws(&["s3api", command, "--bucket", &bucket], &[]).await;
        answer.unwrap_or_else(|| panic!("{command}"))
    };
    assert_eq!(setting("get-bucket-versioning").await["Status"], "Enabled");
    let rules = setting("get-bucket-lifecycle-configuration").await["Rules"].clone();
    for rule in rules.as_array().expect("rules") {
        assert_eq!(
            rule["Expiration"],
            Value::Null,
            "current objects do not expire: {rule}"
        );
        assert_eq!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"], 90);
    }
    let policy = setting("get-bucket-policy").await;
    assert!(
        policy["Policy"]
            .as_str()
            .is_some_and(|policy| policy.contains("aws:SecureTransport")),
        "{policy}"
    );
}

/// Also without any zip, as in a new clone.
async fn a_change_of_parameters_keeps_the_code(account: &Account) {
    let commands = account.commands();
    let before = versions(account).await;
    let zips = account.zips();
    let aside = zips.with_extension("aside");
    fs::rename(&zips, &aside).expect("zips are moved");
    let changed = account.deploy(&["--set", "AlarmEmail=other@example.com"]).await;
    succeeds(&changed);
    assert!(
        changed.stderr.contains("keeping the deployed code"),
        "{changed:?}"
    );
    assert_eq!(account.parameter("AlarmEmail").await, "other@example.com");
    assert_eq!(
        account.parameter("Architecture").await,
        ARCHITECTURE,
        "remembered"
    );
    assert_eq!(versions(account).await, before, "no function sees the address");

    succeeds(&account.deploy(&["--set", "PreparedStatements=off"]).await);
    for (function, (old, new)) in functions().zip(before.iter().zip(versions(account).await)) {
        assert_ne!(*old, new, "{function}");
        let settings = commands.settings(function, true).await;
        let variables = &settings["Environment"]["Variables"];
        assert_eq!(variables["POSTGRES_PREPARED_STATEMENTS"], "off", "{function}");
    }
    commands.callers_use_the_newest_settings(functions()).await;
    fs::rename(&aside, &zips).expect("zips are moved back");
}

async fn new_code_replaces_one_function(account: &Account) {
    let before = versions(account).await;
    account.write_zip("payment", "second");
    succeeds(&account.deploy(&["--skip-build"]).await);
    for (function, (old, new)) in functions().zip(before.iter().zip(versions(account).await)) {
        assert_eq!(*old != new, function == "payment", "{function}");
    }
    account
        .commands()
        .callers_use_the_newest_settings(functions())
        .await;
}

/// `--function` deploys one function, after it has run once.
async fn a_version_that_does_not_run_reaches_no_caller(account: &Account) {
    let before = versions(account).await;
    account.write_zip("payment", "third");
    account.write_zip("login", "other");
    let one = ["--skip-build", "--function", "payment"];
    let checked = account
        .deploy(&[&one[..], &["--set", "VersionCheck=start"]].concat())
        .await;
    assert!(
        !checked.success && checked.stderr.contains("was not given to its callers"),
        "{checked:?}"
    );
    assert_eq!(versions(account).await, before, "the aliases stay");
    succeeds(&account.deploy(&one).await);
    for (function, (old, new)) in functions().zip(before.iter().zip(versions(account).await)) {
        assert_eq!(*old != new, function == "payment", "{function}");
    }
    let unknown = account.deploy(&["--function", "pay"]).await;
    assert!(
        !unknown.success && unknown.stderr.contains("restaurant-approval"),
        "{unknown:?}"
    );
}

async fn a_dry_run_shows_changes_and_cost(account: &Account) {
    let dry = async |set: &[&str]| {
        let set: Vec<&str> = set.iter().flat_map(|value| ["--set", value]).collect();
        account
            .deploy(&[&["--keep-code", "--dry-run"][..], &set].concat())
            .await
    };
    let same = dry(&[]).await;
    succeeds(&same);
    assert!(same.stdout.contains("Changes: none"), "{same:?}");
    let larger = dry(&["DatabaseMultiAz=true", "HasuraSize=large", "LogLevel=DEBUG"]).await;
    succeeds(&larger);
    for says in [
        "~ Database/Database (AWS::RDS::DBInstance): MultiAZ",
        "! Hasura/Task (AWS::ECS::TaskDefinition), replaced: Cpu",
        "new versions of 8 functions",
        "with a standby",
        "Saturated first",
    ] {
        assert!(larger.stdout.contains(says), "{says}: {larger:?}");
    }
    let moved = dry(&[
        "ExistingVpcId=vpc-12345678",
        "ExistingPrivateSubnetIds=subnet-12345678,subnet-23456789",
        "ExistingPublicSubnetIds=subnet-12345678,subnet-23456789",
    ])
    .await;
    assert!(
        !moved.success
            && moved
                .stderr
                .contains("CloudFormation refuses to replace Pool/TargetGroup"),
        "{moved:?}"
    );
    assert_eq!(
        account.parameter("DatabaseMultiAz").await,
        "false",
        "nothing was changed"
    );
}

async fn a_renewed_certificate_is_trusted_before_it_is_used(account: &Account) {
    let old = account.parameter("PoolCertificateSecretArn").await;
    let renewed = account.deploy(&["--keep-code", "--renew-certificate"]).await;
    succeeds(&renewed);
    let (published, completed) = renewed
        .stderr
        .split_once("the functions trust the new certificate")
        .expect("two updates");
    // A function that the first update did not change would not be in its events.
    assert!(
        published.contains("UPDATE_COMPLETE      Functions"),
        "{published}"
    );
    assert!(completed.contains("UPDATE_COMPLETE      Pool"), "{completed}");
    let new = account.parameter("PoolCertificateSecretArn").await;
    assert_ne!(old, new);
    assert_eq!(account.parameter("PoolTrustSecretArn").await, new);
    for function in functions() {
        let settings = account.commands().settings(function, true).await;
        let trusted = settings["Environment"]["Variables"]["POSTGRES_CA_CERTIFICATE"].as_str();
        let trusted = trusted.expect("authorities");
        assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 2, "{function}");
    }
    account
        .commands()
        .callers_use_the_newest_settings(functions())
        .await;
}

async fn a_new_pooler_reaches_callers(account: &Account) {
    let pooler = "ExistingConnectionString=postgres://pooler.example.com:5432/food?sslmode=verify-full";
    let refused = account.deploy(&["--set", pooler]).await;
    assert!(
        !refused.success && refused.stderr.contains("ExistingPoolerCidr"),
        "{refused:?}"
    );
    let addresses = [
        "--set",
        "ExistingPoolerCidr=192.0.2.0/24",
        "--set",
        "ExistingPoolerPort=5432",
    ];
    succeeds(
        &account
            .deploy(&[&["--set", pooler][..], &addresses].concat())
            .await,
    );
    account
        .commands()
        .callers_use_the_newest_settings(functions())
        .await;
    let settings = account.commands().settings("payment", true).await;
    let url = &settings["Environment"]["Variables"]["POSTGRES_CONNECTION_STRING"];
    assert_eq!(url, pooler.trim_start_matches("ExistingConnectionString="));
}

/// As the pipeline does at its end: also after a failed deployment, with templates that cannot be deployed, and without any zip.
async fn the_address_of_a_deployment_is_removed(account: &Account) {
    let permitted = ["--set", "DeploymentCidr=192.0.2.7/32"];
    let office = ["--set", "AdminCidrs=198.51.100.0/24"];
    succeeds(&account.deploy(&[permitted, office].concat()).await);
    // The functions cannot run.
    let checked = ["--set", "LogLevel=DEBUG", "--set", "VersionCheck=start"];
    let failed = account.deploy(&checked).await;
    assert!(!failed.success, "{failed:?}");
    let before = versions(account).await;
    fs::rename(account.zips(), account.zips().with_extension("aside")).expect("zips are moved");
    for message in [
        "removing DeploymentCidr=192.0.2.7/32",
        "no address of a deployment",
    ] {
        let remove = ["deploy", "--stage", STAGE, "--remove-address"];
        let removed = account.commands().xtask(&remove, &[]).await;
        succeeds(&removed);
        assert!(removed.stderr.contains(message), "{removed:?}");
        assert_eq!(account.parameter("DeploymentCidr").await, "");
    }
    fs::rename(account.zips().with_extension("aside"), account.zips()).expect("zips are moved back");
    assert_eq!(account.parameter("AdminCidrs").await, "198.51.100.0/24");
    assert_eq!(versions(account).await, before, "nothing else changes");
}

/// In an existing VPC, and with an existing Hasura: a task creates the roles, without which the pool would not start.
async fn the_same_stage_exists_in_two_regions(account: &Account) {
    let commands = account.commands();
    let vpcs = commands.aws(&["ec2", "describe-vpcs"], &OTHER_REGION).await;
    let vpc = vpcs.expect("VPCs")["Vpcs"][0]["VpcId"].clone();
    let vpc = vpc.as_str().expect("the default VPC");
    let subnets = commands.aws(&["ec2", "describe-subnets"], &OTHER_REGION).await;
    let subnets = subnets.expect("subnets")["Subnets"].clone();
    let subnets: Vec<&str> = subnets
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|subnet| subnet["SubnetId"].as_str())
        .take(2)
        .collect();
    let vpc = format!("ExistingVpcId={vpc}");
    let private = format!("ExistingPrivateSubnetIds={}", subnets.join(","));
    let public = format!("ExistingPublicSubnetIds={}", subnets.join(","));
    let own = ["--set", &vpc, "--set", &private, "--set", &public];
    let hasura = [
        "--set",
        "EnableHasura=false",
        "--set",
        "ExistingHasuraUrl=https://hasura.example.com",
    ];
    let launched = account
        .deploy_in(&[&NEW[..], &SUPPORTED, &own, &hasura].concat(), &OTHER_REGION)
        .await;
    succeeds(&launched);
    assert!(
        launched.stderr.contains("CREATE_COMPLETE      Roles"),
        "{launched:?}"
    );
    assert!(commands.stack(&OTHER_REGION).await.is_some());
    assert!(commands.stack(&[]).await.is_some());
}

async fn a_destroyed_stage_names_what_remains(account: &Account) {
    let destroyed = account
        .commands()
        .xtask(&["destroy", "--stage", STAGE, "--yes"], &[])
        .await;
    succeeds(&destroyed);
    assert!(account.commands().stack(&[]).await.is_none());
    assert_eq!(account.snapshots().await, 1);
    for says in [
        "Retained: snapshot threefactor-ci-",
        "Retained: bucket threefactor-artifacts-",
        "20 to 45 minutes",
    ] {
        assert!(destroyed.stderr.contains(says), "{says}: {destroyed:?}");
    }
}

async fn versions(account: &Account) -> Vec<String> {
    let mut found = Vec::new();
    for function in functions() {
        found.push(account.commands().live_version(function).await);
    }
    found
}
