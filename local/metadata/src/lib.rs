//! Configuration as code: `cargo xtask metadata` exports the metadata of an engine or of Hasura into files, applies such files,
//! and shows the differences. The directory layout is that of Hasura's CLI, version 3.

mod difference;
mod directory;
mod layout;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use local_stack::addresses::Addresses;
use local_stack::setup::Metadata;

/// Arguments of `metadata`.
#[derive(Debug, Args)]
pub struct MetadataArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the metadata of the engine into files. Files of objects that no longer exist are removed
    Export(Place),
    /// Replace the metadata of the engine by that of the files
    Apply {
        #[command(flatten)]
        place: Place,
        /// Apply also objects that are inconsistent with the database; they are listed
        #[arg(long)]
        allow_inconsistent: bool,
    },
    /// Show what `apply` would change. Exit code 1 if there is a difference
    Diff(Place),
}

/// Files and engine.
#[derive(Debug, Args)]
struct Place {
    /// Directory of the files
    #[arg(long, value_name = "DIRECTORY", default_value = "metadata")]
    dir: PathBuf,
    /// URL of the engine
    #[arg(
        long,
        value_name = "URL",
        env = "HASURA_GRAPHQL_ENDPOINT",
        default_value = "http://127.0.0.1:8080"
    )]
    url: String,
    /// Admin secret of the engine
    #[arg(
        long,
        value_name = "SECRET",
        env = "HASURA_GRAPHQL_ADMIN_SECRET",
        hide_env_values = true
    )]
    admin_secret: Option<String>,
    /// Use the engine and the secret of a running stack, from the file of `cargo xtask dev --addresses`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "admin_secret"])]
    addresses: Option<PathBuf>,
}

impl Place {
    fn engine(&self) -> Result<Metadata> {
        if let Some(file) = &self.addresses {
            let addresses = Addresses::read(file)?;
            return Metadata::new(&addresses.engine, addresses.admin_secret()?.as_deref());
        }
        Metadata::new(&self.url, self.admin_secret.as_deref())
    }
}

/// Runs a command.
pub async fn run(args: MetadataArgs) -> Result<ExitCode> {
    match args.action {
        Action::Export(place) => {
            let metadata = exported(&place.engine()?).await?;
            let files = layout::to_files(&metadata)?;
            let number = files.len();
            directory::write(&place.dir, &files)?;
            eprintln!("wrote {number} files into {}", place.dir.display());
            Ok(ExitCode::SUCCESS)
        }
        Action::Apply {
            place,
            allow_inconsistent,
        } => {
            let metadata = directory::read(&place.dir)?;
            apply(&place.engine()?, &metadata, allow_inconsistent).await
        }
        Action::Diff(place) => {
            let wanted = layout::to_files(&directory::read(&place.dir)?)?;
            let present = layout::to_files(&exported(&place.engine()?).await?)?;
            let difference = difference::between(&present, &wanted)?;
            if difference.is_empty() {
                eprintln!("the metadata of the engine is that of {}", place.dir.display());
                return Ok(ExitCode::SUCCESS);
            }
            print!("{difference}");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn exported(engine: &Metadata) -> Result<Value> {
    let command = json!({"type": "export_metadata", "args": {}});
    engine.query(&command).await.context("cannot export the metadata")
}

async fn apply(engine: &Metadata, metadata: &Value, allow_inconsistent: bool) -> Result<ExitCode> {
    let command = json!({
        "type": "replace_metadata",
        "version": 2,
        "args": {"allow_inconsistent_metadata": allow_inconsistent, "metadata": metadata},
    });
    let answer = engine
        .query(&command)
        .await
        .context("the metadata was not changed")?;
    let inconsistent = answer["inconsistent_objects"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    for object in inconsistent {
        let name = object["name"]
            .as_str()
            .or(object["type"].as_str())
            .unwrap_or("object");
        let reason = object["reason"].as_str().unwrap_or("no reason given");
        eprintln!("inconsistent: {name}: {reason}");
    }
    if !inconsistent.is_empty() && !allow_inconsistent {
        bail!(
            "the metadata was not changed: {} inconsistent objects",
            inconsistent.len()
        );
    }
    eprintln!("applied the metadata");
    Ok(ExitCode::SUCCESS)
}
