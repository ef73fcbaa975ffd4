"""Does the page say which of Airflow's settings are too low for the destinations that there are?"""

from __future__ import annotations

import os
import re

import pytest

from event_delivery.page.answers.capacity import describe_capacity
from tests import PROJECT

INTERVAL = "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"


def test_a_few_destinations_need_no_setting():
    """With Airflow's own defaults."""
    assert describe_capacity(0) is None
    assert describe_capacity(200) is None


def test_what_is_too_low_is_named_with_what_to_set():
    """Each setting, what was found, and what is enough."""
    said = describe_capacity(4_800) or ""
    assert said.startswith(
        "4,800 destinations. [dag_processor] min_file_process_interval is 30: the dag processor is busy 100% of "
        "the time with reading what has not changed. Set it to 720."
    )
    assert (
        "[dag_processor] dag_file_processor_timeout is 50, and a busy machine may need 58 s: set it to 116."
        in said
    )
    assert "[core] dagbag_import_timeout is 30, and a busy machine may need 58 s: set it to 116." in said
    assert "[scheduler] max_dagruns_to_create_per_loop is 10: " in said
    assert said.endswith("Set it to 100.")


@pytest.mark.parametrize("destinations", [500, 1_000, 4_800])
def test_the_image_s_settings_are_enough(monkeypatch, destinations):
    """Those that the Dockerfile ships leave nothing to say, up to 5,000 destinations."""
    for name, value in read_image_settings().items():
        monkeypatch.setenv(name, value)
    assert describe_capacity(destinations) is None


@pytest.mark.parametrize("destinations", [600, 1_000, 4_800, 20_000])
def test_what_is_advised_is_enough(monkeypatch, destinations):
    """Whoever follows the advice is not told again."""
    while said := describe_capacity(destinations):
        section, name, value = re.search(r"\[(\w+)] (\w+) is .*?[sS]et it to (\d+)\.", said).groups()
        variable = f"AIRFLOW__{section}__{name}".upper()
        assert os.environ.get(variable) != value
        monkeypatch.setenv(variable, value)


@pytest.mark.parametrize("interval", ["0", "-1"])
def test_an_interval_of_nothing_is_busy_all_the_time(monkeypatch, interval):
    """Airflow then reads without a pause."""
    monkeypatch.setenv(INTERVAL, interval)
    assert "busy 100% of the time" in (describe_capacity(1) or "")


def read_image_settings() -> dict[str, str]:
    found = re.findall(r"(AIRFLOW__\w+__\w+)=(\w+)", (PROJECT / "Dockerfile").read_text())
    assert INTERVAL in dict(found)
    return dict(found)
