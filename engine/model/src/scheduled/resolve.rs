//! Resolves the webhook and the headers of cron triggers and one-off events with the environment.

use super::types::{CronTrigger, OneOffConf, WebhookConf};
use crate::trigger::resolve::{ResolvedHeader, fill_template, parse_url, read_env, resolve_header};
use crate::trigger::types::Header;
use crate::trigger::{check_header, check_transform, environment};
use engine_error::Result;

/// Webhook with the headers of its calls.
#[derive(Debug, Clone)]
pub struct ResolvedWebhook {
    pub url: url::Url,
    pub headers: Vec<ResolvedHeader>,
}

/// Cron trigger whose events can be delivered.
#[derive(Debug, Clone)]
pub struct ResolvedCronTrigger {
    /// Trigger as stored in the metadata.
    pub stored: CronTrigger,
    pub webhook: ResolvedWebhook,
}

/// Resolves a cron trigger. The error message becomes the inconsistent object's `reason`.
pub fn resolve(trigger: &CronTrigger) -> Result<ResolvedCronTrigger> {
    check_transform(&trigger.rest)?;
    Ok(ResolvedCronTrigger {
        stored: trigger.clone(),
        webhook: resolve_webhook(&trigger.webhook, &trigger.headers)?,
    })
}

/// Resolves the webhook of a one-off event.
pub fn resolve_one_off(event: &OneOffConf) -> Result<ResolvedWebhook> {
    resolve_webhook(&event.webhook, &event.headers)
}

fn resolve_webhook(webhook: &WebhookConf, headers: &[Header]) -> Result<ResolvedWebhook> {
    headers.iter().try_for_each(check_header)?;
    let url = match webhook {
        WebhookConf::Template(template) => fill_template(template, &environment::read)?,
        WebhookConf::FromEnv { from_env } => read_env(from_env, &environment::read)?,
    };
    Ok(ResolvedWebhook {
        url: parse_url(&url)?,
        headers: headers
            .iter()
            .map(|header| resolve_header(header, &environment::read))
            .collect::<Result<_>>()?,
    })
}
