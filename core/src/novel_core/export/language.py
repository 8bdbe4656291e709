"""The language of a book: a tag that reading systems accept, and its direction."""

from __future__ import annotations

import re

UNDETERMINED = "und"
#: Language, extended language, script, region, variants, private use.
_TAG = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3})?(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(?:-x(?:-[A-Za-z0-9]{1,8})+)?"
)
_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "hebr", "syrc", "thaa", "nkoo"})


def language_tag(*candidates: str | None) -> str:
    """The first well-formed language tag of `candidates`, normalised; a language's name is not a
    tag.

    >>> language_tag("en_us"), language_tag("English", "fr"), language_tag(None, "Klingon (Qo'noS)")
    ('en-US', 'fr', 'und')
    """
    for candidate in candidates:
        tag = (candidate or "").strip().replace("_", "-")
        if is_tag(tag):
            return _well_written(tag)
    return UNDETERMINED


def is_tag(value: str) -> bool:
    return _TAG.fullmatch(value) is not None


def is_right_to_left(tag: str) -> bool:
    """Whether text in the language runs from right to left.

    >>> is_right_to_left("he"), is_right_to_left("az-Arab"), is_right_to_left("en-US")
    (True, True, False)
    """
    language, *rest = tag.lower().split("-")
    scripts = {part for part in rest if len(part) == len("arab")}
    if scripts:
        return bool(scripts & _RIGHT_TO_LEFT_SCRIPTS)
    return language in _RIGHT_TO_LEFT


def _well_written(tag: str) -> str:
    language, *rest = tag.split("-")
    sizes = {2: str.upper, 4: str.title}
    written = [language.lower()]
    for part in rest:
        shape = sizes.get(len(part), str.lower) if "x" not in written else str.lower
        written.append(shape(part))
    return "-".join(written)
