//! One live instance with what the pool knows of it.

use super::state::{Counted, Kind};
use crate::{
    executor::{Executor, InstanceLike},
    room::{Enrolled, Permit, Roster},
};
use fngraph_types::Memory;
use std::{fmt, sync::Arc};

/// A live instance. When it is dropped, its fields go in their order: the room is free when the instance is gone.
pub(crate) struct Slot<E: Executor> {
    pub(crate) instance: E::Instance,
    pub(crate) memory: Memory,
    kind: Kind,
    _enrolled: Enrolled,
    _permit: Permit,
}

impl<E: Executor> Slot<E> {
    pub(crate) fn new(
        instance: E::Instance,
        memory: Memory,
        kind: Kind,
        roster: &Arc<Roster>,
        permit: Permit,
    ) -> Box<Self> {
        let enrolled = roster.enrol(instance.canceller());
        Box::new(Self { instance, memory, kind, _enrolled: enrolled, _permit: permit })
    }

    /// Ends the instance on purpose. What its pre-stop writes belongs to no invocation.
    pub(crate) async fn stop(self: Box<Self>) {
        let Self { instance, _enrolled, _permit, .. } = *self;
        instance.stop().await;
    }
}

impl<E: Executor> Counted for Slot<E> {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn set_kind(&mut self, kind: Kind) {
        self.kind = kind;
    }
}

impl<E: Executor> fmt::Debug for Slot<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("kind", &self.kind)
            .field("alive", &self.instance.is_alive())
            .finish_non_exhaustive()
    }
}
