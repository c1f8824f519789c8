//! Validation of an event trigger that does not depend on the database. The messages are Hasura's wording.

use super::types::{EventTrigger, Header, RetryConf};
use engine_error::{Code, Error, Result};
use serde_json::{Map, Value};

/// `notify_hasura_` + name + `_INSERT` has to fit into the 63 characters of a Postgres name.
const LONGEST_NAME: usize = 42;

/// Prefix of the engine's own configuration, which must not be sent in a header.
const PRIVATE_PREFIX: &str = "HASURA_GRAPHQL_";

/// Largest interval between two attempts, in seconds: a day.
const MAX_INTERVAL: u32 = 24 * 60 * 60;

/// Returns an error if the definition of the trigger is invalid.
// Hasura's wording
pub fn check(trigger: &EventTrigger) -> Result<()> {
    let refuse = |message: &str| Err(Error::new(Code::ParseFailed, message));
    if trigger.name.is_empty() {
        return Err(Error::new(Code::ParseFailed, "empty string not allowed").at("name"));
    }
    let mut letters = trigger.name.chars();
    let starts_well = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    if !starts_well || !letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return refuse(
            "only alphanumeric and underscore and hyphens allowed for name, beginning with a letter",
        );
    }
    if trigger.name.len() > LONGEST_NAME {
        return refuse("event trigger name can be at most 42 characters");
    }
    check_transform(&trigger.rest)?;
    let definition = &trigger.definition;
    if definition.operations().next().is_none() && !definition.enable_manual {
        return refuse("atleast one amongst insert/update/delete/enable_manual spec must be provided");
    }
    for (_, spec) in definition.operations() {
        if spec.columns.is_empty_list() {
            return refuse("found empty column specification");
        }
        if spec
            .payload
            .as_ref()
            .is_some_and(super::types::Columns::is_empty_list)
        {
            return refuse("found empty payload specification");
        }
    }
    match (&trigger.webhook, &trigger.webhook_from_env) {
        (None, None) => return refuse("must provide webhook or webhook_from_env"),
        (Some(_), Some(_)) => return refuse("only one of webhook or webhook_from_env should be given"),
        _ => {}
    }
    if trigger.retry_conf.timeout_sec == 0 {
        return refuse("timeout_sec must be at least 1");
    }
    check_backoff(&trigger.retry_conf)?;
    trigger.headers.iter().flatten().try_for_each(check_header)
}

/// Checks the keys of the retry policy that Hasura does not have.
fn check_backoff(conf: &RetryConf) -> Result<()> {
    let refuse = |message: String| Err(Error::new(Code::ParseFailed, message));
    for (key, value) in [
        ("initial_interval_sec", conf.initial_interval_sec),
        ("max_interval_sec", conf.max_interval_sec),
    ] {
        if value.is_some_and(|seconds| !(1..=MAX_INTERVAL).contains(&seconds)) {
            return refuse(format!("{key} must be between 1 and {MAX_INTERVAL}"));
        }
    }
    let (first, largest) = (conf.first_interval(), conf.largest_interval());
    if (conf.initial_interval_sec.is_some() || conf.max_interval_sec.is_some())
        && (first == 0 || first > largest)
    {
        return refuse(format!(
            "the first interval must be between 1 and the largest one: {first} and {largest}; see initial_interval_sec and \
             max_interval_sec, whose default is interval_sec"
        ));
    }
    if conf.jitter_percent.is_some_and(|percent| percent > 100) {
        return refuse("jitter_percent must be at most 100".to_owned());
    }
    Ok(())
}

/// Returns an error if the requests of a trigger are to be transformed. Such a trigger is rejected, because a webhook that expects
/// the transformed request must not receive the original one.
pub(crate) fn check_transform(rest: &Map<String, Value>) -> Result<()> {
    if rest
        .get("request_transform")
        .is_some_and(|transform| !transform.is_null())
    {
        return Err(Error::new(
            Code::NotSupported,
            "request_transform is not supported here: the webhook would receive the event as it is",
        ));
    }
    Ok(())
}

// Hasura's wording
pub(crate) fn check_header(header: &Header) -> Result<()> {
    let refuse = |message: String| Err(Error::new(Code::ParseFailed, message));
    match (&header.value, &header.value_from_env) {
        (None, None) => refuse(format!(
            "header \"{}\": expecting value or value_from_env keys",
            header.name
        )),
        (Some(_), Some(_)) => refuse(format!(
            "header \"{}\": expecting only one of value or value_from_env keys",
            header.name
        )),
        (None, Some(variable)) if variable.starts_with(PRIVATE_PREFIX) => refuse(format!(
            "env variables starting with \"{PRIVATE_PREFIX}\" are not allowed in value_from_env: {variable}"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refused(change: &Value) -> String {
        let mut trigger = json!({
            "name": "t", "definition": {"insert": {"columns": "*"}}, "webhook": "http://localhost",
        });
        for (key, value) in change.as_object().unwrap() {
            trigger[key] = value.clone();
        }
        let trigger: EventTrigger = serde_json::from_value(trigger).unwrap();
        check(&trigger).map_or_else(|error| error.message, |()| "nothing".to_owned())
    }

    #[test]
    fn what_hasura_refuses_is_refused() {
        for (change, words) in [
            (json!({}), "nothing"),
            (json!({"name": "a".repeat(42)}), "nothing"),
            (json!({"name": "a".repeat(43)}), "42 characters"),
            (json!({"name": "1a"}), "alphanumeric"),
            (json!({"name": "a b"}), "alphanumeric"),
            (json!({"name": ""}), "empty string"),
            (json!({"definition": {}}), "atleast one amongst"),
            (json!({"definition": {"enable_manual": true}}), "nothing"),
            (json!({"definition": {"insert": {"columns": []}}}), "empty column"),
            (
                json!({"definition": {"insert": {"columns": "*", "payload": []}}}),
                "empty payload",
            ),
            (json!({"webhook": null}), "must provide"),
            (json!({"webhook_from_env": "A"}), "only one of webhook"),
            (json!({"retry_conf": {"timeout_sec": 0}}), "timeout_sec"),
            (
                json!({"retry_conf": {"initial_interval_sec": 1, "max_interval_sec": 86_400, "jitter_percent": 100}}),
                "nothing",
            ),
            (json!({"retry_conf": {"interval_sec": 0}}), "nothing"),
            (
                json!({"retry_conf": {"initial_interval_sec": 0}}),
                "between 1 and 86400",
            ),
            (
                json!({"retry_conf": {"max_interval_sec": 86_401}}),
                "between 1 and 86400",
            ),
            (
                json!({"retry_conf": {"interval_sec": 10, "max_interval_sec": 9}}),
                "10 and 9",
            ),
            (
                json!({"retry_conf": {"interval_sec": 10, "initial_interval_sec": 11}}),
                "11 and 10",
            ),
            (
                json!({"retry_conf": {"interval_sec": 0, "max_interval_sec": 9}}),
                "0 and 9",
            ),
            (json!({"retry_conf": {"jitter_percent": 101}}), "at most 100"),
            (json!({"headers": [{"name": "a"}]}), "expecting value or"),
            (
                json!({"headers": [{"name": "a", "value": "b", "value_from_env": "C"}]}),
                "only one of value",
            ),
            (
                json!({"headers": [{"name": "a", "value_from_env": "HASURA_GRAPHQL_ADMIN_SECRET"}]}),
                "not allowed",
            ),
        ] {
            let message = refused(&change);
            assert!(message.contains(words), "{change}: {message}");
        }
    }
}
