//! Paths and who answers them, as a tree of segments. It is never changed under its readers: a change copies the nodes
//! on its way and shares all others.

use super::{
    endpoint::Endpoint,
    path::{End, Pattern, Segment},
};
use std::sync::Arc;

/// What follows a beginning of paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Plain segments, sorted.
    children: Vec<(Box<str>, Arc<Node>)>,
    parameter: Option<Arc<Node>>,
    /// Those whose paths end here; of the same path, older ones first.
    exact: Vec<Arc<Endpoint>>,
    /// Those that take what follows, if anything does.
    prefix: Vec<Arc<Endpoint>>,
    /// Those that take what follows, if something does.
    greedy: Vec<Arc<Endpoint>>,
}

impl Node {
    /// Who answers a path best, as `answers` judges: the less the better, none not at all. Plain segments are better
    /// than parameters, longer prefixes than shorter ones. Paths are compared as they are sent, percent-encoded.
    pub(super) fn find(&self, path: &str, answers: &dyn Fn(&Endpoint) -> Option<u8>) -> Option<&Arc<Endpoint>> {
        self.descend(Some(path.strip_prefix('/')?), answers)
    }

    /// [`Node::find`] for what is left of a path after a slash; none when not even that is left.
    fn descend(&self, rest: Option<&str>, answers: &dyn Fn(&Endpoint) -> Option<u8>) -> Option<&Arc<Endpoint>> {
        let Some(rest) = rest else {
            return best(&self.exact, answers).or_else(|| best(&self.prefix, answers));
        };
        let (segment, after) = match rest.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        if let Ok(place) = self.place(segment)
            && let Some(found) = self.children[place].1.descend(after, answers)
        {
            return Some(found);
        }
        if let Some(parameter) = self.parameter.as_ref().filter(|_| !segment.is_empty())
            && let Some(found) = parameter.descend(after, answers)
        {
            return Some(found);
        }
        let greedy = if rest.is_empty() { None } else { best(&self.greedy, answers) };
        greedy.or_else(|| best(&self.prefix, answers))
    }

    /// Those that have the same path, whatever its parameters are called.
    pub(super) fn same(&self, pattern: &Pattern) -> &[Arc<Endpoint>] {
        let mut node = self;
        for segment in &pattern.segments {
            let next = match segment {
                Segment::Plain(text) => node.place(text).ok().map(|place| &node.children[place].1),
                Segment::Parameter(_) => node.parameter.as_ref(),
            };
            let Some(next) = next else { return &[] };
            node = next;
        }
        match &pattern.end {
            End::Exact => &node.exact,
            End::Prefix => &node.prefix,
            End::Greedy(_) => &node.greedy,
        }
    }

    pub(super) fn insert(self: &mut Arc<Self>, endpoint: &Arc<Endpoint>) {
        let mut node = self;
        for segment in &endpoint.pattern.segments {
            let this = Arc::make_mut(node);
            node = match segment {
                Segment::Plain(text) => {
                    let place = this.place(text).unwrap_or_else(|place| {
                        this.children.insert(place, (text.clone(), Arc::default()));
                        place
                    });
                    &mut this.children[place].1
                }
                Segment::Parameter(_) => this.parameter.get_or_insert_default(),
            };
        }
        let slot = Arc::make_mut(node).slot(&endpoint.pattern.end);
        let age = |endpoint: &Endpoint| (endpoint.created_at, endpoint.trigger.clone());
        let place = slot.partition_point(|other| age(other) < age(endpoint));
        slot.insert(place, Arc::clone(endpoint));
    }

    pub(super) fn remove(self: &mut Arc<Self>, endpoint: &Arc<Endpoint>) {
        Self::prune(self, &endpoint.pattern.segments, endpoint);
    }

    /// Removes an endpoint below, and what is empty then. Says whether this node is.
    fn prune(this: &mut Arc<Self>, segments: &[Segment], endpoint: &Arc<Endpoint>) -> bool {
        let node = Arc::make_mut(this);
        match segments {
            [] => node.slot(&endpoint.pattern.end).retain(|other| !Arc::ptr_eq(other, endpoint)),
            [Segment::Plain(text), rest @ ..] => {
                if let Ok(place) = node.place(text)
                    && Self::prune(&mut node.children[place].1, rest, endpoint)
                {
                    node.children.remove(place);
                }
            }
            [Segment::Parameter(_), rest @ ..] => {
                if node.parameter.as_mut().is_some_and(|parameter| Self::prune(parameter, rest, endpoint)) {
                    node.parameter = None;
                }
            }
        }
        node.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        let slots = [&self.exact, &self.prefix, &self.greedy];
        self.children.is_empty() && self.parameter.is_none() && slots.into_iter().all(Vec::is_empty)
    }

    /// Where a plain segment stands among the children, or belongs.
    fn place(&self, segment: &str) -> Result<usize, usize> {
        self.children.binary_search_by(|(text, _)| (**text).cmp(segment))
    }

    fn slot(&mut self, end: &End) -> &mut Vec<Arc<Endpoint>> {
        match end {
            End::Exact => &mut self.exact,
            End::Prefix => &mut self.prefix,
            End::Greedy(_) => &mut self.greedy,
        }
    }
}

/// The one that answers best, the oldest of several.
fn best<'a>(slot: &'a [Arc<Endpoint>], answers: &dyn Fn(&Endpoint) -> Option<u8>) -> Option<&'a Arc<Endpoint>> {
    let judged = slot.iter().filter_map(|endpoint| Some((answers(endpoint)?, endpoint)));
    judged.min_by_key(|(rank, _)| *rank).map(|(_, endpoint)| endpoint)
}
