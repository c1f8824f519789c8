//! Installation of the Python tools, with a requirements file of one small package, so that it takes seconds.

use std::fs;
use std::process::Command;

use local_tools::python::Tools;

const SIX: &str = "six==1.17.0";

/// SHA-256 of the wheel.
const SIX_SHA256: &str = "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274";

#[test]
fn package_that_differs_from_its_hash_is_not_installed() {
    let home = tempfile::tempdir().unwrap();
    let requirements = home.path().join("requirements.txt");
    let dir = home.path().join("python");
    for requirement in [SIX.to_owned(), format!("{SIX} --hash=sha256:{}", "0".repeat(64))] {
        fs::write(&requirements, requirement).unwrap();
        Tools::ready_in(&dir, &requirements).unwrap_err();
        let imported = Command::new(dir.join("bin/python"))
            .args(["-c", "import six"])
            .output();
        assert!(!imported.expect("python").status.success());
    }
}

#[test]
fn tools_are_installed_once_per_path_and_requirements() {
    let home = tempfile::tempdir().unwrap();
    let requirements = home.path().join("requirements.txt");
    fs::write(&requirements, format!("{SIX} --hash=sha256:{SIX_SHA256}\n")).unwrap();
    let dir = home.path().join("python");
    let tools = Tools::ready_in(&dir, &requirements).unwrap();
    let imports = |tools: &Tools, module: &str| {
        let python = Command::new(tools.program("python"))
            .args(["-c", &format!("import {module}; print({module}.__file__)")])
            .output()
            .expect("python");
        String::from_utf8_lossy(&python.stdout).into_owned()
    };
    assert!(imports(&tools, "six").starts_with(&*dir.to_string_lossy()));

    // An existing installation is kept …
    let mark = dir.join("mark");
    fs::write(&mark, "").unwrap();
    Tools::ready_in(&dir, &requirements).unwrap();
    assert!(mark.exists());
    // … unless the requirements or the path change.
    let moved = home.path().join("moved");
    fs::rename(&dir, &moved).unwrap();
    let tools = Tools::ready_in(&moved, &requirements).unwrap();
    assert!(!moved.join("mark").exists());
    assert!(imports(&tools, "six").starts_with(&*moved.to_string_lossy()));
}
