//! `fngraph new`: writes a project that builds and whose tests pass.

mod list;
mod name;
mod project;

use crate::{
    args::NewArgs,
    config::Config,
    exit::{Exit, Failure, OrExit as _},
    output::Accent,
};
use anyhow::{Context as _, Result};
use fngraph_templates::{File, Template};
use name::ProjectName;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Writes the project and says what to type next, or lists what projects can be made from.
pub(crate) fn new(arguments: &NewArgs, config: &Config) -> Result<(), Failure> {
    match &arguments.path {
        Some(path) => create(path, arguments, config),
        // Without a name there is only this to ask for; the arguments see to that.
        None => list::list(arguments.output, &config.output),
    }
}

fn create(path: &Path, arguments: &NewArgs, config: &Config) -> Result<(), Failure> {
    let name = ProjectName::of(path)?;
    if path.symlink_metadata().is_ok() {
        let refusal = format!("`{}` exists already", path.display());
        return Err(
            Failure::text(Exit::Usage, refusal).hint("choose another name, or move what is there; nothing was changed")
        );
    }
    let template = arguments.template;
    let sdk = Sdk::of(arguments.sdk_path.as_deref(), template)?;
    write(path, template, &name, &sdk).or_exit(Exit::Platform, "")?;

    let output = &config.output;
    output.note(format_args!("created {} from the template {}", name.as_str(), template.name));
    if !template.warning.is_empty() {
        output.note(template.warning);
    }
    output.note(output.paint(Accent::Strong, "next:"));
    output.note(format_args!("  cd {}", path.display()));
    output.note("  cargo test");
    output.note(format_args!("  {}", run_command(template)));
    output.line(path.display())?;
    Ok(())
}

/// What runs the project once, with the event that lies beside it.
fn run_command(template: &Template) -> String {
    let mut command = "fngraph run .".to_owned();
    let entry = template.handler.rsplit_once('.').map_or("handler", |(_, entry)| entry);
    if entry != "handler" {
        command.push_str(&format!(" --handler {entry}"));
    }
    if !template.user_data_file.is_empty() {
        command.push_str(&format!(" --user-data @{}", template.user_data_file));
    }
    command.push_str(&format!(" --event @{}", template.event_file));
    command
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
    fn of(folder: Option<&Path>, template: &Template) -> Result<Self, Failure> {
        match folder {
            _ if !project::uses_sdk(template) => Ok(Self::Unused),
            None => Ok(Self::Copied),
            Some(path) if path.join("Cargo.toml").is_file() => {
                let path = path.canonicalize().with_context(|| format!("find {}", path.display()))?;
                Ok(Self::Folder(path))
            }
            Some(path) => {
                let refusal = format!("`{}` is not the SDK: it has no Cargo.toml", path.display());
                Err(Failure::text(Exit::Usage, refusal).hint("leave --sdk-path out to get a copy of the SDK"))
            }
        }
    }

    /// The path that the project's manifest names.
    fn dependency(&self) -> String {
        match self {
            Self::Unused | Self::Copied => Template::SDK_FOLDER.to_owned(),
            // Manifests want a slash everywhere, and a quote would end the string.
            Self::Folder(path) => path.display().to_string().replace('\\', "/").replace('"', "\\\""),
        }
    }
}

fn write(folder: &Path, template: &Template, name: &ProjectName, sdk: &Sdk) -> Result<()> {
    for File { path, content } in project::files(template, name, &sdk.dependency())? {
        write_file(&folder.join(path), &content)?;
    }
    if let Sdk::Copied = sdk {
        for File { path, content } in fngraph_templates::sdk() {
            write_file(&folder.join(Template::SDK_FOLDER).join(path), &content)?;
        }
    }
    Ok(())
}

fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("create the folder {}", folder.display()))?;
    fs::write(path, content).with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_templates::template;

    #[test]
    fn an_event_project_carries_its_own_sdk() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("my-orders");
        let name = ProjectName::of(&project).unwrap();
        write(&project, template("event").unwrap(), &name, &Sdk::Copied).unwrap();
        for file in [
            "Cargo.toml",
            "src/lib.rs",
            "event.json",
            ".gitignore",
            "fngraph-guest/Cargo.toml",
            "fngraph-guest/src/lib.rs",
        ] {
            assert!(project.join(file).is_file(), "{file}");
        }
        assert!(fs::read_dir(project.join("fngraph-guest/wit")).unwrap().count() > 0);
        let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(r#"name = "my-orders""#), "{manifest}");
        assert!(manifest.contains(r#"path = "fngraph-guest""#), "{manifest}");
    }

    #[test]
    fn what_to_type_next_runs_the_template() {
        for (name, expected) in [
            ("event", "fngraph run . --event @event.json"),
            ("command", "fngraph run . --event @event.txt"),
            ("order-pipeline", "fngraph run . --handler price --user-data @user-data.json --event @event.json"),
        ] {
            assert_eq!(run_command(template(name).unwrap()), expected);
        }
    }
}
