"""What a save did with the chapters of its novel: counts and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from novel_core.archive.resting import SetAside
from novel_core.ingest.chapter_list import ListChange
from novel_core.ingest.chapter_texts import TextWriter
from novel_core.ingest.known_chapters import KnownChapter
from novel_core.ingest.preparing import Prepared
from novel_core.ingest.site_list import SiteList
from novel_core.ingest.stated_totals import difference, unlisted
from novel_core.plurals import enumerated

#: The warning of listed chapters that no Follow led to.
WITHOUT_PAGE = "No requested page has the text of these listed chapters"


class SaveSummary:
    """Compares what was saved with what the site lists and states; `known` is after the save."""

    def __init__(
        self,
        known: Mapping[str, KnownChapter],
        site_list: SiteList,
        prepared: Prepared,
        set_aside: SetAside,
        outdated: frozenset[str] = frozenset(),
    ) -> None:
        self._known = known
        self._site_list = site_list
        self._prepared = prepared
        self._set_aside = set_aside
        present = {
            source_id: chapter for source_id, chapter in known.items() if chapter.removed_at is None
        }
        self._still_counted = [one for one in present if one in site_list.still_counted]
        self._found = len(present) - len(self._still_counted)
        # An unlisted chapter without a text is told once: as unlisted.
        self._present = {
            source_id: chapter
            for source_id, chapter in present.items()
            if chapter.text_id or source_id not in site_list.still_counted
        }
        told = prepared.skipped | set_aside.locked | set_aside.optional
        # The saved chapters that have changed at the site and whose new text did not come.
        self._outdated = [source_id for source_id in self._present if source_id in outdated - told]

    def counts(self, listing: ListChange, texts: TextWriter) -> dict[str, int]:
        """The number of the site's chapters, and what this job did with them.

        "locked" have no text, "failed" no text or not the present one; "removed" are newly removed and not in "total";
        "unlisted" are those that the site states beside its list; saved ones of them are in "total".
        """
        present = self._present
        locked = sum(chapter.is_locked for chapter in present.values())
        missing = sum(
            chapter.text_id is None
            and source_id not in self._prepared.skipped
            and (source_id not in self._set_aside.optional or chapter.is_locked)
            for source_id, chapter in present.items()
        )
        gaps = missing - locked + len(self._outdated)
        ids = {chapter.id for chapter in present.values()}
        new, changed = len(texts.new & ids), len(texts.changed & ids)
        return {
            "total": len(present),
            "new": new,
            "changed": changed,
            "unchanged": len(present) - new - changed - locked - gaps,
            "locked": locked,
            "removed": listing.removed,
            "failed": gaps,
            "unlisted": unlisted(self._site_list.stated, self._found),
        }

    def warnings(
        self,
        failed: Sequence[tuple[list[str], int]],
        mentioned: Mapping[str, str],
        submitted: str | None,
    ) -> Iterator[str]:
        """Warnings of chapters that would otherwise be missing without a message.

        `failed` are the chapters of pages that failed, `mentioned` titles from chapters' pages,
        `submitted` the chapter whose URL the job was given.
        """
        if submitted is not None and submitted not in self._known:
            yield f"The chapter that was given, {submitted}, is not on the novel's list."
        explained = {chapter for ids, _ in failed for chapter in ids}
        explained |= self._prepared.skipped | self._set_aside.optional
        without_page = [
            source_id
            for source_id, chapter in self._present.items()
            if not chapter.text_id and not chapter.is_locked and source_id not in explained
        ]
        titles = {text.source_id: text.title for text in self._prepared.texts}
        elsewhere = [
            f"{key} ({title})"
            for key, title in (dict(mentioned) | titles).items()
            if key not in self._known
        ]
        for words, chapters in (
            (WITHOUT_PAGE, without_page),
            (
                "The new texts of these chapters did not come; the next update requests them again",
                self._outdated,
            ),
            (
                "The list lacks these saved chapters, which the site's number still counts",
                self._still_counted,
            ),
            ("Pages have these chapters, which the chapter list does not name", elsewhere),
        ):
            if chapters:
                yield f"{words}: {enumerated(chapters)}."
        if not self._present:
            yield "The chapter list is empty."
        stated, is_partial = self._site_list.stated, self._site_list.is_partial
        if told := difference(stated, self._found, is_partial=is_partial):
            yield told
