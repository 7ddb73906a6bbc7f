"""Megabytes of event JSON per second that Presidio's pattern recognizers take, parse and write included, in one process.

    python bench/peers/redact/presidio_speed.py LINES [EVENTS]

Every string at any depth goes to each recognizer that needs no model, service or network, as in `tests/pii/presidio_score.py`.
"""

import json
import logging
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tests" / "pii"))
from presidio_score import findings, recognizers  # noqa: E402


def redacted(engines, value):
    if isinstance(value, str):
        for start, end in sorted(set(findings(engines, value, 0.3)), reverse=True):
            value = value[:start] + "[redacted]" + value[end:]
        return value
    if isinstance(value, list):
        return [redacted(engines, item) for item in value]
    if isinstance(value, dict):
        return {key: redacted(engines, item) for key, item in value.items()}
    return value


def main():
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [line for line, _ in zip(file, range(events))]
    engines = recognizers()
    redacted(engines, json.loads(lines[0]))
    began = time.process_time()
    for line in lines:
        json.dumps(redacted(engines, json.loads(line)))
    took = time.process_time() - began
    size = sum(len(line.encode()) for line in lines)
    print(f"{'Presidio 2.2.366, pattern recognizers':44} {size / took / 1e6:8.2f} MB/s  {len(engines)} recognizers of its own")


if __name__ == "__main__":
    main()
