//! The pool's certificate. Its name is known before the pool exists, so it is created here, stored in Secrets
//! Manager, and passed to the stack by ARN. The authority's key is discarded: it signs only this certificate.

use anyhow::{Context as _, Result, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::aws::Aws;
use super::stack::Stack;
use super::template::Values;
use super::{Plan, stored};

/// Kind of these secrets.
pub(super) const KIND: &str = "pool-certificate";

/// Parameter with the secret of the pool's certificate.
pub(super) const CERTIFICATE: &str = "PoolCertificateSecretArn";
/// Parameter with the secret whose authorities the functions trust.
pub(super) const TRUST: &str = "PoolTrustSecretArn";

const VALIDITY_YEARS: i64 = 10;
/// Remaining validity below which a warning is printed.
const EXPIRY_WARNING: Duration = Duration::days(180);

/// DNS name of the pool; infra/pgbouncer.yaml creates it.
pub(super) fn name(stage: &str) -> String {
    format!("pool.{stage}.threefactor.internal")
}

/// Secrets with certificates. A renewal has two steps, because functions and pool are not updated at the same time: first the functions
/// trust both authorities, then the pool gets the new certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The current certificate.
    newest: String,
    /// The certificate that the pool still has, if that is another one.
    replaced: Option<String>,
}

impl Certificate {
    /// Parameters of the first step: the only one, unless a certificate is replaced.
    pub(super) fn published(&self) -> [(&'static str, &str); 2] {
        let pool = self.replaced.as_ref().unwrap_or(&self.newest);
        [(TRUST, &self.newest), (CERTIFICATE, pool)]
    }

    /// Parameter of the second step.
    pub(super) fn completed(&self) -> Option<(&'static str, &str)> {
        self.replaced
            .as_ref()
            .map(|_| (CERTIFICATE, self.newest.as_str()))
    }
}

/// Returns the certificates and creates one if there is none, or on request; `None` if the stack creates no pool or has another secret.
pub(super) async fn current(
    aws: &Aws,
    plan: &Plan,
    stack: &Stack,
    values: &Values,
) -> Result<Option<Certificate>> {
    if !values.own_pool() || plan.value(CERTIFICATE).is_some() {
        return Ok(None);
    }
    let has_pool = stack.is_launched()
        && stack.parameter("ExistingConnectionString") == Some("")
        && stack.parameter("Pooler") != Some("rdsproxy");
    let deployed = stack
        .parameter(CERTIFICATE)
        .filter(|arn| has_pool && !arn.is_empty());
    let made = stored::all(aws, &plan.stage, KIND).await?;
    let configured = values.get(CERTIFICATE).unwrap_or_default();
    let is_own = !configured.is_empty() && !made.iter().any(|arn| arn == configured);
    if is_own && (has_pool || !stack.is_launched()) {
        ensure!(
            !plan.renew_certificate,
            "the certificate of the pool is not from this command: \"{configured}\"; store a new one and pass --set {CERTIFICATE}=…"
        );
        return Ok(None);
    }
    if let Some(newest) = made.into_iter().next() {
        let replaced = deployed.filter(|deployed| *deployed != newest).map(str::to_owned);
        if replaced.is_some() {
            eprintln!("completing the renewal of the pool's certificate");
        }
        if replaced.is_some() || !plan.renew_certificate {
            warn_before_expiry(&read(aws, &newest).await?, &plan.stage);
            return Ok(Some(Certificate { newest, replaced }));
        }
    }
    eprintln!("creating a certificate for {}", name(&plan.stage));
    // The authority of the pool, not of a certificate that it never had.
    let trusted = match deployed {
        Some(arn) => read(aws, arn).await?["ca"].as_str().map(first_certificate),
        None => None,
    };
    let certificate = make(&name(&plan.stage), trusted.as_deref(), OffsetDateTime::now_utc())?;
    // A new secret, not a new value: its ARN is a parameter, so functions and pool are updated.
    let newest = stored::create(
        aws,
        &plan.stage,
        KIND,
        "certificate of the pool",
        &certificate.to_string(),
    )
    .await?;
    Ok(Some(Certificate {
        newest,
        replaced: deployed.map(str::to_owned),
    }))
}

async fn read(aws: &Aws, arn: &str) -> Result<Value> {
    serde_json::from_str(&aws.secret(arn).await?)
        .with_context(|| format!("secret {arn} does not contain the pool's certificate as JSON"))
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
    fn functions_trust_the_new_authority_before_the_pool_has_the_certificate() {
        let renewal = Certificate {
            newest: "new".to_owned(),
            replaced: Some("old".to_owned()),
        };
        assert_eq!(renewal.published(), [(TRUST, "new"), (CERTIFICATE, "old")]);
        assert_eq!(renewal.completed(), Some((CERTIFICATE, "new")));
        let first = Certificate {
            newest: "new".to_owned(),
            replaced: None,
        };
        assert_eq!(first.published(), [(TRUST, "new"), (CERTIFICATE, "new")]);
        assert_eq!(first.completed(), None);
    }

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
