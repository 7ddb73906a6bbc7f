//! The events: about 1 KiB each; chat, budget and media as engines send them; five in six hold personal data.
//!
//! The texts are made once and used again and again; the ids of every event are new, but for the user, the asset and the trace,
//! which several events share.

use std::{fmt::Write as _, sync::LazyLock};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use uuid::Uuid;

/// Texts to choose from.
const TEMPLATES: usize = 2048;
/// Users that events are about.
const USERS: u64 = 1000;
/// Assets that events are about.
const ASSETS: u64 = 100_000;
/// Events in one trace.
const EVENTS_PER_TRACE: u32 = 5;

const WORDS: &[&str] = &[
    "please",
    "review",
    "the",
    "quarterly",
    "report",
    "before",
    "our",
    "meeting",
    "with",
    "finance",
    "because",
    "several",
    "numbers",
    "changed",
    "after",
    "migration",
    "and",
    "customer",
    "invoices",
    "need",
    "another",
    "look",
    "model",
    "answered",
    "slowly",
    "yesterday",
    "summary",
    "of",
    "transcript",
    "is",
    "attached",
    "can",
    "you",
    "check",
    "whether",
    "upload",
    "finished",
    "dashboard",
    "shows",
    "higher",
    "cost",
    "than",
    "expected",
    "for",
    "this",
    "project",
    "über",
    "café",
    "naïve",
];

static CORPUS: LazyLock<Vec<Template>> = LazyLock::new(|| {
    // The same texts in every run.
    let mut rng = StdRng::seed_from_u64(20_261_121);
    (0..TEMPLATES).map(|index| Template::make(index, &mut rng)).collect()
});

/// What an event says, without its ids.
struct Template {
    surface: &'static str,
    event_type: &'static str,
    /// The members after the ids, up to the closing brace.
    rest: String,
}

impl Template {
    /// Three in six are chat, two budget, one media; of six, one holds no personal data.
    fn make(index: usize, rng: &mut StdRng) -> Self {
        let personal = !(index / 6).is_multiple_of(6);
        let (surface, event_type, input, output) = match index % 6 {
            0..=2 => chat(rng, personal),
            3 | 4 => budget(rng, personal),
            _ => media(rng, personal),
        };
        let metadata = json!({
            "engine": "assistant", "engine_version": "4.17.2", "region": "eu-west-1", "session": words(rng, 2),
            "client_ip": if personal { ip(rng) } else { "internal".to_owned() },
        });
        let mut rest = json!({
            "surface": surface, "event_type": event_type, "input": input, "output": output, "metadata": metadata,
            "source_refs": [{ "kind": "job", "id": format!("job-{}", rng.random::<u32>()) }],
        })
        .to_string();
        rest.remove(0);
        Self { surface, event_type, rest }
    }
}

type Content = (&'static str, &'static str, Value, Value);

fn chat(rng: &mut StdRng, personal: bool) -> Content {
    let text = if personal {
        format!(
            "{} {} {} call {} {} or write to {}. {}",
            words(rng, 20),
            email(rng),
            words(rng, 14),
            phone(rng),
            words(rng, 10),
            email(rng),
            words(rng, 9)
        )
    } else {
        words(rng, 63)
    };
    let role = pick(rng, &["user", "assistant", "tool"]);
    let input = json!({
        "thread_id": format!("th_{}", rng.random_range(0..10_000)), "role": role, "text": text,
        "tokens_input": rng.random_range(1..4000), "tokens_output": rng.random_range(1..900), "duration_ms": rng.random_range(5..9000),
    });
    ("chat", "message_posted", input, json!({ "finish_reason": "stop", "preview": words(rng, 12) }))
}

fn budget(rng: &mut StdRng, personal: bool) -> Content {
    let note = if personal {
        format!("{} billed to {} card {} {}", words(rng, 20), email(rng), card(rng), words(rng, 10))
    } else {
        words(rng, 40)
    };
    let input = json!({
        "provider": pick(rng, &["openai", "anthropic", "mistral"]), "model_or_plan_id": "large-2026-09",
        "tool_type": "completion", "tokens_input": rng.random_range(1..90_000), "tokens_output": rng.random_range(1..9000),
        "cost": format!("0.{:04}", rng.random_range(1..9999)), "currency": "USD",
        "extra": { "note": note, "cost_center": format!("cc-{}", rng.random_range(100..999)), "batch": rng.random_bool(0.5) },
    });
    ("budget", "usage_recorded", input, json!({ "remaining": format!("{}.50", rng.random_range(1..5000)) }))
}

