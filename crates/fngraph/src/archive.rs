//! Functions as files: a zip with one YAML file, which is the configuration, and the code (manual, 7.12).

mod alias;
mod asynchronous;
mod document;
mod draft;
mod seconds;
#[cfg(test)]
mod tests;
mod trigger;
mod version;
mod zip;

pub(crate) use draft::Draft;

use bytes::Bytes;
use document::{DependencyDocument, Document, YAML_BYTES};
use fngraph_engine::{PackageError, unzip};
use fngraph_registry::{Function, NewFunction, NewVersion, Package, Registry, RegistryError, Trigger, WholeFunction};
use fngraph_types::{ErrorCode, FunctionId, Scope, Secrets, Timestamp, VersionName, limits};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};
use trigger::TriggerDocument;

/// The most bytes of an archive's files together: as many as a code package may have. Ours; the cloud takes 10 MB in its
/// console and 300 MB in its API.
const UNPACKED_BYTES: u64 = limits::PACKAGE_BYTES;

/// What of a function is exported besides the configuration and code of one version. Default: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Export {
    /// The aliases, with the published versions that they lead to. Only together with `latest`, which they may lead to as
    /// well.
    pub aliases: bool,
    /// The triggers of the exported version, and of those aliases and versions that are exported.
    pub triggers: bool,
}

/// How a function is imported.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// Its project. Default: the runtime's own.
    pub project_id: Option<Arc<str>>,
    /// Its package. Default: the one in the archive; without that, `default`.
    pub package: Option<String>,
    /// Its name. Default: the one in the archive.
    pub name: Option<String>,
    /// Encrypted user data, which archives only have the keys of. It belongs to `latest`, and to those published versions
    /// that have the keys.
    pub encrypted_user_data: Secrets,
}

/// A function that was imported.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The function.
    pub function: Arc<Function>,
    /// The keys of encrypted user data that it had where it was exported and does not have now, and secrets of triggers:
    /// `KAFKA.password`.
    pub missing: Vec<String>,
}

/// A function that is ready to be created: all that can be seen before was looked at, and its code was compiled.
#[derive(Debug)]
pub struct ReadyImport {
    pub(crate) whole: WholeFunction,
    pub(crate) missing: Vec<String>,
}

impl ReadyImport {
    /// What it will be called.
    pub fn id(&self) -> &FunctionId {
        &self.whole.latest.id
    }

    /// The triggers that it will have; for whoever knows what those of other functions allow.
    pub fn triggers(&self) -> &[Trigger] {
        &self.whole.triggers
    }
}

/// An archive that was read.
#[derive(Clone)]
pub struct Archive {
    document: Document,
    files: BTreeMap<PathBuf, Bytes>,
}

