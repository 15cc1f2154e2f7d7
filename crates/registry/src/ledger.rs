//! What each project has, counted against its limits.

use crate::{Dependency, Function, Limits, RegistryError};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// What a function, or all of a project, has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Functions.
    pub functions: u64,
    /// The bytes of their code packages and of dependencies; versions that share one count once.
    pub code_bytes: u64,
    /// Reserved instances, as many as their reservations may ask for by themselves.
    pub reserved: u64,
}

/// What each project has. Writers claim before they write, so that together they cannot exceed a limit.
pub(crate) struct Ledger {
    limits: Limits,
    projects: Mutex<HashMap<Arc<str>, Usage>>,
}

/// What a writer counts on. Dropped, it is given back.
pub(crate) struct Claim<'a> {
    ledger: &'a Ledger,
    project: Arc<str>,
    before: Usage,
    after: Usage,
    settled: bool,
}

impl Usage {
    pub(crate) const NONE: Self = Self { functions: 0, code_bytes: 0, reserved: 0 };

    pub(crate) fn of(function: &Function) -> Self {
        let packages: BTreeMap<_, _> = function.versions().map(|version| (version.code, version.code_bytes)).collect();
        Self {
            functions: 1,
            code_bytes: packages.values().sum(),
            reserved: function.reservations.values().map(|reservation| u64::from(reservation.peak())).sum(),
        }
    }

    pub(crate) fn of_dependency(dependency: &Dependency) -> Self {
        Self { code_bytes: dependency.package_bytes(), ..Self::NONE }
    }

    /// This, with one part of it replaced.
    fn with(self, before: Self, after: Self) -> Self {
        let replaced = |all: u64, before: u64, after: u64| all.saturating_sub(before).saturating_add(after);
        Self {
            functions: replaced(self.functions, before.functions, after.functions),
            code_bytes: replaced(self.code_bytes, before.code_bytes, after.code_bytes),
            reserved: replaced(self.reserved, before.reserved, after.reserved),
        }
    }
}

impl Ledger {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, projects: Mutex::default() }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What a project has.
    pub(crate) fn usage(&self, project: &str) -> Usage {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner).get(project).copied().unwrap_or_default()
    }

    /// Counts what is there already, whatever the limits say.
    pub(crate) fn add(&self, function: &Function) {
        self.take(&function.id.project_id, Usage::of(function));
    }

    /// Counts what a project has already, whatever the limits say.
    pub(crate) fn take(&self, project: &Arc<str>, usage: Usage) {
        self.replace(project, Usage::NONE, usage);
    }

    /// Claims what a function will have instead of what it has. Only what grows can exceed a limit, so that a project
    /// beyond one can still be put in order.
    pub(crate) fn claim(&self, project: &Arc<str>, before: Usage, after: Usage) -> Result<Claim<'_>, RegistryError> {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        let total = projects.get(project).copied().unwrap_or_default().with(before, after);
        let Limits { functions_per_project, code_bytes_per_project, reserved_per_project } = self.limits;
        let project = Arc::clone(project);
        if after.functions > before.functions && total.functions > u64::from(functions_per_project) {
            return Err(RegistryError::TooManyFunctions { project, limit: functions_per_project });
        }
        if after.code_bytes > before.code_bytes && total.code_bytes > code_bytes_per_project {
            return Err(RegistryError::CodeTooLarge { project, limit: code_bytes_per_project });
        }
        if after.reserved > before.reserved && total.reserved > u64::from(reserved_per_project) {
            let asked = total.reserved;
            return Err(RegistryError::TooManyReserved {
                whose: format!("project `{project}`"),
                asked,
                limit: reserved_per_project,
            });
        }
        projects.insert(Arc::clone(&project), total);
        Ok(Claim { ledger: self, project, before, after, settled: false })
    }

    /// Gives back what a deleted function had.
    pub(crate) fn release(&self, function: &Function) {
        self.give_back(&function.id.project_id, Usage::of(function));
    }

    /// Gives back what a project has no longer.
    pub(crate) fn give_back(&self, project: &Arc<str>, usage: Usage) {
        self.replace(project, usage, Usage::NONE);
    }

    fn replace(&self, project: &Arc<str>, before: Usage, after: Usage) {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        let all = projects.entry(Arc::clone(project)).or_default();
        *all = all.with(before, after);
        if *all == Usage::NONE {
            projects.remove(project);
        }
    }
}

impl Claim<'_> {
    /// Keeps what was claimed: it is written.
    pub(crate) fn settle(mut self) {
        self.settled = true;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.ledger.replace(&self.project, self.after, self.before);
        }
    }
}
