//! Arguments of a deployment, and the parameters that result from them.

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use super::signing_keys::KeyRotation;
use super::stack::{PREFIX_LIST, Stack};
use super::template::{self, Template, Values};
use super::{certificate, limits};

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
    pub(super) fn name(self) -> &'static str {
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
    pub(super) dry_run: bool,
    /// Only remove the address of the machine that deployed last from those that may use Hasura's metadata, SQL and console
    #[arg(long, conflicts_with_all = ["dry_run", "set", "hasura_url", "build", "skip_build", "keep_code", "functions", "architecture"])]
    pub(super) remove_address: bool,
    /// Instruction set of the functions; arm64 for a new stage, and otherwise that of the stage
    #[arg(long, value_enum)]
    architecture: Option<Architecture>,
    /// Set a parameter of infra/main.yaml; repeatable. Earlier values are kept, and so is the code of the functions, unless --build or
    /// --skip-build is given
    #[arg(long = "set", value_name = "PARAMETER=VALUE", value_parser = parameter)]
    set: Vec<(String, String)>,
    /// Use this Hasura instead of launching one. Its admin secret is read from `HASURA_GRAPHQL_ADMIN_SECRET`
    #[arg(long, value_name = "URL", value_parser = hasura_url)]
    hasura_url: Option<String>,
    /// Deploy only the stack: no schema, roles, triggers or pages
    #[arg(long, conflicts_with = "hasura_url")]
    skip_hasura: bool,
    /// Build and deploy the functions and the pages; the default without --set
    #[arg(long, conflicts_with_all = ["skip_build", "keep_code"])]
    build: bool,
    /// Deploy the existing build output: zips in target/lambda, pages in apps/*/dist
    #[arg(long, conflicts_with = "keep_code")]
    skip_build: bool,
    /// Keep the deployed code of the functions and the pages; the default with --set
    #[arg(long, conflicts_with = "architecture")]
    keep_code: bool,
    /// Deploy the code of this function only, and keep everything else; repeatable
    #[arg(long = "function", value_name = "NAME", value_parser = function, conflicts_with_all = ["keep_code", "architecture"])]
    functions: Vec<String>,
    /// Deploy uncommitted code to a stage for production (one with "prod" in its name)
    #[arg(long)]
    allow_dirty: bool,
    /// Create a new certificate for the pool, in two updates: the functions trust it before the pool uses it
    #[arg(long)]
    renew_certificate: bool,
    /// Service role with which CloudFormation changes the resources, so that the caller needs few rights (infra/pipeline/roles.yaml)
    #[arg(long, value_name = "ARN", env = "THREEFACTOR_CLOUDFORMATION_ROLE")]
    pub(super) role_arn: Option<String>,
    /// Rotate the key that signs tokens, in two steps: publish the next key, and three hours later sign with it
    #[arg(long, value_enum, value_name = "STEP")]
    rotate_signing_key: Option<KeyRotation>,
}

/// Validates a stage's name by the templates' rules.
pub(super) fn stage(text: &str) -> Result<String, String> {
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
    let main = Template::main().map_err(|error| format!("{error:#}"))?;
    let known = main.parameters();
    if !known.contains_key(name) {
        let known: Vec<&str> = known.into_keys().collect();
        return Err(format!(
            "infra/main.yaml has no parameter {name}; it has {}",
            known.join(", ")
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Validates the name of a function.
fn function(text: &str) -> Result<String, String> {
    let listed = local_services::functions::functions().map_err(|error| format!("{error:#}"))?;
    let names: Vec<&str> = listed.deployed().collect();
    if names.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "there is no function {text}; the functions are {}",
            names.join(", ")
        ))
    }
}

/// Validates the address of a Hasura: the admin secret must not be sent in plain text over a network.
fn hasura_url(text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| error.to_string())?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        "http" => return Err("the admin secret would be sent in plain text; use https".to_owned()),
        _ => return Err("expected an address such as https://hasura.example.com".to_owned()),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Arguments merged with defaults.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate command-line switch"
)]
pub(super) struct Plan {
    pub(super) stage: String,
    pub(super) architecture: Option<Architecture>,
    pub(super) set: Vec<(String, String)>,
    pub(super) hasura_url: Option<String>,
    pub(super) skip_hasura: bool,
    /// Whether the arguments name parameters, and no source of the code.
    pub(super) only_parameters: bool,
    pub(super) skip_build: bool,
    pub(super) keep_code: bool,
    /// Functions whose code is deployed; empty: all of them.
    pub(super) functions: Vec<String>,
    pub(super) allow_dirty: bool,
    pub(super) renew_certificate: bool,
    pub(super) rotate_signing_key: Option<KeyRotation>,
}

