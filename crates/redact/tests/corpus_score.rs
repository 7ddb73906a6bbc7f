//! The goals for leaks and over-redaction hold on a modest corpus, with the rules' own templates and with held-out ones.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod corpus;

use corpus::{Templates, heldout, score::Score, templates};
use nexus_redact::{Policy, Redactor};

fn score(templates: &Templates, seed: u64) -> Score {
    Score::of(&Redactor::new(Policy::default()).unwrap(), &templates.corpus(seed, 60))
}

fn holds(name: &str, score: &Score, worst_allowed: f64) {
    for case in score.1.iter().take(40) {
        eprintln!("{name} {} {}: {:?} in {}", case.part, case.kind, case.text, case.event);
    }
    let (kind, worst) = score.worst("plain");
    assert!(score.rate("plain") <= 1.0, "{name}: leak {} %", score.rate("plain"));
    assert!(worst <= worst_allowed, "{name}: leak of {kind} {worst} %");
    assert!(score.rate("adversarial") <= 10.0, "{name}: adversarial leak {} %", score.rate("adversarial"));
    assert!(score.rate("negative") <= 1.0, "{name}: over-redaction {} %", score.rate("negative"));
}

#[test]
fn goals_hold_on_the_rules_own_templates() {
    holds("own", &score(&templates::TEMPLATES, 1), 3.0);
}

#[test]
fn goals_hold_on_held_out_templates() {
    // A type has some sixty cases here, so one of them is 1.7 %.
    holds("held out", &score(&heldout::TEMPLATES, 2), 5.0);
}
