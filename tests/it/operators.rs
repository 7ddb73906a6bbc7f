//! What operators install from `config/`, held against the real `/metrics`: a dashboard or an alert on a metric or label that does not
//! exist looks like good news for ever.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{Nexus, firestore::Firestore, tools::tool};

/// What Prometheus adds to every series by itself.
const OF_THE_TARGET: [&str; 2] = ["instance", "job"];

fn config(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The expressions of all panels, each with the panel's title.
fn of_the_dashboard() -> Vec<(String, String)> {
    let dashboard: Value = serde_json::from_str(&config("grafana/nexus.json")).unwrap();
    let mut expressions = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        assert!(panel["type"] == "row" || !targets.is_empty(), "{title} shows nothing");
        expressions
            .extend(targets.iter().map(|target| (title.to_owned(), target["expr"].as_str().unwrap().to_owned())));
    }
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    for query in variables.iter().filter(|variable| variable["type"] == "query") {
        let query = query["query"].as_str().unwrap();
        let metric = query.strip_prefix("label_values(").and_then(|rest| rest.split(',').next()).unwrap();
        expressions.push(("a variable".to_owned(), metric.to_owned()));
    }
    expressions
}

/// The expressions of all alerts, each with the alert's name.
fn of_the_alerts() -> Vec<(String, String)> {
    let rules = config("prometheus/alerts.yml");
    let values = |key: &str| -> Vec<String> {
        rules
            .lines()
            .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix(key))
            .map(|v| v.trim().to_owned())
            .collect()
    };
    let (names, expressions) = (values("alert:"), values("expr:"));
    assert_eq!(names.len(), expressions.len());
    for key in ["severity:", "summary:", "description:"] {
        assert_eq!(values(key).len(), names.len(), "each alert has a {key}");
    }
    names.into_iter().zip(expressions).collect()
}

/// A word of PromQL that begins like this: what it is, and the rest.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end)
}

/// The metrics that an expression names, each with the labels that it asks of it.
fn asked(expression: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut metrics = BTreeMap::<String, BTreeSet<String>>::new();
    let mut grouped = BTreeSet::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let (name, after) = word(rest);
        if name.is_empty() {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        rest = after;
        if name == "by" {
            let inner = after.trim_start().strip_prefix('(').and_then(|inner| inner.split_once(')'));
            let (labels, after) = inner.unwrap_or_else(|| panic!("by without labels in {expression}"));
            grouped.extend(labels.split(',').map(|label| label.trim().to_owned()));
            rest = after;
        } else if name.starts_with("nexus_") {
            let labels = metrics.entry(name.to_owned()).or_default();
            if let Some((matchers, after)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                labels.extend(matchers.split(',').map(|matcher| word(matcher.trim()).0.to_owned()));
                rest = after;
            }
        }
    }
    assert!(!metrics.is_empty(), "{expression} asks for nothing of ours");
    for labels in metrics.values_mut() {
        labels.extend(grouped.iter().cloned());
        labels.retain(|label| !OF_THE_TARGET.contains(&label.as_str()));
    }
    metrics
}

/// The labels of each series in `/metrics`, by its metric.
fn shown(text: &str) -> BTreeMap<String, Vec<BTreeSet<String>>> {
    let mut shown = BTreeMap::<String, Vec<BTreeSet<String>>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = word(line);
        let labels = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')).map_or("", |(labels, _)| labels);
        // None of the values in this test has a comma or a brace, but for route templates, whose names would be no labels asked for.
        let labels = labels.split(',').filter_map(|label| label.split_once('=')).map(|(name, _)| name.to_owned());
        shown.entry(name.to_owned()).or_default().push(labels.collect());
    }
    shown
}

