//! What a call has its instance do.

use crate::executor::InstanceLike;
use fngraph_engine::{Exchange, Invocation, Outcome};

/// What a call has its instance do, once it has one.
pub(crate) trait Call: Send {
    /// The invocation that it is.
    fn invocation(&self) -> &Invocation;

    /// The invocation, to be changed before it begins.
    fn invocation_mut(&mut self) -> &mut Invocation;

    /// Has the instance do it.
    fn run<I: InstanceLike>(self, instance: &mut I) -> impl Future<Output = Outcome> + Send;
}

/// An event, which is handled.
impl Call for Invocation {
    fn invocation(&self) -> &Invocation {
        self
    }

    fn invocation_mut(&mut self) -> &mut Invocation {
        self
    }

    fn run<I: InstanceLike>(self, instance: &mut I) -> impl Future<Output = Outcome> + Send {
        instance.call(self)
    }
}

/// An exchange, which is served.
pub(crate) struct Service {
    pub(crate) invocation: Invocation,
    pub(crate) exchange: Exchange,
}

impl Call for Service {
    fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    fn invocation_mut(&mut self) -> &mut Invocation {
        &mut self.invocation
    }

    fn run<I: InstanceLike>(self, instance: &mut I) -> impl Future<Output = Outcome> + Send {
        instance.serve(self.invocation, self.exchange)
    }
}
