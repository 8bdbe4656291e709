"""The pages that a job requests: those that its pages name, less what is known already."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from novel_core.archive.pages import NOT_MODIFIED, load_page
from novel_core.db.engine import session
from novel_core.errors import NovelError, PageChanged, PluginError, SourceError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.known_content import KnownContent, PictureAllowance
from novel_core.ingest.moved_pages import MovedPages
from novel_core.ingest.walk_plan import WalkPlan
from novel_core.jobs.failures import MAX_URL_BYTES
from novel_core.logs import loggable_url
from novel_core.page import Follow, Page
from novel_core.source import PageKind
from novel_core.steps import limited

logger = logging.getLogger(__name__)


class CrawlPlan:
    """What this attempt requests or has read, each page once.

    `reused` counts the pages that an earlier attempt has archived.
    """

    def __init__(self, attempt: Attempt, known: KnownContent) -> None:
        self._parser = attempt.source.parser()
        self._planned: dict[str, Planned] = {}
        self._batched: set[str] = set()
        self.reused = 0
        self.resume(attempt, known)

    def resume(self, attempt: Attempt, known: KnownContent) -> None:
        """Go on with another claim and other known content: the job knows its novel now."""
        self._attempt = attempt
        self._known = known
        self.pictures = PictureAllowance(attempt.settings, known.images.values())
        self._walk = WalkPlan(attempt, known)
        self._moved = MovedPages(attempt, known)

    def planned(self, key: str, kind: PageKind) -> Follow | None:
        """The page as planned by now: its Follow, joined with the later ones of its address."""
        planned = self._planned.get(key)
        return planned.follow if planned is not None and planned.kind is kind else None

    def keep_moved(self) -> None:
        """Write which chapters the pages stand for that another address has led to."""
        self._moved.keep(planned.follow for planned in self._planned.values())

    def expand(self, follows: Iterable[Follow], *, found_on: Page | None = None) -> list[Follow]:
        """Those of `follows` to request, and those that already archived pages lead to."""
        wanted: list[Follow] = []
        # Archived pages may lead to each other by the thousand: a stack, no recursion.
        levels = [(self._groups(follows, found_on), found_on)]
        while levels:
            groups, page = levels[-1]
            group = next(groups, None)
            if group is None:
                levels.pop()
            elif (follow := self._admitted(group, page)) is not None:
                archived = self._known.page_of(follow) or self._moved.page_of(follow)
                if archived is None:
                    wanted.append(follow)
                elif follow.kind is not PageKind.IMAGE:
                    page, further = self._reread(archived, follow)
                    levels.append((self._groups(further, page), page))
        return wanted

    def _groups(self, follows: Iterable[Follow], found_on: Page | None) -> Iterator[list[Follow]]:
        """The Follows of each page together, batches and walks replaced by their requests."""
        divided: list[Follow] = []
        for follow in follows:
            if follow.batch:
                divided += self._batches(follow)
            elif follow.is_walk:
                divided += self._walk.steps(follow, found_on)
            else:
                divided.append(follow)
        return iter(by_key(divided).values())

    def _batches(self, follow: Follow) -> list[Follow]:
        """The requests for the chapters of a batch that are needed and not in the archive.

        An archived page with such chapters is read again: one Follow stands for it.
        """
        missing: set[str] = set()
        archived: dict[int, str] = {}
        for chapter, marker in zip_longest(follow.chapters, follow.markers):
            if chapter in self._batched or not self._known.is_chapter_needed(chapter, marker):
                continue
            self._batched.add(chapter)
            page_id = self._known.archived_chapters.get((chapter, 0))
            if page_id is None:
                missing.add(chapter)
            else:
                archived.setdefault(page_id, chapter)
        again = [one for chapter in archived.values() for one in follow.batches({chapter})]
        return again + follow.batches(missing)

    def _admitted(self, group: Sequence[Follow], found_on: Page | None) -> Follow | None:
        """One Follow for the group's page; None if it is planned already or not needed."""
        first = group[0]
        if planned := self._planned.get(first.key):
            planned.add(group)
            return None
        if first.kind is PageKind.IMAGE and not self._attempt.settings.fetch_images:
            return None
        if len(first.key.encode()) > MAX_URL_BYTES:
            self._refuse(joined(group))
            return None
        # The further parts of a chapter that is being fetched are needed in any case.
        continues = found_on is not None and found_on.kind is first.kind is PageKind.CHAPTER
        # A walk's page may be needed for its next link only.
        is_needed = continues or first.is_walk or any(map(self._known.is_needed, group))
        if not is_needed:
            return None
        planned = self._planned[first.key] = Planned(group)
        is_new_picture = first.kind is PageKind.IMAGE and self._known.page_of(first) is None
        if is_new_picture and not self.pictures.admit():
            self._attempt.warn(self.pictures.warnings())
            return None
        return planned.follow

    def _refuse(self, follow: Follow) -> None:
        """Report an address that is too long to archive; an image's just stays in the text."""
        error = PageChanged(f"The page links to a URL of {len(follow.url):,} characters.")
        if follow.kind is PageKind.INDEX and not follow.is_optional:
            raise error
        if follow.kind is PageKind.CHAPTER:
            self._attempt.record_failure(follow, error)

    def _reread(self, page_id: int, follow: Follow) -> tuple[Page, Sequence[Follow]]:
        """An archived page, without its body, and what it links to."""
        with session(self._attempt.database) as opened:
            page = load_page(opened, page_id)
        if page.key != follow.key and len(follow.chapters) > 1:
            page = replace(page, chapters=follow.chapters)
        self.reused += 1
        url = loggable_url(page.requested_url)
        logger.debug("archive: %s", url, extra={"origin": "archive", "url": url})
        return replace(page, body=b""), self._follows_of(page)

    def _follows_of(self, page: Page) -> Sequence[Follow]:
        if page.status == NOT_MODIFIED:
            return []
        # Not before the first request, which it would delay.
        from novel_core.content.visible import follows_of

        try:
            return limited(
                "Looking for links on", page.address, lambda: follows_of(self._parser, page)
            )
        except SourceError:
            if page.kind is PageKind.INDEX and not page.is_optional:
                raise
            # The parse stage reports what is wrong with this page.
            return []
        except NovelError:
            raise
        except Exception as error:
            raise PluginError(
                f"The parser of {self._attempt.source.name} failed on {page.url}:"
                f" {type(error).__name__}: {error}"
            ) from error


