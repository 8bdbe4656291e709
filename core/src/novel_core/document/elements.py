"""Groups of HTML elements, for reading and for checks."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """The set of the names in a text.

    >>> sorted(names("b a"))
    ['a', 'b']
    """
    return frozenset(text.split())


#: Elements without content.
VOID = names("area base br col embed frame hr img input link meta param source track wbr")
#: Elements that end a word on both sides: those that browsers show as a block, a cell or a line
#: break.
SEPARATING = names("""
    address article aside blockquote body br caption center col colgroup dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav
    ol optgroup option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp
    """)
#: Elements whose text browsers never show.
UNSEEN = names("script style template noembed noframes iframe title")
