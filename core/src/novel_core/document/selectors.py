"""CSS selectors that are checked when they are written, not when a page is read."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, SelectolaxError


def selector(css: str) -> str:
    """`css` in the form that `Element.css` takes. Raises ValueError if it is no selector.

    `:contains("…")`, which is not in CSS, selects by a text inside.

    >>> selector('a:contains("Next")')
    'a:lexbor-contains("Next")'
    >>> selector("a[")
    Traceback (most recent call last):
    ValueError: 'a[' is no CSS selector
    """
    read = css.replace(":contains(", ":lexbor-contains(")
    try:
        LexborHTMLParser("").css(read)
    except SelectolaxError:
        msg = f"{css!r} is no CSS selector"
        raise ValueError(msg) from None
    return read
