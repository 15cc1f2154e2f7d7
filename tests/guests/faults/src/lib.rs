//! An event function with one handler for each thing that can go wrong, and for each promise of the host.

use fngraph_guest::{Context, Error, Level, event::ApigEvent, handler, initializer, pre_stop};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fs::{self, File},
    hash::{BuildHasher as _, RandomState},
    hint::black_box,
    io::Write as _,
    net::TcpStream,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

const MIB: usize = 1024 * 1024;

static CALLS: AtomicU32 = AtomicU32::new(0);

// How it should be.

#[handler]
fn echo(event: Vec<u8>) -> Vec<u8> {
    event
}

/// Answers a request to the gateway: with what its body says, or, without one, with the event and who saw it.
#[handler]
fn gateway(event: Vec<u8>, ctx: &Context) -> Result<Vec<u8>, Error> {
    let request: ApigEvent = serde_json::from_slice(&event)?;
    let body = request.body()?;
    if !body.is_empty() {
        return Ok(body);
    }
    let headers = json!({ "x-version": ctx.version(), "x-alias": ctx.alias(), "x-trace": ctx.traceparent() });
    let headers: serde_json::Map<_, _> = headers
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_string())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let event = String::from_utf8_lossy(&event);
    Ok(json!({ "statusCode": 200, "headers": headers, "body": event }).to_string().into_bytes())
}

#[handler]
fn count(_event: &[u8]) -> String {
    (CALLS.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

#[handler]
fn context(_event: &[u8], ctx: &Context) -> Value {
    json!({
        "request_id": ctx.request_id(),
        "attempt": ctx.attempt(),
        "remaining": ctx.remaining_time() <= ctx.timeout(),
        "timeout": ctx.timeout().as_millis() as u64,
        "function": ctx.function_name(),
        "version": ctx.version(),
        "alias": ctx.alias(),
        "package": ctx.package(),
        "project": ctx.project_id(),
        "handler": ctx.handler(),
        "memory": ctx.memory(),
        "cpu": ctx.cpu(),
        "instance": ctx.instance_id(),
        "colour": ctx.user_data("COLOUR"),
        "missing": ctx.user_data("MISSING"),
        "keys": ctx.user_data_keys(),
        "access_key": ctx.agency().map(|agency| agency.access_key),
        "workflow": ctx.workflow().map(|workflow| workflow.run_id),
        "trace": [ctx.traceparent(), ctx.tracestate()],
    })
}

#[handler]
fn environment(event: String) -> String {
    std::env::var(event).unwrap_or_default()
}

#[handler]
fn write_log(event: String, ctx: &Context) {
    println!("from stdout");
    eprintln!("from stderr");
    ctx.logger().debug("hidden");
    ctx.logger().set_level(Level::Debug);
    ctx.logger().debug("shown");
    ctx.logger().error(event);
}

#[handler]
fn read_code(event: String) -> Result<Vec<u8>, Error> {
    Ok(fs::read(format!("/opt/function/code/{event}"))?)
}

#[handler]
fn write_code(event: Vec<u8>) -> Result<(), Error> {
    Ok(fs::write("/opt/function/code/new", event)?)
}

#[handler]
fn use_tmp(event: Vec<u8>) -> Result<Vec<u8>, Error> {
    let before = fs::read("/tmp/kept").unwrap_or_default();
    fs::write("/tmp/kept", event)?;
    Ok(before)
}

#[handler]
fn leave_secret(_event: &[u8]) -> Vec<u8> {
    let secret = vec![0xA5_u8; 4 * MIB];
    black_box(&secret);
    std::mem::forget(secret);
    fs::write("/tmp/secret", "secret").expect("/tmp is writable");
    Vec::new()
}

/// Says whether anything of another instance's secret can be seen.
#[handler]
fn find_secret(_event: &[u8]) -> String {
    let fresh = Vec::<u8>::with_capacity(8 * MIB);
    let start = fresh.as_ptr();
    // Reading memory that was never written is the point: it must be zero, whatever was there before.
    let found = (0..8 * MIB).any(|at| unsafe { start.add(at).read_volatile() } == 0xA5);
    (found || fs::exists("/tmp/secret").unwrap_or(false)).to_string()
}

// Failures of the function.

#[handler]
fn fail(_event: &[u8]) -> Result<(), Error> {
    Err(Error::new("OutOfTea", "no tea is left"))
}

#[handler]
fn boom(_event: &[u8]) {
    deeper(black_box(3));
}

#[inline(never)]
fn deeper(depth: u32) {
    assert!(depth > 0, "the bottom is reached");
    deeper(black_box(depth - 1));
    black_box(depth);
}

#[handler]
fn read_beyond(_event: &[u8]) -> String {
    // SAFETY: it is not safe at all: this is how a trap is made that is no panic.
    unsafe { std::ptr::read_volatile(black_box(0xFFFF_0000_u32) as *const u8) }.to_string()
}

#[handler]
fn recurse(_event: &[u8]) -> String {
    endless(black_box(1)).to_string()
}

#[allow(unconditional_recursion, reason = "this is how a stack overflows")]
#[inline(never)]
fn endless(depth: u64) -> u64 {
    black_box(endless(black_box(depth + 1))) + 1
}

#[handler]
fn leave(_event: &[u8]) {
    std::process::exit(3);
}

// Failures of time.

#[handler]
fn spin(_event: &[u8]) {
    spin_forever();
}

#[inline(never)]
fn spin_forever() {
    loop {
        black_box(());
    }
}

#[handler]
fn doze(_event: &[u8]) {
    thread::sleep(Duration::from_secs(3600));
}

// Failures of size.

#[handler]
fn hog(_event: &[u8]) -> String {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; MIB]));
    }
}

