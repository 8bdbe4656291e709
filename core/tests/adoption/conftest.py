"""A site that runs Chronicle, and a machine that has the family."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from adopting import Adopting, machine
from chronicles import ChronicleSite
from sqlalchemy import Engine


@pytest.fixture(scope="module")
def running() -> Iterator[ChronicleSite]:
    with ChronicleSite() as site:
        yield site


@pytest.fixture
def site(running: ChronicleSite) -> ChronicleSite:
    running.reset()
    return running


@pytest.fixture
def bench(database: Engine, site: ChronicleSite) -> Adopting:
    return machine(database, site)
