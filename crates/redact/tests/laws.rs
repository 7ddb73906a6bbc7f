//! Laws that hold whatever comes in: redacting twice changes nothing, nothing found survives, the shape stays, and the same
//! input gives the same output.
#![allow(clippy::unwrap_used)]

mod corpus;

use base64::Engine;
use corpus::{heldout, rng::Rng, templates, values};
use nexus_redact::{Policy, Redactor};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

fn redactor() -> Redactor {
    Redactor::new(Policy::default()).unwrap()
}

/// Pieces that rules react to, beside arbitrary text.
fn text() -> impl Strategy<Value = String> {
    let value = (0..values::KINDS.len(), any::<u64>())
        .prop_map(|(kind, seed)| values::value(values::KINDS[kind], &mut Rng::new(seed)));
    let piece = prop_oneof![
        4 => value.clone(),
        2 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        2 => "[0-9 .:/@=%&+_-]{1,12}",
        1 => prop::sample::select(vec![
            " call ", "password=", "born ", "SSN ", "[redacted:email]", "[redacted:", "%40", "&#64;", "tenants/t_a/dev/raw/x/", "://", "\\u0040", "{\"name\":\"", "\u{200B}",
        ]).prop_map(str::to_owned),
        1 => value.prop_map(|value| base64::engine::general_purpose::STANDARD.encode(value)),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(vec!["text", "name", "password", "phone", "dob", "address", "token", "id", "lat", "card", "order", "customer", "zip"]).prop_map(str::to_owned),
        1 => text(),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        5 => text().prop_map(Value::String),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-200.0..200.0).prop_map(Value::from),
        1 => Just(json!(4_111_111_111_111_111_u64)),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner.clone()), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

