//! Whether one function is faster than another, beyond what noise explains.
//!
//! Both are measured in turns, so that round `i` of one saw about the same machine as round `i` of the other. Each
//! pair of rounds gives one ratio; what is compared is the geometric mean of the ratios, with a bootstrap confidence
//! interval. When the interval includes 1, or comes as close to it as the placement of code and memory explains, there
//! is no verdict to give.

use super::stats::mean;
use fastrand::Rng;
use serde::Serialize;

/// How sure a verdict has to be: one in a hundred comparisons of equals may come out as a difference.
const CONFIDENCE: f64 = 0.99;

/// Where code and data happen to lie in memory makes the same function this much faster or slower for a whole run, and
/// no number of rounds averages that away. Measured: up to 0.4 % between two copies of one file.
const PLACEMENT: f64 = 1.01;

/// Resamples; the ends of the interval are then means of 50 of them and steady to about a thousandth.
const RESAMPLES: usize = 10_000;

/// With fewer pairs the interval is too narrow to believe.
const MIN_PAIRS: usize = 8;

/// How much time the other function takes, as a multiple of the first's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Ratio {
    /// The best guess.
    pub(super) ratio: f64,
    /// The lower end of the interval.
    pub(super) low: f64,
    /// The upper end of the interval.
    pub(super) high: f64,
}

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// The other takes less time.
    Faster(Ratio),
    /// The other takes more time.
    Slower(Ratio),
    /// The interval includes 1, or nearly so.
    NoDifference(Ratio),
    /// There are not enough rounds to tell.
    TooFewRounds,
}

/// Compares what each round of the first and of the other came to.
pub(super) fn compare(first: &[f64], other: &[f64], random: &mut Rng) -> Verdict {
    let pairs = first.iter().zip(other).filter(|(first, other)| **first > 0.0 && **other > 0.0);
    let logs: Vec<f64> = pairs.map(|(first, other)| (other / first).ln()).collect();
    if logs.len() < MIN_PAIRS {
        return Verdict::TooFewRounds;
    }
    let ratio = interval(&logs, random);
    if ratio.low > PLACEMENT {
        Verdict::Slower(ratio)
    } else if ratio.high < 1.0 / PLACEMENT {
        Verdict::Faster(ratio)
    } else {
        Verdict::NoDifference(ratio)
    }
}

/// The mean of the logarithms and its bootstrap interval, as ratios.
fn interval(logs: &[f64], random: &mut Rng) -> Ratio {
    let mut resample = || {
        let sum: f64 = (0..logs.len()).map(|_| logs[random.usize(..logs.len())]).sum();
        sum / logs.len() as f64
    };
    let mut means: Vec<f64> = (0..RESAMPLES).map(|_| resample()).collect();
    means.sort_unstable_by(f64::total_cmp);
    // The percentile bootstrap of few values is too narrow by about the root of n / (n - 1), as a plain standard
    // deviation is; the interval is widened by it.
    let (centre, count) = (mean(logs), logs.len() as f64);
    let widen = (count / (count - 1.0)).sqrt();
    let end = |share: f64| {
        let index = (share * (RESAMPLES - 1) as f64).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share lies between 0 and 1")]
        let mean = means[index as usize];
        (centre + (mean - centre) * widen).exp()
    };
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Ratio { ratio: centre.exp(), low: end(tail), high: end(1.0 - tail) }
}

impl Verdict {
    /// The verdict as the end of a sentence about `B`.
    pub(super) fn text(&self) -> String {
        let interval = |ratio: &Ratio| format!("99 % interval {:.3} to {:.3}", ratio.low, ratio.high);
        match self {
            Self::Faster(ratio) => {
                format!("B is faster: it takes {:.3} times as long as A ({})", ratio.ratio, interval(ratio))
            }
            Self::Slower(ratio) => {
                format!("B is slower: it takes {:.3} times as long as A ({})", ratio.ratio, interval(ratio))
            }
            Self::NoDifference(ratio) => {
                format!("no difference beyond noise (B by A {:.3}, {})", ratio.ratio, interval(ratio))
            }
            Self::TooFewRounds => "too few rounds to tell; measure longer".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds around `centre` that differ by some percent, and by a drift that both functions see.
    fn rounds(centre: f64, noise: f64, random: &mut Rng) -> Vec<f64> {
        let mut one = |index: u32| centre * (1.0 + f64::from(index) * 0.01) * (1.0 + noise * (random.f64() - 0.5));
        (0..20).map(&mut one).collect()
    }

    fn verdict(ratio: f64, noise: f64, seed: u64) -> Verdict {
        let mut random = Rng::with_seed(seed);
        let first = rounds(1000.0, noise, &mut random);
        let other = rounds(1000.0 * ratio, noise, &mut random);
        compare(&first, &other, &mut random)
    }

    #[test]
    fn a_difference_well_above_the_noise_is_found() {
        for seed in 0..20 {
            let slower = verdict(1.2, 0.1, seed);
            assert!(matches!(slower, Verdict::Slower(ratio) if ratio.low > 1.1 && ratio.high < 1.3), "{slower:?}");
            let faster = verdict(0.8, 0.1, seed);
            assert!(matches!(faster, Verdict::Faster(_)), "{faster:?}");
        }
    }

    #[test]
    fn equals_are_hardly_ever_told_apart() {
        let told_apart = (0..200).filter(|seed| !matches!(verdict(1.0, 0.2, *seed), Verdict::NoDifference(_)));
        // Two of 200 are expected at 99 %, and more than eight in one set of seeds out of a thousand.
        let count = told_apart.count();
        assert!(count <= 8, "{count} of 200");
    }

    #[test]
    fn a_small_difference_drowns_in_noise() {
        let verdict = verdict(1.005, 0.5, 1);
        assert!(matches!(verdict, Verdict::NoDifference(_)), "{verdict:?}");
        assert!(verdict.text().starts_with("no difference beyond noise"));
    }

    #[test]
    fn a_difference_that_placement_explains_is_none() {
        let verdict = verdict(1.004, 0.0, 1);
        assert!(matches!(verdict, Verdict::NoDifference(ratio) if ratio.low > 1.0), "{verdict:?}");
    }

    #[test]
    fn a_few_rounds_prove_nothing() {
        assert_eq!(compare(&[1.0; 7], &[2.0; 7], &mut Rng::with_seed(1)), Verdict::TooFewRounds);
    }
}
