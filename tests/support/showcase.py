"""A library to look at: a few novels, and one chapter with everything that a text may hold."""

from __future__ import annotations

import io
import zlib
from datetime import UTC, datetime

from PIL import Image, ImageDraw
from workbench import Workbench

from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

#: In the library from the beginning; the first one has a revised, a locked and a removed chapter.
FICTIONS = (11, 12, 13, 14, 15, 16, 17)
#: At the site only.
NEW = 42
BARE = 18
#: A fiction the site does not have.
NOWHERE = 999

RICH = [
    "<p>The harbour bell rang twice, which meant fog, and then a third time, which meant nothing at all.</p>",
    "<p>“We could wait,” said <em>Ansel</em>, who never could. He had counted the boats: <strong>nine</strong> by the wall, one adrift, and the one that had no business being there.</p>",
    "<table><tr><th>Boat</th><th>Owner</th><th>Knots</th></tr><tr><td>Patience</td><td>Widow Marl</td><td>14</td></tr><tr><td>The Other Boat</td><td>nobody</td><td>0</td></tr></table>",
    '<p style="text-align: center">* * *</p>',
    "<blockquote><p>Whoever finds this: the key is where the tide was, and I am where the key was.</p></blockquote>",
    '<div class="spoiler"><p>It was the lighthouse keeper all along.</p></div>',
    "<details><summary>Spoiler</summary><p>The lamp was never lit.</p></details>",
    '<p style="color: #c22">A red warning,</p><p style="color: #2a7; background-color: #9cf">a green answer on blue,</p><p style="background-color: #000; color: #fff">and night.</p>',
    '<p>A picture: <img src="https://i.imgur.com/boat.png" alt="a small boat"> and a link to <a href="https://harbour.example/tides">the tides</a>.</p>',
    "<p>They rowed out when the bell had stopped. Nobody spoke until the wall was a line, and the line a thought, and after that there was only the sound of the oars and of Ansel, not waiting.</p>",
    *[
        f"<p>The tide turned for the {word} time, and each time it took a little more of the jetty with it, and left a little less of the evening. Ansel wrote it down in the book that was kept for such things.</p>"
        for word in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    ],
]


def fictions() -> list[Fiction]:
    made = [Fiction.generate(number, chapters=14) for number in FICTIONS]
    for fiction, title in zip(made, TITLES, strict=True):
        fiction.title = title
    first = made[0].chapters[0]
    first.title = "The Harbour Bell"
    first.paragraphs = RICH
    first.note_before = "<p>Thank you for all the letters about the lighthouse.</p>"
    first.note_after = "<p>The next one comes on Friday, tide permitting.</p>"
    made[0].lock(made[0].chapters[12].id)
    return [*made, Fiction.bare(BARE), Fiction.generate(NEW, chapters=20)]


TITLES = (
    "The Harbour at the Edge of the Map",
    "Small Gods of the Night Market",
    "An Apprentice of Rain",
    "Salt, Thread and Iron",
    "The Third Daughter of the Cartographer",
    "Nobody Lives on Lantern Street",
    "A Field Guide to Patient Monsters",
)


class PaintedLibrary(Library):
    """With covers that are nicer to look at than one flat tone."""

    def image(self, path: str) -> bytes:
        tone = zlib.crc32(path.partition("?")[0].encode())
        top, bottom = (_colour(tone >> shift) for shift in (0, 9))
        picture = Image.linear_gradient("L").resize((200, 300))
        painted = Image.composite(
            Image.new("RGB", (200, 300), bottom), Image.new("RGB", (200, 300), top), picture
        )
        draw = ImageDraw.Draw(painted)
        moon = 25 + tone % 30
        left, height = 30 + tone % 100, 40 + (tone >> 7) % 70
        draw.ellipse((left, height, left + moon, height + moon), fill=(250, 240, 215))
        for wave in range(4):
            base = 205 + wave * 26
            crest = [
                (x, base + int(9 * ((x // 20 + wave + tone) % 3 - 1))) for x in range(0, 221, 20)
            ]
            draw.polygon(
                [*crest, (220, 300), (0, 300)], fill=_colour(tone >> (3 + wave), 0.5 - wave / 10)
            )
        written = io.BytesIO()
        painted.save(written, "JPEG" if path.partition("?")[0].endswith(".jpg") else "PNG")
        return written.getvalue()


def _colour(tone: int, light: float = 0.8) -> tuple[int, int, int]:
    return tuple(int((70 + (tone >> shift) % 110) * light) for shift in (0, 4, 8))  # type: ignore[return-value]


def fill(bench: Workbench, site: LookalikeServer) -> None:
    """Ingest them all, one of them twice, and fail once."""
    for number in (*FICTIONS[::-1], BARE):
        bench.ingest(f"https://www.royalroad.com/fiction/{number}")
    bench.ingest(f"https://www.royalroad.com/fiction/{NOWHERE}")
    first = site.library.fictions[FICTIONS[0]]
    changed = list(first.chapters[0].paragraphs)
    changed[0] = changed[0].replace("nothing at all", "that somebody was ringing it")
    changed[4:4] = ["<p>The fog had an opinion about all this.</p>"]
    first.chapters[0].paragraphs = changed
    first.chapters[0].edited = datetime(2026, 11, 2, tzinfo=UTC)
    first.remove(first.chapters[3].id)
    first.add_chapter("The Tide Table")
    bench.ingest(first.url, recheck=200)
    slug = bench.rows("SELECT slug FROM novels WHERE title = :title", title=TITLES[0])[0][0]
    bench.write(
        "INSERT INTO watches (novel_id, interval, due_at)"
        " SELECT id, 86400, now() + interval '7 hours' FROM novels WHERE slug = :slug",
        slug=slug,
    )
