//! `cargo xtask deploy` and `destroy`: the whole app on AWS, from the templates in `infra/`.
//!
//! One module per step: [`zips`] builds the functions, [`certificate`] and [`signing_keys`] create what AWS cannot generate,
//! [`stack`] packages the templates and applies them, [`hasura`] applies schema, roles, tracking and triggers, [`apps`]
//! uploads the pages. Every step is idempotent. AWS is called through its CLI ([`aws`]), so that every login method and
//! `AWS_ENDPOINT_URL` work. User documentation: docs/deploy.md.

mod apps;
mod aws;
mod certificate;
mod destroy;
mod events;
mod hasura;
mod signing_keys;
mod stack;
mod stored;
mod zips;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

use aws::Aws;
pub use destroy::{DestroyArgs, run as destroy};
use local_stack::setup::CRON_TRIGGERS;
use signing_keys::KeyRotation;
use stack::Stack;

/// Instruction set of the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// Graviton: a fifth cheaper
    Arm64,
    /// Intel and AMD
    #[value(name = "x86_64")]
    X86,
}

impl Architecture {
    /// Name in CloudFormation and Lambda.
    fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate command-line switch"
)]
pub struct DeployArgs {
    /// Name of the installation, such as dev or prod
    #[arg(long, value_name = "NAME", value_parser = stage)]
    stage: String,
    /// Print the planned steps and missing prerequisites without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Instruction set of the functions
    #[arg(long, value_enum, default_value_t = Architecture::Arm64)]
    architecture: Architecture,
    /// Set a parameter of infra/main.yaml; repeatable. Earlier values are kept
    #[arg(long = "set", value_name = "PARAMETER=VALUE", value_parser = parameter)]
    set: Vec<(String, String)>,
    /// Use this Hasura instead of launching one. Its admin secret is read from `HASURA_GRAPHQL_ADMIN_SECRET`
    #[arg(long, value_name = "URL")]
    hasura_url: Option<String>,
    /// Deploy only the stack: no schema, roles, triggers or pages
    #[arg(long, conflicts_with = "hasura_url")]
    skip_hasura: bool,
    /// Deploy the existing build output: zips in target/lambda, pages in apps/*/dist
    #[arg(long)]
    skip_build: bool,
    /// Create a new certificate for the pool; the old one stays trusted during the rollout
    #[arg(long)]
    renew_certificate: bool,
    /// Rotate the key that signs tokens, in two steps: publish the next key, and three hours later sign with it
    #[arg(long, value_enum, value_name = "STEP")]
    rotate_signing_key: Option<KeyRotation>,
}

/// Validates a stage's name by the templates' rules.
fn stage(text: &str) -> Result<String, String> {
    let fits = (2..=20).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits {
        Ok(text.to_owned())
    } else {
        Err(
            "2–20 lowercase letters and digits, starting with a letter; single hyphens allowed in between"
                .to_owned(),
        )
    }
}

