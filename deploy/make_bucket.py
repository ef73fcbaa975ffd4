"""Makes the bucket of compose-celery.yaml's own store, unless it is there: run once, in our image."""

import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ENDPOINT, BUCKET, PATIENCE = "http://s3:8333", "nightly-events", 120.0

key = Path("/run/secrets/s3_admin_key").read_text()
client = boto3.client(
    "s3", endpoint_url=ENDPOINT, aws_access_key_id="admin", aws_secret_access_key=key, region_name="us-east-1"
)
deadline = time.monotonic() + PATIENCE
while True:
    try:
        if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
        break
    except (BotoCoreError, ClientError) as error:
        if time.monotonic() > deadline:
            sys.exit(f"The bucket {BUCKET} cannot be made at {ENDPOINT}: {type(error).__name__}.")
        time.sleep(1)
