//! The invocation backend of another program: deploys a function, calls it, and shows what an emulator would answer:
//! `embed FUNCTION.wasm [EVENT]`.

use anyhow::{Context as _, Result};
use fngraph::{Memory, Reply, Runtime, Settings};
use std::{env, fs, io::Write as _, path::PathBuf, time::Duration};

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = env::args_os().skip(1);
    let path = PathBuf::from(args.next().context("usage: embed FUNCTION.wasm [EVENT]")?);
    let event = args.next().map_or_else(|| "{}".to_owned(), |event| event.to_string_lossy().into_owned());

    // Once per process. With `.data_dir(…)` functions, requests and compiled code are there at the next start.
    let runtime = Runtime::builder().build().await?;

    // Once per function: code and settings.
    let file = path.file_stem().context("find the file's name")?.to_string_lossy();
    let mut settings = Settings::new(format!("{file}.handler").parse()?);
    settings.memory = Memory::mib(256)?;
    settings.timeout = Duration::from_secs(10);
    runtime.deploy("example", fs::read(&path)?, settings).await?;

    // As often as there are events, from as many tasks as there are: instances come and go with the calls.
    let reply = Reply::from(runtime.invoke("example", event).await);
    write!(std::io::stderr(), "{}", reply.log_tail())?;
    std::io::stdout().write_all(&reply.body)?;
    runtime.shutdown(Duration::from_secs(1)).await;
    match reply.error_code {
        Some(code) => anyhow::bail!("the function failed with {code}, status {}", reply.status),
        None => Ok(()),
    }
}
