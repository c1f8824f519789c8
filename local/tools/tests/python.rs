//! Installation of the Python tools, with a requirements file of one small package, so that it takes seconds.

use std::fs;
use std::process::Command;

use local_tools::python::Tools;

#[test]
fn tools_are_installed_once_per_path_and_requirements() {
    let home = tempfile::tempdir().unwrap();
    let requirements = home.path().join("requirements.txt");
    fs::write(&requirements, "six==1.17.0\n").unwrap();
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
