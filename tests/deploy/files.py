"""What do the files in deploy/ say, and what do others' schemas ask of them?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests import PROJECT

DEPLOY, SCHEMAS = PROJECT / "deploy", Path(__file__).parent / "schemas"
COMPOSE = ("compose.yaml", "compose-celery.yaml")
OVERLAYS: dict[str, tuple[str, ...]] = {
    "kubernetes": ("values.yaml",),
    "celery": ("values.yaml", "values-celery.yaml"),
}


def read(name: str) -> dict[str, Any]:
    """Return a YAML file of deploy/."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return found


def read_schema(name: str) -> dict[str, Any]:
    """Return one of the others' schemas."""
    found: dict[str, Any] = json.loads((SCHEMAS / name).read_text())
    return found


def read_values(executor: str) -> dict[str, Any]:
    """Return the chart's values for an executor: a later file wins, as Helm merges them."""
    values: dict[str, Any] = {}
    for name in OVERLAYS[executor]:
        _merge(values, read(name))
    return values


def services_of_ours(name: str) -> dict[str, dict[str, Any]]:
    """Return the services of a Compose file that run Airflow with our settings."""
    services = read(name)["services"]
    return {
        key: each for key, each in services.items() if "AIRFLOW__CORE__EXECUTOR" in each.get("environment", {})
    }


def settings_of(place: str) -> dict[str, str]:
    """Return all settings of a Compose file, of the pod template or of an executor's values, as variables."""
    if place in COMPOSE:
        return {
            key: each
            for service in services_of_ours(place).values()
            for key, each in service["environment"].items()
        }
    if place == "pod_template.yaml":
        return {each["name"]: each["value"] for each in read(place)["spec"]["containers"][0]["env"]}
    values = read_values(place)
    return {each["name"]: each["value"] for each in values["env"]} | dict(_config(values["config"]))


PLACES = (*COMPOSE, "pod_template.yaml", *OVERLAYS)


def read_our_names() -> set[str]:
    """Return the variables that the package reads."""
    sources = [path for room in ("plugins", "config", "dags") for path in (PROJECT / room).rglob("*.py")]
    return {name for path in sources for name in re.findall(r'"(EVENT_DELIVERY_[A-Z_]+)"', path.read_text())}


def _config(sections: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for section, options in sections.items():
        for option, value in options.items():
            yield f"AIRFLOW__{section}__{option}".upper(), str(value)


def _merge(values: dict[str, Any], others: dict[str, Any]) -> None:
    for key, value in others.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _merge(values[key], value)
        else:
            values[key] = value
