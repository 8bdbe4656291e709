"""The heavy packages that a source imports while it is loaded and matches URLs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Sequence

import pytest

#: Packages that loading a source must not import: every command would wait for them.
HEAVY = (
    "scrapy", "twisted", "parsel", "lxml", "selectolax", "bs4", "pydantic", "sqlalchemy", "aiohttp",
    "httpx", "requests",
)  # fmt: skip

_LIGHT = """
    import socket, sys
    def refused(*_, **__):
        raise AssertionError("the plugin opens a connection while it is imported or matches a URL")
    socket.socket.connect = refused
    from novel_core.registry import Registry, load_registry
    source = load_registry().get(sys.argv[1])
    for url in sys.argv[2:]:
        source.match(url)
    print(*(name for name in {heavy} if name in sys.modules))
"""


def heavy_imports(source: str, urls: Sequence[str]) -> list[str]:
    """The packages of HEAVY that are imported, found in a process of its own.

    The test fails if the source cannot be imported, or opens a connection.
    """
    script = textwrap.dedent(_LIGHT).format(heavy=HEAVY)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, source, *urls],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        pytest.fail(f"Importing the plugin failed:\n{done.stderr}")
    return done.stdout.split()
