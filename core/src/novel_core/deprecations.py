"""What plugins may still use and should not: each names what takes its place, and the version that removes it.

```python
RENAMED = Deprecation("novel_core.items.Work", "novel_core.items.Novel", "0.3")
RENAMED.warn()  # where it is used
```
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Something on its way out.

    >>> print(Deprecation("Follow.index", "Follow.position", "0.3"))
    Follow.index is deprecated: use Follow.position. novel-core 0.3 removes it.
    """

    what: str
    instead: str
    removed_in: str

    def __str__(self) -> str:
        return f"{self.what} is deprecated: use {self.instead}. novel-core {self.removed_in} removes it."

    def warn(self, *, stacklevel: int = 2) -> None:
        """Warn whoever called the function that calls this."""
        warnings.warn(str(self), DeprecationWarning, stacklevel=stacklevel + 1)


#: All there are; a test sees to it that none outlives its version.
DEPRECATIONS: tuple[Deprecation, ...] = ()
