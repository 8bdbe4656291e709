"""Recordings: what is kept, what is not, and what a difference says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tablesite
from tablesite import a_book, chapter_page, index_page
from workbench import registry_of

from novel_core import Page, PageKind, UrlKind, UrlMatch
from novel_core.errors import RecordingExists, UnreadableRecording
from novel_core.recording import (
    Recording,
    as_recorded,
    differences,
    find_recordings,
    free_name,
    name_of,
    outcome_of,
    prose_of,
    read_recording,
    redacted,
)

SOURCE = registry_of("tablesite").get("tablesite")
URL = f"{tablesite.ROOT}/book/1"


def page(html: str | None = None) -> Page:
    body = (html or index_page(a_book())).encode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "set-cookie": "session=secret",
        "x-csrf-token": "secret",
        "cf-ray": "7d",
        "server": "x",
    }
    return Page(URL, PageKind.INDEX, body, headers=headers, requested_url=URL)


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    recorded = Recording("novel-1", "tablesite", page(), outcome_of(SOURCE, page()))
    place = recorded.write(tmp_path)
    again = read_recording(place)
    assert (again.page.body, again.page.url, again.page.kind) == (page().body, URL, PageKind.INDEX)
    assert again.expected == recorded.expected
    assert find_recordings(tmp_path) == [place]
    assert again.age == pytest.approx(0, abs=0.01)


def test_no_secret_is_kept(tmp_path: Path) -> None:
    form = '<meta content="secret" name="csrf-token"/><input type=hidden name="authenticity_token" value=\'secret\'>'
    place = Recording("novel-1", "tablesite", page(form + index_page(a_book()))).write(tmp_path)
    assert index_page(a_book()) in read_recording(place).page.text
    assert read_recording(place).page.headers == {"content-type": "text/html; charset=utf-8"}
    assert b"secret" not in b"".join(path.read_bytes() for path in place.iterdir())


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    Recording("novel-1", "tablesite", page()).write(tmp_path)
    with pytest.raises(RecordingExists):
        Recording("novel-1", "tablesite", page("<p>other</p>")).write(tmp_path)
    assert read_recording(tmp_path / "novel-1").page.body == page().body
    Recording("novel-1", "tablesite", page("<p>other</p>")).write(tmp_path, update=True)
    assert read_recording(tmp_path / "novel-1").page.body == b"<p>other</p>"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("page.json", "{"),
        ("page.json", "[]"),
        ("page.json", '{"url": "x"}'),
        ("page.json", '{"url": "x", "kind": "novel", "fetched_at": "2026-01-01T00:00:00Z"}'),
        ("body.json", "a second body"),
        ("expected.json", "not json"),
    ],
)
def test_a_spoilt_recording_is_named(tmp_path: Path, file: str, content: str) -> None:
    place = Recording("novel-1", "tablesite", page(), {}).write(tmp_path)
    (place / file).write_text(content)
    with pytest.raises(UnreadableRecording, match="novel-1"):
        read_recording(place)


def test_an_error_is_an_outcome_like_any_other() -> None:
    outcome = outcome_of(SOURCE, page(tablesite.GONE))
    assert outcome["error"]["code"] == "not_found"
    missing = Page(URL, PageKind.INDEX, b"", status=404, requested_url=URL)
    assert outcome_of(SOURCE, missing)["error"]["code"] == "not_found"
    limited = Page(URL, PageKind.INDEX, b"", status=429, headers={"retry-after": "9"})
    assert outcome_of(SOURCE, limited)["error"]["code"] == "rate_limited"


def fields(old: str, new: str, *, volatile: bool = False) -> list[str]:
    found = differences(
        outcome_of(SOURCE, page(old)), outcome_of(SOURCE, page(new)), volatile=volatile
    )
    return [difference.field for difference in found]


def test_a_difference_names_its_field() -> None:
    html = index_page(a_book())
    assert fields(html, html) == []
    assert fields(html, html.replace("A Tale of", "A Song of")) == ["novel.title"]
    assert fields(html, html.replace("Maps", "Charts")) == [
        "novel.tags",
        "novel.tags",
    ]  # name, slug
    assert fields(html, html.replace("12,345", "12,400")) == ["novel.statistics"]
    assert fields(html, html.replace("2026-01-05", "2026-01-06")) == ["chapter list"]
    assert set(fields(html, tablesite.GONE)) >= {"error", "novel"}


def test_a_new_chapter_is_one_difference_and_the_order() -> None:
    book = a_book()
    book.per_page = 7
    old = index_page(book)
    book.chapters.insert(0, tablesite.TableChapter("zero", "Zero", [""]))
    book.per_page = 8
    assert set(fields(old, index_page(book))) == {"chapter list", "follow"}


def test_numbers_may_rise_between_two_days() -> None:
    html = index_page(a_book())
    assert fields(html, html.replace("12,345", "13,000"), volatile=True) == []
    assert fields(html, html.replace("12,345", "2"), volatile=True) == ["novel.statistics"]
    without = html.replace('<b class="views">12,345</b>', "")
    assert fields(html, without, volatile=True) == ["novel.statistics"]


def test_redaction_keeps_the_structure() -> None:
    book = a_book()
    secret = "He walked into the old harbour and never once looked back at the lamps."
    book.chapters[0].parts = [f"<p>{secret}</p><p>Yes.</p><p>No, <em>never</em> again.</p>"]
    original = Page(
        f"{URL}/one",
        PageKind.CHAPTER,
        chapter_page(book, book.chapters[0]).encode(),
        requested_url=f"{URL}/one",
        chapters=("one",),
    )
    before = outcome_of(SOURCE, original)
    body = redacted(original, prose_of(before))
    after = outcome_of(
        SOURCE,
        Page(original.url, PageKind.CHAPTER, body, requested_url=original.url, chapters=("one",)),
    )
    text = after["items"][0]["content_html"]
    for word in ("harbour", "walked", "Yes", "never"):
        assert word not in text
    assert text.count("<p>") == 3
    assert "<em>" in text
    assert after["items"][0]["title"] == "One: <Home>"
    assert len(text.split()) == len(before["items"][0]["content_html"].split())


def test_redaction_takes_tokens_and_descriptions() -> None:
    html = (
        '<html><head><meta name="csrf-token" content="abc123"><meta name="description" content="'
        + "A very long description of the novel that nobody may publish here. " * 2
        + '"><script type="application/ld+json">{"name": "A Tale", "about": "'
        + "Another long text of the author which must not be published. " * 2
        + '"}</script></head><body><input name="_token" value="abc123"><p>Short</p></body></html>'
    )
    body = redacted(page(html)).decode()
    assert "abc123" not in body
    assert "nobody may publish" not in body
    assert "must not be published" not in body
    assert '"name": "A Tale"' in body
    assert "Short" in body


def test_a_short_plain_text_is_left_as_it_is() -> None:
    answer = Page(URL, PageKind.INDEX, b"a: 1", headers={"content-type": "text/plain"})
    assert redacted(answer) == b"a: 1"


def test_json_is_redacted_value_by_value() -> None:
    prose = (
        "The rain had not stopped for nine days, and nobody in the harbour spoke of it any more."
    )
    given = {
        "id": 7,
        "title": "Rain",
        "html": f'<p class="x">{prose}</p><p>No.</p>',
        "text": [prose, None, True, 1.5],
        "image": "https://novel.example/a/picture/with/quite/a/long/address/indeed/rain.png",
        "session_token": "abc",
        "note": f"{prose} https://novel.example/",
    }
    body = json.dumps(given).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    read = json.loads(redacted(Page(URL, PageKind.INDEX, body, headers=headers), {"No."}))
    assert list(read) == list(given)
    kept = ("id", "title", "image")
    assert [read[name] for name in kept] == [given[name] for name in kept]
    assert read["session_token"] == "removed"
    assert read["text"][1:] == [None, True, 1.5]
    assert (read["html"].count("<p"), 'class="x"' in read["html"]) == (2, True)
    assert "rain" not in str([read["html"], read["text"], read["note"]])
    assert "No." not in read["html"]


PROSE = "The rain had not stopped for nine days, and nobody in the harbour spoke of it any more."
KEPT = {
    "id": "f3b1c2d4" * 10,
    "date": "2026-01-02T03:04:05.123456+00:00",
    "path": "/works/12/a-very-long-slug-of-a-chapter-that-has-more-than-sixty-letters/chapters/9",
    "label": "Chapter 9: The Harbour",
    "count": 12345,
}


def redacted_as(body: str, content_type: str) -> str:
    return redacted(
        Page(URL, PageKind.INDEX, body.encode(), headers={"content-type": content_type}), {"No."}
    ).decode()


def test_ids_and_dates_in_json_stay_however_long() -> None:
    given = KEPT | {
        "text": PROSE,
        "japanese": "雨は九日も降りつづいた。" * 9,
        "more": ["No.", PROSE],
    }
    given |= {"inner": json.dumps({"text": PROSE, "id": KEPT["id"]}), "aside": f"[{PROSE}]"}
    read = json.loads(redacted_as(json.dumps(given), "application/json"))
    assert {name: read[name] for name in KEPT} == KEPT
    assert json.loads(read["inner"])["id"] == KEPT["id"]
    for word in ("rain", "雨", "No."):
        assert word not in str(read)


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/plain", "application/octet-stream", ""]
)
def test_json_under_another_label_is_redacted_as_json(content_type: str) -> None:
    read = json.loads(redacted_as(json.dumps(KEPT | {"text": PROSE}), content_type))
    assert {name: read[name] for name in KEPT} == KEPT
    assert "rain" not in read["text"]


def test_damaged_json_holds_no_prose_either() -> None:
    body = json.dumps(KEPT | {"text": PROSE, "html": f'<p class="x">{PROSE}</p>'})[:-1]
    text = redacted_as(body, "application/json")
    assert "rain" not in text
    assert all(f'"{value}"' in text for value in KEPT.values() if isinstance(value, str))
    assert json.loads(text + "}")["count"] == KEPT["count"]


@pytest.mark.parametrize(
    "script",
    [
        '<script type="application/json" id="data">{}</script>',
        "<script>window.DATA = {}; start('no prose');</script>",
        "<script>self.push([1, {}])</script>",
    ],
)
def test_json_inside_a_script_is_redacted(script: str) -> None:
    given = KEPT | {"html": f"<p>{PROSE}</p>", "text": [PROSE]}
    page_text = "<!DOCTYPE html><p>x</p>" + script.replace(
        "{}", json.dumps(given).replace("</", "<\\/")
    )
    text = redacted_as(page_text, "text/html; charset=utf-8")
    assert "rain" not in text
    data = text[text.index("{") : text.rindex("}") + 1]
    read = json.loads(data)
    assert {name: read[name] for name in KEPT} == KEPT
    assert (read["html"][:3], len(read["text"])) == ("<p>", 1)
    assert "no prose" in text or "start" not in script


def test_a_feed_is_redacted() -> None:
    feed = f"""<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel>
