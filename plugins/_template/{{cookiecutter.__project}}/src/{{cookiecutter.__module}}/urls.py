{% if cookiecutter.kind == "family" %}
"""The URLs of a site of the family: which of them match, and the canonical form of each."""
{% else %}
"""The URLs of the site: which of them match, and the canonical form of each."""
{% endif %}

from __future__ import annotations

import re
from urllib.parse import urlsplit

{% if cookiecutter.kind == "family" %}
from novel_core import Site, UrlKind, UrlMatch

# TODO: the paths of a novel and of a chapter, after the site's base address
_NOVEL = re.compile(r"/novel/(?P<novel>[0-9]+)(?:/[^/]*)?/?")
_CHAPTER = re.compile(r"/novel/(?P<novel>[0-9]+)/chapter/(?P<chapter>[0-9]+)/?")


def match_url(url: str, site: Site) -> UrlMatch | None:
    """The match of a URL of `site`, or None. Links on pages come here too, so any text may.

    A canonical URL matches itself: `match_url(match.url, site)` gives an equal match.
    """
    try:
        if not site.owns(url):
            return None
        path = urlsplit(url).path.removeprefix(site.path)
    except ValueError:
        return None
    if found := _CHAPTER.fullmatch(path):
        return UrlMatch(
            UrlKind.CHAPTER,
            f"{novel_url(site, found['novel'])}/chapter/{found['chapter']}",
            novel_id=found["novel"],
            chapter_id=found["chapter"],
            novel_url=novel_url(site, found["novel"]),
        )
    if found := _NOVEL.fullmatch(path):
        return UrlMatch(UrlKind.NOVEL, novel_url(site, found["novel"]), novel_id=found["novel"])
    return None


def novel_url(site: Site, novel_id: str) -> str:
    return f"{site.base_url}/novel/{novel_id}"
{% else %}
from novel_core import UrlKind, UrlMatch

ORIGIN = {{ cookiecutter.__origin | python }}

# TODO: every host name of the site, as in its links
DOMAINS = (
{% for domain in cookiecutter.__origin | domains %}
    {{ domain | python }},
{% endfor %}
)

# TODO: the paths of a novel and of a chapter; other parts of a URL must not change the match
_NOVEL = re.compile(r"/novel/(?P<novel>[0-9]+)(?:/[^/]*)?/?")
_CHAPTER = re.compile(r"/novel/(?P<novel>[0-9]+)/chapter/(?P<chapter>[0-9]+)/?")

_PORTS = {"http": (None, 80), "https": (None, 443)}


def match_url(url: str) -> UrlMatch | None:
    """The match of a URL, or None. Links on pages come here too, so any text may.

    A canonical URL matches itself: `match_url(match.url)` gives an equal match.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.hostname not in DOMAINS or port not in _PORTS.get(parts.scheme, ()):
        return None
    if found := _CHAPTER.fullmatch(parts.path):
        return UrlMatch(
            UrlKind.CHAPTER,
            f"{novel_url(found['novel'])}/chapter/{found['chapter']}",
            novel_id=found["novel"],
            chapter_id=found["chapter"],
            novel_url=novel_url(found["novel"]),
        )
    if found := _NOVEL.fullmatch(parts.path):
        return UrlMatch(UrlKind.NOVEL, novel_url(found["novel"]), novel_id=found["novel"])
    return None


def novel_url(novel_id: str) -> str:
    return f"{ORIGIN}/novel/{novel_id}"
{% endif %}
