//! Who of an environment's extensions has registered, from where: the rules, and nothing else (manual, 6.1.4).

use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddrV4},
    ops::RangeInclusive,
};

/// Where extensions and telemetry listeners may listen, on 127.0.0.1 (manual, 6.1.4.1).
pub(super) const FIXED_PORTS: RangeInclusive<u16> = 8081..=8090;

/// The extensions of one environment that were started, by their names.
#[derive(Debug, Default)]
pub(super) struct Roster(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    /// The port that was chosen for it, if it was.
    assigned: Option<u16>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Started,
    Registered(u16),
    Ended,
}

/// Why a request of an extension is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// A header is missing or no text.
    #[error("the header {0} is missing")]
    Header(&'static str),
    /// No extension of this name was started here.
    #[error("no extension `{0}` was started for this function")]
    Unknown(String),
    /// It has registered before.
    #[error("the extension `{0}` has registered already")]
    Twice(String),
    /// It has ended.
    #[error("the extension `{0}` has ended")]
    Ended(String),
    /// It may not listen there.
    #[error(
        "`{0}` is no address of an extension: it is 127.0.0.1 with a port from 8081 to 8090, or with EXTENSION_PORT"
    )]
    Address(String),
    /// Another one listens there.
    #[error("the port {0} belongs to another extension")]
    Port(u16),
    /// The body of a subscription is something else.
    #[error("the subscription is not as documented: {0}")]
    Subscription(String),
    /// Extensions register first.
    #[error("no extension has registered; register before you subscribe")]
    Unregistered,
    /// There is a subscriber.
    #[error("telemetry has a subscriber already")]
    Subscribed,
}

impl Refusal {
    /// The word for programs.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Header(_) => "MissingHeader",
            Self::Unknown(_) => "UnknownExtension",
            Self::Twice(_) => "AlreadyRegistered",
            Self::Ended(_) => "ExtensionEnded",
            Self::Address(_) => "InvalidAddress",
            Self::Port(_) => "AddressInUse",
            Self::Subscription(_) => "InvalidSubscription",
            Self::Unregistered => "NotRegistered",
            Self::Subscribed => "AlreadySubscribed",
        }
    }
}

impl Roster {
    /// Extensions with the ports that were chosen for them.
    pub(super) fn new(extensions: impl IntoIterator<Item = (String, Option<u16>)>) -> Self {
        let entry = |(name, assigned)| (name, Entry { assigned, state: State::Started });
        Self(extensions.into_iter().map(entry).collect())
    }

    /// Registers an extension, and answers its port.
    pub(super) fn register(&mut self, name: &str, address: &str, ports: &mut Lease<'_>) -> Result<u16, Refusal> {
        let shown = || shorten(name);
        match self.0.get(name).map(|entry| entry.state) {
            None => return Err(Refusal::Unknown(shown())),
            Some(State::Registered(_)) => return Err(Refusal::Twice(shown())),
            Some(State::Ended) => return Err(Refusal::Ended(shown())),
            Some(State::Started) => {}
        }
        let port = address.parse().ok().filter(|address: &SocketAddrV4| *address.ip() == Ipv4Addr::LOCALHOST);
        let port = port.ok_or_else(|| Refusal::Address(shorten(address)))?.port();
        let assigned = self.0.get(name).and_then(|entry| entry.assigned);
        if assigned != Some(port) && !FIXED_PORTS.contains(&port) {
            return Err(Refusal::Address(shorten(address)));
        }
        if self.0.values().any(|entry| entry.state == State::Registered(port)) {
            return Err(Refusal::Port(port));
        }
        ports.claim(port)?;
        if let Some(entry) = self.0.get_mut(name) {
            entry.state = State::Registered(port);
        }
        Ok(port)
    }

    /// Whether a telemetry listener may be there: where an extension may be.
    pub(super) fn may_listen(&self, port: u16, ports: &mut Lease<'_>) -> Result<(), Refusal> {
        if !self.0.values().any(|entry| matches!(entry.state, State::Registered(_))) {
            return Err(Refusal::Unregistered);
        }
        if !FIXED_PORTS.contains(&port) && !self.0.values().any(|entry| entry.assigned == Some(port)) {
            return Err(Refusal::Address(format!("127.0.0.1:{port}")));
        }
        ports.claim(port)
    }

    /// An extension's process has ended.
    pub(super) fn end(&mut self, name: &str) {
        if let Some(entry) = self.0.get_mut(name) {
            entry.state = State::Ended;
        }
    }

    /// The extensions that run and have not registered.
    pub(super) fn awaited(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, entry)| entry.state == State::Started).map(|(name, _)| name.as_str()).collect()
    }

    /// Whether all have ended.
    pub(super) fn is_over(&self) -> bool {
        self.0.values().all(|entry| entry.state == State::Ended)
    }
}

/// Which environment has which of the fixed ports, of which this machine has only one each.
#[derive(Debug, Default)]
pub(super) struct Ports(Mutex<BTreeMap<u16, u64>>);

