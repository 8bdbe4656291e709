"""The pages that a job requests: those that its pages name, less what is known already."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from novel_core.archive.pages import NOT_MODIFIED, load_page, set_chapters
from novel_core.db.engine import session
from novel_core.errors import NovelError, PageChanged, PluginError, SourceError
from novel_core.ingest.attempt import Attempt
from novel_core.ingest.held_list import HeldList, load_held_list, without_held
from novel_core.ingest.known_content import KnownContent, PictureAllowance
from novel_core.ingest.moved_pages import MovedPages, texts_of
from novel_core.ingest.planned_page import PlannedPage, by_key, joined
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
        self._planned: dict[str, PlannedPage] = {}
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

    def failed(self, follow: Follow) -> Follow:
        """What is missing with a page that failed: those of its chapters that are needed."""
        planned = self._planned.get(follow.key)
        if planned is None or planned.kind is not follow.kind:
            return follow
        whole = planned.follow
        needed = tuple(chapter for chapter in whole.chapters if chapter in planned.wanted)
        return replace(whole, chapters=needed, markers=()) if needed else whole

    def note_read(self, key: str, chapters: Iterable[str]) -> None:
        """Note that a page was fetched, and for which chapters its links were looked for."""
        if planned := self._planned.get(key):
            planned.read_for = frozenset(chapters)

    def further(self, key: str) -> list[Follow]:
        """The pages to request for chapters that were added while the page was on its way."""
        planned = self._planned.get(key)
        return self.expand([planned.follow]) if planned and planned.is_unread else []

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
                archived = self._archived(follow)
                if archived is None:
                    wanted.append(follow)
                elif follow.kind is not PageKind.IMAGE:
                    page, further = self._reread(archived, follow)
                    levels.append((self._groups(further, page), page))
        return wanted

    def _groups(self, follows: Iterable[Follow], found_on: Page | None) -> Iterator[list[Follow]]:
        """The Follows of each page together, batches and walks replaced by their requests."""
        divided: list[Follow] = []
        follows = list(follows)
        if found_on is not None and found_on.kind is PageKind.INDEX:
            self._known.adopt_markers(follows)
            follows = without_held(follows, self._known, self._held_list)
        for follow in follows:
            if follow.batch:
                divided += self._batches(follow)
            elif follow.is_walk:
                divided += self._walk.steps(follow, found_on)
            else:
                divided.append(follow)
        return iter(by_key(divided).values())

    def _held_list(self) -> HeldList:
        novel_id = self._attempt.claim.novel_id
        if novel_id is None:
            return HeldList()
        with session(self._attempt.database) as opened:
            return load_held_list(opened, novel_id)

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
        """One Follow for the group's page; None if it is not needed, or planned for all it names.

        A page that is archived already and has got further chapters is read again.
        """
        first = group[0]
        # What a chapter's page says to be elsewhere is needed in any case.
        continues = found_on is not None and found_on.kind is first.kind is PageKind.CHAPTER
        if planned := self._planned.get(first.key):
            planned.add(group)
            if planned.kind is first.kind:
                planned.wanted |= self._needed(group, is_any=continues)
            return planned.follow if planned.is_unread else None
        if first.kind is PageKind.IMAGE and not self._attempt.settings.fetch_images:
            return None
        if len(first.key.encode()) > MAX_URL_BYTES:
            self._refuse(joined(group))
            return None
        # A walk's page may be needed for its next link only.
        is_needed = continues or first.is_walk or any(map(self._known.is_needed, group))
        if not is_needed:
            return None
        planned = self._planned[first.key] = PlannedPage(group)
        planned.wanted |= self._needed(group, is_any=continues)
        is_new_picture = first.kind is PageKind.IMAGE and self._known.page_of(first) is None
        if is_new_picture and not self.pictures.admit():
            self._attempt.warn(self.pictures.warnings())
            return None
        return planned.follow

    def _needed(self, group: Sequence[Follow], *, is_any: bool) -> set[str]:
        """The chapters that the group names and are needed, or all of them."""
        return {
            chapter
            for follow in group
            for chapter, marker in zip_longest(follow.chapters, follow.markers)
            if is_any or self._known.is_chapter_needed(chapter, marker)
        }

    def _archived(self, follow: Follow) -> int | None:
        """The id of the archived page to read for `follow`, from now on for all its chapters."""
        planned = self._planned[follow.key]
        page_id = self._moved.reused.get(follow.key)
        if page_id is not None:
            return page_id
        if planned.read_for is None:
            page_id = self._known.page_of(follow) or self._moved.page_of(follow)
            if page_id is not None or not self._carries(follow, planned.wanted):
                return page_id
        with self._attempt.transaction() as opened:
            page_id = set_chapters(opened, self._attempt.job_id, follow)
        if page_id is None:
            # "Not modified" for fewer chapters.
            planned.read_for = None
        return page_id

    def _carries(self, follow: Follow, chapters: Collection[str]) -> bool:
        """Whether the page that an earlier attempt has archived has the texts of these chapters."""
        page_id = self._known.archived.get(follow.key)
        if page_id is None or follow.kind is not PageKind.CHAPTER:
            return False
        with session(self._attempt.database) as opened:
            page = replace(load_page(opened, page_id), chapters=follow.chapters)
        return texts_of(self._attempt, page).issuperset(chapters)

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
        planned = self._planned[follow.key]
        self.reused += planned.read_for is None
        planned.read_for = frozenset(page.chapters)
        planned.readings += 1
        url = loggable_url(page.requested_url)
        logger.debug("archive: %s", url, extra={"origin": "archive", "url": url})
        return replace(page, body=b""), self._follows_of(page)

    def _follows_of(self, page: Page) -> Sequence[Follow]:
        if page.status == NOT_MODIFIED:
            return []
        # Not before the first request, which it would delay.
        from novel_core.content.visible import links_of

        try:
            links = limited(
                "Looking for links on", page.address, lambda: links_of(self._parser, page)
            )
            self._attempt.parsed.keep(page, links)
            return links.follows  # noqa: TRY300 - the errors are those of the call
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
