"""The lines of a Markdown text, each with the prefixes of its quotes and lists."""

from __future__ import annotations

from collections.abc import Sequence

#: The deepest nesting of quotes and lists; markdown-it follows no more than 20.
_DEEPEST = 16
_LIST, _QUOTE = 2, 1


class Lines:
    """Blocks are separated by a blank line, the items of a list are not."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._prefixes: list[tuple[str, int]] = []
        self._first: str | None = None  # what the next line begins with, where an item begins
        self._gap = False
        self._depth = 0
        self._prefix = ""

    def add(self, lines: Sequence[str]) -> None:
        """Add a block."""
        if self._gap and self.lines:
            self.lines.append(self._prefix.rstrip(" "))
        self._gap = True
        for line in lines:
            start = self._prefix if self._first is None else self._first
            self._first = None
            self.lines.append((start + line).rstrip(" "))

    @property
    def starts_item(self) -> bool:
        return self._first is not None

    def open_quote(self) -> None:
        self._end_gap()
        self._open("> ", "> ", _QUOTE)

    def open_item(self, mark: str, *, is_first: bool) -> None:
        if is_first:
            self._end_gap()
        self._open(mark, " " * len(mark), _LIST)

    def _end_gap(self) -> None:
        if self._gap and self._first is None and self.lines:
            self.lines.append(self._prefix.rstrip(" "))

    def _open(self, first: str, prefix: str, levels: int) -> None:
        """A quote or list beyond the depth limit is written at the depth around it."""
        self._gap = False
        if self._depth + levels > _DEEPEST:
            first, prefix, levels = "", "", 0
            self._gap = self._first is None
        elif first != prefix or self._first is not None:
            self._first = (self._prefix if self._first is None else self._first) + first
        self._prefixes.append((prefix, levels))
        self._depth += levels
        self._prefix += prefix

    def close_item(self) -> None:
        if self._first is not None and self._prefixes[-1][1]:
            self.add([""])  # an item of nothing
        self.close()

    def close(self) -> None:
        prefix, levels = self._prefixes.pop()
        self._depth -= levels
        self._prefix = self._prefix[: len(self._prefix) - len(prefix)]
        self._gap = True
