//! Build of the apps: `npm ci` if the lock file changed, `npm run build` for an app whose sources changed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::{Built, CONSOLE, NAMES};
use local_tools::node::Node;

/// Entries of an app's folder that are not sources.
const GENERATED_DIRS: [&str; 3] = ["dist", "node_modules", ".vite"];

/// Builds the apps whose sources changed and reports that on stderr. Concurrent callers wait for each other.
pub fn build(root: &Path) -> Result<Built> {
    let apps = root.join("apps");
    let node = Node::find()?;
    node.install_packages(&apps)?;
    let stamps = apps.join("node_modules/.cache/3factor");
    fs::create_dir_all(&stamps).with_context(|| format!("cannot create {}", stamps.display()))?;
    let lock = File::create(stamps.join("lock")).context("cannot create the app build lock")?;
    lock.lock().context("cannot acquire the app build lock")?;
    for name in NAMES.into_iter().chain([CONSOLE]) {
        let stamp = stamps.join(name);
        let sources = fingerprint(&apps, name)?;
        let built = apps.join(name).join("dist/index.html").exists();
        if built && fs::read_to_string(&stamp).is_ok_and(|before| before == sources) {
            continue;
        }
        eprintln!("building apps/{name}: npm run build");
        let started = Instant::now();
        let output = node
            .npm()
            .args(["run", "build", "--silent", "--workspace"])
            .arg(format!("@threefactor/{name}"))
            .current_dir(&apps)
            .output()
            .context("cannot run npm")?;
        if !output.status.success() {
            bail!(
                "build of apps/{name} failed:\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        eprintln!("built apps/{name} in {:.1} s", started.elapsed().as_secs_f64());
        fs::write(&stamp, sources).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(Built::within(&apps))
}

/// Hash of an app's inputs: its own files, the files that both apps share, and the versions of all packages.
fn fingerprint(apps: &Path, name: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for part in ["package-lock.json", "shared", name] {
        add(&apps.join(part), &mut hasher).with_context(|| format!("cannot read apps/{part}"))?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    if path.is_file() {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if !GENERATED_DIRS.iter().any(|made| entry.file_name() == *made) {
            add(&entry.path(), hasher)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_change_the_fingerprint() {
        let apps = tempfile::tempdir().unwrap();
        let write = |path: &str, content: &str| {
            let path = apps.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        let of = |name: &str| fingerprint(apps.path(), name).unwrap();
        write("package-lock.json", "1");
        write("shared/src/a.ts", "1");
        write("order-app/src/a.ts", "1");
        write("analytics-app/src/a.ts", "1");
        let (order, analytics) = (of("order-app"), of("analytics-app"));

        write("order-app/dist/index.html", "made");
        write("order-app/node_modules/x/index.js", "made");
        assert_eq!(of("order-app"), order);

        write("order-app/src/a.ts", "2");
        assert_ne!(of("order-app"), order);
        assert_eq!(of("analytics-app"), analytics);

        write("shared/src/a.ts", "2");
        assert_ne!(of("analytics-app"), analytics);
        let analytics = of("analytics-app");
        write("package-lock.json", "2");
        assert_ne!(of("analytics-app"), analytics);
    }
}
