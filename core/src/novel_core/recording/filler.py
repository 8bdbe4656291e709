"""Filler words in the place of prose: the markup, JSON and code around them stay as received."""

from __future__ import annotations

import html
import itertools
import json
import re
from typing import Any

from novel_core.recording.open_elements import OpenElements, Place

#: Texts up to this length are labels, names and titles where they stand as such, and stay.
LONGEST_LABEL = 60
#: Up to these, a text of a paragraph is a label too, such as `by Ann Author` or `Words: 9,000`.
_FEW_WORDS, _FEW_LETTERS = 4, 30
_WORDS = (
    "lorem", "ipsum", "dolor", "sit", "amet", "elit", "sed", "do", "tempor", "magna", "aliqua",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_MARKS = ".,;:!?"
_SECRETS = re.compile(r"csrf|token|nonce|session", re.IGNORECASE)

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
_LABELS = frozenset(
    "a button caption dt h1 h2 h3 h4 h5 h6 label legend option summary th time".split()  # noqa: SIM905
)
_QUOTES = frozenset({"blockquote", "q"})
_QUOTE_CLASS = re.compile(r"""\bclass\s*+=\s*+["']?+[^"'>=]*?(?:quote|signature)""", re.IGNORECASE)
_TEXT_ATTRIBUTES = frozenset({"value", "content", "alt", "title", "aria-label", "placeholder"})

_ATTRIBUTES = r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|))*+"""
_MARKUP = re.compile(
    rf"""<!--(?P<comment>.*?)(?:-->|\Z)
    |<(?P<raw>script|style|title)(?P<raw_attributes>(?=[\s/>]){_ATTRIBUTES})>
        (?P<code>.*?)(?=</(?P=raw)[\s/>]|\Z)
    |<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*>?
    |</(?P<end>[a-z][^\s/>]*)[^>]*>?
    |<(?P<tag>[a-z][^\s/>=]*)(?P<attributes>{_ATTRIBUTES})(?:>|(?P<cut>\Z))
    |(?P<text>(?:[^<]++|<(?![a-z/!?]))+|<)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
