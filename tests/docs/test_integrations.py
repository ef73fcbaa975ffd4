"""Do the dashboard, the rules and the page on integrations name what is really told?"""

from __future__ import annotations

import json
import re

import pytest
import yaml

from event_delivery.orchestration.gauges import GAUGES
from event_delivery.orchestration.metrics import COUNTERS, TIMERS
from event_delivery.page.answers.shapes.health import Health
from tests import PROJECT

DASHBOARD = PROJECT / "docs/grafana-dashboard.json"
RULES = PROJECT / "docs/prometheus-rules.yaml"
PAGE = (PROJECT / "docs/integrations.md").read_text(encoding="utf-8")


def exported() -> set[str]:
    """Return the names that statsd_exporter makes of ours."""
    plain = {f"airflow.{name}".replace(".", "_") for name in (*COUNTERS, *GAUGES, *TIMERS)}
    timers = {f"airflow.{name}".replace(".", "_") for name in TIMERS}
    return plain | {name + ending for name in timers for ending in ("_sum", "_count")}


def expressions(file: str) -> list[str]:
    if file == "rules":
        groups = yaml.safe_load(RULES.read_text())["groups"]
        return [rule["expr"] for group in groups for rule in group["rules"]]
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("file", ["rules", "dashboard"])
def test_every_metric_that_is_asked_for_is_told(file):
    """A name that nobody tells shows an empty panel, and never alarms."""
    for expression in expressions(file):
        named = set(re.findall(r"\b[a-z_]*event_delivery[a-z_]*", expression))
        assert named
        assert named <= exported(), expression


def test_the_dashboard_shows_every_metric():
    """Whatever is told is worth a look."""
    shown = " ".join(expressions("dashboard"))
    assert [
        name for name in (*COUNTERS, *GAUGES, *TIMERS) if f"airflow_{name.replace('.', '_')}" not in shown
    ] == []


def test_every_metric_is_documented():
    """Those of the last night by their states."""
    for name in (*COUNTERS, *TIMERS, *GAUGES):
        family, _, state = name.rpartition(".")
        assert f"`{name}`" in PAGE or (f"`{family}.<state>`" in PAGE and f"`{state}`" in PAGE), name


def test_the_documented_answer_of_health_has_every_field():
    """Its shape is stable."""
    [block] = re.findall(r'^    \{"schema".*?\n\n', PAGE, flags=re.MULTILINE | re.DOTALL)
    assert set(json.loads(block)) == set(Health.__annotations__)


def test_the_documented_dag_is_one():
    """It is scheduled on an asset that an upload has."""
    [block] = re.findall(r"^    from airflow.*?^ {8}load\(\)$", PAGE, flags=re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec("\n".join(line[4:] for line in block.splitlines()), names)
    assert names["ARRIVED"].uri == "sftp://acme:22/courseCompletion"  # type: ignore[attr-defined]
