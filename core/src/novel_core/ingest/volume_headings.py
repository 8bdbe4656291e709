"""Volumes that a chapter list shows as headings between its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from novel_core.items import ChapterRef

#: Ids of volumes that a heading made begin so; the source has none for them.
PREFIX = "heading:"


class Headings:
    """Gives each chapter of a list the id of the volume that its heading opened.

    A heading that is repeated while its volume is open goes on with it; the same title after
    another heading is another volume. A volume keeps its id as long as a chapter of it stays below
    that title. `titles` are those of the saved volumes, `volumes` the volume of each saved chapter,
    both by the source's ids. `opened` is the volume open before the list, where it is a part only.
    """

    def __init__(
        self,
        titles: Mapping[str, str],
        volumes: Mapping[str, str | None],
        *,
        is_partial: bool = False,
        opened: str | None = None,
    ) -> None:
        #: The titles of the volumes that the list opens, and of the saved ones.
        self.titles = {name: title for name, title in titles.items() if is_heading(name)}
        self._volumes = volumes
        self._is_partial = is_partial
        self._open = opened if is_heading(opened) else None
        self._has_begun = not is_partial
        self._used: set[str] = set()

    def place(self, refs: Sequence[ChapterRef]) -> list[ChapterRef]:
        """Each chapter once, with its volume's id; its first line counts."""
        placed: dict[str, ChapterRef] = {}
        for ref in refs:
            volume_id = self._volume_of(ref)
            if ref.source_id not in placed:
                values = {"volume_id": ref.volume_id or volume_id, "volume": None}
                placed[ref.source_id] = ref.model_copy(update=values)
        return list(placed.values())

    def _volume_of(self, ref: ChapterRef) -> str | None:
        own = self._volumes.get(ref.source_id)
        if ref.volume is not None:
            self._has_begun = True
            if not ref.volume:
                self._open = None
            elif self._open is None or self.titles[self._open] != ref.volume:
                self._open = self._opened_by(ref.volume, own)
        elif not self._has_begun and ref.source_id in self._volumes:
            # A part of the list need not repeat the heading above it.
            self._open = own if is_heading(own) else None
            return own
        return self._open

    def _opened_by(self, title: str, own: str | None) -> str:
        if own is None or own in self._used or self.titles.get(own) != title:
            own = self._free(title)
        self._used.add(own)
        self.titles[own] = title
        return own

    def _free(self, title: str) -> str:
        taken = self._used | set(self.titles) if self._is_partial else self._used
        first = name = PREFIX + title.replace(" ", "_")
        number = 1
        while name in taken:
            number += 1
            name = f"{first}_{number}"
        return name


def is_heading(volume_id: str | None) -> bool:
    return volume_id is not None and volume_id.startswith(PREFIX)