/// Why an archive is refused, or a function cannot become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The bytes are no zip.
    #[error("the archive is no zip file")]
    Format,
    /// The zip is damaged or not to be trusted.
    #[error("unpack the archive")]
    Zip(#[source] PackageError),
    /// It has more than may be imported.
    #[error("the archive has more than {limit} {what}, the most that can be imported")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// There is no YAML file.
    #[error("the archive has no YAML file; it is a zip with one such file, which is the configuration, and the code")]
    NoYaml,
    /// There are several.
    #[error("the archive has {0} YAML files, and can have one only")]
    SeveralYaml(usize),
    /// The YAML file describes no function.
    #[error("the YAML file describes no function: {reason}")]
    Yaml {
        /// What is wrong, and where.
        reason: String,
    },
    /// A value in the YAML file breaks a rule.
    #[error("in the YAML file, {what} is wrong: {reason}")]
    Value {
        /// The cloud's code.
        code: ErrorCode,
        /// Which value.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value in the YAML file breaks a rule of the function model.
    #[error("read the YAML file")]
    Rule(#[from] RegistryError),
    /// Nobody says what to call the function.
    #[error("the YAML file has no `func_name`, and the import names no function either")]
    NoName,
    /// Function and package have the same name.
    #[error("in the YAML file, the function and its package are both called `{0}`; name one of them otherwise")]
    SameNames(String),
    /// The code is not there.
    #[error("the archive has no code: {0}")]
    NoCode(String),
    /// The project lacks a dependency.
    #[error("the project has no dependency `{name}` in version {version}; upload it first")]
    Dependency {
        /// Its name.
        name: String,
        /// The number of the version.
        version: u32,
    },
    /// Asynchronous invocations would be told to a function of another project.
    #[error("the destination `{0}` of asynchronous invocations is no function of the project")]
    Destination(String),
    /// Aliases belong to the whole function.
    #[error("aliases are exported with `latest`, not with the version `{0}` alone")]
    AliasesOfVersion(VersionName),
    /// This crate knows no way to write it.
    #[error("the {what} `{given}` cannot be written to an archive")]
    Unknown {
        /// What it is.
        what: &'static str,
        /// It, as our log would show it.
        given: String,
    },
    /// The zip cannot be made.
    #[error("make the archive")]
    Write(#[source] ::zip::result::ZipError),
}

impl ArchiveError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Format => ErrorCode::InvalidFileType,
            Self::Zip(_) => ErrorCode::InvalidCode,
            Self::TooLarge { .. } => ErrorCode::ArchiveTooLarge,
            Self::NoYaml | Self::Yaml { .. } => ErrorCode::InvalidYaml,
            Self::SeveralYaml(_) => ErrorCode::TooManyYamlFiles,
            Self::Value { code, .. } => *code,
            Self::Rule(error) => error.code(),
            Self::NoName => ErrorCode::FunctionNotInYaml,
            Self::SameNames(_) => ErrorCode::SameNamesInYaml,
            Self::NoCode(_) => ErrorCode::CodeMissing,
            Self::Dependency { .. } => ErrorCode::DependencyNotFound,
            Self::Destination(_) => ErrorCode::InvalidAsyncConfig,
            Self::AliasesOfVersion(_) => ErrorCode::InvalidParameter,
            Self::Unknown { .. } | Self::Write(_) => ErrorCode::Internal,
        }
    }

    /// Reads a value that is a text.
    fn parse<T: FromStr<Err: fmt::Display>>(code: ErrorCode, what: &str, text: &str) -> Result<T, Self> {
        text.parse().map_err(|error| Self::value(code, what, &error))
    }

    fn value(code: ErrorCode, what: &str, reason: &dyn fmt::Display) -> Self {
        Self::Value { code, what: what.to_owned(), reason: reason.to_string() }
    }

    /// Why a zip is refused: what is too large here has a code of its own.
    fn zip(error: PackageError) -> Self {
        match error {
            PackageError::TooLarge { what, limit } => Self::TooLarge { what, limit },
            other => Self::Zip(other),
        }
    }
}

impl Archive {
    /// Reads an archive: a zip with one YAML file and code. It is unpacked here and now, so call this off the async
    /// threads.
    ///
    /// # Errors
    /// When it is no zip, is damaged, has links or paths that lead out of it, more than 300 MiB, none or several YAML
    /// files, or one that describes no function.
    pub fn read(bytes: &[u8]) -> Result<Self, ArchiveError> {
        if !bytes.starts_with(b"PK") {
            return Err(ArchiveError::Format);
        }
        let mut files = unzip(bytes, UNPACKED_BYTES).map_err(ArchiveError::zip)?;
        let names: Vec<_> = files.keys().filter(|path| is_yaml(path)).cloned().collect();
        let yaml = match &names[..] {
            [] => return Err(ArchiveError::NoYaml),
            [name] => files.remove(name).unwrap_or_default(),
            several => return Err(ArchiveError::SeveralYaml(several.len())),
        };
        if yaml.len() > YAML_BYTES {
            let what = "bytes in its YAML file";
            return Err(ArchiveError::TooLarge { what, limit: YAML_BYTES as u64 });
        }
        let document = Document::read(&yaml)?;
        if let (Some(name), Some(package)) = (&document.func_name, &document.package)
            && name == package
        {
            return Err(ArchiveError::SameNames(name.chars().take(80).collect()));
        }
        Ok(Self { document, files })
    }

    /// What else was configured of the function and of each published version, by the API's names; for whoever knows what
    /// may stand there.
    pub fn attributes(&self) -> impl Iterator<Item = &BTreeMap<String, Value>> {
        std::iter::once(&self.document).chain(&self.document.versions).map(|version| &version.attributes)
    }

