"""The chapter list as the site shows it now, and what makes it suspect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from novel_core.errors import PageChanged
from novel_core.ingest.chapter_order import merge, merge_partial
from novel_core.ingest.chapter_texts import PreparedText
from novel_core.ingest.known_chapters import KnownChapter
from novel_core.items import ChapterRef, Novel, NovelStatus, Statistics
from novel_core.page import Stated

#: So many chapters removed at once, if more than half of the list, mean a wrongly read page.
SUSPECT_LOSS = 3


@dataclass(frozen=True, slots=True)
class SiteList:
    """The chapter list as the site shows it now.

    `refs` may name a chapter twice: its first line counts. `is_complete`, `is_feed` and `stated`
    are what its pages say (`Parsed.complete_list`, `partial_list`, `stated`); `is_walk` for chapters
    that only lead to each other, of which an update reads the new ones. `still_counted` are known
    chapters that it lacks and the stated number counts: they are unlisted, not removed.
    """

    refs: Sequence[ChapterRef]
    is_complete: bool = False
    is_feed: bool = False
    is_walk: bool = False
    stated: Stated = field(default_factory=Stated)
    still_counted: frozenset[str] = frozenset()

    @property
    def is_partial(self) -> bool:
        return (self.is_feed or self.is_walk) and not self.is_complete

    def order(self, known: Sequence[str]) -> list[str]:
        """The ids of all chapters, those of `known` that the list lacks too."""
        listed = list(dict.fromkeys(ref.source_id for ref in self.refs))
        return (merge_partial if self.is_partial else merge)(listed, known)


def still_counted(
    known: Mapping[str, KnownChapter], site_list: SiteList, stated_before: int | None
) -> frozenset[str]:
    """The known chapters that the list lacks and its stated number counts; the last ones if it
    counts some of them only.

    A site whose number was too high before (`stated_before`) counts so many less.
    """
    stated = site_list.stated.chapters
    if stated is None or site_list.is_partial or site_list.is_complete:
        return frozenset()
    before = [source_id for source_id, chapter in known.items() if chapter.removed_at is None]
    listed = {ref.source_id for ref in site_list.refs}
    lacking = [source_id for source_id in before if source_id not in listed]
    too_high = max(0, (stated_before or 0) - len(before))
    counted = max(0, stated - len(listed) - too_high)
    return frozenset(lacking[max(0, len(lacking) - counted) :])


def check_losses(
    known: Mapping[str, KnownChapter], site_list: SiteList, novel: Novel, url: str
) -> None:
    """Raise PageChanged if the list has lost too much: the page or its parser is suspect.

    That is every chapter, or more than half of them and at least `SUSPECT_LOSS`. Nothing is raised
    if the novel's status is "stub" (its author has withdrawn chapters), or if the list has as many
    chapters as the site states. A part of the list may lack any, but a feed is never empty.
    """
    before = [source_id for source_id, chapter in known.items() if chapter.removed_at is None]
    present = {ref.source_id for ref in site_list.refs}
    lost = sum(source_id not in present for source_id in before)
    is_many = lost >= SUSPECT_LOSS and 2 * lost > len(before) and not site_list.is_partial
    is_empty = before and not present and not site_list.is_walk
    is_sure = site_list.is_complete or (present and len(present) == site_list.stated.chapters)
    if is_sure or novel.status is NovelStatus.STUB or not (is_many or is_empty):
        return
    raise PageChanged(
        f"The chapter list lacks {lost} of the {len(before)} chapters it had.",
        url=url,
        hint="Open the page. If the author has removed them, run"
        " `novel ingest URL --accept-removals`: saved chapters stay, marked as removed."
        " If not, the source's parser needs an update.",
    )


def with_saved_markers(
    refs: Sequence[ChapterRef], known: Mapping[str, KnownChapter], *, fresh: Collection[str] = ()
) -> list[ChapterRef]:
    """The list, in which saved chapters keep the marker of their text, but for `fresh` ones."""
    return [
        ref.model_copy(update={"marker": chapter.marker})
        if (chapter := known.get(ref.source_id)) and chapter.text_id and ref.source_id not in fresh
        else ref
        for ref in refs
    ]


def outdated(
    refs: Sequence[ChapterRef], known: Mapping[str, KnownChapter], fresh: Collection[str]
) -> frozenset[str]:
    """The saved chapters whose marker says that the site has another text, but for `fresh` ones."""
    lines: dict[str, ChapterRef] = {}
    for ref in refs:
        lines.setdefault(ref.source_id, ref)
    return frozenset(
        source_id
        for source_id, ref in lines.items()
        if ref.marker is not None
        and source_id not in fresh
        and (chapter := known.get(source_id))
        and chapter.text_id
        and chapter.marker != ref.marker
    )


def with_page_facts(
    refs: Sequence[ChapterRef], texts: Mapping[str, PreparedText]
) -> list[ChapterRef]:
    """The list, with what only the chapters' own pages tell; the time of an edit goes to the texts."""
    told: list[ChapterRef] = []
    for ref in refs:
        values: dict[str, object] = {}
        if text := texts.get(ref.source_id):
            text.edited_at = ref.edited_at or text.edited_at
            if text.statistics is not None:
                both = (text.statistics, ref.statistics or Statistics())
                page, line = (one.model_dump(exclude_defaults=True) for one in both)
                values["statistics"] = Statistics.model_validate(page | line)
        told.append(ref.model_copy(update=values) if values else ref)
    return told
