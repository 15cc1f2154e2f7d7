//! `fngraph list`: the functions of a project.

use super::{call::pages, name::FunctionName, open, table::Table};
use crate::{
    args::{Format, ListArgs},
    config::Config,
    exit::Failure,
    units,
};
use fngraph_api::{
    Empty, Json,
    functions::{FunctionsQuery, ListFunctions},
    metadata::FunctionMetadata,
};
use serde::Serialize;

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    functions: Vec<FunctionMetadata>,
}

/// Lists all functions, of one package if it is named.
pub(super) fn list(arguments: &ListArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let functions = pages(|marker| {
        let package_name = arguments.package.clone();
        let query = FunctionsQuery { marker: Some(marker), package_name, ..FunctionsQuery::default() };
        let Json(page) = client.call::<ListFunctions>(&client.project(), &query, Empty {})?;
        Ok((page.functions, page.next_marker, page.count))
    })?;
    match arguments.server.output {
        Format::Json => config.output.json(&Document { functions })?,
        Format::Text if functions.is_empty() => {
            config.output.note("there are no functions; `fngraph deploy` makes one");
        }
        Format::Text => config.output.data(text(&functions).as_bytes())?,
    }
    Ok(())
}

fn text(functions: &[FunctionMetadata]) -> String {
    let mut table = Table::new(["NAME", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "CODE", "CHANGED"]);
    for function in functions {
        table.row([
            FunctionName::told(&function.package, &function.func_name),
            function.runtime.clone(),
            function.handler.clone(),
            format!("{} MB", function.memory_size),
            format!("{} s", function.timeout),
            units::bytes(u64::try_from(function.code_size).unwrap_or_default()),
            function.last_modified.clone(),
        ]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_packages_but_for_the_default_one() {
        let function = |package: &str, name: &str| FunctionMetadata {
            package: package.to_owned(),
            func_name: name.to_owned(),
            runtime: "Custom".to_owned(),
            handler: format!("{name}.handler"),
            memory_size: 128,
            timeout: 3,
            code_size: 120_832,
            last_modified: "2026-11-23T01:02:03Z".to_owned(),
            ..FunctionMetadata::default()
        };
        insta::assert_snapshot!(text(&[function("default", "greeter"), function("shop", "order")]), @r"
        NAME        RUNTIME  HANDLER          MEMORY  TIMEOUT  CODE    CHANGED
        greeter     Custom   greeter.handler  128 MB  3 s      118 KB  2026-11-23T01:02:03Z
        shop/order  Custom   order.handler    128 MB  3 s      118 KB  2026-11-23T01:02:03Z
        ");
    }
}
