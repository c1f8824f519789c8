//! The Python tools: made once, made again where they would not work. With a requirements file of one small package, so
//! that it costs seconds.

use std::fs;
use std::process::Command;

use local_tools::python::Tools;

#[test]
fn tools_are_made_once_and_again_where_they_were_copied_to() {
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

    // What is there is kept …
    let mark = dir.join("mark");
    fs::write(&mark, "").unwrap();
    Tools::ready_in(&dir, &requirements).unwrap();
    assert!(mark.exists());
    // … but not for other requirements, nor at another place.
    let moved = home.path().join("moved");
    fs::rename(&dir, &moved).unwrap();
    let tools = Tools::ready_in(&moved, &requirements).unwrap();
    assert!(!moved.join("mark").exists());
    assert!(imports(&tools, "six").starts_with(&*moved.to_string_lossy()));
}
