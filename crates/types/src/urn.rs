use crate::{FunctionId, NameError, Qualifier};
use std::{fmt, sync::Arc};

/// The name of a function, with or without a version or alias, as the cloud writes it:
/// `urn:fss:<region>:<project>:function:<package>:<name>[:<version>|:!<alias>]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Urn {
    /// The region; it names where the cloud would run the function and changes nothing here.
    pub region: Arc<str>,
    /// The function.
    pub function: FunctionId,
    /// The version or alias; none means `latest`.
    pub qualifier: Option<Qualifier>,
}

/// What short URNs leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The region. Default: `local`.
    pub region: Arc<str>,
    /// The project. Default: [`FunctionId::LOCAL_PROJECT`].
    pub project_id: Arc<str>,
}

/// The parts of a URN, borrowed from its text: enough to look a function up, without allocating. The names are not
/// checked; a wrong one names no function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrnRef<'a> {
    /// The region.
    pub region: &'a str,
    /// The project.
    pub project_id: &'a str,
    /// The package.
    pub package: &'a str,
    /// The function's name.
    pub name: &'a str,
    /// The version or alias, as written; none means `latest`.
    pub qualifier: Option<&'a str>,
}

/// A text that is not a URN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrnError {
    /// The text has another number of fields than any URN, or its fixed fields are others.
    #[error(
        "`{0}` is no function URN; write `name`, `package:name`, `project:package:name`, \
         `project:package:name:version` or `urn:fss:region:project:function:package:name[:version]`"
    )]
    Form(String),
    /// A part is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Default for Scope {
    fn default() -> Self {
        Self { region: Arc::from("local"), project_id: Arc::from(FunctionId::LOCAL_PROJECT) }
    }
}

impl<'a> UrnRef<'a> {
    /// Reads a URN of 1, 2, 3, 4, 7 or 8 fields; what a short one leaves out comes from `scope`.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &'a str, scope: &'a Scope) -> Result<Self, UrnError> {
        Self::parse_in(text, &scope.region, &scope.project_id)
    }

    /// The same with a region and a project of the caller's.
    ///
    /// # Errors
    /// As there.
    pub fn parse_in(text: &'a str, region: &'a str, project_id: &'a str) -> Result<Self, UrnError> {
        let mut fields = [""; 8];
        let mut count = 0;
        let mut start = 0;
        // Byte by byte, since a search for each colon takes longer to begin than most fields are long.
        for (end, byte) in text.bytes().enumerate() {
            if byte == b':' {
                *fields.get_mut(count).ok_or_else(|| form(text))? = &text[start..end];
                (count, start) = (count + 1, end + 1);
            }
        }
        *fields.get_mut(count).ok_or_else(|| form(text))? = &text[start..];
        count += 1;
        let urn = Self { region, project_id, package: FunctionId::DEFAULT_PACKAGE, name: fields[0], qualifier: None };
        let urn = match (count, fields) {
            (1, _) => urn,
            (2, [package, name, ..]) => Self { package, name, ..urn },
            (3, [project_id, package, name, ..]) => Self { project_id, package, name, ..urn },
            (4, [project_id, package, name, qualifier, ..]) => {
                Self { project_id, package, name, qualifier: Some(qualifier), ..urn }
            }
            (7, ["urn", "fss", region, project_id, "function", package, name, _]) => {
                Self { region, project_id, package, name, qualifier: None }
            }
            (8, ["urn", "fss", region, project_id, "function", package, name, qualifier]) => {
                Self { region, project_id, package, name, qualifier: Some(qualifier) }
            }
            _ => return Err(form(text)),
        };
        let named = !urn.project_id.is_empty() && !urn.package.is_empty() && !urn.name.is_empty();
        if named && urn.qualifier != Some("") { Ok(urn) } else { Err(form(text)) }
    }
}

fn form(text: &str) -> UrnError {
    // What a client sent may be long; its beginning tells enough.
    UrnError::Form(text.chars().take(120).collect())
}

impl Urn {
    /// Reads a URN of 1, 2, 3, 4, 7 or 8 fields and checks its names; what a short one leaves out comes from `scope`.
    ///
    /// # Errors
    /// When the text has another form, or a part is not a name.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, UrnError> {
        let urn = UrnRef::parse(text, scope)?;
        Ok(Self {
            region: Arc::from(urn.region),
            function: FunctionId::new(urn.project_id, urn.package, urn.name),
            qualifier: urn.qualifier.map(str::parse).transpose()?,
        })
    }
}

/// The full form.
impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FunctionId { project_id, package, name } = &self.function;
        write!(f, "urn:fss:{}:{project_id}:function:{package}:{name}", self.region)?;
        match &self.qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, full: &str) {
        let urn = Urn::parse(text, &Scope::default()).unwrap();
        assert_eq!(urn.to_string(), full, "{text}");
    }

    #[test]
    fn short_forms_are_completed_from_the_scope() {
        check("f", "urn:fss:local:local:function:default:f");
        check("shop:f", "urn:fss:local:local:function:shop:f");
        check("p1:shop:f", "urn:fss:local:p1:function:shop:f");
        check("p1:shop:f:v1", "urn:fss:local:p1:function:shop:f:v1");
        check("p1:shop:f:!prod", "urn:fss:local:p1:function:shop:f:!prod");
        check("urn:fss:cn-north-4:p1:function:shop:f", "urn:fss:cn-north-4:p1:function:shop:f");
        check("urn:fss:cn-north-4:p1:function:shop:f:latest", "urn:fss:cn-north-4:p1:function:shop:f:latest");
    }

    #[test]
    fn other_forms_are_refused_with_the_forms_to_write() {
        for text in ["", ":", "a:b:c:d:e", "urn:fss:r:p:trigger:a:b", "a::b", "p:a:f:", "urn:fss:r:p:function:a:b:c:d"]
        {
            let error = Urn::parse(text, &Scope::default()).unwrap_err();
            assert!(error.to_string().contains("project:package:name"), "{text}: {error}");
        }
    }

    #[test]
    fn a_wrong_qualifier_is_named() {
        let error = Urn::parse("p:a:f:!1", &Scope::default()).unwrap_err();
        assert!(error.to_string().contains("`1` is no name of an alias"), "{error}");
    }

    proptest! {
        #[test]
        fn a_urn_parses_to_what_it_prints(text in "([a-z!.:-]|urn:fss:r:p:function:){0,12}") {
            if let Ok(urn) = Urn::parse(&text, &Scope::default()) {
                prop_assert_eq!(Urn::parse(&urn.to_string(), &Scope::default()), Ok(urn));
            }
        }
    }
}
