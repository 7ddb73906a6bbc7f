//! Values as an adversary, or a careless encoder, would hide them.

use base64::{Engine, engine::general_purpose};
use serde_json::{Value, json};

use super::{Case, Templates, of, rng::Rng, values};

/// Types that need no context, so that hiding is all that is tried.
const SELF_EVIDENT: &[&str] = &[
    "email",
    "payment_card",
    "iban",
    "us_ssn",
    "ip_address",
    "br_cpf",
    "es_nif",
    "secret",
    "it_codice_fiscale",
    "uk_nino",
];

pub fn case_of(templates: &Templates, kind: &str, rng: &mut Rng, how: usize) -> Option<Case> {
    let sentences = of(templates.sentences, kind);
    let sentence = if sentences.is_empty() { "name: {}" } else { rng.pick(sentences) };
    let (before, after) = sentence.split_once("{}").unwrap();
    let value = values::value(kind, rng);
    let evident = SELF_EVIDENT.contains(&kind);
    let hidden = match how {
        0 => percent(&value, rng.chance(30)),
        1 => entities(&value, rng.chance(50)),
        2 if evident => general_purpose::STANDARD.encode(&value),
        2 => {
            // Where the context counts, it is inside.
            let text = general_purpose::STANDARD.encode(format!("{before}{value}{after}"));
            return Some(templates.in_text("adversarial", kind, "payload ", &text, " end", rng));
        }
        3 => full_width(&value),
        4 => sprinkled(&value, rng.pick(&["\u{200B}", "\u{AD}", "\u{2060}", "\u{200D}"])),
        5 => exotic(&value)?,
        6 if evident => {
            let event = json!({"input": {"counts": {&value: 3}}});
            let mut found = super::case(
                "adversarial",
                kind,
                event,
                &format!("/input/counts/{}", value.replace('~', "~0").replace('/', "~1")),
                0,
                value.len(),
                &value,
            );
            found.in_key = true;
            return Some(found);
        }
        7 => return number(kind, &value, of(templates.keys, kind), rng),
        8 => return Some(nested(templates, kind, before, &value, after, rng)),
        9 => respaced(kind, &value, rng)?,
        10 if evident => percent(&percent(&value, false), false),
        11 if evident => general_purpose::STANDARD.encode(json!({"v": value}).to_string()),
        _ => return None,
    };
    Some(templates.in_text("adversarial", kind, before, &hidden, after, rng))
}

pub fn case(templates: &Templates, kind: &str, rng: &mut Rng) -> Option<Case> {
    // A name is found by its key alone, so only nesting can hide it.
    let how = if kind == "person_name" { 8 } else { rng.below(12) };
    case_of(templates, kind, rng, how)
}

fn percent(text: &str, all: bool) -> String {
    text.bytes()
        .map(|b| if all || !b.is_ascii_alphanumeric() { format!("%{b:02X}") } else { (b as char).to_string() })
        .collect()
}

fn entities(text: &str, hex: bool) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_ascii_alphabetic() => c.to_string(),
            c if hex => format!("&#x{:x};", c as u32),
            c => format!("&#{};", c as u32),
        })
        .collect()
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if ('!'..='~').contains(&c) { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c })
        .collect()
}

fn sprinkled(text: &str, mark: &str) -> String {
    text.chars().enumerate().map(|(i, c)| if i % 3 == 2 { format!("{mark}{c}") } else { c.to_string() }).collect()
}

fn exotic(text: &str) -> Option<String> {
    let out: String = text
        .chars()
        .map(|c| match c {
            '-' => '\u{2011}',
            ' ' => '\u{A0}',
            c => c,
        })
        .collect();
    (out != text).then_some(out)
}

/// Other separators than the usual one, for numbers in groups.
fn respaced(kind: &str, value: &str, rng: &mut Rng) -> Option<String> {
    let grouped = matches!(kind, "payment_card" | "us_ssn" | "in_aadhaar" | "fr_nir" | "iban");
    let separator = rng.pick(&[".", "_", "/", " - "]);
    let out = value.replace([' ', '-'], if kind == "iban" { "-" } else { separator });
    (grouped && out != value).then_some(out)
}

/// The value as a JSON number: cards by themselves, identifiers under their key.
fn number(kind: &str, value: &str, keys: &[&str], rng: &mut Rng) -> Option<Case> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let whole = value.chars().all(|c| c.is_ascii_digit() || " -.+()".contains(c));
    let numeric = !keys.is_empty()
        && matches!(
            kind,
            "payment_card"
                | "phone"
                | "nl_bsn"
                | "pl_pesel"
                | "in_aadhaar"
                | "br_cpf"
                | "ca_sin"
                | "uk_nhs"
                | "de_steuer_id"
        );
    if !whole || !numeric || digits.starts_with('0') {
        return None;
    }
    let key = if kind == "payment_card" { "value" } else { rng.pick(keys) };
    let event = json!({"input": {key: digits.parse::<u64>().ok()?}});
    Some(super::case("adversarial", kind, event, &format!("/input/{key}"), 0, digits.len(), &digits))
}

/// JSON in a string, once or twice.
fn nested(templates: &Templates, kind: &str, before: &str, value: &str, after: &str, rng: &mut Rng) -> Case {
    let keys = of(templates.keys, kind);
    let inner: Value = if !keys.is_empty() && (kind == "person_name" || rng.chance(50)) {
        json!({rng.pick(keys): value})
    } else {
        json!({"body": format!("{before}{value}{after}")})
    };
    let mut text = inner.to_string();
    let mut raw = serde_json::to_string(value).unwrap();
    raw = raw[1..raw.len() - 1].to_owned();
    if rng.chance(40) {
        text = json!({"message": text}).to_string();
        raw = serde_json::to_string(&raw).unwrap();
        raw = raw[1..raw.len() - 1].to_owned();
    }
    let start = text.find(&raw).unwrap();
    let event = json!({"output": {"raw": text}});
    super::case("adversarial", kind, event, "/output/raw", start, raw.len(), value)
}
