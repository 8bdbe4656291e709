"""Markdown, as CommonMark with tables reads it. Pictures stay where they are on the web."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdownify import MarkdownConverter

from novel_core.content import to_text
from novel_core.export import wording
from novel_core.export.book import Entry, Gap
from novel_core.export.fitting import fit
from novel_core.export.links import web_address
from novel_core.export.material import Material
from novel_core.export.reading import Text
from novel_core.export.tree import as_html, legal, parse

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_MANY_BREAKS = re.compile(r"\n{3,}")


def markdown_pieces(material: Material) -> Iterator[bytes]:
    return (legal(piece).encode() for piece in _Writer(material).pieces())


class _Converter(MarkdownConverter):
    """What markdownify has no word for: spoilers, which Markdown takes as HTML, and readings above words."""

    def convert_details(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its hook
        if el.find("summary", recursive=False) is None:
            text = f"<summary>Spoiler</summary>\n\n{text.strip()}"
        return f"\n\n<details>\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its hook
        words = " ".join(el.get_text(" ").split()) or "Spoiler"
        return f"<summary>{words.replace('&', '&amp;').replace('<', '&lt;')}</summary>\n\n"

    def convert_rt(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its hook
        return f"({text})" if text.strip() else ""

    def convert_rp(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its hook
        return ""


_CONVERTER = _Converter(
    heading_style="ATX",
    bullets="-",
    escape_misc=True,
    newline_style="backslash",
    sub_symbol="<sub>",
    sup_symbol="<sup>",
    table_infer_header=True,
    wrap=False,
)


def to_markdown(html: str) -> str:
    """Sanitised HTML as Markdown.

    >>> to_markdown("<p>One <em>two</em> *three*</p><hr>")
    'One *two* \\\\*three\\\\*\\n\\n---'
    """
    try:
        converted: str = _CONVERTER.convert(html)
    except RecursionError:  # nested hundreds deep, as no text is that is meant to be read
        converted = escaped(to_text(html, width=None))
    return _MANY_BREAKS.sub("\n\n", converted).strip()


def escaped(words: str) -> str:
    """One line of text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", words)


class _Writer:
    def __init__(self, material: Material) -> None:
        self._material = material
        self._has_parts = any(part.volume for part in material.book.parts)

    def pieces(self) -> Iterator[str]:
        yield self._front()
        texts = self._material.texts()
        for part in self._material.book.parts:
            if part.volume is not None:
                yield f"\n\n## {escaped(part.title)}"
            for item in part.items:
                if isinstance(item, Gap):
                    yield "\n\n" + self._gap(item)
                    continue
                yield "\n\n" + self._chapter(*next(texts))
        next(texts, None)  # the last chapter counts when the next is asked for
        yield "\n"

    def _front(self) -> str:
        book = self._material.book
        facts = "\n".join(
            f"- **{name}:** {self._fact(name, value)}" for name, value in wording.facts(book)
        )
        blocks = [f"# {escaped(book.full_title)}", escaped(wording.by_line(book))]
        return "\n\n".join(
            block for block in [*blocks, self._saved(book.description_html, None), facts] if block
        )

    def _fact(self, name: str, value: str) -> str:
        address = web_address(self._material.book.url) if name == "Source" else None
        return f"[{escaped(value)}]({address})" if address else escaped(value)

    def _heading(self, title: str) -> str:
        return f"{'###' if self._has_parts else '##'} {escaped(title)}"

    def _gap(self, gap: Gap) -> str:
        lines = (f"- {escaped(entry.title)} ({wording.reason(entry)})" for entry in gap.entries)
        return self._heading(wording.gap_title(gap.entries)) + "\n\n" + "\n".join(lines)

    def _chapter(self, entry: Entry, text: Text) -> str:
        blocks = [self._heading(entry.title)]
        if entry.is_removed:
            blocks.append(f"*{wording.REMOVED}*")
        if text.note_before_html.strip():
            blocks += [f"**{wording.NOTE}**", self._saved(text.note_before_html, entry), "---"]
        blocks.append(self._saved(text.content_html, entry))
        if text.note_after_html.strip():
            blocks += ["---", f"**{wording.NOTE}**", self._saved(text.note_after_html, entry)]
        return "\n\n".join(blocks)

    def _saved(self, html: str, here: Entry | None) -> str:
        root = parse(html)
        self._material.links.rewrite(root, here, lambda entry: entry.url)
        fit(root)
        return to_markdown(as_html(root))