/// A little of everything that operators look at, failures included.
async fn load(nexus: &Nexus) {
    let writer = nexus.client("t_demo", "writer");
    let event = |n: usize| json!({ "surface": "chat", "event_type": "message_posted", "input": { "thread_id": format!("t{n}"), "role": "user", "text": "jane@example.com" } });
    writer.post("/nexus/events", &event(0), 201).await;
    writer.get("/nexus/raw/nobody", 404).await;
    nexus.anonymous().get("/nexus/raw", 401).await;
    // More than the queue holds: refused, and counted as not kept.
    let batch: Vec<Value> = (0..20).map(event).collect();
    writer.post("/nexus/events", &json!({ "events": batch }), 503).await.is("overloaded");
    drop(writer.get("/nexus/events/stream", 200).await);
    for _ in 0..50 {
        let answer = writer.try_send(writer.request(reqwest::Method::GET, "/nexus/raw")).await.unwrap();
        if answer.status == 429 {
            return;
        }
    }
    panic!("nothing was limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_and_label_of_dashboard_and_alerts_is_there() {
    // A backend that is away is enough for its figures to be there.
    let nexus = Firestore::followed("127.0.0.1:1", "p-nowhere")
        .env("NEXUS__LEDGER__QUEUE_EVENTS", 10)
        .env("NEXUS__LIMITS__READS_PER_SECOND", 5)
        .start()
        .await;
    load(&nexus).await;
    let expressions = [of_the_dashboard(), of_the_alerts()].concat();
    assert!(expressions.len() > 25, "{}", expressions.len());
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let series = shown(&nexus.anonymous().get("/metrics", 200).await.text());
        let lacks = |(title, expression): &(String, String)| {
            let has =
                |labels: &BTreeSet<String>, series: &[BTreeSet<String>]| series.iter().any(|own| labels.is_subset(own));
            let missing = asked(expression)
                .into_iter()
                .find(|(metric, labels)| !series.get(metric).is_some_and(|series| has(labels, series)));
            missing.map(|(metric, labels)| format!("{title}: there is no {metric} with {labels:?}"))
        };
        let missing: Vec<String> = expressions.iter().filter_map(lacks).collect();
        if missing.is_empty() {
            break;
        }
        // Housekeeping tells the gauges once a second.
        assert!(Instant::now() < deadline, "{}", missing.join("\n"));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // What is counted by callers' doing is bounded: tenants by metrics.max_tenants, types of findings by the redactor.
    let text = nexus.anonymous().get("/metrics", 200).await.text();
    assert!(text.contains("nexus_redaction_findings_total{type=\"email\"} "), "{text}");
    assert!(!text.contains("jane"));
}

/// Prometheus' own word on the rules, and on the syntax of the dashboard's queries.
#[test]
fn promtool_reads_the_alerts_and_the_queries() {
    let Some(promtool) = tool("NEXUS_TEST_PROMTOOL") else { return };
    let check = |path: &Path| {
        let output = Command::new(&promtool).args(["check", "rules"]).arg(path).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    };
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/prometheus/alerts.yml");
    let (holds, said) = check(&rules);
    assert!(holds && said.contains(&format!("{} rules found", of_the_alerts().len())), "{said}");
    // It reads rules alone, so each query is made one, with what Grafana would fill in.
    let as_rules = |expressions: &[(String, String)]| {
        let rule = |(n, (_, expression)): (usize, &(String, String))| {
            let filled = expression.replace("$__rate_interval", "1m").replace("$instance", ".*");
            json!({ "record": format!("query:{n}"), "expr": filled })
        };
        json!({ "groups": [{ "name": "dashboard", "rules": expressions.iter().enumerate().map(rule).collect::<Vec<_>>() }] })
    };
    let dir = tempfile::tempdir().unwrap();
    let written = |name: &str, rules: &Value| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, rules.to_string()).unwrap();
        path
    };
    let (holds, said) = check(&written("dashboard.yml", &as_rules(&of_the_dashboard())));
    assert!(holds, "{said}");
    let broken = [("broken".to_owned(), "sum(nexus_streams_open".to_owned())];
    assert!(!check(&written("broken.yml", &as_rules(&broken))).0, "it would take anything");
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let asked = asked(
        "histogram_quantile(0.99, sum by (instance, le, route) (rate(nexus_a_bucket{status=~\"5..\", job=\"x\"}[5m]))) > nexus_b",
    );
    let expected = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(asked["nexus_a_bucket"], expected(&["le", "route", "status"]));
    assert_eq!(asked["nexus_b"], expected(&["le", "route"]));
}
