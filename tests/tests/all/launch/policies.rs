//! The CloudFormation templates: cfn-lint reports no finding, and the policies in `infra/tests` hold.

use std::{fs, path::Path, process::Command};

use local_process::dirs;
use local_tools::python::Tools;

#[test]
fn templates_pass_cfn_lint() {
    let mut templates: Vec<_> = fs::read_dir(dirs::root().join("infra"))
        .expect("infra/")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    templates.sort();
    templates.push(dirs::root().join("infra/pipeline/roles.yaml"));
    assert!(templates.len() >= 10, "{templates:?}");
    let tools = Tools::ready().expect("the Python tools");
    let mut lint = Command::new(tools.program("cfn-lint"));
    passes(lint.args(templates));
}

#[test]
fn templates_keep_the_policies() {
    let tools = Tools::ready().expect("the Python tools");
    let mut pytest = Command::new(tools.program("pytest"));
    let said = passes(
        pytest
            .args(["-q", "-p", "no:cacheprovider", "infra/tests"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PATH", tools.path()),
    );
    // A run without tests would succeed, too.
    let passed = said
        .split(" passed")
        .next()
        .and_then(|before| before.split_whitespace().last());
    let passed: u32 = passed.and_then(|number| number.parse().ok()).unwrap_or(0);
    assert!(passed > 100, "{said}");
}

fn passes(command: &mut Command) -> String {
    let root = dirs::root();
    let root: &Path = &root;
    let output = command.current_dir(root).output().expect("the tool runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    said
}
