//! Metrics (manual, 7.8), added up from minutes.

mod series;

use crate::{call::Call, failure::Failure, page::Page, query};
use fngraph::{Period, PeriodQuery, Qualifier, Timestamp, Urn};
use fngraph_api::{
    Json, Operation,
    metrics::{
        FunctionMetrics, FunctionStatistics, InstanceMetrics, ListFunctionAsMetric, ListFunctionStatistics,
        ListStatistics, MonthUsed, ProjectStatistics, Report, ReportedFunction, ShowFuncReservedInstanceMetrics,
        ShowFunctionMetrics,
    },
    time,
};
use series::{Metric, Series, Window};

/// The minutes of a day: what reports are about that name no time, and lists of functions.
pub(super) const DAY: i64 = 24 * 60;

/// The most minutes that can be asked for: as long as statistics are kept.
const MOST_MINUTES: i64 = 180 * DAY;

/// Lists the functions of which a metric is highest. Functions of which it is 0 are not listed.
pub(crate) async fn report(call: Call<ListFunctionAsMetric>) -> Result<Json<Report>, Failure> {
    let asked = &call.query;
    let metric = Metric::named(query::given(asked.kind.as_deref()).unwrap_or("failcount"))?;
    let page = Page::read(None, asked.limit.as_deref(), 10, 500)?;
    let until = query::moment("end_time", asked.end_time.as_deref())?.unwrap_or_else(|| call.app.now()).minute();
    let from = query::moment("start_time", asked.start_time.as_deref())?.map_or(until - DAY, Timestamp::minute);
    let project_id = Some(call.project.to_string());
    let totals = call.app.runtime.totals(PeriodQuery { project_id, from, until, ..PeriodQuery::default() }).await?;
    let values = totals.iter().filter_map(|(id, period)| {
        let value = metric.of(period).filter(|value| *value > 0.0)?;
        Some(ReportedFunction { key: call.name(id, Qualifier::latest()), value: whole(value) })
    });
    let mut values: Vec<_> = values.collect();
    // Stable: functions with the same value stay in the order of their ids.
    values.sort_by_key(|function| std::cmp::Reverse(function.value));
    let values: Vec<_> = page.of(values).collect();
    let count = values.len() as u64;
    Ok(Json(Report { values, next_marker: count, count }))
}

/// Answers the metrics of a project, or what it used month by month.
pub(crate) async fn project(call: Call<ListStatistics>) -> Result<Json<ProjectStatistics>, Failure> {
    let asked = &call.query;
    let page = Page::read(asked.marker.as_deref(), asked.limit.as_deref(), 100, 500)?;
    match asked.filter.as_deref().unwrap_or_default() {
        "monitor_data" => {
            let window = Window::last(call.app.now(), period(query::given(asked.period.as_deref()).unwrap_or("60"))?);
            let project_id = Some(call.project.to_string());
            let series = series(&call, window, PeriodQuery { project_id, ..PeriodQuery::default() }).await?;
            let statistics = Some(statistics(&series, page));
            Ok(Json(ProjectStatistics { statistics, ..ProjectStatistics::default() }))
        }
        "monthly_report" => Ok(Json(monthly(&call, page).await?)),
        _ => {
            let rule = "`monitor_data` (metrics) or `monthly_report` (use by month)";
            Err(query::refused("filter", rule))
        }
    }
}

/// Answers the metrics of a function.
pub(crate) async fn function(call: Call<ListFunctionStatistics>) -> Result<Json<FunctionStatistics>, Failure> {
    let window = Window::last(call.app.now(), period(&call.path.period)?);
    let query = selected(&call, &call.path.function_urn)?;
    Ok(Json(statistics(&series(&call, window, query).await?, Page::ALL)))
}

/// Answers the metrics of a function, concurrency apart from instances.
pub(crate) async fn sla(call: Call<ShowFunctionMetrics>) -> Result<Json<FunctionMetrics>, Failure> {
    let window = Window::last(call.app.now(), period(&call.path.period)?);
    let query = selected(&call, &call.path.function_urn)?;
    let series = series(&call, window, query).await?;
    let of = |metric| series.of(metric, Page::ALL);
    Ok(Json(FunctionMetrics {
        concurrency_num: of(Metric::Concurrency),
        count: of(Metric::Count),
        duration: of(Metric::Duration),
        fail_count: of(Metric::Failures),
        function_error_count: of(Metric::FunctionErrors),
        instance_num: of(Metric::Elastic),
        max_duration: of(Metric::MaxDuration),
        min_duration: of(Metric::MinDuration),
        reject_count: of(Metric::Rejects),
        reserved_instance_num: of(Metric::Reserved),
        system_error_count: of(Metric::SystemErrors),
    }))
}

