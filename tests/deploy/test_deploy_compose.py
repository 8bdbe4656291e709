"""The compose file against the compose specification, and against what the service needs."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose, PyOptions
from polling import eventually
from programs import PROGRAMS, Program, answers, ask, free_port
from tcp_valkey import TcpValkey

SERVICES = {"postgres", "redis", "setup", "api", "worker"}
VARIABLE = re.compile(r"\$\{(\w+):([-?])([^}]*)\}")


def substituted(text: str, **values: str) -> str:
    """As compose does: `:-` gives a default, `:?` refuses to go on without a value."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if name in values:
            return values[name]
        assert kind == "-", f"{name}: {rest}"
        return rest

    return VARIABLE.sub(value, text)


def parsed(text: str) -> dict[str, Any]:
    """Refused unless it is what the specification allows."""
    options = PyOptions()
    options.apply_merge = True
    text = substituted(text, POSTGRES_PASSWORD="one", REDIS_PASSWORD="two")
    compose: PyCompose = options.from_yaml(text)
    compose.validate()
    return compose.to_spec().model_dump(mode="json", exclude_none=True)


@pytest.fixture
def text(project_root: Path) -> str:
    return (project_root / "deploy" / "compose.yaml").read_text(encoding="utf-8")


@pytest.fixture
def services(text: str) -> dict[str, Any]:
    found = parsed(text)["services"]
    assert found.keys() == SERVICES
    return dict(found)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("stop_grace_period: 60s", "stop_grace_periot: 60s"),
        ("replicas: 2", "replicas: many"),
        ("condition: service_healthy", "condition: service_well"),
        ("      - outside\n    depends_on", "      - outsid\n    depends_on"),
    ],
)
def test_the_specification_would_refuse_a_mistake(text: str, right: str, wrong: str) -> None:
    assert right in text
    with pytest.raises(ValueError, match=r"\w"):
        parsed(text.replace(right, wrong))


def test_there_is_no_obsolete_version_line(text: str) -> None:
    assert "version" not in parsed(text)


def test_everything_named_is_declared(text: str) -> None:
    found = parsed(text)
    for service in found["services"].values():
        assert set(service.get("networks", ())) <= found["networks"].keys()
        assert set(service.get("depends_on", ())) <= SERVICES
        for volume in service.get("volumes", ()):
            assert str(volume).partition(":")[0] in found["volumes"]


def test_there_are_two_workers_of_many_crawls_with_bounds(services: dict[str, Any]) -> None:
    worker = services["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["deploy"]["resources"]["limits"]["memory"] == "3gb"
    assert worker["ulimits"]["nofile"] == 8192
    assert worker["command"][-2:] == ["--crawls", "32"]


def test_what_stops_has_time_to_hand_back(services: dict[str, Any]) -> None:
    for name in ("api", "worker"):
        assert services[name]["stop_grace_period"] == "15s"
        assert services[name]["init"] is True


def test_no_shell_stands_between_compose_and_the_program(services: dict[str, Any]) -> None:
    """SIGTERM would end at the shell."""
    for name in SERVICES - {"postgres"}:
        assert isinstance(services[name]["command"], list)
    assert services["api"]["command"][0] == "api"
    assert services["worker"]["command"][0] == "worker"


def test_the_queue_forgets_nothing_and_lets_nobody_in(text: str, services: dict[str, Any]) -> None:
    redis = services["redis"]
    options = " ".join(redis["command"])
    assert "--maxmemory-policy noeviction" in options
    assert "--appendonly yes" in options
    assert "--requirepass two" in options
    assert "ports" not in redis
    assert list(redis["networks"]) == ["private"]
    assert parsed(text)["networks"]["private"]["internal"] is True
    assert services["worker"]["environment"]["REDIS_URL"] == "redis://:two@redis:6379/0"


@pytest.mark.parametrize("password", ["POSTGRES_PASSWORD", "REDIS_PASSWORD"])
def test_without_a_password_nothing_starts(text: str, password: str, project_root: Path) -> None:
    given = {"POSTGRES_PASSWORD": "one", "REDIS_PASSWORD": "two"}
    del given[password]
    with pytest.raises(AssertionError, match=password):
        substituted(text, **given)
    example = (project_root / "deploy" / "env.example").read_text(encoding="utf-8")
    assert f"{password}=\n" in example


def test_only_the_api_is_published_and_to_this_machine_only(
    text: str, services: dict[str, Any]
) -> None:
    assert {name for name in SERVICES if "ports" in services[name]} == {"api"}
    assert '"${API_ADDRESS:-127.0.0.1}:${API_PORT:-8000}:8000"' in text


def test_nobody_starts_before_what_is_needed_is_well(services: dict[str, Any]) -> None:
    for name in ("api", "worker"):
        conditions = {
            needed: how["condition"] for needed, how in services[name]["depends_on"].items()
        }
        assert conditions == {
            "setup": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }
    for name in SERVICES - {"setup"}:
        assert services[name]["healthcheck"]["test"]


def healthy(check: list[str], environment: dict[str, str] | None = None) -> bool:
    try:
        ask(check, environment)
    except AssertionError:
        return False
    return True


def test_the_apis_health_is_what_it_says_of_itself(
    services: dict[str, Any], service: dict[str, str], tmp_path: Path
) -> None:
    _, _, *arguments = services["api"]["healthcheck"]["test"]
    port = str(free_port())
    check = [sys.executable, *(part.replace("8000", port) for part in arguments)]
    place = {"0.0.0.0": "127.0.0.1", "8000": port}
    command = [place.get(part, part) for part in services["api"]["command"]]
    assert not healthy(check)
    with Program([PROGRAMS / "novel", *command], service, tmp_path) as api:
        eventually(lambda: answers(int(port)))
        eventually(lambda: healthy(check))
        assert api.end() == 0


def test_the_workers_health_is_what_the_queue_knows(
    services: dict[str, Any], service: dict[str, str], valkey: TcpValkey, tmp_path: Path
) -> None:
    _, python, *arguments = services["worker"]["healthcheck"]["test"]
    assert python == "python"
    check = [sys.executable, *arguments]

    assert not healthy(check, service)
    with Program([PROGRAMS / "novel", *services["worker"]["command"]], service, tmp_path) as worker:
        eventually(lambda: valkey.client.scard("rq:workers"))
        assert healthy(check, service)
        assert worker.end() == 0
    assert not healthy(check, service)


def test_setup_brings_the_schema_and_a_key(
    services: dict[str, Any], service: dict[str, str], tmp_path: Path
) -> None:
    """Twice, as it runs at every start."""
    shell, options, script = services["setup"]["entrypoint"]
    key = tmp_path / "api-key"
    script = script.replace("/keys/api-key", shlex.quote(str(key)))
    path = {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    ask([shell, options, script], service | path)
    kept = key.read_text(encoding="utf-8")
    assert kept.strip()
    ask([shell, options, script], service | path)
    assert key.read_text(encoding="utf-8") == kept
