use std::{fmt, sync::Arc};

/// Which function: its project, its package (the cloud also says app) and its name.
///
/// Cheap to clone. Names that come from outside are checked by [`crate::Urn`] and by the registry; this type only
/// carries them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId {
    /// The project that owns the function.
    pub project_id: Arc<str>,
    /// The package that groups it.
    pub package: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl FunctionId {
    /// The package of functions that name none.
    pub const DEFAULT_PACKAGE: &str = "default";

    /// The project of functions that name none.
    pub const LOCAL_PROJECT: &str = "local";

    /// A function of this project, package and name.
    pub fn new(project_id: impl Into<Arc<str>>, package: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self { project_id: project_id.into(), package: package.into(), name: name.into() }
    }

    /// A function of this name in the package `default` and the project `local`.
    pub fn local(name: impl Into<Arc<str>>) -> Self {
        Self::new(Self::LOCAL_PROJECT, Self::DEFAULT_PACKAGE, name)
    }
}

/// `project:package:name`, the short URN of three fields.
impl fmt::Display for FunctionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.project_id, self.package, self.name)
    }
}
