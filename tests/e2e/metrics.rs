//! What Prometheus fetches.

use fngraph_test_support::TestServer;
use std::collections::BTreeMap;

/// Each metric that is there, with what it is described as.
fn described(text: &str) -> BTreeMap<&str, Option<&str>> {
    let lines = |prefix: &'static str| text.lines().filter_map(move |line| line.strip_prefix(prefix)?.split_once(' '));
    let help: BTreeMap<_, _> = lines("# HELP ").collect();
    lines("# TYPE ").map(|(name, _)| (name, help.get(name).copied())).collect()
}

#[test]
fn every_metric_is_described() {
    let server = TestServer::start();
    let answer = server.get("/metrics");
    let text = answer.success(200).text();
    let metrics = described(&text);
    // All that do not need a call to be there.
    for name in ["fngraph_invocations_total", "fngraph_starts_total", "fngraph_instances", "fngraph_logs_dropped_total"]
    {
        assert!(metrics.contains_key(name), "no {name} in {text}");
    }
    for (name, help) in metrics {
        assert!(help.is_some_and(|help| !help.is_empty()), "{name} is not described in {text}");
    }
    server.stop();
}
