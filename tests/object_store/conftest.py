"""The tests that a real S3 alone can pass run where it is installed: `make test-cluster`."""

from tests.object_stores import HAS_S3

collect_ignore = [] if HAS_S3 else ["test_faults.py"]
