//! Metrics (manual, 7.8).

use crate::{
    deployed::{deploy, publish},
    support::{BEGIN, TestApp},
};
use axum::body::Body;
use fngraph::{Clock, Reservation, Runtime};
use fngraph_server::{App, Auth, Options};
use serde_json::{Value, json};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

async fn call(app: &TestApp, function: &str, times: usize) {
    for _ in 0..times {
        let request = http::Request::post(format!("/v2/p1/fgs/functions/{function}/invocations"));
        app.send(request.body(Body::from("x")).unwrap()).await;
    }
}

/// Two calls that succeed and one that fails, ten minutes after the beginning, and a success an hour later.
async fn busy() -> TestApp {
    let app = TestApp::new().await;
    deploy(&app, "good", "echo").await;
    deploy(&app, "bad", "fail").await;
    app.runtime.advance(MINUTE * 10).await;
    call(&app, "good", 2).await;
    call(&app, "bad", 1).await;
    app.runtime.advance(MINUTE * 60).await;
    call(&app, "good", 1).await;
    app
}

/// The points that have a value: minutes since the beginning, and the value.
fn points(series: &Value) -> Vec<(i64, f64)> {
    let points = series.as_array().unwrap_or_else(|| panic!("{series}")).iter().map(|point| {
        let millis = point["timestamp"].as_i64().unwrap() - BEGIN.as_millis();
        (millis / 60_000, point["value"].as_f64().unwrap())
    });
    points.filter(|(_, value)| *value >= 0.0).collect()
}

#[tokio::test]
async fn lists_of_functions_tell_the_failures_of_the_last_day() {
    let app = busy().await;
    call(&app, "bad", 2).await;
    let failures = async |name: &str| {
        let list = app.get(&format!("/fgs/functions?func_name={name}")).await.expect(200);
        list["functions"][0]["fail_count"].clone()
    };
    assert_eq!((failures("bad").await, failures("good").await), (json!(3), json!(0)));
    app.runtime.advance(MINUTE * (60 * 23 + 1)).await;
    assert_eq!(failures("bad").await, 2, "one of them is older now");
    let shown = app.get("/fgs/functions/bad/config").await.expect(200);
    assert_eq!(shown["fail_count"], Value::Null, "only lists have it");
}

#[tokio::test]
async fn a_functions_metrics_come_from_its_minutes() {
    let app = busy().await;
    let last_hour = app.get("/fgs/functions/good/statistics/60").await.expect(200);
    let count = &last_hour["count"];
    assert_eq!(count.as_array().unwrap().len(), 60);
    assert_eq!(points(count).last(), Some(&(70, 1.0)));
    assert_eq!(points(count).iter().map(|(_, count)| count).sum::<f64>(), 1.0, "the others were earlier");
    assert_eq!(count[1], json!({"timestamp": BEGIN.as_millis() + 12 * 60_000, "value": -1.0}));

    let all = app.get("/fgs/functions/good/statistics/180").await.expect(200);
    let counted: Vec<_> = points(&all["count"]).into_iter().filter(|(_, count)| *count > 0.0).collect();
    assert_eq!(counted, [(0, 2.0), (60, 1.0)]);
    assert_eq!(points(&all["fail_count"]).iter().map(|(_, count)| count).sum::<f64>(), 0.0);
    for (least, mean, most) in (0..).map_while(|i| {
        let value = |name: &str| Some(points(&all[name]).get(i)?.1);
        Some((value("min_duration")?, value("duration")?, value("max_duration")?))
    }) {
        assert!(0.0 < least && least <= mean && mean <= most && most < 60_000.0, "{least} {mean} {most}");
    }
    let bad = app.get("/fgs/functions/bad/slareports/180").await.expect(200);
    for name in ["count", "fail_count", "function_error_count"] {
        assert_eq!(points(&bad[name])[0], (0, 1.0), "{name}");
    }
    assert_eq!(points(&bad["system_error_count"])[0], (0, 0.0));
    assert_eq!(points(&bad["reject_count"])[0], (0, 0.0));
    assert_eq!((points(&bad["concurrency_num"])[0], points(&bad["instance_num"])[0]), ((0, 1.0), (0, 1.0)));
}

#[tokio::test]
async fn a_version_and_an_alias_have_metrics_of_their_own() {
    let app = TestApp::new().await;
    for version in ["v1", "v2", "v3"] {
        publish(&app, "f", version).await;
    }
    for (version, times) in [("v1", 1), ("v2", 2), ("v3", 4)] {
        call(&app, &format!("p1:default:f:{version}"), times).await;
    }
    let alias = json!({"name": "prod", "version": "v1", "additional_version_weights": {"v2": 10}});
    app.post("/fgs/functions/f/aliases", alias).await.expect(200);
    for (function, count) in [("f", 7.0), ("p1:default:f:v3", 4.0), ("p1:default:f:!prod", 3.0)] {
        let metrics = app.get(&format!("/fgs/functions/{function}/slareports/1")).await.expect(200);
        assert_eq!(points(&metrics["count"]), [(0, count)], "{function}");
    }
}