/// The ports, from the view of one environment.
#[derive(Debug)]
pub(super) struct Lease<'a> {
    ports: &'a Ports,
    environment: u64,
}

impl Ports {
    pub(super) fn lease(&self, environment: u64) -> Lease<'_> {
        Lease { ports: self, environment }
    }

    /// Gives back what an environment had.
    pub(super) fn release(&self, environment: u64) {
        self.0.lock().retain(|_, owner| *owner != environment);
    }
}

impl Lease<'_> {
    fn claim(&mut self, port: u16) -> Result<(), Refusal> {
        let owner = *self.ports.0.lock().entry(port).or_insert(self.environment);
        if owner == self.environment { Ok(()) } else { Err(Refusal::Port(port)) }
    }
}

/// What an extension sent may be long; its beginning tells enough.
fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn roster() -> Roster {
        Roster::new([("a.sh".to_owned(), None), ("b.sh".to_owned(), Some(40_000)), ("c.sh".to_owned(), Some(40_001))])
    }

    fn check(steps: &[(&str, &str, Result<u16, &str>)]) {
        let (mut roster, ports) = (roster(), Ports::default());
        for (name, address, expected) in steps {
            let registered = roster.register(name, address, &mut ports.lease(1));
            assert_eq!(registered.as_ref().map(|port| *port).map_err(Refusal::kind), *expected, "{name} {address}");
        }
    }

    #[test]
    fn an_extension_registers_once_from_an_address_that_it_may_have() {
        check(&[
            ("a.sh", "127.0.0.1:8080", Err("InvalidAddress")),
            ("a.sh", "127.0.0.1:8091", Err("InvalidAddress")),
            ("a.sh", "0.0.0.0:8081", Err("InvalidAddress")),
            ("a.sh", "localhost:8081", Err("InvalidAddress")),
            ("a.sh", "8081", Err("InvalidAddress")),
            ("a.sh", "[::1]:8081", Err("InvalidAddress")),
            ("a.sh", "127.0.0.1:40000", Err("InvalidAddress")),
            ("a.sh", "127.0.0.1:8081", Ok(8081)),
            ("a.sh", "127.0.0.1:8082", Err("AlreadyRegistered")),
        ]);
    }

    #[test]
    fn ports_are_not_shared_and_an_assigned_one_is_its_owners() {
        check(&[
            ("a.sh", "127.0.0.1:8081", Ok(8081)),
            ("b.sh", "127.0.0.1:8081", Err("AddressInUse")),
            ("b.sh", "127.0.0.1:40001", Err("InvalidAddress")),
            ("b.sh", "127.0.0.1:40000", Ok(40_000)),
            ("c.sh", "127.0.0.1:8090", Ok(8090)),
            ("d.sh", "127.0.0.1:8083", Err("UnknownExtension")),
        ]);
    }

    #[test]
    fn another_environment_has_its_ports_until_it_ends() {
        let (mut first, mut second, ports) = (roster(), roster(), Ports::default());
        first.register("a.sh", "127.0.0.1:8081", &mut ports.lease(1)).unwrap();
        let again = second.register("a.sh", "127.0.0.1:8081", &mut ports.lease(2));
        assert_eq!(again, Err(Refusal::Port(8081)));
        ports.release(1);
        assert_eq!(second.register("a.sh", "127.0.0.1:8081", &mut ports.lease(2)), Ok(8081));
    }

    #[test]
    fn who_has_ended_is_not_awaited_and_does_not_register() {
        let (mut roster, ports) = (roster(), Ports::default());
        assert_eq!(roster.awaited(), ["a.sh", "b.sh", "c.sh"]);
        roster.end("b.sh");
        roster.register("a.sh", "127.0.0.1:8081", &mut ports.lease(1)).unwrap();
        assert_eq!(roster.awaited(), ["c.sh"]);
        let late = roster.register("b.sh", "127.0.0.1:8082", &mut ports.lease(1));
        assert_eq!(late, Err(Refusal::Ended("b.sh".to_owned())));
        roster.end("a.sh");
        assert!(!roster.is_over());
        roster.end("c.sh");
        assert!(roster.is_over());
    }

    #[test]
    fn telemetry_goes_where_extensions_may_be_once_one_has_registered() {
        let (mut roster, ports) = (roster(), Ports::default());
        assert_eq!(roster.may_listen(8081, &mut ports.lease(1)), Err(Refusal::Unregistered));
        roster.register("a.sh", "127.0.0.1:8081", &mut ports.lease(1)).unwrap();
        for (port, expected) in [(8081, true), (8090, true), (40_001, true), (8080, false), (40_002, false)] {
            assert_eq!(roster.may_listen(port, &mut ports.lease(1)).is_ok(), expected, "{port}");
        }
    }

    proptest! {
        #[test]
        fn no_registration_is_too_strange(name in ".*", address in ".*") {
            let (mut roster, ports) = (roster(), Ports::default());
            prop_assert!(roster.register(&name, &address, &mut ports.lease(1)).is_err());
            prop_assert!(roster.register("a.sh", &address, &mut ports.lease(1)).is_err());
        }
    }
}
