"""The lines of a plain text while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Frame:
    """Collects the lines of a page, or of a table's cell (wrapped when laid out)."""

    width: int | None
    lines: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    first_prefix: str | None = None
    # A blank line is due before the next line.
    gap: bool = False

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
    """The rows so far, and the frame that the table is in."""

    outer: Frame
    rows: list[list[str]] = field(default_factory=list)
