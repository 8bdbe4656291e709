"""One opening tag of a serialised tree in its saved form.

A tree is serialised as well-formed HTML in which every `<`, `>` and `"` of an attribute's value is
escaped, so tags and attributes can be read with short expressions. Nothing here is trusted: the
last word follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape

from novel_core.content.embedded import EmbeddedPicture, embedded_picture
from novel_core.content.image_address import addresses, is_beacon, size
from novel_core.content.links import absolute
from novel_core.content.places import Places
from novel_core.content.rules import CLASSES, LINK_REL, RENAMED, SCHEMES
from novel_core.content.styles import (
    align_classes,
    background_classes,
    font_classes,
    style_classes,
)

TAG = re.compile(r"<([a-z][a-z0-9]*) ([^<>]*)>")
_MARKUP = re.compile(r"<[^<>]*+>?+")
_ATTRIBUTE = re.compile(r'(?<![^\s"])([^\s="]+)="([^"]*)"')

MAX_SPAN = 1000
# Characters; tags that repeat in a text are short.
_CACHEABLE = 200
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_NUMBER = re.compile(r"\s*+(-?)0*?(\d{1,9})\s*+")
_WORDS = re.compile(r"[a-z-]{1,40}(?: [a-z-]{1,40}){0,8}")
_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|ex|%)?")

# Values as written, still escaped.
_Attributes = dict[str, str]


@dataclass(slots=True)
class Rewriting:
    """The context of rewriting the tags of one text, and the pictures found in it."""

    base_url: str
    places: Places
    pictures: dict[str, EmbeddedPicture] = field(default_factory=dict)


def markup_of(html: str) -> str:
    """The distinct tags of serialised HTML, and anything else that begins with `<`: a short text
    that stands for a long one.

    >>> markup_of("<p>One</p><p>two</p>") in {"<p></p>", "</p><p>"}
    True
    """
    return "".join(set(_MARKUP.findall(html)))


def rewrite(html: str, text: Rewriting) -> str:
    """Rewrite all opening tags of `html` to their saved form."""

    def replace(match: re.Match[str]) -> str:
        name, attributes = match[1], match[2]
        if name in _ADDRESSED:
            return _ADDRESSED[name](name, dict(_ATTRIBUTE.findall(attributes)), text)
        if text.places.ids and 'id="' in attributes:
            values = dict(_ATTRIBUTE.findall(attributes))
            return _tag(name, values, _kept(name, values, text))
        if len(attributes) > _CACHEABLE:
            return _plain(name, attributes)
        return _plain_cached(name, attributes)

    return TAG.sub(replace, html)


def _plain(name: str, attributes: str) -> str:
    values = dict(_ATTRIBUTE.findall(attributes))
    return _tag(name, values, _kept(name, values))


_plain_cached = lru_cache(maxsize=4096)(_plain)


def _tag(name: str, values: _Attributes, kept: _Attributes) -> str:
    """The tag with `kept` and its classes, attributes in the order of nh3's output."""
    classes = _classes(name, values)
    if classes:
        kept["class"] = " ".join(sorted(classes))
    name = RENAMED.get(name, name)
    written = "".join(f' {key}="{kept[key]}"' for key in sorted(kept))
    rel = f' rel="{LINK_REL}"' if name == "a" and kept else ""
    return f"<{name}{written}{rel}>"


def _classes(name: str, values: _Attributes) -> set[str]:
    classes = set(CLASSES.intersection(values.get("class", "").split()))
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


def _kept(name: str, values: _Attributes, text: Rewriting | None = None) -> _Attributes:
    """The checked attributes, and with `text` the id that a link of the text leads to."""
    kept = {}
    for key, value in values.items():
        check = _CHECKS.get(key)
        if check is not None and (checked := check(value)) is not None:
            kept[key] = checked
    if name != "li":
        kept.pop("value", None)
    if name == "ol" and "type" not in kept and (style := values.get("style")):
        found = _LIST_STYLE.search(style.lower())
        if found and found[1] in _LIST_TYPES:
            kept["type"] = _LIST_TYPES[found[1]]
    place = values.get("id") or values.get("name")
    if text and place and (taken := text.places.take(place)):
        kept["id"] = taken
    return kept


_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*+:\s*+([a-z-]++)")
_LIST_TYPES = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}


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
    **dict.fromkeys(
        ("accent", "accentunder", "displaystyle", "fence", "separator", "stretchy"),
        _one_of("true", "false"),
    ),
    **dict.fromkeys(("colspan", "columnspan", "rowspan", "span"), _span),
    "datetime": _text,
    "display": _one_of("block", "inline"),
    "form": _one_of("prefix", "infix", "postfix"),
    "dir": _lower(_one_of("ltr", "rtl", "auto")),
    "lang": lambda value: value if _LANGUAGE.fullmatch(value) else None,
    "linethickness": lambda value: value if _LENGTH.fullmatch(value) else None,
    "mathvariant": lambda value: value if _WORDS.fullmatch(value) else None,
    "notation": lambda value: value if _WORDS.fullmatch(value) else None,
    "open": _flag,
    "reversed": _flag,
    "scope": _lower(_one_of("row", "col", "rowgroup", "colgroup")),
    "scriptlevel": lambda value: value if re.fullmatch("[+-]?[0-9]", value) else None,
    "start": _integer,
    "title": _text,
    "type": _one_of("1", "a", "A", "i", "I"),
    "value": _integer,
}


def _link(name: str, values: _Attributes, text: Rewriting) -> str:
    kept = _kept(name, values, text)
    if (href := values.get("href")) is not None:
        url = text.places.link(href) or absolute(unescape(href), text.base_url, SCHEMES)
        if url is not None:
            kept["href"] = escape(url)
    return _tag(name, values, kept)


def _quote(name: str, values: _Attributes, text: Rewriting) -> str:
    kept = _kept(name, values, text)
    cited = unescape(values.get("cite", ""))
    if cited and (url := absolute(cited, text.base_url)):
        kept["cite"] = escape(url)
    return _tag(name, values, kept)


def _image(name: str, values: _Attributes, text: Rewriting) -> str:
    """The picture; its alternative text if it has no URL; nothing for a tracking pixel."""
    read = {key: unescape(value) for key, value in values.items()}
    if is_beacon(read):
        return ""
    embedded: EmbeddedPicture | None = None
    url: str | None = None
    for address in addresses(read):
        if url := absolute(address, text.base_url) if address else None:
            break
        embedded = embedded or embedded_picture(address)
    if url is None and embedded is not None:
        text.pictures[embedded.url] = embedded
        url = embedded.url
    if url is None:
        return values.get("alt", "")
    kept = _kept(name, values, text)
    kept |= {"src": escape(url), "alt": values.get("alt", "")}
    kept |= {key: str(pixels) for key, pixels in size(read).items()}
    return _tag(name, values, kept)


_ADDRESSED: dict[str, Callable[[str, _Attributes, Rewriting], str]] = {
    "a": _link,
    "img": _image,
    **dict.fromkeys(("blockquote", "q", "ins", "del"), _quote),
}
