"""The novel of a page, by its table."""

from __future__ import annotations

from collections.abc import Iterator

from novel_core.declarative.content import Node
from novel_core.declarative.fields import selectors
from novel_core.declarative.reader import PageReader
from novel_core.declarative.selector import Selector
from novel_core.declarative.tables import NovelTable
from novel_core.errors import PageChanged
from novel_core.items import Author, Novel, Series, Tag, TagKind
from novel_core.source import UrlMatch


def read_novel(reader: PageReader, table: NovelTable, match: UrlMatch, row: Node) -> Novel:
    """The novel that `row` is about."""
    return Novel.model_validate(
        {
            "source_id": match.novel_id,
            "url": reader.link("novel's link", table.link, row) or match.url,
            "base_url": reader.content.declared_base,
            "title": reader.required("title", table.title, row),
            "authors": tuple(_authors(reader, table, row)),
            "description_html": reader.first("description", table.description, row) or "",
            "cover_url": reader.link("cover", table.cover, row),
            "type": reader.first("type", table.type, row),
            "status": reader.first("status", table.status, row),
            "language": reader.first("language", table.language, row),
            "tags": tuple(_tags(reader, table, row)),
            "warnings": tuple(reader.all("warnings", table.warnings, row)),
            "series": tuple(_series(reader, table, row)),
            "statistics": reader.statistics(table.statistics, row),
            "published_at": reader.exact_date("date of publication", table.published, row),
            "updated_at": reader.exact_date("date of the update", table.updated, row),
        }
    )


def row_of(reader: PageReader, table: NovelTable, match: UrlMatch) -> Node:
    """The part of the page that is about the novel."""
    if not table.rows:
        return reader.root
    rows = selectors(table.rows)
    for selector in rows:
        for row in reader.nodes("list of works", selector):
            if reader.first("novel's id", table.id, row) == match.novel_id:
                return row
    wanted = " or ".join(selector.text for selector in rows)
    message = f"The page's list of works has no novel {match.novel_id}"
    raise PageChanged(message, url=reader.page.url, selector=wanted)


def _authors(reader: PageReader, table: NovelTable, row: Node) -> Iterator[Author]:
    for selector in selectors(table.authors):
        nodes = reader.nodes("list of authors", selector, row)
        for node in nodes:
            if name := _name(reader, "author", table.author_name, (selector, node)):
                yield Author(
                    name=name,
                    source_id=reader.first("author's id", table.author_id, node),
                    url=reader.link("author's address", table.author_url, node),
                )
        if nodes:
            return


def _series(reader: PageReader, table: NovelTable, row: Node) -> Iterator[Series]:
    for selector in selectors(table.series):
        nodes = reader.nodes("list of series", selector, row)
        for node in nodes:
            if name := _name(reader, "series", table.series_name, (selector, node)):
                number = reader.first("number in the series", table.series_number, node)
                url = reader.link("address of the series", table.series_url, node)
                source_id = reader.first("id of the series", table.series_id, node)
                yield Series.model_validate(
                    {"name": name, "url": url, "number": number, "source_id": source_id}
                )
        if nodes:
            return


def _name(
    reader: PageReader, field: str, written: object, found: tuple[Selector, Node]
) -> str | None:
    """The name of what was found: by its own selector, or else its text."""
    selector, node = found
    return reader.first(field, written, node) if written else reader.value(field, selector, node)


def _tags(reader: PageReader, table: NovelTable, row: Node) -> Iterator[Tag]:
    kinds: dict[str, object] = {TagKind.TAG: table.tags, **table.kinds}
    for kind, written in kinds.items():
        for name in dict.fromkeys(reader.all(f"list of {kind}s", written, row)):
            yield Tag(name=name, slug="-".join(name.lower().split()), kind=TagKind(kind))
