"""What saved HTML may hold: tags, attributes, classes, ids, and the cleaner made of them."""

from __future__ import annotations

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
        "text-default",
    }
    | {f"{kind}-{colour}" for kind in ("text", "bg") for colour in PALETTE}
)

LINK_REL = "noopener noreferrer nofollow"
SCHEMES = frozenset({"http", "https", "mailto"})
#: How every id of saved HTML begins, so that it clashes with none of the page or book the text stands in: the place of a
#: footnote `n1` is `id="place-n1"`, and what leads to it in the same chapter is `href="#place-n1"`. No other link is relative.
ID_PREFIX = "place-"


TAGS = names("""
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rb rp rt rtc ruby
    s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """)
#: Formulas: what MathML has to show, nothing that could do something.
MATH_TAGS = names("""
    math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover
    munderover mmultiscripts mprescripts mtable mtr mtd menclose
    """)
VOID_TAGS = frozenset({"br", "col", "hr", "img", "wbr"})
#: Names of old, and those of blocks that mean something to a form only: each with the element that says the same.
RENAMED = {
    "acronym": "abbr",
    "big": "span",
    "center": "div",
    "dialog": "div",
    "dir": "ul",
    "fieldset": "div",
    "font": "span",
    "form": "div",
    "hgroup": "div",
    "legend": "div",
    "listing": "pre",
    "marquee": "div",
    "menu": "ul",
    "search": "div",
    "strike": "s",
    "tt": "code",
}
#: Gone with everything inside. The text of any element not named anywhere stays.
DROPPED = names("""
    script style template title svg noscript noembed noframes canvas iframe object embed
    textarea select option optgroup datalist button
    """)

KEPT_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "id", "lang", "title"},
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
_MATH_ATTRIBUTES: dict[str, set[str]] = {
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "mtd": {"columnspan", "rowspan"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    **{tag: {"mathvariant"} for tag in ("mi", "mn", "ms", "mtext")},
    "mo": {"mathvariant", "stretchy", "fence", "separator", "form"},
    "mstyle": {"displaystyle", "mathvariant", "scriptlevel"},
}

#: Its word on saved HTML is final: whatever a text went through, nothing else than this leaves it.
KEEPER = nh3.Cleaner(
    tags=TAGS | MATH_TAGS,
    clean_content_tags=DROPPED,
    attributes=KEPT_ATTRIBUTES | _MATH_ATTRIBUTES,
    allowed_classes=dict.fromkeys(TAGS, CLASSES),
    link_rel=LINK_REL,
    url_schemes=SCHEMES,
    url_relative="pass_through",
    id_prefix=ID_PREFIX,
)
