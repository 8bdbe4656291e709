"""What saved HTML may hold: tags, attributes, classes, and the two cleaners made of them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import nh3

from novel_core.content.colours import PALETTE
from novel_core.document.elements import names

#: The closed set of classes in saved HTML; inline styles and legacy attributes are reduced to them.
#: `text-*` and `bg-*` are the colours of `PALETTE`; a page that styles `bg-*` sets a readable text colour with it.
#: On a table or an image `align-center` means the box, elsewhere the text in it.
CLASSES: frozenset[str] = frozenset(
    {
        "align-left",
        "align-center",
        "align-right",
        "align-justify",
        "float-left",
        "float-right",
        "bold",
        "not-bold",
        "italic",
        "not-italic",
        "underline",
        "strike",
        "super",
        "sub",
        "small",
        "large",
        "x-large",
        "mono",
        "small-caps",
        "uppercase",
        "pre-wrap",
        "border",
        "indent",
    }
    | {f"{kind}-{colour}" for kind in ("text", "bg") for colour in PALETTE}
)

LINK_REL = "noopener noreferrer nofollow"
SCHEMES = frozenset({"http", "https", "mailto"})


_TAGS = names("""
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rb rp rt rtc ruby
    s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """)
VOID_TAGS = frozenset({"br", "col", "embed", "hr", "img", "param", "source", "wbr"})
#: Elements that load something foreign: each becomes a link to it.
EMBEDS = frozenset({"iframe", "object", "embed", "video", "audio", "source", "param"})
#: Names of old, and the element that says the same (`clean` closes what is opened under another name).
RENAMED = {
    "acronym": "abbr",
    "big": "span",
    "center": "div",
    "font": "span",
    "strike": "s",
    "tt": "code",
}
#: Gone with everything inside. The text of forms, and of any element not named anywhere, stays.
_DROPPED = names("""
    script style template title svg noscript noembed noframes canvas
    textarea select option optgroup datalist button
    """)

_KEPT_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "type", "reversed"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
LAZY_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-cfsrc")
#: What the first pass lets through for `tags.rewrite` to read; none of it is in saved HTML.
_READ_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "align", "bgcolor", "hidden"},
    "font": {"color", "face", "size"},
    "img": {*LAZY_SOURCES, "srcset", "data-srcset"},
    "table": {"border"},
    "iframe": {"src", "data-src"},
    "embed": {"src"},
    "object": {"data"},
    "video": {"src"},
    "audio": {"src"},
    "source": {"src"},
    "param": {"name", "value"},
}


def _cleaner(tags: AbstractSet[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_DROPPED,
        attributes=attributes,
        allowed_classes=dict.fromkeys(tags, CLASSES),
        link_rel=LINK_REL,
        url_schemes=SCHEMES,
        url_relative="pass_through",
    )


#: The first pass: a well-formed, harmless text that still tells the styles and embeds.
READER = _cleaner(
    _TAGS | EMBEDS | RENAMED.keys(),
    {
        tag: _KEPT_ATTRIBUTES.get(tag, set()) | _READ_ATTRIBUTES.get(tag, set())
        for tag in _KEPT_ATTRIBUTES.keys() | _READ_ATTRIBUTES.keys()
    },
)
#: The last pass: its word is final.
KEEPER = _cleaner(_TAGS, _KEPT_ATTRIBUTES)
