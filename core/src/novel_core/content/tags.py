"""One opening tag, as the first pass wrote it, in its saved form.

The first pass leaves well-formed HTML in which every `<`, `>` and `"` of an attribute's value is escaped, so
tags and attributes can be read with short expressions. Nothing here is trusted: the last pass follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape

from novel_core.content.links import absolute, largest_candidate
from novel_core.content.rules import (
    CLASSES,
    EMBEDS,
    LAZY_SOURCES,
    LINK_REL,
    RENAMED,
    SCHEMES,
    VOID_TAGS,
)
from novel_core.content.styles import (
    HIDDEN,
    align_classes,
    background_classes,
    font_classes,
    style_classes,
)

TAG = re.compile(r"<([a-z][a-z0-9]*) ([^>]*)>")
_ATTRIBUTE = re.compile(r'([^\s="]+)="([^"]*)"')

MAX_SPAN = 1000
_BEACON = 1  # pixels
_CACHEABLE = 200  # characters: what repeats in a text is short
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_PIXELS = re.compile(r"\s*+(\d{1,9})(?:\.\d*+)?\s*+(?:px\s*+)?")
_NUMBER = re.compile(r"\s*+(-?)0*?(\d{1,9})\s*+")
_STYLE_PIXELS = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*([01])(?:\.0*)?(?:px)?\s*(?:!|;|$)"
)

_Attributes = dict[str, str]  # values as written, still escaped


def rewrite(html: str, base_url: str) -> str:
    """All opening tags of `html` in their saved form; of a hidden element `<name hidden="">` is left."""

    def replace(match: re.Match[str]) -> str:
        name, attributes = match[1], match[2]
        if name in _ADDRESSED:
            return _ADDRESSED[name](name, dict(_ATTRIBUTE.findall(attributes)), base_url)
        if len(attributes) > _CACHEABLE:
            return _plain(name, attributes)
        return _plain_cached(name, attributes)

    return TAG.sub(replace, html)


def _plain(name: str, attributes: str) -> str:
    values = dict(_ATTRIBUTE.findall(attributes))
    return _tag(name, values, _kept(name, values))


_plain_cached = lru_cache(maxsize=4096)(_plain)


def _tag(name: str, values: _Attributes, kept: _Attributes) -> str:
    """The tag with `kept` and its classes; attributes in alphabetical order, `rel` last as the cleaner has it."""
    classes = _classes(name, values)
    if HIDDEN in classes:
        return "" if name in VOID_TAGS else f'<{name} hidden="">'
    if classes:
        kept["class"] = " ".join(sorted(classes))
    name = RENAMED.get(name, name)
    written = "".join(f' {key}="{kept[key]}"' for key in sorted(kept))
    rel = f' rel="{LINK_REL}"' if name == "a" and "href" in kept else ""
    return f"<{name}{written}{rel}>"


def _classes(name: str, values: _Attributes) -> set[str]:
    classes = set(CLASSES.intersection(values.get("class", "").split()))
    if "hidden" in values:
        return {HIDDEN}
    if style := values.get("style"):
        classes |= style_classes(name, unescape(style))
    if name == "font":
        for attribute in values.keys() & {"color", "face", "size"}:
            classes |= font_classes(attribute, unescape(values[attribute]))
    if (align := values.get("align")) and name != "img":
        classes |= align_classes(align)
    if bgcolor := values.get("bgcolor"):
        classes |= background_classes(bgcolor)
    if name == "table" and values.get("border", "0").strip() not in {"0", ""}:
        classes.add("border")
    if name == "center" and not any(one.startswith("align-") for one in classes):
        classes.add("align-center")
    if name == "big":
        classes.add("large")
    return classes


def _kept(name: str, values: _Attributes) -> _Attributes:
    kept = {}
    for key, value in values.items():
        check = _CHECKS.get(key)
        if check is not None and (checked := check(value)) is not None:
            kept[key] = checked
    if name == "li":
        return kept
    kept.pop("value", None)
    return kept


def _text(value: str) -> str | None:
    return value or None


def _flag(_: str) -> str | None:
    return ""


def _span(value: str) -> str | None:
    number = _NUMBER.fullmatch(value)
    if number is None or number[1]:
        return None
    span = min(int(number[2]), MAX_SPAN)
    return str(span) if span > 1 else None


def _integer(value: str) -> str | None:
    number = _NUMBER.fullmatch(value)
    return None if number is None else str(int(number[1] + number[2]))


def _one_of(*accepted: str) -> Callable[[str], str | None]:
    return lambda value: value if value in accepted else None


def _lower(check: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return lambda value: check(value.strip().lower())


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "colspan": _span,
    "datetime": _text,
    "dir": _lower(_one_of("ltr", "rtl", "auto")),
    "lang": lambda value: value if _LANGUAGE.fullmatch(value) else None,
    "open": _flag,
    "reversed": _flag,
    "rowspan": _span,
    "scope": _lower(_one_of("row", "col", "rowgroup", "colgroup")),
    "span": _span,
    "start": _integer,
    "title": _text,
    "type": _one_of("1", "a", "A", "i", "I"),
    "value": _integer,
}


def _address(value: str, base_url: str) -> str | None:
    url = absolute(unescape(value), base_url) if value else None
    return None if url is None else escape(url)


def _link(name: str, values: _Attributes, base_url: str) -> str:
    kept = _kept(name, values)
    if "href" in values:
        url = absolute(unescape(values["href"]), base_url, SCHEMES)
        if url is not None:
            kept["href"] = escape(url)
    return _tag(name, values, kept)


def _quote(name: str, values: _Attributes, base_url: str) -> str:
    kept = _kept(name, values)
    if url := _address(values.get("cite", ""), base_url):
        kept["cite"] = url
    return _tag(name, values, kept)


def _image(name: str, values: _Attributes, base_url: str) -> str:
    sizes = {
        key: int(pixels[1])
        for key in ("width", "height")
        if (pixels := _PIXELS.fullmatch(values.get(key, "")))
    }
    style = values.get("style", "")
    if any(size <= _BEACON for size in sizes.values()) or _STYLE_PIXELS.search(style.lower()):
        return ""
    candidates = [values.get("src", ""), *(values.get(key, "") for key in LAZY_SOURCES)]
    candidates += [largest_candidate(values.get(key, "")) for key in ("srcset", "data-srcset")]
    url = next((url for value in candidates if (url := _address(value, base_url))), None)
    if url is None:
        return ""
    kept = _kept(name, values)
    kept |= {"src": url, "alt": values.get("alt", "")}
    kept |= {key: str(size) for key, size in sizes.items()}
    return _tag(name, values, kept)


def _embed(name: str, values: _Attributes, base_url: str) -> str:
    """`<name src="…">` for `structure.simplify`, whatever attribute the address was in."""
    keys: tuple[str, ...] = ("src", "data", "data-src")
    if name == "param":
        keys = ("value",) if values.get("name", "").lower() in {"movie", "src", "url"} else ()
    url = next((url for key in keys if (url := _address(values.get(key, ""), base_url))), None)
    if url is None or HIDDEN in _classes(name, values):
        return "" if name in VOID_TAGS else f'<{name} hidden="">' if url else f"<{name}>"
    return f'<{name} src="{url}">'


_ADDRESSED: dict[str, Callable[[str, _Attributes, str], str]] = {
    "a": _link,
    "img": _image,
    **dict.fromkeys(("blockquote", "q", "ins", "del"), _quote),
    **dict.fromkeys(EMBEDS, _embed),
}
