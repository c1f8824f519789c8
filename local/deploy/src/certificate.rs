//! The pool's certificate. Its name is known before the pool is, so it is made here, kept in Secrets Manager, and handed to
//! the stack by its ARN. The authority's key is thrown away: it signs this one certificate and nothing else, ever.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::Plan;
use super::aws::Aws;
use super::stack::Stack;

const VALIDITY_YEARS: i64 = 10;
/// How long before its end a certificate is spoken of.
const EXPIRY_WARNING: Duration = Duration::days(180);

/// The name by which the functions reach the pool; infra/pgbouncer.yaml makes it.
pub(super) fn name(stage: &str) -> String {
    format!("pool.{stage}.threefactor.internal")
}

/// The secret's ARN, with a certificate in it; `None` where the stack makes no pool, or was told of another secret.
pub(super) async fn ensure(aws: &Aws, plan: &Plan, stack: &Stack) -> Result<Option<String>> {
    let foreign_pool = plan
        .value("ExistingConnectionString")
        .or(stack.parameter("ExistingConnectionString"))
        .is_some_and(|value| !value.is_empty());
    if foreign_pool || plan.value("PoolCertificateSecretArn").is_some() {
        return Ok(None);
    }
    let there = newest(aws, &plan.stage).await?;
    let old = match &there {
        Some(arn) => Some(
            serde_json::from_str::<Value>(&aws.secret(arn).await?)
                .with_context(|| format!("the secret {arn} should hold the pool's certificate as JSON"))?,
        ),
        None => None,
    };
    if let (Some(arn), Some(old), false) = (&there, &old, plan.renew_certificate) {
        warn_before_expiry(old, &plan.stage);
        return Ok(Some(arn.clone()));
    }
    eprintln!("making a certificate for {}", name(&plan.stage));
    let trusted = old
        .as_ref()
        .and_then(|old| old["ca"].as_str())
        .map(first_certificate);
    let certificate = make(&name(&plan.stage), trusted.as_deref(), OffsetDateTime::now_utc())?;
    // A new secret and not a new value: its ARN is a parameter, and so functions and pool notice.
    let mut input = tempfile::NamedTempFile::new()?;
    let secret = json!({
        "Name": format!("threefactor/{}/pool-certificate/{}", plan.stage, OffsetDateTime::now_utc().unix_timestamp()),
        "Description": format!("3factor {}: the certificate of the pool", plan.stage),
        "SecretString": certificate.to_string(),
        "Tags": [{"Key": "threefactor:stage", "Value": plan.stage}],
    });
    // A command line can be read by everybody on this machine, a temporary file only by us.
    write!(input, "{secret}")?;
    let made = aws
        .json([
            "secretsmanager",
            "create-secret",
            "--cli-input-json",
            &format!("file://{}", input.path().display()),
        ])
        .await
        .context("cannot keep the pool's certificate")?;
    Ok(Some(
        made["ARN"].as_str().context("the secret has no ARN")?.to_owned(),
    ))
}

/// Every secret of this kind, the newest first.
pub(super) async fn all(aws: &Aws, stage: &str) -> Result<Vec<String>> {
    let prefix = format!("threefactor/{stage}/pool-certificate/");
    let listed = aws
        .json([
            "secretsmanager",
            "list-secrets",
            "--filters",
            &format!("Key=name,Values={prefix}"),
        ])
        .await
        .context("cannot list the secrets")?;
    let mut found: Vec<(String, String)> = listed["SecretList"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|secret| {
            Some((
                secret["Name"].as_str()?.to_owned(),
                secret["ARN"].as_str()?.to_owned(),
            ))
        })
        .filter(|(name, _)| name.starts_with(&prefix))
        .collect();
    // The name ends with the time.
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, arn)| arn).collect())
}

async fn newest(aws: &Aws, stage: &str) -> Result<Option<String>> {
    Ok(all(aws, stage).await?.into_iter().next())
}

fn warn_before_expiry(certificate: &Value, stage: &str) {
    let end = certificate["expires"]
        .as_str()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    if let Some(end) = end
        && end < OffsetDateTime::now_utc() + EXPIRY_WARNING
    {
        eprintln!(
            "the pool's certificate ends on {}: `cargo xtask deploy --stage {stage} --renew-certificate`",
            end.date()
        );
    }
}

/// An authority, and a certificate signed by it. `trusted` is an authority that is trusted besides: while functions and pool
/// change over, either may meet the other's predecessor.
fn make(name: &str, trusted: Option<&str>, now: OffsetDateTime) -> Result<Value> {
    let end = now + Duration::days(VALIDITY_YEARS * 365);
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, format!("3factor, the authority for {name}"));
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (authority.not_before, authority.not_after) = (now - Duration::days(1), end);
    let certificate_of_authority = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate()?;
    let mut pool = CertificateParams::new(vec![name.to_owned()])?;
    pool.distinguished_name.push(DnType::CommonName, name);
    pool.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    pool.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    pool.use_authority_key_identifier_extension = true;
    (pool.not_before, pool.not_after) = (now - Duration::days(1), end);
    let certificate = pool.signed_by(&key, &issuer)?;

    let ca = format!(
        "{}{}",
        certificate_of_authority.pem(),
        trusted.unwrap_or_default()
    );
    Ok(json!({
        "certificate": certificate.pem(),
        "key": key.serialize_pem(),
        "ca": ca,
        "expires": end.format(&Rfc3339)?,
    }))
}

/// The first certificate of several: the newest authority.
fn first_certificate(pem: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----";
    let end = pem.find(END).map_or(pem.len(), |at| at + END.len());
    format!("{}\n", &pem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_authority_is_trusted_beside_the_one_before() {
        let now = OffsetDateTime::now_utc();
        let first = make("pool.dev.threefactor.internal", None, now).unwrap();
        let text = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
        assert!(text(&first, "certificate").starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(text(&first, "key").starts_with("-----BEGIN PRIVATE KEY-----"));
        let one = first_certificate(&text(&first, "ca"));

        let second = make("pool.dev.threefactor.internal", Some(&one), now).unwrap();
        let both = text(&second, "ca");
        assert_eq!(both.matches("BEGIN CERTIFICATE").count(), 2);
        assert!(both.contains(one.trim()));
        // … and that is forgotten with the next but one.
        let third = make(
            "pool.dev.threefactor.internal",
            Some(&first_certificate(&both)),
            now,
        )
        .unwrap();
        assert!(!text(&third, "ca").contains(one.trim()));
    }
}
