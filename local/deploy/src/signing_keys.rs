//! Signing keys of the login function: created here, because Secrets Manager cannot generate RSA keys, and rotated on request.
//!
//! A rotation has two steps, because verifiers cache the published keys: a token that is signed with a key that they do not
//! know yet is refused. The first step publishes the next key, the second one signs with it. Each step is idempotent.

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::ValueEnum;
use shared::token::SigningKeys;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use std::fmt::Write as _;

use super::aws::Aws;
use super::template::Values;
use super::{Plan, stored};

/// Kind of these secrets.
pub(super) const KIND: &str = "signing-keys";

/// Minimum time between the two steps. API Gateway caches keys for up to two hours, the payment function and Hasura for less,
/// and the login function reads the secret again after five minutes.
const CACHES_EXPIRE_AFTER: Duration = Duration::hours(3);

/// Line before the next key, followed by the time of its publication. The login function skips text outside of keys.
const NEXT: &str = "next key, published at ";

const END_OF_KEY: &str = "-----END PRIVATE KEY-----";

/// Step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KeyRotation {
    /// Publish the next key; the current one still signs
    Publish,
    /// Sign with the published key; tokens of the current one stay valid
    Sign,
}

/// ARN of the secret with the keys; `None` if the stack has no login function or uses another secret.
pub(super) async fn ensure(aws: &Aws, plan: &Plan, values: &Values) -> Result<Option<String>> {
    if values.get("IdentityProvider") != Some("login") || plan.value("SigningKeysSecretArn").is_some() {
        return Ok(None);
    }
    let newest = stored::all(aws, &plan.stage, KIND).await?.into_iter().next();
    let Some(arn) = newest else {
        eprintln!("creating a signing key for the login function");
        let description = "signing keys of the login function";
        let arn = stored::create(aws, &plan.stage, KIND, description, &generate()?).await?;
        return Ok(Some(arn));
    };
    if let Some(step) = plan.rotate_signing_key {
        let now = OffsetDateTime::now_utc();
        let keys = Keys::parse(&aws.secret(&arn).await?).with_context(|| format!("the secret {arn}"))?;
        if let Some(keys) = keys.rotate(step, now, generate)? {
            stored::update(aws, &arn, &keys.text()?).await?;
        }
    }
    Ok(Some(arn))
}

fn generate() -> Result<String> {
    SigningKeys::generate()
        .map_err(|error| anyhow!(error))
        .context("cannot generate a signing key")
}

/// Private keys in PEM, by their use. All of them are published.
struct Keys {
    signing: String,
    /// The next signing key.
    next: Option<Next>,
    /// The previous signing key, whose tokens may still be valid.
    previous: Option<String>,
}

struct Next {
    key: String,
    published_at: OffsetDateTime,
}

impl Keys {
    /// Parses the content of the secret. The error shows nothing of it.
    fn parse(text: &str) -> Result<Self> {
        let (mut others, mut next) = (Vec::new(), None);
        let mut rest = text;
        while let Some(end) = rest.find(END_OF_KEY) {
            let (block, after) = rest.split_at(end + END_OF_KEY.len());
            let key = block.find("-----BEGIN").map(|start| block[start..].to_owned());
            let key = key.context("contains an incomplete key")?;
            match block.split_once(NEXT) {
                Some((_, line)) => {
                    let time = line.lines().next().unwrap_or_default().trim();
                    let published_at = OffsetDateTime::parse(time, &Rfc3339)
                        .context("contains a next key without the time of its publication")?;
                    next = Some(Next { key, published_at });
                }
                None => others.push(key),
            }
            rest = after;
        }
        let mut others = others.into_iter();
        let keys = Self {
            signing: others.next().context("holds no private key")?,
            next,
            previous: others.next(),
        };
        keys.text()?;
        Ok(keys)
    }

    /// Content of the secret, as the login function reads it: the first key signs.
    fn text(&self) -> Result<String> {
        let mut text = format!("{}\n", self.signing.trim_end());
        if let Some(next) = &self.next {
            let time = next.published_at.format(&Rfc3339)?;
            let _ = writeln!(text, "{NEXT}{time}\n{}", next.key.trim_end());
        }
        if let Some(previous) = &self.previous {
            let _ = writeln!(text, "{}", previous.trim_end());
        }
        SigningKeys::parse(&text).map_err(|error| anyhow!(error))?;
        Ok(text)
    }

