"""The source of the rehearsal: one novel of one chapter, on a host that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

from novel_core import (
    Author,
    Chapter,
    ChapterRef,
    Follow,
    Novel,
    Page,
    PageKind,
    Parsed,
    Parser,
    Source,
    SourceInfo,
    Statistics,
    Tag,
    UrlKind,
    UrlMatch,
    Volume,
    hookimpl,
)

HOST = "rehearsal.invalid"
NOVEL_URL = f"https://{HOST}/novel"
_CHAPTER_URL = f"https://{HOST}/chapter"
_BODY = "<p>A <em>rehearsal</em>: nobody will ever read this.</p>" * 20
#: Markup on which every step of the sanitiser works, as on most descriptions.
_DESCRIPTION = "<center style='color: red'>Of <b>nobody</b><!-- --></center>"


class _Parser(Parser):
    def parse(self, page: Page) -> Parsed:
        if page.kind is PageKind.CHAPTER:
            text = Chapter(source_id="1", title="One", url=_CHAPTER_URL, content_html=_BODY)
            return Parsed(items=[text])
        novel = Novel(
            source_id="1",
            url=NOVEL_URL,
            title="Rehearsal",
            authors=(Author(name="Nobody", source_id="1"),),
            tags=(Tag(name="Rehearsal", slug="rehearsal"),),
            volumes=(Volume(source_id="1", title="One"),),
            description_html=_DESCRIPTION,
            statistics=Statistics(views=1),
        )
        ref = ChapterRef(source_id="1", title="One", url=_CHAPTER_URL, volume_id="1")
        follow = Follow(_CHAPTER_URL, PageKind.CHAPTER, chapters=("1",))
        return Parsed(items=[novel, ref], follow=[follow])


class _Rehearsal(Source):
    info = SourceInfo("rehearsal", "Rehearsal", f"https://{HOST}", (HOST,))

    def match(self, url: str) -> UrlMatch | None:
        return UrlMatch(UrlKind.NOVEL, NOVEL_URL, novel_id="1") if url == NOVEL_URL else None

    def parser(self) -> Parser:
        return _Parser()


@hookimpl
def novel_sources() -> Iterable[Source]:
    return (_Rehearsal(),)
