//! Reserved instances (manual, 7.11).

use crate::{call::Call, failure::Failure, page::Page};
use fngraph::{CronTactic, ErrorCode, Function, MetricTactic, Qualifier, Reservation, Timestamp};
use fngraph_api::{
    Json, Operation,
    reserved::{
        CronConfig, ListFunctionReservedInstances, ListReservedInstanceConfigs, MetricConfig, ReservedConfig,
        ReservedConfigList, ReservedCount, ReservedList, ReservedNow, TacticsConfig,
        UpdateFunctionReservedInstancesCount,
    },
};
use std::{fmt::Display, str::FromStr, sync::Arc};

/// When a plan ends that says nothing of it: with the year 9999, the last that clients can write.
const FOR_EVER: Timestamp = Timestamp::from_millis(253_402_300_799_000);

/// What the cloud calls plans by utilisation.
const CONCURRENCY: &str = "Concurrency";

/// Lists what was configured, by function and then by version and alias.
pub(crate) async fn configs(call: Call<ListReservedInstanceConfigs>) -> Result<Json<ReservedConfigList>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.limit.as_deref(), 100, 500)?;
    let all = reservations(&call, call.query.function_urn.as_deref())?;
    let configs = page.of(&all).filter_map(|(function, qualifier)| {
        let reservation = function.reservations.get(qualifier)?;
        let (kind, name) = match qualifier {
            Qualifier::Version(version) => ("version", version.to_string()),
            Qualifier::Alias(alias) => ("alias", alias.to_string()),
        };
        Some(ReservedConfig {
            function_urn: call.name(&function.id, qualifier.clone()),
            qualifier_type: kind.to_owned(),
            qualifier_name: name,
            min_count: i64::from(reservation.count),
            idle_mode: reservation.idle_mode,
            tactics_config: tactics(reservation),
        })
    });
    Ok(Json(ReservedConfigList {
        reserved_instances: configs.collect(),
        page_info: page.info(all.len()),
        count: all.len() as u64,
    }))
}

/// Configures the reserved instances of a version or an alias.
pub(crate) async fn update(call: Call<UpdateFunctionReservedInstancesCount>) -> Result<Json<ReservedCount>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let qualifier = urn.qualifier.unwrap_or_else(Qualifier::latest);
    let reservation = read(&call.body.0, call.app.now())?;
    call.app.runtime.registry().reserve(&urn.function, &qualifier, reservation.clone()).await?;
    Ok(Json(ReservedCount {
        count: i64::from(reservation.count),
        idle_mode: Some(reservation.idle_mode),
        tactics_config: Some(tactics(&reservation)),
    }))
}

/// Lists how many instances are reserved now.
pub(crate) async fn list(call: Call<ListFunctionReservedInstances>) -> Result<Json<ReservedList>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.limit.as_deref(), 400, 400)?;
    let all = reservations(&call, call.query.urn.as_deref())?;
    let mut reservedinstances = Vec::new();
    for (function, qualifier) in page.of(&all) {
        reservedinstances.push(ReservedNow {
            func_urn: call.name(&function.id, qualifier.clone()),
            count: u64::from(reserved(&call, function, qualifier)?),
        });
    }
    Ok(Json(ReservedList { reservedinstances, page_info: page.info(all.len()), count: all.len() as u64 }))
}

/// Which versions and aliases have reserved instances: of the project, of a function, or one of them.
fn reservations<O: Operation>(call: &Call<O>, urn: Option<&str>) -> Result<Vec<(Arc<Function>, Qualifier)>, Failure> {
    let (functions, only) = match urn.filter(|urn| !urn.is_empty()) {
        None => (call.app.runtime.registry().functions(Some(&call.project)), None),
        Some(urn) => {
            let urn = call.urn(urn)?;
            (vec![call.function(&urn)?], urn.qualifier)
        }
    };
    let all = functions.into_iter().flat_map(|function| {
        let qualifiers: Vec<_> = function.reservations.keys().cloned().collect();
        qualifiers.into_iter().map(move |qualifier| (Arc::clone(&function), qualifier))
    });
    Ok(all.filter(|(_, qualifier)| only.as_ref().is_none_or(|only| only == qualifier)).collect())
}

