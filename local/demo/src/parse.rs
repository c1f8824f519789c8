//! Values of command-line options.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

/// Parses a share of a whole.
pub(crate) fn share(text: &str) -> Result<f64> {
    let share: f64 = text.parse().context("expected a number from 0 to 1")?;
    ensure!((0.0..=1.0).contains(&share), "must be between 0 and 1");
    Ok(share)
}

/// Parses `1s`, `500ms`, `2m`, or a number of seconds.
pub(crate) fn duration(text: &str) -> Result<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().context("expected for example 1s or 500ms")?;
    let seconds = match unit {
        "ms" => number / 1_000.0,
        "s" | "" => number,
        "m" => number * 60.0,
        _ => bail!("invalid unit {unit:?}; expected for example 1s or 500ms"),
    };
    ensure!(
        (0.01..=3_600.0).contains(&seconds),
        "must be between 10ms and 60m"
    );
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_parsed() {
        assert!((share("0.25").unwrap() - 0.25).abs() < f64::EPSILON);
        for wrong in ["", "-0.1", "1.1", "NaN", "10%"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_parsed() {
        assert_eq!(duration("1s").unwrap(), Duration::from_secs(1));
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("1.5").unwrap(), Duration::from_millis(1_500));
        assert_eq!(duration("2m").unwrap(), Duration::from_mins(2));
        for wrong in ["", "s", "1h", "0s", "-1s", "1 s", "2h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
