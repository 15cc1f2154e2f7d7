use std::num::{NonZeroU64, NonZeroU128};

/// The length of a `traceparent` of version 00.
const LENGTH: usize = 55;

/// The flag of traces that are recorded.
const SAMPLED: u8 = 0b01;

/// The flags that have a meaning: sampled, and that the trace id is random. The others are not passed on.
const FLAGS: u8 = 0b11;

/// The most members of a `tracestate`.
const MEMBERS: usize = 32;

/// Where a call stands in a distributed trace: the W3C's Trace Context, which travels in the headers `traceparent` and
/// `tracestate`.
///
/// ```
/// use fngraph_types::TraceContext;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let context = TraceContext::parse(text, Some("vendor=opaque")).expect("it is well-formed");
/// assert!(context.is_sampled());
/// assert_eq!((context.traceparent().as_str(), context.tracestate()), (text, Some("vendor=opaque")));
/// assert_eq!(TraceContext::parse("00-0-0-01", None), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: NonZeroU128,
    span_id: NonZeroU64,
    flags: u8,
    /// The members of the `tracestate`, comma-separated; empty without any.
    state: Box<str>,
}

impl TraceContext {
    /// A span of a trace.
    pub fn new(trace_id: NonZeroU128, span_id: NonZeroU64, sampled: bool) -> Self {
        Self { trace_id, span_id, flags: if sampled { SAMPLED } else { 0 }, state: Box::default() }
    }

    /// What the two headers say; none when the `traceparent` is malformed. A malformed `tracestate` is left out, as the
    /// W3C demands, and so is everything that a later version added.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (trace_id, span_id, flags) = parent(traceparent)?;
        let state = tracestate.and_then(state).unwrap_or_default().into();
        Some(Self { trace_id, span_id, flags, state })
    }

    /// Another span in the same trace, with the same flags and state.
    #[must_use]
    pub fn with_span(&self, span_id: NonZeroU64) -> Self {
        Self { span_id, ..self.clone() }
    }

    /// The trace that all spans share.
    pub fn trace_id(&self) -> NonZeroU128 {
        self.trace_id
    }

    /// The span that makes the call, the parent of those that come from it.
    pub fn span_id(&self) -> NonZeroU64 {
        self.span_id
    }

    /// Whether who began the trace records it.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The value of the header `traceparent`.
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }

    /// The value of the header `tracestate`; none when there is nothing in it.
    pub fn tracestate(&self) -> Option<&str> {
        Some(&*self.state).filter(|state| !state.is_empty())
    }
}

fn parent(text: &str) -> Option<(NonZeroU128, NonZeroU64, u8)> {
    let (known, later) = text.split_at_checked(LENGTH)?;
    let mut fields = known.split('-');
    let version = field(fields.next()?, 2)?;
    let trace_id = field(fields.next()?, 32)?;
    let span_id = field(fields.next()?, 16)?;
    let flags = field(fields.next()?, 2)?;
    // Later versions may append fields.
    let ends = fields.next().is_none() && (later.is_empty() || (version > 0 && later.starts_with('-')));
    if !ends || version == 0xff {
        return None;
    }
    let span_id = u64::try_from(span_id).ok()?;
    let flags = u8::try_from(flags).ok()? & FLAGS;
    Some((NonZeroU128::new(trace_id)?, NonZeroU64::new(span_id)?, flags))
}

/// A number of so many hexadecimal digits. Capital ones are malformed.
fn field(text: &str, digits: usize) -> Option<u128> {
    let fits = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if fits { u128::from_str_radix(text, 16).ok() } else { None }
}

/// The members of a `tracestate`, without the white space and the empty ones between them.
fn state(text: &str) -> Option<String> {
    let members = text.split(',').map(|member| member.trim_matches([' ', '\t']));
    let members: Vec<&str> = members.filter(|member| !member.is_empty()).collect();
    if members.len() > MEMBERS {
        return None;
    }
    let mut keys = Vec::with_capacity(members.len());
    for member in &members {
        let (key, value) = member.split_once('=')?;
        if !is_key(key) || !is_value(value) || keys.contains(&key) {
            return None;
        }
        keys.push(key);
    }
    Some(members.join(","))
}

