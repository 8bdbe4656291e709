"""Deprecated parts of the plugin contract, with replacement and version of removal."""

from __future__ import annotations

import warnings
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A deprecated name.

    >>> print(Deprecation("Follow.index", "Follow.position", "0.3"))
    Follow.index is deprecated: use Follow.position. novel-core 0.3 removes it.
    """

    what: str
    instead: str
    removed_in: str

    def __str__(self) -> str:
        return (
            f"{self.what} is deprecated: use {self.instead}."
            f" novel-core {self.removed_in} removes it."
        )

    def warn(self, *, stacklevel: int = 2) -> None:
        """Warn the caller of the function that calls this."""
        warnings.warn(str(self), DeprecationWarning, stacklevel=stacklevel + 1)


#: All deprecations; a test checks that none outlives its version.
DEPRECATIONS: tuple[Deprecation, ...] = ()
