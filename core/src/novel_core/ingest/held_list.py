"""A list whose first page shows what has changed: when its other pages need not be requested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from novel_core.ingest.known_content import KnownContent
from novel_core.page import Follow, Page


@dataclass(slots=True)
class HeldPages:
    """The pages of a job's list that were not requested; `start` is the first page if it names them."""

    start: str | None = None
    _named: dict[str, str] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def note(self, page: Page, follows: Iterable[Follow]) -> None:
        """Note a page of the list that was read, and the further ones that it names."""
        self._read.add(page.key)
        for follow in follows:
            if follow.unless_held:
                self.start = self.start if page.position else page.url
                self._named[follow.key] = follow.url

    @property
    def urls(self) -> list[str]:
        return [url for key, url in self._named.items() if key not in self._read]


def without_held(follows: Sequence[Follow], known: KnownContent) -> list[Follow]:
    """The Follows of one page, less the pages of the list whose chapters the library holds."""
    rest = [follow for follow in follows if follow.unless_held]
    if not rest or not _is_held(rest, _markers(follows), known):
        return list(follows)
    return [follow for follow in follows if not follow.unless_held]


def _markers(follows: Iterable[Follow]) -> dict[str, str | None]:
    """The markers of the chapters that a page names."""
    shown: dict[str, str | None] = {}
    for follow in follows:
        shown.update(zip_longest(follow.chapters, follow.markers))
    return shown


def _is_held(rest: Sequence[Follow], shown: dict[str, str | None], known: KnownContent) -> bool:
    """Whether the library, with the chapters that are `shown`, has all that the site states.

    Where the list has markers, one of those shown has to be unchanged: the page shows the latest
    changes first, so all that is changed is above it. A copy of each page left out has to be in the archive.
    """
    options = known.options
    if options.rechecks_all or options.accept_removals or known.lacks_text:
        return False
    if options.recheck and not known.recheck.issubset(shown):
        return False
    if len(known.listed.union(shown)) != rest[0].unless_held:
        return False
    if not known.list_pages.issuperset(follow.key for follow in rest):
        return False
    markers = {chapter: marker for chapter, marker in shown.items() if marker is not None}
    return not markers or any(
        (saved := known.chapters.get(chapter)) and saved.marker == marker
        for chapter, marker in markers.items()
    )
