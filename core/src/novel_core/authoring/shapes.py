"""The shape of an outcome: which fields say something. Two days of one site differ in values, not in shape."""

from __future__ import annotations

from novel_core.items import Chapter, ChapterRef, Novel
from novel_core.recording import Outcome

#: Fields of each kind of item that every page may tell or not.
FIELDS: dict[str, tuple[str, ...]] = {
    "novel": tuple(Novel.model_fields),
    "chapter list": tuple(name for name in ChapterRef.model_fields if name != "access"),
    "chapter": tuple(name for name in Chapter.model_fields if name != "part"),
}
_KINDS = {"novel": "novel", "chapter_ref": "chapter list", "chapter": "chapter"}


def shape_of(outcome: Outcome) -> set[str]:
    """The fields that are not empty, by name. A field of the chapter list counts when any line has it.

    >>> sorted(shape_of({"items": [{"item": "novel", "source_id": "1", "title": "A Tale", "authors": []}]}))
    ['novel', 'novel.source_id', 'novel.title']
    """
    shape: set[str] = set()
    for item in outcome.get("items", ()):
        kind = _KINDS[item["item"]]
        shape.add(kind)
        shape.update(f"{kind}.{name}" for name in FIELDS[kind] if _says_something(item.get(name)))
    return shape


def _says_something(value: object) -> bool:
    if isinstance(value, dict):
        return any(_says_something(inner) for inner in value.values())
    return value not in (None, "", [], ())
