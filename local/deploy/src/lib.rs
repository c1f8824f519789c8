//! `cargo xtask deploy` and `destroy`: the whole app on AWS, from the templates in `infra/`.
//!
//! One module per step: [`template`] reads the templates and checks the parameters, [`zips`] builds the functions, [`certificate`] and
//! [`signing_keys`] create what AWS cannot generate, [`package`] uploads templates and code, [`schema`] prepares the database for them,
//! [`stack`] applies them, [`hasura`] applies schema, roles, tracking and triggers, [`apps`] uploads the pages. Every step is idempotent. AWS is called through its CLI ([`aws`]), so that every login method and
//! `AWS_ENDPOINT_URL` work. User documentation: docs/deploy.md.

mod admin;
mod apps;
mod aws;
mod bucket;
mod capacity;
mod certificate;
mod changes;
mod code;
mod cost;
mod database;
mod default_group;
mod destroy;
mod doctor;
mod dry_run;
mod events;
mod hasura;
mod limits;
mod package;
mod plan;
mod schema;
mod service_roles;
mod signing_keys;
mod stack;
mod stage;
mod stored;
mod template;
mod zips;

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

use aws::Aws;
use certificate::Certificate;
use code::Code;
pub use destroy::{DestroyArgs, run as destroy};
pub use doctor::{DoctorArgs, run as doctor};
use plan::Plan;
pub use plan::{Architecture, DeployArgs};
use schema::Order;
use stack::{FIRST_LAUNCH, PREFIX_LIST, Stack};
pub use stage::{Overrides, StageAddresses};
use template::{Template, Values};

#[derive(Debug, Args)]
pub struct BuildArgs {
    /// Instruction set of the functions
    #[arg(long, value_enum, default_value = "arm64")]
    architecture: Architecture,
}

/// Builds what `deploy --skip-build` deploys: zips of the functions, and the web apps.
pub fn build(args: &BuildArgs) -> Result<ExitCode> {
    zips::build(args.architecture)?;
    local_stack::apps::build::build(&local_process::dirs::root())?;
    Ok(ExitCode::SUCCESS)
}

