"""The presigned form as `requests` posts it, and as boto3 then sees the object."""

import json
import sys

import boto3
import botocore.config
import requests

endpoint, region, bucket, key_id, secret, form, content = sys.argv[1:]
form = json.loads(form)

answer = requests.post(form["url"], data=form["fields"], files={"file": ("ignored.bin", content)})
assert answer.status_code in (200, 201, 204), (answer.status_code, answer.text)

s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name=region,
    aws_access_key_id=key_id,
    aws_secret_access_key=secret,
    config=botocore.config.Config(s3={"addressing_style": "path"}),
)
got = s3.get_object(Bucket=bucket, Key=form["key"], ChecksumMode="ENABLED")
assert got["Body"].read().decode() == content
assert got["ContentType"] == form["fields"]["Content-Type"], got["ContentType"]
assert got["ChecksumSHA256"] == form["fields"]["x-amz-checksum-sha256"], got

# The same form with anything changed is refused.
for name, value in [("key", form["key"] + "x"), ("Content-Type", "text/html"), ("x-amz-signature", "0" * 64)]:
    tampered = requests.post(form["url"], data={**form["fields"], name: value}, files={"file": ("a", content)})
    assert 400 <= tampered.status_code < 500, (name, tampered.status_code)
assert requests.post(form["url"], data=form["fields"], files={"file": ("a", content + "!")}).status_code == 400
