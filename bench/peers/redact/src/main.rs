//! Megabytes of event JSON per second of processor time, parse and write included: `serde_json` alone, Datadog's scanner, and redact-core.
//!
//! `redact-peers LINES [RUNS]`: a file of events, one a line, and how often each goes through it; the best run counts. Each redacts every string at
//! any depth, in one thread.

use std::{env, fs, hint::black_box, time::Instant};

use anyhow::{Context, Result};
use dd_sds::{MatchAction, ProximityKeywordsConfig, RegexRuleConfig, RootRuleConfig, Scanner, SecondaryValidator};
use redact_core::{AnalyzerEngine, AnonymizationStrategy, AnonymizerConfig};
use serde_json::Value;

/// What the scanner is told to look for; it brings no rules of its own. Name, pattern, its check of what was matched.
fn rules() -> Vec<(&'static str, &'static str, Option<SecondaryValidator>)> {
    vec![
        ("email", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", None),
        ("phone", r"\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}", None),
        ("phone_national", r"\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b", None),
        ("payment_card", r"\b\d(?:[ -]?\d){11,18}\b", Some(SecondaryValidator::LuhnChecksum)),
        ("iban", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", Some(SecondaryValidator::IbanChecker)),
        ("us_ssn", r"\b\d{3}-\d{2}-\d{4}\b", None),
        ("uk_nino", r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", None),
        ("ipv4", r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b", None),
        ("ipv6", r"\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b", None),
        ("mac_address", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", None),
        ("url_credentials", r"[a-z][a-z0-9+.-]{1,20}://[^\s/@:]{1,100}:[^\s/@]{1,100}@", None),
        ("aws_key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", None),
        ("gcp_key", r"\bAIza[0-9A-Za-z_-]{35}\b", None),
        ("github_token", r"\bgh[pousr]_[A-Za-z0-9]{36}\b", None),
        ("slack_token", r"\bxox[abprs]-[A-Za-z0-9-]{10,80}", None),
        ("stripe_key", r"\b[sr]k_live_[A-Za-z0-9]{16,64}\b", None),
        ("private_key", r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----", None),
        ("jwt", r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,2000}", None),
        ("date_of_birth", r"\b(?:19|20)\d{2}-\d{2}-\d{2}\b", None),
    ]
}

fn scanner() -> Result<Scanner> {
    let rules: Vec<_> = rules()
        .into_iter()
        .map(|(name, pattern, check)| {
            let mut rule = RegexRuleConfig::new(pattern).with_validator(check);
            if name == "date_of_birth" {
                rule = rule.with_proximity_keywords(ProximityKeywordsConfig {
                    look_ahead_character_count: 30,
                    included_keywords: vec!["born".to_owned(), "birth".to_owned(), "dob".to_owned()],
                    excluded_keywords: Vec::new(),
                });
            }
            RootRuleConfig::new(rule.build()).match_action(MatchAction::redact(&format!("[redacted:{name}]")))
        })
        .collect();
    Scanner::builder(&rules).build().context("the scanner takes the rules")
}

/// Takes out numbers, which the scanner shows to its rules, and panics when one is to be redacted: it is measured on the strings alone.
fn without_numbers(value: &mut Value) {
    match value {
        Value::Number(_) => *value = Value::Null,
        Value::Array(values) => values.iter_mut().for_each(without_numbers),
        Value::Object(members) => members.values_mut().for_each(without_numbers),
        _ => {}
    }
}

/// Every string through `redact-core`.
fn redact(engine: &AnalyzerEngine, config: &AnonymizerConfig, value: &mut Value) -> Result<()> {
    match value {
        Value::String(text) => {
            let redacted = engine.anonymize(text, None, config)?.text;
            *text = redacted;
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| redact(engine, config, value))?,
        Value::Object(members) => members.values_mut().try_for_each(|value| redact(engine, config, value))?,
        _ => {}
    }
    Ok(())
}

/// Seconds that this thread has spent on a processor, so that neighbours on the machine count little; elsewhere than on Linux, wall time.
fn seconds(start: Instant) -> f64 {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn measure(name: &str, types: &str, lines: &[&str], runs: u32, work: impl Fn(&mut Value) -> Result<()>) -> Result<()> {
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    for _ in 0..runs {
        let began = seconds(start);
        for line in lines {
            let mut value: Value = serde_json::from_str(line)?;
            work(&mut value)?;
            black_box(serde_json::to_string(&value)?);
        }
        best = best.min(seconds(start) - began);
    }
    println!("{name:44} {:8.2} MB/s  {types}", bytes as f64 / best / 1e6);
    Ok(())
}

fn main() -> Result<()> {
    let path = env::args().nth(1).context("usage: redact-peers LINES [RUNS]")?;
    let runs = env::args().nth(2).map_or(Ok(5), |runs| runs.parse())?;
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let lines: Vec<&str> = text.lines().collect();
    measure("serde_json, parse and write alone", "", &lines, runs, |_| Ok(()))?;
    let scanner = scanner()?;
    let types = format!("{} rules, written for it here", rules().len());
    measure("dd-sensitive-data-scanner 0.1.0-20261029", &types, &lines, runs, |value| {
        without_numbers(value);
        scanner.scan(value).map(drop).map_err(|error| anyhow::anyhow!("{error:?}"))
    })?;
    let engine = AnalyzerEngine::new();
    let config = AnonymizerConfig { strategy: AnonymizationStrategy::Replace, ..Default::default() };
    let types = format!("{} recognizers of its own", engine.recognizer_registry().recognizers().len());
    // It is slower by far: a tenth of the events tells enough.
    measure("redact-core 0.12.7", &types, &lines[..lines.len() / 10], runs, |value| redact(&engine, &config, value))
}
