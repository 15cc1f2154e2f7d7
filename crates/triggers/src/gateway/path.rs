//! Paths of APIs, as they are compared with those of requests.

use fngraph::PathMatch;

/// The path of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) segments: Vec<Segment>,
    pub(super) end: End,
}

/// What stands between two slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// This text.
    Plain(Box<str>),
    /// Any text that is not empty; the parameter has this name.
    Parameter(Box<str>),
}

/// What may follow the segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing.
    Exact,
    /// Anything, or nothing.
    Prefix,
    /// Something, which is a parameter of this name.
    Greedy(Box<str>),
}

impl Pattern {
    /// The pattern of a path that keeps the rules ([`fngraph::Gateway`]). A slash at the end of a prefix means nothing.
    pub(super) fn new(path: &str, matching: PathMatch) -> Self {
        let mut segments = Vec::new();
        let mut end = match matching {
            PathMatch::Exact => End::Exact,
            PathMatch::Prefix => End::Prefix,
        };
        for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match name.map(|name| (name, name.strip_suffix('+'))) {
                None => segments.push(Segment::Plain(segment.into())),
                Some((name, None)) => segments.push(Segment::Parameter(name.into())),
                Some((_, Some(greedy))) => end = End::Greedy(greedy.into()),
            }
        }
        if end == End::Prefix && matches!(segments.last(), Some(Segment::Plain(last)) if last.is_empty()) {
            segments.pop();
        }
        Self { segments, end }
    }

    /// The parameters in the path of a request that fits, by name, as they stand there. The one that takes the rest of
    /// the path has the empty name, as the cloud has it, and its own.
    pub(super) fn parameters<'a>(&'a self, path: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut parameters = Vec::new();
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        for segment in &self.segments {
            let (text, after) = rest.split_once('/').unwrap_or((rest, ""));
            if let Segment::Parameter(name) = segment {
                parameters.push((&**name, text));
            }
            rest = after;
        }
        if let End::Greedy(name) = &self.end {
            parameters.extend([("", rest), (&**name, rest)]);
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, parameters: &[(&str, &str)]) {
        assert_eq!(Pattern::new(pattern, PathMatch::Exact).parameters(path), parameters, "{pattern} {path}");
    }

    #[test]
    fn parameters_are_read_where_they_stand() {
        check("/", "/", &[]);
        check("/a/b", "/a/b", &[]);
        check("/a/{id}", "/a/7", &[("id", "7")]);
        check("/{a}/x/{b}/", "/1/x/2/", &[("a", "1"), ("b", "2")]);
        check("/v1/{proxy+}", "/v1/x/y", &[("", "x/y"), ("proxy", "x/y")]);
        check("/{proxy+}", "/x//y/", &[("", "x//y/"), ("proxy", "x//y/")]);
    }

    #[test]
    fn a_slash_at_the_end_of_a_prefix_means_nothing() {
        let prefix = |path| Pattern::new(path, PathMatch::Prefix);
        assert_eq!(prefix("/a/"), prefix("/a"));
        assert_eq!(prefix("/").segments, []);
        assert_ne!(Pattern::new("/a/", PathMatch::Exact), Pattern::new("/a", PathMatch::Exact));
    }
}
