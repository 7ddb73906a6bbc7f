//! Megabytes of event JSON per second, parse and write included, beside `serde_json` alone; the cost of one small clean event; hostile input.
//!
//! `cargo run --release -p nexus-redact --example redact_speed -- [ordinary] [runs]`; with `ordinary`, only the first of them;
//! with `write`, the lines themselves; with `sweep`, every anchor of a rule over and over, joined in every way: the slowest of them, and a failure
//! if it takes longer than is allowed.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::{cell::RefCell, hint::black_box, time::Instant};

use corpus::{Case, heldout, negatives, rng::Rng, templates};
use nexus_model::{ActorType, EventDraft, Metadata, Outcome, Timestamp};
use nexus_redact::{OptOut, Policy, Redactor, Stamp};
use serde_json::{Value, json};

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const PROSE: &str = "The quarterly review went well and the team agreed to move the launch to the second week of the month, after the \
    storage migration is finished. Nobody objected; the open questions are about cost, naming and the order of the steps. ";

/// Events as services write them: identifiers, numbers, prose, and findings in 84 of 100, five to the KB or so.
fn ordinary(seed: u64) -> Vec<String> {
    let mut rng = Rng::new(seed);
    let plain: Vec<Case> = [templates::TEMPLATES.corpus(seed, 20), heldout::TEMPLATES.corpus(seed, 20)].concat();
    let plain: Vec<&Case> = plain.iter().filter(|case| case.part == "plain").collect();
    (0..4000)
        .map(|n| {
            let found = if rng.chance(84) { rng.range(2, 6) } else { 0 };
            let notes: Vec<Value> = (0..found).map(|_| plain[rng.below(plain.len())].event.clone()).collect();
            let from = rng.below(80);
            json!({
                "event_id": format!("0189d2a4-b5c6-7890-abcd-{n:012x}"), "tenant_id": "t_demo", "env": "prod", "surface": "chat", "event_type": "message_posted",
                "outcome": "success", "occurred_at": "2026-11-21T07:45:00.123456Z", "input": {"thread_id": format!("th_{n}"), "role": "assistant",
                "text": PROSE[from..].to_owned() + &PROSE[..rng.below(200)], "tokens_input": rng.below(4000), "tokens_output": rng.below(900), "notes": notes},
                "output": {"model": "large-2", "finish_reason": "stop", "duration_ms": rng.below(9000), "look_alike": negatives::case_of(&mut rng).event},
                "metadata": {"trace_id": rng.string("0123456789abcdef", 32), "client": "widget/2.4.1", "sha256": rng.string("0123456789abcdef", 64)},
            })
            .to_string()
        })
        .collect()
}

/// Levels of arrays and objects, as the server takes them.
const DEPTH: usize = 120;

/// Seconds that this thread has spent on a processor, so that neighbours on the machine count little; elsewhere than on Linux, wall time.
fn seconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let start = START.get_or_init(Instant::now);
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// The clock of processor time moves once a tick, 4 ms or so: what is timed lasts long enough that a tick is at most 2 % of it.
const LEAST_SECONDS: f64 = 0.2;

/// The best of several runs, in MB/s.
fn rate(lines: &[String], work: impl Fn(&str) -> usize) -> f64 {
    let runs = std::env::args().nth(2).map_or(15, |text| text.parse().unwrap());
    let bytes: usize = lines.iter().map(String::len).sum();
    let run = |_| {
        let (start, mut times) = (seconds(), 0);
        loop {
            black_box(lines.iter().map(|line| work(line)).sum::<usize>());
            times += 1;
            let spent = seconds() - start;
            if spent >= LEAST_SECONDS {
                break (bytes * times) as f64 / spent / 1e6;
            }
        }
    };
    (0..runs).map(run).fold(0.0, f64::max)
}

fn draft() -> EventDraft {
    EventDraft {
        event_id: "0189d2a4-b5c6-7890-abcd-ef0123456789".parse().unwrap(),
        tenant_id: "t_demo".parse().unwrap(),
        env: "dev".parse().unwrap(),
        surface: "raw_storage".parse().unwrap(),
        event_type: "raw_asset_presigned".parse().unwrap(),
        outcome: Outcome::Success,
        error_code: None,
        user_id: "u_demo".parse().unwrap(),
        asset_type: Some("raw".parse().unwrap()),
        asset_id: Some("0189d2a4-b5c6-7890-abcd-ef0123456789".parse().unwrap()),
        input: json!({"content_type": "application/pdf", "size_bytes": 123_456, "has_sha256": true}),
        output: json!({"method": "POST", "expires_at": "2026-11-21T08:00:00Z", "max_bytes": 5_368_709_120_u64}),
        metadata: Metadata {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
            request_id: "r1".parse().unwrap(),
            actor_type: ActorType::Human,
            synthesized: Vec::new(),
            auth_subject: None,
            extra: json!({"duration_ms": 3}).as_object().unwrap().clone(),
        },
        source_refs: Vec::new(),
        occurred_at: Timestamp::from_micros(0).unwrap(),
    }
}

