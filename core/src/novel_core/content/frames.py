"""Where the lines of a plain text are gathered while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Frame:
    """Where lines go: the page, or a cell of a table, which is not wrapped before its table is laid out."""

    width: int | None
    lines: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    first_prefix: str | None = None
    gap: bool = False  # a blank line is due before the next line

    def add(self, lines: list[str]) -> None:
        prefix = "".join(self.prefixes)
        if self.gap and self.lines:
            self.lines.append("")
        self.gap = False
        for line in lines:
            start = prefix if self.first_prefix is None else self.first_prefix
            self.first_prefix = None
            self.lines.append((start + line).rstrip(" "))

    def room(self) -> int | None:
        if self.width is None:
            return None
        return max(self.width - sum(map(len, self.prefixes)), self.width // 2, 10)


@dataclass(slots=True)
class Table:
    """The rows read so far, and the frame the table stands in."""

    outer: Frame
    rows: list[list[str]] = field(default_factory=list)
