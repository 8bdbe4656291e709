"""The proxy's protection of e-mail addresses: `data-cfemail`, XORed with a key of each response."""

from __future__ import annotations

import re

from novel_royalroad.lookalike.template import slot

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MAILTO = re.compile(r'href="mailto:([^"?]+)"')
_TEXT = re.compile(r">[^<]+|\A[^<]+")
_PATH = "/cdn-cgi/l/email-protection"


def protect(markup: str) -> str:
    """Markup with the addresses of its texts and links replaced by slots for encrypted ones."""
    if "@" not in markup:
        return markup
    markup = _MAILTO.sub(lambda found: f'href="{_PATH}#{slot("email", found[1])}"', markup)
    return _TEXT.sub(lambda text: _ADDRESS.sub(_protected, text[0]), markup)


def _protected(found: re.Match[str]) -> str:
    return (
        f'<a href="{_PATH}" class="__cf_email__" data-cfemail="{slot("email", found[0])}">'
        "[email&#160;protected]</a>"
    )
