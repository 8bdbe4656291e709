"""Counting the words of a saved text."""

from __future__ import annotations

import re

from novel_core.content.pieces import Pieces, cut, is_block, joined

_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot);")
#: U+2000 to U+206F: first its spaces, then dashes, quotes and characters without width.
_WIDE_SPACE = re.compile(rb"\xe2\x80[\x80-\x8a\xa8\xa9\xaf]")
_PUNCTUATION = re.compile(rb"\xe2[\x80\x81][\x80-\xbf]")

_SPACES = b" \t\n\r\x0b\x0c"
#: Letters, digits and all bytes beyond ASCII make a word; other characters make none.
_SHAPE = bytes(0x20 if byte in _SPACES else 0x78 for byte in range(256))
_SIGNS = bytes(byte for byte in range(128) if not chr(byte).isalnum() and byte not in _SPACES)

#: Deleting these leaves the first UTF-8 bytes of scripts that may be written without spaces.
_COMMON_BYTES = bytes(set(range(256)) - {0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF, 0xF0})
_LETTER = re.compile(
    "[\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eae\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3"
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)
#: The same scripts with their vowel signs, and the punctuation of East Asia.
_SCRIPT = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff9f\U00020000-\U0003ffff]"
)


def word_count(html: str) -> int:
    """The number of words in the visible text of sanitised HTML. Text between spaces is a word if
    it has a letter or digit.

    Each character of a script without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) counts as a
    word; Korean is written with spaces and counts by them.

    >>> word_count("<p>Don't <b>pan</b>ic \u2014 42!</p><p>* * *</p>"), word_count("<p>魔王は寝る。</p>")
    (3, 5)
    """
    return words_in(cut(html))


def words_in(pieces: Pieces) -> int:
    """The number of words of a text that is cut at its tags."""
    data = joined(pieces, lambda tag: b" " if is_block(tag) else b"")
    if b"&" in data:
        data = _ENTITY.sub(b"", data.replace(b"&nbsp;", b" "))
    if not data.isascii() and data.translate(None, _COMMON_BYTES):
        text = data.decode()
        return len(_LETTER.findall(text)) + _spaced_words(_SCRIPT.sub(" ", text).encode())
    return _spaced_words(data)


def _spaced_words(data: bytes) -> int:
    if b"\xe2" in data:
        data = _PUNCTUATION.sub(b"", _WIDE_SPACE.sub(b" ", data))
    shape = data.translate(_SHAPE, _SIGNS)
    return shape.count(b"x ") + shape.endswith(b"x")
