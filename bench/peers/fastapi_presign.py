"""What Nexus replaces: a FastAPI service that presigns an upload with boto3 and keeps one durable row per request.

It is kept as fast as such a service honestly gets: uvloop and httptools, boto3's client made once, prepared SQL, WAL.
It does less than Nexus: it checks no token, redacts nothing, and proves nothing.

Started by `benches/presign` as `python fastapi_presign.py --port PORT --data-dir DIR`; uvicorn runs one worker.
"""

import argparse
import json
import re
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

import boto3
import uvicorn
from botocore.config import Config
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict

BUCKET = "nexus"
EXPIRY_SECONDS = 900
MAX_UPLOAD_BYTES = 5 << 30
TENANT_FORM = re.compile(r"t_[a-z0-9_-]{1,62}")
ENVS = {"dev", "staging", "stage", "prod"}


class PresignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    filename: str
    content_type: str = "application/octet-stream"
    size_bytes: int | None = None
    metadata: dict[str, Any] | None = None


def open_database(path: Path) -> sqlite3.Connection:
    """One row per request, on disk before the answer: WAL with synchronous=FULL syncs at every commit."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE events (event_id TEXT PRIMARY KEY, tenant_id TEXT, env TEXT, asset_id TEXT,"
        " recorded_at REAL, event TEXT) WITHOUT ROWID"
    )
    database.execute("CREATE INDEX events_by_time ON events (tenant_id, env, recorded_at)")
    return database


def create_app(data_dir: Path) -> FastAPI:
    app = FastAPI()
    database = open_database(data_dir / "events.sqlite")
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9000",
        aws_access_key_id="bench",
        aws_secret_access_key="bench-secret",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )

    # `async` on purpose: nothing here waits long, and FastAPI's thread pool would only add switches on one core.
    @app.post("/nexus/raw/presign-upload", status_code=201)
    async def presign(body: PresignIn, x_tenant_id: str = Header(), x_env: str = Header()) -> dict[str, Any]:
        if not TENANT_FORM.fullmatch(x_tenant_id) or x_env not in ENVS:
            raise HTTPException(400, "tenant.invalid")
        asset_id = str(uuid.uuid4())
        key = f"tenants/{x_tenant_id}/{x_env}/raw/{asset_id}/{body.filename}"
        lengths = [body.size_bytes, body.size_bytes] if body.size_bytes else [1, MAX_UPLOAD_BYTES]
        post = s3.generate_presigned_post(
            BUCKET,
            key,
            Fields={"Content-Type": body.content_type},
            Conditions=[{"Content-Type": body.content_type}, ["content-length-range", *lengths]],
            ExpiresIn=EXPIRY_SECONDS,
        )
        now = time.time()
        event = {"event_type": "raw_asset_presigned", "input": body.model_dump(exclude={"filename"})}
        database.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
            (str(uuid.uuid4()), x_tenant_id, x_env, asset_id, now, json.dumps(event)),
        )
        return {
            "asset_id": asset_id,
            "method": "POST",
            "url": post["url"],
            "fields": post["fields"],
            "key": key,
            "uri": f"s3://{BUCKET}/{key}",
            "filename": body.filename,
            "expires_at": now + EXPIRY_SECONDS,
            "max_bytes": lengths[1],
        }

    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    app = create_app(arguments.data_dir)
    uvicorn.run(
        app, host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False, loop="uvloop", http="httptools"
    )


if __name__ == "__main__":
    main()
