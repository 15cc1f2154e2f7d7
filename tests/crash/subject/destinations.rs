//! Buckets that fail now and then.

use bytes::Bytes;
use fngraph_invoker::{DeliveryError, Destinations, LocalDestinations};
use fngraph_registry::Destination;
use fngraph_types::RequestId;
use futures::future::BoxFuture;
use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Files, which refuse every third notice the first time that a process brings it, so that deliveries are put off.
#[derive(Debug)]
pub(crate) struct Moody {
    files: LocalDestinations,
    refused: Mutex<HashSet<RequestId>>,
}

impl Moody {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { files: LocalDestinations::new(folder), refused: Mutex::default() }
    }
}

impl Destinations for Moody {
    fn deliver(
        &self,
        destination: Destination,
        request: RequestId,
        notice: Bytes,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let chosen = request.as_u128().is_multiple_of(3);
        if chosen && self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(request) {
            return Box::pin(async { Err(DeliveryError::Io(io::Error::other("not in the mood"))) });
        }
        self.files.deliver(destination, request, notice)
    }
}
