"""The contents of saved HTML: tags, attributes, classes and ids, and the nh3 cleaner made of them."""

from __future__ import annotations

import nh3

from novel_core.content.colours import PALETTE
from novel_core.document.elements import names

#: The closed set of classes in saved HTML; inline styles and legacy attributes are reduced to them.
#: `text-*` and `bg-*` are the colours of `PALETTE`; a page that styles `bg-*` also sets a readable
#: text colour.
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
#: The prefix of every id in saved HTML, which prevents clashes with ids of the page or book around
#: the text: a footnote `n1` has `id="place-n1"`, and links in the same chapter `href="#place-n1"`.
#: No other link is relative.
ID_PREFIX = "place-"


TAGS = names("""
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rb rp rt rtc ruby
    s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """)
#: Formulas: the MathML that is displayed, without anything active.
MATH_TAGS = names("""
    math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover
    munderover mmultiscripts mprescripts mtable mtr mtd menclose
    """)
VOID_TAGS = frozenset({"br", "col", "hr", "img", "wbr"})
#: Obsolete elements, and blocks of forms, each with its replacement.
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
#: Removed with their content. Of all other unknown elements the text stays.
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

#: The final check: nothing else passes.
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
