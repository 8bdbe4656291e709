"""Saved HTML as blocks of Markdown, read once from beginning to end, at any depth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from lxml import etree

from novel_core.document.elements import names
from novel_core.export.markdown import marks
from novel_core.export.markdown.escaping import escaped, guarded, heading, target
from novel_core.export.markdown.line import (
    BREAK,
    CODE,
    RAW,
    WORDS,
    Link,
    Piece,
    as_html,
    lines_of,
    longest_backticks,
)
from novel_core.export.markdown.page import Lines
from novel_core.export.markdown.parts import Paragraph, parts
from novel_core.export.markdown.simple import simple_line
from novel_core.export.markdown.styles import style_of
from novel_core.export.markdown.table import Table
from novel_core.export.tree import Element, has_content, parse
from novel_core.export.xhtml_repair import repair_xhtml

_BLOCKS = names("""
    address article aside blockquote caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr
    li main nav ol p pre section summary table td th tr ul
    """)
#: Elements that may stand in a code block.
_CODE = names("br code kbd samp span wbr")
_LARGEST_NUMBER = 999_999_999


def to_markdown(html: str, rewrite: Callable[[Element], None] | None = None) -> str:
    """Sanitised HTML as Markdown. `rewrite` changes the links of a tree before it is read.

    >>> to_markdown("<p>One <em>two</em> *three*</p><hr>")
    'One *two* \\\\*three\\\\*\\n\\n---'
    """
    writer = _Writer()
    for part in parts(html):
        if isinstance(part, Paragraph):
            writer.paragraph(part.line)
        elif part == "<hr>":
            writer.rule()
        else:
            root = parse(part)
            if rewrite is not None:
                rewrite(root)
            repair_xhtml(root)
            _read_all(writer, root)
    writer.flush()
    return "\n".join(writer.page.lines).strip("\n")


def _read_all(writer: _Writer, root: Element) -> None:
    """Read everything below `root`, a repaired tree."""
    if root.text:
        writer.words(root.text)
    for one in root:
        _read(writer, one)
        if one.tail:
            writer.words(one.tail)


def _read(writer: _Writer, top: Element) -> None:
    """Read `top` with its content, without the text after it."""
    starts, ends = writer.starts, writer.ends
    for event, one in etree.iterwalk(top, events=("start", "end")):
        tag = one.tag
        if event == "start":
            writer.open(one, tag)
            if tag in starts:
                starts[tag](one)
            if one.text:
                writer.words(one.text)
        else:
            if tag in ends:
                ends[tag](one)
            writer.close(tag)
            if one.tail and one is not top:
                writer.words(one.tail)


@dataclass(slots=True)
class _List:
    """A list. `number` is that of the next item."""

    number: int | None
    mark: str
    step: int
    is_begun: bool = False


class _Writer:
    def __init__(self) -> None:
        self.page = Lines()
        self._pieces: list[Piece] = []
        self._styles = [0]
        self._keeps_lines = [False]  # as `white-space: pre-wrap` does
        self._shown = ~0  # the emphasis that is written
        self._link: Link | None = None
        self._is_code = False
        self._lists: list[_List] = []
        self._last_mark = ""  # of the list that has just ended, with nothing after it
        self._table = Table()
        self._cells = 0  # that are open, one within the other
        self._item_mark = ""  # of an item that begins in a cell
        self._pre = False  # within a code block
        self._in_summary = False
        self.starts = self._starts()
        self.ends = self._ends()

    def _starts(self) -> dict[str, Callable[[Element], None]]:
        return {
            "br": lambda _: self._add("", BREAK),
            "hr": lambda _: self.rule(),
            "img": self._image,
            "a": self._start_link,
            **dict.fromkeys(("code", "kbd", "samp"), self._start_code),
            "q": lambda _: self.words("\u201c"),
            "rt": lambda one: self.words("(" if has_content(one) else ""),
            "blockquote": self._start_quote,
            "dd": self._start_quote,
            "ul": self._start_list,
            "ol": self._start_list,
            "li": self._start_item,
            "pre": self._start_pre,
            "summary": self._start_summary,
            "tr": self._start_row,
            "td": self._start_cell,
            "th": self._start_cell,
        }

    def _ends(self) -> dict[str, Callable[[Element], None]]:
        return {
            **dict.fromkeys((f"h{level}" for level in range(1, 7)), self._end_heading),
            "a": self._end_link,
            **dict.fromkeys(("code", "kbd", "samp"), self._end_code),
            "q": lambda _: self.words("\u201d"),
            "rt": lambda one: self.words(")" if has_content(one) else ""),
            "blockquote": self._end_quote,
            "dd": self._end_quote,
            "ul": self._end_list,
            "ol": self._end_list,
            "li": self._end_item,
            "pre": self._end_pre,
            "summary": self._end_summary,
            "details": self._end_details,
            "td": self._end_cell,
            "th": self._end_cell,
            "table": self._end_table,
        }

    def open(self, one: Element, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        classes = one.get("class") or ""
        self._styles.append(style_of(self._styles[-1], tag, classes))
        self._keeps_lines.append(self._keeps_lines[-1] or "pre-wrap" in classes)

    def paragraph(self, line: str) -> None:
        """Write a simple paragraph that stands in no other element."""
        self.flush()
        if line:
            self._block([guarded(line)])

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        self._styles.pop()
        self._keeps_lines.pop()

    def words(self, text: str) -> None:
        if text == "\n" and not self._pieces and not self._pre and not self._in_summary:
            return  # between two blocks
        if self._keeps_lines[-1] and not self._pre and "\n" in text:
            first, *others = text.replace("  ", "\u00a0\u00a0").split("\n")
            self._add(first)
            for line in others:
                self._add("", BREAK)
                self._add(line)
        else:
            self._add(text)

    def _add(self, text: str, kind: int = WORDS) -> None:
        style = self._styles[-1] & self._shown
        if self._is_code and kind == WORDS:
            kind, style = CODE, style & ~marks.CODE
        self._pieces.append(Piece(text, kind, style, self._link))

    def flush(self) -> None:
        """Write the collected paragraph."""
        if not self._pieces or self._pre:
            return
        if self._in_summary:
            self._add(" ")
            return
        pieces, self._pieces = self._pieces, []
        line = simple_line(pieces)
        if self._cells:
            cell = lines_of(pieces, break_="<br>", in_cell=True) if line is None else [line]
            self._add_to_cell([one for one in cell if one])
            return
        for paragraph in lines_of(pieces) if line is None else filter(None, [line]):
            self._block([guarded(line) for line in paragraph.split("\n")])

    def _block(self, lines: list[str]) -> None:
        self._last_mark = ""
        self.page.add(lines)

    def _end_heading(self, one: Element) -> None:
        if self._cells or self._in_summary or self._pre:
            return
        pieces, self._pieces = self._pieces, []
        if line := " ".join(lines_of(pieces, break_=" ")):
            self._block([f"{'#' * int(one.tag[1])} {heading(line)}"])

    def rule(self) -> None:
        self.flush()
        if not self._cells:
            self._block(["___" if self.page.starts_item else "---"])

    def _image(self, one: Element) -> None:
        alt = " ".join(one.get("alt", "").split())
        address = target(one.get("src", ""), one.get("title", ""))
        if address is None:
            self.words(f"[image: {alt}]" if alt else "[image]")
        elif self._in_summary:
            self._add(f'<img src="{escape(one.get("src", ""))}" alt="{escape(alt)}">', RAW)
        else:
            self._add(f"![{escaped(alt)}]({address})", RAW)

    def _start_link(self, one: Element) -> None:
        href = one.get("href")
        self._link = Link(href, one.get("title", "")) if href else None

    def _end_link(self, _: Element) -> None:
        self._link = None

    def _start_code(self, one: Element) -> None:
        around = self._styles[-2] | ~self._shown
        self._is_code = not len(one) and not around & marks.CODE

    def _end_code(self, _: Element) -> None:
        self._is_code = False

    def _start_quote(self, _: Element) -> None:
        if not self._cells:
            self._last_mark = ""
            self.page.open_quote()

    def _end_quote(self, _: Element) -> None:
        self.flush()
        if not self._cells:
            self.page.close()

    def _start_list(self, one: Element) -> None:
        step = -1 if "reversed" in one.attrib else 1
        number: int | None = None
        if one.tag == "ol":
            number = _number(one.get("start"), len(one) if step < 0 else 1)
        around = self._lists[-1].mark if self._lists and self.page.starts_item else ""
        kinds = "-*" if number is None else ".)"
        mark = kinds[1] if kinds[0] in {self._last_mark, around} else kinds[0]
        self._lists.append(_List(number, mark, step))

    def _start_item(self, one: Element) -> None:
        current = self._lists[-1]
        is_first, current.is_begun = not current.is_begun, True
        if current.number is None:
            self._open_item(f"{current.mark} ", is_first=is_first)
            return
        number = _number(one.get("value"), current.number)
        if not is_first and (number != current.number or current.step < 0):
            # Only the first number of a list counts, so a number out of order begins another list.
            current.mark = "." if current.mark == ")" else ")"
            is_first = True
        current.number = number + current.step
        if 0 <= number <= _LARGEST_NUMBER:
            self._open_item(f"{number}{current.mark} ", is_first=is_first)
        else:
            self._open_item("- ", is_first=is_first)
            self.words(f"{number}. ")

    def _open_item(self, mark: str, *, is_first: bool) -> None:
        if self._cells:
            self._item_mark = mark
        else:
            self.page.open_item(mark, is_first=is_first)

    def _end_item(self, _: Element) -> None:
        self.flush()
        self._last_mark = self._item_mark = ""
        if not self._cells:
            self.page.close_item()

    def _end_list(self, _: Element) -> None:
        self._last_mark = self._lists.pop().mark

    def _start_pre(self, one: Element) -> None:
        """A code block has no emphasis or pictures; with any, its lines are a paragraph."""
        self._pre = not self._styles[-1] and all(
            inner.tag in _CODE and "class" not in inner.attrib for inner in one.iterdescendants()
        )
        self._keeps_lines[-1] = not self._pre
        self._shown = ~marks.CODE

    def _end_pre(self, _: Element) -> None:
        if not self._pre:
            self.flush()
        self._shown = ~0
        if not self._pre:
            return
        self._pre = False
        pieces, self._pieces = self._pieces, []
        text = "".join("\n" if piece.kind == BREAK else piece.text for piece in pieces)
        lines = text.rstrip().split("\n")
        if self._cells:
            for line in lines:
                self.words(line)
                self.flush()
        elif any(lines):
            fence = "`" * max(3, longest_backticks(text) + 1)
            self._block([fence, *lines, fence])

    def _start_summary(self, _: Element) -> None:
        self._in_summary = not self._cells

    def _end_summary(self, _: Element) -> None:
        if self._in_summary:
            pieces, self._pieces = self._pieces, []
            self._in_summary = False
            self._block(["<details>", f"<summary>{as_html(pieces)}</summary>"])

    def _end_details(self, _: Element) -> None:
        self.flush()
        if not self._cells:
            self._block(["</details>"])

    def _start_row(self, _: Element) -> None:
        if not self._cells:
            self._table.start_row()

    def _start_cell(self, _: Element) -> None:
        self._cells += 1

    def _add_to_cell(self, lines: list[str]) -> None:
        if lines and self._item_mark:
            lines[0] = escaped(self._item_mark) + lines[0]
            self._item_mark = ""
        self._table.cell += lines

    def _end_cell(self, one: Element) -> None:
        self.flush()
        self._cells -= 1
        if not self._cells:
            self._table.end_cell(one.get("colspan", ""), one.get("rowspan", ""))

    def _end_table(self, _: Element) -> None:
        self.flush()
        if self._cells:
            return
        table, self._table = self._table, Table()
        if lines := table.lines():
            self._block(lines)


def _number(value: str | None, otherwise: int) -> int:
    """The number in an attribute of sanitised HTML."""
    return int(value) if value and value.lstrip("-").isdecimal() else otherwise
