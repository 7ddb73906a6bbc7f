//! Look-alikes: what must stay as it is.

use serde_json::json;

use super::{Case, case, rng::Rng, values};

const HEX: &str = "0123456789abcdef";

fn uuid(rng: &mut Rng) -> String {
    values::grouped(&rng.string(HEX, 32), &[8, 4, 4, 4, 12], '-')
}

fn not_a_card(rng: &mut Rng) -> String {
    loop {
        let text = rng.fill("4###############");
        if !values::luhn(&text) {
            return text;
        }
    }
}

/// What it looks like, the value, and sentences for it.
fn sample(rng: &mut Rng) -> (&'static str, String, &'static [&'static str]) {
    match rng.below(24) {
        0 => ("guid", uuid(rng), &["event {} stored", "{}", "trace {}: ok"]),
        1 => (
            "hash",
            {
                let n = [32, 40, 64][rng.below(3)];
                rng.string(HEX, n)
            },
            &["sha256 {} verified", "{}", "commit {} deployed"],
        ),
        2 => (
            "timestamp",
            format!(
                "20{}-0{}-1{}T{}:{}:{}.{}Z",
                rng.range(10, 29),
                rng.range(1, 9),
                rng.below(10),
                rng.range(10, 23),
                rng.range(10, 59),
                rng.range(10, 59),
                rng.fill("###")
            ),
            &["started at {}", "{}", "[{}] INFO ready"],
        ),
        3 => (
            "version",
            format!("{}.{}.{}", rng.below(30), rng.below(30), rng.below(99)),
            &["upgraded to {}", "v{}", "rustc {} is fine", "node/{}"],
        ),
        4 => (
            "user_agent",
            format!("Chrome/{}.0.0.0", rng.range(90, 140)),
            &["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {} Safari/537.36"],
        ),
        5 => ("order", rng.fill("ORD-20##-######"), &["your order {} has shipped", "{}", "refund for {}"]),
        6 => ("sku", rng.fill("SKU-%##-@@-####"), &["restock {} today", "{} is out of stock"]),
        7 => ("not_luhn", not_a_card(rng), &["number {} was refused", "{}", "id {}"]),
        8 => (
            "repository",
            format!("git@github.com:{}/{}.git", rng.pick(&["acme", "nexus"]), rng.pick(&["app", "ledger"])),
            &["clone {} first", "{}"],
        ),
        9 => (
            "retina",
            format!("{}@{}x.png", rng.pick(&["icon", "logo", "hero"]), rng.range(2, 3)),
            &["see {}", "assets/{}", "{}"],
        ),
        10 => (
            "price",
            format!("{}.{:02}", rng.range(1, 9999), rng.below(100)),
            &["total ${}", "EUR {} per month", "it costs {} USD"],
        ),
        11 => (
            "thousands",
            format!("{},{:03},{:03}", rng.range(1, 99), rng.below(1000), rng.below(1000)),
            &["{} rows read", "about {} users"],
        ),
        12 => ("duration", format!("{}ms", rng.range(1, 99_999)), &["took {}", "p99 was {}"]),
        13 => ("own_key", format!("tenants/t_demo/dev/raw/{}/", uuid(rng)), &["{}report.pdf", "stored at {}scan.png"]),
        14 => ("epoch", rng.fill("17###########"), &["at {}", "ts={}", "{}"]),
        15 => ("order", rng.fill("1##-#######-#######"), &["order {} arrived", "Amazon order {}"]),
        16 => (
            "date",
            format!("20{}-{:02}-{:02}", rng.range(15, 29), rng.range(1, 12), rng.range(1, 28)),
            &["due {}", "report for {}", "meeting on {} at 10:30"],
        ),
        17 => (
            "path",
            format!("/usr/lib/python3.{}/site-packages/pip/{}", rng.range(8, 13), rng.fill("#.##.#")),
            &["loaded {}", "{}"],
        ),
        18 => (
            "package",
            format!("react@{}.{}.{}", rng.range(15, 19), rng.below(9), rng.below(9)),
            &["npm install {}", "{} is deprecated"],
        ),
        19 => ("isbn", rng.fill("978-0-###-#####-#"), &["ISBN {}", "see isbn {}"]),
        20 => (
            "time",
            format!("{}:{}:{}", rng.range(10, 23), rng.range(10, 59), rng.range(10, 59)),
            &["at {} the job began", "{} UTC"],
        ),
        21 => (
            "word",
            (*rng.pick(&[
                &"authenticated",
                &"password reset requested",
                &"tokens per second",
                &"card game",
                &"phone case",
                &"address bar",
                &"born to run",
            ]))
            .to_owned(),
            &["status: {}", "{} 42", "about {}"],
        ),
        22 => (
            "mime",
            (*rng.pick(&[
                &"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                &"text/plain; charset=utf-8",
                &"multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
            ]))
            .to_owned(),
            &["{}"],
        ),
        _ => ("embedding", format!("0.{}, 0.{}", rng.fill("####"), rng.fill("####")), &["scores {}", "weights: {}"]),
    }
}

pub fn case_of(rng: &mut Rng) -> Case {
    if rng.chance(35) {
        return keyed(rng);
    }
    let (kind, value, sentences) = sample(rng);
    let (before, after) = rng.pick(sentences).split_once("{}").unwrap();
    let text = format!("{before}{value}{after}");
    let event = json!({"input": {"role": "assistant", "text": text}});
    case("negative", kind, event, "/input/text", before.len(), value.len(), &value)
}

fn keyed(rng: &mut Rng) -> Case {
    let (kind, key, value) = match rng.below(20) {
        0 => ("epoch", "created_at_ms", json!(rng.range(1_600_000_000_000, 1_800_000_000_000))),
        1 => ("integer", "count", json!(rng.below(10_000_000_000))),
        2 => ("price", "amount", json!(format!("{}.{:02}", rng.below(9999), rng.below(100)))),
        3 => ("duration", "duration_ms", json!(rng.below(9_999_999))),
        4 => ("guid", "asset_id", json!(uuid(rng))),
        5 => ("hash", "sha256", json!(rng.string(HEX, 64))),
        6 => ("not_name", "kpi_name", json!("Monthly Revenue")),
        7 => ("not_name", "filename", json!("Annual Report.pdf")),
        8 => ("not_name", "hostname", json!("worker")),
        9 => ("not_secret", "authenticated", json!("yes, by SSO")),
        10 => ("not_secret", "next_page", json!("abc")),
        11 => ("integer", "tokens_input", json!(rng.below(99_999))),
        12 => ("not_luhn", "transaction", json!(not_a_card(rng).parse::<u64>().unwrap())),
        13 => ("order", "order_id", json!(rng.fill("%#########"))),
        14 => (
            "version",
            "app_version",
            json!(format!("{}.{}.{}.{}", rng.below(20), rng.below(20), rng.below(20), rng.below(200))),
        ),
        15 => ("not_password", "password_changed_at", json!("2024-05-06T07:08:09Z")),
        16 => ("tool", "tool_name", json!("get_weather")),
        17 => ("model", "model_or_plan_id", json!("claude-3-5-sonnet-20241022")),
        18 => ("integer", "bytes", json!(rng.range(1_000_000, 9_999_999_999))),
        _ => ("float", "temperature", json!(0.7123 + rng.below(100) as f64)),
    };
    let length = value.as_str().map_or_else(|| value.to_string().len(), str::len);
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    case("negative", kind, json!({"input": {key: value}}), &format!("/input/{key}"), 0, length, &text)
}
