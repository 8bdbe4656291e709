"""The names of the pages that were recorded together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from novel_core.authoring.chapter_limit import start_of
from novel_core.errors import Gated
from novel_core.page import Page
from novel_core.recording import Outcome, free_name, identity_of, name_of
from novel_core.source import UrlMatch

#: Ends the name of a gate that was confirmed, of another answer before the page came, and of the
#: page that has a chapter's text where the page that was requested for it has none.
GATE, EARLIER, TEXT = "-gate", "-earlier", "-text"


def first_name(match: UrlMatch, folder: Path) -> str:
    """The name that the page of `match` itself will have."""
    start = start_of(match)
    page = Page(start.url, start.kind, b"", requested_url=start.url, chapters=start.chapters)
    return free_name(name_of(page, match), page, folder, ())


def recording_names(
    pages: Sequence[tuple[Page, Outcome | None]], match: UrlMatch, folder: Path, name: str | None
) -> list[str]:
    """The names of fetched pages; `name` is that of the page of `match`, and begins the names of
    its further pages.

    Of several answers to one request the last is the page itself, and keeps its name.
    """
    last = {identity_of(page): page for page, _ in pages}
    taken: set[str] = set()
    has_text: dict[str, bool] = {}
    names: list[str] = []
    for page, outcome in pages:
        wish = name_of(page, match, name, chapter_in(outcome))
        if last[identity_of(page)] is not page:
            wish += GATE if _is_gate(outcome) else EARLIER
        elif has_text.get(wish) is False and chapter_in(outcome) is not None:
            wish += TEXT
        is_named = wish == name and wish not in taken
        found = wish if is_named else free_name(wish, page, folder, taken)
        taken.add(found)
        has_text[found] = chapter_in(outcome) is not None
        names.append(found)
    return names


def _is_gate(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.get("error", {}).get("code") == str(Gated.code)


def chapter_in(outcome: Outcome | None) -> str | None:
    """The id of the first chapter whose text a page has."""
    items = (outcome or {}).get("items", ())
    return next((item["source_id"] for item in items if item["item"] == "chapter"), None)