/// How many instances a reservation asks for now. What utilisation asks for, only the pool knows.
fn reserved<O: Operation>(call: &Call<O>, function: &Function, qualifier: &Qualifier) -> Result<u32, Failure> {
    let Some(reservation) = function.reservations.get(qualifier) else { return Ok(0) };
    let target = reservation.target(call.app.now());
    if reservation.metric.is_empty() {
        return Ok(target);
    }
    let version = match qualifier {
        Qualifier::Version(version) => Some(version),
        Qualifier::Alias(alias) => function.alias(alias).map(|alias| &alias.version),
    };
    let census = call.app.runtime.census(&function.id.to_string())?;
    let pool = census.into_iter().find(|pool| Some(&pool.version) == version);
    Ok(pool.map_or(target, |pool| pool.reserved_target))
}

fn read(body: &ReservedCount, now: Timestamp) -> Result<Reservation, Failure> {
    let none = TacticsConfig::default();
    let TacticsConfig { cron_configs, metric_configs } = body.tactics_config.as_ref().unwrap_or(&none);
    Ok(Reservation {
        count: number("count", body.count)?,
        idle_mode: body.idle_mode.unwrap_or_default(),
        cron: cron_configs.iter().map(|config| cron(config, now)).collect::<Result<_, _>>()?,
        metric: metric_configs.iter().map(metric).collect::<Result<_, _>>()?,
        modified_at: now,
    })
}

fn cron(config: &CronConfig, now: Timestamp) -> Result<CronTactic, Failure> {
    Ok(CronTactic {
        name: config.name.clone(),
        schedule: parse(&config.cron)?,
        count: number("count of a plan", config.count)?,
        start: config.start_time.map_or(now, moment),
        expires: config.expired_time.map_or(FOR_EVER, moment),
    })
}

fn metric(config: &MetricConfig) -> Result<MetricTactic, Failure> {
    if let Some(other) = config.kind.as_deref().filter(|kind| !kind.is_empty() && *kind != CONCURRENCY) {
        let other: String = other.chars().take(80).collect();
        let text = format!("the type of a plan is `{other}`; allowed: `{CONCURRENCY}`");
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    Ok(MetricTactic {
        name: config.name.clone(),
        threshold: number("threshold of a plan", config.threshold)?,
        min: number("min of a plan", config.min)?,
    })
}

fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: T::Err| Failure::new(ErrorCode::InvalidParameter, error.to_string()))
}

/// A number of instances. What is too large is left for the registry to refuse, which knows the limits.
fn number(field: &str, given: i64) -> Result<u32, Failure> {
    if given < 0 {
        let text = format!("the {field} is {given}; allowed: numbers from 0 on");
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    Ok(u32::try_from(given).unwrap_or(u32::MAX))
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

fn tactics(reservation: &Reservation) -> TacticsConfig {
    let cron = reservation.cron.iter().map(|tactic| CronConfig {
        name: tactic.name.clone(),
        cron: tactic.schedule.to_string(),
        count: i64::from(tactic.count),
        start_time: Some(tactic.start.as_millis().div_euclid(1000)),
        expired_time: Some(tactic.expires.as_millis().div_euclid(1000)),
    });
    let metric = reservation.metric.iter().map(|tactic| MetricConfig {
        name: tactic.name.clone(),
        kind: Some(CONCURRENCY.to_owned()),
        threshold: i64::from(tactic.threshold),
        min: i64::from(tactic.min),
    });
    TacticsConfig { cron_configs: cron.collect(), metric_configs: metric.collect() }
}
