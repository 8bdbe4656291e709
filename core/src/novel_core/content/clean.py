"""Sanitising: from a site's markup to saved HTML, safe and the same for the same text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from novel_core.content.canonical import is_canonical, is_canonical_markup
from novel_core.content.embedded import EmbeddedPicture, is_embedded
from novel_core.content.marks import without_marks
from novel_core.content.pieces import Pieces, cut
from novel_core.content.places import Places
from novel_core.content.reshape import needs_reshaping, reshape
from novel_core.content.rules import KEEPER
from novel_core.content.simple import simple_pieces
from novel_core.content.structure import is_plain, simplify
from novel_core.content.tags import Rewriting, markup_of, rewrite
from novel_core.document import fragment
from novel_core.document.nesting import check_depth

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_PRE = re.compile(r"(<pre(?: [^<>]*)?>)\n")
_IMAGE = re.compile(r'<img [^<>]*?src="([^"]*)"')
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class CleanHtml:
    """Saved HTML, its pictures on the web (absolute URLs, in order, without duplicates), and its
    embedded pictures.

    `left_out` describes visible content of the page that the saved text lacks; `pieces` is the HTML
    cut at its tags.
    """

    html: str
    images: tuple[str, ...] = ()
    pictures: tuple[EmbeddedPicture, ...] = ()
    left_out: tuple[str, ...] = ()
    pieces: Pieces = field(default_factory=list, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Read:
    """The serialised tree of a text and its distinct tags; `as_it_was` if the serialisation equals
    the input.

    A simple text needs no change, so it has no tags here, but its pieces.
    """

    html: str
    tags: str
    as_it_was: bool
    left_out: tuple[str, ...] = ()
    pieces: Pieces | None = None


def sanitize(html: str, *, base_url: str) -> CleanHtml:
    """Sanitise `html`: remove what runs, tracks or hides, and normalise the rest; links are
    relative to `base_url`.

    Sanitising the result again changes nothing. Raises PageBroken if the page is nested too deep,
    so that no text is lost.

    >>> clean = sanitize('<p style="text-align:center"><img src="/a.png" onload="x()"></p>', base_url="https://example.org/1")
    >>> clean.html, clean.images
    ('<p class="align-center"><img alt="" src="https://example.org/a.png"></p>', ('https://example.org/a.png',))
    """
    return sanitize_together((html,), base_url=base_url)[0]


def sanitize_together(texts: Sequence[str], *, base_url: str) -> tuple[CleanHtml, ...]:
    """Sanitise texts of one page together, such as a chapter and its notes: links may lead from one
    to another.

    >>> note, _ = sanitize_together(("<a href='#n'>1</a>", "<p id='n'>x"), base_url="https://example.org/1")
    >>> note.html
    '<a href="#place-n" rel="noopener noreferrer nofollow">1</a>'
    """
    read = [_read(text, base_url) for text in texts]
    places = Places.among((one.tags for one in read), base_url)
    return tuple(_written(one, base_url, places) for one in read)


def _read(html: str, base_url: str) -> _Read:
    html = _storable(html)
    if not html:
        return _Read("", "", as_it_was=True)
    # Parsers read a non-breaking space and its reference the same way.
    written = html.replace("\xa0", "&nbsp;")
    pieces = simple_pieces(written)
    if pieces is not None:
        return _Read(written, "", as_it_was=True, pieces=pieces)
    root = fragment(html, base_url)
    read = root.inner_html or ""
    left_out: tuple[str, ...] = ()
    tags = markup_of(read)
    as_it_was = _parsed_twice_alike(read, tags) == written
    if needs_reshaping(tags):
        has_changed, left_out = reshape(root, tags, base_url)
        reshaped = (root.inner_html or "") if has_changed else read
        if reshaped != read:
            return _Read(reshaped, markup_of(reshaped), as_it_was=False, left_out=left_out)
    return _Read(read, tags, as_it_was=as_it_was, left_out=left_out)


def _without_comments(html: str) -> str:
    """In linear time, even if many comments begin and never end."""
    parts: list[str] = []
    at = 0
    while (start := html.find("<!--", at)) != -1 and (end := html.find("-->", start + 4)) != -1:
        parts.append(html[at:start])
        at = end + len("-->")
    return "".join([*parts, html[at:]]) if parts else html


def _written(read: _Read, base_url: str, places: Places) -> CleanHtml:
    has_comments = "<!" in read.tags
    html = _without_comments(read.html) if has_comments else read.html
    text = Rewriting(base_url, places)
    tagged = _parsed_twice_alike(html, read.tags)
    if " " in read.tags:
        tagged = rewrite(tagged, text)
    simple = tagged if is_plain(read.tags) else simplify(tagged, read.tags)
    html = without_marks(simple)
    is_sound = read.as_it_was and simple == tagged and len(html) == len(simple)
    has_images = "<img" in read.tags
    # If no text was removed or added, only the tags are new.
    is_settled = is_sound and not has_images and not has_comments
    if is_settled:
        tags = read.tags if html == read.html else markup_of(html)
        is_settled = is_canonical_markup(html, tags)
    if not is_settled:
        html = _settled(html, is_sound=is_sound)
    if not is_sound:
        check_depth(html, base_url)
    found = map(unescape, _IMAGE.findall(html)) if has_images else ()
    images = tuple(dict.fromkeys(url for url in found if not is_embedded(url)))
    pieces = read.pieces if read.pieces is not None and html == read.html else cut(html)
    return CleanHtml(html, images, tuple(text.pictures.values()), read.left_out, pieces)


def _storable(html: str) -> str:
    """`html` without what UTF-8 cannot encode (single surrogates) and without NUL."""
    try:
        html.encode()
    except UnicodeEncodeError:
        html = html.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.replace("\x00", "") if "\x00" in html else html


def _settled(html: str, *, is_sound: bool) -> str:
    """The form in which a text is parsed as it is written. `is_sound`: its tree is known to be the
    same.

    Canonical HTML does not need nh3 if its tree stays the same; everything else goes through nh3.
    """
    if is_canonical(html) and (is_sound or _read_again(html) == html):
        return html
    for _ in range(_ROUNDS):
        cleaned = KEEPER.clean(html)
        # Character references may write them.
        if _CONTROLS.search(cleaned):
            cleaned = _CONTROLS.sub("", cleaned)
        cleaned = _parsed_twice_alike(without_marks(cleaned), cleaned)
        if cleaned == html:
            break
        html = cleaned
    return html


def _read_again(html: str) -> str:
    read = fragment(html).inner_html or ""
    return _parsed_twice_alike(read, read)


def _parsed_twice_alike(html: str, tags: str) -> str:
    """A parser drops the first line break in `<pre>`, so add one if the text begins with one."""
    return _PRE.sub(r"\1\n\n", html) if "<pre" in tags else html
