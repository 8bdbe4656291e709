"""Small charts, drawn on the server: SVG without a script and without a style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from novel_api.web.render import safe

_WIDTH, _HEIGHT, _FOOT = 320, 96, 1
_SHARE = 0.7
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """`second` stands on top of `value`, in the colour of what failed."""

    label: str
    value: int
    second: int = 0

    @property
    def total(self) -> int:
        return self.value + self.second


def columns(bars: Sequence[Bar], unit: str) -> Markup:
    """A chart of columns; each tells its figure to whoever points at it, and all of them to a screen reader.

    >>> "Done: 3 jobs" in columns([Bar("Done", 3)], "jobs")
    True
    """
    highest = max((bar.total for bar in bars), default=0) or 1
    step = _WIDTH / max(1, len(bars))
    parts = []
    for number, bar in enumerate(bars):
        left = number * step + step * (1 - _SHARE) / 2
        first = _height(bar.value, highest)
        second = _height(bar.second, highest)
        parts.append(f"<g><title>{escape(_told(bar, unit))}</title>")
        # Something to point at also where nothing is.
        parts.append(_rectangle("chart-back", number * step, 0, step, _HEIGHT))
        parts.append(_rectangle("chart-bar", left, _HEIGHT - first, step * _SHARE, first))
        if second:
            top = _HEIGHT - first - second
            parts.append(_rectangle("chart-failed", left, top, step * _SHARE, second))
        parts.append("</g>")
    told = escape("; ".join(_told(bar, unit) for bar in bars if bar.total) or f"No {unit} yet")
    line = _rectangle("chart-line", 0, _HEIGHT, _WIDTH, _FOOT)
    return safe(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="{told}"'
        f' preserveAspectRatio="none">{"".join(parts)}{line}</svg>'
    )


def _height(value: int, highest: int) -> float:
    return max(_LEAST, value / highest * (_HEIGHT - 4)) if value else 0.0


def _told(bar: Bar, unit: str) -> str:
    failed = f", {bar.second} failed" if bar.second else ""
    return f"{bar.label}: {bar.value:,} {unit}{failed}"


def _rectangle(kind: str, left: float, top: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
