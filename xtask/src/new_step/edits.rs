//! Entries of a step in the existing files: the lists of functions.

use std::path::PathBuf;

use super::Files;
use super::exemplar;
use super::names::Step;

/// Templates with entries for each function.
const TEMPLATES: [&str; 10] = [
    "infra/audit.yaml",
    "infra/functions.yaml",
    "infra/hasura.yaml",
    "infra/main.yaml",
    "infra/monitoring.yaml",
    "infra/pgbouncer.yaml",
    "infra/rdsproxy.yaml",
    "infra/roles.yaml",
    "infra/rotation.yaml",
    "infra/secrets.yaml",
];

/// Lines that are inserted into a file at a line of it.
struct Insertion {
    file: &'static str,
    place: Place,
    lines: &'static str,
}

/// Place of an insertion: a line that occurs once, without its indentation. `…` at its end stands for the rest of the line.
enum Place {
    Before(&'static str),
    After(&'static str),
}

use Place::{After, Before};

const INSERTIONS: [Insertion; 12] = [
    Insertion {
        file: "Cargo.toml",
        place: After("\"/refund-payment\" = …"),
        lines: "\"/@@name@@\" = [{ method = \"POST\", function = \"@@name@@\" }]\n",
    },
    Insertion {
        file: "functions/functions.json",
        place: Before("{ \"name\": \"expire-orders\"…"),
        lines: "  { \"name\": \"@@name@@\", \"role\": \"@@role@@\", \"caller\": \"trigger\" },\n",
    },
    Insertion {
        file: "schema.sql",
        place: After("ALTER TABLE orders SET (fillfactor = 50);"),
        lines: "ALTER TABLE orders\n  \
                ADD COLUMN IF NOT EXISTS @@snake@@_done boolean NOT NULL DEFAULT false;  -- set by @@name@@\n",
    },
    Insertion {
        file: "infra/function-roles.sql",
        place: Before("('fn_expire', ARRAY["),
        lines: include_str!("templates/role.sql.txt"),
    },
    Insertion {
        file: "event-triggers.json",
        place: Before("]…"),
        lines: include_str!("templates/event-trigger.json.txt"),
    },
    Insertion {
        file: "shared/src/http/functions.rs",
        place: Before("/// `POST /refund-payment`, …"),
        lines: "function_of_an_event_trigger! {\n    \
                /// `POST /@@name@@`, after `@@after@@` of an order changed.\n    \
                @@Pascal@@, \"@@name@@\", @@snake@@\n}\n\n",
    },
    Insertion {
        file: "shared/src/http.rs",
        place: After("pub use functions::{"),
        lines: "    @@Pascal@@,\n",
    },
    Insertion {
        file: "shared/src/steps.rs",
        place: After("pub mod expire_orders;"),
        lines: "pub mod @@snake@@;\n",
    },
    Insertion {
        file: "tests/tests/all/steps.rs",
        place: After("mod expire_orders;"),
        lines: "mod @@snake@@;\n",
    },
    Insertion {
        file: "tests/tests/all/function_roles.rs",
        place: After("const STATEMENTS: &[StepStatement] = &["),
        lines: "    statement!(\"@@name@@\", \"steps/@@snake@@.sql\", [TEXT, TEXT, INT4, TEXT]),\n",
    },
    Insertion {
        file: "apps/order-app/src/texts/order.ts",
        place: After("'refund-payment refunded': …"),
        lines: "    '@@name@@ done': '@@title@@',\n",
    },
    Insertion {
        file: "apps/analytics-app/src/texts/common.ts",
        place: After("'refund-payment': …"),
        lines: "    '@@name@@': '@@title@@',\n",
    },
];

/// Returns the changed files. `read` returns the present text of a file.
pub(super) fn all(step: &Step, read: impl Fn(&str) -> Result<String, String>) -> Result<Files, String> {
    let mut files = Files::new();
    for file in TEMPLATES {
        files.insert(PathBuf::from(file), exemplar::copy(step, file, &read(file)?)?);
    }
    for insertion in &INSERTIONS {
        let file = insertion.file;
        let changed = inserted(step, insertion, &read(file)?)?;
        files.insert(PathBuf::from(file), changed);
    }
    files.insert(PathBuf::from("Cargo.lock"), locked(step, &read("Cargo.lock")?)?);
    Ok(files)
}

fn inserted(step: &Step, Insertion { file, place, lines }: &Insertion, text: &str) -> Result<String, String> {
    let (Before(marker) | After(marker)) = place;
    let is_place = |line: &str| {
        let line = line.trim_start();
        match marker.strip_suffix('…') {
            Some(start) => line.starts_with(start),
            None => line == *marker,
        }
    };
    // Positions of the lines, with their ends.
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(index, _)| index + 1));
    let mut places = text
        .lines()
        .enumerate()
        .filter(|(_, line)| is_place(line))
        .map(|(n, _)| n);
    let (Some(line), None) = (places.next(), places.next()) else {
        return Err(format!(
            "cannot add the step to {file}: it must contain the line \"{marker}\" once; restore it, or add the step by hand \
             (docs/extend.md)"
        ));
    };
    let line = if matches!(place, After(_)) { line + 1 } else { line };
    let at = starts.get(line).copied().unwrap_or(text.len());
    let (before, after) = text.split_at(at);
    // The entry before the first or the last one of a JSON list needs a comma.
    let comma = lines.starts_with(",\n");
    let (before, lines) = if comma {
        (before.trim_end(), *lines)
    } else {
        (before, *lines)
    };
    Ok(format!("{before}{}{after}", step.fill(lines)))
}

