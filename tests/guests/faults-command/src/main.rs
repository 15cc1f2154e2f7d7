//! A WASI 0.1 command that does what the first word of its input says.

use std::{
    env, fs,
    hint::black_box,
    io::{self, Read as _, Write as _},
    process, thread,
    time::Duration,
};

fn main() -> io::Result<()> {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let (what, rest) = input.split_once(' ').unwrap_or((&input, ""));
    match what {
        "echo" => print!("{rest}"),
        "env" => print!("{}", env::var(rest).unwrap_or_default()),
        "program" => print!("{}", env::args().next().unwrap_or_default()),
        "log" => eprintln!("{rest}"),
        "exit" => process::exit(rest.parse().unwrap_or(1)),
        "panic" => panic!("{rest}"),
        "touch" => fs::write("/tmp/kept", rest)?,
        "list" => {
            for entry in fs::read_dir("/tmp")? {
                print!("{:?}", entry?.file_name());
            }
        }
        "spin" => loop {
            black_box(());
        },
        "sleep" => thread::sleep(Duration::from_secs(3600)),
        "answer" => io::stdout().write_all(&vec![b'x'; rest.parse().unwrap_or(0)])?,
        "hog" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1_u8; 1024 * 1024]));
            }
        }
        "fill" => loop {
            fs::OpenOptions::new().append(true).create(true).open("/tmp/big")?.write_all(&[0; 64 * 1024])?;
        },
        other => panic!("{other:?} is nothing that I do"),
    }
    Ok(())
}