    /// Keys after a step at a time; `None` if the step has been completed before.
    fn rotate(
        mut self,
        step: KeyRotation,
        now: OffsetDateTime,
        generate: impl FnOnce() -> Result<String>,
    ) -> Result<Option<Self>> {
        match (step, self.next.take()) {
            (KeyRotation::Publish, Some(next)) => {
                let ready = (next.published_at + CACHES_EXPIRE_AFTER).format(&Rfc3339)?;
                eprintln!("the next signing key is published already; sign with it after {ready}");
                Ok(None)
            }
            (KeyRotation::Publish, None) => {
                let ready = (now + CACHES_EXPIRE_AFTER).format(&Rfc3339)?;
                eprintln!(
                    "publishing the next signing key; after {ready}, run this command with --rotate-signing-key sign"
                );
                self.next = Some(Next {
                    key: generate()?,
                    published_at: now.replace_nanosecond(0)?,
                });
                Ok(Some(self))
            }
            (KeyRotation::Sign, None) => {
                eprintln!("no next signing key is published; the current one is kept");
                Ok(None)
            }
            (KeyRotation::Sign, Some(next)) => {
                let ready = next.published_at + CACHES_EXPIRE_AFTER;
                ensure!(
                    now >= ready,
                    "cannot sign with the next key: verifiers may not know it yet; repeat the command after {}",
                    ready.format(&Rfc3339)?
                );
                eprintln!("signing with the published key; tokens of the previous one stay valid");
                Ok(Some(Self {
                    signing: next.key,
                    next: None,
                    previous: Some(self.signing),
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = time::macros::datetime!(2026-11-29 12:00:00.5 UTC);

    /// Ids of the published keys; the first one signs.
    fn ids(text: &str) -> Vec<String> {
        let jwks = SigningKeys::parse(text).unwrap().jwks();
        let keys = jwks["keys"].as_array().unwrap();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Content of the secret after a step; `None` if it is not written.
    fn after(text: &str, step: KeyRotation, now: OffsetDateTime) -> Result<Option<String>> {
        let keys = Keys::parse(text)?.rotate(step, now, generate)?;
        keys.map(|keys| keys.text()).transpose()
    }

    #[test]
    fn next_key_is_published_before_it_signs() {
        let first = generate().unwrap();
        let published = after(&first, KeyRotation::Publish, START).unwrap().unwrap();
        let [signing, next] = ids(&published).try_into().unwrap();
        assert_eq!(ids(&first), [signing.as_str()], "the signing key is unchanged");
        let later = START + CACHES_EXPIRE_AFTER;
        assert!(after(&published, KeyRotation::Publish, later).unwrap().is_none());

        let early = after(&published, KeyRotation::Sign, later - Duration::seconds(1));
        let error = early.unwrap_err().to_string();
        assert!(error.contains("2026-11-29T15:00:00Z"), "{error}");
        let signed = after(&published, KeyRotation::Sign, later).unwrap().unwrap();
        assert_eq!(ids(&signed), [next.as_str(), signing.as_str()]);
        assert!(after(&signed, KeyRotation::Sign, later).unwrap().is_none());
    }

    #[test]
    fn second_rotation_drops_the_key_before_the_previous_one() {
        let mut text = generate().unwrap();
        let mut now = START;
        let mut published = vec![ids(&text)];
        for _ in 0..2 {
            text = after(&text, KeyRotation::Publish, now).unwrap().unwrap();
            published.push(ids(&text));
            now += CACHES_EXPIRE_AFTER;
            text = after(&text, KeyRotation::Sign, now).unwrap().unwrap();
            published.push(ids(&text));
        }
        let signing: Vec<&String> = published.iter().map(|keys| &keys[0]).collect();
        for (step, keys) in published.windows(2).enumerate() {
            // Verifiers with the previous document know the signing key, and tokens of the previous key stay valid.
            assert!(keys[0].contains(&keys[1][0]), "step {step}");
            assert!(keys[1].contains(&keys[0][0]), "step {step}");
        }
        assert_eq!(
            published.iter().map(Vec::len).collect::<Vec<_>>(),
            [1, 2, 2, 3, 2]
        );
        assert!(!published[4].contains(signing[0]));
    }

    #[test]
    fn invalid_content_is_refused_and_not_shown() {
        let key = generate().unwrap();
        for text in [
            "hunter2".to_owned(),
            format!("hunter2{END_OF_KEY}"),
            format!("{key}{NEXT}hunter2\n{key}"),
            format!("-----BEGIN PRIVATE KEY-----\nhunter2\n{END_OF_KEY}"),
        ] {
            let error = format!("{:#}", Keys::parse(&text).err().unwrap());
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
