//! The metrics, for Prometheus to fetch.

use crate::InstallError;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::{fmt, time::Duration};

/// The upper ends of the buckets of every histogram, in seconds. A warm call takes microseconds and the longest allowed
/// one a quarter of an hour, so there are three to each power of ten: quantiles are right to a factor of 2.5. More
/// would only make what is fetched longer.
const BUCKETS: [f64; 28] = [
    0.000_001,
    0.000_002_5,
    0.000_005, //
    0.000_01,
    0.000_025,
    0.000_05, //
    0.000_1,
    0.000_25,
    0.000_5, //
    0.001,
    0.002_5,
    0.005, //
    0.01,
    0.025,
    0.05, //
    0.1,
    0.25,
    0.5, //
    1.0,
    2.5,
    5.0, //
    10.0,
    25.0,
    50.0, //
    100.0,
    250.0,
    500.0,
    900.0,
];

/// What the process has counted: a cheap clone of a handle.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// The media type of what [`Metrics::render`] makes.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// How often [`Metrics::upkeep`] should be called. What histograms record is kept, 24 bytes each time, until then:
    /// 100 000 calls a second are 2.4 MB at this interval.
    pub const UPKEEP: Duration = Duration::from_secs(1);

    /// Records what the whole process counts from now on. Call it before whatever counts is made, since that gets its
    /// counters once.
    ///
    /// # Errors
    /// When the process has a recorder already.
    pub fn install() -> Result<Self, InstallError> {
        let recorder = recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| InstallError("metrics"))?;
        Ok(Self(handle))
    }

    /// Everything that was counted, in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Sums up what histograms recorded. To be called every [`Metrics::UPKEEP`] whether or not anyone fetches.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

pub(crate) fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets").build_recorder()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is rendered after these were recorded.
    fn rendered(record: impl FnOnce(&Metrics)) -> String {
        let recorder = recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || record(&metrics));
        metrics.render()
    }

    #[test]
    fn counters_and_gauges_come_under_their_own_names_with_their_descriptions() {
        let text = rendered(|_| {
            metrics::describe_counter!("calls_total", "calls that ended");
            metrics::describe_gauge!("memory_bytes", metrics::Unit::Bytes, "what instances hold");
            metrics::counter!("calls_total", "outcome" => "success").increment(2);
            metrics::gauge!("memory_bytes").set(7.0);
        });
        let expected = "\
            # HELP calls_total calls that ended\n\
            # TYPE calls_total counter\n\
            calls_total{outcome=\"success\"} 2\n\
            \n\
            # HELP memory_bytes what instances hold\n\
            # TYPE memory_bytes gauge\n\
            memory_bytes 7\n\
            \n";
        assert_eq!(text, expected);
    }

    #[test]
    fn durations_fall_into_buckets_from_microseconds_to_minutes() {
        let text = rendered(|metrics| {
            let histogram = metrics::histogram!("duration_seconds");
            histogram.record(Duration::from_nanos(800));
            histogram.record(Duration::from_micros(3));
            metrics.upkeep();
            histogram.record(Duration::from_secs(600));
            histogram.record(Duration::from_secs(3600));
        });
        let buckets: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("duration_seconds_bucket")).collect();
        assert_eq!(buckets.len(), BUCKETS.len() + 1);
        assert_eq!(buckets[..3], ["{le=\"0.000001\"} 1", "{le=\"0.0000025\"} 1", "{le=\"0.000005\"} 2"]);
        assert_eq!(buckets[26..], ["{le=\"500\"} 2", "{le=\"900\"} 3", "{le=\"+Inf\"} 4"]);
        assert!(text.contains("duration_seconds_count 4\n"), "{text}");
    }

    #[test]
    fn a_process_has_one_recorder() {
        let metrics = Metrics::install().unwrap();
        assert_eq!(Metrics::install().unwrap_err().to_string(), "the metrics of this process are set up already");
        metrics::counter!("installed_total").increment(1);
        assert!(metrics.render().contains("installed_total 1"));
    }
}
