//! What the WIT contract says about each role. The one text of the contract is read, never repeated.

/// The contract between host and function.
const CONTRACT: &str = include_str!("../../wit/function.wit");

/// What an exported function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Handler,
    Initializer,
    PreStop,
}

impl Role {
    /// The name of the role's export in the contract's own worlds.
    fn export(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Initializer => "initializer",
            Self::PreStop => "pre-stop",
        }
    }

    /// The WIT type of the role's exports.
    fn wit_type(self) -> &'static str {
        let declaration = format!("export {}:", self.export());
        CONTRACT
            .split_once(&declaration)
            .and_then(|(_, rest)| rest.split_once(';'))
            .map(|(wit_type, _)| wit_type.trim())
            .expect("the contract declares one export for every role")
    }
}

/// The name of the world that has `export` as its only export.
pub(crate) fn world(export: &str) -> String {
    format!("guest-{export}")
}

/// The contract with one more world, in which `export` has the type of its role.
///
/// Every attribute brings a world of its own, because an attribute sees only its own function. They become one
/// component when it is linked.
pub(crate) fn with_world_for(role: Role, export: &str) -> String {
    let world = world(export);
    let wit_type = role.wit_type();
    // The per cent sign lets an export be called like a keyword of WIT.
    format!("{CONTRACT}\nworld {world} {{\n    use types.{{error}};\n    export %{export}: {wit_type};\n}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_roles_come_from_the_contract() {
        assert_eq!(Role::Handler.wit_type(), "func(event: list<u8>) -> result<list<u8>, error>");
        assert_eq!(Role::Initializer.wit_type(), "func() -> result<_, error>");
        assert_eq!(Role::PreStop.wit_type(), "func()");
    }

    #[test]
    fn world_is_added_to_the_contract() {
        let wit = with_world_for(Role::PreStop, "clean-up");
        assert!(wit.starts_with(CONTRACT));
        assert!(wit.contains("world guest-clean-up {"));
        assert!(wit.contains("export %clean-up: func();"));
    }
}
