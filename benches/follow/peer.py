"""Writes events with Google's own client in a plain loop, one a call, and prints how many a second.

    python peer.py firestore|bigquery SECONDS
"""

import base64
import sys
import time
import uuid
from datetime import datetime, timezone

LEAF = b"x" * 1300


def event(seq):
    now = datetime.now(timezone.utc)
    return {
        "log": "nexus/t_peer/dev/w1",
        "seq": seq,
        "leaf": LEAF,
        "leaf_hash": "0" * 64,
        "event_id": str(uuid.uuid4()),
        "tenant_id": "t_peer",
        "env": "dev",
        "surface": "chat",
        "event_type": "message_posted",
        "outcome": "success",
        "user_id": "u_1",
        "asset_id": "asset_1",
        "trace_id": uuid.uuid4().hex,
        "request_id": uuid.uuid4().hex,
        "train_ok": True,
        "is_read": False,
        "occurred_at": now,
        "recorded_at": now,
    }


def firestore():
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import firestore

    client = firestore.Client(project="p-peer", credentials=AnonymousCredentials())
    events = client.collection("tenants/t_peer/envs/dev/events")
    return lambda seq: events.document(uuid.uuid4().hex).create(event(seq))


def bigquery():
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    client = bigquery.Client(project="p-peer", credentials=AnonymousCredentials())
    client.create_dataset("peer", exists_ok=True)
    kinds = {str: "STRING", int: "INT64", bool: "BOOL", bytes: "BYTES", datetime: "TIMESTAMP"}
    schema = [bigquery.SchemaField(name, kinds[type(value)]) for name, value in event(0).items()]
    table = bigquery.Table("p-peer.peer.events", schema=schema)
    table.time_partitioning = bigquery.TimePartitioning(field="recorded_at")
    table.clustering_fields = ["tenant_id", "env", "surface"]
    client.create_table(table, exists_ok=True)

    def write(seq):
        row = event(seq)
        row["leaf"] = base64.b64encode(row["leaf"]).decode()
        row["occurred_at"] = row["recorded_at"] = row["recorded_at"].isoformat()
        errors = client.insert_rows_json("p-peer.peer.events", [row])
        assert not errors, errors

    return write


if __name__ == "__main__":
    write = {"firestore": firestore, "bigquery": bigquery}[sys.argv[1]]()
    seconds = float(sys.argv[2])
    for seq in range(10):
        write(seq)
    start, written = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        write(10 + written)
        written += 1
    print(written / (time.monotonic() - start))