fn media(rng: &mut StdRng, personal: bool) -> Content {
    let caption = if personal {
        format!("{} by {} {} {}", words(rng, 18), email(rng), phone(rng), words(rng, 10))
    } else {
        words(rng, 36)
    };
    let input = json!({
        "media_type": pick(rng, &["image/png", "video/mp4", "audio/ogg"]), "bytes": rng.random_range(1000..900_000_000),
        "duration_ms": rng.random_range(5..90_000),
        "extra": { "caption": caption, "width": rng.random_range(64..8192), "height": rng.random_range(64..8192), "frame_rate": 29.97 },
    });
    ("media", "media_ingested", input, json!({ "thumbnail": true, "labels": words(rng, 6) }))
}

fn pick(rng: &mut StdRng, from: &[&'static str]) -> &'static str {
    from[rng.random_range(0..from.len())]
}

fn words(rng: &mut StdRng, count: usize) -> String {
    (0..count).map(|_| pick(rng, WORDS)).collect::<Vec<_>>().join(" ")
}

fn email(rng: &mut StdRng) -> String {
    format!("{}.{}{}@example-mail.com", pick(rng, &WORDS[..40]), pick(rng, &WORDS[..40]), rng.random_range(10..99))
}

fn phone(rng: &mut StdRng) -> String {
    format!("+1 (212) {}-{:04}", rng.random_range(200..999), rng.random_range(0..10_000))
}

fn ip(rng: &mut StdRng) -> String {
    format!("84.{}.{}.{}", rng.random::<u8>(), rng.random::<u8>(), rng.random_range(1..255))
}

/// A number that passes Luhn's check (ISO/IEC 7812-1) and belongs to no one: 4242 4242 4242 4242 and its like.
fn card(rng: &mut StdRng) -> String {
    pick(rng, &["4242 4242 4242 4242", "5555 5555 5555 4444", "4000-0566-5566-5556", "378282246310005"]).to_owned()
}

/// The mean length of an event as posted. Bytes.
pub(crate) fn mean_bytes() -> usize {
    let mut corpus = Corpus::of_client(0);
    let mut text = String::new();
    (0..TEMPLATES).for_each(|_| corpus.next().write(&mut text));
    text.len() / TEMPLATES
}

/// A client's endless stream of events.
pub(crate) struct Corpus {
    rng: StdRng,
    trace: u128,
    left_in_trace: u32,
}

/// One event.
pub(crate) struct Event {
    pub(crate) event_id: Uuid,
    pub(crate) trace_id: String,
    pub(crate) request_id: String,
    pub(crate) asset_id: String,
    pub(crate) user_id: String,
    template: &'static Template,
}

impl Corpus {
    /// The stream of one client: the same whenever it is asked for, and another for each.
    pub(crate) fn of_client(client: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(client), trace: 0, left_in_trace: 0 }
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Event {
        let rng = &mut self.rng;
        if self.left_in_trace == 0 {
            // Zero is no trace id (W3C Trace Context).
            self.trace = rng.random_range(1..=u128::MAX);
            self.left_in_trace = EVENTS_PER_TRACE;
        }
        self.left_in_trace -= 1;
        Event {
            event_id: uuid::Builder::from_random_bytes(rng.random()).into_uuid(),
            trace_id: format!("{:032x}", self.trace),
            request_id: format!("req-{:032x}", rng.random::<u128>()),
            asset_id: format!("asset_{}", rng.random_range(0..ASSETS)),
            user_id: format!("u_{}", rng.random_range(0..USERS)),
            template: &CORPUS[rng.random_range(0..TEMPLATES)],
        }
    }
}

impl Event {
    pub(crate) fn surface(&self) -> &'static str {
        self.template.surface
    }

    pub(crate) fn event_type(&self) -> &'static str {
        self.template.event_type
    }

    /// Writes it as JSON.
    pub(crate) fn write(&self, into: &mut String) {
        let Self { event_id, trace_id, request_id, asset_id, user_id, template } = self;
        // A String takes everything.
        let _ = write!(
            into,
            r#"{{"event_id":"{event_id}","trace_id":"{trace_id}","request_id":"{request_id}","asset_id":"{asset_id}","asset_type":"document","user_id":"{user_id}","#
        );
        into.push_str(&template.rest);
    }
}
