"""Words of any script as a part of an address: lower-case ASCII letters, digits and hyphens."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

MAX_SLUG = 80

#: They join a word, they do not part two: Lowen's, rock'n'roll.
_APOSTROPHES = re.compile(r"['`\u00b4\u02b9-\u02bf\u2018\u2019\u201b\u2032\u05f3\uff07]")
#: Hiragana and Katakana: Han characters beside them are read as Japanese, and how depends on the word.
_KANA = re.compile(
    r"[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9f]"
)
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def slug_of(text: str, *, language: str | None = None, longest: int = MAX_SLUG) -> str:
    """A slug that can be read aloud; empty where `text` has nothing that could be.

    Japanese is left out: its characters have other readings than the Chinese ones, and which depends on the word.

    >>> slug_of("Lowen's Café"), slug_of("Война и мир"), slug_of("斗破苍穹"), slug_of("검은 마법사의 귀환")
    ('lowens-cafe', 'voyna-i-mir', 'dou-po-cang-qiong', 'geomeun-mabeobsaui-gwihwan')
    >>> slug_of("転生したら"), slug_of("無職転生", language="ja"), slug_of("Re:Zero (ゼロから)")
    ('', '', 're-zero')
    """
    text = _APOSTROPHES.sub("", without_japanese(text, language))
    letters = "".join(map(_plain, unicodedata.normalize("NFC", text)))
    words = re.findall(r"[a-z0-9]+", _APOSTROPHES.sub("", in_ascii(letters)).lower())
    return _cut("-".join(words), longest)


def in_ascii(text: str) -> str:
    """How the letters are read, those of Chinese apart.

    >>> in_ascii("Łódź"), in_ascii("北京").split()
    ('Lodz', ['Bei', 'Jing'])
    """
    return anyascii(_HAN.sub(r" \g<0> ", text))


def without_japanese(text: str, language: str | None) -> str:
    """Of a Japanese title what is not, where that is most of it, else nothing; any other as it is."""
    is_japanese = (language or "").lower().partition("-")[0] == "ja"
    if not is_japanese and not _KANA.search(text):
        return text
    rest = _HAN.sub(" ", _KANA.sub(" ", text))
    ours, theirs = (sum(map(str.isalpha, one)) for one in (rest, text))
    return rest if ours * 2 >= theirs else ""


def _plain(character: str) -> str:
    """Letters, numbers and their marks as they are, invisible characters as nothing, all others as a space."""
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    return character if kind[0] in "LMN" else " "


def _cut(slug: str, longest: int) -> str:
    if len(slug) <= longest:
        return slug
    return slug[: longest + 1].rpartition("-")[0] or slug[:longest]
