//! `cargo xtask deploy --dry-run`: the steps of the deployment, and what prevents it. Changes nothing.

use std::process::ExitCode;

use anyhow::Result;
use local_stack::setup::CRON_TRIGGERS;

use super::aws::Aws;
use super::capacity;
use super::changes::Changes;
use super::code::{self, Code};
use super::cost;
use super::limits::{self, Connections};
use super::plan::{Architecture, Plan, refused};
use super::schema::Order;
use super::signing_keys::KeyRotation;
use super::stack::{self, Stack};
use super::template::{self, Template, Values};
use super::{admin, apps, certificate, is_demo_stage, schema, zips};

/// Instances of functions in an account whose limit is unknown.
const INSTANCES: u32 = 1000;

/// Prints the plan, its changes and its cost, and everything that prevents it. Fails where the deployment itself would fail.
pub(super) async fn print(plan: &Plan) -> Result<ExitCode> {
    let mut missing = Vec::new();
    let (aws, stack) = match find(plan).await {
        Ok((aws, stack)) => (Some(aws), Some(stack)),
        Err(error) => {
            missing.push(format!("{error:#}"));
            (None, None)
        }
    };
    let main = Template::main()?;
    let values = plan.values(&main, stack.as_ref());
    missing.extend(refused(&main, &values)?);
    let mut steps = Vec::new();
    let code = Code::of(plan, stack.as_ref()).and_then(|code| {
        code::refuse_uncommitted(plan, code)?;
        steps.push(code_step(plan, code, Architecture::of(plan, stack.as_ref()))?);
        Ok(code)
    });
    if let Err(error) = &code {
        missing.push(format!("{error:#}"));
    }
    steps.extend(preparation(plan, stack.as_ref(), &values));
    let code = code.unwrap_or(Code::Build);
    let mut order = None;
    if let (Some(aws), Some(stack)) = (&aws, &stack) {
        order = schema::order(aws, plan, stack, code)
            .await
            .unwrap_or_else(|error| {
                missing.push(format!("{error:#}"));
                None
            });
    }
    if order == Some(Order::First) {
        steps.push(
            "apply schema.sql and add the rights of the functions' roles through Hasura, while the deployed code runs"
                .to_owned(),
        );
    }
    let verb = match &stack {
        Some(stack) if stack.is_launched() => "update",
        Some(stack) if stack.exists() => {
            "remove the failed first launch of, and create again with its parameters,"
        }
        _ => "create",
    };
    steps.push(format!(
        "{verb} the stack {} from infra/main.yaml",
        stack::name(&plan.stage)
    ));
    for (name, value) in &plan.set {
        let before = stack.as_ref().and_then(|stack| stack.parameter(name));
        steps.push(match before {
            Some(before) if before != value => format!("  with {name} = {value} (now {before})"),
            _ => format!("  with {name} = {value}"),
        });
    }
    steps.extend(configuration(plan, code, &values));
    steps.push("print the addresses".to_owned());
    let mut number = 0;
    for step in &steps {
        if step.starts_with(' ') {
            println!("   {step}");
        } else {
            number += 1;
            println!("{number:2}. {step}");
        }
    }
    if let (Some(aws), Some(stack)) = (&aws, stack.as_ref().filter(|stack| stack.is_launched())) {
        if order == Some(Order::Last) {
            println!("{}", schema::FOLLOWS);
        }
        let follows = order.map(|order| order == Order::Last);
        let planned = planned(plan, &main, stack, code, &values, follows)?;
        match Changes::find(aws, stack, &planned).await {
            Ok(changes) => {
                println!("{}", changes.describe());
                missing.extend(changes.refused());
            }
            Err(error) => missing.push(format!("the changes cannot be determined: {error:#}")),
        }
    }
    let before = stack.as_ref().filter(|stack| stack.is_launched());
    let before = before.map(|stack| Values::new(&main, stack.parameters()));
    println!("{}", cost::comparison(before.as_ref(), &values)?);
    println!("{}", connections(&values));
    println!("{}", capacity::report(&values, instances(aws.as_ref()).await));
    for problem in &missing {
        eprintln!("missing: {problem}");
    }
    println!("Nothing was changed.");
    Ok(if missing.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Compares the connections that are opened with those that Postgres accepts.
fn connections(values: &Values) -> String {
    let Connections { opened, accepted, .. } = limits::connections(values);
    match accepted {
        Some(accepted) if opened > accepted => format!(
            "Connections to Postgres: up to {opened} during an update, but {} accepts about {accepted}; lower PoolSize or \
             HasuraConnections, or choose a larger DatabaseInstanceClass",
            values.get("DatabaseInstanceClass").unwrap_or_default()
        ),
        Some(accepted) => {
            format!("Connections to Postgres: up to {opened} during an update, of about {accepted}")
        }
        None => format!("Connections to Postgres: up to {opened} during an update"),
    }
}

async fn find(plan: &Plan) -> Result<(Aws, Stack)> {
    let aws = Aws::ready().await?;
    println!("As {} in {}", aws.identity(), aws.region());
    let stack = Stack::find(&aws, &plan.stage).await?;
    Ok((aws, stack))
}

/// Values with what the deployment adds to them: the hashes of the code, and the release of the settings.
fn planned(
    plan: &Plan,
    main: &Template,
    stack: &Stack,
    code: Code,
    values: &Values,
    new_schema: Option<bool>,
) -> Result<Values> {
    let hashes = match code {
        Code::Keep => Vec::new(),
        // Before a build, the zips of the last one; without any, the code of the stack.
        Code::Build | Code::Existing => {
            let architecture = Architecture::of(plan, Some(stack));
            zips::Zips::find(architecture, &plan.functions)
                .map_or_else(|_| Vec::new(), |zips| zips.parameters())
        }
    };
    let hashes = hashes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let new_schema = new_schema.map(|new| if new { "true" } else { "false" });
    let new_schema = new_schema.map(|new| (schema::NEW_SCHEMA, new));
    let values = Values::new(main, values.iter().chain(hashes).chain(new_schema));
    let release = template::release(&values)?;
    Ok(Values::new(
        main,
        values.iter().chain([("Release", release.as_str())]),
    ))
}

/// Limit of the account for concurrent instances of functions.
async fn instances(aws: Option<&Aws>) -> u32 {
    let Some(aws) = aws else { return INSTANCES };
    let settings = aws
        .json(["lambda", "get-account-settings"])
        .await
        .unwrap_or_default();
    let limit = settings["AccountLimit"]["ConcurrentExecutions"].as_u64();
    limit
        .and_then(|limit| u32::try_from(limit).ok())
        .filter(|limit| *limit > 0)
        .unwrap_or(INSTANCES)
}

fn code_step(plan: &Plan, code: Code, architecture: Architecture) -> Result<String> {
    if !plan.functions.is_empty() {
        return Ok(format!("deploy the code of {} only", plan.functions.join(", ")));
    }
    Ok(match code {
        Code::Keep => "keep the deployed code of the functions and the pages".to_owned(),
        Code::Existing => format!(
            "use the zips in target/lambda: {}",
            zips::Zips::find(architecture, &[])?.describe()
        ),
        Code::Build => format!(
            "build the functions for {} into target/lambda (for another architecture than that of this machine, zig is \
             installed first: 400 MB)",
            architecture.name()
        ),
    })
}

/// Steps before the stack is changed.
fn preparation(plan: &Plan, stack: Option<&Stack>, values: &Values) -> Vec<String> {
    let mut steps = Vec::new();
    if !stack.is_some_and(Stack::is_launched) {
        steps.push("create the service-linked roles that the account does not have".to_owned());
    }
    if values.own_pool() {
        steps.push(format!(
            "create a certificate for {} if there is none, and store it in Secrets Manager",
            certificate::name(&plan.stage)
        ));
    }
    if values.get("IdentityProvider") == Some("login") {
        steps.push("create a signing key for the login function if there is none".to_owned());
        match plan.rotate_signing_key {
            None => {}
            Some(KeyRotation::Publish) => steps.push("publish the next signing key".to_owned()),
            Some(KeyRotation::Sign) => steps.push(
                "sign tokens with the next key, if it was published three hours ago or earlier".to_owned(),
            ),
        }
    }
    if admin::is_needed(plan, values) {
        steps.push(format!(
            "permit the address of this machine to configure Hasura ({}), if {} does not contain it",
            admin::ADDRESS,
            admin::RANGES
        ));
    }
    steps.push(
        "upload templates and zips; create the bucket for them if it does not exist: private, encrypted, versioned"
            .to_owned(),
    );
    steps
}

/// Steps after the stack is changed.
fn configuration(plan: &Plan, code: Code, values: &Values) -> Vec<String> {
    let engine = match &plan.hasura_url {
        _ if plan.skip_hasura => None,
        Some(url) => Some(url.as_str()),
        None if values.get("EnableHasura") == Some("true") => Some("the stack's Hasura"),
        None => None,
    };
    let Some(engine) = engine else {
        return vec!["do not change Hasura".to_owned()];
    };
    if !code::is_complete(plan, code) {
        return vec![format!(
            "apply schema, triggers and permissions through {engine}, unless those of this directory differ from the deployed ones, which \
             then stay"
        )];
    }
    let mut steps = vec![
        format!("apply schema.sql through {engine}, in one transaction"),
        "add the demo accounts with DemoLogin=true, or remove them".to_owned(),
        "track every table and view, with their relationships".to_owned(),
        "load event-triggers.json, replacing existing triggers".to_owned(),
    ];
    if local_process::dirs::root().join(CRON_TRIGGERS).exists() {
        steps.push(format!("load {CRON_TRIGGERS}, replacing existing triggers"));
    }
    steps.push("load permissions.json, replacing the permissions of its roles".to_owned());
    steps.push(if is_demo_stage(&plan.stage) {
        "enable introspection for the roles anonymous and customer".to_owned()
    } else {
        "disable introspection for the roles anonymous and customer".to_owned()
    });
    steps.push(
        "create the functions' roles with the privileges of infra/function-roles.sql, and revoke others"
            .to_owned(),
    );
    if values.get("EnableWeb") != Some("false") {
        for app in apps::APPS {
            let folder = app.folder;
            steps.push(match code {
                Code::Keep => format!("upload the config.json of {folder}"),
                Code::Build => format!("build apps/{folder} and upload it with its config.json"),
                Code::Existing if app.built() => format!("upload apps/{folder}/dist with its config.json"),
                Code::Existing => format!("skip apps/{folder}: it is not built"),
            });
        }
    }
    steps
}
