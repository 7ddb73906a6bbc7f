//! A blocking HTTP/1.1 client of one connection: it sends bytes that stand ready, so that the load costs little beside
//! the server it measures.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// A server that takes longer has stopped answering.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A request's head, up to its length and body.
#[derive(Debug, Clone)]
pub(crate) struct Head(String);

impl Head {
    /// A request line, `Host`, and further headers.
    pub(crate) fn new(method: &str, path: &str, host: SocketAddr, headers: &[(&str, String)]) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        Self(text)
    }

    /// The whole request with this body.
    pub(crate) fn with_body(&self, body: &[u8]) -> Vec<u8> {
        let mut request = format!("{}Content-Length: {}\r\n\r\n", self.0, body.len()).into_bytes();
        request.extend_from_slice(body);
        request
    }
}

/// An answer; its body is borrowed from the connection.
#[derive(Debug)]
pub(crate) struct Answer<'c> {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: &'c [u8],
}

impl Answer<'_> {
    /// Fails, with what the server said, unless the status is the one that was hoped for.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        bail!("answered {} instead of {status}: {}", self.status, String::from_utf8_lossy(self.body))
    }
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and waits for its answer, which must tell its length.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.received.clear();
        let head_len = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.receive()?;
        };
        let (status, body_len) = parse(&self.received[..head_len])?;
        while self.received.len() < head_len + body_len {
            self.receive()?;
        }
        ensure!(self.received.len() == head_len + body_len, "more was answered than asked for");
        Ok(Answer { status, body: &self.received[head_len..] })
    }

    fn receive(&mut self) -> Result<()> {
        let mut chunk = [0_u8; 16 << 10];
        let count = self.stream.read(&mut chunk).context("no answer")?;
        ensure!(count > 0, "the connection was closed before the answer was complete");
        self.received.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

/// Status and length of the body.
fn parse(head: &[u8]) -> Result<(u16, usize)> {
    let head = str::from_utf8(head).context("the answer's head is not text")?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("the answer has no status")?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("the answer does not tell its length")?
        .1;
    Ok((status.parse()?, length.trim().parse()?))
}
