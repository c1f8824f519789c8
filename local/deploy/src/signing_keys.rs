//! Signing keys of the login function: created here, because Secrets Manager cannot generate RSA keys, and rotated on request.

use anyhow::{Context as _, Result, anyhow};
use shared::token::SigningKeys;

use super::aws::Aws;
use super::stack::Stack;
use super::{Plan, stored};

/// Kind of these secrets.
pub(super) const KIND: &str = "signing-keys";

const END_OF_KEY: &str = "-----END PRIVATE KEY-----";

/// ARN of the secret with the keys; `None` if the stack has no login function or uses another secret.
pub(super) async fn ensure(aws: &Aws, plan: &Plan, stack: &Stack) -> Result<Option<String>> {
    let provider = plan
        .value("IdentityProvider")
        .or(stack.parameter("IdentityProvider"))
        .unwrap_or("login");
    if provider != "login" || plan.value("SigningKeysSecretArn").is_some() {
        return Ok(None);
    }
    let newest = stored::all(aws, &plan.stage, KIND).await?.into_iter().next();
    let Some(arn) = newest else {
        eprintln!("creating a signing key for the login function");
        let description = "signing keys of the login function";
        let arn = stored::create(aws, &plan.stage, KIND, description, &generate()?).await?;
        return Ok(Some(arn));
    };
    if plan.rotate_signing_key {
        eprintln!("rotating the signing key of the login function; tokens of the previous one stay valid");
        let keys =
            rotated(&aws.secret(&arn).await?, &generate()?).with_context(|| format!("the secret {arn}"))?;
        stored::update(aws, &arn, &keys).await?;
    }
    Ok(Some(arn))
}

fn generate() -> Result<String> {
    SigningKeys::generate()
        .map_err(|error| anyhow!(error))
        .context("cannot generate a signing key")
}

/// The new key, followed by the current one; an older one is dropped.
fn rotated(keys: &str, new: &str) -> Result<String> {
    let end = keys.find(END_OF_KEY).context("holds no private key")? + END_OF_KEY.len();
    let keys = format!("{new}{}\n", &keys[..end]);
    SigningKeys::parse(&keys).map_err(|error| anyhow!(error))?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_keeps_the_previous_key_only() {
        let ids = |keys: &str| -> Vec<String> {
            let jwks = SigningKeys::parse(keys).unwrap().jwks();
            let keys = jwks["keys"].as_array().unwrap();
            keys.iter()
                .map(|key| key["kid"].as_str().unwrap().to_owned())
                .collect()
        };
        let (first, second, third) = (generate().unwrap(), generate().unwrap(), generate().unwrap());
        let once = rotated(&first, &second).unwrap();
        assert_eq!(ids(&once), [ids(&second), ids(&first)].concat());
        assert_eq!(
            ids(&rotated(&once, &third).unwrap()),
            [ids(&third), ids(&second)].concat()
        );
        assert!(rotated("hunter2", &first).is_err());
    }
}
