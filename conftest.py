"""Fixtures of every package's tests: real PostgreSQL, a fresh database for each test, settings without pauses."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import certifi
import hypothesis
import pytest
from redis import Redis
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from novel_core import services
from novel_core.db import migrate
from novel_core.db.engine import open_database

TEMPLATE = "novel_template"
#: Where a file system in memory may be, and the bytes that must be free in it: a run leaves some two gigabytes.
MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30
#: Property tests try the same examples each time; HYPOTHESIS_PROFILE=random looks for others.
hypothesis.settings.register_profile("same", derandomize=True, database=None)
hypothesis.settings.register_profile("random", database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_configure() -> None:
    """A shell's background job ignores Ctrl-C, and so would every process that the tests start and interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The tests start hundreds of processes: each would compile the project's modules again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # All that the tests write is thrown away, so no disk need confirm it.
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _has_room(folder: Path) -> bool:
    """Whether temporary files, programs among them, fit in there."""
    if not folder.is_dir() or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM


@pytest.fixture(autouse=True, scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the person who runs the tests reaches them."""
    # Nothing leaves the machine: one certificate is enough, where each process and each client would read all of them.
    certificate = tmp_path_factory.mktemp("certificates") / "one.pem"
    first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----\n")
    certificate.write_text(first + end, encoding="utf-8")
    os.environ["SSL_CERT_FILE"] = str(certificate)
    for name in list(os.environ):
        if name.startswith("NOVEL_") or name in {"DATABASE_URL", "REDIS_URL"}:
            del os.environ[name]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Iterator[str]:
    """The URL of a throw-away server's database, one server for each test process."""
    folder = tmp_path_factory.mktemp("servers")
    with services.attach(folder, durable=False, valkey=False) as attachment:
        assert attachment.services.database_url is not None
        yield attachment.services.database_url


@pytest.fixture(scope="session")
def administrator(postgres: str) -> Iterator[Connection]:
    """A connection that makes and drops databases."""
    engine = open_database(postgres)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def template(postgres: str, administrator: Connection) -> str:
    """A migrated, empty database that each test's own is a copy of."""
    administrator.execute(text(f'CREATE DATABASE "{TEMPLATE}"'))
    engine = open_database(_named(postgres, TEMPLATE))
    migrate.upgrade(engine)
    engine.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def database_url(
    postgres: str, administrator: Connection, template: str, _numbers: Iterator[int]
) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    # Its files are copied, which costs half of writing them through the server's log.
    create = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
    administrator.execute(text(create))
    yield _named(postgres, name)
    administrator.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Iterator[str]:
    """The URL of a throw-away queue server, one for each test process."""
    folder = tmp_path_factory.mktemp("queue")
    with services.attach(folder, durable=False, postgres=False) as attachment:
        assert attachment.services.redis_url is not None
        yield attachment.services.redis_url


@pytest.fixture
def redis_url(valkey: str) -> str:
    """An empty queue server."""
    with Redis.from_url(valkey) as redis:
        redis.flushall()
    return valkey


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).parent
