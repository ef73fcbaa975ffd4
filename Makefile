# `make` lists the targets. Every target sets up what it needs: a virtual environment with the locked packages.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLUSTER := .venv-cluster
# As pip does, uv trusts the bundle that the environment names, else the system's: a proxy may have its own authority.
export UV_SYSTEM_CERTS ?= true
BUNDLE := $(or $(SSL_CERT_FILE),$(PIP_CERT),$(REQUESTS_CA_BUNDLE))
UV := $(if $(BUNDLE),SSL_CERT_FILE="$(BUNDLE)") $(BIN)/uv
INSTALLED := $(VENV)/.installed
TEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install picture demo demo-down demo-outage test test-all test-cluster cluster test-fast alerts-preview preflight lint format lock lock-check bench servers faults histories reconcile image-check sbom clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Install the locked packages into .venv

$(INSTALLED): requirements-dev.lock requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python has no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-uv.lock requirements-dev.lock
	@touch $@

demo: $(INSTALLED) ## Start PostgreSQL, an SFTP server and Airflow here, deliver, show the files
	$(BIN)/python -m demo up

demo-down: $(INSTALLED) ## Stop what `make demo` started
	$(BIN)/python -m demo down

demo-outage: $(INSTALLED) ## Stop the demo's SFTP server alone: one mail tells of it in .demo/mail, `make demo` brings it back
	$(BIN)/python -m demo outage

test: $(INSTALLED) ## Run every test, of the large matrices of faults and servers a sample
	$(TEST)

test-all: $(INSTALLED) ## Run every test and every case
	$(TEST) --full-matrix

$(CLUSTER)/.installed: $(INSTALLED) requirements-cluster.lock
	$(PYTHON) -m venv --clear $(CLUSTER)
	$(UV) pip sync --quiet --python $(CLUSTER)/bin/python --require-hashes requirements-cluster.lock
	@touch $@

test-cluster: $(CLUSTER)/.installed ## Run the tests of several machines (a real S3, Celery) and of other senders than mail, in a virtual environment of their own
	$(CLUSTER)/bin/python -m pytest tests/object_store/test_faults.py tests/staging/test_object_store.py \
		tests/erasure/test_erasure_in_store.py tests/orchestration/test_object_store.py \
		tests/completeness/test_cut_off_in_store.py tests/completeness/test_shaped_in_store.py tests/offboard tests/deploy tests/cluster \
		tests/incidents/test_other_senders.py

cluster: $(CLUSTER)/.installed ## A night on two workers that share no folder, one killed in the middle; shows which did what
	$(CLUSTER)/bin/python -m cluster

test-fast: $(INSTALLED) ## Run the tests that need neither Airflow nor many servers
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(INSTALLED) lock-check ## Ruff, the type checkers, the rooms' imports, the page's scripts, the locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=plugins $(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m tools.house --check
	$(BIN)/python -m tools.page.check

picture: $(INSTALLED) ## Draw the rooms and their imports into CONTRIBUTING.md
	$(BIN)/python -m tools.house

format: $(INSTALLED) ## Let ruff mend layout and imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: LOCK := $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --upgrade
lock: $(INSTALLED) ## Renew the locks from the ranges
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) requirements-uv.txt --output-file requirements-uv.lock
	$(BIN)/python -m tools.locks --pins > $(VENV)/pins.txt
	$(LOCK) requirements-s3.txt --constraints $(VENV)/pins.txt --output-file requirements-s3.lock
	$(LOCK) requirements-celery.txt --constraints $(VENV)/pins.txt --constraints requirements-s3.lock --output-file requirements-celery.lock
	$(LOCK) requirements-kubernetes.txt --constraints $(VENV)/pins.txt --constraints requirements-s3.lock --constraints requirements-celery.lock \
		--output-file requirements-kubernetes.lock
	$(LOCK) requirements-cluster.txt --constraints $(VENV)/pins.txt --constraints requirements-s3.lock --constraints requirements-celery.lock \
		--constraints requirements-kubernetes.lock --output-file requirements-cluster.lock
	$(BIN)/python -m tools.locks

lock-check: $(INSTALLED)
	@$(BIN)/python -m tools.locks

bench: $(INSTALLED) ## Measure speed, memory and cost into docs/benchmarks.md (BENCH=--quick: 3 minutes, printed only)
	$(BIN)/python -m benchmarks $(BENCH)

servers: $(INSTALLED) ## Deliver to every SFTP server that runs here, rewrite the table of docs/servers.md
	$(BIN)/python -m pytest tests/servers --full-matrix --write-servers

faults: $(INSTALLED) ## Let everything go wrong at every step of a delivery, rewrite docs/faults-in-full.md
	WRITE_FAULTS_PAGE=docs/faults-in-full.md $(BIN)/python -m pytest -n auto --full-matrix -p tests.faults.summary \
		tests/faults/test_{faults,ledger,lines,servers,kills}.py

reconcile: $(INSTALLED) ## Source ids against delivered ids (DESTINATION=acme FROM=2026-01-01 TO=2026-01-31)
	PYTHONPATH=plugins $(BIN)/python -m event_delivery.completeness reconcile "$(DESTINATION)" $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")

alerts-preview: $(INSTALLED) ## Print every kind of message that the watch may send, to operators and to clients
	@PYTHONPATH=plugins $(BIN)/python -m event_delivery.incidents preview

preflight: $(INSTALLED) ## What would fail tonight: without a login and without a file (DESTINATION=acme: one alone)
	@PYTHONPATH=plugins $(BIN)/python -m event_delivery.preflight $(if $(DESTINATION),--destination "$(DESTINATION)")

histories: $(INSTALLED) ## Let a thousand histories happen to a destination (HISTORIES=1000), an hour or so
	HISTORIES=$${HISTORIES:-1000} $(BIN)/python -m pytest -q -s tests/histories tests/completeness/test_completeness_histories.py

image-check: $(INSTALLED) ## Build the image without a Docker engine, start it, lint its file (Debian, root)
	image/check.sh

sbom: $(INSTALLED) ## Write the bill of materials of the image's Python packages (CycloneDX) to sbom.cdx.json
	$(BIN)/python -m tools.sbom sbom.cdx.json

clean: ## Stop the demo, and remove everything that these targets made
	@[ ! -d .demo ] || [ ! -x $(BIN)/python ] || $(BIN)/python -m demo down
	rm -rf $(VENV) $(CLUSTER) .demo .mypy_cache .ruff_cache .pytest_cache
