"""Celery and S3 are no part of the default install: see `make test-cluster`."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("celery") and find_spec("s3fs") else ["test_*.py"]