/// Deploys, or prints the plan.
pub async fn deploy(args: DeployArgs) -> Result<ExitCode> {
    let dry_run = args.dry_run;
    let removes_address = args.remove_address;
    let role = args.role_arn.clone();
    let plan = Plan::from(args);
    if dry_run {
        return dry_run::print(&plan).await;
    }
    if removes_address {
        let aws = Aws::ready().await?.with_service_role(role);
        admin::remove_address(&aws, &plan.stage).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let main = Template::main()?;
    let aws = Aws::ready().await?.with_service_role(role);
    aws.print_identity();
    let stack = Stack::find(&aws, &plan.stage).await?;
    plan::check(&main, &plan.values(&main, Some(&stack)))?;
    let code = Code::of(&plan, Some(&stack))?;
    code::refuse_uncommitted(&plan, code)?;
    let architecture = Architecture::of(&plan, Some(&stack));
    if code == Code::Build {
        zips::build(architecture)?;
        if plan.functions.is_empty() {
            apps::build(&plan);
        }
    }
    let mut parameters = stack.carried();
    parameters.retain(|name, _| main.parameters().contains_key(name.as_str()));
    if code == Code::Keep {
        eprintln!("keeping the deployed code; pass --build to deploy the code of this directory too");
    } else {
        parameters.extend(zips::Zips::find(architecture, &plan.functions)?.parameters());
    }
    let keeps_schema = keeps_schema(&aws, &plan, &stack, code).await?;
    let order = schema::order(&aws, &plan, &stack, code).await?;
    if let Some(order) = order {
        let follows = order == Order::Last;
        if follows {
            eprintln!("{}", schema::FOLLOWS);
        }
        parameters.insert(schema::NEW_SCHEMA.to_owned(), follows.to_string());
    }
    if !stack.is_launched() {
        service_roles::ensure(&aws).await?;
    }
    let certificate = add_created(&mut parameters, &aws, &plan, &stack, &main).await?;
    let package = match code {
        Code::Build | Code::Existing if plan.functions.is_empty() => {
            package::with_new_code(&aws, &plan.stage).await?
        }
        _ => package::with_deployed_code(&aws, &stack, &plan.functions).await?,
    };
    let address = parameters.get(admin::ADDRESS).map(String::as_str);
    let stack = match order {
        Some(Order::First) => schema::apply(&aws, &plan, stack, address).await?,
        _ => stack,
    };
    let mut stack = stack.apply(&aws, &package, &parameters).await?;
    let rest = remaining(&plan, &stack, certificate.as_ref());
    if !rest.is_empty() {
        parameters.extend(rest);
        add_release(&mut parameters, &main, &stack)?;
        stack = stack.apply(&aws, &package, &parameters).await?;
    }

    default_group::close(&aws, &stack).await;
    if let Some(warning) = hasura::unpinned_image(|name| stack.parameter(name)) {
        eprintln!("{warning}");
    }
    let hasura = hasura::find(&aws, &plan, &stack).await?;
    if let Some(hasura) = &hasura {
        if keeps_schema {
            eprintln!(
                "keeping the deployed schema, triggers and permissions, which differ from those of this directory; pass --build to deploy \
                 these, and the code"
            );
        } else {
            hasura.configure(&stack).await?;
            schema::record(&aws, &plan.stage).await?;
        }
        let pages = if plan.functions.is_empty() {
            code
        } else {
            Code::Keep
        };
        apps::upload(&aws, &stack, hasura.url(), pages).await?;
    }
    println!("{}", addresses(&plan, &stack, hasura.as_ref()));
    Ok(ExitCode::SUCCESS)
}

/// Whether the schema of the stage differs from that of this directory, and stays with the code that fits it.
async fn keeps_schema(aws: &Aws, plan: &Plan, stack: &Stack, code: Code) -> Result<bool> {
    if !stack.is_launched() || code::is_complete(plan, code) {
        return Ok(false);
    }
    let differs = schema::is_outdated(aws, &plan.stage).await?;
    if let Some(name) = schema::other_database(plan, stack).filter(|_| differs) {
        bail!(
            "parameter {name}: another database needs a schema, and that of this directory is not the one of the deployed code; pass --build \
             to deploy both"
        );
    }
    Ok(differs)
}

/// Whether the deployment creates a database in a stack that has none.
fn adds_database(stack: &Stack, values: &Values) -> bool {
    let had = stack
        .parameter("ExistingDatabaseHost")
        .unwrap_or_default()
        .is_empty();
    !had && values.is_empty("ExistingDatabaseHost")
}

/// Adds the parameters of the arguments, and those whose values the deployment creates. Returns the certificates of the pool.
async fn add_created(
    parameters: &mut BTreeMap<String, String>,
    aws: &Aws,
    plan: &Plan,
    stack: &Stack,
    main: &Template,
) -> Result<Option<Certificate>> {
    let values = plan.values(main, Some(stack));
    let certificate = certificate::current(aws, plan, stack, &values).await?;
    let mut add = |name: &str, value: &str| parameters.insert(name.to_owned(), value.to_owned());
    match &certificate {
        Some(certificate) => {
            for (name, arn) in certificate.published() {
                add(name, arn);
            }
        }
        // The functions trust the authority of the pool's certificate.
        None => {
            add(certificate::TRUST, "");
        }
    }
    add("Stage", &plan.stage);
    add("Architecture", Architecture::of(plan, Some(stack)).name());
    // A database is protected when everything exists: CloudFormation could not undo a failed creation otherwise.
    if !stack.is_launched() || adds_database(stack, &values) {
        add(FIRST_LAUNCH, "true");
    }
    if let Some(address) = admin::address(plan, &values).await? {
        eprintln!(
            "permitting the address of this machine to configure Hasura: {}={address}; --remove-address removes it",
            admin::ADDRESS
        );
        add(admin::ADDRESS, &address);
    }
    if let Some(arn) = signing_keys::ensure(aws, plan, &values).await? {
        add("SigningKeysSecretArn", &arn);
    }
    if let Some(id) = stack::prefix_list(aws, &values).await? {
        add(PREFIX_LIST, &id);
    }
    if plan.value("DatabaseInstanceClass").is_some()
        && let Some(accepted) = limits::connections(&values).accepted
    {
        // Otherwise the alarm of the previous class would never fire, or never end.
        add("ConnectionsAlarm", &(accepted * 4 / 5).to_string());
    }
    for (name, value) in &plan.set {
        add(name, value);
    }
    add_release(parameters, main, stack)?;
    Ok(certificate)
}

/// Adds the release of the functions with these parameters.
fn add_release(parameters: &mut BTreeMap<String, String>, main: &Template, stack: &Stack) -> Result<()> {
    let changed = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let values = Values::new(main, stack.parameters().chain(changed));
    parameters.insert("Release".to_owned(), template::release(&values)?);
    Ok(())
}

/// Parameters of the second update, whose values depend on the first one or have to follow it.
fn remaining(plan: &Plan, stack: &Stack, certificate: Option<&Certificate>) -> BTreeMap<String, String> {
    let mut rest = BTreeMap::new();
    let mut add = |name: &str, value: &str| rest.insert(name.to_owned(), value.to_owned());
    if let Some((name, arn)) = certificate.and_then(Certificate::completed) {
        eprintln!("the functions trust the new certificate; the pool will use it now");
        add(name, arn);
    }
    if let Some(urls) = apps::addresses(plan, stack)
        && stack.parameter("AppUrls") != Some(&urls)
    {
        eprintln!("registering the addresses of the web apps with the user pool");
        add("AppUrls", &urls);
    }
    if stack.parameter(FIRST_LAUNCH) == Some("true") {
        eprintln!("the first launch is complete; protecting the database as configured");
        add(FIRST_LAUNCH, "false");
    }
    rest
}

/// Table of addresses, printed at the end.
fn addresses(plan: &Plan, stack: &Stack, hasura: Option<&hasura::Hasura>) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["what", "where"]);
    if let Some(hasura) = hasura {
        table.add_row([
            "GraphQL (HTTP and WebSocket)",
            &format!("{}/v1/graphql", hasura.url()),
        ]);
        if console_is_on(plan, stack) {
            table.add_row(["Console", &format!("{}/console", hasura.url())]);
        }
    }
    for (what, output) in [
        ("Payment", "FunctionsUrl"),
        ("Event steps", "EventsUrl"),
        ("Login", "LoginUrl"),
        ("Issuer of tokens", "Issuer"),
        ("Order app", "OrderAppUrl"),
        ("Analytics app", "AnalyticsAppUrl"),
        ("Hasura's admin secret", "AdminSecretArn"),
        ("The webhook secret", "WebhookSecretArn"),
        ("Alarms", "AlarmTopicArn"),
    ] {
        if let Some(value) = stack.output(output) {
            table.add_row([what, value]);
        }
    }
    if hasura.is_none() && !plan.skip_hasura {
        table.add_row(["Hasura", "none; pass --hasura-url to use an existing one"]);
    }
    table
}

