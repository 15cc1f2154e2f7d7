//! Notices about asynchronous requests that go to topics.

use crate::topics::{Message, Topics};
use bytes::Bytes;
use fngraph::{DeliveryError, Destination, Destinations, RequestId};
use futures::{FutureExt as _, future::BoxFuture};
use std::{
    fmt, io,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::sync::Notify;

/// How long a notice waits for topics to start, before it is one that failed and is delivered later.
const START: Duration = Duration::from_secs(5);

/// Destinations whose topics have subscribers: what is noted for a topic calls the functions subscribed to it first.
///
/// Give one to [`fngraph::Builder::destinations`] and the same to [`crate::Options::notices`]. Until
/// [`crate::Triggers`] has started, notices to topics wait.
#[derive(Clone)]
pub struct Notices(Arc<Parts>);

struct Parts {
    kept: Box<dyn Destinations>,
    /// Weak, since the runtime holds the notices and topics hold the runtime.
    topics: OnceLock<Weak<Topics>>,
    started: Notify,
}

impl Notices {
    /// Notices that are also kept where these destinations keep them.
    pub fn new(kept: impl Destinations) -> Self {
        Self(Arc::new(Parts { kept: Box::new(kept), topics: OnceLock::new(), started: Notify::new() }))
    }

    /// Calls subscribers from now on. The first time counts.
    pub(crate) fn attach(&self, topics: &Arc<Topics>) {
        if self.0.topics.set(Arc::downgrade(topics)).is_err() {
            tracing::error!("notices belong to the triggers of another runtime already");
        }
        self.0.started.notify_waiters();
    }

    /// The topics, as soon as they have started. A runtime delivers what an earlier one left before they have.
    async fn topics(&self) -> io::Result<Arc<Topics>> {
        let started = async {
            loop {
                let started = self.0.started.notified();
                if let Some(topics) = self.0.topics.get() {
                    return topics.upgrade();
                }
                started.await;
            }
        };
        let topics = tokio::time::timeout(START, started).await.ok().flatten();
        topics.ok_or_else(|| io::Error::other("topics have not started, or ended"))
    }

    /// Keeps what was published to a topic.
    pub(crate) async fn keep(&self, topic_urn: &str, id: RequestId, message: Bytes) -> Result<(), DeliveryError> {
        self.0.kept.deliver(Destination::Smn { topic_urn: topic_urn.to_owned() }, id, message).await
    }
}

impl Destinations for Notices {
    fn deliver(
        &self,
        destination: Destination,
        request: RequestId,
        notice: Bytes,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let this = self.clone();
        let Destination::Smn { topic_urn } = &destination else {
            return self.0.kept.deliver(destination, request, notice);
        };
        let topic_urn = topic_urn.clone();
        async move {
            let topics = this.topics().await?;
            let text = String::from_utf8_lossy(&notice).into_owned();
            // The same notice again is the same message.
            let message = Message { id: request, ..Message::new(text) };
            topics.deliver(&topic_urn, &message).await.map_err(io::Error::other)?;
            this.0.kept.deliver(destination, request, notice).await
        }
        .boxed()
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}
