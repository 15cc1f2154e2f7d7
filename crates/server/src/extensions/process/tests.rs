use super::*;
use std::{fs, sync::mpsc};
use tempfile::TempDir;

/// A script with this text, and the folder that it is in.
fn script(text: &str) -> (Script, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("extension.sh");
    fs::write(&path, text).unwrap();
    let script = Script {
        name: "extension.sh".to_owned(),
        root: folder.path().to_owned(),
        folder: folder.path().to_owned(),
        api: "127.0.0.1:1".parse().unwrap(),
        port: Some(8085),
        path: "/usr/bin:/bin".into(),
    };
    (script, folder)
}

/// Runs a script until it ends by itself; answers its status, the tail of its output, and its lines.
async fn run(text: &str) -> (String, String, Vec<String>) {
    let (script, _folder) = script(text);
    let mut lines = Vec::new();
    let stop = CancellationToken::new();
    let death = script.start().await.unwrap().run(&stop, |line| lines.push(line.to_owned())).await;
    let Death::Ended { status, tail } = death else { panic!("nobody stopped it") };
    (status, tail, lines)
}

#[tokio::test]
async fn what_a_script_writes_is_told_line_by_line() {
    let (status, tail, lines) = run("echo one; printf 'two\\r\\n\\nthree'; exit 3").await;
    assert_eq!(status, "exit status: 3");
    assert_eq!(lines, ["one", "two", "", "three"]);
    assert_eq!(tail, "one\ntwo\n\nthree");
}

#[tokio::test]
async fn a_script_sees_its_own_variables_and_no_input() {
    let (_, _, mut lines) = run("/usr/bin/env | /usr/bin/sort; cat").await;
    // Shells set these themselves.
    lines.retain(|line| !["PWD=", "SHLVL=", "_=", "OLDPWD="].iter().any(|name| line.starts_with(name)));
    let root = lines.pop().unwrap();
    assert!(root.starts_with("RUNTIME_CODE_ROOT=/"), "{root}");
    assert_eq!(lines, ["EXTENSION_API_ADDR=127.0.0.1:1", "EXTENSION_PORT=8085", "PATH=/usr/bin:/bin"]);
}

#[tokio::test]
async fn however_much_is_written_little_is_kept() {
    let (_, tail, lines) = run("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last").await;
    assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [LINE_BYTES, 4]);
    assert!(tail.len() <= TAIL_BYTES && tail.ends_with("x\nlast"), "{}", tail.len());
}

#[tokio::test]
async fn a_process_that_is_told_to_end_may_do_so_by_itself() {
    let (script, _folder) = script("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    let process = script.start().await.unwrap();
    let stop = CancellationToken::new();
    let mut lines = Vec::new();
    let death = process.run(&stop, |line| {
        lines.push(line.to_owned());
        if line == "ready" {
            stop.cancel();
        }
    });
    assert!(matches!(death.await, Death::Stopped));
    // Some shells tell that what they waited for was ended, too.
    lines.retain(|line| !line.starts_with("Terminated"));
    assert_eq!(lines, ["ready", "bye"]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_will_not_end_is_made_to_with_all_that_it_started() {
    let busy = "while :; do sleep 0.01; done";
    let (script, _folder) = script(&format!("trap '' TERM; ({busy}) & echo $!; {busy}"));
    let process = script.start().await.unwrap();
    let stop = CancellationToken::new();
    let mut child = None;
    let death = process.run(&stop, |line| {
        child = line.parse().ok();
        stop.cancel();
    });
    assert!(matches!(death.await, Death::Stopped));
    let child = rustix::process::Pid::from_raw(child.unwrap()).unwrap();
    while rustix::process::test_kill_process(child).is_ok() && !is_zombie(child) {
        tokio::task::yield_now().await;
    }
}

/// Whether a process has ended, and waits for its parent to hear of it.
fn is_zombie(process: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|state| state.starts_with('Z'))
}

#[tokio::test(start_paused = true)]
async fn what_a_script_leaves_behind_is_the_extension() {
    let (script, _folder) = script("(echo ready; while :; do sleep 0.01; done) &");
    let (lines, stop) = (mpsc::channel(), CancellationToken::new());
    let process = script.start().await.unwrap();
    let death = process.run(&stop, |line| {
        lines.0.send(line.to_owned()).unwrap();
        stop.cancel();
    });
    assert!(matches!(death.await, Death::Stopped), "it ran until it was stopped");
    assert_eq!(lines.1.try_recv().unwrap(), "ready");
}

#[tokio::test]
async fn an_interpreter_that_is_not_there_is_an_error() {
    let (script, folder) = script("#!/nowhere/python3\n");
    fs::set_permissions(folder.path().join("extension.sh"), std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .unwrap();
    assert_eq!(script.start().await.unwrap_err().kind(), io::ErrorKind::NotFound);
}
