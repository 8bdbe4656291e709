"""Saved HTML as plain text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from novel_core.content.frames import Frame, Table
from novel_core.content.layout import columns, wrap
from novel_core.document import Element, fragment
from novel_core.document.elements import names

_SPACE = re.compile(r"[ \t\r\n\f]+")
_RULE = "* * *"
# Empty columns that a spanning cell may have in plain text.
_MAX_SPAN = 40
_PARAGRAPHS = names("""
    p div h1 h2 h3 h4 h5 h6 section article aside header footer main nav address figure figcaption caption dl dt
    """)
_INDENTS = {"blockquote": "    ", "dd": "    "}


def to_text(html: str, *, width: int | None = 80) -> str:
    """Sanitised `html` as readable plain text, wrapped at `width` cells (None: one line for each
    paragraph).

    >>> print(to_text("<p>One <em>two</em></p><hr><ul><li>three</li></ul>"))
    One two
    <BLANKLINE>
    * * *
    <BLANKLINE>
    - three
    """
    reader = _Reader(width)
    reader.read(fragment(html))
    return reader.text()


_Attributes = Mapping[str, str | None]


class _Reader:
    def __init__(self, width: int | None) -> None:
        self.frame = Frame(width)
        self.inline: list[str] = []
        self.tables: list[Table] = []
        self.lists: list[int | None] = []
        # Whether line breaks in a text are the author's.
        self.kept = [False]
        self.pre = 0
        self.in_summary = False
        # A <details> has begun and its caption follows.
        self.unlabelled = False
        self.silent = 0
        self.spans: list[int] = []

    def text(self) -> str:
        self.break_block()
        return "\n".join(self.frame.lines)

    def read(self, root: Element) -> None:
        """Read everything inside `root`, element by element, at any depth."""
        node = root.first_child
        depth = 0
        while node is not None:
            if node.is_text_node:
                self.data(node.text_content or "")
            elif node.is_element_node:
                self.start(str(node.tag), node.attributes)
                if node.first_child is not None:
                    node = node.first_child
                    depth += 1
                    continue
                self.end(str(node.tag))
            while node.next is None and depth and node.parent is not None:
                node = node.parent
                depth -= 1
                self.end(str(node.tag))
            node = node.next

    def start(self, tag: str, values: _Attributes) -> None:
        self.kept.append(self.kept[-1] or "pre-wrap" in (values.get("class") or ""))
        if self.unlabelled and tag != "summary":
            self.end_summary()
        if tag in _PARAGRAPHS or tag in _INDENTS:
            self.break_block()
        if tag in _INDENTS:
            self.frame.prefixes.append(_INDENTS[tag])
        handler = _STARTS.get(tag)
        if handler is not None:
            handler(self, values)

    def end(self, tag: str) -> None:
        self.kept.pop()
        if tag in _PARAGRAPHS or tag in _INDENTS:
            self.break_block()
        if tag in _INDENTS:
            self.frame.prefixes.pop()
        handler = _ENDS.get(tag)
        if handler is not None:
            handler(self)

    def data(self, data: str) -> None:
        if self.silent:
            return
        if self.unlabelled and not self.in_summary and data.strip():
            self.end_summary()
        if self.pre or self.kept[-1]:
            self.inline.append(data)
        else:
            self.inline.append(_SPACE.sub(" ", data))

    def break_line(self) -> None:
        """Write what is pending, without a blank line after it."""
        if self.in_summary:
            self.inline.append(" ")
            return
        raw = "".join(self.inline).replace("\xa0", " ")
        self.inline.clear()
        lines = raw.split("\n")
        if self.pre:
            while lines and not lines[-1].strip():
                lines.pop()
            self.frame.add([line.rstrip() for line in lines])
            return
        lines = [_SPACE.sub(" ", line).strip(" \u200b") for line in lines]
        if not any(lines):
            return
        while not lines[-1]:
            lines.pop()
        room = self.frame.room()
        self.frame.add([part for line in lines for part in wrap(line, room)])

    def break_block(self) -> None:
        self.break_line()
        self.frame.gap = not self.lists or bool(self.frame.gap)

    def write_block(self, lines: list[str]) -> None:
        self.break_block()
        self.frame.gap = True
        self.frame.add(lines)
        self.frame.gap = True

    # Elements with a meaning of their own.

    def start_image(self, values: _Attributes) -> None:
        alt = " ".join((values.get("alt") or "").split())
        self.inline.append(f"[image: {alt}]" if alt else "[image]")

    def start_pre(self, _: _Attributes) -> None:
        self.break_block()
        self.pre += 1

    def end_pre(self) -> None:
        self.break_line()
        self.frame.gap = True
        self.pre -= 1

    def start_list(self, values: _Attributes, number: int | None = None) -> None:
        self.break_block()
        if number is not None and _is_number(values.get("start")):
            number = int(values["start"] or 1)
        self.lists.append(number)

    def end_list(self) -> None:
        self.break_line()
        self.lists.pop()
        self.frame.gap = not self.lists

    def start_item(self, values: _Attributes) -> None:
        self.break_line()
        mark = "- "
        if self.lists and (number := self.lists[-1]) is not None:
            if _is_number(values.get("value")):
                number = int(values["value"] or 1)
            mark = f"{number}. "
            self.lists[-1] = number + 1
        self.frame.first_prefix = "".join(self.frame.prefixes) + mark
        self.frame.prefixes.append(" " * len(mark))

    def end_item(self) -> None:
        self.break_line()
        self.frame.first_prefix = None
        self.frame.prefixes.pop()

    def start_details(self, _: _Attributes) -> None:
        self.break_block()
        self.unlabelled = True

    def start_summary(self, _: _Attributes) -> None:
        self.break_line()
        self.in_summary = True
        self.unlabelled = False

    def end_summary(self) -> None:
        self.in_summary = self.unlabelled = False
        caption = " ".join("".join(self.inline).split())
        self.inline.clear()
        label = "[Spoiler]" if caption.lower() in {"", "spoiler"} else f"[Spoiler: {caption}]"
        self.write_block([label])
        self.frame.prefixes.append("  ")

    def end_details(self) -> None:
        if self.unlabelled:
            self.end_summary()
        self.break_block()
        self.frame.prefixes.pop()
        self.frame.gap = True

    def start_table(self, _: _Attributes) -> None:
        self.break_block()
        self.tables.append(Table(self.frame))

    def start_row(self, _: _Attributes) -> None:
        self.tables[-1].rows.append([])

    def start_cell(self, values: _Attributes) -> None:
        span = values.get("colspan") or "1"
        self.spans.append(min(int(span), _MAX_SPAN) if span.isdecimal() else 1)
        self.frame = Frame(None)

    def end_cell(self) -> None:
        self.break_block()
        table = self.tables[-1]
        lines = [line for line in self.frame.lines if line]
        table.rows[-1] += ["\n".join(lines), *[""] * (self.spans.pop() - 1)]
        self.frame = table.outer

    def end_table(self) -> None:
        table = self.tables.pop()
        rows = [row for row in table.rows if any(row)]
        if rows:
            self.write_block(columns(rows, self.frame.room()))

    def start_silence(self, _: _Attributes) -> None:
        self.silent += 1

    def end_silence(self) -> None:
        self.silent -= 1


def _is_number(value: str | None) -> bool:
    return bool(value) and str(value).lstrip("-").isdecimal()


def _says(text: str) -> Callable[..., None]:
    """A handler that writes `text` in place of the tag."""

    def write(reader: _Reader, _: _Attributes | None = None) -> None:
        reader.inline.append(text)

    return write


_STARTS: dict[str, Callable[[_Reader, _Attributes], None]] = {
    "br": _says("\n"),
    "q": _says("\u201c"),
    # The parentheses are added here, whether the author wrote some or not.
    "rp": _Reader.start_silence,
    "rt": _says("("),
    "hr": lambda reader, _: reader.write_block([_RULE]),
    "img": _Reader.start_image,
    "pre": _Reader.start_pre,
    "ul": _Reader.start_list,
    "ol": lambda reader, values: reader.start_list(values, 1),
    "li": _Reader.start_item,
    "details": _Reader.start_details,
    "summary": _Reader.start_summary,
    "table": _Reader.start_table,
    "tr": _Reader.start_row,
    "td": _Reader.start_cell,
    "th": _Reader.start_cell,
}
_ENDS: dict[str, Callable[[_Reader], None]] = {
    "q": _says("\u201d"),
    "rp": _Reader.end_silence,
    "rt": _says(")"),
    "pre": _Reader.end_pre,
    "ul": _Reader.end_list,
    "ol": _Reader.end_list,
    "li": _Reader.end_item,
    "summary": _Reader.end_summary,
    "details": _Reader.end_details,
    "table": _Reader.end_table,
    "td": _Reader.end_cell,
    "th": _Reader.end_cell,
}
