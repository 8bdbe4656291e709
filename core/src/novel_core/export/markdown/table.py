"""Tables of GFM: one line for each row."""

from __future__ import annotations

from dataclasses import dataclass, field

_MAX_SPAN = 40  # empty cells that a spanning one may claim
_MOST_CELLS = 20_000  # of a table: one long row widens the head, and with it all the others


@dataclass(slots=True)
class Table:
    """The rows so far, and the lines of the current cell."""

    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    _open: dict[int, int] = field(default_factory=dict)  # column: rows it is still taken from above

    def start_row(self) -> None:
        self.rows.append([])

    def end_cell(self, colspan: str, rowspan: str) -> None:
        if not self.rows:
            self.rows.append([])
        row = self.rows[-1]
        while self._open.get(len(row)):
            self._open[len(row)] -= 1
            row.append("")
        width, height = _span(colspan), _span(rowspan)
        for place in range(len(row), len(row) + width):
            if height > 1:
                self._open[place] = height - 1
        row += ["<br>".join(self.cell), *[""] * (width - 1)]
        self.cell = []

    def lines(self) -> list[str]:
        rows = [row for row in self.rows if any(row)]
        width = max(map(len, rows), default=0)
        if width * len(rows) > _MOST_CELLS:
            rows = [[" \\| ".join(cell for cell in row if cell)] for row in rows]
            width = 1
        if not rows:
            return []
        head = rows[0] + [""] * (width - len(rows[0]))
        rule = ["---"] * width
        return [f"| {' | '.join(row)} |" for row in [head, rule, *rows[1:]]]


def _span(value: str) -> int:
    return min(int(value), _MAX_SPAN) or 1 if value.isdecimal() else 1
