//! `fngraph new --list`: what projects can be made from.

use crate::{args::Format, exit::Failure, output::Output};
use fngraph_templates::{Template, templates};
use serde::Serialize;

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    templates: Vec<Listed>,
}

/// A template.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    id: &'static str,
    title: &'static str,
    description: &'static str,
    runtime: &'static str,
    scene: &'static str,
    service: &'static str,
    event_file: &'static str,
}

/// Lists the templates.
pub(super) fn list(format: Format, output: &Output) -> Result<(), Failure> {
    match format {
        Format::Json => output.json(&Document { templates: templates().iter().map(listed).collect() })?,
        Format::Text => output.data(text().as_bytes())?,
    }
    Ok(())
}

fn listed(template: &Template) -> Listed {
    Listed {
        name: template.name,
        id: template.id,
        title: template.title,
        description: template.description,
        runtime: template.runtime,
        scene: template.scene,
        service: template.service,
        event_file: template.event_file,
    }
}

/// A line for each, names as wide as the widest.
fn text() -> String {
    let width = templates().iter().map(|template| template.name.len()).max().unwrap_or_default();
    templates().iter().map(|template| format!("{:width$}  {}\n", template.name, template.description)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_template_has_a_line() {
        let text = text();
        assert_eq!(text.lines().count(), templates().len());
        assert!(text.contains("\nhello           The smallest function"), "{text}");
    }
}
