"""A shelf of novels, and EPUBCheck."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bookshelf import Opened, Shelf, epubcheck_messages
from sqlalchemy import Engine
from workbench import registry_of


@pytest.fixture
def shelf(database: Engine) -> Shelf:
    return Shelf(database, registry_of("toysite"))


@pytest.fixture
def epub_problems(tmp_path: Path) -> Callable[..., list[str]]:
    """What EPUBCheck has to say of books, given by name: two at a time, for it takes no two at once."""

    def check(**books: Opened) -> list[str]:
        paths = []
        for name, book in books.items():
            paths.append(tmp_path / f"{name}.epub")
            paths[-1].write_bytes(book.data)
        with ThreadPoolExecutor(2) as pool:
            return [message for found in pool.map(epubcheck_messages, paths) for message in found]

    return check
