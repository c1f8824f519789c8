//! Building the apps: `npm ci` when the lock file changed, `npm run build` of an app when its sources did.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::{Built, NAMES};
use local_tools::node::Node;

/// What lies in an app's folder and is no source.
const GENERATED_DIRS: [&str; 3] = ["dist", "node_modules", ".vite"];

/// Makes sure that both apps are built from the sources that are there, saying on standard error what it does. Several
/// stacks may ask at the same time: one builds, the others wait for it.
///
/// # Errors
/// When npm is missing and cannot be installed, or a build fails; the message holds what the build said.
pub fn build(root: &Path) -> Result<Built> {
    let apps = root.join("apps");
    let node = Node::find()?;
    node.install_packages(&apps)?;
    let stamps = apps.join("node_modules/.cache/3factor");
    fs::create_dir_all(&stamps).with_context(|| format!("cannot create {}", stamps.display()))?;
    let lock = File::create(stamps.join("lock")).context("cannot make the lock of the apps' builds")?;
    lock.lock().context("cannot lock the apps' builds")?;
    for name in NAMES {
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
                "apps/{name} cannot be built:\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        eprintln!("built apps/{name} in {:.1} s", started.elapsed().as_secs_f64());
        fs::write(&stamp, sources).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(Built::within(&apps))
}

/// What an app is built from, in one word: its own files, what both apps share, and the versions of all packages.
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
    fn only_sources_count() {
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
