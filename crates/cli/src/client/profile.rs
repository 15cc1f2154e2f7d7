//! Which server is meant: from flags, the environment and the file of profiles, to one [`Target`].
//!
//! An endpoint that is named by itself gets no credentials from the file: those of one server are not for another.

use crate::{
    args::RemoteArgs,
    exit::{Exit, Failure, OrExit as _},
};
use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use fngraph_api::tokens::Secret;
use fngraph_types::{FunctionId, Scope};
use http::{Uri, uri::Scheme};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    env, fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Where `fngraph serve` listens when nothing is said.
const LOCAL_ENDPOINT: &str = "http://127.0.0.1:8080";

/// The region of servers that name none.
const LOCAL_REGION: &str = "local";

/// A server, a project on it, and who asks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// How its addresses begin, without a slash at the end.
    pub(crate) endpoint: String,
    /// Region and project of short names.
    pub(crate) scope: Scope,
    /// Who asks.
    pub(crate) credentials: Credentials,
    /// A file with certificates (PEM) to trust instead of the usual ones.
    pub(crate) certificate: Option<PathBuf>,
    /// What to warn about.
    pub(crate) warnings: Vec<String>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nobody in particular.
    None,
    /// Whoever has this access key; requests are signed.
    Key {
        /// The access key.
        access: String,
        /// What is signed with.
        secret: Secret,
    },
    /// Whoever this token was given to.
    Token(Secret),
}

/// Credentials as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    access_key: Option<String>,
    secret_key: Option<Secret>,
    token: Option<Secret>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The profile that is used when none is named.
    default: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

/// A server in the file. All of it may be left out.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    endpoint: Option<String>,
    project_id: Option<String>,
    /// The region in URNs. Default: the one in the cloud's endpoint, else `local`.
    region: Option<String>,
    access_key: Option<String>,
    secret_key: Option<Secret>,
    token: Option<Secret>,
    /// Certificates to trust; relative to the file.
    certificate: Option<PathBuf>,
}

impl Written {
    /// The credentials in the environment.
    pub(crate) fn in_environment() -> Self {
        let variable = |name| env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty());
        Self {
            access_key: variable("FNGRAPH_ACCESS_KEY"),
            secret_key: variable("FNGRAPH_SECRET_KEY").map(Secret),
            token: variable("FNGRAPH_TOKEN").map(Secret),
        }
    }

    fn resolve(self, place: &str) -> Result<Credentials, Failure> {
        match (self.access_key, self.secret_key, self.token) {
            (None, None, None) => Ok(Credentials::None),
            (Some(access), Some(secret), None) => Ok(Credentials::Key { access, secret }),
            (None, None, Some(token)) => Ok(Credentials::Token(token)),
            _ => Err(Failure::text(Exit::Usage, format!("the credentials in {place} are not complete, or too many"))
                .hint("an access key comes with its secret key; a token comes alone")),
        }
    }
}

impl Target {
    /// Resolves the options of a command.
    pub(crate) fn resolve(arguments: &RemoteArgs, environment: Written) -> Result<Self, Failure> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let endpoint = given(&arguments.endpoint);
        let mut warnings = Vec::new();
        let profile = match (given(&arguments.profile), &endpoint) {
            (None, Some(_)) => Profile::default(),
            (name, _) => profile(arguments.profiles.as_deref(), name.as_deref(), &mut warnings)?,
        };
        let endpoint = endpoint.or(profile.endpoint);
        let (endpoint, address) = address(endpoint.as_deref().unwrap_or(LOCAL_ENDPOINT))?;
        let mut credentials = environment.resolve("the environment")?;
        if credentials == Credentials::None {
            let Profile { access_key, secret_key, token, .. } = profile;
            credentials = Written { access_key, secret_key, token }.resolve("the profile")?;
        }
        if matches!(credentials, Credentials::Token(_))
            && address.scheme() == Some(&Scheme::HTTP)
            && !is_local(&address)
        {
            warnings.push(format!("the token goes to {endpoint} without encryption"));
        }
        let region = profile.region.or_else(|| region(&address)).unwrap_or_else(|| LOCAL_REGION.to_owned());
        let project_id = given(&arguments.project_id).or(profile.project_id);
        let project_id = project_id.unwrap_or_else(|| FunctionId::LOCAL_PROJECT.to_owned());
        let scope = Scope { region: region.into(), project_id: project_id.into() };
        Ok(Self { endpoint, scope, credentials, certificate: profile.certificate, warnings })
    }
}

