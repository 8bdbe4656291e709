"""Every command in every kind of wrong surroundings: one clear line, a hint, the right exit code; no traceback, no secret.

The commands are found by walking the command line itself: a new one is driven from its first day on.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import pytest
from commands import Novel, Ran
from programs import free_port
from sqlalchemy import Engine, text

from novel_core.cli.main import cli
from novel_core.errors import InvalidSetting
from novel_core.settings import Settings, load_settings, variable
from novel_worker.warm import prepared

SECRET = "hunter2"
URL = "https://www.royalroad.com/fiction/7"
#: What arguments of a name are given; others by their type.
SPECIMENS = {
    "url": URL,
    "target": URL,
    "novel": "royalroad:7",
    "novels": "royalroad:7",
    "plugin": "novel_royalroad",
}
#: What needs no database: the author's tools, and the embedded servers by hand.
WITHOUT_DATABASE = {
    "sources",
    "record",
    "check",
    "try",
    "new",
    "services start",
    "services stop",
    "services status",
}
#: Of these, what needs no setting either.
WITHOUT_SETTINGS = {"sources", "new", "check"}
#: Values that most settings cannot have.
NONSENSE = ("nonsense", "-1", "whsec_!")
#: Settings that any text is right for.
ANY_TEXT = {"data_dir", "user_agent", "api_hosts", "api_session_secret"}
Leaf = tuple[str, click.Command]


def leaves(group: click.Group, before: str = "") -> Iterator[Leaf]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(leaves(cli))
USE_DATABASE = sorted(COMMANDS.keys() - WITHOUT_DATABASE)
USE_SETTINGS = sorted(COMMANDS.keys() - WITHOUT_SETTINGS)


def specimen(parameter: click.Parameter, folder: Path) -> str:
    if parameter.name in SPECIMENS:
        return SPECIMENS[parameter.name]
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return str(kind.choices[0])
    if isinstance(kind, click.Path):
        file = folder / "specimen"
        file.touch()
        return str(file)
    is_number = isinstance(kind, click.IntRange) or kind is click.INT
    return "1" if is_number else "specimen"


def arguments_of(name: str, folder: Path) -> list[str]:
    """The command with no more than it needs."""
    given = name.split()
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Argument) and (parameter.required or parameter.nargs < 0):
            given.append(specimen(parameter, folder))
        elif parameter.required:
            given += [parameter.opts[0], specimen(parameter, folder)]
    if name in {"up", "api"}:
        given += ["--port", str(free_port())]
    return given


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of its own, no name but this machine's, and the process' logging as it was."""
    monkeypatch.chdir(tmp_path)
    found = socket.getaddrinfo

    def loopback_only(host: Any, *more: Any, **named: Any) -> Any:
        if host not in {None, "127.0.0.1", "::1", "localhost"}:
            raise socket.gaierror(socket.EAI_NONAME, "no network in tests")
        return found(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", loopback_only)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    prepared.cache_clear()


@pytest.fixture
def novel(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    database_url: str,
    redis_url: str,
) -> Novel:
    command = Novel(monkeypatch, capsys)
    command.set("DATABASE_URL", database_url)
    command.set("REDIS_URL", redis_url)
    command.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    command.set("NOVEL_HOST_MAP", "www.royalroad.com=http://127.0.0.1:9")
    return command


def problems(name: str, ran: Ran, *words: str, code: int) -> Iterator[str]:
    """What is wrong with how a command failed."""
    said = ran.out + ran.err
    if "Traceback" in said:
        yield f"{name}: a traceback: {said[-300:]}"
    if SECRET in said:
        yield f"{name}: the secret is printed: {said}"
    if name == "doctor":
        code, told = 1, [line for line in ran.out.splitlines() if line.startswith("BAD")]
    else:
        told = ran.err.splitlines()
        if not told or not told[0].startswith("novel: ") or len(told) > 2:
            yield f"{name}: not one line and a hint: {ran.err}"
        elif len(told) == 2 and not told[1].startswith("  "):
            yield f"{name}: no hint: {told[1]}"
    if ran.code != code:
        yield f"{name}: exit code {ran.code}, not {code}: {said}"
    if not any(all(word in line for word in words) for line in told):
        yield f"{name}: nothing of {words} in {told}"


def drive(novel: Novel, names: list[str], folder: Path, *words: str, code: int) -> str:
    """Each problem, a line."""
    return "\n".join(
        problem
        for name in names
        for problem in problems(name, novel(*arguments_of(name, folder)), *words, code=code)
    )


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("DATABASE_URL", f"postgresql://ada:{SECRET}@127.0.0.1:port/novels", "port"),
        ("DATABASE_URL", f"postgresql://ada:x@{SECRET}@127.0.0.1/novels", "@"),
        ("REDIS_URL", f"redis://:x#{SECRET}@127.0.0.1:6379/0", "#"),
        ("NOVEL_WEBHOOK_SECRET", f"whsec_{SECRET}!", "base64"),
        ("NOVEL_LEASE", "soon", "number"),
    ],
)
def test_a_malformed_setting(
    novel: Novel, tmp_path: Path, variable: str, value: str, word: str
) -> None:
    novel.set(variable, value)
    assert drive(novel, USE_SETTINGS, tmp_path, variable, word, code=2) == ""


def test_a_server_that_is_not_there(novel: Novel, tmp_path: Path) -> None:
    novel.set("DATABASE_URL", f"postgresql://ada:{SECRET}@127.0.0.1:1/novels")
    assert drive(novel, USE_DATABASE, tmp_path, "Connection refused", code=1) == ""


def test_a_database_that_is_newer(novel: Novel, tmp_path: Path, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    # These serve a newer one too: they copy it, tell of it, or put another library in its place.
    names = [name for name in USE_DATABASE if name not in {"backup", "db status", "restore"}]
    assert drive(novel, names, tmp_path, "9999", "newer", code=1) == ""


def test_a_user_without_rights(
    novel: Novel, tmp_path: Path, database: Engine, database_url: str
) -> None:
    with database.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger"))
    novel.set("DATABASE_URL", f"{database_url}&options={quote('-crole=stranger')}")
    assert drive(novel, USE_DATABASE, tmp_path, "permission denied", code=1) == ""


def test_a_database_that_does_not_exist(novel: Novel, tmp_path: Path, database_url: str) -> None:
    novel.set("DATABASE_URL", database_url.replace("/test_", "/no_such_"))
    assert drive(novel, USE_DATABASE, tmp_path, "does not exist", code=1) == ""


@pytest.mark.parametrize("field", sorted(Settings.model_fields.keys() - ANY_TEXT))
def test_each_setting_is_named_when_it_is_wrong(
    monkeypatch: pytest.MonkeyPatch, novel: Novel, field: str
) -> None:
    refused = []
    for value in NONSENSE:
        monkeypatch.setenv(variable(field), value)
        try:
            load_settings()
        except InvalidSetting as error:
            refused.append(error)
    assert refused
    for error in refused:
        assert variable(field) in error.message
        assert error.hint
        assert "\n" not in error.message


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = load_settings()
    for field in Settings.model_fields:
        monkeypatch.setenv(variable(field), "")
    assert load_settings() == usual


def test_the_walk_finds_the_commands_of_every_package() -> None:
    assert {"ingest", "keys create", "watch list", "worker", "api", "db upgrade"} <= COMMANDS.keys()
    assert COMMANDS.keys() >= WITHOUT_DATABASE