<title>A Tale</title><link>https://novel.example/feed</link><item><guid>{KEPT["id"]}</guid>
<title>Chapter 1</title><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate>
<description>&lt;p&gt;{PROSE}&lt;/p&gt;</description><x><![CDATA[<p>{PROSE}</p>]]></x>
</item></channel></rss>"""
    text = redacted_as(feed, "application/rss+xml")
    assert "rain" not in text
    for kept in (
        "<title>Chapter 1</title>",
        "&lt;p&gt;",
        "<![CDATA[<p>",
        KEPT["id"],
        "05 Jan 2026",
    ):
        assert str(kept) in text
    assert text.startswith(feed[:100])


def test_plain_text_is_redacted_and_binary_is_not() -> None:
    assert "rain" not in redacted_as(f"Chapter 1\n{PROSE}\n", "text/plain; charset=utf-8")
    binary = Page(URL, PageKind.IMAGE, b"\x89PNG\x00", headers={"content-type": "image/png"})
    assert redacted(binary) == binary.body


def test_age(tmp_path: Path) -> None:
    old = Page(URL, PageKind.INDEX, b"", fetched_at=datetime.now(UTC) - timedelta(days=40))
    place = Recording("old", "tablesite", old).write(tmp_path)
    assert read_recording(place).age == pytest.approx(40, abs=0.1)


NOVEL = UrlMatch(UrlKind.NOVEL, URL, novel_id="1")


def at(position: int = 0, *, url: str = URL, chapters: tuple[str, ...] = (), part: int = 0) -> Page:
    kind = PageKind.CHAPTER if chapters else PageKind.INDEX
    return Page(url, kind, b"x", requested_url=url, position=position, chapters=chapters, part=part)


def test_every_page_has_a_name_of_its_own(tmp_path: Path) -> None:
    pages = [at(position, url=f"{URL}?page={position}") for position in range(-9, 10)]
    pages += [at(1, url=f"{URL}?list=other")]
    ids = ("a/b", "a-b", "a b", "日本", "語", "x" * 2000, "x" * 2001, "..", "-")
    pages += [at(chapters=(name,), url=f"{URL}/{name}") for name in ids]
    pages += [at(chapters=("a",), part=part, url=f"{URL}/a?{part}") for part in range(3)]
    for update in (False, True):  # written again, each keeps its name, in any order
        written = {}
        for page in reversed(pages) if update else pages:
            name = free_name(name_of(page, NOVEL), page, tmp_path, written)
            written[name] = Recording(name, "tablesite", page).write(tmp_path, update=update)
        assert len(find_recordings(tmp_path)) == len(pages) == len(written)


def test_recordings_know_their_source(tmp_path: Path) -> None:
    for source, folder in (("one", "."), ("two", "deep/inside")):
        Recording("novel-1", source, page()).write(tmp_path / folder)
    assert find_recordings(tmp_path, "one") == [tmp_path / "novel-1"]
    assert find_recordings(tmp_path, "two") == [tmp_path / "deep/inside/novel-1"]
    described = tmp_path / "novel-1" / "page.json"
    described.write_text(described.read_text().replace('"source": "one"', '"of": "one"'))
    assert len(find_recordings(tmp_path, "two")) == 2  # reported, not lost
    with pytest.raises(UnreadableRecording, match="does not say whose page it is") as caught:
        read_recording(tmp_path / "novel-1")
    assert '"source": "example"' in caught.value.hint


def test_the_context_of_a_page_is_recorded(tmp_path: Path) -> None:
    given = replace(page(), context={"volume": "One", "count": 3})
    place = Recording("novel-1", "tablesite", given).write(tmp_path)
    assert read_recording(place).page.context == {"volume": "One", "count": 3}


def test_what_is_recorded_is_what_is_read_again(tmp_path: Path) -> None:
    """A date relative to the time of the fetch has no fraction of a second that a replay lacks."""
    fetched = datetime(2026, 3, 4, 5, 6, 7, 891, UTC)
    given = replace(page(), fetched_at=fetched, headers={"set-cookie": "a=b", "etag": '"1"'})
    kept = as_recorded(given)
    Recording("novel", "tablesite", given).write(tmp_path)
    assert read_recording(tmp_path / "novel").page == kept
    assert (kept.fetched_at.microsecond, kept.headers) == (0, {"etag": '"1"'})