/// Whether Hasura has a console: its own, or that of the stack by the parameter `EnableConsole`.
fn console_is_on(plan: &Plan, stack: &Stack) -> bool {
    match stack.parameter("EnableConsole") {
        _ if plan.hasura_url.is_some() => true,
        Some("auto") => is_demo_stage(&plan.stage),
        console => console == Some("true"),
    }
}

/// Whether a stage is for demonstrations and tests, as the rules of infra/main.yaml define them; others are production.
fn is_demo_stage(stage: &str) -> bool {
    matches!(stage, "dev" | "demo" | "test" | "ci")
}

/// Reads a file of the project.
fn read(name: &str) -> Result<String> {
    let path = local_process::dirs::root().join(name);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// The project's root; an error if the build directory is not the target/ that the templates refer to.
fn root_of_target() -> Result<std::path::PathBuf> {
    let root = local_process::dirs::root();
    let built = local_stack::functions::dir()?;
    if built != root.join("target").join("lambda") {
        bail!(
            "the templates refer to zips in target/lambda, but the build directory is {}; unset CARGO_TARGET_DIR",
            built.display()
        );
    }
    ensure!(
        root.join("infra/main.yaml").is_file(),
        "infra/main.yaml is missing; run this command in a clone of the project"
    );
    Ok(root)
}
