"""A novel as one Markdown text. Pictures link to the web."""

from __future__ import annotations

from collections.abc import Iterator

from novel_core.export import wording
from novel_core.export.book import Entry, Gap, Part
from novel_core.export.export_context import ExportContext
from novel_core.export.markdown.blocks import to_markdown
from novel_core.export.markdown.escaping import escaped_line, target
from novel_core.export.reading import Text
from novel_core.export.tree import Element, legal


def markdown_pieces(context: ExportContext) -> Iterator[bytes]:
    return (legal(piece).encode() for piece in _Writer(context).pieces())


class _Writer:
    def __init__(self, context: ExportContext) -> None:
        self._material = context
        self._has_parts = any(part.volume for part in context.book.parts)

    def pieces(self) -> Iterator[str]:
        yield self._front()
        for item, text in self._material.items():
            yield "\n\n" + self._item(item, text)
        yield "\n"

    def _item(self, item: Part | Gap | Entry, text: Text) -> str:
        if isinstance(item, Part):
            return f"## {escaped_line(item.title)}"
        return self._gap(item) if isinstance(item, Gap) else self._chapter(item, text)

    def _front(self) -> str:
        book = self._material.book
        facts = "\n".join(
            f"- **{name}:** {self._fact(name, value)}" for name, value in wording.facts(book)
        )
        blocks = [f"# {escaped_line(book.full_title)}", escaped_line(wording.by_line(book))]
        return "\n\n".join(
            block for block in [*blocks, self._saved(book.description_html, None), facts] if block
        )

    def _fact(self, name: str, value: str) -> str:
        address = target(self._material.book.url) if name == "Source" else None
        return f"[{escaped_line(value)}]({address})" if address else escaped_line(value)

    def _heading(self, title: str) -> str:
        return f"{'###' if self._has_parts else '##'} {escaped_line(title)}"

    def _gap(self, gap: Gap) -> str:
        lines = (
            f"- {escaped_line(entry.title)} ({wording.reason(entry)})" for entry in gap.entries
        )
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
        def rewrite(root: Element) -> None:
            self._material.links.rewrite(root, here, lambda entry: entry.url)

        return to_markdown(html, rewrite)
