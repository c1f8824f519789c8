//! `cargo xtask new-step NAME`: a new workflow step (docs/extend.md). Writes its function, its step with SQL and test, and
//! its entries in every list of the functions. All files are computed before the first one is written.

mod edits;
mod exemplar;
mod names;
mod rustfmt;
mod write;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::build::root;
use names::{AFTER, Step};

const HELP: &str = "\
Add a workflow step: a function that runs once for each order, after a change of its state (docs/extend.md)

Usage: cargo xtask new-step NAME [OPTIONS]

Arguments:
  NAME             Name of the step in lower case, with hyphens between words, such as notify-kitchen

Options:
  --after COLUMN   Column of the table orders that starts the step when it becomes true: order_valid, payment_valid, approved,
                   driver_assigned, food_picked or delivered [default: approved]
  --role ROLE      Database role of the function, of at most 13 bytes [default: fn_ and the first word of NAME]
  --allow-dirty    Edit files that have uncommitted changes
  --help           Print this help

Writes functions/NAME, the step with its SQL and its test, and its entries in schema.sql, event-triggers.json,
infra/ and the other lists of functions. Writes nothing if one of the files cannot be written.
";

/// Contents of files by their paths, relative to the root.
type Files = BTreeMap<PathBuf, String>;

pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let Some(options) = Options::parse(args)? else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let root = root();
    let functions = read(root, "functions/functions.json")?;
    let step = Step::new(&options.name, &options.after, options.role.as_deref(), &functions)?;
    let created = created(&step);
    let edited = edits::all(&step, |file| read(root, file))?;
    write::check_new(root, &created)?;
    if !options.allow_dirty {
        write::check_clean(root, edited.keys())?;
    }
    let mut files: Files = created;
    files.extend(edited);
    for (path, text) in &mut files {
        if path.extension().is_some_and(|extension| extension == "rs") {
            *text = rustfmt::format(root, path, text)?;
        }
    }
    write::write(root, &files)?;
    println!("{}", summary(&step, &files));
    Ok(ExitCode::SUCCESS)
}

/// The files of the step itself.
fn created(step: &Step) -> Files {
    let Step { name, snake, .. } = step;
    let files = [
        (
            format!("functions/{name}/Cargo.toml"),
            include_str!("templates/Cargo.toml.txt"),
        ),
        (
            format!("functions/{name}/src/main.rs"),
            include_str!("templates/main.rs.txt"),
        ),
        (
            format!("functions/{name}/events/update.json"),
            include_str!("templates/update.json.txt"),
        ),
        (
            format!("functions/{name}/events/bare.json"),
            include_str!("templates/bare.json.txt"),
        ),
        (
            format!("shared/src/steps/{snake}.rs"),
            include_str!("templates/step.rs.txt"),
        ),
        (
            format!("shared/src/steps/{snake}.sql"),
            include_str!("templates/step.sql.txt"),
        ),
        (
            format!("tests/tests/all/steps/{snake}.rs"),
            include_str!("templates/test.rs.txt"),
        ),
    ];
    files
        .into_iter()
        .map(|(path, template)| (PathBuf::from(path), step.fill(template)))
        .collect()
}

fn summary(step: &Step, files: &Files) -> String {
    let paths: Vec<String> = files.keys().map(|path| format!("  {}", path.display())).collect();
    let Step {
        name, snake, after, ..
    } = step;
    format!(
        "\
The step {name} runs once for each order, after orders.{after} has become true. Written:
{}

Next steps:
  1. Write the effect into shared/src/steps/{snake}.sql, and grant its tables in infra/function-roles.sql.
  2. cargo xtask test {snake}
  3. cargo xtask dev
  4. Describe the step in docs/workflow.md and docs/architecture.md, and its deployment by hand in docs/deploy.md.
  5. cargo xtask deploy --dry-run",
        paths.join("\n")
    )
}

fn read(root: &Path, file: &str) -> Result<String, String> {
    fs::read_to_string(root.join(file)).map_err(|error| format!("cannot read {file}: {error}"))
}

#[derive(Debug, PartialEq, Eq)]
struct Options {
    name: String,
    after: String,
    role: Option<String>,
    allow_dirty: bool,
}

impl Options {
    /// Returns `None` for `--help`.
    fn parse(args: &[OsString]) -> Result<Option<Self>, String> {
        let mut name = None;
        let (mut after, mut role, mut allow_dirty) = (None, None, false);
        let mut args = args.iter().map(|arg| arg.to_string_lossy().into_owned());
        while let Some(arg) = args.next() {
            let (option, value) = match arg.split_once('=') {
                Some((option, value)) if option.starts_with("--") => {
                    (option.to_owned(), Some(value.to_owned()))
                }
                _ => (arg, None),
            };
            let mut value = || {
                value
                    .clone()
                    .or_else(|| args.next())
                    .ok_or_else(|| format!("{option} needs a value; see `cargo xtask new-step --help`"))
            };
            match option.as_str() {
                "--help" | "-h" => return Ok(None),
                "--after" => after = Some(value()?),
                "--role" => role = Some(value()?),
                "--allow-dirty" => allow_dirty = true,
                other if other.starts_with('-') => {
                    return Err(format!(
                        "unknown option \"{other}\"; see `cargo xtask new-step --help`"
                    ));
                }
                _ if name.is_some() => {
                    return Err(format!(
                        "unexpected argument \"{option}\"; new-step takes one name"
                    ));
                }
                _ => name = Some(option),
            }
        }
        let name = name.ok_or("the name of the step is missing; see `cargo xtask new-step --help`")?;
        Ok(Some(Self {
            name,
            after: after.unwrap_or_else(|| AFTER[2].to_owned()),
            role,
            allow_dirty,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_parsed() {
        let options = parse(&["notify-kitchen"]).unwrap().unwrap();
        assert_eq!((options.after.as_str(), options.role), ("approved", None));
        let options = parse(&["--after", "delivered", "award-points", "--role=fn_points"])
            .unwrap()
            .unwrap();
        assert_eq!(
            (
                options.name.as_str(),
                options.after.as_str(),
                options.role.as_deref()
            ),
            ("award-points", "delivered", Some("fn_points"))
        );
        assert_eq!(parse(&["a", "--help"]).unwrap(), None);
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for (args, reason) in [
            (&[][..], "the name of the step is missing"),
            (&["a", "b"], "unexpected argument \"b\""),
            (&["a", "--before", "x"], "unknown option \"--before\""),
            (&["a", "--after"], "--after needs a value"),
        ] {
            let error = parse(args).unwrap_err();
            assert!(error.starts_with(reason), "{error}");
        }
    }

    /// Of the checkout: no placeholder remains, and every list has the step.
    #[test]
    fn files_of_a_step_are_complete() {
        let functions = read(root(), "functions/functions.json").unwrap();
        let step = Step::new("ring-the-bell", "delivered", None, &functions).unwrap();
        let edited = edits::all(&step, |file| read(root(), file)).unwrap();
        for (path, text) in created(&step).iter().chain(&edited) {
            assert!(!text.contains("@@"), "{}", path.display());
            let mentions = ["ring-the-bell", "ring_the_bell", "RingTheBell"]
                .iter()
                .any(|name| text.contains(name));
            assert!(mentions, "{}", path.display());
        }
    }
}
