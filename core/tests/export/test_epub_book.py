"""An EPUB opened again: what is in it, where, and that it is the same every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from bookshelf import NAMES, ROOT, UPDATED, Chap, Opened, Shelf, picture
from PIL import Image
from sqlalchemy import text

from novel_core.db.engine import session
from novel_core.export import Format, Selection, write_book
from novel_core.export.cover import _drawable
from novel_core.registry import Registry

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

COVER = "https://img.example/cover.jpg"
MAP = "https://img.example/map.png"


def change(shelf: Shelf, statement: str, **values: object) -> None:
    with session(shelf.database) as opened:
        opened.execute(text(statement), values)


def serial(count: int, **fields: object) -> list[Chap]:
    return [
        Chap(f"Night {number}", f"<p>Words {number}.</p>", **fields)
        for number in range(1, count + 1)
    ]  # type: ignore[arg-type]


def test_pages_are_in_the_order_of_the_list(shelf: Shelf) -> None:
    book = shelf.epub(shelf.add(serial(45)))
    chapters = [f"chapter-{number:05}.xhtml" for number in range(1, 46)]
    assert book.spine == ["cover.xhtml", "title.xhtml", "nav.xhtml", *chapters]
    assert book.contents == ["The Clockmaker's Garden", *(f"Night {n}" for n in range(1, 46))]
    assert [book.words(page) for page in chapters[41:]] == [
        f"Night {n} Words {n}." for n in range(42, 46)
    ]


def test_volumes_are_parts_of_the_contents(shelf: Shelf) -> None:
    book = shelf.epub(
        shelf.add(
            [
                Chap("Prologue"),
                Chap("One", volume="Frost"),
                Chap("Two", volume="Frost"),
                Chap("Three", volume="Thaw & Flood"),
                Chap("Aside", volume="Frost"),
            ]
        )
    )
    assert book.contents[1:] == [
        "Prologue",
        ("Frost", ["One", "Two"]),
        ("Thaw & Flood", ["Three"]),
        ("Frost (continued)", ["Aside"]),
    ]
    assert [page for page in book.spine if page.startswith("part")] == [
        "part-001.xhtml",
        "part-002.xhtml",
        "part-003.xhtml",
    ]
    assert book.words("part-002.xhtml") == "Thaw & Flood"
    points = book.tree("toc.ncx").xpath("//ncx:navMap//ncx:text/text()", namespaces=NAMES)
    flat = [title for entry in book.contents for title in _flat(entry)]
    assert points == flat


def _flat(entry: object) -> list[str]:
    return [entry[0], *entry[1]] if isinstance(entry, tuple) else [str(entry)]


def test_the_package_describes_the_novel(shelf: Shelf) -> None:
    book = shelf.epub(
        shelf.add(
            serial(1),
            authors=["Ada Fern", "Bo Reed"],
            tags=["Slow Burn", "LitRPG"],
            description="<p>Tin &amp; <em>rain</em>.</p><p>More.</p>",
            language="en_us",
        )
    )
    assert book.metadata("title") == ["The Clockmaker's Garden"]
    assert book.metadata("creator") == ["Ada Fern", "Bo Reed"]
    assert book.metadata("subject") == ["Slow Burn", "LitRPG"]
    assert book.metadata("description") == ["Tin & rain.\n\nMore."]
    assert book.metadata("language") == ["en-US"]
    assert book.metadata("publisher") == ["Toy Site"]
    assert book.metadata("source") == [f"{ROOT}/1"]
    assert book.metadata("date") == ["2025-12-04T05:06:08Z"]
    assert book.modified == "2026-03-04T05:06:08Z"
    uid = book.tree("toc.ncx").xpath("//ncx:meta[@name='dtb:uid']/@content", namespaces=NAMES)
    assert uid == book.metadata("identifier")


@pytest.mark.parametrize(
    ("language", "tag"), [(None, "en"), ("Klingon (Qo'noS)", "en"), ("und", "und")]
)
def test_a_language_that_is_no_tag_falls_back_to_the_sources(
    shelf: Shelf, language: str | None, tag: str
) -> None:
    assert shelf.epub(shelf.add(serial(1), language=language)).metadata("language") == [tag]


def test_a_book_in_arabic_turns_its_pages_the_other_way(shelf: Shelf) -> None:
    book = shelf.epub(shelf.add(serial(1), language="ar"))
    [spine] = book.package.iterfind("opf:spine", NAMES)
    assert spine.get("page-progression-direction") == "rtl"
    assert book.tree("chapter-00001.xhtml").get("dir") == "rtl"
    assert shelf.epub(shelf.add(serial(1), source_id="2")).tree("title.xhtml").get("dir") is None


def test_the_identifier_stays_over_updates(shelf: Shelf) -> None:
    novel = shelf.add(serial(2))
    before = shelf.epub(novel)
    change(
        shelf,
        "UPDATE novels SET title = 'Renamed', url = 'https://toy.example/new', slug = 'x', updated_at = :now",
        now=UPDATED + timedelta(days=1),
    )
    after = shelf.epub(novel)
    assert after.metadata("title") == ["Renamed"]
    assert after.metadata("identifier") == before.metadata("identifier")
    assert after.metadata("identifier") == ["urn:uuid:25dd20db-10f7-5efb-96ff-f959f86a49f2"]
    assert (before.modified, after.modified) == ("2026-03-04T05:06:08Z", "2026-03-05T05:06:08Z")
    part = shelf.epub(novel, Selection(1, 1)).metadata("identifier")
    other = shelf.epub(shelf.add(serial(1), source_id="2")).metadata("identifier")
    assert len({*part, *other, *before.metadata("identifier")}) == 3


def test_new_numbers_make_a_new_edition(shelf: Shelf) -> None:
    novel = shelf.add(serial(1), statistics={"views": 5})
    before = shelf.epub(novel)
    change(
        shelf,
        "INSERT INTO novel_statistics (novel_id, observed_at, views) VALUES (:novel, :later, 6)",
        novel=novel,
        later=UPDATED + timedelta(hours=1),
    )
    after = shelf.epub(novel)
    assert (before.modified, after.modified) == ("2026-03-04T05:06:08Z", "2026-03-04T06:06:08Z")
    assert "views 6" in after.words("title.xhtml")


def test_a_library_outlives_its_plugins(shelf: Shelf) -> None:
    novel = shelf.add(
        [Chap("One", f'<p><a href="{ROOT}/1/2">two</a></p>'), Chap("Two")], language=None
    )
    shelf.registry = Registry.load(entry_points=[])
    book = shelf.epub(novel)
    assert (book.metadata("publisher"), book.metadata("language")) == (["toysite"], ["und"])
    [link] = book.pick("chapter-00001.xhtml", "//x:a")
    assert link.get("href") == "chapter-00002.xhtml"


def test_pictures_come_from_the_archive_byte_for_byte(shelf: Shelf) -> None:
    shown = f'<p><img src="{MAP}" alt="The vale"></p>'
    novel = shelf.add(
        [
            Chap("One", shown),
            Chap("Two", shown + '<img src="https://img.example/lost.png" alt="A hat">'),
        ],
        cover_url=COVER,
    )
    cover, vale = picture("JPEG", 10), picture("PNG", 99)
    shelf.picture(novel, COVER, cover)
    shelf.picture(novel, MAP, b"an older copy")
    shelf.picture(novel, MAP, vale)
    data, written = shelf.write(novel, Format.EPUB)
    book = Opened(data)
    assert (written.pictures, written.lost_pictures) == (2, 1)
    [cover_item] = [item for item in book.files.values() if item.get("properties") == "cover-image"]
    assert book.zip.read(f"EPUB/{cover_item.get('href')}") == cover
    for page in ("chapter-00001.xhtml", "chapter-00002.xhtml"):
        [image] = book.pick(page, "//x:img[@alt='The vale']")
        assert book.zip.read(f"EPUB/{image.get('src')}") == vale
    assert "[Picture: A hat (was not archived)]" in book.words("chapter-00002.xhtml")
    stored = [name for name in book.zip.namelist() if name.startswith("EPUB/images/")]
    assert len(stored) == len(set(stored)) == 2


def test_every_kind_of_picture(shelf: Shelf) -> None:
    kept = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}
    converted = dict.fromkeys(("WEBP", "AVIF", "BMP", "TIFF", "ICO"), "image/jpeg")
    kinds = kept | converted
    html = "".join(f'<p><img src="https://img.example/{kind}" alt="{kind}"></p>' for kind in kinds)
    novel = shelf.add([Chap("One", html)])
    files = {kind: picture(kind, tone=10 * place) for place, kind in enumerate(kinds)}
    for kind, data in files.items():
        shelf.picture(novel, f"https://img.example/{kind}", data)
    book = shelf.epub(novel)
    types = {item.get("href"): item.get("media-type") for item in book.files.values()}
    places = {
        image.get("alt"): image.get("src") for image in book.pick("chapter-00001.xhtml", "//x:img")
    }
    assert {kind: types[place] for kind, place in places.items()} == kinds
    same = {kind for kind, place in places.items() if book.zip.read(f"EPUB/{place}") == files[kind]}
    assert same == set(kept)


@pytest.mark.parametrize("kind", ["AVIF", "WEBP"])
def test_a_picture_with_transparency_keeps_it_when_converted(shelf: Shelf, kind: str) -> None:
    novel = shelf.add([Chap("One", f'<img src="{MAP}" alt="x">')])
    shelf.picture(novel, MAP, picture(kind, mode="RGBA"))
    assert "images/0001.png" in {item.get("href") for item in shelf.epub(novel).files.values()}


@pytest.mark.parametrize(
    "damage", [b"", b"<html>", picture("JPEG", size=(300, 300))[:900], picture()[:60]]
)
def test_a_damaged_picture_is_told_and_the_book_goes_on(shelf: Shelf, damage: bytes) -> None:
    novel = shelf.add(
        [Chap("One", f'<p>Before <img src="{MAP}" alt="A map"> after</p>')], cover_url=MAP
    )
    shelf.picture(novel, MAP, damage)
    book = shelf.epub(novel)
    words = book.words("chapter-00001.xhtml")
    assert words.startswith("One Before [Picture: A map (")
    assert words.endswith(")] after")
    assert [name for name in book.zip.namelist() if "images" in name] == ["EPUB/images/cover.png"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("WEBP", "JPEG"), ("GIF", "JPEG"), ("AVIF", "JPEG"), ("PNG", "PNG"), ("JPEG", "JPEG")],
)
def test_a_cover_is_a_kind_that_every_reader_shows(shelf: Shelf, kind: str, expected: str) -> None:
    mode = "P" if kind == "GIF" else "RGB"
    novel = shelf.add([Chap("One")], cover_url=COVER)
    made = io.BytesIO()
    Image.new(mode, (30, 40), 7).save(made, kind, save_all=kind in {"WEBP", "GIF"})
    shelf.picture(novel, COVER, made.getvalue())
    book = shelf.epub(novel)
    [item] = [one for one in book.files.values() if one.get("properties") == "cover-image"]
    with Image.open(io.BytesIO(book.zip.read(f"EPUB/{item.get('href')}"))) as cover:
        assert (cover.format, cover.size) == (expected, (30, 40))
    assert item.get("media-type") == f"image/{expected.lower()}"


@pytest.mark.parametrize(
    "title", ["Tin & Rain", "Zoë & Ærø", "斗破苍穹", "転生したら", "👑", "x" * 900]
)
def test_a_novel_without_a_cover_gets_one_with_its_title(shelf: Shelf, title: str) -> None:
    book = shelf.epub(shelf.add(serial(1), title=title))
    item = book.files["file-images-cover.png"]
    assert (item.get("properties"), item.get("media-type")) == ("cover-image", "image/png")
    data = book.zip.read("EPUB/images/cover.png")
    with Image.open(io.BytesIO(data)) as cover:
        cover.load()
        assert cover.size == (600, 900)
        # Something is written where the title stands.
        low, high = cover.crop((60, 200, 540, 560)).convert("L").getextrema()
        assert low < high


def test_a_cover_spells_what_its_font_lacks() -> None:
    spelled = {
        "Zoë & Łukasz": "Zoe & Lukasz",
        "Война и мир": "Voyna i mir",
        "斗破苍穹": "Dou Po Cang Qiong",
        "The 👑 King: a tale": "The King: a tale",
        "転生": "",
    }
    assert {
        title: _drawable(title, "ja" if title == "転生" else "en") for title in spelled
    } == spelled


def test_notes_stand_where_the_author_put_them(shelf: Shelf) -> None:
    book = shelf.epub(shelf.add([Chap("One", before="<p>Hello.</p>", after="Bye.")]))
    page = "chapter-00001.xhtml"
    order = [found.get("class") for found in book.pick(page, "//x:body/*[@class]")]
    assert order == ["note note-before", "text", "note note-after"]
    assert "".join(book.pick(page, "string(//x:section[@class='note note-after'])")).endswith(
        "Bye."
    )


def test_what_is_gone_is_marked_and_what_is_missing_is_named(shelf: Shelf) -> None:
    book = shelf.epub(
        shelf.add(
            [
                Chap("Kept", removed=True),
                Chap("Paid", None, locked=True),
                Chap("Lost", None),
                Chap("Here"),
                Chap("Never had", None, removed=True),
            ]
        )
    )
    assert book.contents[1:] == [
        "Kept (removed)",
        "Not in this book: 2 chapters",
        "Here",
        "Not in this book: Never had",
    ]
    assert "has removed this chapter" in book.words("chapter-00001.xhtml")
    assert "has removed" not in book.words("chapter-00004.xhtml")
    gap = book.words("missing-00002.xhtml")
    assert "Paid (locked on the site" in gap
    assert "Lost (its text could not be fetched" in gap
    assert "removed from the site before" in book.words("missing-00005.xhtml")
    assert "2, 1 removed from the site, 3 not in this book" in book.words("title.xhtml")


def test_links_between_chapters_stay_in_the_book(shelf: Shelf) -> None:
    links = (
        f'<a href="{ROOT}/1/2#a">next</a> <a href="https://toy.example/c/2">short</a> <a href="#fn">note</a> '
        f'<a href="{ROOT}/1/3">paid</a> <a href="{ROOT}/9/2">other</a> <a href="https://example.org/?a=1&amp;b=2">web</a>'
    )
    novel = shelf.add(
        [Chap("One", f"<p>{links}</p>"), Chap("Two"), Chap("Three", None, locked=True)]
    )

    def targets(book: Opened) -> list[tuple[str, str]]:
        found = book.pick("chapter-00001.xhtml", "//x:div[@class='text']//x:a")
        return [(link.text, link.get("href")) for link in found]

    web = [
        ("paid", f"{ROOT}/1/3"),
        ("other", f"{ROOT}/9/2"),
        ("web", "https://example.org/?a=1&b=2"),
    ]
    whole = [("next", "chapter-00002.xhtml"), ("short", "chapter-00002.xhtml"), *web]
    assert targets(shelf.epub(novel)) == whole
    assert targets(shelf.epub(novel, Selection(1, 1))) == [
        ("next", f"{ROOT}/1/2#a"),
        ("short", "https://toy.example/c/2"),
        *web,
    ]


def test_a_spoiler_is_closed_and_a_table_is_a_table(shelf: Shelf) -> None:
    book = shelf.epub(
        shelf.add(
            [
                Chap(
                    "One",
                    "<details><p>Him.</p></details><table><tr><td>HP</td><td>9</td></tr></table>",
                )
            ]
        )
    )
    [spoiler] = book.pick("chapter-00001.xhtml", "//x:details")
    assert (spoiler.get("open"), spoiler[0].text) == (None, "Spoiler")
    assert [
        cell.text for cell in book.pick("chapter-00001.xhtml", "//x:div[@class='table']//x:td")
    ] == ["HP", "9"]


def test_nothing_of_a_misnested_text_is_lost(shelf: Shelf) -> None:
    html = (
        "<em>a<p>b</p></em><ul>c<li>d</li><p>e</p>f</ul><dl><dd>g</dd>h</dl><figure>i<figcaption>j</figcaption>k</figure>"
        "<details>l<summary>m</summary>n</details><ruby>o<rt>p</rt>q</ruby><h2>r<div>s</div></h2>"
        "<table><caption>t</caption><tfoot><tr><td>u</td></tr></tfoot><tr><td>v</td></tr></table>"
    )
    book = shelf.epub(shelf.add([Chap("One", html)]))
    assert sorted(book.words("chapter-00001.xhtml").replace("One", "").replace(" ", "")) == sorted(
        "abcdefghijklmnopqrstuv"
    )


class Pieces(io.BytesIO):
    """A target that counts what it is given, and may let something happen after the first piece."""

    def __init__(self, *, after_first: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.count = 0
        self._after_first = after_first

    def write(self, piece: ReadableBuffer) -> int:
        self.count += 1
        written = super().write(piece)
        if self.count == 1:
            self._after_first()
        return written


def test_the_same_library_gives_the_same_bytes(shelf: Shelf) -> None:
    chapters = [Chap("One", f'<img src="{MAP}" alt="x">'), *serial(30, volume="Frost")]
    novel = shelf.add(chapters, tags=["b", "a"], statistics={"scores": {"b": 1.5, "a": 2}})
    shelf.picture(novel, MAP, picture())
    for kind in Format:
        first, _ = shelf.write(novel, kind)
        assert shelf.write(novel, kind)[0] == first
        pieces = Pieces()
        write_book(shelf.database, shelf.registry, novel, kind, pieces)
        assert pieces.getvalue() == first
        assert pieces.count > 30
    change(
        shelf,
        "UPDATE chapter_texts SET content_html = '<p>Other.</p>' WHERE id = (SELECT max(id) FROM chapter_texts)",
    )
    assert shelf.write(novel, Format.EPUB)[0] != first


def test_a_book_is_of_one_state_of_the_library(shelf: Shelf) -> None:
    novel = shelf.add(serial(60))
    before, _ = shelf.write(novel, Format.EPUB)

    def meanwhile() -> None:
        change(shelf, "UPDATE chapter_texts SET content_html = '<p>Later.</p>'")
        change(shelf, "DELETE FROM chapters WHERE number > 50")

    pieces = Pieces(after_first=meanwhile)
    write_book(shelf.database, shelf.registry, novel, Format.EPUB, pieces)
    assert pieces.getvalue() == before
    assert shelf.write(novel, Format.EPUB)[0] != before


def test_the_container_is_as_the_format_wants_it(shelf: Shelf) -> None:
    data, _ = shelf.write(shelf.add(serial(3)), Format.EPUB)
    assert data[30:58] == b"mimetypeapplication/epub+zip"
    entries = Opened(data).zip.infolist()
    assert {entry.date_time for entry in entries} == {(2026, 3, 4, 5, 6, 8)}
    # No sizes after the data: some reading systems do not understand them.
    assert [entry.filename for entry in entries if entry.flag_bits & 0x08] == []
    assert entries[0].compress_type == zipfile.ZIP_STORED
    assert len({entry.filename for entry in entries}) == len(entries)


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "details"])
def test_a_text_nested_hundreds_deep_is_whole(shelf: Shelf, tag: str) -> None:
    novel = shelf.add([Chap("One", f"<{tag}>" * 450 + "core" + f"</{tag}>" * 450 + "<p>end</p>")])
    for kind in Format:
        if kind is Format.EPUB:
            words = shelf.epub(novel).words("chapter-00001.xhtml")
        else:
            words = shelf.text(novel, kind)
        assert words.find("core") < words.find("end")


def test_a_text_that_was_sanitised_otherwise_is_read_all_the_same(shelf: Shelf) -> None:
    novel = shelf.add([Chap("One")])
    change(
        shelf, "UPDATE chapter_texts SET content_html = '<p>caf&eacute;<br>one<p>two & <b>three'"
    )
    book = shelf.epub(novel)
    assert book.words("chapter-00001.xhtml").endswith("caf\u00e9 one two & three")


NOTED = (
    '<p>Rain<a href="#place-n1" id="place-r1">1</a> <a href="#place-none">gone</a></p>'
    '<p id="place-n1">A note. <a href="#place-r1">back</a></p>'
)
FORMULA = "<p>So <math><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>&lt;</mo><mi>b</mi></math>.</p>"


def annotated(shelf: Shelf) -> int:
    """Two chapters with footnotes and a formula, the notes with the same ids once more."""
    novel = shelf.add([Chap("One"), Chap("Two")])
    change(
        shelf,
        "UPDATE chapter_texts SET content_html = :html, note_after_html = :note",
        html=NOTED + FORMULA,
        note=NOTED,
    )
    return novel


def test_footnotes_lead_there_and_back(shelf: Shelf) -> None:
    novel = annotated(shelf)
    page = "chapter-00001.xhtml"
    book = shelf.epub(novel)
    links = [(link.text, link.get("href")) for link in book.pick(page, "//x:a")]
    assert links == [("1", "#place-n1"), ("back", "#place-r1")] * 2
    ids = [found.get("id") for found in book.pick(page, "//*[@id]")]
    assert ids == ["place-r1", "place-n1"]
    text = shelf.text(novel, Format.HTML)
    for chapter in ("chapter-00001", "chapter-00002"):
        assert text.count(f'id="{chapter}-place-n1"') == 1
        assert text.count(f'href="#{chapter}-place-n1"') == 2
    assert "gone" in text
    assert "[gone]" not in shelf.text(novel, Format.MARKDOWN)


def test_a_formula_is_mathml(shelf: Shelf) -> None:
    novel = annotated(shelf)
    book = shelf.epub(novel)
    kinds = {item.get("href"): item.get("properties") for item in book.files.values()}
    assert kinds["chapter-00001.xhtml"] == "mathml"
    assert kinds["title.xhtml"] is None
    [formula] = book.pick(
        "chapter-00001.xhtml", "//*[namespace-uri()='http://www.w3.org/1998/Math/MathML'][1]/.."
    )[:1]
    assert "".join(formula.itertext()) == "So a2<b."
    for kind in (Format.MARKDOWN, Format.TXT):
        assert "a2" in shelf.text(novel, kind)


def test_series_are_collections_and_the_first_is_calibres(shelf: Shelf) -> None:
    series = [
        {"name": "Lamps \x01 & Oil", "number": 2.5},
        {"name": "All", "source_series_id": "s 7", "number": -1},
    ]
    novel_id = shelf.add(serial(1), stated_chapters=3, stated_words=4000, series=series)
    book = shelf.epub(novel_id)
    metas = book.tree("package.opf").xpath("//opf:meta", namespaces=NAMES)
    told = [
        (meta.get("property"), meta.get("refines"), meta.text)
        for meta in metas
        if "series" in (meta.get("id") or meta.get("refines") or "")
    ]
    assert told == [
        ("belongs-to-collection", None, "Lamps & Oil"),
        ("collection-type", "#series-1", "series"),
        ("group-position", "#series-1", "2.5"),
        ("belongs-to-collection", None, "All"),
        ("collection-type", "#series-2", "series"),
        ("dcterms:identifier", "#series-2", "s 7"),
    ]
    old = {meta.get("name"): meta.get("content") for meta in metas if meta.get("name")}
    assert (old["calibre:series"], old["calibre:series_index"]) == ("Lamps & Oil", "2.5")
    text = shelf.text(novel_id, Format.TXT)
    assert "Lamps & Oil (2.5), All (-1)" in text
    assert "3 chapters, 4,000 words" in text