    /// The function that it holds, and what is missing of it.
    pub(crate) fn whole(
        &self,
        registry: &Registry,
        import: Import,
        scope: &Scope,
        at: Timestamp,
    ) -> Result<(WholeFunction, Vec<String>), ArchiveError> {
        let Self { document, .. } = self;
        let Import { project_id, package, name, encrypted_user_data: given } = import;
        let project_id = project_id.unwrap_or_else(|| Arc::clone(&scope.project_id));
        let scope = Scope { region: Arc::clone(&scope.region), project_id: Arc::clone(&project_id) };
        let name = name.or_else(|| document.func_name.clone()).ok_or(ArchiveError::NoName)?;
        let package = package.or_else(|| document.package.clone());
        let package = package.unwrap_or_else(|| FunctionId::DEFAULT_PACKAGE.to_owned());

        let all = || std::iter::once(document).chain(&document.versions);
        let mut missing: BTreeSet<_> = all().flat_map(|version| &version.encrypted_user_data).cloned().collect();
        missing.retain(|key| !given.contains_key(key));
        let mut missing: Vec<_> = missing.into_iter().collect();
        missing.extend(document.triggers.iter().flat_map(TriggerDocument::missing));

        let latest = NewFunction {
            id: FunctionId::new(project_id, package, name),
            settings: document.settings(dependencies(registry, &scope.project_id, document)?, given.clone())?,
            scaling: document.scaling()?,
            code: self.code(document)?,
            at,
        };
        let mut whole = WholeFunction::new(latest);
        whole.tags.clone_from(&document.tags);
        for version in all() {
            let is_latest = std::ptr::eq(version, document);
            let name = if is_latest { VersionName::latest() } else { version_name(version)? };
            if let Some(config) = &version.async_invoke_config {
                whole.async_configs.insert(name.clone(), config.config(&scope, at)?);
            }
            if version.enable_snapshot {
                whole.snapshots.insert(name.clone());
            }
            if is_latest {
                continue;
            }
            let mut secrets = given.clone();
            secrets.retain(|key, _| version.encrypted_user_data.contains(key));
            whole.published.push(NewVersion {
                name,
                description: version.version_description.clone(),
                settings: version.settings(dependencies(registry, &scope.project_id, version)?, secrets)?,
                scaling: version.scaling()?,
                code: self.code(version)?,
            });
        }
        whole.aliases = document.aliases.iter().map(|alias| alias.alias(at)).collect::<Result<_, _>>()?;
        whole.triggers = document.triggers.iter().map(|trigger| trigger.trigger(at)).collect::<Result<_, _>>()?;
        Ok((whole, missing))
    }

    /// The code of a version: the file that it names, else the only one there is.
    fn code(&self, version: &Document) -> Result<Package, ArchiveError> {
        let missing = |reason: &str| ArchiveError::NoCode(reason.to_owned());
        let bytes = match &version.code_file {
            Some(name) => self.files.get(Path::new(name)).ok_or_else(|| {
                let name: String = name.chars().take(80).collect();
                ArchiveError::NoCode(format!("there is no file `{name}`, which `code_file` names"))
            })?,
            None if self.files.len() > 1 => return Err(missing("`code_file` says which of several files it is")),
            None => self.files.values().next().ok_or_else(|| missing("there is no file beside the YAML file"))?,
        };
        Ok(Package { bytes: bytes.clone(), delivery: version.delivery()? })
    }
}

/// Without the files, which are large.
impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("func_name", &self.document.func_name).finish_non_exhaustive()
    }
}

/// The ids of the versions of dependencies that a version names.
fn dependencies(registry: &Registry, project_id: &str, version: &Document) -> Result<Vec<String>, ArchiveError> {
    if version.dependencies.is_empty() {
        return Ok(Vec::new());
    }
    let all = registry.dependencies(project_id);
    let id = |DependencyDocument { name, version }: &DependencyDocument| {
        let found = all.iter().find(|dependency| dependency.name == *name);
        let found = found.and_then(|dependency| dependency.version(*version)).map(|version| version.id.clone());
        found.ok_or_else(|| ArchiveError::Dependency { name: name.chars().take(120).collect(), version: *version })
    };
    version.dependencies.iter().map(id).collect()
}

fn version_name(version: &Document) -> Result<VersionName, ArchiveError> {
    let name = version.version.as_deref().unwrap_or_default();
    ArchiveError::parse(ErrorCode::InvalidVersion, "the name of a version", name)
}

fn is_yaml(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
}
