//! What the SDKs ask the cloud's IAM before they make a request.

use super::{Caller, Projects};
use fngraph_api::tokens::{Domain, DomainList, Project, ProjectList};

/// The projects of a caller. SDKs that know no project ask for the one with their region's name, and want exactly
/// one. Projects have no names of their own here, so any name stands for the caller's project, or, when they may use
/// every project, for the one with that id. Of every project no list can be given.
pub(crate) fn projects(caller: &Caller, name: Option<&str>) -> ProjectList {
    let id = match &caller.projects {
        Projects::One(own) => Some(&**own),
        Projects::All => name,
    };
    let project = id.map(|id| Project {
        id: id.to_owned(),
        name: name.unwrap_or(id).to_owned(),
        domain_id: caller.domain.to_string(),
        enabled: true,
    });
    ProjectList { projects: project.into_iter().collect() }
}

/// The domain of a caller.
pub(crate) fn domains(caller: &Caller) -> DomainList {
    DomainList { domains: vec![Domain { id: caller.domain.to_string(), name: caller.domain.to_string() }] }
}
