//! `Cache-Control` and `Expires`: of key sets, and in the response of the authentication webhook.

use std::time::{Duration, SystemTime};

/// Maximum lifetime. Longer ones have no practical meaning, and could exceed the range of clocks.
const MAX_LIFETIME: Duration = Duration::from_hours(24 * 365);

/// Returns the number of seconds of `max-age`.
pub(super) fn max_age(cache_control: &str) -> Option<Duration> {
    seconds(cache_control, "max-age")
}

/// Returns the time until an HTTP date; zero if it has passed.
pub(super) fn time_until(http_date: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(http_date.trim()).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(MAX_LIFETIME))
}

/// Returns the lifetime of a response: by `Cache-Control`, else by `Expires`; `None` if neither limits it. Returns an error
/// that names the header if its value cannot be read.
pub(super) fn lifetime(
    cache_control: Option<&str>,
    expires: Option<&str>,
    now: SystemTime,
) -> Result<Option<Duration>, &'static str> {
    if let Some(cache_control) = cache_control {
        if has(cache_control, "no-cache") || has(cache_control, "no-store") {
            return Ok(Some(Duration::ZERO));
        }
        // The shorter one: keys are replaced too early rather than too late.
        let ages = ["max-age", "s-maxage"]
            .map(|name| (directive(cache_control, name), seconds(cache_control, name)));
        if ages.iter().any(|(text, age)| text.is_some() && age.is_none()) {
            return Err("Cache-Control");
        }
        if let Some(age) = ages.iter().filter_map(|(_, age)| *age).min() {
            return Ok(Some(age));
        }
        if has(cache_control, "must-revalidate") {
            return Ok(Some(Duration::ZERO));
        }
    }
    match expires {
        Some(expires) => time_until(expires, now).map(Some).ok_or("Expires"),
        None => Ok(None),
    }
}

fn seconds(cache_control: &str, name: &str) -> Option<Duration> {
    let text = directive(cache_control, name)?;
    let number: u64 = text.parse().ok()?;
    Some(Duration::from_secs(number).min(MAX_LIFETIME))
}

fn has(cache_control: &str, name: &str) -> bool {
    directive(cache_control, name).is_some()
}

/// Returns the argument of a directive; empty if it has none.
fn directive<'a>(cache_control: &'a str, name: &str) -> Option<&'a str> {
    cache_control.split(',').find_map(|directive| {
        let (key, value) = directive.split_once('=').unwrap_or((directive, ""));
        (key.trim().eq_ignore_ascii_case(name)).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_control_precedes_expires() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let expires = "Sun, 09 Sep 2001 01:47:40 GMT";
        let seconds = |cache_control, expires| {
            lifetime(cache_control, expires, now).map(|lifetime| lifetime.map(|time| time.as_secs()))
        };
        for (cache_control, expected) in [
            (None, Some(60)),
            (Some("public"), Some(60)),
            (Some("public, max-age=5"), Some(5)),
            (Some("Max-Age=\"7\""), Some(7)),
            (Some("max-age=9, s-maxage=3"), Some(3)),
            (Some("s-maxage=3"), Some(3)),
            (Some("max-age=9, no-cache"), Some(0)),
            (Some("no-store"), Some(0)),
            (Some("must-revalidate"), Some(0)),
            (Some("must-revalidate, max-age=4"), Some(4)),
            (Some("max-age=18446744073709551615"), Some(MAX_LIFETIME.as_secs())),
        ] {
            assert_eq!(
                seconds(cache_control, Some(expires)),
                Ok(expected),
                "{cache_control:?}"
            );
        }
        assert_eq!(seconds(None, None), Ok(None));
        assert_eq!(seconds(None, Some("Sun, 09 Sep 2001 01:00:00 GMT")), Ok(Some(0)));
        assert_eq!(seconds(Some("max-age=soon"), Some(expires)), Err("Cache-Control"));
        assert_eq!(seconds(Some("max-age=-1"), None), Err("Cache-Control"));
        assert_eq!(seconds(None, Some("tomorrow")), Err("Expires"));
    }
}
