"""Kubernetes and Helm are no part of the default install: see `make test-cluster`."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("kubernetes") and find_spec("helm_python") else ["test_pod.py"]
