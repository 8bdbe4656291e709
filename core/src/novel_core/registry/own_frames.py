"""Where an author's code failed: the frames of an exception that are the plugin's own."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from types import FrameType

_ENGINE = Path(__file__).parent.parent
_STANDARD = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
#: The packages through which the engine calls a plugin.
_CALLERS = frozenset({"_pytest", "click", "pluggy", "pydantic", "scrapy", "twisted"})


def own_frames(error: BaseException) -> str:
    """The plugin's own frames, outermost first, then the error, as in a traceback of Python.

    Frames of the engine, of what calls a plugin for it, and of the standard library are left out.
    """
    frames = traceback.walk_tb(error.__traceback__)
    own = [(frame, line) for frame, line in frames if _is_own(frame)]
    lines = traceback.StackSummary.extract(iter(own)).format()
    return "".join([*lines, *traceback.format_exception_only(error)]).rstrip()


def _is_own(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    path = Path(frame.f_code.co_filename)
    if module.partition(".")[0] in _CALLERS or str(path).startswith("<frozen "):
        return False
    is_packaged = "site-packages" in path.parts
    is_standard = not is_packaged and any(path.is_relative_to(folder) for folder in _STANDARD)
    return not is_standard and not path.is_relative_to(_ENGINE)
