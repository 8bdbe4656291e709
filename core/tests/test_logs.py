"""The lines of the log: what they hide, and that nobody else writes some."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from novel_core.logs import about_job, about_page, loggable_url, set_up_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("novel_core")
    before = root.handlers[:], root.level, own.level
    yield
    root.handlers[:], root.level, own.level = before


@pytest.mark.parametrize(
    ("url", "logged"),
    [
        ("https://example.org/read?sid=7&chapter=2", "https://example.org/read?sid=7&chapter=2"),
        ("https://ada:pw@example.org/a@b", "https://example.org/a@b"),
        ("https://example.org/?Access_Token=abc#top", "https://example.org/?Access_Token=***#top"),
        ("https://example.org/?page=2;sig=a%2Fb&x=1", "https://example.org/?page=2;sig=***&x=1"),
        ("https://example.org/?api-key=&n=1", "https://example.org/?api-key=***&n=1"),
    ],
)
def test_an_address_without_its_secrets(url: str, logged: str) -> None:
    assert loggable_url(url) == logged


SHORT, LONG = "https://example.org/7", f"https://example.org/texts?ids={'1234,' * 400}"


@pytest.mark.parametrize(
    ("url", "message", "told"),
    [
        (SHORT, "The page has no text.", f"{SHORT}: The page has no text."),
        (SHORT, f"{SHORT} does not exist.", f"{SHORT} does not exist."),
        (
            SHORT,
            f"The parser failed on {SHORT}: KeyError.",
            f"The parser failed on {SHORT}: KeyError.",
        ),
        (SHORT, f"It is {SHORT}.", f"It is {SHORT}."),
        # Another page.
        (SHORT, f"{SHORT}7 does not exist.", f"{SHORT}: {SHORT}7 does not exist."),
        (SHORT, f"{SHORT}/7 does not exist.", f"{SHORT}: {SHORT}/7 does not exist."),
        (LONG, "It is gone.", f"{LONG[:200]}…: It is gone."),
        (LONG, f"{LONG} is gone.", f"{LONG[:200]}… is gone."),
        (f"{SHORT}?token=a", f"{SHORT}?token=a is gone.", f"{SHORT}?token=*** is gone."),
    ],
)
def test_a_message_about_a_page_names_it_once(url: str, message: str, told: str) -> None:
    assert about_page(url, message) == told


def test_a_message_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    with about_job(7):
        logging.getLogger("novel_core.test").warning("title: %s", "a\n2026 ERROR forged\x1b[31m")
    logging.getLogger("novel_core.test").warning("of no job")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("WARNING novel_core.test title: a\\n2026 ERROR forged[31m [job 7]")
    assert second.endswith("of no job")


def test_debug_is_for_this_project_only(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text", "debug")
    logging.getLogger("novel_core.test").debug("ours")
    logging.getLogger("a_library").debug("theirs")
    logging.getLogger("a_library").info("worth a line")
    said = capsys.readouterr().err
    assert "ours" in said
    assert "worth a line" in said
    assert "theirs" not in said
