//! Templates of applications: several functions with their triggers, deployed at once.

use crate::{Template, embedded, template};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashSet},
    sync::OnceLock,
};
use thiserror::Error;
use toml::{Table, Value, value::Date};

mod placeholder;

/// What an application can be made from: `application.toml`, strictly.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Application {
    /// Its id, a UUID that stays.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, a sentence or two.
    pub description: String,
    /// The runtime of most of its functions.
    pub runtime: String,
    /// What it is good for.
    pub category: String,
    /// How to use what was deployed, Markdown.
    pub guide: String,
    /// When it was first part of the program.
    pub created: Day,
    /// When it was last changed: its version.
    pub updated: Day,
    /// What who deploys it may choose.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// The functions, in the order in which they are deployed.
    pub functions: Vec<Function>,
    /// The aliases, in their order.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// The triggers, in their order, after all functions.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// A picture, PNG.
    #[serde(skip)]
    pub image: &'static [u8],
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Parameter {
    /// Its name: `${name}` stands for its value.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it is when nobody chooses.
    pub default: String,
}

/// A function of an application. Texts may have placeholders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Function {
    /// What its name ends with, after the application's and a dash.
    pub suffix: String,
    /// The template that it is made from.
    pub template: String,
    /// What it does there.
    pub description: String,
    /// The handler. Default: the template's.
    pub handler: Option<String>,
    /// The memory, in MiB. Default: the template's.
    pub memory: Option<u32>,
    /// The timeout, in seconds. Default: the template's.
    pub timeout: Option<u32>,
    /// User data. Default: the template's.
    #[serde(default)]
    pub user_data: BTreeMap<String, String>,
    /// The URN of the topic that is told each result of an asynchronous invocation. Default: none is.
    pub on_success: Option<String>,
}

/// An alias of one of the functions, for a version that is published for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Alias {
    /// The function's suffix.
    pub function: String,
    /// The alias's name.
    pub name: String,
    /// The version's name.
    pub version: String,
}

/// A trigger of one of the functions. Texts may have placeholders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Trigger {
    /// The function's suffix.
    pub function: String,
    /// The alias that it calls. Default: the function's version `latest`.
    pub alias: Option<String>,
    /// Its type: `TIMER`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is said about it, as the API has it.
    pub data: Table,
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub struct Day(Date);

/// An application as it is to be deployed: nothing in it has a placeholder any more.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Deployment {
    /// What to make, in this order.
    pub resources: Vec<Resource>,
}

/// A part of a deployment.
#[derive(Debug, Clone)]
pub enum Resource {
    /// A function: its name, what it is made from, and how.
    Function {
        /// The function's name.
        name: String,
        /// Its code and defaults.
        template: &'static Template,
        /// Its settings.
        settings: Function,
    },
    /// A version and an alias for it.
    Alias {
        /// The function's name.
        function: String,
        /// The alias and the version.
        alias: Alias,
    },
    /// A trigger.
    Trigger {
        /// The function's name.
        function: String,
        /// What fires it.
        trigger: Trigger,
    },
}

/// Why an application cannot be deployed as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ApplicationError {
    /// The file is no description of an application.
    #[error("the application's description cannot be read: {0}")]
    Malformed(String),
    /// A placeholder stands for nothing.
    #[error("`${{{0}}}` stands for nothing")]
    UnknownPlaceholder(String),
    /// A parameter was given that the application does not have.
    #[error("the application has no parameter `{given}`; it has: {known}")]
    UnknownParameter {
        /// What was given.
        given: String,
        /// What there is.
        known: String,
    },
    /// The description speaks of something that is not in it.
    #[error("{0}")]
    Inconsistent(String),
}

/// All applications, by name.
///
/// # Panics
/// Never in a program whose tests passed: they read each description.
#[must_use]
pub fn applications() -> &'static [Application] {
    static APPLICATIONS: OnceLock<Vec<Application>> = OnceLock::new();
    APPLICATIONS.get_or_init(|| {
        let read = |(text, image): &(&str, &'static [u8])| {
            Application::read(text, image).unwrap_or_else(|error| panic!("{error}"))
        };
        let mut all: Vec<_> = embedded::APPLICATIONS.iter().map(read).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    })
}

impl Application {
    /// Reads a description.
    ///
    /// # Errors
    /// When it has an unknown key, lacks one, or speaks of a template, function, alias or parameter that is not there.
    pub fn read(text: &str, image: &'static [u8]) -> Result<Self, ApplicationError> {
        let read: Self = toml::from_str(text).map_err(|error| ApplicationError::Malformed(error.to_string()))?;
        let read = Self { image, ..read };
        read.check()?;
        // With any names, all placeholders must be known.
        read.deploy("application", "project", "region", &BTreeMap::new())?;
        Ok(read)
    }

