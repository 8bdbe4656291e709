"""The proxy's protection of e-mail addresses: `data-cfemail`, XORed with a key of each response."""

from __future__ import annotations

import re

from novel_royalroad_lookalike.template import slot

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MAILTO = re.compile(r'href="mailto:([^"?]+)"')
_TEXT = re.compile(r">[^<]+|\A[^<]+")
_PATH = "/cdn-cgi/l/email-protection"
_HIDDEN = "[email&#160;protected]"


def protect(markup: str, *, in_link: bool = False) -> str:
    """Markup with the addresses of its texts and links replaced by slots for encrypted ones.

    `in_link` is whether the whole markup is inside a link.
    """
    if "@" not in markup:
        return markup
    markup = _MAILTO.sub(lambda found: f'href="{_PATH}#{slot("email", found[1])}"', markup)

    def replaced(text: re.Match[str]) -> str:
        before = text.string[: text.start() + 1]
        protected = _in_link if in_link or _ends_in_link(before) else _alone
        return _ADDRESS.sub(protected, text[0])

    return _TEXT.sub(replaced, markup)


def _ends_in_link(markup: str) -> bool:
    return markup.rfind("<a ") > markup.rfind("</a>")


def _alone(found: re.Match[str]) -> str:
    return (
        f'<a href="{_PATH}" class="__cf_email__" data-cfemail="{slot("email", found[0])}">'
        f"{_HIDDEN}</a>"
    )


def _in_link(found: re.Match[str]) -> str:
    """A link in a link would end the outer one."""
    return f'<span class="__cf_email__" data-cfemail="{slot("email", found[0])}">{_HIDDEN}</span>'
