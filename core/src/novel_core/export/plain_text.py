"""Plain text: one line for each paragraph, to be wrapped by the reader's program."""

from __future__ import annotations

from collections.abc import Iterator

from novel_core.content import to_text
from novel_core.export import wording
from novel_core.export.book import Entry, Gap, Part
from novel_core.export.export_context import ExportContext
from novel_core.export.reading import Text
from novel_core.export.tree import legal

_BREAK = "\n\n\n"
_RULE = "* * *"


def text_pieces(context: ExportContext) -> Iterator[bytes]:
    return (legal(piece).encode() for piece in _pieces(context))


def _pieces(context: ExportContext) -> Iterator[str]:
    book = context.book
    front = [_underlined(book.full_title, "="), wording.by_line(book), book.url]
    front.append(to_text(book.description_html, width=None))
    front.append("\n".join(f"{name}: {value}" for name, value in wording.facts(book)))
    yield _joined(front)
    for item, text in context.items():
        yield _BREAK + _item(item, text)
    yield "\n"


def _item(item: Part | Gap | Entry, text: Text) -> str:
    if isinstance(item, Part):
        return _underlined(item.title, "=")
    return _gap(item) if isinstance(item, Gap) else _chapter(item, text)


def _underlined(title: str, mark: str) -> str:
    return f"{title}\n{mark * min(len(title), 72)}"


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(block for block in blocks if block)


def _gap(gap: Gap) -> str:
    lines = (f"- {entry.title} ({wording.reason(entry)})" for entry in gap.entries)
    return _joined([_underlined(wording.gap_title(gap.entries), "-"), "\n".join(lines)])


def _chapter(entry: Entry, text: Text) -> str:
    blocks = [_underlined(entry.title, "-")]
    if entry.is_removed:
        blocks.append(f"[{wording.REMOVED}]")
    if before := to_text(text.note_before_html, width=None):
        blocks += [f"[{wording.NOTE}]", before, _RULE]
    blocks.append(to_text(text.content_html, width=None))
    if after := to_text(text.note_after_html, width=None):
        blocks += [_RULE, f"[{wording.NOTE}]", after]
    return _joined(blocks)
