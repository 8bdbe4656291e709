"""The markup of a chapter's text and notes, with the hidden sentence; both layouts share it."""

from __future__ import annotations

import re
from typing import NamedTuple

from novel_royalroad_lookalike import anti_theft
from novel_royalroad_lookalike.emails import protect
from novel_royalroad_lookalike.model import LookalikeChapter
from novel_royalroad_lookalike.switches import Hidden, Style
from novel_royalroad_lookalike.template import slot

_PARAGRAPH = re.compile(r"<p(?=[\s>])(?! class=)")
_CLASSED = f'<p class="{slot("p")}"'
_SPARE_NOTE = "<p>A short note.</p>"


class Text(NamedTuple):
    """`content` is None where the chapter is locked; a note that is not there is empty."""

    content: str | None
    before: str
    after: str


def text_of(chapter: LookalikeChapter, style: Style) -> Text:
    before, after = chapter.note_before, chapter.note_after
    if chapter.hidden is Hidden.IN_NOTE:
        if after and not before:
            after += anti_theft.element()
        else:
            before = (before or _SPARE_NOTE) + anti_theft.element()
    content = None if chapter.locked else protect(_content(chapter))
    return Text(
        None if content is None else anti_theft.hide(content, style),
        anti_theft.hide(protect(before), style),
        anti_theft.hide(protect(after), style),
    )


def _content(chapter: LookalikeChapter) -> str:
    # A hidden paragraph is placed afterwards: it has no class but its own.
    blocks = [_PARAGRAPH.sub(_CLASSED, block) for block in chapter.paragraphs]
    return "\n".join(anti_theft.place(blocks, chapter.hidden))
