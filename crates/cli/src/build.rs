//! `fngraph build`: compiles a project and says what came out.

use crate::{
    args::BuildArgs,
    code::Code,
    config::Config,
    exit::{Exit, Failure},
    inspect,
    platform::Platform,
    project::Project,
    units,
};
use std::path::Path;

/// Compiles the project; the wasm files' paths are the data, their kind and size the talk.
pub(crate) fn build(arguments: &BuildArgs, config: &Config) -> Result<(), Failure> {
    let project = Project {
        package: arguments.package.as_deref(),
        profile: &arguments.profile,
        ..Project::find(&arguments.project).ok_or_else(|| no_project(&arguments.project))?
    };
    let files = project.build(config.output.is_quiet())?;
    // Compiling the code for this machine is the only sure check, and the first run finds its result.
    let platform = Platform::start(config, 1)?;
    let mut refused = None;
    for file in &files {
        config.output.line(file.display())?;
        match describe(file, &platform) {
            Ok(text) => config.output.note(text),
            Err(failure) => {
                if let Some(earlier) = refused.replace(failure) {
                    config.output.failure(&earlier);
                }
            }
        }
    }
    refused.map_or(Ok(()), Err)
}

fn describe(file: &Path, platform: &Platform) -> Result<String, Failure> {
    let code = Code::read(file)?;
    let module = code.package.modules().next().unwrap_or_default();
    let artifact = platform.compile(&code.package, &module)?;
    let mut text = format!("{} function, {}", artifact.kind().as_str(), units::bytes(artifact.wasm_bytes() as u64));
    let entries = inspect::entries(&artifact);
    if !entries.is_empty() {
        text.push_str(&format!(", with {}", entries.join(", ")));
    }
    Ok(text)
}

fn no_project(folder: &Path) -> Failure {
    Failure::text(Exit::Usage, format!("`{}` has no Cargo.toml", folder.display()))
        .hint("`fngraph new NAME` starts a project; `fngraph build DIR` builds one elsewhere")
}
