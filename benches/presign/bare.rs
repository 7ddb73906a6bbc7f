//! The bare route: axum alone, which reads the body and answers the bytes of a real answer.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::Stdio,
};

use anyhow::{Context, Result};
use axum::{Router, routing::post, serve::ListenerExt};
use bytes::Bytes;
use http::{StatusCode, header};

use crate::{
    PATH,
    support::machine::{self, Process},
    wrk::Load,
};

/// Set in the process that is the server. What it is to answer comes on standard input.
const ORDER: &str = "NEXUS_BENCH_BARE_AXUM";

/// The running server.
pub(crate) struct Bare {
    address: SocketAddr,
    process: Process,
}

impl Bare {
    /// Starts it, bound to `core`.
    pub(crate) fn start(core: usize, answer: &[u8]) -> Result<Self> {
        let mut command = machine::on_core(core, &env::current_exe()?);
        let mut process = Process::start(command.env(ORDER, "1").stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        process.0.stdin.take().context("the bare server has no input")?.write_all(answer)?;
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().context("the bare server has no output")?).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse().context("the bare server did not start")?, process })
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// The same requests, sent to it.
    pub(crate) fn load(&self, load: &Load) -> Load {
        Load { address: self.address, ..load.clone() }
    }
}

/// Is this process the bare server? Then it serves until it is killed.
pub(crate) fn run_if_asked() -> Option<Result<()>> {
    env::var_os(ORDER)?;
    Some((|| {
        let answer = Bytes::from(std::io::read_to_string(std::io::stdin())?);
        // The same runtime as `nexus serve`.
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(answer))
    })())
}

async fn serve(answer: Bytes) -> Result<()> {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    // The body is read, as every route must, and not looked at.
    let route = post(async move |_body: Bytes| (StatusCode::CREATED, headers, answer.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // Only a latency hint; without it the answers are the same.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, Router::new().route(PATH, route)).await?)
}
