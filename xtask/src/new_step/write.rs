//! Writes all files of a step, or none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Files;

/// Returns an error if one of the new files exists.
pub(super) fn check_new(root: &Path, files: &Files) -> Result<(), String> {
    match files.keys().find(|path| root.join(path).exists()) {
        Some(path) => Err(format!(
            "{} exists; remove it, or choose another name",
            path.display()
        )),
        None => Ok(()),
    }
}

/// Returns an error if one of the files has uncommitted changes. Without git there is nothing to compare with.
pub(super) fn check_clean<'f>(root: &Path, files: impl Iterator<Item = &'f PathBuf>) -> Result<(), String> {
    let output = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=no", "--"])
        .args(files)
        .current_dir(root)
        .output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        return Ok(());
    };
    let status = String::from_utf8_lossy(&output.stdout).into_owned();
    let changed: Vec<&str> = status.lines().filter_map(|line| line.get(3..)).collect();
    if changed.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "uncommitted changes in {}; commit them, so that they are separate from those of the new step, or add --allow-dirty",
            changed.join(", ")
        ))
    }
}

/// Writes the files. If one cannot be written, the others are restored.
pub(super) fn write(root: &Path, files: &Files) -> Result<(), String> {
    let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    let mut directories: Vec<PathBuf> = Vec::new();
    for (path, text) in files {
        let path = root.join(path);
        let before = fs::read(&path).ok();
        let written = create_directories(&path, &mut directories).and_then(|()| {
            done.push((path.clone(), before));
            fs::write(&path, text)
        });
        if let Err(error) = written {
            restore(done, directories);
            return Err(format!(
                "cannot write {}: {error}; nothing was changed",
                path.display()
            ));
        }
    }
    Ok(())
}

fn create_directories(path: &Path, created: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|directory| !directory.exists())
        .collect();
    for directory in missing.into_iter().rev() {
        fs::create_dir(directory)?;
        created.push(directory.to_path_buf());
    }
    Ok(())
}

/// Best effort: a file that cannot be restored has been reported with the error that led here.
fn restore(done: Vec<(PathBuf, Option<Vec<u8>>)>, directories: Vec<PathBuf>) {
    for (path, before) in done.into_iter().rev() {
        let _ = match before {
            Some(text) => fs::write(&path, text),
            None => fs::remove_file(&path),
        };
    }
    for directory in directories.into_iter().rev() {
        let _ = fs::remove_dir(directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of this test.
    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("3factor-new-step-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn a_failure_leaves_every_file_as_it_was() {
        let root = directory("failure");
        fs::write(root.join("a.txt"), "before").unwrap();
        // A directory in the place of the last file.
        fs::create_dir(root.join("z")).unwrap();
        let files: Files = [("a.txt", "after"), ("new/b.txt", "b"), ("z", "z")]
            .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
            .into();
        let error = write(&root, &files).unwrap_err();
        assert!(error.contains("nothing was changed"), "{error}");
        assert_eq!(fs::read_to_string(root.join("a.txt")).unwrap(), "before");
        assert!(!root.join("new").exists());
        fs::remove_dir(root.join("z")).unwrap();
        write(&root, &files).unwrap();
        assert_eq!(fs::read_to_string(root.join("new/b.txt")).unwrap(), "b");
        assert!(check_new(&root, &files).unwrap_err().contains("a.txt exists"));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn uncommitted_changes_are_reported() {
        let root = directory("dirty");
        let git = |args: &[&str]| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
            let mut git = Command::new("git");
            let git = git.args(identity).args(args).current_dir(&root);
            assert!(git.output().unwrap().status.success(), "{args:?}");
        };
        let files = [PathBuf::from("a.txt"), PathBuf::from("b.txt")];
        git(&["init", "-q"]);
        for file in &files {
            fs::write(root.join(file), "before").unwrap();
        }
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "x"]);
        check_clean(&root, files.iter()).unwrap();
        fs::write(root.join("b.txt"), "after").unwrap();
        let error = check_clean(&root, files.iter()).unwrap_err();
        assert!(error.starts_with("uncommitted changes in b.txt; "), "{error}");
        fs::remove_dir_all(root).unwrap();
    }
}
