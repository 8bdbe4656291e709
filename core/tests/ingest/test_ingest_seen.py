"""What a reader sees of a text is what is kept and compared, through the whole pipeline."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from PIL import Image
from toysite import ToySite, ToyWork
from workbench import Workbench

from novel_core import content

URL = "https://toy.example/works/1"
PARAGRAPHS = [
    "The clock stood still.",
    "Nobody came to wind it.",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "A \u2764\ufe0f, she said.",
]


def protected(address: str, key: int) -> str:
    return bytes([key, *(byte ^ key for byte in address.encode())]).hex()


def dressed(text: str, number: int) -> str:
    """A response as sites against copying make it: another one each time, the same to a reader."""
    mark = hashlib.sha256(f"{number}".encode()).hexdigest()
    key = number % 200 + 1
    hidden = [
        f'<p class="c{mark[:12]}">Stolen from toy.example, copy {mark[:6]}.</p>',
        f'<p style="position:absolute;left:-{9000 + number}px">Copy {mark[6:9]}.</p>',
        f'<span style="opacity:0">Read it at {mark[9:12]}.</span>',
        f'<div style="height:0;overflow:hidden">{mark}</div>',
        f'<p style="font-size:0">{mark}</p>',
    ]
    style = f"<style>.c{mark[:12]} {{ display: none }} .x{mark[12:20]} {{ color: red }}</style>"
    dots = "\u200b\u2060\ufeff\u200c\u00ad"
    parts = []
    for place, words in enumerate(PARAGRAPHS):
        dot = dots[(number + place) % len(dots)]
        marked = words[:3] + dot + words[3:] if words.isascii() else words
        attributes = [f'class="x{mark[place:8]}"', f'id="p{mark[:6]}{place}"', 'dir="auto"']
        shift = (number + place) % 3
        written = " ".join([*attributes[shift:], *attributes[:shift]])
        parts.append(
            f"<p {written}>{marked}</p>{hidden[(number + place) % len(hidden)]}"
            + " \n" * (number % 4)
        )
        parts.append("<p></p>" * ((number + place) % 3))
    mail = f'<p>Mail <a href="/cdn-cgi/l/email-protection#{protected("ada@fern.example", key)}"><span class="__cf_email__" data-cfemail="{protected("ada@fern.example", key)}">[email&#160;protected]</span></a></p>'
    picture = f'<img src="https://img.toy.example/map.png?token={mark}" alt="Map">'
    return f"{style}{text}{''.join(parts)}{mail}{picture}"


def test_a_text_that_looks_the_same_is_the_same(bench: Workbench, site: ToySite) -> None:
    site.dress = dressed
    bench.ingest(URL)
    first = bench.read(URL, "1").content_html
    assert "Stolen" not in first
    assert "Copy" not in first
    assert all(words in first.replace("\u00ad", "") for words in PARAGRAPHS)
    assert "ada@fern.example" in first
    for _ in range(3):
        job = bench.ingest(URL, recheck="all")
        assert (job.chapters["unchanged"], job.chapters["changed"]) == (5, 0)
    site.dress = lambda text, number: dressed(text + "<p>A new line.</p>", number)
    assert bench.ingest(URL, recheck="all").chapters["changed"] == 5


@pytest.mark.parametrize(
    "before", ["<p>Text of <font color='red'>chapter</font> 1.</p>", "<p>Old.</p>"]
)
def test_texts_of_the_sanitiser_before_are_read_again(bench: Workbench, before: str) -> None:
    """Rows as an earlier version has left them: its HTML, its fingerprint, its number."""
    bench.ingest(URL)
    bench.write(
        "UPDATE chapter_texts SET parser_version = '1+1', content_html = :html, fingerprint = 'old'",
        html=before,
    )
    job = bench.ingest(URL, recheck="all")
    assert (job.chapters["unchanged"], job.chapters["changed"]) == (5, 0)
    assert bench.read(URL, "1").content_html == "<p>Text of chapter 1.</p>"
    versions = {row[0] for row in bench.rows("SELECT parser_version FROM chapter_texts")}
    assert versions == {f"1+{content.VERSION}"}
    assert bench.value("SELECT max(version) FROM chapter_texts") == 1


def test_a_picture_inside_a_text_is_archived_once(bench: Workbench, work: ToyWork) -> None:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(written, "PNG")
    code = base64.b64encode(written.getvalue()).decode()
    work.chapters[0].parts = [f'<p>Map: <img alt="map" src="data:image/png;base64,{code}"></p>']
    job = bench.ingest(URL)
    assert job.chapters["failed"] == 0
    [[url, body]] = bench.rows("SELECT requested_url, body FROM pages WHERE kind = 'image'")
    assert bytes(body) == written.getvalue()
    assert f'<img alt="map" src="{url}">' in bench.read(URL, "1").content_html
    bench.ingest(URL, recheck="all", force=True)
    assert bench.value("SELECT count(*) FROM pages WHERE kind = 'image'") == 1


def test_what_is_left_out_is_told(bench: Workbench, work: ToyWork) -> None:
    work.chapters[0].parts = ["<p>A</p><svg><path d='M0 0h9'/></svg>"]
    job = bench.ingest(URL)
    told = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert told == [f"{URL}/1: a drawing (SVG) was left out"]
