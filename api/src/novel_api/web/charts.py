"""Small charts as SVG, without script and style."""

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
    """A bar of a chart. `second` is stacked on `value`, in the colour of failures."""

    label: str
    value: int
    second: int = 0

    @property
    def total(self) -> int:
        return self.value + self.second


def columns(bars: Sequence[Bar], unit: str) -> Markup:
    """Return a column chart with a tooltip for each column and a label for screen readers.

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
        parts.append(f"<g><title>{escape(_label(bar, unit))}</title>")
        # The area of the tooltip.
        parts.append(_rectangle("chart-back", number * step, 0, step, _HEIGHT))
        parts.append(_rectangle("chart-bar", left, _HEIGHT - first, step * _SHARE, first))
        if second:
            top = _HEIGHT - first - second
            parts.append(_rectangle("chart-failed", left, top, step * _SHARE, second))
        parts.append("</g>")
    label = escape("; ".join(_label(bar, unit) for bar in bars if bar.total) or f"No {unit} yet")
    line = _rectangle("chart-line", 0, _HEIGHT, _WIDTH, _FOOT)
    return safe(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img"'
        f' aria-label="{label}" preserveAspectRatio="none">{"".join(parts)}{line}</svg>'
    )


def _height(value: int, highest: int) -> float:
    return max(_LEAST, value / highest * (_HEIGHT - 4)) if value else 0.0


def _label(bar: Bar, unit: str) -> str:
    failed = f", {bar.second} failed" if bar.second else ""
    return f"{bar.label}: {bar.value:,} {unit}{failed}"


def _rectangle(kind: str, left: float, top: float, width: float, height: float) -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" {place}/>'
