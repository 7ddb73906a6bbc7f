"""Scores Presidio's predefined pattern recognizers on a corpus that `examples/pii_score.rs` wrote, by the same rules.

A value has leaked if any letter or digit of it lies outside every finding; a look-alike is over-redacted if any finding
touches it. No language model is loaded: every recognizer that works on patterns, check digits or phonenumbers alone is
asked, in its own language and without context words, and answers below the threshold are left out.

    cargo run -p nexus-redact --example pii_score -- own 1 200 corpus.jsonl
    pip install -r tests/pii/requirements.txt && python tests/pii/presidio_score.py corpus.jsonl
"""

import argparse
import collections
import inspect
import json
import logging
import time

from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer import predefined_recognizers as predefined
from presidio_analyzer.predefined_recognizers import PhoneRecognizer


def recognizers():
    """One of each predefined recognizer that needs no model, service or network."""
    made = []
    for name, kind in sorted(inspect.getmembers(predefined, inspect.isclass)):
        if not issubclass(kind, (PatternRecognizer, PhoneRecognizer)) or kind is PatternRecognizer:
            continue
        try:
            made.append(kind())
        except TypeError:
            logging.warning("%s needs arguments and is left out", name)
    return made


def findings(engines: list[EntityRecognizer], text: str, threshold: float):
    for engine in engines:
        for found in engine.analyze(text, engine.supported_entities, None) or []:
            if found.score >= threshold:
                yield found.start, found.end


def is_bad(case: dict, spans: list[tuple[int, int]]) -> bool:
    inside = range(case["start"], case["end"])
    if case["part"] == "negative":
        return any(start < case["end"] and case["start"] < end for start, end in spans)
    covered = lambda at: any(start <= at < end for start, end in spans)
    return any(case["text"][at].isalnum() and not covered(at) for at in inside)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--threshold", type=float, default=0.3)
    arguments = parser.parse_args()
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # It asks for a newer list of top-level domains and falls back to its own: no network is needed.
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    engines = recognizers()
    with open(arguments.corpus, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    cells = collections.defaultdict(lambda: [0, 0])
    began = time.perf_counter()
    for case in cases:
        spans = list(findings(engines, case["text"], arguments.threshold))
        for kind in (case["type"], ""):
            cell = cells[case["part"], kind]
            cell[0] += is_bad(case, spans)
            cell[1] += 1
    took = time.perf_counter() - began
    for (part, kind), (bad, count) in sorted(cells.items()):
        print(f"{part:12} {kind or 'all':20} {bad:5} of {count:5}  {100 * bad / count:5.1f} %")
    size = sum(len(case["text"].encode()) for case in cases)
    print(f"{len(engines)} recognizers, threshold {arguments.threshold}: {size / took / 1e6:.3f} MB of text per second")


if __name__ == "__main__":
    main()
