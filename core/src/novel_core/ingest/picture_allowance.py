"""How many pictures of a novel are kept, and how many bytes of them: a page may name any number."""

from __future__ import annotations

from collections.abc import Iterable

from novel_core.settings import Settings


class PictureAllowance:
    """What of the allowance is left; `held` are the sizes of the pictures there are already.

    >>> allowance = PictureAllowance(Settings(max_images=2), held=[100])
    >>> allowance.admit(), allowance.admit()
    (True, False)
    """

    def __init__(self, settings: Settings, held: Iterable[int]) -> None:
        sizes = list(held)
        self._most, self._most_bytes = settings.max_images, settings.max_images_bytes
        self._count, self._bytes = len(sizes), sum(sizes)
        self._told = False

    @property
    def has_room(self) -> bool:
        return self._bytes < self._most_bytes

    def admit(self) -> bool:
        """Whether one more may be asked for."""
        if self._count >= self._most or not self.has_room:
            return False
        self._count += 1
        return True

    def add(self, size: int) -> None:
        """One has come."""
        self._bytes += size

    def warning(self) -> str | None:
        """What the job says of pictures that are left out, once."""
        if self._told:
            return None
        self._told = True
        return (
            f"The novel has more pictures than are kept ({self._most:,}, or {self._most_bytes // 2**20:,} MiB): the others"
            " are left where they are. NOVEL_MAX_IMAGES and NOVEL_MAX_IMAGES_BYTES set how many."
        )
