"""The outcome of a page as plain data: its items and the pages to request next, or the error."""

from __future__ import annotations

from dataclasses import MISSING, asdict, fields
from typing import Any

from novel_core.errors import NovelError
from novel_core.items import Chapter, ChapterRef, Novel
from novel_core.page import Follow, Page, Parsed, Stated, parse_reported
from novel_core.registry import LoadedSource
from novel_core.registry.lost_pages import explained
from novel_core.source import UrlMatch

#: JSON: {"items": […], "follow": […], "novel": {…} or null, "warnings": […]}, with what the page
#: says of the chapter list (`stated`, `complete_list`, `partial_list`),
#: or {"error": {"code": …, "message": …}}.
Outcome = dict[str, Any]

OF_THE_LIST = ("complete_list", "partial_list", "stated")
_ITEMS: dict[type, str] = {Novel: "novel", ChapterRef: "chapter_ref", Chapter: "chapter"}


def outcome_of(source: LoadedSource, page: Page) -> Outcome:
    """The outcome of the spider's check, the status and the parser, in the engine's order.

    Raises any exception that is not a NovelError, since no page may cause one. Fields at their
    default are left out: recordings stay short, and a new field of the contract changes none of
    them. Imports Scrapy.
    """
    from novel_core.crawl.response_checks import check_page, problem_of

    try:
        parser = source.parser()
        check_page(page, source.spider()(name=source.name), parser)
        problem = problem_of(page)
        if problem is not None:
            raise problem
        parsed = parse_reported(parser, page)
    except NovelError as error:
        told = explained(source, page, error)
        return {"error": {"code": told.code, "message": told.message}}
    return {
        "items": [
            {"item": _ITEMS[type(item)]} | item.model_dump(mode="json", exclude_defaults=True)
            for item in parsed.items
        ],
        "follow": [_short(follow) for follow in parsed.follow],
        "novel": _short(parsed.novel) if parsed.novel else None,
        "warnings": list(parsed.warnings),
        **_of_the_list(parsed),
    }


def _of_the_list(parsed: Parsed) -> Outcome:
    """What the page says of the chapter list; nothing where it says nothing."""
    stated = [_short(one) for one in parsed.stated]
    told = dict(zip(OF_THE_LIST, (parsed.complete_list, parsed.partial_list, stated), strict=True))
    return {name: value for name, value in told.items() if value}


def _short(value: Follow | UrlMatch | Stated) -> dict[str, Any]:
    defaults = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(value)
    }
    plain = {name: given for name, given in asdict(value).items() if given != defaults[name]}
    # As JSON has it.
    return {name: _as_json(given) for name, given in plain.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return list(value) if isinstance(value, tuple) else value
