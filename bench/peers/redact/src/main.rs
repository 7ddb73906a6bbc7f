//! Megabytes of event JSON per second of processor time, parse and write included: `serde_json` alone, Datadog's scanner, and redact-core.
//!
//! `redact-peers LINES [RUNS]`: a file of events, one a line, and how often each goes through it; the best run counts. Each redacts every string at
//! any depth, in one thread.

use std::{collections::HashSet, env, fs, hint::black_box, time::Instant};

use anyhow::{Context, Result};
use dd_sds::{
    MatchAction, RegexRuleConfig, RootRuleConfig, Scanner,
    SecondaryValidator::{self, *},
};
use redact_core::{AnalyzerEngine, AnonymizationStrategy, AnonymizerConfig};
use serde_json::Value;

/// What the scanner is told to look for, as it brings no rules of its own: a type, a pattern, its check of what was matched, and the words of
/// which one must stand before it, or in its key, for a match to count.
type Rule = (&'static str, &'static str, Option<SecondaryValidator>, &'static [&'static str]);

/// The first set: the 13 types that are looked for most.
fn common_rules() -> Vec<Rule> {
    vec![
        ("email", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", None, &[]),
        ("phone", r"\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}", None, &[]),
        ("phone", r"\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b", None, &[]),
        ("payment_card", r"\b\d(?:[ -]?\d){11,18}\b", Some(LuhnChecksum), &[]),
        ("iban", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", Some(IbanChecker), &[]),
        ("us_ssn", r"\b\d{3}-\d{2}-\d{4}\b", None, &[]),
        ("uk_nino", r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", None, &[]),
        ("ip_address", r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b", None, &[]),
        ("ip_address", r"\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b", None, &[]),
        ("mac_address", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", None, &[]),
        ("url_credentials", r"[a-z][a-z0-9+.-]{1,20}://[^\s/@:]{1,100}:[^\s/@]{1,100}@", None, &[]),
        ("secret", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", None, &[]),
        ("secret", r"\bAIza[0-9A-Za-z_-]{35}\b", None, &[]),
        ("secret", r"\bgh[pousr]_[A-Za-z0-9]{36}\b", None, &[]),
        ("secret", r"\bxox[abprs]-[A-Za-z0-9-]{10,80}", None, &[]),
        ("secret", r"\b[sr]k_live_[A-Za-z0-9]{16,64}\b", None, &[]),
        ("private_key", r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----", None, &[]),
        ("jwt", r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,2000}", None, &[]),
        ("date_of_birth", r"\b(?:19|20)\d{2}-\d{2}-\d{2}\b", None, &["born", "birth", "dob"]),
    ]
}

/// The other 20 types that Nexus has: one rule for each, and words only where Nexus asks for some, too.
fn further_rules() -> Vec<Rule> {
    vec![
        ("uk_nhs", r"\b\d{3}[ -]\d{3}[ -]\d{4}\b", Some(NhsCheckDigit), &[]),
        ("es_nif", r"\b(?:\d{8}|[XYZ]\d{7})-?[A-Z]\b", Some(SpanishDniChecksum), &[]),
        (
            "it_codice_fiscale",
            r"\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b",
            Some(ItalianNationalIdChecksum),
            &[],
        ),
        ("fr_nir", r"\b[1-478] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}\b", Some(NirChecksum), &[]),
        ("de_steuer_id", r"\b[1-9]\d ?\d{3} ?\d{3} ?\d{3}\b", Some(GermanIdsChecksum), &[]),
        ("in_aadhaar", r"\b[2-9]\d{3}[ -]\d{4}[ -]\d{4}\b", Some(VerhoeffChecksum), &[]),
        ("br_cpf", r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b", Some(BrazilianCpfChecksum), &[]),
        ("ca_sin", r"\b[1-79]\d{2}[ -]\d{3}[ -]\d{3}\b", Some(LuhnChecksum), &[]),
        ("au_tfn", r"\b\d{3}[ -]\d{3}[ -]\d{3}\b", Some(AustralianTfnChecksum), &[]),
        ("nl_bsn", r"\b\d{8,9}\b", Some(DutchBsnChecksum), &["bsn", "burgerservicenummer"]),
        ("pl_pesel", r"\b\d{11}\b", Some(PolishNationalIdChecksum), &[]),
        ("se_personnummer", r"\b(?:\d{2})?\d{6}[-+]\d{4}\b", Some(SwedenPINChecksum), &[]),
        ("crypto_wallet", r"\b(?:bc1[a-z0-9]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40})\b", None, &[]),
        (
            "street_address",
            r"\b\d{1,5} (?:[A-Z][a-z]{1,20} ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way)\b",
            None,
            &[],
        ),
        (
            "gps_coordinates",
            r"-?\d{1,3}\.\d{3,8}, ?-?\d{1,3}\.\d{3,8}",
            None,
            &["gps", "coordinates", "location", "lat"],
        ),
        (
            "postcode",
            r"\b(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b",
            None,
            &["zip", "postcode", "postal code"],
        ),
        ("passport", r"\b[A-Z]{0,2}\d{6,9}\b", None, &["passport"]),
        ("driver_licence", r"\b[A-Z]{1,5}[0-9-]{6,18}\b", None, &["licence", "license", "driving"]),
        ("password", r"\S{4,64}", None, &["password", "passwd", "passphrase", "pwd"]),
        ("person_name", r"\b[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){0,2}\b", None, &["name", "first name", "full name"]),
    ]
}

fn scanner(rules: &[Rule]) -> Result<Scanner> {
    let rules: Vec<_> = rules
        .iter()
        .map(|(name, pattern, check, words)| {
            let mut rule = RegexRuleConfig::new(pattern).with_validator(check.clone());
            if !words.is_empty() {
                rule = rule.with_included_keywords(*words);
            }
            RootRuleConfig::new(rule.build()).match_action(MatchAction::redact(&format!("[redacted:{name}]")))
        })
        .collect();
    Scanner::builder(&rules).build().context("the scanner takes the rules")
}

/// Every string through Datadog's scanner.
fn measure_scanner(rules: &[Rule], lines: &[&str], runs: u32) -> Result<()> {
    let scanner = scanner(rules)?;
    let types: HashSet<_> = rules.iter().map(|(name, ..)| name).collect();
    let types = format!("{} types, {} rules written for it here", types.len(), rules.len());
    measure("dd-sensitive-data-scanner 0.1.0-20261029", &types, lines, runs, |value| {
        without_numbers(value);
        scanner.scan(value).map(drop).map_err(|error| anyhow::anyhow!("{error:?}"))
    })
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
    let (common, further) = (common_rules(), further_rules());
    measure_scanner(&common, &lines, runs)?;
    measure_scanner(&[common, further].concat(), &lines, runs)?;
    let engine = AnalyzerEngine::new();
    let config = AnonymizerConfig { strategy: AnonymizationStrategy::Replace, ..Default::default() };
    let types = format!("{} recognizers of its own", engine.recognizer_registry().recognizers().len());
    // It is slower by far: a tenth of the events tells enough.
    measure("redact-core 0.12.7", &types, &lines[..lines.len() / 10], runs, |value| redact(&engine, &config, value))
}