#[handler]
fn hog_politely(event: &str) -> String {
    assert_ne!(event, "panic", "this has nothing to do with memory");
    let mut hoard = Vec::<u8>::new();
    while hoard.try_reserve(hoard.capacity() + MIB).is_ok() {
        black_box(&mut hoard);
    }
    "I can live with that".to_owned()
}

#[handler]
fn answer(event: String) -> Result<Vec<u8>, Error> {
    Ok(vec![b'x'; event.parse()?])
}

#[handler]
fn fill_tmp(_event: &[u8]) -> Result<(), Error> {
    let mut file = File::create("/tmp/big")?;
    loop {
        file.write_all(&[0; 64 * 1024])?;
    }
}

#[handler]
fn fill_tmp_with_files(_event: &[u8]) -> Result<(), Error> {
    for number in 0.. {
        File::create(format!("/tmp/{number}"))?;
    }
    Ok(())
}

/// Keeps no more than one file, but writes, unlinks and writes again while the old one is open.
#[handler]
fn hide_in_tmp(_event: &[u8]) -> Result<(), Error> {
    let mut hidden = Vec::new();
    loop {
        let mut file = File::create("/tmp/hidden")?;
        file.write_all(&[0; 64 * 1024])?;
        fs::remove_file("/tmp/hidden")?;
        hidden.push(file);
    }
}

#[handler]
fn reuse_tmp(_event: &[u8]) -> Result<(), Error> {
    for _ in 0..40 {
        fs::write("/tmp/again", [0; 64 * 1024])?;
        fs::remove_file("/tmp/again")?;
    }
    Ok(())
}

#[handler]
fn flood_log(event: String) -> Result<(), Error> {
    for line in 0..event.parse::<u32>()? {
        eprintln!("line {line}");
    }
    Ok(())
}

#[handler]
fn dial(event: String) -> Result<(), Error> {
    TcpStream::connect(event)?;
    Ok(())
}

// The life of an instance.

#[initializer]
fn start_counting_at_ten(ctx: &Context) {
    ctx.logger().info("initialised");
    CALLS.store(10, Ordering::Relaxed);
}

#[initializer]
fn start_failing() -> Result<(), Error> {
    eprintln!("about to fail");
    Err(Error::new("NoConfiguration", "nothing is configured"))
}

#[initializer]
fn start_trapping() {
    panic!("no way to start");
}

#[initializer]
fn start_spinning() {
    spin_forever();
}

#[initializer]
fn start_sleeping() {
    thread::sleep(Duration::from_secs(3600));
}

/// What takes long to build, and is worth a snapshot.
static TABLE: OnceLock<HashMap<u32, u32>> = OnceLock::new();

#[initializer]
fn start_building(ctx: &Context) {
    ctx.logger().set_level(Level::Debug);
    ctx.logger().debug("built");
    TABLE.get_or_init(|| (0..30_000).map(|number| (number, number * 2)).collect());
}

/// What the table has for a number, and how many entries it has.
#[handler]
fn look_up(event: String, ctx: &Context) -> Result<String, Error> {
    ctx.logger().debug("looked up");
    let number: u32 = event.parse()?;
    let table = TABLE.get().ok_or_else(|| Error::new("NotInitialised", "there is no table"))?;
    Ok(format!("{} of {}", table.get(&number).copied().unwrap_or_default(), table.len()))
}

/// A number by chance, from seeds that are drawn when the instance first needs them.
#[handler]
fn draw(_event: &[u8]) -> String {
    RandomState::new().hash_one(0).to_string()
}

#[initializer]
fn start_printing() {
    println!("initialised");
}

#[initializer]
fn start_reading_code() -> Result<(), Error> {
    fs::read("/opt/function/code/index.wasm")?;
    Ok(())
}

#[initializer]
fn start_reading_password(ctx: &Context) {
    black_box(ctx.user_data("PASSWORD"));
}

#[initializer]
fn start_reading_environment() {
    black_box(std::env::var("RUNTIME_USERDATA").unwrap_or_default());
}

#[initializer]
fn start_asking_for_credentials(ctx: &Context) {
    black_box(ctx.agency());
}

#[initializer]
fn start_hoarding() {
    std::mem::forget(black_box(vec![1_u8; 200 * MIB]));
}

#[pre_stop]
fn stop_logging(ctx: &Context) {
    ctx.logger().info("stopped in order");
}

#[pre_stop]
fn stop_spinning() {
    spin_forever();
}