#[tokio::test]
async fn instances_are_reported_reserved_ones_apart() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    app.runtime.reserve("p1:default:f", Reservation::new(2, BEGIN)).await.unwrap();
    app.runtime.settle().await;
    app.runtime.advance(MINUTE).await;
    let reports = app.get("/fgs/functions/f/instancereports").await.expect(200);
    assert_eq!(points(&reports["reservedInstanceNum"]), [(0, 2.0)]);
    assert_eq!(points(&reports["instanceNum"]), [(0, 0.0)]);
    let all = reports["instanceNum"].as_array().unwrap();
    let page = app.get("/fgs/functions/f/instancereports?marker=3&limit=2").await.expect(200);
    assert_eq!(page["instanceNum"].as_array().unwrap()[..], all[3..5]);
}

#[tokio::test]
async fn functions_are_ranked_by_a_metric() {
    let app = busy().await;
    call(&app, "bad", 1).await;
    let urn = |name: &str| format!("urn:fss:local:p1:function:default:{name}:latest");
    let report = app.get("/fgs/function/report").await.expect(200);
    assert_eq!(report, json!({"values": [{"key": urn("bad"), "value": 2}], "next_marker": 1, "count": 1}));
    let report = app.get("/fgs/function/report?type=count&limit=1").await.expect(200);
    assert_eq!(report["values"], json!([{"key": urn("good"), "value": 3}]));
    let earlier = "/fgs/function/report?type=count&start_time=2025-01-01T00:00:00&end_time=2025-01-01%2000:30:00";
    let values = app.get(earlier).await.expect(200)["values"].clone();
    assert_eq!(values, json!([{"key": urn("good"), "value": 2}, {"key": urn("bad"), "value": 1}]));
    // Another project sees none of it.
    let foreign = http::Request::get("/v2/p2/fgs/function/report?type=count").body(Body::empty()).unwrap();
    assert_eq!(app.send(foreign).await.expect(200)["count"], 0);
}

#[tokio::test]
async fn a_project_is_added_up() {
    let app = busy().await;
    let answer = app.get("/fgs/functions/statistics?filter=monitor_data&period=180").await.expect(200);
    let statistics = &answer["statistics"];
    let counted: Vec<_> = points(&statistics["count"]).into_iter().filter(|(_, count)| *count > 0.0).collect();
    assert_eq!(counted, [(0, 3.0), (60, 1.0)]);
    assert_eq!(points(&statistics["fail_count"])[0], (0, 1.0));
    assert_eq!((answer.get("count"), answer.get("gbs")), (None, None));
    let page = app.get("/fgs/functions/statistics?filter=monitor_data&period=180&limit=2").await.expect(200);
    assert_eq!(page["statistics"]["count"].as_array().unwrap().len(), 2);
}

/// Four calls in January, and one ten minutes later, in February.
async fn around_the_end_of_january() -> TestApp {
    let clock = Clock::manual(BEGIN + MINUTE * (31 * 24 * 60 - 5));
    let runtime = Runtime::builder().clock(clock).build().await.unwrap();
    let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
    let app = TestApp { runtime, router };
    deploy(&app, "good", "echo").await;
    call(&app, "good", 4).await;
    app.runtime.advance(MINUTE * 10).await;
    call(&app, "good", 1).await;
    app
}

#[tokio::test]
async fn use_is_reported_by_month() {
    let app = around_the_end_of_january().await;
    let report = async |option: &str| {
        app.get(&format!("/fgs/functions/statistics?filter=monthly_report&option={option}")).await.expect(200)
    };
    let this = report("0").await;
    assert_eq!(this["count"], json!([{"date": "2025-02", "value": 1.0}]));
    // A millisecond at least of 128 MiB or more.
    assert!(this["gbs"][0]["value"].as_f64().unwrap() >= 0.000_125, "{this}");
    assert_eq!(this["gpu_gbs"], json!([{"date": "2025-02", "value": 0.0}]));
    assert_eq!(this.get("statistics"), None);
    assert_eq!(report("unknown").await, this);
    assert_eq!(report("1").await["count"], json!([{"date": "2025-01", "value": 4.0}]));
    let months = report("2").await["count"].clone();
    let expected = [("2024-12", 0.0), ("2025-01", 4.0), ("2025-02", 1.0)];
    assert_eq!(months, json!(expected.map(|(date, value)| json!({"date": date, "value": value}))));
    assert_eq!(report("3").await["count"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code() {
    let app = busy().await;
    for path in [
        "/fgs/functions/good/statistics/0",
        "/fgs/functions/good/statistics/-1",
        "/fgs/functions/good/statistics/259201",
        "/fgs/functions/good/slareports/soon",
        "/fgs/functions/good/instancereports?limit=-1",
        "/fgs/functions/statistics",
        "/fgs/functions/statistics?filter=all",
        "/fgs/functions/statistics?filter=monitor_data&period=0",
        "/fgs/functions/statistics?filter=monitor_data&marker=x",
        "/fgs/function/report?type=speed",
        "/fgs/function/report?start_time=yesterday",
        "/fgs/function/report?limit=few",
    ] {
        app.get(path).await.refused(400, "FSS.1001");
    }
    for kind in ["statistics/60", "slareports/60", "instancereports"] {
        app.get(&format!("/fgs/functions/nobody/{kind}")).await.refused(404, "FSS.1051");
        app.get(&format!("/fgs/functions/p1:default:good:!nobody/{kind}")).await.refused(404, "FSS.1053");
        app.get(&format!("/fgs/functions/p2:default:good/{kind}")).await.refused(404, "FSS.1051");
        app.get(&format!("/fgs/functions/a:b:c:d:e/{kind}")).await.refused(400, "FSS.0400");
    }
}
