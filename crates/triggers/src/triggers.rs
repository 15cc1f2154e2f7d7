//! The triggers of a runtime.

use crate::{
    Message, Notices, Options, PublishError, Published, StartError, TriggerError,
    buckets::Buckets,
    caller::Caller,
    gateway::Routes,
    timers::Timers,
    topics::{self, Topics},
};
use fngraph::{
    BucketFeed, Function, FunctionId, Gateway, GatewayMethod, Imported, Observer, ReadyImport, RegistryError, Runtime,
    Source, Trigger, TriggerKind,
};
use std::{
    fmt,
    sync::{Arc, Weak},
};
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The triggers of a runtime, which fire while this lives. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Triggers(Arc<Parts>);

struct Parts {
    runtime: Runtime,
    routes: Routes,
    timers: Arc<Timers>,
    topics: Arc<Topics>,
    /// None when there is no folder for them.
    buckets: Option<Buckets>,
    /// What serves as long as triggers do.
    servants: TaskTracker,
    stop: CancellationToken,
    gateway: Option<String>,
    notices: Option<Notices>,
    /// Held by whoever changes triggers, because some rules concern those of all functions.
    changing: Mutex<()>,
}

impl Triggers {
    /// Follows the triggers of a runtime from now on, and makes up for what timers missed. Its tasks run on the tokio
    /// runtime that this is called on. Start them once for each runtime.
    ///
    /// # Errors
    /// When an option is wrong.
    pub async fn start(runtime: Runtime, options: Options) -> Result<Self, StartError> {
        let caller = Caller::new(runtime.clone());
        let zone = options.timezone.as_deref().unwrap_or("UTC");
        let zone = zone.parse().map_err(|_| StartError::TimeZone(zone.to_owned()))?;
        let timers = Arc::new(Timers::new(caller.clone(), zone));
        let topics = Arc::new(Topics::new(caller.clone()));
        if let Some(notices) = &options.notices {
            notices.attach(&topics);
        }
        let (servants, stop) = (TaskTracker::new(), CancellationToken::new());
        let buckets = match options.buckets {
            Some(folder) => {
                let (buckets, work) = Buckets::new(folder, caller);
                let stopped = stop.clone();
                servants.spawn(async move { stopped.run_until_cancelled(work).await });
                Some(buckets)
            }
            None => None,
        };
        let parts = Arc::new(Parts {
            runtime,
            routes: Routes::default(),
            timers,
            topics,
            buckets,
            servants,
            stop,
            gateway: options.gateway,
            notices: options.notices,
            changing: Mutex::new(()),
        });
        parts.runtime.registry().subscribe(Arc::new(Follower(Arc::downgrade(&parts))));
        for function in parts.runtime.functions(None) {
            parts.changed(&function.id);
        }
        parts.runtime.add_alarm(&parts.timers);
        Ok(Self(parts))
    }

    /// Creates a trigger, after checks that concern the triggers of all functions.
    ///
    /// # Errors
    /// When the registry refuses, its kind cannot fire here (FSS.1153), or another trigger answers the same requests
    /// (FSS.1147) or follows the same objects (FSS.1108).
    ///
    /// # Cancel safety
    /// Dropping the future gives up the answer, not the change. That holds for [`Triggers::update`] too.
    pub async fn create(&self, function: &FunctionId, trigger: Trigger) -> Result<(), TriggerError> {
        let (parts, function) = (Arc::clone(&self.0), function.clone());
        self.finish(async move {
            let _changing = parts.changing.lock().await;
            trigger.validate()?;
            parts.admit(&function, &trigger).await?;
            Ok(parts.runtime.registry().create_trigger(&function, trigger).await?)
        })
        .await
    }

    /// Creates an imported function with its triggers, after checks that concern the triggers of all functions: with all
    /// of them, or not at all.
    ///
    /// # Errors
    /// As with [`Triggers::create`], for the first trigger that cannot be, or two of its own that exclude each other; and
    /// those of [`fngraph::Runtime::finish_import`].
    ///
    /// # Cancel safety
    /// As with [`Triggers::create`].
    pub async fn import(&self, ready: ReadyImport) -> Result<Imported, TriggerError> {
        let parts = Arc::clone(&self.0);
        self.finish(async move {
            let _changing = parts.changing.lock().await;
            for (number, trigger) in ready.triggers().iter().enumerate() {
                trigger.validate()?;
                parts.allow(ready.id(), trigger).await?;
                for other in &ready.triggers()[..number] {
                    exclude(ready.id(), other, trigger)?;
                }
            }
            Ok(parts.runtime.finish_import(ready).await?)
        })
        .await
    }

    /// Changes a trigger by an edit, which sees it as it is and leaves it as it is to be; its id, version or alias, and
    /// kind stay. Answers what became of it.
    ///
    /// # Errors
    /// When there is no such trigger, the edit refuses, or as with [`Triggers::create`].
    pub async fn update(
        &self,
        function: &FunctionId,
        id: &str,
        edit: impl FnOnce(&mut Trigger) -> Result<(), TriggerError> + Send + 'static,
    ) -> Result<Trigger, TriggerError> {
        let (parts, function, id) = (Arc::clone(&self.0), function.clone(), id.to_owned());
        self.finish(async move {
            let _changing = parts.changing.lock().await;
            let mut changed = parts.trigger(&function, &id)?;
            edit(&mut changed)?;
            changed.validate()?;
            parts.admit(&function, &changed).await?;
            let replace = move |trigger: &mut Trigger| {
                *trigger = changed;
                Ok(())
            };
            Ok(parts.runtime.registry().update_trigger(&function, &id, replace).await?)
        })
        .await
    }