    fn check(&self) -> Result<(), ApplicationError> {
        let inconsistent = |text: String| Err(ApplicationError::Inconsistent(text));
        let mut suffixes = HashSet::new();
        for function in &self.functions {
            if template(&function.template).is_none() {
                return inconsistent(format!("there is no template `{}`", function.template));
            }
            if !suffixes.insert(&function.suffix) {
                return inconsistent(format!("two functions have the suffix `{}`", function.suffix));
            }
        }
        let functions = self.aliases.iter().map(|alias| &alias.function);
        for function in functions.chain(self.triggers.iter().map(|trigger| &trigger.function)) {
            if !suffixes.contains(function) {
                return inconsistent(format!("there is no function `{function}`"));
            }
        }
        for trigger in &self.triggers {
            let Some(name) = &trigger.alias else { continue };
            if !self.aliases.iter().any(|alias| alias.function == trigger.function && alias.name == *name) {
                return inconsistent(format!("the function `{}` has no alias `{name}`", trigger.function));
            }
        }
        Ok(())
    }

    /// What is to be made for an application of this name.
    ///
    /// # Errors
    /// When a parameter is given that there is not.
    ///
    /// # Panics
    /// Never: which templates there are was checked when the description was read.
    pub fn deploy(
        &self,
        application: &str,
        project: &str,
        region: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<Deployment, ApplicationError> {
        if let Some(unknown) = given.keys().find(|name| !self.parameters.iter().any(|known| known.name == **name)) {
            let known: Vec<_> = self.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let given = unknown.chars().take(80).collect();
            return Err(ApplicationError::UnknownParameter { given, known });
        }
        let mut values = BTreeMap::from([("application", application), ("project", project), ("region", region)]);
        for parameter in &self.parameters {
            values.insert(&parameter.name, given.get(&parameter.name).unwrap_or(&parameter.default));
        }
        let fill = |text: &str| placeholder::fill(text, &values);
        let full = |suffix: &str| format!("{application}-{suffix}");
        let mut resources = Vec::new();
        for function in &self.functions {
            let mut settings = function.clone();
            settings.description = fill(&settings.description)?;
            for value in settings.user_data.values_mut() {
                *value = fill(value)?;
            }
            settings.on_success = settings.on_success.as_deref().map(fill).transpose()?;
            let template = template(&function.template).expect("it was checked when the description was read");
            resources.push(Resource::Function { name: full(&function.suffix), template, settings });
        }
        for alias in &self.aliases {
            resources.push(Resource::Alias { function: full(&alias.function), alias: alias.clone() });
        }
        for trigger in &self.triggers {
            let mut trigger = trigger.clone();
            for (_, value) in &mut trigger.data {
                fill_all(value, &fill)?;
            }
            resources.push(Resource::Trigger { function: full(&trigger.function), trigger });
        }
        Ok(Deployment { resources })
    }
}

/// Fills in the texts of a value, however deep they stand.
fn fill_all(
    value: &mut Value,
    fill: &impl Fn(&str) -> Result<String, ApplicationError>,
) -> Result<(), ApplicationError> {
    match value {
        Value::String(text) => *text = fill(text)?,
        Value::Array(values) => values.iter_mut().try_for_each(|value| fill_all(value, fill))?,
        Value::Table(table) => table.iter_mut().try_for_each(|(_, value)| fill_all(value, fill))?,
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
    Ok(())
}

impl Day {
    /// The day as a number: 20261123.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from(self.0.year) * 10_000 + u32::from(self.0.month) * 100 + u32::from(self.0.day)
    }

    /// The day's first millisecond in UTC, counted from 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        // Years that begin in March have their leap day at the end.
        let (month, day) = (i64::from(self.0.month), i64::from(self.0.day));
        let year = i64::from(self.0.year) - i64::from(month < 3);
        let days = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        // 719,468 days lie between the first of March of the year 0 and 1970.
        (year * 365 + year / 4 - year / 100 + year / 400 + days - 719_468) * 86_400_000
    }
}

impl TryFrom<toml::value::Datetime> for Day {
    type Error = &'static str;

    fn try_from(moment: toml::value::Datetime) -> Result<Self, Self::Error> {
        match (moment.date, moment.time) {
            (Some(date), None) => Ok(Self(date)),
            _ => Err("a day is written as 2026-11-23"),
        }
    }
}

#[cfg(test)]
mod tests;
