//! Where the outcome of an asynchronous request goes, besides another function.

use bytes::Bytes;
use fngraph_registry::Destination;
use fngraph_types::RequestId;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    fs,
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

/// Takes what is delivered to OBS, SMN and DIS. The same notice may come twice: a delivery is only forgotten after it
/// succeeded.
pub trait Destinations: Send + Sync + 'static {
    /// Delivers the notice about a request.
    fn deliver(
        &self,
        destination: Destination,
        request: RequestId,
        notice: Bytes,
    ) -> BoxFuture<'static, Result<(), DeliveryError>>;
}

/// Why a delivery failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// It will never succeed.
    #[error("{0}")]
    Refused(String),
    /// The system failed; it may succeed later.
    #[error("write the notice")]
    Io(#[from] io::Error),
}

/// Writes notices to a folder, so that a person can look at them: `obs/<bucket>/<prefix><request id>.json`, and a line
/// for each notice in `smn/<topic>.jsonl` and `dis/<stream>.jsonl`.
#[derive(Debug, Clone)]
pub struct LocalDestinations(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    root: PathBuf,
    buckets: PathBuf,
    /// Lines are appended one at a time.
    appending: Mutex<()>,
}

impl LocalDestinations {
    /// Writes below `root`, which is made when the first notice comes.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let buckets = root.join("obs");
        Self::with_buckets(root, buckets)
    }

    /// The same with buckets in a folder of their own.
    pub fn with_buckets(root: impl Into<PathBuf>, buckets: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Folder { root: root.into(), buckets: buckets.into(), appending: Mutex::new(()) }))
    }
}

impl Destinations for LocalDestinations {
    fn deliver(
        &self,
        destination: Destination,
        request: RequestId,
        notice: Bytes,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let folder = Arc::clone(&self.0);
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || folder.write(&destination, request, &notice));
            work.await.unwrap_or_else(|error| Err(DeliveryError::Io(io::Error::other(error))))
        })
    }
}

impl Folder {
    fn write(&self, destination: &Destination, request: RequestId, notice: &[u8]) -> Result<(), DeliveryError> {
        match destination {
            Destination::Obs { bucket, prefix, .. } => {
                let object = format!("{prefix}{request}.json");
                let path = path(self.buckets.clone(), &[bucket, &object])?;
                // Whole or not at all; the same notice again replaces itself.
                let unfinished = path.with_extension("unfinished");
                fs::write(&unfinished, notice)?;
                Ok(fs::rename(&unfinished, &path)?)
            }
            Destination::Smn { topic_urn } => self.append("smn", topic_urn, notice),
            Destination::Dis { stream_name } => self.append("dis", stream_name, notice),
            other => Err(DeliveryError::Refused(format!("{other:?} is no place to write to"))),
        }
    }

    fn append(&self, kind: &str, name: &str, notice: &[u8]) -> Result<(), DeliveryError> {
        let path = path(self.root.join(kind), &[&format!("{name}.jsonl")])?;
        let _appending = self.appending.lock();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
        Ok(file.write_all(&[notice, b"\n"].concat())?)
    }
}

/// A file below `root`, with its folders made. Names come from configurations, and must not lead elsewhere.
fn path(root: PathBuf, names: &[&str]) -> Result<PathBuf, DeliveryError> {
    let mut path = root;
    for part in names.iter().flat_map(|name| name.split('/')) {
        let plain =
            !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']) && part.len() <= 255;
        if !plain {
            return Err(DeliveryError::Refused(format!("`{}` is no name for a file", names.join("/"))));
        }
        path.push(part);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(path)
}

/// Keeps the latest notices in memory, for tests and for programs that have no folder to give.
#[derive(Debug, Clone, Default)]
pub struct MemoryDestinations(Arc<Mutex<VecDeque<(Destination, Bytes)>>>);

/// How many notices are kept in memory.
const KEPT: usize = 1000;

impl MemoryDestinations {
    /// The notices that were delivered, oldest first, at most the last 1000.
    pub fn notices(&self) -> Vec<(Destination, Bytes)> {
        self.0.lock().iter().cloned().collect()
    }
}

impl Destinations for MemoryDestinations {
    fn deliver(
        &self,
        destination: Destination,
        _: RequestId,
        notice: Bytes,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let mut notices = self.0.lock();
        if notices.len() == KEPT {
            notices.pop_front();
        }
        notices.push_back((destination, notice));
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const ID: RequestId = RequestId::from_u128(7);

    fn deliver(root: &Path, destination: &Destination, notice: &str) -> Result<(), DeliveryError> {
        LocalDestinations::new(root).0.write(destination, ID, notice.as_bytes())
    }

    #[test]
    fn objects_and_topics_are_files_to_look_at() {
        let root = tempfile::tempdir().unwrap();
        let obs = Destination::Obs { bucket: "b".to_owned(), prefix: "year/".to_owned(), expires_days: 0 };
        deliver(root.path(), &obs, "{}").unwrap();
        deliver(root.path(), &obs, "{}").unwrap();
        let object = root.path().join(format!("obs/b/year/{ID}.json"));
        assert_eq!(fs::read_to_string(object).unwrap(), "{}");
        let smn = Destination::Smn { topic_urn: "urn:smn:r:p:topic".to_owned() };
        deliver(root.path(), &smn, "1").unwrap();
        deliver(root.path(), &smn, "2").unwrap();
        assert_eq!(fs::read_to_string(root.path().join("smn/urn:smn:r:p:topic.jsonl")).unwrap(), "1\n2\n");
    }

    #[test]
    fn names_do_not_lead_out_of_the_folder() {
        let root = tempfile::tempdir().unwrap();
        for bucket in ["..", "a/../..", "", "a\\b"] {
            let obs = Destination::Obs { bucket: bucket.to_owned(), prefix: String::new(), expires_days: 0 };
            assert!(matches!(deliver(root.path(), &obs, "{}"), Err(DeliveryError::Refused(_))), "{bucket}");
        }
    }
}
