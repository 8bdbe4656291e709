"""A novel that the site now keeps at another address, under another id."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from novel_core.db.novels import NovelRow, novel_id_of
from novel_core.errors import NovelMoved, PageChanged
from novel_core.ingest.attempt import Attempt
from novel_core.items import ChapterRef, Novel
from novel_core.jobs import events, identity
from novel_core.jobs.lifecycle import Claim
from novel_core.page import Page, Parsed
from novel_core.source import PageKind


def check_identity(attempt: Attempt, page: Page, parsed: Parsed, saved: Collection[str]) -> None:
    """Check that the novel's own page is about the job's novel, before what it leads to is requested.

    `saved` are the ids of its saved chapters. NovelMoved where the site has led to another novel of
    the source, whose page this is; PageChanged where it is about another one all the same.
    """
    wanted = attempt.claim.source_novel_id
    novels = [item.source_id for item in parsed.items if isinstance(item, Novel)]
    if page.kind is not PageKind.INDEX or page.position or not novels or wanted in novels:
        return
    match = attempt.source.match(page.url) if page.url != page.requested_url else None
    if match is None or match.novel_id != novels[0]:
        raise another_novel(novels[0], wanted, page.url)
    listed = {item.source_id for item in parsed.items if isinstance(item, ChapterRef)}
    raise NovelMoved(
        f"Novel {wanted} has moved to {match.url}.",
        new_url=match.url,
        is_same=not saved or not listed.isdisjoint(saved),
    )


def another_novel(found: str, wanted: str | None, url: str) -> PageChanged:
    return PageChanged(f"The page is about novel {found}, not {wanted}.", url=url)


def follow_move(attempt: Attempt, moved: NovelMoved) -> Claim | None:
    """Give the job, and the saved novel, the id that the novel has now; None if the job has joined another.

    Raise `moved` where the saved novel and the other one share no chapter, or the library has both.
    """
    claim, match = attempt.claim, attempt.source.match(moved.new_url)
    assert match is not None
    with attempt.transaction() as opened:
        if claim.novel_id is not None:
            is_taken = novel_id_of(opened, claim.source, match.novel_id or "") is not None
            if is_taken or not moved.is_same:
                raise moved
            opened.execute(
                update(NovelRow)
                .where(NovelRow.id == claim.novel_id)
                .values(source_novel_id=match.novel_id, index_url=match.url)
            )
        events.record(opened, claim.job_id, "note", moved.message)
        return identity.adopt(opened, claim, match)
