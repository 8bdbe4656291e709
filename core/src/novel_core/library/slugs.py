"""Slugs: words of any script as lower-case ASCII letters, digits and hyphens."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

MAX_SLUG = 80

#: Apostrophes join a word: Lowen's, rock'n'roll.
_APOSTROPHES = re.compile(r"['`\u00b4\u02b9-\u02bf\u2018\u2019\u201b\u2032\u05f3\uff07]")
#: Hiragana and Katakana: Han characters beside them are Japanese, and their reading depends on the
#: word.
_KANA = re.compile(
    r"[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9f]"
)
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def slug_of(text: str, *, language: str | None = None, longest: int = MAX_SLUG) -> str:
    """A readable slug of `text`; empty if `text` has nothing that can be transliterated.

    Japanese is left out: its characters are not read as in Chinese, and the reading depends on the
    word.

    >>> slug_of("Lowen's Café"), slug_of("Война и мир"), slug_of("斗破苍穹"), slug_of("검은 마법사의 귀환")
    ('lowens-cafe', 'voyna-i-mir', 'dou-po-cang-qiong', 'geomeun-mabeobsaui-gwihwan')
    >>> slug_of("転生したら"), slug_of("無職転生", language="ja"), slug_of("Re:Zero (ゼロから)")
    ('', '', 're-zero')
    """
    text = _APOSTROPHES.sub("", without_japanese(text, language))
    letters = "".join(map(_plain, unicodedata.normalize("NFC", text)))
    words = re.findall(r"[a-z0-9]+", _APOSTROPHES.sub("", in_ascii(letters)).lower())
    slug = "-".join(words)
    if len(slug) <= longest:
        return slug
    return slug[: longest + 1].rpartition("-")[0] or slug[:longest]


def in_ascii(text: str) -> str:
    """`text` in ASCII letters; each Chinese character becomes a word.

    >>> in_ascii("Łódź"), in_ascii("北京").split()
    ('Lodz', ['Bei', 'Jing'])
    """
    return anyascii(_HAN.sub(r" \g<0> ", text))


def without_japanese(text: str, language: str | None) -> str:
    """`text` without its Japanese part; empty if that is most of it."""
    is_japanese = (language or "").lower().partition("-")[0] == "ja"
    if not is_japanese and not _KANA.search(text):
        return text
    rest = _HAN.sub(" ", _KANA.sub(" ", text))
    ours, theirs = (sum(map(str.isalpha, one)) for one in (rest, text))
    return rest if ours * 2 >= theirs else ""


def _plain(character: str) -> str:
    """Letters, numbers and their marks; other visible characters become a space."""
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    return character if kind[0] in "LMN" else " "