#: Markup after a tag that does not end: its quotes mean nothing.
_LOOSE = re.compile(
    r"""<(?P<tag>/?[a-z!?][^\s/<>=]*+)(?P<attributes>[^<>]*+)(?P<end>>?)"""
    r"""|(?P<text>(?:[^<]++|<(?![a-z/!?]))++|<)""",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""(?<![^\s"'>/=])(?P<before>(?P<name>[^\s"'>/=]++)\s*+=\s*+)"""
    r"""(?P<value>"[^"]*"|'[^']*'|[^\s>"']++)"""
)
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'
_JSON_TEXTS = re.compile(
    rf"(?P<before>(?P<key>{_STRING})\s*:\s*)(?P<of_key>{_STRING})?|(?P<entry>{_STRING})", re.DOTALL
)
#: A quoted text of a script; one line, so that a stray apostrophe cannot swallow the rest. An
#: escaped quote outside of one begins none.
_QUOTED = re.compile(
    r"""\\.|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|`(?:[^`\\]++|\\.)*+`""", re.DOTALL
)


class Filler:
    """Replaces the words of prose; labels, and what the parser reads as values, stay.

    `prose` is replaced however short, `known` stays however long. With `is_strict` a text of a
    paragraph is a label only if it has a few words, and one inside a quote never.
    """

    def __init__(
        self, prose: frozenset[str], known: frozenset[str] = frozenset(), *, is_strict: bool = True
    ) -> None:
        self._prose = prose
        self._known = known
        self._is_strict = is_strict
        self._words = itertools.cycle(_WORDS)

    def __call__(self, text: str, place: Place | None = None) -> str:
        if self._stays(" ".join(text.split()), place):
            return text
        return _WORD.sub(lambda word: _cased(next(self._words), word.group()), text)

    def _stays(self, text: str, place: Place | None) -> bool:
        if text in self._prose:
            return False
        is_word_of_quote = self._is_strict and place is not None and place.is_quote
        is_code = _is_code(text) and not (is_word_of_quote and text.strip(_MARKS).isalpha())
        if is_code or self._is_known(text):
            return True
        if len(text) > LONGEST_LABEL:
            return False
        if place is None or not self._is_strict or place.tag in _LABELS:
            return True
        is_short = len(text) <= _FEW_LETTERS and len(_WORD.findall(text)) <= _FEW_WORDS
        return is_short and not place.is_quote

    def _is_known(self, text: str) -> bool:
        """Whether the parser reads the text, or more than half of it (`by Ann Author`)."""
        if text in self._known:
            return True
        return len(text) <= LONGEST_LABEL and any(
            text[:length] in self._known or text[-length:] in self._known
            for length in range(len(text) // 2 + 1, len(text))
        )

    def value(self, text: str) -> str:
        """The text of one value: markup, JSON, or plain."""
        if "<" in text:
            return self.markup(text)
        return self(text) if read_json(text) is None else self.json(text)

    def json(self, text: str) -> str:
        """The JSON with its texts replaced; of JSON that is broken, its quoted texts."""
        if read_json(text) is None:
            return self.quoted(text)

        def replaced(found: re.Match[str]) -> str:
            if found["entry"] is not None:
                return self._string(found["entry"])
            if found["of_key"] is None:
                return found[0]
            is_secret = _SECRETS.search(found["key"])
            return found["before"] + ('"removed"' if is_secret else self._string(found["of_key"]))

        return _JSON_TEXTS.sub(replaced, text)

    def quoted(self, code: str) -> str:
        """A script, or damaged JSON, with its quoted texts replaced."""

        def replaced(found: re.Match[str]) -> str:
            return found[0] if found[0].startswith("\\") else self._string(found[0])

        return _QUOTED.sub(replaced, code)

    def _string(self, written: str) -> str:
        """A quoted text of JSON or a script, its quotes included."""
        quote, inner = written[0], written[1:-1]
        try:
            given = json.loads(f'"{inner}"', strict=False) if quote == '"' else inner
        except ValueError:
            given = inner
        filled = self.value(given)
        if filled == given:
            return written
        escaped = json.dumps(filled, ensure_ascii=inner.isascii())[1:-1]
        if "</" not in inner:
            # Inside a script the end of an element may be written so.
            escaped = escaped.replace("</", "<\\/")
        return f"{quote}{escaped}{quote}"

    def markup(self, text: str) -> str:
        """The markup with its texts replaced, and not a byte of its tags but in their values."""
        opened = OpenElements()

        def replaced(found: re.Match[str]) -> str:
            if found["text"] is not None:
                return self._text(found["text"], opened.last)
            if found["comment"] is not None:
                return _put(found, "comment", self._comment(found["comment"]))
            if found["raw"] is not None:
                return self._raw(found)
            if found["end"] is not None:
                opened.close(found["end"].lower())
            elif found["cut"] is not None:
                return self._unclosed(found[0], opened.last)
            elif found["tag"] is not None:
                tag, attributes = found["tag"].lower(), found["attributes"]
                if tag not in _VOID:
                    is_quote = tag in _QUOTES or bool(_QUOTE_CLASS.search(attributes))
                    opened.open(tag, is_quote=is_quote)
                return _put(found, "attributes", self._attributes(attributes))
            return found[0]

        return _MARKUP.sub(replaced, text)

    def _unclosed(self, text: str, place: Place) -> str:
        """The rest of a page from a tag on that does not end."""

        def replaced(found: re.Match[str]) -> str:
            if found["text"] is not None:
                return self._text(found["text"], place)
            attributes = found["attributes"]
            filled = self._attributes(attributes) if found["end"] else self._text(attributes, place)
            return _put(found, "attributes", filled)

        return _LOOSE.sub(replaced, text)

    def _text(self, written: str, place: Place) -> str:
        given = html.unescape(written)
        filled = self(given, place)
        return written if filled == given else html.escape(filled, quote=False)

    def _comment(self, comment: str) -> str:
        is_markup = "<" in comment and "<!--" not in comment
        return self.markup(comment) if is_markup else self(comment)

    def _raw(self, found: re.Match[str]) -> str:
        if found["raw"].lower() != "script":
            return found[0]
        code, attributes = found["code"], found["raw_attributes"]
        is_json = re.search(r"\btype\s*=\s*[\"']?[^\"'>=]*json", attributes, re.IGNORECASE)
        return _put(found, "code", self.json(code) if is_json else self.quoted(code))

    def _attributes(self, attributes: str) -> str:
        owner = " ".join(
            one["value"]
            for one in _ATTRIBUTE.finditer(attributes)
            if one["name"].lower() in {"name", "id"}
        )

        def replaced(found: re.Match[str]) -> str:
            name, written = found["name"].lower(), found["value"]
            if name not in _TEXT_ATTRIBUTES and not name.startswith("data-"):
                return found[0]
            quote = written[0] if written[0] in "\"'" else ""
            given = html.unescape(written[1:-1] if quote else written)
            is_secret = name in {"value", "content"} and _SECRETS.search(owner)
            filled = "removed" if given and is_secret else self.value(given)
            if filled == given:
                return found[0]
            return f"{found['before']}{quote}{html.escape(filled)}{quote}"

        return _ATTRIBUTE.sub(replaced, attributes)


def _put(found: re.Match[str], group: str, text: str) -> str:
    """What was found, with another text in the place of one of its groups."""
    start, end = (at - found.start() for at in found.span(group))
    return f"{found[0][:start]}{text}{found[0][end:]}"


def read_json(text: str) -> Any:
    """The object or list that the text is, or None."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _is_code(text: str) -> bool:
    """Whether the text is an address or an id, without a space: no prose of a Latin script is."""
    return not re.search(r"\s", text) and ("://" in text or text.isascii())


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word
