//! Pins of what is installed besides crates: Python requirements with hashes, npm lock files with hashes, and images by digest.

use super::words::Level;
use super::{Finding, root};
use std::fs;

/// Images whose digest is not in the templates; a deployment can set it, see docs/security.md, Supply chain.
const WITHOUT_DIGEST: [&str; 1] = ["hasura/graphql-engine:v2.46.0"];

/// Length of a SHA-256 in hexadecimal digits.
const SHA256_DIGITS: usize = 64;

/// Returns the findings in these files of the tree.
pub(super) fn findings(paths: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or_default();
        let check = match name.rsplit_once('.') {
            Some(("package-lock", "json")) => npm_lock,
            Some((stem, "txt")) if stem.starts_with("requirements") => requirements,
            Some((_, "yaml")) if path.starts_with("infra/") => images,
            _ => continue,
        };
        let Ok(text) = fs::read_to_string(root().join(path)) else {
            continue;
        };
        findings.extend(
            check(&text)
                .into_iter()
                .map(|(line, phrase, suggestion)| Finding {
                    place: format!("{path}:{line}"),
                    phrase,
                    suggestion: suggestion.to_owned(),
                    level: Level::Deny,
                }),
        );
    }
    findings
}

/// Line number, text, and what is required instead.
type Problem = (usize, String, &'static str);

/// Every requirement needs one version and at least one hash.
fn requirements(text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut logical = String::new();
    let mut start = 1;
    for (index, line) in text.lines().enumerate() {
        if logical.is_empty() {
            start = index + 1;
        }
        let line = line.trim();
        if let Some(continued) = line.strip_suffix('\\') {
            logical.push_str(continued);
            continue;
        }
        logical.push_str(line);
        let requirement = std::mem::take(&mut logical);
        let requirement = requirement.split(" #").next().unwrap_or_default().trim();
        if requirement.is_empty() || requirement.starts_with('#') {
            continue;
        }
        let mut words = requirement.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let hashes = words.filter(|word| word.strip_prefix("--hash=sha256:").is_some_and(is_sha256));
        if !name.contains("==") || hashes.count() == 0 {
            problems.push((start, name, "pin one version with ==, and add --hash=sha256:…"));
        }
    }
    problems
}

/// Every package of a registry needs a hash; other sources are refused.
fn npm_lock(text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let Some(source) = string_of(line, "resolved").filter(|source| source.contains(':')) else {
            continue;
        };
        let next = lines.peek().and_then(|(_, next)| string_of(next, "integrity"));
        if !source.starts_with("https://") || !next.is_some_and(|hash| hash.starts_with("sha512-")) {
            problems.push((
                index + 1,
                source.to_owned(),
                "use a package of the registry with \"integrity\"",
            ));
        }
    }
    problems
}

/// Returns the value of a line `"key": "value",`.
fn string_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line
        .trim()
        .strip_prefix('"')?
        .strip_prefix(key)?
        .strip_prefix("\": \"")?;
    rest.split('"').next()
}

/// Every image needs a digest, as the value of `Image` or as the default of a parameter.
fn images(text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches("- ");
        let Some((key, value)) = line.split_once(": ") else {
            continue;
        };
        let value = value.trim().trim_matches(['\'', '"']);
        let names_image = match key {
            "Image" => !value.starts_with('!'),
            "Default" => is_image(value),
            _ => false,
        };
        let pinned = value
            .split_once("@sha256:")
            .is_some_and(|(_, digest)| is_sha256(digest));
        if names_image && !pinned && !WITHOUT_DIGEST.contains(&value) {
            problems.push((index + 1, value.to_owned(), "add the digest: IMAGE:TAG@sha256:…"));
        }
    }
    problems
}

/// Whether a value is `repository/name:tag`.
fn is_image(value: &str) -> bool {
    let Some((name, tag)) = value.split_once(':') else {
        return false;
    };
    let letters = |text: &str, more: &str| {
        text.chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || more.contains(char))
    };
    name.contains('/')
        && !name.starts_with('/')
        && letters(name, "./_-")
        && !tag.is_empty()
        && letters(tag, "._-@:")
}

fn is_sha256(text: &str) -> bool {
    text.len() == SHA256_DIGITS && text.chars().all(|char| matches!(char, '0'..='9' | 'a'..='f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(problems: Vec<Problem>) -> Vec<(usize, String)> {
        problems
            .into_iter()
            .map(|(line, phrase, _)| (line, phrase))
            .collect()
    }

    #[test]
    fn requirement_without_hash_is_refused() {
        let hash = "a".repeat(64);
        let good =
            format!("# comment\n\nsix==1.17.0 \\\n    --hash=sha256:{hash} \\\n    --hash=sha256:{hash}\n");
        assert!(requirements(&good).is_empty());
        for bad in [
            "six==1.17.0".to_owned(),
            format!("six --hash=sha256:{hash}"),
            "six==1.17.0 --hash=sha256:abc".to_owned(),
            format!("six==1.17.0 # --hash=sha256:{hash}"),
        ] {
            let text = format!("{good}\n{bad}\n");
            let name = bad.split(' ').next().unwrap().to_owned();
            assert_eq!(phrases(requirements(&text)), [(7, name)], "{bad}");
        }
    }

    #[test]
    fn image_without_digest_is_refused() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let good = format!(
            "Image: a/b:1@{digest}\n- Image: !Ref Image\nDefault: a/b:1@{digest}\nDefault: 10.0.0.0/16\nDefault: /aws/x\n\
             Default: https://example.com/\nDefault: {}\n",
            WITHOUT_DIGEST[0]
        );
        assert!(images(&good).is_empty(), "{:?}", images(&good));
        for bad in ["a/b:1", "a/b:1@sha256:abc", "public.ecr.aws/a/b:17.5-alpine"] {
            let text = format!("Name: x\n  Image: {bad}\n  Default: '{bad}'\n");
            assert_eq!(phrases(images(&text)), [(2, bad.to_owned()), (3, bad.to_owned())]);
        }
        assert_eq!(phrases(images("Image: postgres")), [(1, "postgres".to_owned())]);
    }

    #[test]
    fn package_without_hash_or_of_another_source_is_refused() {
        let entry = |source: &str, hash: &str| {
            format!(
                "\"node_modules/a\": {{\n  \"version\": \"1.0.0\",\n  \"resolved\": \"{source}\",\n  \"{hash}\": \"sha512-x\"\n}}"
            )
        };
        let good =
            entry("https://example.com/a.tgz", "integrity") + "\n\"resolved\": \"shared\",\n\"link\": true\n";
        assert!(npm_lock(&good).is_empty());
        for (source, hash) in [
            ("https://example.com/a.tgz", "license"),
            ("git+ssh://example.com/a.git", "integrity"),
            ("http://example.com/a.tgz", "integrity"),
        ] {
            assert_eq!(phrases(npm_lock(&entry(source, hash))), [(3, source.to_owned())]);
        }
    }

    #[test]
    fn tree_is_pinned() {
        let paths = super::super::files();
        for pinned in [
            "infra/tests/requirements.txt",
            "apps/package-lock.json",
            "infra/hasura.yaml",
        ] {
            assert!(paths.iter().any(|path| path == pinned), "{pinned}");
        }
        let found = findings(&paths);
        assert!(found.is_empty(), "{found:?}");
    }
}
