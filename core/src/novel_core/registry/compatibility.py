"""Whether a plugin fits this version of novel-core, by its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_ABOUT_CORE = re.compile(r"\s*novel[-_.]+core(?![\w.-])", re.IGNORECASE)


def incompatibility(requires: Iterable[str], core_version: str) -> str | None:
    """Why the requirements exclude `core_version`, or None.

    >>> incompatibility(["lxml>=6", "novel-core>=2,<3"], "0.1.0")
    'it needs novel-core <3,>=2, and 0.1.0 is installed'
    """
    refusals = (_refusal(line, core_version) for line in requires if _ABOUT_CORE.match(line))
    return next(filter(None, refusals), None)


# Many plugins have the same line.
@lru_cache(maxsize=256)
def _refusal(line: str, core_version: str) -> str | None:
    # Imported here, because an installation without plugins does not need it.
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return f"its requirement {line!r} cannot be read"
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return None
    # Pre-releases count as the versions they are, as pip does for installed ones:
    # 0.2.0.dev1 satisfies >=0.1 and not >=0.2.
    if requirement.specifier.contains(core_version, prereleases=True):
        return None
    return f"it needs novel-core {requirement.specifier}, and {core_version} is installed"
