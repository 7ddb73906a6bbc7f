"""Runs Schemathesis against a Nexus that holds something to find.

usage: run.py URL    with a token of tenant t_demo, role owner, in NEXUS_TOKEN

Without assets and their events every generated id is unknown, and no request gets past 404. So files go the whole
way first, presign, upload, register, and their ids are filled into a copy of config.toml in the working directory. There
are many, since Schemathesis deletes some of them.
"""

import os
import pathlib
import sys

import requests

TIMEOUT_SECONDS = 20
ASSETS = 100


def main():
    url = sys.argv[1].rstrip("/")
    session = requests.Session()
    session.headers.update(
        {"Authorization": f"Bearer {os.environ['NEXUS_TOKEN']}", "X-Tenant-Id": "t_demo", "X-Env": "dev"}
    )

    def call(method, path, expected, **arguments):
        answer = session.request(method, url + path, timeout=TIMEOUT_SECONDS, **arguments)
        if answer.status_code != expected:
            sys.exit(f"{method} {path}: {answer.status_code} instead of {expected}: {answer.text}")
        return answer.json()

    def asset():
        name = {"filename": "found.txt", "content_type": "text/plain"}
        form = call("POST", "/nexus/raw/presign-upload", 201, json=name)
        # No session here: the store must not see our headers, only the form.
        upload = requests.post(form["url"], data=form["fields"], files={"file": b"found"}, timeout=TIMEOUT_SECONDS)
        if not upload.ok:
            sys.exit(f"upload: {upload.status_code}: {upload.text}")
        call("POST", "/nexus/raw/register", 201, json={"asset_id": form["asset_id"], "filename": form["filename"]})
        return form["asset_id"]

    asset_ids = [asset() for _ in range(ASSETS)]
    event = call("GET", f"/nexus/events?asset_id={asset_ids[0]}", 200)["items"][0]

    found = {
        # In place of the one value of a list, between its quotes.
        "NEXUS_ASSET_ID": '", "'.join(asset_ids),
        "NEXUS_EVENT_ID": event["event_id"],
        "NEXUS_TRACE_ID": event["metadata"]["trace_id"],
    }
    # Schemathesis knows variables in headers, but not in dictionaries; so they are filled in here.
    config = pathlib.Path(__file__).with_name("config.toml").read_text(encoding="utf-8")
    for name, value in found.items():
        config = config.replace(f"${{{name}}}", value)
    filled = pathlib.Path("config.toml").resolve()
    filled.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(filled), "run", f"{url}/openapi.json"]
    sys.stdout.flush()
    os.execv(sys.executable, command)


main()
