"""Does Airflow's official Helm chart take our values, and Kubernetes our pod?"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.deploy.files import OVERLAYS, read, read_schema, read_values

CHART = "airflow-chart-1.21.0.json"
CORE = "io.k8s.api.core.v1"


def check(what: Any, kind: str) -> None:
    """Hold a part of a pod against Kubernetes' type, which the chart's schema has; no other key passes."""
    definitions = read_schema(CHART)["definitions"]
    for each in definitions.values():
        if "properties" in each:
            each.setdefault("additionalProperties", False)
    jsonschema.validate(what, {"definitions": definitions, "$ref": f"#/definitions/{CORE}.{kind}"})


@pytest.mark.parametrize("executor", OVERLAYS)
def test_the_chart_takes_the_values(executor):
    """By its own schema."""
    jsonschema.Draft7Validator(read_schema(CHART)).validate(read_values(executor))


@pytest.mark.parametrize(
    "room, key", [("workers", "terminationGracePeriodSecond"), ("scheduler", "resource"), ("dagProcessor", "argz")]
)
def test_the_chart_refuses_a_misspelled_value(room, key):
    """So that the test before this one can fail."""
    values = read_values("celery")
    values[room][key] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, read_schema(CHART))


def test_the_chart_leaves_our_preloading_alone():
    """Its own airflow_local_settings.py would be mounted over the image's."""
    assert read_values("celery")["airflowLocalSettings"] is None


def test_the_pod_is_one_by_the_types_of_kubernetes():
    """Its rights, volumes, resources and variables, each by its type."""
    pod = read("pod_template.yaml")
    container = pod["spec"]["containers"][0]
    assert (pod["kind"], pod["apiVersion"], pod["spec"]["restartPolicy"]) == ("Pod", "v1", "Never")
    assert container["name"] == "base", "the executor fills in the container of this name"
    check(pod["spec"]["securityContext"], "PodSecurityContext")
    check(container["securityContext"], "SecurityContext")
    check(container["resources"], "ResourceRequirements")
    for volume in pod["spec"]["volumes"]:
        check(volume, "Volume")
    for mount in container["volumeMounts"]:
        check(mount, "VolumeMount")
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}
