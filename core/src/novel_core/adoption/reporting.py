"""Making the report of a proof."""

from __future__ import annotations

from novel_core.adoption.findings import findings_of, stated_chapters
from novel_core.adoption.places import hosts_of
from novel_core.adoption.proof import Reading
from novel_core.adoption.recognition import Recognised
from novel_core.adoption.report import NovelFacts, ReadChapter, Report, SiteFacts
from novel_core.items import Access
from novel_core.plugin import Site
from novel_core.registry import LoadedSource


def report_of(
    url: str,
    known: Recognised,
    source: LoadedSource,
    reading: Reading,
    *,
    robots: str,
    requests: int,
) -> Report:
    """The report of what was read of the source's novel."""
    assert source.site is not None
    hosts = hosts_of(source.info)
    return Report(
        url=url,
        software=known.family.title,
        version=known.answer.version,
        confidence=known.answer.confidence,
        site=_site_facts(source.site),
        hosts=hosts,
        novel=_novel_facts(reading),
        chapters=tuple(_read_chapters(reading)),
        findings=tuple(findings_of(reading, hosts)),
        robots=robots,
        requests=requests,
    )


def _site_facts(site: Site) -> SiteFacts:
    told = {name: getattr(site, name) for name in SiteFacts.model_fields}
    return SiteFacts(**told | {"options": dict(site.options)})


def _novel_facts(reading: Reading) -> NovelFacts | None:
    novel = reading.novel
    if novel is None:
        return None
    return NovelFacts(
        title=novel.title,
        authors=tuple(author.name for author in novel.authors),
        url=novel.url,
        found=len({ref.source_id for ref in reading.refs}),
        stated=stated_chapters(reading),
        is_whole=not reading.unread and not reading.walked and not reading.is_partial,
        locked=sum(ref.access is Access.LOCKED for ref in reading.refs),
        dated=sum(ref.published_at is not None for ref in reading.refs),
    )


def _read_chapters(reading: Reading) -> list[ReadChapter]:
    refs = {ref.source_id: ref for ref in reading.refs}
    chapters = []
    for chapter in reading.chosen:
        text, words = reading.texts.get(chapter, (None, 0))
        shown, problem = refs.get(chapter) or text, reading.failed.get(chapter)
        chapters.append(
            ReadChapter(
                title=shown.title if shown else chapter,
                url=shown.url if shown else "",
                words=words,
                problem=problem.message if problem else None,
            )
        )
    return chapters