class Planned:
    """The Follows of one page as one: the first, with the chapters and markers of all.

    It is optional only if all of them are. Another kind of the same page is left out.
    """

    def __init__(self, group: Sequence[Follow]) -> None:
        self._first = group[0]
        self._chapters: dict[str, str | None] = {}
        self._is_optional = True
        self._joined: Follow | None = None
        self.add(group)

    def add(self, group: Sequence[Follow]) -> None:
        for follow in group:
            if follow.kind is not self._first.kind:
                continue
            self._is_optional = self._is_optional and follow.is_optional
            for chapter, marker in zip_longest(follow.chapters, follow.markers):
                self._chapters.setdefault(chapter, marker)
        # Made when it is asked for: thousands may be added one by one.
        self._joined = None

    @property
    def kind(self) -> PageKind:
        return self._first.kind

    @property
    def follow(self) -> Follow:
        if self._joined is None:
            markers = tuple(self._chapters.values())
            self._joined = replace(
                self._first,
                chapters=tuple(self._chapters),
                markers=markers if any(markers) else (),
                is_optional=self._is_optional,
            )
        return self._joined


def by_key(follows: Iterable[Follow]) -> dict[str, list[Follow]]:
    """Group `follows` by page, in order; a page has the kind that its first Follow says."""
    groups: dict[str, list[Follow]] = {}
    for follow in follows:
        group = groups.setdefault(follow.key, [])
        if not group or group[0].kind is follow.kind:
            group.append(follow)
    return groups


def joined(follows: Sequence[Follow]) -> Follow:
    """One Follow for several of one page.

    >>> url = "https://example.org/all"
    >>> follows = [Follow(url, PageKind.CHAPTER, chapters=(chapter,)) for chapter in "12"]
    >>> joined(follows).chapters
    ('1', '2')
    """
    return Planned(follows).follow
