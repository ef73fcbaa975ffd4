"""Does every setting in deploy/ exist, and do they say what `make cluster` proves?"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from airflow.configuration import conf

from cluster.machines import SETTINGS
from event_delivery.limits import LIMITS
from tests.deploy.files import COMPOSE, PLACES, read, read_our_names, read_values, settings_of

# Sections of Airflow's providers, known where these are installed.
PROVIDERS = {"celery": "airflow.providers.celery", "kubernetes_executor": "airflow.providers.cncf.kubernetes"}
# What differs from `make cluster`, for all of its machines are one, and its night should be over soon.
OF_ONE_COMPUTER = {"AIRFLOW__CORE__HOSTNAME_CALLABLE"}
RULED_BELOW = {
    "AIRFLOW__CORE__PARALLELISM",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT",
}
BY_CELERY = ("compose-celery.yaml", "celery")


def is_installed(package: str) -> bool:
    """Tell whether a provider is there."""
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("place", PLACES)
def test_every_setting_of_airflow_exists(place):
    """A name that is misspelled is ignored by Airflow, without a word."""
    known = conf.configuration_description
    for name in settings_of(place):
        if not name.startswith("AIRFLOW__"):
            continue
        section, option = name.removeprefix("AIRFLOW__").lower().split("__")
        if section in PROVIDERS and not is_installed(PROVIDERS[section]):
            continue
        wanted = option.removesuffix("_cmd")
        assert wanted in known.get(section, {}).get("options", {}), name
        assert option == wanted or (section, wanted) in conf.sensitive_config_values, f"{name} is not read"


@pytest.mark.parametrize("place", PLACES)
def test_every_setting_of_ours_is_read(place):
    """And the instance's name and the staging area's, which every worker must know, are there."""
    names = {name for name in settings_of(place) if name.startswith("EVENT_DELIVERY_")}
    assert names - read_our_names() == set()
    assert {"EVENT_DELIVERY_INSTANCE", "EVENT_DELIVERY_POOL_SLOTS"} <= names
    assert place == "compose.yaml" or {"EVENT_DELIVERY_STAGING", "EVENT_DELIVERY_SCRATCH"} <= names


@pytest.mark.parametrize("place", BY_CELERY)
def test_celery_is_set_as_the_cluster_proves_it(place):
    """Each setting of `make cluster` is there too, with the same value unless a rule below says otherwise."""
    found = settings_of(place)
    if place == "celery":
        found["AIRFLOW__CORE__EXECUTOR"] = read_values(place)["executor"]
    wanted = {name: value for name, value in SETTINGS.items() if name not in OF_ONE_COMPUTER}
    assert wanted.keys() - found.keys() == set()
    assert {name: found[name] for name in wanted.keys() - RULED_BELOW} == {
        name: wanted[name] for name in wanted.keys() - RULED_BELOW
    }


@pytest.mark.parametrize("place", BY_CELERY)
def test_no_task_waits_for_a_worker_until_it_is_taken_for_lost(place):
    """All workers together have the slots that Airflow hands out; an upload is over before one is given up."""
    found = settings_of(place)
    if place == "celery":
        replicas = read_values(place)["workers"]["celery"]["replicas"]
    else:
        replicas = read(place)["services"]["worker"]["deploy"]["replicas"]
    assert replicas >= 2
    assert replicas * int(found["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) == int(found["AIRFLOW__CORE__PARALLELISM"])
    assert int(found["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"]) > LIMITS.task + LIMITS.grace
    assert 30 <= int(found["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"]) < 300


@pytest.mark.parametrize("place", [*COMPOSE, "kubernetes", "celery"])
def test_uploads_and_retries_leave_room_for_extracts(place):
    """The executor's slots are more than those of both pools (docs/operations.md, Shares of the slots)."""
    found = settings_of(place)
    uploads = int(found["EVENT_DELIVERY_POOL_SLOTS"])
    assert uploads + max(uploads // 4, 1) < int(found["AIRFLOW__CORE__PARALLELISM"])


def test_a_pods_template_says_what_the_charts_values_say():
    """Whoever takes the template without the chart gets the same settings, limits and rights."""
    pod, values = read("pod_template.yaml")["spec"], read_values("kubernetes")
    container, workers = pod["containers"][0], values["workers"]["kubernetes"]
    env = [each for each in container["env"] if each["name"].startswith("EVENT_DELIVERY_")]
    assert env == values["env"]
    assert container["resources"] == workers["resources"]
    assert container["securityContext"] == workers["securityContexts"]["container"]
    assert pod["securityContext"] == values["securityContexts"]["pod"]
    assert (
        pod["terminationGracePeriodSeconds"]
        == workers["terminationGracePeriodSeconds"]
        > LIMITS.task + LIMITS.grace
    )
    assert [each for each in pod["volumes"] if each["name"] != "logs"] == workers["extraVolumes"]
    assert [each for each in container["volumeMounts"] if each["name"] != "logs"] == workers["extraVolumeMounts"]