impl From<DeployArgs> for Plan {
    fn from(args: DeployArgs) -> Self {
        let only_parameters = !args.set.is_empty() && !args.build && args.functions.is_empty();
        let mut set = args.set;
        let said = |set: &[(String, String)], name: &str| set.iter().any(|(set, _)| set == name);
        if let Some(url) = &args.hasura_url
            && !said(&set, "EnableHasura")
        {
            set.push(("EnableHasura".to_owned(), "false".to_owned()));
            set.push(("ExistingHasuraUrl".to_owned(), url.clone()));
        }
        Self {
            stage: args.stage,
            architecture: args.architecture,
            set,
            hasura_url: args.hasura_url,
            skip_hasura: args.skip_hasura,
            only_parameters,
            skip_build: args.skip_build,
            keep_code: args.keep_code,
            functions: args.functions,
            allow_dirty: args.allow_dirty,
            renew_certificate: args.renew_certificate,
            rotate_signing_key: args.rotate_signing_key,
        }
    }
}

impl Plan {
    /// The value of `--set` for a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.set
            .iter()
            .rev()
            .find(|(set, _)| set == name)
            .map(|(_, value)| value.as_str())
    }

    /// Values of all parameters, before those that the deployment creates.
    pub(super) fn values(&self, main: &Template, stack: Option<&Stack>) -> Values {
        let architecture = Architecture::of(self, stack);
        let fixed = [
            ("Stage", self.stage.as_str()),
            ("Architecture", architecture.name()),
        ];
        let set = self
            .set
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        Values::new(
            main,
            stack
                .into_iter()
                .flat_map(Stack::parameters)
                .chain(fixed)
                .chain(set),
        )
    }
}

/// Returns an error that names the values which CloudFormation would refuse, before anything is created.
pub(super) fn check(main: &Template, values: &Values) -> Result<()> {
    let problems = refused(main, values)?;
    ensure!(
        problems.is_empty(),
        "invalid parameters:\n  {}",
        problems.join("\n  ")
    );
    Ok(())
}

/// Values that CloudFormation would refuse. Those that the deployment creates count as given.
pub(super) fn refused(main: &Template, values: &Values) -> Result<Vec<String>> {
    const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:created-by-deploy";
    let created = [
        (certificate::CERTIFICATE, ARN),
        (certificate::TRUST, ARN),
        ("SigningKeysSecretArn", ARN),
        (PREFIX_LIST, "pl-00000000"),
    ];
    let given = values.iter();
    let created = created.into_iter().filter(|(name, _)| values.is_empty(name));
    let mut found = template::problems(main, &Values::new(main, given.chain(created)))?;
    found.extend(limits::contradictions(values));
    Ok(found)
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
    fn admin_secret_is_not_sent_in_plain_text() {
        for good in [
            "https://hasura.example.com/",
            "http://127.0.0.1:8080",
            "http://localhost:8080",
        ] {
            assert_eq!(hasura_url(good).as_deref(), Ok(good.trim_end_matches('/')));
        }
        for bad in [
            "http://hasura.example.com",
            "ftp://hasura.example.com",
            "hasura.example.com",
        ] {
            assert!(hasura_url(bad).is_err(), "{bad}");
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
