"""The Kubernetes files against the types of Kubernetes and KEDA, and against the service itself."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.kubernetes import apps, batch, core
from polling import eventually
from programs import PROGRAMS, Program, ask, free_port
from sqlalchemy import Engine, text

from novel_core.db import migrate
from novel_core.db.engine import open_database
from novel_worker.cli import worker

TYPES: dict[str, Any] = {
    "ConfigMap": core.v1.ConfigMap,
    "Deployment": apps.v1.Deployment,
    "Job": batch.v1.Job,
    "ScaledObject": keda.ScaledObject,
    "Secret": core.v1.Secret,
    "Service": core.v1.Service,
    "TriggerAuthentication": keda.TriggerAuthentication,
}


def checked(document: dict[str, Any]) -> dict[str, Any]:
    """The document, if its type has each of its fields, with values that need no conversion."""
    read = TYPES[document["kind"]].model_validate(document)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == document
    return document


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


@pytest.fixture
def folder(project_root: Path) -> Path:
    return project_root / "deploy" / "kubernetes"


@pytest.fixture
def objects(folder: Path) -> dict[str, dict[str, Any]]:
    """By kind and name, as `Deployment/novel-api`."""
    found = [checked(document) for document in documents(folder)]
    named = {f"{one['kind']}/{one['metadata']['name']}": one for one in found}
    assert len(named) == len(found)
    return named


def pod_of(document: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = document["spec"]["template"]["spec"]
    return spec


def container_of(document: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod_of(document)["containers"]
    return dict(container)


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("worker", "terminationGracePeriodSeconds", "terminationGraceSeconds"),
        ("worker", "replicas: 2", "replicas: some"),
        ("api", "containerPort: 8000", "containerPort: http"),
        ("api", "        app.kubernetes.io/component: api\n    spec", "    spec"),
        ("migration", "restartPolicy: Never", "restart: Never"),
        ("scaling", "maxReplicaCount: 10", "maxReplicas: 10"),
        ("scaling", 'targetQueryValue: "60"', "targetQueryValue: 60"),
    ],
)
def test_a_mistake_would_be_noticed(folder: Path, file: str, right: str, wrong: str) -> None:
    written = (folder / f"{file}.yaml").read_text(encoding="utf-8")
    assert right in written
    with pytest.raises((ValueError, AssertionError)):
        check_all(written.replace(right, wrong))


def check_all(written: str) -> None:
    for document in yaml.safe_load_all(written):
        labels_fit(checked(document))


def labels_fit(document: dict[str, Any]) -> None:
    if document["kind"] == "Deployment":
        wanted = document["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= document["spec"]["template"]["metadata"]["labels"].items()


def test_each_reference_leads_to_what_is_declared(objects: dict[str, dict[str, Any]]) -> None:
    for document in objects.values():
        labels_fit(document)
    for name in ("Deployment/novel-api", "Deployment/novel-worker", "Job/novel-migration"):
        sources = container_of(objects[name])["envFrom"]
        assert f"ConfigMap/{sources[0]['configMapRef']['name']}" in objects
        assert f"Secret/{sources[1]['secretRef']['name']}" in objects
    service = objects["Service/novel-api"]["spec"]
    api = objects["Deployment/novel-api"]
    assert service["selector"].items() <= api["spec"]["template"]["metadata"]["labels"].items()
    ports = {port["name"] for port in container_of(api)["ports"]}
    assert {port["targetPort"] for port in service["ports"]} <= ports
    scaled = objects["ScaledObject/novel-worker"]["spec"]
    assert f"Deployment/{scaled['scaleTargetRef']['name']}" in objects
    for trigger in scaled["triggers"]:
        authentication = objects[f"TriggerAuthentication/{trigger['authenticationRef']['name']}"]
        for part in authentication["spec"]["secretTargetRef"]:
            assert part["key"] in objects[f"Secret/{part['name']}"]["stringData"]


@pytest.mark.parametrize("name", ["Deployment/novel-api", "Deployment/novel-worker"])
def test_a_pod_is_bounded_and_has_time_to_end(
    objects: dict[str, dict[str, Any]], name: str
) -> None:
    pod, container = pod_of(objects[name]), container_of(objects[name])
    assert pod["terminationGracePeriodSeconds"] >= 15
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert "memory" in container["resources"]["limits"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_worker_takes_its_options(objects: dict[str, dict[str, Any]]) -> None:
    command, *options = container_of(objects["Deployment/novel-worker"])["args"]
    assert command == "worker"
    assert worker.make_context("worker", options).params == {"processes": 1, "crawls": 32}


def settings_of(objects: dict[str, dict[str, Any]]) -> dict[str, str]:
    return dict(objects["ConfigMap/novel-settings"]["data"])


def test_the_migration_makes_the_schema(
    objects: dict[str, dict[str, Any]], service: dict[str, str], database: Engine
) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    arguments = container_of(objects["Job/novel-migration"])["args"]
    ask(["novel", *arguments], service | settings_of(objects))
    engine = open_database(service["DATABASE_URL"])
    migrate.require_current(engine)
    engine.dispose()


def status(url: str, host: str) -> int:
    request = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_the_api_answers_its_probes_and_nobody_without_a_key(
    objects: dict[str, dict[str, Any]], service: dict[str, str], tmp_path: Path
) -> None:
    container = container_of(objects["Deployment/novel-api"])
    port = str(free_port())
    arguments = [{"0.0.0.0": "127.0.0.1", "8000": port}.get(one, one) for one in container["args"]]
    environment = service | settings_of(objects) | {"NOVEL_API_SESSION_SECRET": "s" * 48}
    # As `kubectl exec deployment/novel-worker` does.
    ask(["novel", "keys", "create", "me", "--scope", "admin"], environment)
    with Program([PROGRAMS / "novel", *arguments], environment, tmp_path) as api:
        place = f"http://127.0.0.1:{port}"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            wanted = container[probe]["httpGet"]
            assert wanted["port"] in {named["name"] for named in container["ports"]}
            address = place + wanted["path"]
            eventually(lambda url=address: status(url, f"127.0.0.1:{port}") == HTTPStatus.OK)  # type: ignore[misc]
        host = environment["NOVEL_API_HOSTS"]
        assert status(f"{place}/novels", host) == HTTPStatus.UNAUTHORIZED
        assert api.end() == 0


def asked(database: Engine, objects: dict[str, dict[str, Any]], name: str) -> float:
    """What KEDA gets for the query of a trigger."""
    triggers = objects["ScaledObject/novel-worker"]["spec"]["triggers"]
    (query,) = (one["metadata"]["query"] for one in triggers if one["name"] == name)
    with database.connect() as connection:
        return float(connection.execute(text(query)).scalar_one())


def waits(database: Engine, number: int, group: str, seconds: int) -> None:
    """A job of the group that has waited so long."""
    values = {"number": number, "group": group, "seconds": seconds}
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO jobs (source, source_url, url, kind, source_novel_id, rate_group, updated_at)"
                " VALUES (:group, :group, :group, 'novel', :number, :group, now() - :seconds * interval '1 s')"
            ),
            values,
        )


def test_pods_follow_the_age_of_the_oldest_job_that_more_slots_would_help(
    objects: dict[str, dict[str, Any]], database: Engine
) -> None:
    def change(statement: str) -> None:
        with database.begin() as connection:
            connection.execute(text(statement))

    assert asked(database, objects, "waiting") == 0
    waits(database, 1, "busy.example", 900)
    waits(database, 2, "busy.example", 800)
    waits(database, 3, "idle.example", 300)
    assert 900 <= asked(database, objects, "waiting") < 960
    change(
        "UPDATE jobs SET status = 'crawling', lease_until = now() + interval '1 h', lease_owner = 'x' WHERE id = 1"
    )
    assert asked(database, objects, "running") == 1
    assert 300 <= asked(database, objects, "waiting") < 360
    change(
        "INSERT INTO origins (origin, rate_group, blocked_until) VALUES ('https://idle.example', 'idle.example', now() + interval '1 h')"
    )
    assert asked(database, objects, "waiting") == 0
    change("UPDATE origins SET blocked_until = NULL")
    change("UPDATE jobs SET enqueued_at = now() WHERE id = 3")
    assert asked(database, objects, "waiting") == 0
