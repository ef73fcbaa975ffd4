"""Which pod does the KubernetesExecutor make of the template, and which does the Helm chart?

Both need packages of requirements-cluster.lock: see `make test-cluster`.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.deploy.files import DEPLOY, OVERLAYS, SCHEMAS, read, read_values

IMAGE = "registry.example.com/nightly-sftp-events:another"
ARGS = ["python", "-m", "airflow.sdk.execution_time.execute_workload", "--json-string", "{}"]


def render(executor: str) -> list[dict[str, Any]]:
    """Return what Helm would install."""
    import helm_python

    with helm_python.Chart.load(str(SCHEMAS / "airflow-1.21.0.tgz")) as chart:
        rendered = chart.render(values=read_values(executor), name="nightly", namespace="airflow")
    texts = [text for name, text in rendered.items() if name.endswith(".yaml")]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


def find_pods(executor: str) -> dict[str, dict[str, Any]]:
    """Return the pods' specs, by the name of what makes them; `task` is the KubernetesExecutor's."""
    pods = {}
    for document in render(executor):
        if "template" in document.get("spec", {}):
            pods[document["metadata"]["name"]] = document["spec"]["template"]["spec"]
        for name, text in document.get("data", {}).items() if document["kind"] == "ConfigMap" else ():
            if name == "pod_template_file.yaml":
                pods["task"] = yaml.safe_load(text)["spec"]
    return pods


def test_the_executor_fills_in_image_and_command_and_leaves_the_rest():
    """The provider's own code merges the template with what it knows of a task."""
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

    template = PodGenerator.deserialize_model_file(str(DEPLOY / "pod_template.yaml"))
    pod = PodGenerator.construct_pod(
        dag_id="nightly_sftp_events__acme", task_id="upload", pod_id="acme-upload", try_number=2, kube_image=IMAGE,
        date=None, args=ARGS, pod_override_object=None, base_worker_pod=template, namespace="airflow",
        scheduler_job_id="7", run_id="scheduled__2026-01-01",
    )  # fmt: skip
    wanted = read("pod_template.yaml")["spec"]
    found = PodGenerator.serialize_pod(pod)["spec"]
    container = found["containers"][0]
    assert len(found["containers"]) == 1
    assert (container["image"], container["args"], container["name"]) == (IMAGE, ARGS, "base")
    env = {each["name"]: each.get("value") for each in container["env"]}
    assert {each["name"]: each["value"] for each in wanted["containers"][0]["env"]}.items() <= env.items()
    for key in ("volumeMounts", "securityContext", "resources", "envFrom"):
        assert container[key] == wanted["containers"][0][key]
    for key in ("volumes", "securityContext", "terminationGracePeriodSeconds", "automountServiceAccountToken"):
        assert found[key] == wanted[key]


@pytest.mark.parametrize("executor, task", [("kubernetes", "task"), ("celery", "nightly-airflow-worker")])
def test_helm_gives_tasks_what_the_values_say(executor, task):
    """Scratch, settings and patience arrive in the pod that runs tasks, and the chart's own file does not."""
    pods, values = find_pods(executor), read_values(executor)
    pod, workers = pods[task], values["workers"][executor]
    container = next(each for each in pod["containers"] if each["name"] in {"base", "worker"})
    env = [each for each in container["env"] if each["name"].startswith("EVENT_DELIVERY_")]
    assert env == values["env"]
    assert pod["terminationGracePeriodSeconds"] == workers["terminationGracePeriodSeconds"]
    assert all(volume in pod["volumes"] for volume in workers["extraVolumes"])
    assert all(mount in container["volumeMounts"] for mount in workers["extraVolumeMounts"])
    assert container["envFrom"] == [{"secretRef": {"name": "nightly-connections"}}]
    assert not any("local_settings" in str(mount) for mount in container["volumeMounts"])


@pytest.mark.parametrize("executor", OVERLAYS)
def test_helm_starts_one_image_with_one_set_of_settings(executor):
    """A server of another image would read no destination; each has all settings, and none runs as root."""
    values = read_values(executor)
    image = f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}"
    pods = {name: pod for name, pod in find_pods(executor).items() if "redis" not in name}
    assert {f"nightly-airflow-{name}" for name in ("scheduler", "api-server", "dag-processor")} <= pods.keys()
    for name, pod in pods.items():
        assert {each["image"] for each in pod["containers"]} == {image}, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        names = {each["name"] for each in pod["containers"][0]["env"]}
        assert {each["name"] for each in values["env"]} <= names, name