/// Answers how many instances a function had in the last day.
pub(crate) async fn instances(call: Call<ShowFuncReservedInstanceMetrics>) -> Result<Json<InstanceMetrics>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.limit.as_deref(), 100, 500)?;
    let query = selected(&call, &call.path.function_urn)?;
    let series = series(&call, Window::last(call.app.now(), DAY), query).await?;
    Ok(Json(InstanceMetrics {
        instance_num: series.of(Metric::Elastic, page),
        reserved_instance_num: series.of(Metric::Reserved, page),
    }))
}

/// What a URN of an existing function asks for.
fn selected<O: Operation>(call: &Call<O>, text: &str) -> Result<PeriodQuery, Failure> {
    let urn: Urn = call.urn(text)?;
    let versions = call.versions(&urn)?;
    Ok(PeriodQuery { function: Some(urn.function), versions, ..PeriodQuery::default() })
}

async fn series<O: Operation>(call: &Call<O>, window: Window, query: PeriodQuery) -> Result<Series, Failure> {
    let query = PeriodQuery { from: window.from, until: window.until, ..query };
    Ok(Series::new(window, call.app.runtime.periods(query, window.width).await?))
}

fn statistics(series: &Series, page: Page) -> FunctionStatistics {
    let of = |metric| series.of(metric, page);
    FunctionStatistics {
        count: of(Metric::Count),
        duration: of(Metric::Duration),
        fail_count: of(Metric::Failures),
        max_duration: of(Metric::MaxDuration),
        min_duration: of(Metric::MinDuration),
        reject_count: of(Metric::Rejects),
        function_error_count: of(Metric::FunctionErrors),
        system_error_count: of(Metric::SystemErrors),
        reserved_instance_num: of(Metric::Reserved),
        concurrency_num: of(Metric::Elastic),
    }
}

/// What was used in the months that the option asks for, oldest first.
async fn monthly(call: &Call<ListStatistics>, page: Page) -> Result<ProjectStatistics, Failure> {
    // Which months: how many, and how many months ago the last of them was.
    let (months, ago) = match call.query.option.as_deref() {
        Some("1") => (1, 1),
        Some("2") => (3, 0),
        Some("3") => (6, 0),
        _ => (1, 0),
    };
    let (mut count, mut gbs, mut gpu_gbs) = (Vec::new(), Vec::new(), Vec::new());
    let now = call.app.now();
    for ago in page.of((ago..ago + months).rev()) {
        let month = time::month(now, ago);
        let project_id = Some(call.project.to_string());
        let (from, until) = (month.begin.minute(), month.end.minute() - 1);
        let query = PeriodQuery { project_id, from, until, ..PeriodQuery::default() };
        let totals = call.app.runtime.totals(query).await?;
        let sum = |of: fn(&Period) -> u64| totals.iter().map(|(_, period)| of(period)).sum::<u64>();
        let used = |value| MonthUsed { date: month.name.clone(), value };
        count.push(used(float(sum(|period| period.count))));
        gbs.push(used(float(sum(|period| period.memory_time)) / 1024.0 / 1000.0));
        gpu_gbs.push(used(0.0));
    }
    Ok(ProjectStatistics { count: Some(count), gbs: Some(gbs), gpu_gbs: Some(gpu_gbs), statistics: None })
}

fn period(text: &str) -> Result<i64, Failure> {
    let minutes = text.parse().ok().filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
    minutes.ok_or_else(|| query::refused("period", &format!("a number of minutes from 1 to {MOST_MINUTES}")))
}

#[expect(clippy::cast_precision_loss, reason = "answers have floats, and sums beyond 2^53 have digits to spare")]
fn float(sum: u64) -> f64 {
    sum as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and is not negative")]
fn whole(value: f64) -> u64 {
    value.round() as u64
}