/// Start of a package in Cargo.lock.
const START: &str = "[[package]]\nname = \"";

/// Adds the crate to Cargo.lock, whose packages are in the order of their names.
fn locked(step: &Step, text: &str) -> Result<String, String> {
    let name = &step.name;
    if text.contains(&format!("\nname = \"{name}\"\n")) {
        return Err(format!(
            "\"{name}\" is the name of another crate of this workspace (Cargo.lock); choose another name"
        ));
    }
    let package = format!(
        "[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n \"lambda_http\",\n \"shared\",\n \"tokio\",\n]\n\n"
    );
    let next = text.match_indices(START).find(|(index, _)| {
        let rest = &text[index + START.len()..];
        rest.split('"').next().is_some_and(|other| other > name.as_str())
    });
    Ok(match next {
        Some((index, _)) => format!("{}{package}{}", &text[..index], &text[index..]),
        None => format!("{}\n\n{}\n", text.trim_end(), package.trim_end()),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::build::root;

    fn step() -> Step {
        Step::new("notify-kitchen", "approved", None, "").unwrap()
    }

    #[test]
    fn place_must_occur_once() {
        let insertion = Insertion {
            file: "x",
            place: After("b…"),
            lines: "@@name@@\n",
        };
        assert_eq!(
            inserted(&step(), &insertion, "a\n  bc\nd\n").unwrap(),
            "a\n  bc\nnotify-kitchen\nd\n"
        );
        for text in ["a\n", "b\nb\n"] {
            let error = inserted(&step(), &insertion, text).unwrap_err();
            assert!(
                error.contains("x: it must contain the line \"b…\" once"),
                "{error}"
            );
        }
    }

    #[test]
    fn packages_stay_in_order() {
        let package = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        let text = format!("version = 4\n\n{}\n{}", package("nom"), package("num"));
        let changed = locked(&step(), &text).unwrap();
        let names: Vec<&str> = changed
            .lines()
            .filter_map(|line| line.strip_prefix("name = "))
            .collect();
        assert_eq!(names, ["\"nom\"", "\"notify-kitchen\"", "\"num\""]);
        let last = locked(&step(), &format!("version = 4\n\n{}", package("nom"))).unwrap();
        assert!(last.ends_with(" \"tokio\",\n]\n"), "{last}");
        assert!(locked(&step(), &changed).unwrap_err().contains("another crate"));
    }

    /// Every file that lists the functions is one of those above, unless it is about these functions only.
    #[test]
    fn every_list_of_functions_is_known() {
        /// Texts, tests of the existing functions, and cases of the fuzzer, whose code all event steps share.
        const OTHERS: [&str; 16] = [
            "CHANGELOG.md",
            "README.md",
            "docs/",
            "fuzz/",
            "apps/analytics-app/src/features/stuck/",
            "apps/browser-tests/console.test.ts",
            "apps/browser-tests/traces.test.ts",
            "apps/order-app/src/features/order/progress.test.ts",
            "tests/tests/all/bad_input.rs",
            "tests/tests/all/cargo_lambda.rs",
            "tests/tests/all/property/",
            "tests/tests/all/samples.rs",
            "tests/tests/all/schema/",
            "tests/tests/all/statements/",
            "tests/tests/all/steps/",
            "tests/tests/all/whole_stack/traces.rs",
        ];
        const FUNCTIONS: [[&str; 2]; 4] = [
            ["validate-order", "ValidateOrder"],
            ["restaurant-approval", "RestaurantApproval"],
            ["agent-assignment", "AgentAssignment"],
            ["refund-payment", "RefundPayment"],
        ];
        let mut lists = BTreeSet::new();
        collect(root(), Path::new(""), &mut |path, text| {
            let listed = FUNCTIONS
                .iter()
                .filter(|names| names.iter().any(|name| text.contains(name)));
            if listed.count() >= 3 {
                lists.insert(path.to_string_lossy().into_owned());
            }
        });
        let known = |path: &String| {
            OTHERS.iter().any(|other| path.starts_with(other))
                || path.starts_with("xtask/src/new_step/")
                || path == "Cargo.lock"
                || TEMPLATES.contains(&path.as_str())
                || INSERTIONS.iter().any(|insertion| insertion.file == path)
        };
        let unknown: Vec<&String> = lists.iter().filter(|path| !known(path)).collect();
        assert!(lists.len() > 20, "{lists:?}");
        assert!(
            unknown.is_empty(),
            "new-step must add its entry to these, or list them as others: {unknown:?}"
        );
    }

    fn collect(root: &Path, directory: &Path, found: &mut impl FnMut(&Path, &str)) {
        for entry in fs::read_dir(root.join(directory)).unwrap().flatten() {
            let name = entry.file_name();
            let path = directory.join(&name);
            let name = name.to_string_lossy();
            if name.starts_with('.') || ["target", "node_modules", "dist"].contains(&&*name) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                collect(root, &path, found);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                found(&path, &text);
            }
        }
    }
}
