"""The responses of an archive other than Archive of Our Own, and of its older software."""

from __future__ import annotations

import re

from aiohttp import web

from novel_ao3_lookalike.switches import SiteSwitches

_HTML = "text/html"
#: What pages have today, and what they had in the software of 2024.
_OLDER = (
    ('<p class="caution notice">', '<p class="caution">'),
    ('<ul class="work navigation actions">', '<ul class="work navigation actions" role="menu">'),
    (
        '<li class="download"><button class="hidden">',
        '<li class="download" aria-haspopup="true"><button>',
    ),
    ('<a href="https://github.com/otwcode/otwarchive/">otwarchive v1.0.0.1</a>', "Known Issues"),
)
_LINK = re.compile(r'(href|action)="/(?!/)')


def of_archive(response: web.Response, switches: SiteSwitches) -> web.Response:
    """The response as `switches` say; its redirects lead below the archive's address."""
    if "Location" in response.headers:
        target = response.headers["Location"]
        if switches.is_older:
            target = re.sub(r"[?&]return_to=.*", "", target)
        response.headers["Location"] = f"{switches.origin}{switches.folder}{target}"
    if response.content_type == _HTML:
        response.text = html(response.text or "", switches)
    return response


def html(page: str, switches: SiteSwitches) -> str:
    """A page as the archive of `switches` writes it."""
    text = page.replace("Archive of Our Own", switches.name)
    for new, old in _OLDER if switches.is_older else ():
        text = text.replace(new, old)
    return _LINK.sub(rf'\1="{switches.folder}/', text)