/// `vendor`, or `tenant@vendor`.
fn is_key(key: &str) -> bool {
    let rest =
        |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'));
    let begins = |text: &str, digit: bool| {
        text.bytes().next().is_some_and(|first| first.is_ascii_lowercase() || (digit && first.is_ascii_digit()))
    };
    match key.split_once('@') {
        None => begins(key, false) && rest(key) && key.len() <= 256,
        Some((tenant, vendor)) => {
            let tenant = begins(tenant, true) && rest(tenant) && tenant.len() <= 241;
            tenant && begins(vendor, false) && rest(vendor) && vendor.len() <= 14
        }
    }
}

/// Printable ASCII; that it has neither a comma nor white space at its end is known already.
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn check(traceparent: &str, flags: Option<&str>) {
        let parsed = TraceContext::parse(traceparent, None);
        let expected = flags.map(|flags| format!("{}{flags}", &PARENT[..53]));
        assert_eq!(parsed.map(|context| context.traceparent()), expected, "{traceparent}");
    }

    #[test]
    fn a_traceparent_has_four_fields_of_lower_case_digits() {
        check(PARENT, Some("01"));
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", Some("00"));
        // Flags without a meaning are not passed on.
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", Some("03"));
        check("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe", Some("02"));
        // A later version may have more.
        check("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some("01"));
        check("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", Some("01"));
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "é0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_malformed_tracestate_is_left_out_and_the_rest_stays() {
        let long = format!("a={}", "x".repeat(256));
        let many = (0..33).map(|number| format!("k{number}=v")).collect::<Vec<_>>().join(",");
        for (text, kept) in [
            ("a=1", Some("a=1")),
            (" a=1 ,\tb=2,, ", Some("a=1,b=2")),
            ("tenant@vendor=a b", Some("tenant@vendor=a b")),
            ("0tenant@vendor=1", Some("0tenant@vendor=1")),
            (&long, Some(&*long)),
            ("", None),
            ("a", None),
            ("a=", None),
            ("a=1=2", None),
            ("A=1", None),
            ("0a=1", None),
            ("a=1,a=2", None),
            ("a=é", None),
            ("tenant@=1", None),
            ("tenant@fifteen-letters=1", None),
            (&format!("{long}x"), None),
            (&many, None),
        ] {
            let context = TraceContext::parse(PARENT, Some(text)).unwrap();
            assert_eq!(context.tracestate(), kept, "{text}");
        }
    }

    #[test]
    fn another_span_is_in_the_same_trace() {
        let parent = TraceContext::parse(PARENT, Some("a=1")).unwrap();
        let child = parent.with_span(NonZeroU64::MIN);
        assert_eq!(child.traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
        assert_eq!((child.trace_id(), child.tracestate()), (parent.trace_id(), Some("a=1")));
        assert!(!TraceContext::new(parent.trace_id(), NonZeroU64::MAX, false).is_sampled());
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_not_and_what_was_parsed_is_stable(
            parent in "([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|.{0,60})(-.{0,5})?",
            state in proptest::option::of("([ a-z0-9@=,\t_*/-]{0,300}|.{0,50})"),
        ) {
            if let Some(context) = TraceContext::parse(&parent, state.as_deref()) {
                let again = TraceContext::parse(&context.traceparent(), context.tracestate());
                prop_assert_eq!(again, Some(context));
            }
        }

        #[test]
        fn what_is_written_is_read_back(trace in 1u128.., span in 1u64.., sampled: bool) {
            let context =
                TraceContext::new(NonZeroU128::new(trace).unwrap(), NonZeroU64::new(span).unwrap(), sampled);
            prop_assert_eq!(TraceContext::parse(&context.traceparent(), None), Some(context));
        }
    }
}