fn hostile() -> Vec<(&'static str, String)> {
    let fill = |unit: &str| unit.repeat(4 * 1024 * 1024 / unit.len());
    let text = |unit: &str| json!({"text": fill(unit)}).to_string();
    vec![
        ("digits", text("1")),
        ("single digits", text("1 ")),
        ("groups", text("1234-")),
        ("at signs", text("a@")),
        ("colons", text("1:")),
        ("dots", text("1.")),
        ("assignments", text("password=")),
        ("labels", text("call 1 ")),
        ("streets", text("1 Main St ")),
        ("percent", text("%2525")),
        ("nested percent", text("%25252525252540")),
        ("base64", text("amFuZUBleGFtcGxlLmNvbQ== ")),
        ("one base64", json!({"text": base64_layers()}).to_string()),
        ("open quotes", text("[\\\"")),
        ("brackets", text("{\\\"a\\\":[1,")),
        ("guids", text("0189d2a4-b5c6-7890-abcd-ef0123456789 ")),
        ("own keys", text("tenants/t_a/dev/raw/x/")),
        ("placeholders", text("[redacted:email]")),
        ("keys", text("-----BEGIN PRIVATE KEY")),
        ("urls", text("://a:b@")),
        ("mac", text("a1-")),
        ("iban", text("DE12 ")),
        (
            "many keys",
            format!("{{{}}}", (0..200_000).map(|n| format!("\"k{n}@e.co\":1")).collect::<Vec<_>>().join(",")),
        ),
        ("emails", text("jane.doe@example.com ")),
        ("colliding keys", colliding(70_000)),
        ("long key", json!({"first_name": "Zuzanna", "é".repeat(1 << 20): vec!["Zuzanna 1"; 170_000]}).to_string()),
    ]
}

/// E-mail addresses as keys, and keys that stand where each would be put.
fn colliding(keys: usize) -> String {
    let taken = (keys / 2..3 * keys).map(|n| format!("\"[redacted:email]_{n}\":1"));
    let emails = (0..keys).map(|n| format!("\"{n}@b.co\":1"));
    format!("{{{},\"[redacted:email]\":1}}", taken.chain(emails).collect::<Vec<_>>().join(","))
}

/// What rules begin at: a word of each kind, signs, and beginnings of what they look for.
const ANCHORS: &str = "call|passwordA|assw|senha|手机|тел|born|dob|出生|passport|护照|licence|ssn|dni|nir|cpf|bsn|id number|gps|lat|zip|plz|card|Main Street|St|Park|Harbor Light|rue|\
    Rue|calle|via|ul.|ул.|Estrada|Villa|Hauptstraße|weg|Weg|torget|Unter den|Am|Flat|Apt|Unit|Zum_Aa_5|Villa|calle'St1|PO Box|Postfach|address|lives at|Her address is|address: A|order|\
    version|otp|cvv|password|password is|api key|token|secret|name|Bearer|Basic|路|北京市朝阳区建国路|丁目|号|京|ey|eyJ1|eyJhbGciOiJIUzI1NiJ9|sk-|sk-a1|\
    ghp_|ghp_a1|xoxb-1|AKIA|SG.|ya29.|bot12345678:AA|12345678:AA|/api/webhooks/|hooks.slack.com/services/|-----BEGIN PRIVATE KEY-----|tenants/t_a|0x|bc1q|1A|\
    a@b|\"@|\"a\"@b.co|a@[1|://|://a:b@|http://a.io/?token=1|1.1.1|fe80::1|a1-|00-1a|DE12|AB12|X1|12345678Z|RSSMRA|85T10A562S|12|1234|555-1234|+1|(0|x1|ext 1|\
    51.5|°|N|1/2/1990|12 March|12-Mar|2026-01-01T|[redacted:email]|[redacted:|{\"a\":1}|[1,|\\\"|%25|%40|&amp;|&#64;|\\u0040|YUBiLmlv|313131|１|ａ|㈝1|㌖1|㍰|㋋1|1 янц|<a>|</b>|<dt>name</dt><dd>A|<tr><th>dob</th>|<td>1</td>|<p>name:<b>A|a<|\
    (a)VALUES(|(password)VALUES('''|(name)VALUES('A',|BEGIN:VCARD\nN:a;|wallet|Mac|POINT(|nhsNumber|password -|password is:|--zip 1|cp --token a|access token aB1aB1aB1aB1aB1aB1aB1aB1|x_surname=a'|[token] aB1|**dob:** 1|geboren am 2005-08-28T0|N 64°|St 1, st. th|Unit 3, 1|Calle Mayor\n1,|Oak Road\nA B1 1AA|\u{200b}|é";

