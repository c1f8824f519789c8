//! The pool's certificate. Its name is known before the pool exists, so it is created here, stored in Secrets
//! Manager, and passed to the stack by ARN. The authority's key is discarded: it signs only this certificate.

use anyhow::{Context as _, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::aws::Aws;
use super::stack::Stack;
use super::{Plan, stored};

/// Kind of these secrets.
pub(super) const KIND: &str = "pool-certificate";

const VALIDITY_YEARS: i64 = 10;
/// Remaining validity below which a warning is printed.
const EXPIRY_WARNING: Duration = Duration::days(180);

/// DNS name of the pool; infra/pgbouncer.yaml creates it.
pub(super) fn name(stage: &str) -> String {
    format!("pool.{stage}.threefactor.internal")
}

/// ARN of a secret that contains a certificate; `None` if the stack creates no pool or has another secret.
pub(super) async fn ensure(aws: &Aws, plan: &Plan, stack: &Stack) -> Result<Option<String>> {
    let foreign_pool = plan
        .value("ExistingConnectionString")
        .or(stack.parameter("ExistingConnectionString"))
        .is_some_and(|value| !value.is_empty());
    if foreign_pool || plan.value("PoolCertificateSecretArn").is_some() {
        return Ok(None);
    }
    let there = stored::all(aws, &plan.stage, KIND).await?.into_iter().next();
    let old = match &there {
        Some(arn) => Some(
            serde_json::from_str::<Value>(&aws.secret(arn).await?)
                .with_context(|| format!("secret {arn} does not contain the pool's certificate as JSON"))?,
        ),
        None => None,
    };
    if let (Some(arn), Some(old), false) = (&there, &old, plan.renew_certificate) {
        warn_before_expiry(old, &plan.stage);
        return Ok(Some(arn.clone()));
    }
    eprintln!("creating a certificate for {}", name(&plan.stage));
    let trusted = old
        .as_ref()
        .and_then(|old| old["ca"].as_str())
        .map(first_certificate);
    let certificate = make(&name(&plan.stage), trusted.as_deref(), OffsetDateTime::now_utc())?;
    // A new secret, not a new value: its ARN is a parameter, so functions and pool are updated.
    let arn = stored::create(
        aws,
        &plan.stage,
        KIND,
        "certificate of the pool",
        &certificate.to_string(),
    )
    .await?;
    Ok(Some(arn))
}

fn warn_before_expiry(certificate: &Value, stage: &str) {
    let end = certificate["expires"]
        .as_str()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    if let Some(end) = end
        && end < OffsetDateTime::now_utc() + EXPIRY_WARNING
    {
        eprintln!(
            "the pool's certificate expires on {}; run `cargo xtask deploy --stage {stage} --renew-certificate`",
            end.date()
        );
    }
}

/// Creates an authority and a certificate signed by it. `trusted` is a second trusted authority: during a rollout,
/// functions and pool may still have the previous certificate.
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

/// The first of several certificates: the newest authority.
fn first_certificate(pem: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----";
    let end = pem.find(END).map_or(pem.len(), |at| at + END.len());
    format!("{}\n", &pem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewed_certificate_trusts_the_previous_authority() {
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
        // The next but one no longer trusts the first.
        let third = make(
            "pool.dev.threefactor.internal",
            Some(&first_certificate(&both)),
            now,
        )
        .unwrap();
        assert!(!text(&third, "ca").contains(one.trim()));
    }
}
