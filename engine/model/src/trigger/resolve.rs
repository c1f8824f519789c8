//! Resolves the metadata of an event trigger for delivery: replaces `{{NAME}}` in the URL and reads header values from the
//! environment. Done once when the metadata is loaded, so that a delivery in flight keeps the values it started with.

use super::check::check;
use super::environment;
use super::types::{Columns, EventTrigger, Header, RetryConf};
use crate::catalog::{Table, TableName};
use engine_error::{Code, Error, Result};
use std::sync::Arc;

/// An event trigger that can be captured and delivered.
#[derive(Debug, Clone)]
pub struct ResolvedTrigger {
    /// Trigger as stored in the metadata.
    pub stored: EventTrigger,
    pub table: Arc<Table>,
    /// URL of the webhook.
    pub url: url::Url,
    /// Headers sent with each delivery.
    pub headers: Vec<ResolvedHeader>,
}

/// A configured header with its value.
#[derive(Debug, Clone)]
pub struct ResolvedHeader {
    /// Header as stored in the metadata: the invocation log shows the variable's name instead of its value.
    pub stored: Header,
    pub name: http::HeaderName,
    pub value: http::HeaderValue,
}

impl ResolvedTrigger {
    pub fn name(&self) -> &str {
        &self.stored.name
    }

    pub fn table_name(&self) -> &TableName {
        &self.table.name
    }

    /// Whether its events wait.
    pub fn is_paused(&self) -> bool {
        self.stored.paused
    }

    pub fn retry_conf(&self) -> &RetryConf {
        &self.stored.retry_conf
    }
}

/// Resolves a trigger of `table`. The error message becomes the inconsistent object's `reason`: an unknown column, an unset
/// variable, an invalid URL or an invalid header.
pub fn resolve(trigger: &EventTrigger, table: &Arc<Table>) -> Result<ResolvedTrigger> {
    resolve_with(trigger, table, &environment::read)
}

/// [`resolve`] with an environment supplied by the caller.
pub fn resolve_with(
    trigger: &EventTrigger,
    table: &Arc<Table>,
    env: &dyn Fn(&str) -> Result<Option<String>>,
) -> Result<ResolvedTrigger> {
    check(trigger)?;
    check_columns(trigger, table)?;
    let url = match (&trigger.webhook, &trigger.webhook_from_env) {
        (Some(template), _) => fill_template(template, env)?,
        (None, Some(name)) => read_env(name, env)?,
        (None, None) => {
            return Err(Error::new(
                Code::ParseFailed,
                "must provide webhook or webhook_from_env",
            ));
        }
    };
    let url = parse_url(&url)?;
    let headers = trigger
        .headers
        .iter()
        .flatten()
        .map(|header| resolve_header(header, env))
        .collect::<Result<_>>()?;
    Ok(ResolvedTrigger {
        stored: trigger.clone(),
        table: Arc::clone(table),
        url,
        headers,
    })
}

fn check_columns(trigger: &EventTrigger, table: &Table) -> Result<()> {
    for (operation, spec) in trigger.definition.operations() {
        let payload = spec.payload.iter().flat_map(Columns::named);
        for column in spec.columns.named().iter().chain(payload) {
            if table.column(column).is_none() {
                let message = format!("column \"{column}\" does not exist in table \"{}\"", table.name);
                let key = operation.keyword().to_lowercase();
                return Err(Error::new(Code::NotExists, message).at(key));
            }
        }
    }
    Ok(())
}

pub(crate) fn parse_url(url: &str) -> Result<url::Url> {
    let invalid = |why: &str| {
        Error::new(
            Code::ParseFailed,
            format!("the webhook is not a valid URL: {why}"),
        )
    };
    let url = url::Url::parse(url.trim()).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("it must begin with http:// or https://"));
    }
    Ok(url)
}

pub(crate) fn resolve_header(
    header: &Header,
    env: &dyn Fn(&str) -> Result<Option<String>>,
) -> Result<ResolvedHeader> {
    let invalid = |what: &str| {
        Error::new(
            Code::ParseFailed,
            format!("header \"{}\" has an invalid {what}", header.name),
        )
    };
    let value = match (&header.value, &header.value_from_env) {
        (Some(value), _) => value.clone(),
        (None, Some(name)) => read_env(name, env)?,
        (None, None) => return Err(invalid("definition: expecting value or value_from_env")),
    };
    Ok(ResolvedHeader {
        stored: header.clone(),
        name: http::HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| invalid("name"))?,
        value: http::HeaderValue::from_str(&value).map_err(|_| invalid("value"))?,
    })
}

pub(crate) fn read_env(name: &str, env: &dyn Fn(&str) -> Result<Option<String>>) -> Result<String> {
    env(name)?.ok_or_else(|| Error::new(Code::NotFound, format!("environment variable '{name}' not set")))
}

/// Replaces each `{{NAME}}`. A single brace is copied literally.
pub(crate) fn fill_template(template: &str, env: &dyn Fn(&str) -> Result<Option<String>>) -> Result<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            let message = format!("the webhook template \"{template}\" contains {{{{ without a closing }}}}");
            return Err(Error::new(Code::ParseFailed, message));
        };
        filled.push_str(&read_env(name.trim(), env)?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the type of an environment")]
    fn env(name: &str) -> Result<Option<String>> {
        Ok((name == "FUNCTIONS_URL").then(|| "http://localhost:8081".to_owned()))
    }

    #[test]
    fn templates_are_filled_from_the_environment() {
        assert_eq!(
            fill_template("{{FUNCTIONS_URL}}/a", &env).unwrap(),
            "http://localhost:8081/a"
        );
        assert_eq!(fill_template("http://a/{b}", &env).unwrap(), "http://a/{b}");
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = fill_template("{{NOWHERE}}/a", &env).unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (Code::NotFound, "environment variable 'NOWHERE' not set")
        );
    }

    #[test]
    fn an_open_template_is_refused() {
        assert_eq!(
            fill_template("{{FUNCTIONS_URL/a", &env).unwrap_err().code,
            Code::ParseFailed
        );
    }
}