/// The profile of this name, else the file's own choice, else one that says nothing.
fn profile(file: Option<&Path>, name: Option<&str>, warnings: &mut Vec<String>) -> Result<Profile, Failure> {
    let path = match file.filter(|file| !file.as_os_str().is_empty()) {
        Some(path) => path.to_owned(),
        None => match etcetera::choose_base_strategy() {
            Ok(folders) => folders.config_dir().join("fngraph").join("profiles.toml"),
            // Nobody's home has no profiles.
            Err(_) if name.is_none() => return Ok(Profile::default()),
            Err(error) => {
                return Err(Failure::new(Exit::Usage, error).hint("--profiles FILE names the file with the profiles"));
            }
        },
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() && name.is_none() => {
            return Ok(Profile::default());
        }
        Err(error) => {
            let hint = "a profile is written there as: [profiles.NAME] and below it endpoint = \"https://…\"";
            return Err(error).with_context(|| format!("read {}", path.display())).or_exit(Exit::Usage, hint);
        }
    };
    let mut file = parse(&text).map_err(|failure| failure.within(&path))?;
    let Some(name) = name.map(str::to_owned).or(file.default) else { return Ok(Profile::default()) };
    let Some(mut profile) = file.profiles.remove(&name) else {
        return Err(Failure::text(Exit::Usage, format!("{} has no profile `{name}`", path.display()))
            .details(file.profiles.into_keys())
            .hint("--profile NAME, or `default = \"NAME\"` in the file, chooses one"));
    };
    let is_secret = profile.secret_key.is_some() || profile.token.is_some();
    if is_secret && can_be_read_by_others(&path) {
        let shown = path.display();
        warnings.push(format!("{shown} has secrets and can be read by others; `chmod 600 {shown}` changes that"));
    }
    profile.certificate = profile.certificate.map(|certificate| path.with_file_name("").join(certificate));
    Ok(profile)
}

/// Why a file is refused: its lines are not shown, for they may hold secrets.
#[derive(Debug)]
struct Refused(String);

impl Refused {
    fn within(self, path: &Path) -> Failure {
        Failure::text(Exit::Usage, format!("{}, {}", path.display(), self.0))
            .hint("a profile has endpoint, project_id, region, certificate, and access_key with secret_key, or token")
    }
}

fn parse(text: &str) -> Result<File, Refused> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Refused(format!("line {line}: {}", error.message()))
    })
}

/// Checks an endpoint; answers it without a slash at the end, and its parts.
fn address(endpoint: &str) -> Result<(String, Uri), Failure> {
    let refused = || {
        Failure::text(Exit::Usage, format!("`{endpoint}` is no address of a server"))
            .hint(format!("write it as {LOCAL_ENDPOINT} or https://functiongraph.REGION.myhuaweicloud.com"))
    };
    let uri: Uri = endpoint.parse().map_err(|_| refused())?;
    let is_known = uri.scheme().is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    // Names and passwords do not belong there.
    let is_plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if is_known && is_plain && uri.query().is_none() {
        return Ok((endpoint.trim_end_matches('/').to_owned(), uri));
    }
    Err(refused())
}

/// The region in the cloud's endpoints: `functiongraph.cn-north-4.myhuaweicloud.com`.
fn region(address: &Uri) -> Option<String> {
    let labels: Vec<_> = address.host()?.split('.').collect();
    match labels[..] {
        ["functiongraph", region, ..] if labels.len() > 3 => Some(region.to_owned()),
        _ => None,
    }
}

/// Whether requests do not leave this machine.
pub(crate) fn is_local(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(unix)]
fn can_be_read_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn can_be_read_by_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
