"""Lenient items: an optional field that cannot be read is left out, with a warning.

A page's parser runs inside `reported()`; everything left out meanwhile becomes a warning of the
job.

>>> from novel_core.items import Statistics
>>> with reported() as problems:
...     statistics = Statistics(views=-5, words=900)
>>> statistics.views, statistics.words
(None, 900)
>>> problems.lines()
['statistics: views -5 is left out: Input should be greater than or equal to 0.']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from novel_core.errors import PageChanged

#: Problems of one kind that are written out; the others are counted.
EXAMPLES = 3
_SHOWN = 80


class Problems:
    """Descriptions of what was left out, by kind."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, None]] = {}

    def add(self, kind: str, text: str) -> None:
        self._texts.setdefault(kind, {})[text] = None

    def lines(self) -> list[str]:
        """One line for each problem; a kind met very often is summed up."""
        lines: list[str] = []
        for kind, texts in self._texts.items():
            lines += list(texts)[:EXAMPLES]
            if more := len(texts) - EXAMPLES:
                lines += [f"{kind}: {more:,} more like this."] if more > 0 else []
        return lines


_problems: ContextVar[Problems | None] = ContextVar("novel_problems", default=None)


@contextmanager
def reported() -> Iterator[Problems]:
    """Collect what is left out inside the block."""
    problems = Problems()
    token = _problems.set(problems)
    try:
        yield problems
    finally:
        _problems.reset(token)


def report(kind: str, text: str) -> None:
    """Note that something was left out; similar problems share a `kind`."""
    problems = _problems.get()
    if problems is not None:
        problems.add(kind, text)


def shown(value: object) -> str:
    """A value for a message, shortened."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class LenientModel(BaseModel):
    """An item, or a part of one.

    A field with a default keeps the default when its value is invalid; of a list or a mapping only
    the invalid entries are left out. An invalid mandatory field is a PageChanged. A missing
    mandatory field or an unknown field is a mistake of the parser's author: pydantic's
    ValidationError.
    """

    # Built at the first item: most commands make none.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    #: Mandatory fields, each with the field that replaces it when it is invalid.
    fallbacks: ClassVar[Mapping[str, str]] = {}
    #: Fields with a default whose value must still be valid.
    exact: ClassVar[frozenset[str]] = frozenset()
    #: A part with an invalid mandatory field is left out by its item, so it raises no error itself.
    is_part: ClassVar[bool] = False

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_is_valid(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, dict) and any(isinstance(one, Iterator) for one in value.values()):
            value = {
                name: tuple(one) if isinstance(one, Iterator) else one
                for name, one in value.items()
            }
        try:
            return handler(value)
        except ValidationError as error:
            if not isinstance(value, dict):
                raise
            kept = cls._without_invalid(value, error)
        return handler(kept)

    @classmethod
    def _without_invalid(cls, value: dict[str, Any], error: ValidationError) -> dict[str, Any]:
        wrong: dict[str, dict[Any, str]] = {}
        for problem in error.errors(include_url=False, include_context=False):
            field, *inside = problem["loc"] or ("",)
            if field not in value or field not in cls.model_fields:
                raise error
            entry = inside[0] if inside else None
            wrong.setdefault(str(field), {}).setdefault(entry, problem["msg"])
        kept = dict(value)
        for field, entries in wrong.items():
            spare = value.get(cls.fallbacks.get(field, ""))
            if isinstance(spare, str):
                kept[field] = spare
                report(
                    f"{_kind_of(cls)}: {field}",
                    f"{_name_of(cls, value)} has no {field}: its id is shown.",
                )
                continue
            kept[field] = cls._without_entries(field, kept[field], entries, _name_of(cls, value))
        return {name: one for name, one in kept.items() if one is not _NOTHING}

    @classmethod
    def _without_entries(
        cls, field: str, value: Any, entries: Mapping[Any, str], name: str
    ) -> object:
        """`value` without its invalid entries, or the marker for "leave out"."""
        kind = f"{_kind_of(cls)}: {field}"
        is_required = cls.model_fields[field].is_required()
        if field in cls.exact or (is_required and not cls.is_part):
            words = _message(name, field, value, next(iter(entries.values())), "cannot be read")
            raise PageChanged(words)
        if isinstance(value, Mapping) and all(entry in value for entry in entries):
            for entry, words in entries.items():
                report(kind, _message(name, f"{field}.{entry}", value[entry], words))
            return {key: one for key, one in value.items() if key not in entries}
        if isinstance(value, list | tuple) and None not in entries:
            for entry, words in entries.items():
                report(kind, _message(name, field, value[entry], words))
            return tuple(one for place, one in enumerate(value) if place not in entries)
        if not (isinstance(value, str) and not value.strip()):
            report(kind, _message(name, field, value, next(iter(entries.values()))))
        return "" if is_required else _NOTHING


_NOTHING = object()


def _message(name: str, field: str, value: object, words: str, what: str = "is left out") -> str:
    return f"{name}: {field} {shown(value)} {what}: {words.removeprefix('Value error, ')}."


def _kind_of(model: type[BaseModel]) -> str:
    return {"ChapterRef": "chapter list"}.get(model.__name__, model.__name__.lower())


def _name_of(model: type[BaseModel], value: Mapping[str, Any]) -> str:
    """The name of an item in a message: its kind, and its id where it has one."""
    known = value.get("source_id") or value.get("name")
    if not isinstance(known, str) or not known.strip():
        return _kind_of(model)
    return f"{_kind_of(model)} {known[:_SHOWN]}"
