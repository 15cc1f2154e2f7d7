/// Which function, in which version, an invocation is of. What a handler's context tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The project that owns the function.
    pub project_id: String,
    /// The package (the cloud also says app) that groups the function.
    pub package: String,
    /// The function's name.
    pub name: String,
    /// The version, `latest` for the one that is still being edited.
    pub version: String,
}

impl Identity {
    /// The version that can be edited.
    pub const LATEST: &str = "latest";

    /// A function of this name in the package `default` and the project `local`, version `latest`.
    pub fn local(name: impl Into<String>) -> Self {
        Self {
            project_id: "local".to_owned(),
            package: "default".to_owned(),
            name: name.into(),
            version: Self::LATEST.to_owned(),
        }
    }
}
