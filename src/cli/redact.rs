//! `nexus redact`: JSON lines in, redacted JSON lines out.

use std::{
    io::{self, BufRead, BufWriter, Write},
    process::ExitCode,
};

use nexus_redact::Redactor;

use crate::config::Config;

/// The longest line read. Bytes.
const MAX_LINE_BYTES: u64 = 64 << 20;

pub(super) fn run(config: &Config) -> ExitCode {
    let redactor = match Redactor::new(config.redaction.clone()) {
        Ok(redactor) => redactor,
        Err(error) => return super::failed(&error),
    };
    match redact(&redactor, config.server.max_body_depth, io::stdin().lock(), BufWriter::new(io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe may stop when it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => super::failed(&error),
    }
}

/// Lines are held to what bodies are held to (I-JSON, RFC 7493): of two members with one name only one would be looked at.
fn redact(redactor: &Redactor, max_depth: usize, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let (mut line, mut redacted) = (Vec::new(), Vec::new());
    for number in 1_u64.. {
        line.clear();
        if io::Read::take(&mut input, MAX_LINE_BYTES + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() as u64 > MAX_LINE_BYTES {
            return Err(io::Error::other(format!("line {number} is longer than {MAX_LINE_BYTES} bytes")));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        redacted.clear();
        redactor
            .strip_json(None, &line, max_depth, &mut redacted)
            .map_err(|why| io::Error::other(format!("line {number}: {why}")))?;
        redacted.push(b'\n');
        output.write_all(&redacted)?;
    }
    output.flush()
}