/// Parses `PARAMETER=VALUE`.
fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected PARAMETER=VALUE")?;
    let known = stack::parameters().map_err(|error| format!("{error:#}"))?;
    if !known.iter().any(|parameter| parameter == name) {
        return Err(format!(
            "infra/main.yaml has no parameter {name}; it has {}",
            known.join(", ")
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Arguments merged with defaults.
#[derive(Debug)]
struct Plan {
    stage: String,
    architecture: Architecture,
    set: Vec<(String, String)>,
    hasura_url: Option<String>,
    skip_hasura: bool,
    skip_build: bool,
    renew_certificate: bool,
    rotate_signing_key: Option<KeyRotation>,
}

impl From<DeployArgs> for Plan {
    fn from(args: DeployArgs) -> Self {
        let mut set = args.set;
        let said = |set: &[(String, String)], name: &str| set.iter().any(|(set, _)| set == name);
        if let Some(url) = &args.hasura_url
            && !said(&set, "EnableHasura")
        {
            set.push(("EnableHasura".to_owned(), "false".to_owned()));
            set.push((
                "ExistingHasuraUrl".to_owned(),
                url.trim_end_matches('/').to_owned(),
            ));
        }
        Self {
            stage: args.stage,
            architecture: args.architecture,
            set,
            hasura_url: args.hasura_url.map(|url| url.trim_end_matches('/').to_owned()),
            skip_hasura: args.skip_hasura,
            skip_build: args.skip_build,
            renew_certificate: args.renew_certificate,
            rotate_signing_key: args.rotate_signing_key,
        }
    }
}

impl Plan {
    /// The value of `--set` for a parameter.
    fn value(&self, name: &str) -> Option<&str> {
        self.set
            .iter()
            .rev()
            .find(|(set, _)| set == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Deploys, or prints the plan.
pub async fn deploy(args: DeployArgs) -> Result<ExitCode> {
    let dry_run = args.dry_run;
    let plan = Plan::from(args);
    if dry_run {
        return print_plan(&plan).await;
    }
    let aws = Aws::ready().await?;
    if !plan.skip_build {
        zips::build(plan.architecture)?;
        apps::build(&plan);
    }
    let zips = zips::Zips::find(plan.architecture)?;
    aws.print_identity();
    let stack = Stack::find(&aws, &plan.stage).await?;
    let certificate = certificate::ensure(&aws, &plan, &stack).await?;
    let mut parameters = zips.parameters();
    parameters.push(("Stage".to_owned(), plan.stage.clone()));
    parameters.push(("Architecture".to_owned(), plan.architecture.name().to_owned()));
    parameters.extend(certificate.map(|arn| ("PoolCertificateSecretArn".to_owned(), arn)));
    let signing_keys = signing_keys::ensure(&aws, &plan, &stack).await?;
    parameters.extend(signing_keys.map(|arn| ("SigningKeysSecretArn".to_owned(), arn)));
    parameters.extend(stack::prefix_list(&aws, &plan, &stack).await?);
    parameters.extend(plan.set.clone());
    let mut stack = stack.apply(&aws, &parameters).await?;
    if let Some(urls) = apps::addresses(&plan, &stack)
        && stack.parameter("AppUrls") != Some(&urls)
    {
        eprintln!("registering the addresses of the web apps with the user pool");
        parameters.push(("AppUrls".to_owned(), urls));
        stack = stack.apply(&aws, &parameters).await?;
    }

    if let Some(warning) =
        hasura::unpinned_image(stack.parameter("EnableHasura"), stack.parameter("HasuraImage"))
    {
        eprintln!("{warning}");
    }
    let hasura = hasura::find(&aws, &plan, &stack).await?;
    if let Some(hasura) = &hasura {
        hasura.configure(&aws, &stack).await?;
        apps::upload(&aws, &stack, hasura.url()).await?;
    }
    println!("{}", addresses(&plan, &stack, hasura.as_ref()));
    Ok(ExitCode::SUCCESS)
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
        table.add_row(["Console", &format!("{}/console", hasura.url())]);
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

/// Prints the plan and every missing prerequisite.
async fn print_plan(plan: &Plan) -> Result<ExitCode> {
    let mut missing = Vec::new();
    let stack = match Aws::ready().await {
        Ok(aws) => {
            println!("As {} in {}", aws.identity(), aws.region());
            match Stack::find(&aws, &plan.stage).await {
                Ok(stack) => Some(stack),
                Err(error) => {
                    missing.push(format!("{error:#}"));
                    None
                }
            }
        }
        Err(error) => {
            missing.push(format!("{error:#}"));
            None
        }
    };
    let mut steps = Vec::new();
    if plan.skip_build {
        match zips::Zips::find(plan.architecture) {
            Ok(zips) => steps.push(format!("use the zips in target/lambda: {}", zips.describe())),
            Err(error) => missing.push(format!("{error:#}")),
        }
    } else {
        steps.push(format!(
            "build the functions for {} into target/lambda",
            plan.architecture.name()
        ));
    }
    steps
        .push("create the bucket for templates and zips if it does not exist: private, encrypted".to_owned());
    if plan
        .value("ExistingConnectionString")
        .unwrap_or_default()
        .is_empty()
    {
        steps.push(format!(
            "create a certificate for {} if there is none, and store it in Secrets Manager",
            certificate::name(&plan.stage)
        ));
    }
    if plan.value("IdentityProvider").unwrap_or("login") == "login" {
        steps.push("create a signing key for the login function if there is none".to_owned());
        match plan.rotate_signing_key {
            None => {}
            Some(KeyRotation::Publish) => steps.push("publish the next signing key".to_owned()),
            Some(KeyRotation::Sign) => steps.push(
                "sign tokens with the next key, if it was published three hours ago or earlier".to_owned(),
            ),
        }
    }
    let verb = match &stack {
        Some(stack) if stack.exists() => "update",
        _ => "create",
    };
    steps.push(format!(
        "{verb} the stack {} from infra/main.yaml",
        stack::name(&plan.stage)
    ));
    for (name, value) in &plan.set {
        steps.push(format!("  with {name} = {value}"));
    }
    if plan.skip_hasura {
        steps.push("do not change Hasura".to_owned());
    } else {
        let whose = plan.hasura_url.as_deref().unwrap_or("the stack's Hasura");
        steps.push(format!("apply schema.sql through {whose}, in one transaction"));
        steps.push("add the demo accounts with DemoLogin=true, or remove them".to_owned());
        steps.push("create the functions' roles with the privileges of infra/function-roles.sql".to_owned());
        steps.push("track every table and view, with their relationships".to_owned());
        steps.push("load event-triggers.json, replacing existing triggers".to_owned());
        if local_process::dirs::root().join(CRON_TRIGGERS).exists() {
            steps.push(format!("load {CRON_TRIGGERS}, replacing existing triggers"));
        }
        steps.push("load permissions.json, replacing the permissions of its roles".to_owned());
    }
    if !plan.skip_hasura && plan.value("EnableWeb") != Some("false") {
        for app in apps::APPS {
            steps.push(match (plan.skip_build, app.built()) {
                (false, _) => format!("build apps/{} and upload it with its config.json", app.folder),
                (true, true) => format!("upload apps/{}/dist with its config.json", app.folder),
                (true, false) => format!("skip apps/{}: it is not built", app.folder),
            });
        }
    }
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
    for problem in &missing {
        eprintln!("missing: {problem}");
    }
    if missing.is_empty() {
        println!("Nothing was changed.");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_names_match_the_templates_pattern() {
        for good in ["dev", "prod", "eu-1", "ab"] {
            assert_eq!(stage(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "a",
            "Prod",
            "1st",
            "dev-",
            "dev_1",
            "de--v",
            "dev;ls",
            "abcdefghijklmnopqrstu",
        ] {
            assert!(stage(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_parameters_are_rejected() {
        assert_eq!(
            parameter("EnableNat=false"),
            Ok(("EnableNat".to_owned(), "false".to_owned()))
        );
        let unknown = parameter("EnableNatt=false").unwrap_err();
        assert!(
            unknown.contains("EnableNatt") && unknown.contains("EnableNat,"),
            "{unknown}"
        );
        assert!(parameter("EnableNat").is_err());
    }
}
