//! Search for the highest sustained rate: it is doubled until it is not sustained, then bisected.

/// First rate, in orders per second.
const FIRST: u32 = 50;
/// The search ends when the interval is at most this fraction of the rate that is sustained.
const PRECISION: u32 = 20;
/// No machine of this benchmark sustains more.
const MAX: u32 = 10_000;

#[derive(Debug, Default)]
pub(super) struct RateSearch {
    sustained: Option<u32>,
    failed: Option<u32>,
}

impl RateSearch {
    /// The next rate to measure; `None` when the result is precise enough.
    pub(super) fn next(&self) -> Option<u32> {
        let low = self.sustained.unwrap_or(0);
        match self.failed {
            None if low == 0 => Some(FIRST),
            None => (low < MAX).then(|| (low * 2).min(MAX)),
            Some(high) => {
                let step = high.saturating_sub(low);
                (step > (low / PRECISION).max(1)).then_some(low + step / 2)
            }
        }
    }

    /// Records a measured rate.
    pub(super) fn record(&mut self, rate: u32, sustained: bool) {
        if sustained {
            self.sustained = Some(rate);
        } else {
            self.failed = Some(rate);
        }
    }

    pub(super) fn highest(&self) -> Option<u32> {
        self.sustained
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(limit: u32) -> (Option<u32>, Vec<u32>) {
        let (mut search, mut measured) = (RateSearch::default(), Vec::new());
        while let Some(rate) = search.next() {
            measured.push(rate);
            search.record(rate, rate <= limit);
        }
        (search.highest(), measured)
    }

    #[test]
    fn rate_is_doubled_and_then_bisected() {
        let (highest, measured) = search(430);
        assert_eq!(highest, Some(425));
        assert_eq!(measured, [50, 100, 200, 400, 800, 600, 500, 450, 425, 437]);
    }

    #[test]
    fn result_is_within_the_precision() {
        for limit in [1, 7, 49, 50, 51, 99, 333, 1_000, 4_321, 9_999] {
            let (highest, measured) = search(limit);
            let highest = highest.unwrap();
            assert!(highest <= limit, "{limit}: {highest}");
            assert!(
                limit - highest <= (highest / PRECISION).max(1),
                "{limit}: {highest}"
            );
            assert!(measured.len() < 25, "{limit}: {measured:?}");
        }
        assert_eq!(search(0).0, None);
        assert_eq!(search(u32::MAX).0, Some(MAX));
    }
}
