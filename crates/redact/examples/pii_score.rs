//! Scores the redactor on a corpus and, with a path, writes the corpus there as JSON lines for `tests/pii/presidio_score.py`.
//!
//! `cargo run -p nexus-redact --example pii_score -- [own|heldout|blind] [seed] [cases per type] [path]`, or
//! `… -- CORPUS.jsonl` for a corpus that somebody else wrote, such as `tests/pii/stranger.py`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::{env, fs, io::Write};

use corpus::{Case, blind, heldout, score, score::Score, templates};
use nexus_redact::{Policy, Redactor};
use serde_json::{Value, json};

/// A corpus as `tests/pii/stranger.py` writes it: spans are in characters there.
fn read(path: &str) -> Vec<Case> {
    let text = fs::read_to_string(path).unwrap();
    let case = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let string = |name: &str| line[name].as_str().unwrap();
        let part = ["plain", "adversarial", "negative"].into_iter().find(|part| *part == string("part")).unwrap();
        let byte = |name: &str| {
            let at = usize::try_from(line[name].as_u64().unwrap()).unwrap();
            string("text").char_indices().nth(at).map_or(string("text").len(), |(byte, _)| byte)
        };
        let (start, end) = (byte("start"), byte("end"));
        Case {
            part,
            kind: string("type").to_owned(),
            event: line["event"].clone(),
            pointer: string("pointer").to_owned(),
            start,
            end,
            in_key: line["in_key"] == true,
            text: string("text")[start..end].to_owned(),
        }
    };
    text.lines().map(case).collect()
}

fn main() {
    let mut args = env::args().skip(1);
    let which = args.next().unwrap_or_else(|| "own".to_owned());
    let seed = args.next().map_or(1, |text| text.parse().unwrap());
    let per_kind = args.next().map_or(200, |text| text.parse().unwrap());
    let templates = match which.as_str() {
        "blind" => &blind::TEMPLATES,
        "heldout" => &heldout::TEMPLATES,
        _ => &templates::TEMPLATES,
    };
    let cases = if which.ends_with(".jsonl") { read(&which) } else { templates.corpus(seed, per_kind) };
    if let Some(path) = args.next() {
        let mut file = fs::File::create(path).unwrap();
        for case in &cases {
            let text = score::text_at(case);
            let chars = |byte: usize| text[..byte].chars().count();
            let key = if case.in_key { "" } else { case.pointer.rsplit('/').next().unwrap() };
            let line = json!({"part": case.part, "type": case.kind, "text": text, "key": key, "start": chars(case.start), "end": chars(case.end)});
            writeln!(file, "{line}").unwrap();
        }
    }
    let score = Score::of(&Redactor::new(Policy::default()).unwrap(), &cases);
    println!("{which}, seed {seed}, {} cases", cases.len());
    for ((part, kind), (bad, all)) in &score.0 {
        println!("{part:12} {kind:20} {bad:5} of {all:5}  {:5.1} %", 100.0 * *bad as f64 / *all as f64);
    }
    for part in ["plain", "adversarial", "negative"] {
        let (kind, worst) = score.worst(part);
        println!("{part:12} all {:.2} %, worst {kind} {worst:.1} %", score.rate(part));
    }
    for case in &score.1 {
        eprintln!("{} {}: {:?} in {}", case.part, case.kind, case.text, case.event);
    }
}
