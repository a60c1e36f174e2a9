//! `cargo xtask startup`: how soon a server on an empty folder gives its first answer, and what it then holds.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::server::Server;
use crate::{Failure, binaries, cargo, must};

/// One slow fsync of a shared disk says little; the median of these does.
const RUNS: usize = 9;

/// ListStateMachines, as an SDK sends it.
const CALL: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
    X-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Type: application/x-amz-json-1.0\r\n\
    X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
    Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host;x-amz-date, \
    Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\
    Content-Length: 2\r\n\r\n{}";

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let release = match arguments {
        [] => false,
        [flag] if flag == "--release" => true,
        _ => return Err("usage: cargo xtask startup [--release]".into()),
    };
    let mut build = cargo(&["build", "--package=canter"]);
    if release {
        build.arg("--release");
    }
    must(&mut build)?;
    let mut folder = binaries()?;
    if release {
        folder.set_file_name("release");
    }
    let mut milliseconds = Vec::new();
    let mut mebibytes = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let server = Server::start(&folder.join("canter"), &folder.join("startup"))?;
        first_answer(&server)?;
        milliseconds.push(began.elapsed().as_millis());
        mebibytes.push(server.resident_kibibytes()? / 1024);
    }
    milliseconds.sort_unstable();
    mebibytes.sort_unstable();
    println!(
        "start on an empty folder to the first API answer, {RUNS} runs: {} ms at best, {} ms median, {} ms at worst",
        milliseconds[0],
        milliseconds[RUNS / 2],
        milliseconds[RUNS - 1]
    );
    println!(
        "resident before a model is loaded: {} MiB",
        mebibytes[RUNS - 1]
    );
    Ok(())
}

fn first_answer(server: &Server) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", server.url);
    let mut stream =
        TcpStream::connect(server.url.trim_start_matches("http://")).map_err(failed)?;
    stream.write_all(CALL.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(format!(
            "{} answered {}",
            server.url,
            answer.lines().next().unwrap_or("nothing")
        ))
    }
}
