"""The data of a work: the block above the text, and the preface."""

from __future__ import annotations

import re
from dataclasses import dataclass

from novel_ao3.byline import authors_of
from novel_ao3.markup import (
    day_of,
    first_text,
    html_of,
    link_of,
    number_of,
    path_part,
)
from novel_ao3.urls import SiteUrls
from novel_ao3.views import SitePage
from novel_core import (
    Element,
    Novel,
    NovelStatus,
    PageChanged,
    Series,
    Stated,
    Statistics,
    Tag,
    TagKind,
    children,
    text_of,
)

_KINDS = {
    "rating": TagKind.RATING,
    "category": TagKind.CATEGORY,
    "fandom": TagKind.FANDOM,
    "relationship": TagKind.RELATIONSHIP,
    "character": TagKind.CHARACTER,
}
_WARNINGS = "dd.warning"
# The site's short codes are mostly BCP 47 tags; others are left out.
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

_PART = re.compile(r"Part (\d{1,9}) of")


@dataclass(frozen=True, slots=True)
class Meta:
    """The block above the work."""

    block: Element
    stats: dict[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether all planned chapters are posted; an author may plan more later."""
        posted, _, planned = self.stats.get("chapters", "").partition("/")
        return number_of(planned) is not None and number_of(posted) == number_of(planned)


def read_meta(site_page: SitePage) -> Meta:
    block = site_page.main.css_first("dl.work.meta")
    if block is None:
        raise PageChanged(
            "The page lacks the work's data", url=site_page.page.url, selector="dl.work.meta"
        )
    entries = children(block, "dd.stats", "dl.stats", "dd[class]")
    return Meta(block, {entry.attributes["class"] or "": text_of(entry) for entry in entries})


def preface_of(site_page: SitePage) -> Element:
    found = children(site_page.workskin, "div.preface")
    if not found:
        raise PageChanged(
            "The work has no preface", url=site_page.page.url, selector="#workskin > div.preface"
        )
    return found[0]


def title_of(site_page: SitePage) -> str:
    title = first_text(children(preface_of(site_page), "h2.title"))
    if not title:
        raise PageChanged("The work has no title", url=site_page.page.url, selector="h2.title")
    return title


def summary_of(site_page: SitePage) -> str:
    return html_of(children(preface_of(site_page), "div.summary", "blockquote"))


def read_work(site_page: SitePage, work: str) -> Novel:
    meta = read_meta(site_page)
    stats = meta.stats
    published = day_of(stats.get("published", ""))
    return Novel(
        source_id=work,
        url=site_page.urls.work(work),
        title=title_of(site_page),
        authors=authors_of(
            next(iter(children(preface_of(site_page), "h3.byline")), None), site_page.urls
        ),
        description_html=summary_of(site_page),
        base_url=site_page.document.declared_base,
        type="Work",
        status=_status(meta),
        language=_language(meta),
        tags=_tags(meta),
        warnings=tuple(map(text_of, _links(children(meta.block, _WARNINGS)))),
        series=tuple(
            _place_in_series(place, site_page.urls)
            for place in children(meta.block, "dd.series", "span.series", "span.position")
        ),
        statistics=_statistics(meta),
        published_at=published,
        # Only a work of more than one chapter, posted or planned, has a second date.
        updated_at=day_of(stats.get("status", "")) or published,
    )


def stated_totals(site_page: SitePage) -> Stated:
    """The chapters and words that the block above the work states."""
    stats = read_meta(site_page).stats
    posted, _, _planned = stats.get("chapters", "").partition("/")
    return Stated(chapters=number_of(posted), words=number_of(stats.get("words", "")))


def _place_in_series(position: Element, urls: SiteUrls) -> Series:
    """A line such as "Part 2 of The Lamp Cycle"."""
    link = position.css_first("a")
    series = path_part(link_of(link), "series") if link is not None else None
    part = _PART.search(text_of(position))
    return Series(
        name=text_of(link) if link is not None else "",
        source_id=series,
        url=urls.series(series) if series else None,
        number=int(part[1]) if part else None,
    )


def _tags(meta: Meta) -> tuple[Tag, ...]:
    """The tags in the page's order. A group that only some archives have, as eras, is kept too."""
    return tuple(
        _tag(link, _kind(group))
        for group in children(meta.block, f"dd.tags:not({_WARNINGS})")
        for link in _links([group])
    )


def _kind(group: Element) -> TagKind:
    names = (group.attributes.get("class") or "").split()
    return next((_KINDS[name] for name in names if name in _KINDS), TagKind.TAG)


def _links(groups: list[Element]) -> list[Element]:
    return [link for group in groups for link in group.css("a.tag")]


def _status(meta: Meta) -> NovelStatus | None:
    if "chapters" not in meta.stats:
        return None
    return NovelStatus.COMPLETED if meta.is_complete else NovelStatus.ONGOING


def _language(meta: Meta) -> str | None:
    for entry in children(meta.block, "dd.language")[:1]:
        code = (entry.attributes.get("lang") or "").strip()
        return code if _LANGUAGE_TAG.fullmatch(code) else None
    return None


def _tag(link: Element, kind: TagKind) -> Tag:
    name = text_of(link)
    return Tag(name=name, slug=path_part(link_of(link), "tags") or name, kind=kind)


def tags_of(links: list[Element], kind: TagKind) -> tuple[Tag, ...]:
    """The tags in order, each once."""
    return tuple(dict.fromkeys(_tag(link, kind) for link in links))


def _statistics(meta: Meta) -> Statistics:
    """The numbers that are shown. The site hides those that are 0, except hits: they are None."""
    others = {
        name: number
        for name in ("kudos", "comments", "bookmarks")
        if (number := number_of(meta.stats.get(name, ""))) is not None
    }
    collections = len(children(meta.block, "dd.collections", "a"))
    return Statistics(
        views=number_of(meta.stats.get("hits", "")),
        words=number_of(meta.stats.get("words", "")),
        other={**others, **({"collections": collections} if collections else {})},
    )
