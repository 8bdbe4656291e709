"""The values in the answers of WordPress' API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from novel_core import Page, PageChanged, fragment, text_of
from novel_wordpress.walls import refusal

#: The largest id that WordPress' database keeps.
_LARGEST = 2**63
#: More posts than any site has: such a number is none.
_MOST = 10_000_000


def rows_of(page: Page) -> list[Mapping[str, Any]]:
    """The objects of an answer with a list; PageChanged for any other answer.

    >>> from novel_core import PageKind
    >>> rows_of(Page("https://a.example/wp-json/", PageKind.INDEX, b'[{"id": 7}]'))
    [{'id': 7}]
    """
    value = _value(page)
    if not isinstance(value, list):
        raise PageChanged("The API's answer is no list", url=page.url)
    return [one for one in value if isinstance(one, dict)]


def object_of(page: Page) -> Mapping[str, Any]:
    """The object of an answer; PageChanged for any other answer."""
    value = _value(page)
    if not isinstance(value, dict):
        raise PageChanged("The API's answer is no object", url=page.url)
    return value


def _value(page: Page) -> Any:
    value = page.json()
    error = refusal(page)
    if error is not None:
        raise error
    return value


def id_of(row: Mapping[str, Any], name: str = "id") -> str | None:
    """A permanent id, as text.

    >>> id_of({"id": 7}), id_of({"id": "7"}), id_of({"id": True}), id_of({"id": -1})
    ('7', '7', None, None)
    """
    value = row.get(name)
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) < len(str(_LARGEST))
    ):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return str(value) if 0 < value < _LARGEST else None


def ids_of(row: Mapping[str, Any], name: str) -> list[str]:
    """The ids in a list of a row."""
    values = row.get(name)
    if not isinstance(values, list):
        return []
    return [one for value in values if (one := id_of({"id": value})) is not None]


def text_in(row: Mapping[str, Any], *path: str) -> str:
    """The text at a path of a row; empty where there is none."""
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def title_of(row: Mapping[str, Any], *path: str) -> str:
    """The words of a title, which WordPress writes as HTML.

    >>> title_of({"title": {"rendered": "Salt &#038; <i>Sea</i>"}}, "title", "rendered")
    'Salt & Sea'
    """
    html = text_in(row, *path)
    return text_of(fragment(html)) if html else ""


def moment_in(row: Mapping[str, Any], name: str) -> str | None:
    """A time of the API, which leaves out that it is in UTC.

    >>> moment_in({"date_gmt": "2024-03-09T05:00:10"}, "date_gmt")
    '2024-03-09T05:00:10+00:00'
    """
    value = text_in(row, name)
    if not value or value.startswith("0000"):
        return None
    has_zone = value.endswith("Z") or "+" in value[10:] or "-" in value[10:]
    return value if has_zone else f"{value}+00:00"


def total_of(page: Page, name: str = "x-wp-total") -> int | None:
    """A number in the answer's headers; None where it is none.

    >>> from novel_core import PageKind
    >>> page = Page("https://a.example/", PageKind.INDEX, b"[]", headers={"x-wp-total": "203"})
    >>> total_of(page)
    203
    """
    value = page.headers.get(name, "").strip()
    if not (value.isascii() and value.isdecimal()) or len(value) > len(str(_MOST)):
        return None
    return int(value)


def embedded(row: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The objects that an answer carries with a row, in one list or several."""
    holder = row.get("_embedded")
    found = holder.get(name) if isinstance(holder, dict) else None
    for one in found if isinstance(found, list) else ():
        for inner in one if isinstance(one, list) else (one,):
            if isinstance(inner, dict) and "code" not in inner:
                yield inner
