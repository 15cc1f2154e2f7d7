//! `fngraph reserve`: instances that are kept ready.

use super::{
    call::{Client, pages},
    name::FunctionName,
    open,
    refusal::CallError,
    table::Table,
};
use crate::{
    args::{Format, ReserveArgs},
    config::Config,
    exit::Failure,
    units,
};
use fngraph_api::{
    Empty, Json,
    reserved::{
        ListFunctionReservedInstances, ListReservedInstanceConfigs, ReservedConfig, ReservedConfigQuery, ReservedCount,
        ReservedNow, ReservedQuery, UpdateFunctionReservedInstancesCount,
    },
};
use fngraph_types::Qualifier;
use serde::Serialize;

/// What `--output json` prints of a list.
#[derive(Debug, Serialize)]
struct Document {
    reservations: Vec<Reservation>,
}

/// What was configured, and what that comes to now.
#[derive(Debug, Serialize)]
struct Reservation {
    #[serde(flatten)]
    config: ReservedConfig,
    count_now: u64,
}

/// What `--output json` prints of one that was made.
#[derive(Debug, Serialize)]
struct Reserved<'a> {
    function_urn: String,
    #[serde(flatten)]
    count: &'a ReservedCount,
}

/// Reserves instances, or lists reservations.
pub(super) fn reserve(arguments: &ReserveArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let (output, form) = (&config.output, arguments.server.output);
    if let (Some(function), Some(count)) = (&arguments.function, arguments.count) {
        let reserved = set(&client, function, count)?;
        match form {
            Format::Json => {
                let function_urn = client.function(function).function_urn;
                output.json(&Reserved { function_urn, count: &reserved })?;
            }
            Format::Text => output.note(told(function, &reserved)),
        }
        return Ok(());
    }
    let reservations = list(&client, arguments.function.as_ref())?;
    match form {
        Format::Json => output.json(&Document { reservations })?,
        Format::Text if reservations.is_empty() => {
            output.note("nothing is reserved; `fngraph reserve NAME COUNT` keeps instances ready");
        }
        Format::Text => output.data(text(&reservations).as_bytes())?,
    }
    Ok(())
}

/// Changes the number. What else was configured stays, unless nothing is to be reserved any more.
fn set(client: &Client, function: &FunctionName, count: u32) -> Result<ReservedCount, CallError> {
    let function = match function.qualifier() {
        Some(_) => function.clone(),
        None => function.with(Some(Qualifier::latest())),
    };
    let mut body = ReservedCount { count: count.into(), idle_mode: None, tactics_config: None };
    if count > 0 {
        let there = configs(client, Some(&function))?.into_iter().next();
        body.idle_mode = there.as_ref().map(|there| there.idle_mode);
        body.tactics_config = there.map(|there| there.tactics_config);
    }
    let path = client.function(&function);
    let Json(reserved) = client.call::<UpdateFunctionReservedInstancesCount>(&path, &Empty {}, Json(body))?;
    Ok(reserved)
}

fn configs(client: &Client, function: Option<&FunctionName>) -> Result<Vec<ReservedConfig>, CallError> {
    pages(|marker| {
        let function_urn = function.map(|function| client.function(function).function_urn);
        let query = ReservedConfigQuery { function_urn, marker: Some(marker), limit: None };
        let Json(page) = client.call::<ListReservedInstanceConfigs>(&client.project(), &query, Empty {})?;
        Ok((page.reserved_instances, page.page_info.next_marker, page.count))
    })
}

/// How many instances are reserved now, for each version and alias that has any.
pub(super) fn counts(client: &Client, function: Option<&FunctionName>) -> Result<Vec<ReservedNow>, CallError> {
    pages(|marker| {
        let urn = function.map(|function| client.function(function).function_urn);
        let query = ReservedQuery { marker: Some(marker), limit: None, urn };
        let Json(page) = client.call::<ListFunctionReservedInstances>(&client.project(), &query, Empty {})?;
        Ok((page.reservedinstances, page.page_info.next_marker, page.count))
    })
}

fn list(client: &Client, function: Option<&FunctionName>) -> Result<Vec<Reservation>, CallError> {
    let counts = counts(client, function)?;
    let now = |urn: &str| counts.iter().find(|now| now.func_urn == urn).map_or(0, |now| now.count);
    let configs = configs(client, function)?.into_iter();
    Ok(configs.map(|config| Reservation { count_now: now(&config.function_urn), config }).collect())
}

fn told(function: &FunctionName, reserved: &ReservedCount) -> String {
    let count = u64::try_from(reserved.count).unwrap_or_default();
    let plans = reserved.tactics_config.as_ref().map_or(0, plans);
    let plans = if plans == 0 { String::new() } else { format!(", and {}", units::count(plans, "plan")) };
    match count {
        0 => format!("nothing is reserved for {function}{plans}"),
        _ => format!("{} of {function} are reserved{plans}", units::count(count, "instance")),
    }
}

fn plans(tactics: &fngraph_api::reserved::TacticsConfig) -> u64 {
    (tactics.cron_configs.len() + tactics.metric_configs.len()) as u64
}

fn text(reservations: &[Reservation]) -> String {
    let mut table = Table::new(["FUNCTION", "RESERVED", "NOW", "PLANS"]);
    for Reservation { config, count_now } in reservations {
        let tactics = &config.tactics_config;
        let crons = tactics.cron_configs.iter().map(|plan| format!("{}: {} at {}", plan.name, plan.count, plan.cron));
        let metrics = tactics.metric_configs.iter().map(|plan| format!("{}: at {} % use", plan.name, plan.threshold));
        table.row([
            FunctionName::short(&config.function_urn),
            config.min_count.to_string(),
            count_now.to_string(),
            crons.chain(metrics).collect::<Vec<_>>().join("; "),
        ]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_api::reserved::{CronConfig, MetricConfig, TacticsConfig};

    fn tactics() -> TacticsConfig {
        let cron =
            CronConfig { name: "day".to_owned(), cron: "0 0 8 * * ?".to_owned(), count: 5, ..CronConfig::default() };
        let metric = MetricConfig { name: "use".to_owned(), threshold: 60, ..MetricConfig::default() };
        TacticsConfig { cron_configs: vec![cron], metric_configs: vec![metric] }
    }

    #[test]
    fn the_list_names_the_plans() {
        let reservation = |qualifier: &str, tactics_config| Reservation {
            config: ReservedConfig {
                function_urn: format!("urn:fss:local:local:function:shop:f:{qualifier}"),
                qualifier_type: String::new(),
                qualifier_name: String::new(),
                min_count: 1,
                idle_mode: false,
                tactics_config,
            },
            count_now: 5,
        };
        insta::assert_snapshot!(text(&[reservation("!prod", tactics()), reservation("v1", TacticsConfig::default())]), @r"
        FUNCTION     RESERVED  NOW  PLANS
        shop/f@prod  1         5    day: 5 at 0 0 8 * * ?; use: at 60 % use
        shop/f:v1    1         5
        ");
    }

    #[test]
    fn what_is_reserved_is_told_with_its_plans() {
        let function: FunctionName = "f@prod".parse().unwrap();
        let reserved = |count, tactics_config| ReservedCount { count, idle_mode: None, tactics_config };
        assert_eq!(told(&function, &reserved(0, None)), "nothing is reserved for f@prod");
        assert_eq!(told(&function, &reserved(2, Some(tactics()))), "2 instances of f@prod are reserved, and 2 plans");
    }
}
