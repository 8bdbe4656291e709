"""Royal Road pages of our own text, from the templates beside the plugin's tests."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novel_core.page import Page
from novel_core.source import PageKind

TEMPLATES = Path(__file__).parents[2] / "plugins" / "royalroad" / "tests" / "pages"
FICTION = "https://www.royalroad.com/fiction/4711/the-lamplighter"
CHAPTER = f"{FICTION}/chapter/901/dusk"
COVER = "https://www.royalroadcdn.com/public/covers-large/4711-the-lamplighter.jpg?time=1"
SENTENCE = "Stolen story; please report."

JSON_LD = {
    "@context": "https://schema.org",
    "@type": "Book",
    "name": "The Lamplighter",
    "description": "\u003cp\u003eLight.\u003c/p\u003e",
    "author": {"@type": "Person", "name": "Ada Wick"},
    "datePublished": "2020-07-19T16:26:01+00:00",
    "dateModified": "2026-10-07T19:34:06+00:00",
    "inLanguage": "en-US",
}


def fill(template: str, **slots: str) -> str:
    """The template with its `<<slots>>` filled."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, value in slots.items():
        text = text.replace(f"<<{name}>>", value)
    return text


def page(body: str | bytes, kind: PageKind, url: str, **options: Any) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return Page(url=url, kind=kind, body=data, **options)


def index(body: str | bytes, **options: Any) -> Page:
    return page(body, PageKind.INDEX, options.pop("url", FICTION), **options)


def chapter(body: str | bytes, **options: Any) -> Page:
    return page(body, PageKind.CHAPTER, options.pop("url", CHAPTER), **options)


@dataclass(frozen=True)
class Row:
    """A chapter as both lists of the fiction page show it."""

    id: int
    title: str
    unixtime: int = 1595175961
    date: str | None = "2020-07-19T16:26:01Z"
    volume: int | None = None
    order: int | None = None
    unlocked: bool = True
    visible: int = 1
    url: str | None = ""

    @property
    def link(self) -> str | None:
        return (
            f"/fiction/4711/the-lamplighter/chapter/{self.id}/slug" if self.url == "" else self.url
        )

    def script(self, position: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "volumeId": self.volume,
            "title": self.title,
            "slug": "slug",
            "date": self.date,
            "order": position if self.order is None else self.order,
            "visible": self.visible,
            "subscriptionTiers": None,
            "doesNotRollOver": False,
            "isUnlocked": self.unlocked,
            "hiddenCount": None,
            "url": self.link,
        }

    def table(self, position: int) -> str:
        volume = "null" if self.volume is None else self.volume
        title = html.escape(self.title)
        return f"""
        <tr style="cursor: pointer" data-url="{self.link}" data-volume-id="{volume}" class="chapter-row">
            <td><a href="{self.link}">
                {title}
            </a></td>
            <td data-content="{position}" class="text-right"><a href="{self.link}">
                <time unixtime="{self.unixtime}" format="agoshort">a while </time> ago</a></td>
        </tr>"""


def table(rows: list[Row], declared: int | None = None) -> str:
    claimed = len(rows) if declared is None else declared
    body = "".join(row.table(position) for position, row in enumerate(rows))
    return (
        f'<table class="table no-border" id="chapters" data-chapters="{claimed}"><thead><tr><th>Chapter Name</th>'
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def script(rows: list[Row], volumes: list[dict[str, Any]] | None = None, cover: str = COVER) -> str:
    listed = json.dumps([row.script(position) for position, row in enumerate(rows)])
    escaped = listed.replace("'", "\\u0027").replace("<", "\\u003C")
    return f"""<script>
        window.fictionCover = {json.dumps(cover)};
        window.paidChapterDisplay = "obfuscate";
        window.chapters = {escaped};

        window.volumes = {json.dumps(volumes or [])};
        window.readingProgress = null;
    </script>"""


def tag(name: str, slug: str) -> str:
    return (
        '<a class="label label-default label-sm bg-blue-dark fiction-tag" '
        f'href="/fictions/search?tagsAdd={slug}">{name}</a>'
    )


ROWS = [Row(901, "Dusk"), Row(902, "Night"), Row(903, "Dawn")]


def fiction(rows: list[Row] | None = None, **slots: str) -> str:
    """A fiction's page; any slot can be given."""
    rows = ROWS if rows is None else rows
    filled = {
        "title": "The Lamplighter",
        "author": '<a href="/profile/12" class="font-white">Ada Wick</a>',
        "cover": COVER,
        "json_ld": f'<script type="application/ld+json">{json.dumps(JSON_LD)}</script>',
        "type": "Original",
        "status": "ONGOING",
        "tags": tag("LitRPG", "litrpg") + tag("Portal Fantasy / Isekai", "summoned_hero"),
        "warnings": "",
        "description": "<p>Light after <em>light</em>.</p>",
        "statistics": fill("statistics.html"),
        "declared": str(len(rows)),
        "next_chapter": "",
        "table": table(rows),
        "script": script(rows),
        **slots,
    }
    return fill("fiction.html", **filled)


def mark(seed: str) -> str:
    """The class of a hidden sentence, another one for each seed."""
    return base64.b64encode(f"r{hashlib.md5(seed.encode()).hexdigest()}".encode()).decode()


def paragraph_mark(seed: str) -> str:
    return base64.b64encode(f"rs{hashlib.md5(seed.encode()).hexdigest()[:31]}".encode()).decode()


def rule(name: str) -> str:
    return f"\n            .{name}{{\n                display: none;\n                speak: never;\n            }}\n"


def hidden(seed: str = "a", sentence: str = SENTENCE) -> str:
    return f'<span class="{mark(seed)}"><br>{sentence}<br></span>'


def note(text: str) -> str:
    return (
        '<div class="portlet solid author-note-portlet"><div class="portlet-title"><div class="caption">'
        '<span class="caption-subject bold uppercase">A note from Ada Wick</span></div></div>'
        f'<div class="portlet-body author-note">{text}</div></div>'
    )


def chapter_html(prose: str, **slots: str) -> str:
    """A chapter's page with `prose` as its text; the slot `content` replaces the text and its box."""
    filled = {
        "canonical": f'<link rel="canonical" href="{CHAPTER}"/>',
        "style": rule(mark("a")),
        "title": "Dusk",
        "before": "",
        "after": "",
        "edited": "",
        "content": f'<div class="chapter-inner chapter-content">\n{prose}\n</div>',
        **slots,
    }
    return fill("chapter.html", **filled)
