"""The embedded store through boto3: put, get, ranges, head, list, copy, delete, conditions, checksums, wrong keys."""

import hashlib
import sys
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

endpoint, region, bucket, key_id, secret = sys.argv[1:]


def client(secret=secret, key_id=key_id):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=botocore.config.Config(retries={"max_attempts": 1}, signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def fails(status, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        got = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == status, f"expected {status}, got {error}"
    else:
        raise AssertionError(f"expected {status}: {call}")


s3 = client()
body = bytes(range(256)) * 4096  # 1 MiB

# Put and get, with what boto3 sends by default (a CRC in a trailer), and with a SHA-256.
put = s3.put_object(Bucket=bucket, Key="dir/a", Body=body, ContentType="application/x-test", Metadata={"one": "1"})
assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', put
s3.put_object(Bucket=bucket, Key="dir/b", Body=b"b", ChecksumAlgorithm="SHA256")
got = s3.get_object(Bucket=bucket, Key="dir/a")
assert got["Body"].read() == body
assert got["ContentType"] == "application/x-test" and got["Metadata"] == {"one": "1"}, got

# Ranges (RFC 9110, section 14).
for header, expected in [("bytes=0-9", body[:10]), ("bytes=-5", body[-5:]), ("bytes=1048570-", body[1048570:])]:
    part = s3.get_object(Bucket=bucket, Key="dir/a", Range=header)
    assert part["Body"].read() == expected and part["ResponseMetadata"]["HTTPStatusCode"] == 206, header
fails(416, s3.get_object, Bucket=bucket, Key="dir/a", Range="bytes=1048576-")

# Head.
head = s3.head_object(Bucket=bucket, Key="dir/a")
assert head["ContentLength"] == len(body) and head["ETag"] == put["ETag"], head
fails(404, s3.head_object, Bucket=bucket, Key="nobody")
fails(404, s3.get_object, Bucket=bucket, Key="nobody")

# List: order, delimiter, pages.
for name in ["dir/c d+é%2F", "dir/sub/x", "dir/sub/y", "other"]:
    s3.put_object(Bucket=bucket, Key=name, Body=b"x")
keys = [item["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        for item in page.get("Contents", [])]
assert keys == ["dir/a", "dir/b", "dir/c d+é%2F", "dir/sub/x", "dir/sub/y", "other"], keys
page = s3.list_objects_v2(Bucket=bucket, Prefix="dir/", Delimiter="/")
assert [item["Key"] for item in page["Contents"]] == ["dir/a", "dir/b", "dir/c d+é%2F"], page
assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["dir/sub/"], page
assert s3.get_object(Bucket=bucket, Key="dir/c d+é%2F")["Body"].read() == b"x"

# A key is bytes, not a path.
for name in ["../../etc/x", "a//b", "a/./b", "k", "k/child", "k/", "\u202e"]:
    s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
for name in ["../../etc/x", "a//b", "a/./b", "k", "k/child", "k/", "\u202e"]:
    assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == name.encode(), name

# Copy.
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "dir/a"})
assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body
assert s3.head_object(Bucket=bucket, Key="copy")["ContentType"] == "application/x-test"
fails(404, s3.copy_object, Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "nobody"})

# Conditions.
s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
fails(412, s3.put_object, Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
fails(412, s3.put_object, Bucket=bucket, Key="once", Body=b"2", IfMatch='"0"')
once = s3.head_object(Bucket=bucket, Key="once")["ETag"]
fails(304, s3.get_object, Bucket=bucket, Key="once", IfNoneMatch=once)
s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfMatch=once)
assert s3.get_object(Bucket=bucket, Key="once")["Body"].read() == b"2"

# A wrong checksum leaves what was there.
fails(400, s3.put_object, Bucket=bucket, Key="once", Body=b"3", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
fails(400, s3.put_object, Bucket=bucket, Key="once", Body=b"3", ChecksumSHA256="A" * 43 + "=")
assert s3.get_object(Bucket=bucket, Key="once")["Body"].read() == b"2"

# Presigned by boto3 itself.
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "once"}, ExpiresIn=60)
assert urllib.request.urlopen(url).read() == b"2"

# Delete, twice: the second finds nothing, which is no fault.
for _ in range(2):
    s3.delete_object(Bucket=bucket, Key="once")
fails(404, s3.head_object, Bucket=bucket, Key="once")
s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "nobody"}]})
fails(404, s3.head_object, Bucket=bucket, Key="copy")

# Neither a wrong secret, nor another key, nor another bucket, nor no signature at all.
fails(403, client(secret="0" * 40).get_object, Bucket=bucket, Key="dir/a")
fails(403, client(key_id="AKIDEXAMPLE").get_object, Bucket=bucket, Key="dir/a")
fails(404, s3.list_objects_v2, Bucket="another-bucket")
try:
    urllib.request.urlopen(f"{endpoint}/{bucket}/dir/a")
except urllib.error.HTTPError as error:
    assert error.code == 403, error
else:
    raise AssertionError("an unsigned request was answered")
