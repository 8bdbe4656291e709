"""Invisible characters: kept where they have a meaning, removed where they can only mark a copy.

A joiner shapes Persian, Indic scripts and emoji; a variation selector chooses between forms of a
character; a soft hyphen and a zero-width space allow a line break in a long word. Elsewhere they
have no effect, and some sites mark each response with them.
"""

from __future__ import annotations

import re

#: Scripts whose letters join or stack, or that are written without spaces.
_SHAPED = (
    "\u0590-\u109f\u1700-\u18af\u1900-\u1c4f\ua800-\uaaff\uabc0-\uabff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
_PICTURED = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u1900-\u1aaf\ua9e0-\uaaff"
_HAN = "\u2e80-\u2fdf\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
#: All characters that this module checks.
_ANY = re.compile(
    "[\u0080-\u0084\u0086-\u009f\u034f\u061c\u180b-\u180f\u200b-\u200f\u2060-\u2069\u206a-\u206f\ufe00-\ufe0f\ufeff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Invisible and never needed.
_NEVER = re.compile(
    "[\u0080-\u0084\u0086-\u009f\u180e\u2060-\u2065\u206a-\u206f\ufeff\U0001d173-\U0001d17a\U000e0001]"
)
_GRAPHEME_JOINER = re.compile("\u034f(?![\u0300-\u036f\u0591-\u05c7])")
_JOINER = re.compile(
    f"(?<=[{_SHAPED}])[\u200c\u200d]|[\u200c\u200d](?=[{_SHAPED}])"
    f"|(?<=[{_PICTURED}\ufe0f])\u200d(?=[{_PICTURED}])|([\u200c\u200d]+)"
)
#: A zero-width space allows a line break; it is not needed inside a word, and alone it holds a line
#: open.
_BREAK = re.compile(
    f"(?<=[{_UNSPACED}])\u200b+|\u200b+(?=[{_UNSPACED}])|(?<=[^\\s>])(\u200b+)|(\u200b+)(?=[^\\s<\u200b])"
)
_VARIANT = re.compile(
    f"(?<=[{_PICTURED}{_HAN}{_SHAPED}\u2000-\u2bff])[\ufe00-\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    f"|(?<=[{_HAN}])[\U000e0100-\U000e01ef]|(?<=[\u1800-\u18af])[\u180b-\u180d\u180f]"
    "|([\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f]+)"
)
#: The flags of England, Scotland and Wales are spelt with such characters.
_TAGGED = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,7}\U000e007f)|[\U000e0000-\U000e00ff]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u2066-\u2069]")


def without_marks(text: str) -> str:
    """`text` without invisible characters that change nothing visible.

    >>> without_marks("He\u200bl\u2060lo\ufeff"), without_marks("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"
    ('Hello', True)
    """
    if text.isascii() or not _ANY.search(text):
        return text
    text = _NEVER.sub("", text)
    text = _GRAPHEME_JOINER.sub("", text)
    for pattern in (_VARIANT, _JOINER, _BREAK):
        text = pattern.sub(_unless_grouped, text)
    text = _TAGGED.sub(lambda match: match[1] or "", text)
    if _DIRECTION.search(text) and not _RIGHT_TO_LEFT.search(text):
        text = _DIRECTION.sub("", text)
    return text


def _unless_grouped(match: re.Match[str]) -> str:
    """Matches of a group are removed; other matches have a meaning."""
    return "" if any(match.groups()) else match[0]