    /// Which gateway trigger answers a request.
    pub fn routes(&self) -> &Routes {
        &self.0.routes
    }

    /// The URL under which the HTTP gateway is reached; none when there is no gateway.
    pub fn gateway_url(&self) -> Option<&str> {
        self.0.gateway.as_deref()
    }

    /// Calls the functions that are subscribed to a topic, and notes the message. Nobody needs to be subscribed.
    ///
    /// # Errors
    /// When the text names no topic, the message is too long, a function takes no more events (those before it are
    /// called), or the message cannot be noted.
    pub async fn publish(&self, topic_urn: &str, message: Message) -> Result<Published, PublishError> {
        let published = self.0.topics.publish(topic_urn, &message).await?;
        if let Some(notices) = &self.0.notices {
            notices.keep(topic_urn, message.id, message.line(&published)).await.map_err(PublishError::Note)?;
        }
        Ok(published)
    }

    /// Ends firing, and waits for what has begun. Call it before [`Runtime::shutdown`].
    pub async fn shutdown(&self) {
        self.0.timers.end();
        self.0.stop.cancel();
        self.0.servants.close();
        self.0.servants.wait().await;
    }

    /// Makes a change on a task of its own, so that it holds the lock until it is made, whoever waits for it.
    async fn finish<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, TriggerError>> + Send + 'static,
    ) -> Result<T, TriggerError> {
        let changed = self.0.servants.spawn(change).await;
        changed.unwrap_or_else(|_| Err(RegistryError::Interrupted.into()))
    }
}

impl Parts {
    /// A function was created, changed or deleted. What it is now is read under the locks of those who follow, so that
    /// nobody is left with what it was.
    fn changed(&self, id: &FunctionId) {
        let read = || self.runtime.registry().function(id);
        self.routes.changed(id, read);
        self.timers.changed(id, read);
        self.topics.changed(id, read);
        if let Some(buckets) = &self.buckets {
            buckets.changed(id, read);
        }
    }

    fn function(&self, id: &FunctionId) -> Result<Arc<Function>, RegistryError> {
        self.runtime.registry().function(id).ok_or_else(|| RegistryError::FunctionNotFound(id.clone()))
    }

    fn trigger(&self, function: &FunctionId, id: &str) -> Result<Trigger, RegistryError> {
        let not_found =
            || RegistryError::TriggerNotFound { function: function.clone(), trigger: id.chars().take(80).collect() };
        self.function(function)?.trigger(id).cloned().ok_or_else(not_found)
    }

    /// Whether a trigger of this function can be what it is to be.
    async fn admit(&self, function: &FunctionId, trigger: &Trigger) -> Result<(), TriggerError> {
        self.function(function)?;
        self.allow(function, trigger).await
    }

    /// Whether a trigger of this function, which need not be there yet, can be what it is to be.
    async fn allow(&self, function: &FunctionId, trigger: &Trigger) -> Result<(), TriggerError> {
        match &trigger.source {
            Source::Gateway(_) => {
                if self.gateway.is_none() {
                    return Err(unavailable(trigger.kind(), "an HTTP gateway", "gateway"));
                }
                match self.routes.conflict(function, trigger) {
                    Some(other) => Err(TriggerError::PathTaken(other)),
                    None => Ok(()),
                }
            }
            Source::Bucket(bucket) => match &self.buckets {
                Some(buckets) => buckets.admit(function, trigger, bucket).await,
                None => Err(unavailable(trigger.kind(), "a folder for buckets", "buckets")),
            },
            Source::Topic { topic_urn } if topics::project(topic_urn) != Some(&*function.project_id) => {
                Err(TriggerError::ForeignTopic(topic_urn.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses two triggers of a function that would answer the same requests, or follow the same objects.
fn exclude(function: &FunctionId, one: &Trigger, other: &Trigger) -> Result<(), TriggerError> {
    match (&one.source, &other.source) {
        (Source::Gateway(one), Source::Gateway(other)) => {
            let any = |gateway: &Gateway| gateway.method == GatewayMethod::Any;
            let is_same = (&one.host, &one.group_id, &one.path) == (&other.host, &other.group_id, &other.path);
            if is_same && (one.method == other.method || any(one) || any(other)) {
                return Err(TriggerError::PathTaken(function.clone()));
            }
        }
        (Source::Bucket(one), Source::Bucket(other))
            if one.feed == BucketFeed::Obs && other.feed == BucketFeed::Obs && one.overlaps(other) =>
        {
            return Err(TriggerError::BucketOverlap(function.clone()));
        }
        _ => {}
    }
    Ok(())
}

fn unavailable(kind: TriggerKind, missing: &'static str, option: &'static str) -> TriggerError {
    TriggerError::Unavailable { kind, missing, option }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Tells triggers what changes. The registry outlives them.
struct Follower(Weak<Parts>);

impl Observer for Follower {
    fn changed(&self, id: &FunctionId, _: Option<&Arc<Function>>) {
        if let Some(parts) = self.0.upgrade() {
            parts.changed(id);
        }
    }
}

impl fmt::Debug for Triggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Triggers").field("gateway", &self.0.gateway).finish_non_exhaustive()
    }
}
