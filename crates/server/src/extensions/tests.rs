//! An environment over time: the clock moves by itself whenever everybody waits.

use super::{
    session::{End, IDLE, Phase, REGISTRATION, Session},
    *,
};
use fngraph::{Invocation, NewFunction, Rejection, Settings, Timestamp, Watched};
use futures::future::FutureExt as _;
use tempfile::TempDir;

/// The same scripts for every version.
struct Scripts(ExtensionFiles);

impl ExtensionSource for Scripts {
    fn has_dependencies(&self, _version: &Version) -> bool {
        true
    }

    fn files<'a>(
        &'a self,
        _function: &'a FunctionId,
        _version: &'a Version,
    ) -> BoxFuture<'a, Result<ExtensionFiles, String>> {
        futures::future::ready(Ok(self.0.clone())).boxed()
    }
}

struct Scenario {
    extensions: Extensions,
    function: Arc<Function>,
    _folder: TempDir,
}

impl Scenario {
    /// A function with one extension.
    async fn new(script: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let extensions = Extensions::new(ExtensionOptions::new(folder.path().join("e")), Clock::system());
        let files = [("extension/extension.sh".into(), script.into())];
        extensions.attach(Arc::new(Scripts(files.into())));
        let runtime = Runtime::builder().build().await.unwrap();
        let settings = Settings::new("index.handler".parse().unwrap());
        let new = NewFunction::new(FunctionId::local("f"), settings, "code".into(), Timestamp::EPOCH);
        let function = runtime.registry().create(new).await.unwrap();
        Self { extensions, function, _folder: folder }
    }

    fn watch(&self) -> Arc<dyn Watch> {
        self.extensions.watch(&self.function, &self.function.latest).unwrap()
    }

    fn session(&self) -> Option<Arc<Session>> {
        let environments = self.extensions.0.environments.lock();
        environments.values().find_map(Weak::upgrade).and_then(|environment| environment.session())
    }
}

async fn begin(watch: &Arc<dyn Watch>) -> Box<dyn Watched> {
    watch.begin(&mut Invocation::new("")).await
}

async fn ended(session: &Session) -> Option<End> {
    session.phase().wait_for(|phase| *phase == Phase::Ended).await.unwrap();
    session.end()
}

const SILENT: &str = "#!/bin/sh\nexec sleep 1000000\n";

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_registration_within_bounds_and_the_next_one_does_not() {
    let scenario = Scenario::new(SILENT).await;
    let watch = scenario.watch();
    let start = Instant::now();
    let first = begin(&watch).await;
    assert_eq!(start.elapsed(), REGISTRATION);
    let second = begin(&watch).await;
    assert_eq!(start.elapsed(), REGISTRATION);
    first.end(Err(&Rejection::Cancelled));
    drop(second);
    scenario.extensions.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_nothing_calls_ends_and_begins_anew() {
    let scenario = Scenario::new(SILENT).await;
    let watch = scenario.watch();
    let long = begin(&watch).await;
    let session = scenario.session().unwrap();
    // A call goes on for as long as it takes.
    tokio::time::advance(3 * IDLE).await;
    assert_eq!(session.end(), None);
    drop(long);
    let start = Instant::now();
    assert_eq!(ended(&session).await, Some(End::Unused));
    assert!(start.elapsed() >= IDLE, "{:?}", start.elapsed());
    drop(begin(&watch).await);
    assert!(!Arc::ptr_eq(&scenario.session().unwrap(), &session));
    scenario.extensions.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn an_environment_ends_with_its_version_and_its_last_call() {
    let scenario = Scenario::new(SILENT).await;
    let watch = scenario.watch();
    let call = begin(&watch).await;
    let session = scenario.session().unwrap();
    drop(watch);
    assert_eq!(session.end(), None);
    drop(call);
    let start = Instant::now();
    assert_eq!(ended(&session).await, Some(End::Unused));
    assert!(start.elapsed() < IDLE);
    scenario.extensions.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn extensions_that_died_are_started_again_after_a_pause() {
    let scenario = Scenario::new("#!/nowhere/sh\n").await;
    let watch = scenario.watch();
    drop(begin(&watch).await);
    let first = scenario.session().unwrap();
    assert_eq!(ended(&first).await, Some(End::Failed));
    drop(begin(&watch).await);
    assert!(scenario.session().is_none(), "it is too early");
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    drop(begin(&watch).await);
    assert!(!Arc::ptr_eq(&scenario.session().unwrap(), &first));
    scenario.extensions.shutdown().await;
}

#[tokio::test]
async fn a_version_has_one_environment_however_often_it_is_asked_for() {
    let scenario = Scenario::new(SILENT).await;
    let (first, again) = (scenario.watch(), scenario.watch());
    assert!(Arc::ptr_eq(&first, &again));
    let mut newer = Function::clone(&scenario.function);
    Arc::make_mut(&mut newer.latest).revision += 1;
    let newer = Arc::new(newer);
    let second = scenario.extensions.watch(&newer, &newer.latest).unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(!Arc::ptr_eq(&scenario.watch(), &second), "who asks for the old one gets no newer one");
    assert!(Arc::ptr_eq(&scenario.extensions.watch(&newer, &newer.latest).unwrap(), &second));
}

#[tokio::test]
async fn a_version_without_dependencies_is_not_watched() {
    let scenario = Scenario::new(SILENT).await;
    let runtime = Runtime::builder().build().await.unwrap();
    scenario.extensions.attach(Arc::new(runtime));
    assert!(scenario.extensions.watch(&scenario.function, &scenario.function.latest).is_none());
}
