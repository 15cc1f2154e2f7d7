//! What must hold when everything has ended.

use crate::report::Report;
use anyhow::{Context, Result, ensure};
use crash_plan::{Function, Note};
use fngraph_store::{RequestQuery, RequestRecord, RequestStore as _, Sqlite};
use fngraph_types::{FunctionId, RequestId, Timestamp};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ffi::OsStr,
    fs,
    path::Path,
};

/// What the processes of a directory told.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) kills: u32,
    accepted: BTreeMap<RequestId, Function>,
    keys: HashMap<u32, RequestId>,
    /// Which attempts of a request began: how many there were before each.
    runs: HashMap<RequestId, Vec<u32>>,
    ended: HashSet<RequestId>,
    /// Which requests of the heir tell of a request of the relay.
    heirs: HashMap<RequestId, HashSet<RequestId>>,
}

impl Past {
    /// Adds what a process told that was killed, which must agree with what others told before.
    pub(crate) fn killed(&mut self, accepted: &[Note], journal: &str) -> Result<()> {
        self.kills += 1;
        accepted.iter().try_for_each(|note| self.note(*note))?;
        self.ran(journal)
    }

    /// Adds a journal.
    pub(crate) fn ran(&mut self, journal: &str) -> Result<()> {
        journal.lines().try_for_each(|line| self.note(line.parse()?))
    }

    fn note(&mut self, note: Note) -> Result<()> {
        match note {
            Note::Accepted { id, function, key } => {
                let before = self.accepted.insert(id, function);
                ensure!(key.is_some() || before.is_none(), "the request {id} was accepted twice");
                if let Some(key) = key {
                    let first = *self.keys.entry(key).or_insert(id);
                    ensure!(first == id, "the key {key} was accepted as {first}, then as {id}");
                }
            }
            Note::Ran { id, earlier } => {
                ensure!(!self.ended.contains(&id), "the request {id} ran after it had ended");
                let runs = self.runs.entry(id).or_default();
                ensure!(
                    runs.iter().all(|run| *run < earlier),
                    "attempt {earlier} of the request {id} follows {runs:?}"
                );
                runs.push(earlier);
            }
            Note::Heard { id, of } => {
                self.heirs.entry(of).or_default().insert(id);
            }
            Note::Ended { id } => ensure!(self.ended.insert(id), "the request {id} ended twice"),
        }
        Ok(())
    }
}

/// Compares the past with what a directory holds after it was drained.
pub(crate) fn check(past: &Past, directory: &Path) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let store = Sqlite::open(&directory.join("data"))?;
    let records = runtime.block_on(records(&store))?;
    let lost = past.accepted.iter().filter(|(id, function)| records.get(id).is_none_or(|(of, _)| of != *function));
    let lost: Vec<_> = lost.map(|(id, function)| format!("{id} of {function}")).collect();
    ensure!(lost.is_empty(), "{} accepted requests are lost: {lost:?}", lost.len());
    let deliveries = runtime.block_on(store.deliveries(0, 1000))?;
    ensure!(deliveries.is_empty(), "deliveries are left: {deliveries:?}");
    let unknown = past.runs.keys().find(|id| !records.contains_key(id));
    ensure!(unknown.is_none(), "{unknown:?} ran and was never stored");

    let mut report = Report { accepted: past.accepted.len() as u64, ..Report::default() };
    for (function, record) in records.values() {
        let runs = past.runs.get(&record.id).map_or(&[][..], Vec::as_slice);
        check_request(*function, record, runs, past.kills).with_context(|| format!("{record:?} ran {runs:?}"))?;
        report.ended += 1;
        report.cut_off += u64::from(record.attempts.saturating_sub(function.attempts()));
        report.ran_again += u64::from(runs.len() > function.attempts() as usize);
    }
    check_heirs(past, &records)?;
    for function in Function::ALL {
        report.delivered += check_bucket(function, &records, directory)?;
    }
    report.delivered += past.heirs.len() as u64;
    Ok(report)
}

type Records = HashMap<RequestId, (Function, RequestRecord)>;

async fn records(store: &Sqlite) -> Result<Records> {
    let mut all = Records::new();
    for function in Function::ALL {
        let query = RequestQuery {
            function: FunctionId::local(function.name()),
            qualifier: None,
            ids: Vec::new(),
            status: None,
            active: false,
            from: Timestamp::EPOCH,
            until: Timestamp::from_millis(i64::MAX),
            offset: 0,
            limit: u64::MAX,
        };
        let (records, count) = store.requests(query).await?;
        ensure!(records.len() as u64 == count, "{count} requests of {function}, {} listed", records.len());
        all.extend(records.into_iter().map(|record| (record.id, (function, record))));
    }
    Ok(all)
}

fn check_request(function: Function, record: &RequestRecord, runs: &[u32], kills: u32) -> Result<()> {
    ensure!(record.status == function.status(), "it should end in {}", function.status());
    let (fewest, attempts) = (function.attempts(), record.attempts);
    // Only a kill adds an attempt, and each adds one at most.
    ensure!((fewest..=fewest + kills).contains(&attempts), "{fewest} attempts are needed, {kills} may be cut off");
    // An attempt counts before it runs, and what ended it is the last one.
    ensure!(runs.last() == Some(&(attempts - 1)), "its last attempt did not run");
    Ok(())
}

/// Each success of the relay is one request of the heir, not none and not two.
fn check_heirs(past: &Past, records: &Records) -> Result<()> {
    let of = |wanted| records.values().filter(move |(function, _)| *function == wanted).map(|(_, record)| record.id);
    for relay in of(Function::Relay) {
        let heirs = past.heirs.get(&relay).map_or(0, HashSet::len);
        ensure!(heirs == 1, "{heirs} requests of the heir tell of the relay's {relay}");
    }
    let (relays, heirs) = (of(Function::Relay).count(), of(Function::Heir).count());
    ensure!(relays == heirs, "{relays} requests of the relay, {heirs} of the heir");
    Ok(())
}

/// Each end that is to be filed is an object that tells of it. Answers how many there are.
fn check_bucket(function: Function, records: &Records, directory: &Path) -> Result<u64> {
    let bucket = directory.join("destinations/obs").join(function.name());
    let mut filed = HashSet::new();
    for entry in bucket.is_dir().then(|| fs::read_dir(&bucket)).transpose()?.into_iter().flatten() {
        let path = entry?.path();
        // A kill may leave an unfinished one beside it.
        if path.extension() == Some(OsStr::new("json")) {
            let notice: Value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("read the notice {}", path.display()))?;
            let id = notice["request_context"]["request_id"].as_str().context("find the request of a notice")?;
            ensure!(path.file_stem() == Some(OsStr::new(id)), "{} tells of {id}", path.display());
            filed.insert(id.parse::<RequestId>()?);
        }
    }
    let expected: HashSet<_> = records
        .values()
        .filter(|(of, _)| *of == function && function.is_filed())
        .map(|(_, record)| record.id)
        .collect();
    let missing: Vec<_> = expected.symmetric_difference(&filed).collect();
    ensure!(missing.is_empty(), "the ends of {function} and the objects of its bucket differ in {missing:?}");
    Ok(filed.len() as u64)
}
