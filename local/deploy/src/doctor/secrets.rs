//! Age of the secrets of a stage: those that were not rotated for a year.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::Finding;
use crate::aws::Aws;

const CHECK: &str = "secrets";

/// Age above which a secret has to be rotated.
const MAX_AGE: Duration = Duration::days(365);

pub(super) async fn check(aws: &Aws, stage: &str) -> Result<Finding> {
    let listed = aws
        .json(["secretsmanager", "list-secrets"])
        .await
        .context("cannot list the secrets")?;
    Ok(finding(&listed, stage, OffsetDateTime::now_utc()))
}

/// Of the secrets with the tag of the stage. That of the pool's certificate has an end of its own, which is checked too.
fn finding(listed: &Value, stage: &str, now: OffsetDateTime) -> Finding {
    let tag = json!({"Key": "threefactor:stage", "Value": stage});
    let certificates = format!("threefactor/{stage}/{}/", crate::certificate::KIND);
    let mut old = Vec::new();
    let mut count = 0;
    for secret in listed["SecretList"].as_array().into_iter().flatten() {
        let has_tag = secret["Tags"].as_array().is_some_and(|tags| tags.contains(&tag));
        let name = secret["Name"].as_str().unwrap_or_default();
        if !has_tag || name.starts_with(&certificates) {
            continue;
        }
        count += 1;
        let changed = ["LastChangedDate", "CreatedDate"]
            .iter()
            .find_map(|field| time(&secret[*field]));
        if changed.is_some_and(|changed| now - changed > MAX_AGE) {
            old.push(name);
        }
    }
    if old.is_empty() {
        return Finding::good(CHECK, format!("{count} were changed within a year"));
    }
    old.sort_unstable();
    Finding::problem(
        CHECK,
        format!("not changed for more than a year: {}", old.join(", ")),
        "see docs/operations.md, Rotation",
    )
}

/// A time as version 2 of the AWS CLI prints it, or in seconds since 1970, as version 1 does.
fn time(value: &Value) -> Option<OffsetDateTime> {
    match value {
        Value::String(text) => OffsetDateTime::parse(text, &Rfc3339).ok(),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a fraction of a second does not matter"
        )]
        number => OffsetDateTime::from_unix_timestamp(number.as_f64()? as i64).ok(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn old_secrets_of_the_stage_are_named() {
        let secret = |name: &str, stage: &str, changed: &str| json!({"Name": name, "LastChangedDate": changed, "Tags": [{"Key": "threefactor:stage", "Value": stage}]});
        let listed = |changed: &str| {
            json!({"SecretList": [
                secret("AdminSecret-1", "dev", changed),
                secret("WebhookSecret-1", "dev", "2026-11-01T00:00:00.123000+00:00"),
                secret("threefactor/dev/pool-certificate/1", "dev", "2020-01-01T00:00:00+00:00"),
                secret("AdminSecret-2", "prod", "2020-01-01T00:00:00+00:00"),
                {"Name": "another", "LastChangedDate": "2020-01-01T00:00:00+00:00"},
            ]})
        };
        let now = datetime!(2026-11-30 00:00 UTC);
        let good = finding(&listed("2025-12-01T00:00:00+00:00"), "dev", now);
        assert_eq!(
            (good.remedy, &*good.found),
            (None, "2 were changed within a year")
        );
        for seconds in [json!(1_763_000_000), json!(1_763_000_000.5)] {
            assert_eq!(time(&seconds), Some(datetime!(2025-11-13 02:13:20 UTC)));
        }
        let old = finding(&listed("2025-11-01T02:00:00+02:00"), "dev", now);
        assert!(old.remedy.is_some_and(|remedy| remedy.contains("Rotation")));
        assert_eq!(old.found, "not changed for more than a year: AdminSecret-1");
    }
}
