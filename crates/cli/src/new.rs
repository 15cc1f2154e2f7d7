//! `fngraph new`: writes a project that builds and whose tests pass.

mod manifest;
mod name;
mod template;

use crate::{
    args::{NewArgs, Template},
    config::Config,
    exit::{Exit, Failure, OrExit as _},
    output::Accent,
};
use anyhow::{Context as _, Result};
use name::ProjectName;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of a project's copy of the SDK.
const SDK_FOLDER: &str = "fngraph-guest";

/// Writes the project and says what to type next.
pub(crate) fn new(arguments: &NewArgs, config: &Config) -> Result<(), Failure> {
    let name = ProjectName::of(&arguments.path)?;
    if arguments.path.symlink_metadata().is_ok() {
        let refusal = format!("`{}` exists already", arguments.path.display());
        return Err(
            Failure::text(Exit::Usage, refusal).hint("choose another name, or move what is there; nothing was changed")
        );
    }
    let sdk = Sdk::of(arguments)?;
    write(&arguments.path, arguments.template, &name, &sdk).or_exit(Exit::Platform, "")?;

    let output = &config.output;
    output.note(format_args!("created the {} function {}", arguments.template.as_str(), name.as_str()));
    output.note(output.paint(Accent::Strong, "next:"));
    output.note(format_args!("  cd {}", arguments.path.display()));
    output.note("  cargo test");
    output.note(format_args!("  fngraph run . --event '{}'", arguments.template.example_event()));
    output.line(arguments.path.display())?;
    Ok(())
}

/// Where the project's SDK is.
#[derive(Debug)]
enum Sdk {
    /// The template needs none.
    Unused,
    /// A copy in the project.
    Copied,
    /// This folder.
    Folder(PathBuf),
}

impl Sdk {
    fn of(arguments: &NewArgs) -> Result<Self, Failure> {
        match (&arguments.sdk_path, arguments.template) {
            (_, Template::Http | Template::Command) => Ok(Self::Unused),
            (None, Template::Event) => Ok(Self::Copied),
            (Some(path), Template::Event) if path.join("Cargo.toml").is_file() => {
                let path = path.canonicalize().with_context(|| format!("find {}", path.display()))?;
                Ok(Self::Folder(path))
            }
            (Some(path), Template::Event) => {
                let refusal = format!("`{}` is not the SDK: it has no Cargo.toml", path.display());
                Err(Failure::text(Exit::Usage, refusal).hint("leave --sdk-path out to get a copy of the SDK"))
            }
        }
    }

    /// The path that the project's manifest names.
    fn dependency(&self) -> String {
        match self {
            Self::Unused | Self::Copied => SDK_FOLDER.to_owned(),
            // Manifests want a slash everywhere, and a quote would end the string.
            Self::Folder(path) => path.display().to_string().replace('\\', "/").replace('"', "\\\""),
        }
    }
}

fn write(folder: &Path, template: Template, name: &ProjectName, sdk: &Sdk) -> Result<()> {
    for (path, content) in template::files(template, name, &sdk.dependency())? {
        write_file(&folder.join(path), &content)?;
    }
    if let Sdk::Copied = sdk {
        for (path, content) in template::sdk_files()? {
            write_file(&folder.join(SDK_FOLDER).join(path), &content)?;
        }
    }
    Ok(())
}

fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("create the folder {}", folder.display()))?;
    fs::write(path, content).with_context(|| format!("write {}", path.display()))
}

impl Template {
    fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Http => "HTTP",
            Self::Command => "command",
        }
    }

    /// An event that the template answers.
    fn example_event(self) -> &'static str {
        match self {
            Self::Event => r#"{"name": "Ada"}"#,
            Self::Http => r#"{"httpMethod": "GET", "path": "/hello/Ada"}"#,
            Self::Command => "to be or not to be",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_project_carries_its_own_sdk() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("my-orders");
        let name = ProjectName::of(&project).unwrap();
        write(&project, Template::Event, &name, &Sdk::Copied).unwrap();
        for file in ["Cargo.toml", "src/lib.rs", ".gitignore", "fngraph-guest/Cargo.toml", "fngraph-guest/src/lib.rs"] {
            assert!(project.join(file).is_file(), "{file}");
        }
        assert!(fs::read_dir(project.join("fngraph-guest/wit")).unwrap().count() > 0);
        let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(r#"name = "my-orders""#), "{manifest}");
        assert!(manifest.contains(r#"path = "fngraph-guest""#), "{manifest}");
        assert!(!manifest.contains("{{"), "{manifest}");
    }
}