/// What comes out of a document in bytes; numbers that I-JSON does not have are none of these laws.
fn by_bytes(json: &str) -> Result<Value, TestCaseError> {
    let mut out = Vec::new();
    match redactor().strip_json(None, json.as_bytes(), 120, &mut out) {
        Ok(()) => Ok(serde_json::from_slice(&out).unwrap()),
        Err(error) if error.to_string().contains("2^53-1") => Err(TestCaseError::reject("no I-JSON")),
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

/// The tree as JSON, with the members of each object in an order of `rng`'s.
fn in_any_order(tree: &Value, rng: &mut Rng) -> String {
    match tree {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| in_any_order(item, rng)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(name, value)| (rng.next(), format!("{}:{}", json!(name), in_any_order(value, rng))))
                .collect();
            members.sort_unstable();
            let members: Vec<_> = members.into_iter().map(|(_, member)| member).collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

/// Same containers with as many members; a scalar stays or becomes a string.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len(),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => false,
        (Value::Number(_), Value::String(_)) => true,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn original<'t>(tree: &'t Value, pointer: &str, in_key: bool) -> std::borrow::Cow<'t, str> {
    if in_key {
        return pointer.rsplit('/').next().unwrap().replace("~1", "/").replace("~0", "~").into();
    }
    match tree.pointer(pointer).unwrap() {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// A syllable stuck to the month, as Korean sets it, hides no date of birth.
#[test]
fn a_month_with_a_syllable_behind_it_is_a_month() {
    for text in ["born in March에 1985", "born Mar月 12, 1985"] {
        let out = redactor().strip(None, json!(text)).to_string();
        assert!(out.contains("[redacted:date_of_birth]") && !out.contains("1985"), "{out}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn bytes_are_redacted_as_values_are(tree in tree(), order in any::<u64>()) {
        prop_assert_eq!(by_bytes(&in_any_order(&tree, &mut Rng::new(order)))?, redactor().strip(None, tree));
    }

    #[test]
    fn a_text_known_from_elsewhere_is_found_in_bytes(password in "[ -~é\\PC]{6,20}", before in "[a-z \"\\\\\n]{0,9}", key in key()) {
        let tree = json!({"password": password, key: format!("{before} {password} {before}")});
        prop_assert_eq!(by_bytes(&tree.to_string())?, redactor().strip(None, tree));
    }

    #[test]
    fn names_that_become_one_are_told_apart_in_any_order(seeds in vec(any::<u64>(), 2..6), order in any::<u64>()) {
        // E-mail addresses all become `[redacted:email]`; what stands under each tells them apart.
        let email = |seed: &u64| values::value("email", &mut Rng::new(*seed));
        let tree = Value::Object(seeds.iter().zip(0..).map(|(seed, n): (_, u64)| (email(seed), json!(n))).collect());
        prop_assert_eq!(by_bytes(&in_any_order(&tree, &mut Rng::new(order)))?, redactor().strip(None, tree));
    }

    #[test]
    fn redacting_twice_changes_nothing(tree in tree()) {
        let redactor = redactor();
        let (once, _) = redactor.redact_value(None, tree);
        let (twice, findings) = redactor.redact_value(None, once.clone());
        prop_assert_eq!(&once, &twice);
        prop_assert!(findings.is_empty(), "{:?}", findings);
    }

    #[test]
    fn the_shape_stays_and_findings_point_into_the_original(tree in tree()) {
        let redactor = redactor();
        let (redacted, findings) = redactor.redact_value(None, tree.clone());
        prop_assert!(same_shape(&tree, &redacted), "{} became {}", tree, redacted);
        prop_assert_eq!(redactor.redact_value(None, tree.clone()), (redacted, findings.clone()));
        for found in findings {
            let text = original(&tree, &found.pointer, found.in_key);
            prop_assert!(found.start < found.end && text.get(found.start..found.end).is_some(), "{:?} in {:?}", found, text);
        }
    }

    #[test]
    fn a_string_is_cut_at_its_findings_and_nowhere_else(text in text()) {
        let (redacted, findings) = redactor().redact_value(None, json!([text.clone()]));
        let redacted = redacted[0].as_str().unwrap();
        for found in &findings {
            prop_assert!(found.kind.as_str() == "unscannable" || redacted.contains("[redacted:"), "{:?}", found);
        }
        if findings.is_empty() {
            prop_assert_eq!(redacted, &text);
        }
    }
}

/// What is found only once known values are gone, and then whole, lies in the original, too, which is shorter than what was looked at.
#[test]
fn what_the_second_pass_lays_bare_lies_in_the_original() {
    let text = "1r.A12ip%5rj\u{11}^\\\\\\\\\\4A::77777777\0\u{0}7777::77777777\0\u{0}77:5";
    let (out, findings) = redactor().redact_value(None, json!(text));
    assert!(
        findings.len() > 1 && findings.iter().all(|found| text.get(found.start..found.end).is_some()),
        "{findings:?} {out}"
    );
}

/// What hostile readers found: outputs that did not settle, values that stayed, JSON that broke, and a panic.
#[test]
fn what_was_not_settled_once_is() {
    let redactor = redactor();
    for (tree, gone) in [
        (json!({ "name": "+1 415-555-2671", "value": "5551234" }), "415-555"),
        (json!({ "field": "742 Evergreen Terrace", "old": "oak" }), "Evergreen"),
        (json!({ "label": "my password is hunter2x", "value": "kettle" }), "hunter2x"),
        (json!(["first_name=Jane AB123456C"]), "Jane"),
        (json!(["fullName=Jane Doe DE89370400440532013000"]), "Jane"),
        (json!({ "street": "4111111111111111*" }), "4111"),
        (json!({ "full_name": [["a", "phone"], ["Zuzanna", "5551234567"]] }), "Zuzanna"),
        (json!({ "otp": [["id", "name"], ["AB123456C", "x1"]] }), "AB123456C"),
        (json!({ "phone": 5_551_234_567_u64, "t": "{\"x\": -5551234567}" }), "5551234567"),
        (json!({ "t": "{\"first_name\":[\"Zuzanna\"],\"note\":\"\u{201c}ok\u{201d}\"}" }), "Zuzanna"),
        (
            json!({ "first_name": "Zuzanna", "t": format!("{{\"full_name\":[\"{}Ab\"],\"x\":\"48\u{b0}51'24\u{201d}N 2\u{b0}21'07\u{201d}E\",\"n\":\"{} Zuzanna\"}}",
                "Ab ".repeat(20), "\u{e9}".repeat(30)) }),
            "Zuzanna",
        ),
    ] {
        let (once, _) = redactor.redact_value(None, tree.clone());
        let (twice, again) = redactor.redact_value(None, once.clone());
        assert_eq!(once, twice, "{tree}: {again:?}");
        assert!(!once.to_string().contains(gone), "{gone} stays in {once}");
        if let (Some(before), Some(after)) = (tree["t"].as_str(), once["t"].as_str()) {
            let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
            assert!(!is_json(before) || is_json(after), "{after}");
        }
    }
}

/// The values that need no context are gone from the output, in any encoding that they came in.
#[test]
fn nothing_found_survives_in_any_form() {
    let redactor = redactor();
    for cases in [templates::TEMPLATES.corpus(11, 40), heldout::TEMPLATES.corpus(12, 40)] {
        for case in cases.iter().filter(|case| case.part != "negative" && case.text.len() >= 7) {
            let (redacted, findings) = redactor.redact_value(None, case.event.clone());
            let found = findings
                .iter()
                .any(|found| *found.pointer == *case.pointer && found.start <= case.start && case.end <= found.end);
            if !found {
                continue;
            }
            let output = redacted.to_string();
            let encoded = base64::engine::general_purpose::STANDARD.encode(&case.text);
            assert!(!output.contains(&case.text) && !output.contains(&encoded), "{} survives in {output}", case.text);
        }
    }
}

/// What the fuzzer found: the names inside placeholders once announced what stands behind them.
#[test]
fn placeholders_announce_nothing() {
    let redactor = redactor();
    for text in [
        "3r.525l8A5l:e\0",
        "[redacted:phone] 5551234567",
        "[redacted:password]: hunter2",
        "[redacted:date_of_birth] 1985-03-12",
    ] {
        let (once, _) = redactor.redact_value(None, json!(text));
        assert_eq!(redactor.redact_value(None, once.clone()).0, once);
    }
    let kept = json!("[redacted:phone] 5551234567");
    assert_eq!(redactor.redact_value(None, kept.clone()).0, kept);
}

/// What a key alone gives away is gone from the rest of the event, too; words that are names as well stay.
#[test]
fn known_values_are_gone_from_the_rest() {
    let redactor = redactor();
    let event = json!({
        "text": "Zuzanna wrote on 1985-03-12: may I? Will Hope may. In May the kettledrum2 was sold for 7 to ZUZANNA KOWALSKA.",
        "Zuzanna": {"n": 1},
        "who": {"first_name": "Zuzanna", "full_name": "Zuzanna Kowalska", "dob": "1985-03-12", "password": "kettledrum2", "pin": 7},
        "others": [{"first_name": "May"}, {"first_name": "Will"}, {"first_name": "Hope"}],
        "nested": "{\"by\":\"Zuzanna\",\"licence\":12}",
        "jane@example.com": {"note": "office +44 20 7946 0958; Zuzanna; 5551234567", "contact_phone": 5_551_234_567_u64, "calls": 5_551_234_567_u64},
    });
    let (out, findings) = redactor.redact_value(None, event.clone());
    let text = out.to_string();
    for gone in ["Zuzanna", "Kowalska", "1985-03-12", "kettledrum2", "5551234567"] {
        assert!(!text.contains(gone), "{gone} survives in {text}");
    }
    let kept = out["text"].as_str().unwrap();
    assert!(kept.contains("may I? Will Hope may. In May the") && kept.contains("for 7 to"), "{kept}");
    for found in &findings {
        let original = original(&event, &found.pointer, found.in_key);
        assert!(original.get(found.start..found.end).is_some(), "{found:?} in {original}");
    }
    let at = |pointer: &str| -> Vec<String> {
        let here = findings.iter().filter(|found| *found.pointer == *pointer && !found.in_key);
        here.map(|found| original(&event, pointer, false)[found.start..found.end].to_owned()).collect()
    };
    assert_eq!(at("/jane@example.com/note"), ["+44 20 7946 0958", "Zuzanna", "5551234567"]);
    assert_eq!(at("/nested"), ["Zuzanna"]);
    assert_eq!(redactor.redact_value(None, out.clone()), (out, Vec::new()));
}

/// A name may stand beside its value: pairs, columns and rows.
#[test]
fn names_beside_their_values_count() {
    let redactor = redactor();
    let event = json!({
        "change": {"field": "last_name", "old": "Nowak", "new": "Kowalska"},
        "pair": {"name": "password", "value": "kettle"},
        "table": {"columns": ["id", "full_name", "dob"], "rows": [["7", "Ana Souza", "12/03/1985"], ["8", "Per Lund", "1990-01-31"]]},
        "sheet": [["surname", "zip"], ["Rossi", "00184"]],
        "&#112;assword": "kettle",
        "passwords": {"columns": ["user", "name"], "rows": [["a", "seven7x"]]},
        "secret_password": {"name": "seven7x"},
        "plain": {"name": "colour", "value": "blue"},
        "things": [["name", "price"], ["Blue Kettle", "12.99"]],
    });
    let (out, _) = redactor.redact_value(None, event.clone());
    for pointer in [
        "/change/old",
        "/change/new",
        "/pair/value",
        "/table/rows/0/1",
        "/table/rows/1/2",
        "/sheet/1/0",
        "/sheet/1/1",
        "/&#112;assword",
        "/passwords/rows/0/0",
        "/passwords/rows/0/1",
        "/secret_password/name",
    ] {
        let text = out.pointer(pointer).unwrap().as_str().unwrap();
        assert!(text.starts_with("[redacted:"), "{pointer}: {text}");
    }
    for pointer in
        ["/change/field", "/pair/name", "/table/columns", "/table/rows/0/0", "/sheet/0", "/plain/value", "/things"]
    {
        assert_eq!(out.pointer(pointer), event.pointer(pointer), "{pointer}");
    }
}

/// A known number in JSON in JSON gets quotes as deep as it stands.
#[test]
fn json_in_json_stays_json() {
    let redactor = redactor();
    let inner = json!({"b": 5_551_234_567_u64, "c": ["x", 5_551_234_567_u64, 7, -5_551_234_567_i64]});
    let middle = json!({"a": inner.to_string(), "d": 5_551_234_567_u64});
    let outer = json!({"phone": 5_551_234_567_u64, "u": json!({"m": middle.to_string()}).to_string()});
    let (out, _) = redactor.redact_value(None, outer);
    let read = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap();
    let middle = read(&read(&out["u"])["m"]);
    let inner = read(&middle["a"]);
    let phone = json!("[redacted:phone]");
    assert_eq!((&middle["d"], &inner["b"]), (&phone, &phone));
    assert_eq!(inner["c"], json!(["x", phone, 7, phone]));
}
