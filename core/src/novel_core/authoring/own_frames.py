"""Where an author's code failed: the frames of an exception that are the plugin's own."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

_ENGINE = Path(__file__).parent.parent
_LIBRARIES = tuple(
    Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def own_frames(error: BaseException, module: str = "") -> list[str]:
    """The lines of the plugin's own frames, outermost first, then the error itself.

    `module` is the plugin's module, which may be installed among the libraries. Frames of the
    engine, the standard library and other libraries are left out.

    >>> try:
    ...     exec(compile("{}['title']", "parser.py", "exec"), {"__name__": "mine"})
    ... except KeyError as error:
    ...     print(*own_frames(error)[-2:], sep="\\n")
    parser.py, line 1, in <module>
    KeyError: 'title'
    """
    lines: list[str] = []
    for summary in _summaries(error, module.partition(".")[0]):
        lines.append(f"{summary.filename}, line {summary.lineno}, in {summary.name}")
        if summary.line:
            lines.append(f"    {summary.line}")
    return [*lines, *(line.rstrip() for line in traceback.format_exception_only(error))]


def _summaries(error: BaseException, package: str) -> Iterator[traceback.FrameSummary]:
    frames = traceback.walk_tb(error.__traceback__)
    own = [(frame, line) for frame, line in frames if _is_own(frame, package)]
    yield from traceback.StackSummary.extract(iter(own))


def _is_own(frame: FrameType, package: str) -> bool:
    path = Path(frame.f_code.co_filename)
    if path.is_relative_to(_ENGINE) or frame.f_globals.get("__name__") == "__main__":
        return False
    is_package = str(frame.f_globals.get("__name__", "")).partition(".")[0] == package
    return is_package or not any(path.is_relative_to(folder) for folder in _LIBRARIES)