/// What stands between them.
const JOINERS: [&str; 16] = ["", " ", "-", "_", "/", ".", ",", ":", "=", "&", "\n", "\t", " 1 ", "-1-", " A", "|"];

/// How much longer a byte of hostile text may take than one of an ordinary event.
const MOST_TIMES: f64 = 10.0;

/// A megabyte of it.
fn filled(unit: &str) -> String {
    json!({ "text": unit.repeat((1 << 20) / unit.len()) }).to_string()
}

/// The slowest of all anchors with all joiners, a megabyte of each: the time of a byte, in those of an ordinary one.
fn sweep(redactor: &Redactor, ordinary: f64) {
    let mut slowest: Vec<(f64, String)> = Vec::new();
    for anchor in ANCHORS.split('|') {
        for joiner in JOINERS {
            let unit = anchor.trim_start().to_owned() + joiner;
            slowest.push((cost(redactor, &filled(&unit)) / ordinary, unit));
        }
    }
    slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
    // What may have been the machine's is measured again.
    for (times, unit) in slowest.iter_mut().take(24) {
        let text = filled(unit);
        *times = (0..3).map(|_| cost(redactor, &text) / ordinary).fold(*times, f64::min);
    }
    slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (times, unit) in slowest.iter().take(12) {
        println!("{times:6.1} times ordinary: {unit:?}");
    }
    assert!(slowest[0].0 <= MOST_TIMES, "hostile text takes more than {MOST_TIMES} times as long as an ordinary one");
}

/// Microseconds for a byte of a document, in bytes and out.
fn cost(redactor: &Redactor, json: &str) -> f64 {
    let (start, mut out) = (seconds(), Vec::with_capacity(json.len()));
    redactor.strip_json(None, json.as_bytes(), DEPTH, &mut out).unwrap();
    black_box(out);
    (seconds() - start) * 1e6 / json.len() as f64
}

fn base64_layers() -> String {
    use base64::Engine;
    let mut text = "jane@example.com ".repeat(70_000);
    for _ in 0..3 {
        text = base64::engine::general_purpose::STANDARD.encode(text);
    }
    text
}

fn main() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let lines = ordinary(1);
    if std::env::args().nth(1).is_some_and(|only| only == "write") {
        // For `bench/peers/redact`.
        return lines.iter().for_each(|line| println!("{line}"));
    }
    let bytes: usize = lines.iter().map(String::len).sum();
    let findings: usize =
        lines.iter().map(|line| redactor.redact_value(None, serde_json::from_str(line).unwrap()).1.len()).sum();
    println!("{} events, {bytes} bytes, {:.1} findings per KB", lines.len(), findings as f64 * 1000.0 / bytes as f64);
    let alone =
        rate(&lines, |line| serde_json::to_string(&serde_json::from_str::<Value>(line).unwrap()).unwrap().len());
    let value = rate(&lines, |line| {
        serde_json::to_string(&redactor.strip(None, serde_json::from_str(line).unwrap())).unwrap().len()
    });
    let out = RefCell::new(Vec::new());
    let whole = rate(&lines, |line| {
        let mut out = out.borrow_mut();
        out.clear();
        redactor.strip_json(None, line.as_bytes(), DEPTH, &mut out).unwrap();
        out.len()
    });
    println!(
        "serde_json parse and write alone: {alone:.0} MB/s; with redaction: {whole:.0} MB/s, of a Value {value:.0}"
    );

    match std::env::args().nth(1).as_deref() {
        Some("ordinary") => return,
        Some("sweep") => return sweep(&redactor, 1.0 / whole),
        _ => {}
    }
    let stamp = Stamp { recorded_at: Timestamp::from_micros(1).unwrap(), opt_out: OptOut::No };
    let drafts: Vec<EventDraft> = vec![draft(); 100_000];
    let start = seconds();
    for draft in drafts {
        black_box(redactor.redact(draft, stamp));
    }
    println!("one small clean event: {:.2} us", (seconds() - start) * 1e6 / 100_000.0);

    let ordinary = 1.0 / whole;
    for (name, text) in hostile() {
        let cost = (0..3).map(|_| cost(&redactor, &text)).fold(f64::INFINITY, f64::min);
        println!("hostile {name:16} {:6.1} MB/s, {:4.1} times ordinary", 1.0 / cost, cost / ordinary);
    }
}
