//! The dependencies of a function: which versions it is to use, and their files, without which its code may not load.

use crate::{
    args::DependencyArg,
    client::{call::Client, refusal::CallError},
    code::Code,
    exit::{Exit, Failure, OrExit as _},
};
use anyhow::Context as _;
use fngraph_api::{
    Empty, Json,
    dependencies::{
        DependenciesQuery, Dependency, DependencyPath, DependencyVersionPath, ListDependencies, ShowDependency,
        ShowDependencyVersion,
    },
    metadata::FunctionMetadata,
};
use fngraph_engine::Package;

/// The versions that a function is to use.
#[derive(Debug, Default)]
pub(super) struct Dependencies {
    /// Their ids, if they are to change.
    pub(super) wanted: Option<Vec<String>>,
    packages: Vec<Package>,
}

impl Dependencies {
    /// Finds what the arguments name, or what the function uses already.
    pub(super) fn find(
        client: &Client,
        arguments: &[DependencyArg],
        existing: Option<&FunctionMetadata>,
    ) -> Result<Self, Failure> {
        let mut found = Vec::new();
        if arguments.is_empty() {
            for id in existing.and_then(|existing| existing.depend_version_list.as_ref()).into_iter().flatten() {
                let path = DependencyPath { project_id: client.project().project_id, depend_id: id.clone() };
                let Json(dependency) = client.call::<ShowDependency>(&path, &Empty {}, Empty {})?;
                found.push(dependency);
            }
        }
        for argument in arguments {
            if let DependencyArg::Named { name, version } = argument {
                found.push(named(client, name, *version)?);
            }
        }
        let wanted = (!arguments.is_empty()).then(|| found.iter().map(|dependency| dependency.id.clone()).collect());
        let packages = found.iter().map(|dependency| download(client, dependency)).collect::<Result<_, _>>()?;
        Ok(Self { wanted, packages })
    }

    /// The code with their files, as the server loads it.
    pub(super) fn merge(&self, code: &Code) -> Result<Code, Failure> {
        let package = code.package.clone().with_dependencies(&self.packages);
        let package = package.context("merge the code with its dependencies").or_exit(Exit::Refused, "")?;
        Ok(Code { path: code.path.clone(), package })
    }
}

/// The version of this number of the dependency of this name; the newest one without a number.
fn named(client: &Client, name: &str, version: Option<u32>) -> Result<Dependency, Failure> {
    let query = DependenciesQuery { name: Some(name.to_owned()), ..DependenciesQuery::default() };
    let Json(list) = client.call::<ListDependencies>(&client.project(), &query, Empty {})?;
    let Some(dependency) = list.dependencies.into_iter().find(|dependency| dependency.name == name) else {
        return Err(Failure::text(Exit::NotFound, format!("there is no dependency `{name}`"))
            .hint("upload it first (`POST fgs/dependencies/version`)"));
    };
    let version = version.map_or(dependency.version, i64::from).to_string();
    let path = DependencyVersionPath { project_id: client.project().project_id, depend_id: dependency.dep_id, version };
    let Json(dependency) = client.call::<ShowDependencyVersion>(&path, &Empty {}, Empty {})?;
    Ok(dependency)
}

fn download(client: &Client, dependency: &Dependency) -> Result<Package, Failure> {
    let zip = client.download(&dependency.link).map_err(|error: CallError| Failure::from(error))?;
    let reading = || format!("read the dependency `{}`", dependency.name);
    Package::dependency_from_zip(&zip).with_context(reading).or_exit(Exit::Refused, "")
}
